"""Partners that wait too long for a session, and MoUs that end: each night, once, until settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.files import FolderStore
from portal.core.schedule import Workshop, jobs
from portal.schools.actions import MouTerms, record_mou
from portal.schools.models import Mou, School
from portal.visits.actions import alarms
from portal.visits.actions.alarms import (
    MOU_EXPIRING,
    MOU_EXPIRING_SCHOOL,
    PARTNER_UNSERVED,
    Night,
)
from portal.visits.actions.delivering import deliver
from portal.visits.states import VisitState
from tests.statements import all_statements
from tests.visits.conftest import Office, on_sqlite
from tests.visits.test_deciding import REPORT

TODAY = date(2026, 8, 3)


def ago(days: int) -> date:
    """Return the day so many days before today."""
    return TODAY - timedelta(days=days)


def night(office: Office) -> Night:
    """Do what is done every night."""
    with office.build.database.writer() as session, transaction(session):
        return alarms.look(session)


def open_ones(office: Office, *kinds: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Return what waits of these kinds: kind, role and facts."""
    with office.build.database.reader() as session:
        found = session.scalars(
            select(Duty)
            .where(Duty.kind.in_(kinds or alarms.KINDS), Duty.closed_at.is_(None))
            .order_by(Duty.kind, Duty.role)
        )
        return [(each.kind, each.role, each.facts) for each in found]


def signed(office: Office, days: int, **more: Any) -> Mou:
    """Make an MoU of the usual school, signed so many days ago."""
    return office.build.mou(office.school, signed_on=ago(days), **more)


@pytest.mark.parametrize(
    ("days", "step", "roles"),
    [
        (29, None, []),
        (30, 30, [Role.COORDINATOR]),
        (59, 30, [Role.COORDINATOR]),
        (60, 60, [Role.COORDINATOR]),
        (90, 90, [Role.COORDINATOR, Role.DIVISION_HEAD]),
        (400, 90, [Role.COORDINATOR, Role.DIVISION_HEAD]),
    ],
)
def test_who_is_asked_after_so_many_days(
    office: Office, days: int, step: int | None, roles: list[Role]
) -> None:
    signed(office, days)
    night(office)
    assert open_ones(office, PARTNER_UNSERVED) == [
        (PARTNER_UNSERVED, role, {"school": office.school.name, "days": step}) for role in roles
    ]


def test_a_night_run_twice_changes_nothing_and_the_next_step_asks_anew(
    office: Office, now: Any
) -> None:
    signed(office, 30)
    assert night(office) == Night(1, 0, 0)
    assert night(office) == Night(0, 0, 0)
    now.shift(timedelta(days=30))
    assert night(office) == Night(0, 1, 0)
    now.shift(timedelta(days=30))
    assert night(office) == Night(1, 1, 0)
    assert len(open_ones(office)) == 2


def session_of(office: Office, days: int, **more: Any) -> None:
    """Make a session of the usual school so many days ago."""
    office.build.delivered(office.school, office.worker, ago(days), **more)


def of_no_count(office: Office) -> None:
    """Make a session of a programme that does not count, where the register has one."""
    programme = office.build.programme()
    with office.build.database.writer() as session, transaction(session):
        counted = session.merge(programme)
        counted.counts_for_coverage = False
    session_of(office, 10, programme=programme)


@pytest.mark.parametrize(
    ("happened", "still"),
    [
        (lambda office: session_of(office, 10), False),
        (lambda office: session_of(office, 40), False),
        # Before the signing, not yet, not held, or of no account.
        (lambda office: session_of(office, 41), True),
        (lambda office: session_of(office, -3, state=VisitState.SCHEDULED), True),
        (lambda office: session_of(office, 10, state=VisitState.NOT_DELIVERED), True),
        (of_no_count, True),
    ],
)
def test_what_counts_as_a_session(
    office: Office, happened: Callable[[Office], None], still: bool
) -> None:
    signed(office, 40)
    happened(office)
    night(office)
    assert bool(open_ones(office, PARTNER_UNSERVED)) is still


def test_a_session_of_a_school_that_became_part_of_it_counts(office: Office) -> None:
    signed(office, 40)
    merged = office.build.school()
    office.build.delivered(merged, office.worker, ago(10))
    with office.build.database.writer() as session, transaction(session):
        session.get_one(School, merged.id).merged_into_id = office.school.id
    night(office)
    assert open_ones(office, PARTNER_UNSERVED) == []


def test_a_recorded_session_ends_it_at_once(office: Office) -> None:
    signed(office, 95)
    night(office)
    visit = office.build.delivered(office.school, office.worker, ago(1), state=VisitState.SCHEDULED)
    assert len(open_ones(office, PARTNER_UNSERVED)) == 2
    office.does(deliver, office.worker, visit, REPORT)
    assert open_ones(office, PARTNER_UNSERVED) == []


@pytest.mark.parametrize(
    ("days", "asked"), [(61, False), (60, True), (0, True), (-60, True), (-61, False)]
)
def test_an_mou_that_ends_soon_or_has_just_ended(office: Office, days: int, asked: bool) -> None:
    until = TODAY + timedelta(days=days)
    signed(office, 400, valid_until=until)
    night(office)
    facts = {"school": office.school.name, "valid_until": until.isoformat()}
    expected = [
        (MOU_EXPIRING, Role.COORDINATOR, facts),
        (MOU_EXPIRING_SCHOOL, Role.PRINCIPAL, facts),
    ]
    assert open_ones(office, MOU_EXPIRING, MOU_EXPIRING_SCHOOL) == (expected if asked else [])


def test_a_renewal_ends_it_at_once(office: Office, tmp_path: Any) -> None:
    mou = signed(office, 20, valid_until=TODAY + timedelta(days=10))
    night(office)
    assert len(open_ones(office)) == 2
    after = mou.valid_until + timedelta(days=1)
    terms = MouTerms("2", after, after + timedelta(days=365), 2, "")
    with office.build.database.writer() as session, transaction(session):
        actor, place = office.actor(office.coordinator), office.school.id
        renewed = session.get_one(Mou, mou.id)
        record_mou(session, actor, FolderStore(tmp_path / "f"), place, terms, renews=renewed)
    assert open_ones(office) == []
    assert night(office) == Night(0, 0, 0)


def test_a_closed_school_asks_for_nothing(office: Office) -> None:
    signed(office, 95, valid_until=TODAY + timedelta(days=10))
    night(office)
    assert len(open_ones(office)) == 4
    with office.build.database.writer() as session, transaction(session):
        session.get_one(School, office.school.id).active = False
    # A session, and the end of the MoU for the office and for the school.
    assert night(office) == Night(0, 0, 3)
    assert open_ones(office) == []


@on_sqlite
def test_the_job_asks_no_more_for_many_partners(office: Office, settings: Any) -> None:
    numbers = []
    shop = Workshop(office.build.database, settings)
    for _round in range(2):
        for _ in range(8):
            school = office.build.school()
            office.build.mou(school, signed_on=ago(95), valid_until=TODAY + timedelta(days=20))
        with all_statements(office.build.database) as seen:
            assert jobs["mou_alarms"].run(shop) == {"opened": 32, "renewed": 0, "closed": 0}
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]
    assert clock.today() == TODAY
