"""An MoU's promises, its renewal, its signed copy, and the division head's word."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.core.duties import Duty, is_open
from portal.core.errors import Rejected
from portal.core.files import Store
from portal.schools.actions import Upload, change_mou, record_mou
from portal.schools.actions import obligations as promising
from portal.schools.actions.agreement import APPROVE_MOU, agree
from portal.schools.actions.mou import keep_copy
from portal.schools.actions.obligations import Promise
from portal.schools.models import Mou, School, Side
from portal.schools.queries import mou as queries
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.schools.test_mou import NEWER, PDF, terms

ROOM = Promise(Side.SCHOOL, "Menyediakan ruang", date(2027, 1, 31))


@pytest.fixture
def coordinator(build: Builder) -> Actor:
    """Return somebody who writes memoranda."""
    return build.actor(build.user(Role.COORDINATOR))


@pytest.fixture
def head(build: Builder) -> Actor:
    """Return the division head."""
    return build.actor(build.user(Role.DIVISION_HEAD))


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school without MoU."""
    return build.school()


def record(session: Session, actor: Actor, store: Store, school: School, **more: Any) -> Mou:
    """Write an MoU down, with a promise of each side."""
    renews = more.pop("renews", None)
    promises = (ROOM, Promise(Side.OFFICE, "Menjawab dalam dua hari"))
    with transaction(session):
        return record_mou(
            session, actor, store, school.id, terms(**more), promises=promises, renews=renews
        )


def test_the_head_is_asked_and_agrees_once(
    session: Session, build: Builder, coordinator: Actor, head: Actor, school: School, store: Store
) -> None:
    mou = record(session, coordinator, store, school)
    (duty,) = session.scalars(select(Duty).where(Duty.kind == APPROVE_MOU))
    assert (duty.role, duty.subject_id, duty.facts) == (
        Role.DIVISION_HEAD,
        mou.id,
        {"school": school.name},
    )
    with pytest.raises(Rejected, match="not_allowed"), transaction(session):
        agree(session, coordinator, mou)
    for _press in range(2):
        with transaction(session):
            agree(session, head, mou)
    assert mou.approved_by == head.user_id
    assert not is_open(session, mou.id, APPROVE_MOU)
    told = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "mou.agreed"))
    assert len(told.all()) == 1


def test_nobody_agrees_to_an_mou_of_their_own(
    session: Session, build: Builder, school: School, store: Store
) -> None:
    both = build.user(Role.COORDINATOR)
    build.appoint(both, Role.DIVISION_HEAD)
    actor = build.actor(both)
    mou = record(session, actor, store, school)
    with pytest.raises(Rejected, match="mou_own"), transaction(session):
        agree(session, actor, mou)


@pytest.mark.parametrize("what", ["terms", "signer", "promise", "other_copy"])
def test_what_says_something_else_is_put_before_the_head_again(
    session: Session, coordinator: Actor, head: Actor, school: School, store: Store, what: str
) -> None:
    mou = record(session, coordinator, store, school, file=Upload("mou.pdf", PDF))
    with transaction(session):
        agree(session, head, mou)
    with transaction(session):
        if what == "terms":
            change_mou(session, coordinator, store, mou, terms(promised_sessions=5))
        elif what == "signer":
            change_mou(session, coordinator, store, mou, terms(office_signer="Budi"))
        elif what == "promise":
            promising.add_obligation(session, coordinator, mou, ROOM)
        else:
            keep_copy(session, coordinator, store, mou, Upload("baru.pdf", NEWER))
    assert mou.approved_at is None
    assert is_open(session, mou.id, APPROVE_MOU)


def test_a_first_copy_and_a_kept_promise_leave_the_word_as_it_is(
    session: Session, build: Builder, coordinator: Actor, head: Actor, school: School, store: Store
) -> None:
    mou = record(session, coordinator, store, school)
    operator = build.actor(build.user(Role.SCHOOL_OPERATOR, school))
    with transaction(session):
        agree(session, head, mou)
        keep_copy(session, operator, store, mou, Upload("mou.pdf", PDF))
        promise = queries.obligations_of(session, mou)[0]
        promising.meet_obligation(session, coordinator, mou, promise, clock.today(), "Sudah")
    assert mou.approved_at is not None
    assert mou.file_id is not None
    stranger = build.actor(build.user(Role.SCHOOL_OPERATOR, build.school()))
    with pytest.raises(Rejected, match="not_allowed"), transaction(session):
        keep_copy(session, stranger, store, mou, Upload("mou.pdf", PDF))


def test_promises_are_kept_corrected_and_taken_out(
    session: Session, coordinator: Actor, school: School, store: Store
) -> None:
    mou = record(session, coordinator, store, school)
    room = next(each for each in queries.obligations_of(session, mou) if each.side == Side.SCHOOL)
    assert (room.text, room.due_on) == (ROOM.text, ROOM.due_on)
    later = clock.today() + timedelta(days=1)
    with pytest.raises(Rejected, match="obligation_day_ahead"), transaction(session):
        promising.meet_obligation(session, coordinator, mou, room, later, "")
    with transaction(session):
        promising.meet_obligation(session, coordinator, mou, room, clock.today(), "Aula")
    with pytest.raises(Rejected, match="obligation_kept"), transaction(session):
        promising.remove_obligation(session, coordinator, mou, room)
    with transaction(session):
        promising.open_again(session, coordinator, mou, room)
        promising.change_obligation(session, coordinator, mou, room, Promise(Side.SCHOOL, "Aula"))
    assert (room.met_on, room.met_by, room.text, room.due_on) == (None, None, "Aula", None)
    with transaction(session):
        promising.remove_obligation(session, coordinator, mou, room)
    assert [each.side for each in queries.obligations_of(session, mou)] == [Side.OFFICE]


def test_a_renewal_stands_in_the_chain_once(
    session: Session, coordinator: Actor, school: School, store: Store
) -> None:
    first = record(session, coordinator, store, school)
    following = {"signed_on": date(2027, 1, 1), "valid_until": date(2027, 12, 31)}
    with pytest.raises(Rejected, match="mou_overlaps"):
        record(session, coordinator, store, school, renews=first, number="2")
    second = record(session, coordinator, store, school, renews=first, number="2", **following)
    assert second.renews_id == first.id
    far = {"signed_on": date(2029, 1, 1), "valid_until": date(2029, 12, 31)}
    with pytest.raises(Rejected, match="mou_renewed") as refused:
        record(session, coordinator, store, school, renews=first, number="3", **far)
    assert refused.value.facts == {"number": "2"}
    alone = record(session, coordinator, store, school, number="3", **far)
    found = queries.read(session, coordinator, school.id, first.public_id)
    assert found is not None
    assert [each.number for each in found.chain] == [first.number, "2"]
    assert found.renewed_by is not None
    assert queries.chain([alone, second, first], alone) == [alone]


def test_the_pages_from_the_first_promise_to_the_word(client: PageClient, build: Builder) -> None:
    school = build.school()
    here = f"/sekolah/{school.public_id}/mou"
    writes = client.sign_in(build.user(Role.COORDINATOR))
    writes.get(f"{here}/baru")
    form = writes.form(f"{here}/baru")
    assert len(form["school_promises"][0].splitlines()) == 3
    values = {name: value[0] for name, value in form.items()}
    written = {
        **values,
        "number": "1/2026",
        "valid_until": (clock.today() + timedelta(days=20)).isoformat(),
        "promised_sessions": "2",
        "school_signer": "Siti",
    }
    too_long = writes.post(f"{here}/baru", {**written, "school_promises": "x" * 301})
    assert too_long.status_code == 422
    assert 'id="school_promises-error"' in too_long.text
    assert writes.post(f"{here}/baru", written).status_code == 303
    with build.database.reader() as session:
        (mou,) = session.scalars(select(Mou))
        promises = queries.obligations_of(session, mou)
    assert len(promises) == 6
    page = writes.get(f"{here}/{mou.public_id}")
    assert all(each.text in page.text for each in promises)
    promise = f"{here}/{mou.public_id}/janji/{promises[0].public_id}"
    writes.get(promise)
    kept = writes.post(f"{promise}/terpenuhi", {"met_on": "2126-01-01"})
    assert kept.status_code == 422
    assert 'id="met_on-error"' in kept.text
    writes.get(f"{here}/{mou.public_id}/perpanjang")
    again = writes.form(f"{here}/{mou.public_id}/perpanjang")
    assert again["signed_on"] == [(mou.valid_until + timedelta(days=1)).isoformat()]
    assert again["school_signer"] == ["Siti"]
    assert again["office_promises"][0].splitlines() == [
        each.text for each in promises if each.side == Side.OFFICE
    ]


@on_sqlite
def test_the_head_agrees_to_what_the_page_showed(client: PageClient, build: Builder) -> None:
    school = build.school()
    mou = build.mou(school)
    here = f"/sekolah/{school.public_id}/mou/{mou.public_id}"
    head = client.sign_in(build.user(Role.DIVISION_HEAD))
    head.get(here)
    seen = {name: value[0] for name, value in head.form(f"{here}/setujui").items()}
    coordinator = build.actor(build.user(Role.COORDINATOR))
    with build.database.writer() as session, transaction(session):
        found = session.get_one(Mou, mou.id)
        promising.add_obligation(session, coordinator, found, ROOM)
    assert head.post(f"{here}/setujui", seen).status_code == 422
    head.get(here)
    seen = {name: value[0] for name, value in head.form(f"{here}/setujui").items()}
    assert head.post(f"{here}/setujui", seen).status_code == 303
    assert build.fresh(Mou, mou.id).approved_at is not None


@on_sqlite
def test_the_school_hands_in_its_copy(client: PageClient, build: Builder) -> None:
    school = build.school()
    mou = build.mou(school)
    here = f"/sekolah/{school.public_id}/mou/{mou.public_id}"
    operator = client.sign_in(build.user(Role.SCHOOL_OPERATOR, school))
    assert "mou/baru" not in operator.get(here).text
    assert operator.post(f"{here}/berkas", {}).status_code == 422
    wrong = operator.post(f"{here}/berkas", {"file": (io.BytesIO(b"GIF89a"), "a.gif")})
    assert wrong.status_code == 422
    sent = operator.post(f"{here}/berkas", {"file": (io.BytesIO(PDF), "mou.pdf")})
    assert sent.status_code == 303
    assert operator.get(f"{here}/berkas").status_code == 200
    other = build.mou(build.school())
    foreign = f"/sekolah/{school.public_id}/mou/{other.public_id}"
    assert operator.get(foreign).status_code == 404
    assert operator.post(f"{foreign}/berkas", {"file": (io.BytesIO(PDF), "m")}).status_code == 404
