"""Memoranda: who may write them, no two at once, and what happens to their files."""

from __future__ import annotations

import io
from datetime import date
from threading import Thread
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.files import Store, StoredFile
from portal.schools.actions import MouTerms, Upload, change_mou, record_mou
from portal.schools.actions.mou import check_copy
from portal.schools.models import Mou, School
from tests.builders import Builder
from tests.papers import pdf_bytes, pdf_with

PDF = pdf_bytes()
NEWER = pdf_bytes(2)


@pytest.fixture
def coordinator(build: Builder) -> Actor:
    """Return somebody who writes memoranda."""
    return build.actor(build.user(Role.COORDINATOR))


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school without MoU."""
    return build.school()


def terms(**changed: Any) -> MouTerms:
    """Return an MoU over the year 2026."""
    values: dict[str, Any] = {
        "number": "420/01/2026",
        "signed_on": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "promised_sessions": 2,
        "scope": "Penyuluhan",
    }
    return MouTerms(**{**values, **changed})


def page_counts(session: Session, store: Store) -> list[int]:
    """Return how many pages each kept PDF has."""
    kept = [files.read(store, record) for record in session.scalars(select(StoredFile))]
    assert len(kept) == len(list(store.names()))
    return [len(pikepdf.open(io.BytesIO(content)).pages) for content in kept]


def script(pdf: Pdf) -> None:
    """Let a PDF run something when it is opened."""
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def record(session: Session, actor: Actor, store: Store, school: School, **changed: Any) -> Mou:
    """Write an MoU down."""
    with transaction(session):
        return record_mou(session, actor, store, school.id, terms(**changed))


def test_recording(session: Session, coordinator: Actor, school: School, store: Store) -> None:
    mou = record(session, coordinator, store, school, file=Upload("C:\\scan\\mou.pdf", PDF))
    assert (mou.number, mou.promised_sessions, mou.recorded_by) == (
        "420/01/2026",
        2,
        coordinator.user_id,
    )
    kept = session.get_one(StoredFile, mou.file_id)
    assert (kept.name, kept.media_type, kept.stored_by) == (
        "mou.pdf",
        files.PDF,
        coordinator.user_id,
    )
    assert page_counts(session, store) == [1]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_nobody_else_writes(session: Session, build: Builder, store: Store, role: Role) -> None:
    school = build.school()
    place = school if role in {Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER} else None
    actor = build.actor(build.user(role, place))
    with pytest.raises(Rejected, match="not_allowed"):
        record(session, actor, store, school)


def test_the_last_day_is_not_before_the_signing(
    session: Session, coordinator: Actor, school: School, store: Store
) -> None:
    with pytest.raises(Rejected, match="mou_dates") as refused:
        record(session, coordinator, store, school, valid_until=date(2025, 12, 31))
    assert refused.value.field == "valid_until"
    record(session, coordinator, store, school, valid_until=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2025, 6, 1), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2027, 6, 1)),
        (date(2026, 3, 1), date(2026, 4, 1)),
        (date(2025, 1, 1), date(2028, 1, 1)),
    ],
)
def test_two_at_once_are_refused(
    session: Session, coordinator: Actor, school: School, store: Store, first: date, last: date
) -> None:
    record(session, coordinator, store, school)
    with pytest.raises(Rejected, match="mou_overlaps") as refused:
        record(
            session,
            coordinator,
            store,
            school,
            signed_on=first,
            valid_until=last,
            file=Upload("mou.pdf", PDF),
        )
    assert refused.value.facts == {"number": "420/01/2026"}
    assert len(session.scalars(select(Mou)).all()) == 1
    assert list(store.names()) == []


def test_one_after_the_other_and_the_same_paper_at_two_schools(
    session: Session, build: Builder, coordinator: Actor, school: School, store: Store
) -> None:
    record(session, coordinator, store, school)
    following = {"signed_on": date(2027, 1, 1), "valid_until": date(2027, 12, 31)}
    record(session, coordinator, store, school, **following)
    record(session, coordinator, store, build.school())


def test_two_coordinators_at_the_same_moment(
    database: Database, build: Builder, coordinator: Actor, school: School, store: Store
) -> None:
    outcomes: list[str] = []

    def write() -> None:
        with database.writer() as session:
            try:
                record(session, coordinator, store, school)
                outcomes.append("recorded")
            except Rejected as problem:
                outcomes.append(problem.code)

    threads = [Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["mou_overlaps"] * 5 + ["recorded"]


def test_correcting(session: Session, coordinator: Actor, school: School, store: Store) -> None:
    mou = record(session, coordinator, store, school, file=Upload("lama.pdf", PDF))
    with transaction(session):
        change_mou(session, coordinator, store, mou, terms(number="421", promised_sessions=4))
    assert (mou.number, mou.promised_sessions) == ("421", 4)
    assert page_counts(session, store) == [1]

    with transaction(session):
        change_mou(session, coordinator, store, mou, terms(file=Upload("baru.pdf", NEWER)))
    assert page_counts(session, store) == [2]
    assert [kept.name for kept in session.scalars(select(StoredFile))] == ["baru.pdf"]


def test_a_correction_may_not_reach_into_another(
    session: Session, coordinator: Actor, school: School, store: Store
) -> None:
    record(session, coordinator, store, school)
    later = record(
        session,
        coordinator,
        store,
        school,
        number="422",
        signed_on=date(2027, 1, 1),
        valid_until=date(2027, 12, 31),
    )
    reaching = terms(signed_on=date(2026, 12, 1), valid_until=date(2027, 12, 31))
    with pytest.raises(Rejected, match="mou_overlaps"), transaction(session):
        change_mou(session, coordinator, store, later, reaching)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"npsn,nama\n", "file_kind"),
        (b"PK\x03\x04", "file_kind"),
        (b"\x89PNG\r\n\x1a\n", "file_unreadable"),
        (b"GIF89a\x01\x00\x01\x00", "file_kind"),
        (PDF + b"x" * files.MOST_BYTES, "file_too_large"),
        (pdf_with(script), "file_active"),
    ],
)
def test_files_that_are_no_signed_copy(
    session: Session,
    coordinator: Actor,
    school: School,
    store: Store,
    content: bytes,
    code: str,
) -> None:
    with pytest.raises(Rejected, match=code) as refused:
        record(session, coordinator, store, school, file=Upload("mou.pdf", content))
    assert refused.value.field == "file"
    assert session.scalars(select(Mou)).all() == []
    assert list(store.names()) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_the_paper_is_a_signed_copy(
    session: Session, coordinator: Actor, school: School, store: Store, kind: str
) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(photo, kind)
    upload = Upload(f"mou.{kind.lower()}", photo.getvalue())
    mou = record(session, coordinator, store, school, file=upload)
    kept = session.get_one(StoredFile, mou.file_id)
    assert (kept.kind, kept.media_type) == ("JPEG", files.JPEG)


def test_a_copy_checked_before_the_transaction_is_kept_as_it_is(
    session: Session, coordinator: Actor, school: School, store: Store
) -> None:
    before = check_copy(terms(file=Upload("mou.pdf", PDF)))
    assert check_copy(before) == before
    with transaction(session):
        mou = record_mou(session, coordinator, store, school.id, before)
    kept = session.get_one(StoredFile, mou.file_id)
    assert before.file is not None
    assert files.read(store, kept) == before.file.content
    assert check_copy(terms()) == terms()
    with pytest.raises(Rejected, match="file_active"):
        check_copy(terms(file=Upload("mou.pdf", pdf_with(script))))
