"""Every change of the register leaves its entry in the trail."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.files import Store
from portal.schools.actions import (
    Confirmation,
    MouTerms,
    SchoolChange,
    Upload,
    apply,
    change_mou,
    change_school,
    discard_import,
    finish_import,
    plan_file,
    plan_import,
    record_mou,
    start_import,
)
from portal.schools.models import School, SchoolImport
from tests.builders import Builder
from tests.schools.lists import csv_bytes, school
from tests.schools.test_mou import PDF
from tests.trail import last, trail

WORDS = "Kata yang tidak boleh masuk jejak"
TERMS = MouTerms(WORDS, date(2026, 1, 1), date(2026, 12, 31), 2, WORDS)


@pytest.fixture
def admin(build: Builder) -> Actor:
    """Return somebody who brings lists in."""
    return build.actor(build.user(Role.ADMIN))


@pytest.fixture
def coordinator(build: Builder) -> Actor:
    """Return somebody who writes memoranda down."""
    return build.actor(build.user(Role.COORDINATOR))


def as_it_is(known: School, **changed: Any) -> SchoolChange:
    """Return a school's facts as its form would send them."""
    values: dict[str, Any] = {
        "name": known.name,
        "aliases": tuple(known.aliases.split("\n")) if known.aliases else (),
        "subdistrict": known.subdistrict,
        "address": known.address,
        "week_days": known.week_days,
        "pupil_count": known.pupil_count,
        "active": known.active,
    }
    return SchoolChange(**{**values, **changed})


def upload(session: Session, admin: Actor, store: Store, content: bytes) -> SchoolImport:
    """Let a list wait."""
    with transaction(session):
        return start_import(session, admin, store, Upload(f"{WORDS}.csv", content))


def test_a_corrected_school(
    session: Session, build: Builder, admin: Actor, database: Database
) -> None:
    known = build.school()
    with transaction(session):
        here = session.get_one(School, known.id)
        change_school(session, admin, here, as_it_is(here, name=WORDS, address=WORDS))
    entry = last(database, "school")
    assert (entry.action, entry.actor_id) == ("school.changed", admin.user_id)
    # The former name became one of the others.
    assert (entry.subject_id, entry.facts) == (known.id, {"fields": "address,aliases,name"})


def test_a_school_left_as_it_is(
    session: Session, build: Builder, admin: Actor, database: Database
) -> None:
    known = build.school()
    with transaction(session):
        here = session.get_one(School, known.id)
        change_school(session, admin, here, as_it_is(here))
    assert trail(database, "school") == []


def test_an_mou(
    session: Session, build: Builder, coordinator: Actor, database: Database, store: Store
) -> None:
    known = build.school()
    with transaction(session):
        mou = record_mou(session, coordinator, store, known.id, TERMS)
    entry = last(database, "mou")
    assert (entry.action, entry.actor_id) == ("mou.recorded", coordinator.user_id)
    assert entry.subject_id == mou.id
    assert entry.facts == {
        "school_id": known.id.hex,
        "signed_on": "2026-01-01",
        "valid_until": "2026-12-31",
        "promised_sessions": 2,
        "with_copy": False,
        "renews_id": None,
    }


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, ""),
        ({"number": "2", "scope": f"{WORDS} lagi"}, "number,scope"),
        (
            {"valid_until": date(2027, 1, 1), "promised_sessions": 3},
            "promised_sessions,valid_until",
        ),
        ({"file": Upload(f"{WORDS}.pdf", PDF)}, "file"),
    ],
)
def test_a_corrected_mou(
    session: Session,
    build: Builder,
    coordinator: Actor,
    database: Database,
    store: Store,
    changed: dict[str, Any],
    fields: str,
) -> None:
    known = build.school()
    values = {**TERMS.__dict__, **changed}
    with transaction(session):
        mou = record_mou(session, coordinator, store, known.id, TERMS)
    with transaction(session):
        change_mou(session, coordinator, store, mou, MouTerms(**values))
    entry = last(database, "mou")
    assert (entry.action, entry.actor_id) == ("mou.changed", coordinator.user_id)
    assert entry.subject_id == mou.id
    assert entry.facts == {"school_id": known.id.hex, "fields": fields}


def test_a_refused_mou_leaves_nothing(
    session: Session, build: Builder, database: Database, store: Store
) -> None:
    known = build.school()
    teacher = build.actor(build.user(Role.TEACHER, known))
    with pytest.raises(Rejected), transaction(session):
        record_mou(session, teacher, store, known.id, TERMS)
    assert trail(database, "mou") == []


def test_a_list_brought_in(
    session: Session, build: Builder, admin: Actor, database: Database, store: Store
) -> None:
    known = build.school(npsn="97000001", name="SMP CONTOH 1")
    lines = [school(1, address=WORDS), school(2, name=WORDS), school(3), school(4, jenjang="x")]
    waiting = upload(session, admin, store, csv_bytes(lines))
    plan = plan_import(session, store, waiting)
    agreed = Confirmation(plan.fingerprint, skip_bad_rows=True)
    with transaction(session):
        finish_import(session, admin, store, waiting.public_id, plan, agreed)
    uploaded, applied = trail(database, "school_import")
    assert (uploaded.action, uploaded.facts) == ("school_import.uploaded", {})
    assert applied.action == "school_import.applied"
    assert applied.facts == {"added": 2, "changed": 1, "unchanged": 0, "left_out": 1}
    assert {each.subject_id for each in (uploaded, applied)} == {waiting.id}
    new = set(session.scalars(select(School.id).where(School.id != known.id)))
    schools = trail(database, "school")
    assert {each.subject_id for each in schools if each.action == "school.added"} == new
    (changed,) = (each for each in schools if each.action == "school.changed")
    assert changed.subject_id == known.id
    assert "address" in str(changed.facts["fields"]).split(",")
    assert {each.actor_id for each in trail(database)} == {admin.user_id}


def test_a_list_brought_in_by_the_command_line(session: Session, database: Database) -> None:
    with transaction(session):
        apply(session, None, plan_file(session, csv_bytes([school(1)])))
    added, applied = trail(database)
    assert (added.action, applied.action) == ("school.added", "school_import.applied")
    assert (added.actor_id, applied.actor_id, applied.subject_id) == (None, None, None)


def test_a_list_that_was_refused_leaves_nothing(session: Session, database: Database) -> None:
    plan = plan_file(session, csv_bytes([school(1), school(2, jenjang="x")]))
    with pytest.raises(Rejected), transaction(session):
        apply(session, None, plan)
    assert trail(database) == []


def test_a_list_thrown_away(
    session: Session, admin: Actor, database: Database, store: Store
) -> None:
    first = upload(session, admin, store, csv_bytes([school(1)]))
    # The next upload takes its place.
    second = upload(session, admin, store, csv_bytes([school(2)]))
    with transaction(session):
        discard_import(session, admin, store, second)
    entries = trail(database, "school_import")
    assert [(each.action.partition(".")[2], each.subject_id) for each in entries] == [
        ("uploaded", first.id),
        ("cancelled", first.id),
        ("uploaded", second.id),
        ("cancelled", second.id),
    ]
    assert {each.actor_id for each in entries} == {admin.user_id}
