"""Every change of a visit or of somebody's time leaves its entry in the trail."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import partial
from typing import Any

import pytest
from time_machine import Traveller

from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.people.models import User
from portal.visits.actions import deciding
from portal.visits.actions.booking import hold_slot
from portal.visits.actions.deciding import Approval
from portal.visits.actions.delivering import Delivery, deliver, together
from portal.visits.actions.workers import add_leave, remove_leave, set_hours
from portal.visits.models import Leave, Method, Visit
from tests.trail import last, trail
from tests.visits.conftest import Office, at, on_sqlite, refused

REASON = "Alasan yang tidak boleh masuk jejak"
REPORT = Delivery(Method.MIXED, together(40, 35), 4, REASON)


def told(office: Office, *subjects: str) -> AuditEntry:
    """Return the newest entry."""
    return last(office.build.database, *subjects)


def check(office: Office, action: str, user: User, visit: Visit, **facts: Any) -> None:
    """Check the newest entry about a visit."""
    entry = told(office, "visit")
    assert (entry.action, entry.actor_id, entry.subject_id) == (action, user.id, visit.id)
    assert entry.facts == facts


def scheduled(office: Office) -> Visit:
    """Ask for a session and approve it."""
    visit = office.requested()
    office.does(deciding.approve, office.coordinator, visit, Approval(office.worker.id))
    return visit


def test_a_request(office: Office) -> None:
    visit = office.requested(needs=REASON, own_topic=REASON)
    check(
        office,
        "visit.requested",
        office.principal,
        visit,
        school_id=office.school.id.hex,
        worker_id=office.worker.id.hex,
        starts_at=visit.starts_at.isoformat(),
    )


def test_a_second_press_is_no_second_request(office: Office) -> None:
    office.requested()
    office.requested()
    assert len(trail(office.build.database, "visit")) == 1


def test_a_hold_leaves_nothing(office: Office) -> None:
    actor = office.actor(office.principal)
    programme = office.build.programme()
    before = len(trail(office.build.database))
    with office.build.database.writer() as session, transaction(session):
        hold_slot(session, actor, office.school, programme, at(12))
    assert len(trail(office.build.database)) == before


def test_an_approval(office: Office) -> None:
    visit = scheduled(office)
    worker_id = office.worker.id.hex
    check(
        office, "visit.approved", office.coordinator, visit, worker_id=worker_id, overridden=False
    )


def test_an_approval_against_a_warning(office: Office) -> None:
    visit = office.requested()
    day, worker = date(2026, 8, 12), office.worker
    office.build.save(
        Leave(user_id=worker.id, first_day=day, last_day=day, recorded_by=office.coordinator.id)
    )
    office.does(deciding.approve, office.coordinator, visit, Approval(worker.id, REASON))
    check(
        office,
        "visit.approved",
        office.coordinator,
        visit,
        worker_id=worker.id.hex,
        overridden=True,
    )


def test_a_refused_approval_leaves_nothing(office: Office) -> None:
    visit = office.requested()
    approve = partial(office.does, deciding.approve)
    refused(lambda: approve(office.principal, visit, Approval(office.worker.id)))
    refused(lambda: approve(office.coordinator, visit, Approval(office.principal.id)))
    assert told(office, "visit").action == "visit.requested"


def test_another_worker(office: Office) -> None:
    visit = scheduled(office)
    other = office.build.worker()
    office.does(deciding.reassign, office.coordinator, visit, Approval(other.id))
    check(
        office,
        "visit.reassigned",
        office.coordinator,
        visit,
        from_worker_id=office.worker.id.hex,
        to_worker_id=other.id.hex,
        overridden=False,
    )


def test_an_approval_taken_back(office: Office) -> None:
    visit = scheduled(office)
    office.does(deciding.undo_approval, office.coordinator, visit)
    worker_id = office.worker.id.hex
    check(office, "visit.approval_undone", office.coordinator, visit, worker_id=worker_id)


def test_a_request_declined(office: Office) -> None:
    visit = office.requested()
    office.does(deciding.decline, office.coordinator, visit, REASON)
    school_id = office.school.id.hex
    check(office, "visit.declined", office.coordinator, visit, school_id=school_id)


def test_a_request_withdrawn(office: Office) -> None:
    visit = office.requested()
    office.does(deciding.withdraw, office.principal, visit, REASON)
    school_id = office.school.id.hex
    check(office, "visit.withdrawn", office.principal, visit, school_id=school_id)


@pytest.mark.parametrize("by_school", [True, False])
def test_a_session_cancelled(office: Office, by_school: bool) -> None:
    visit = scheduled(office)
    user = office.principal if by_school else office.coordinator
    office.does(deciding.withdraw if by_school else deciding.cancel, user, visit, REASON)
    check(
        office,
        "visit.cancelled",
        user,
        visit,
        school_id=office.school.id.hex,
        worker_id=office.worker.id.hex,
        by_school=by_school,
    )


def test_a_ready_room(office: Office) -> None:
    visit = scheduled(office)
    office.does(deciding.room_ready, office.principal, visit)
    check(office, "visit.room_ready", office.principal, visit)


def test_a_session_delivered(office: Office, now: Traveller) -> None:
    visit = scheduled(office)
    now.move_to(visit.ends_at + timedelta(hours=1))
    office.does(deliver, office.worker, visit, REPORT)
    check(
        office,
        "visit.delivered",
        office.worker,
        visit,
        worker_id=office.worker.id.hex,
        method="mixed",
        heads_girls=40,
        heads_boys=35,
        heads_adults=4,
    )


def test_hours(office: Office) -> None:
    actor = office.actor(office.coordinator)
    hours = {0: (time(8), time(12)), 3: (time(7, 30), time(9))}
    with office.build.database.writer() as session, transaction(session):
        set_hours(session, actor, office.worker.id, hours)
    entry = told(office, "worker")
    assert (entry.action, entry.actor_id) == ("worker.hours_changed", office.coordinator.id)
    assert (entry.subject_id, entry.facts) == (office.worker.id, {"days": 2, "minutes": 330})


def test_leave(office: Office) -> None:
    actor = office.actor(office.coordinator)
    first, last_day = date(2026, 8, 10), date(2026, 8, 14)
    facts = {
        "worker_id": office.worker.id.hex,
        "first_day": "2026-08-10",
        "last_day": "2026-08-14",
    }
    with office.build.database.writer() as session:
        with transaction(session):
            leave = add_leave(session, actor, office.worker.id, first, last_day)
        with transaction(session):
            remove_leave(session, actor, session.get_one(Leave, leave.id))
    entries = trail(office.build.database, "leave")
    assert [entry.action for entry in entries] == ["leave.added", "leave.removed"]
    for entry in entries:
        assert (entry.actor_id, entry.subject_id) == (office.coordinator.id, leave.id)
        assert entry.facts == facts


@on_sqlite
def test_no_words_of_people_are_repeated(office: Office) -> None:
    visit = office.requested(needs=REASON, own_topic=REASON, room=REASON)
    office.does(deciding.decline, office.coordinator, visit, REASON)
    names = {office.school.name, office.principal.full_name, office.worker.full_name}
    for entry in trail(office.build.database):
        assert not {REASON, *names} & {str(value) for value in entry.facts.values()}
