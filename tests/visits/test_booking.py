"""Holding a slot and asking for a session, also when everybody presses at the same moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from time_machine import Traveller
from werkzeug.test import TestResponse

from portal import create_app
from portal.config import Settings
from portal.core import clock
from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.codes import ALPHABET
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import deciding
from portal.visits.actions.booking import hold_slot, request_visit
from portal.visits.actions.cells import Stay, crew_of, release, take
from portal.visits.actions.deciding import Approval
from portal.visits.models import BookingCell, Hold, Programme, Resource, Visit
from portal.visits.queries.slots import Place, booking_window, load_diary
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.client import PageClient
from tests.visits.conftest import (
    Office,
    at,
    at_once,
    codes,
    make_office,
    on_sqlite,
    refused,
    together,
    winners,
)

SCHOOLS = 20
TEN_MINUTES = timedelta(minutes=10)


def hold(office: Office, user: User, school: School, starts_at: datetime) -> Hold:
    """Let somebody hold a slot for a school."""
    actor, programme = office.actor(user), office.build.programme()
    with transaction(office.build.session) as session:
        return hold_slot(session, actor, school, programme, starts_at)


def offered(office: Office, school: School) -> dict[datetime, int]:
    """Return the starts a school is offered, with how many workers could come."""
    with office.build.database.reader() as reading:
        rules = office_settings.read(reading)
        first, last = booking_window(rules)
        diary = load_diary(reading, rules, first, last, without_hold_of=school.id)
        every = diary.slots(Place.of(school), 90, first, last)
        return {slot.starts_at: len(slot.workers) for slot in every}


def test_a_hold_lasts_ten_minutes_and_takes_the_time_of_worker_and_school(office: Office) -> None:
    held = hold(office, office.principal, office.school, at(12))
    assert held.expires_at == clock.now() + TEN_MINUTES
    assert (held.social_worker_id, held.user_id) == (office.worker.id, office.principal.id)
    assert held.ends_at == at(12, 9, 30)
    office.check_cells()
    assert office.count(BookingCell) == 7  # three half hours each, and one for the way


def test_the_office_decides_how_long_a_hold_lasts(office: Office) -> None:
    office.build.setting("hold_minutes", 3)
    held = hold(office, office.principal, office.school, at(12))
    assert held.expires_at == clock.now() + timedelta(minutes=3)


def test_a_held_slot_is_gone_for_others_when_nobody_else_is_free(office: Office) -> None:
    other, principal = office.another_school()
    hold(office, office.principal, office.school, at(12))
    assert at(12) not in offered(office, other)
    problem = refused(lambda: office.build.requested(principal, other, at(12)))
    assert (problem.code, problem.field, problem.facts["wanted"]) == ("slot_taken", "slot", at(12))
    assert refused(lambda: hold(office, principal, other, at(12))).code == "slot_taken"


def test_a_held_slot_stays_visible_while_another_worker_is_free(office: Office) -> None:
    second = office.build.worker()
    other, principal = office.another_school()
    third, _ = office.another_school()
    first = hold(office, office.principal, office.school, at(12))
    assert offered(office, other)[at(12)] == 1
    visit = office.build.requested(principal, other, at(12))
    assert {first.social_worker_id, visit.social_worker_id} == {office.worker.id, second.id}
    assert at(12) not in offered(office, third)
    office.check_cells()


def test_ones_own_hold_is_no_obstacle(office: Office) -> None:
    hold(office, office.principal, office.school, at(12))
    assert offered(office, office.school)[at(12)] == 1
    again = hold(office, office.principal, office.school, at(12))
    assert again.starts_at == at(12)
    assert office.requested(at(12)).social_worker_id == office.worker.id


def test_a_colleague_of_the_same_school_may_send_what_the_principal_holds(office: Office) -> None:
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    hold(office, office.principal, office.school, at(12))
    visit = office.build.requested(operator, office.school, at(12))
    assert visit.requested_by == operator.id
    office.check_cells()


@pytest.mark.parametrize(
    ("after", "free"), [(timedelta(minutes=9, seconds=59), False), (TEN_MINUTES, True)]
)
def test_a_hold_ends_after_ten_minutes(
    office: Office, now: Traveller, after: timedelta, free: bool
) -> None:
    other, principal = office.another_school()
    hold(office, office.principal, office.school, at(12))
    now.shift(after)
    assert (at(12) in offered(office, other)) is free
    if free:
        office.build.requested(principal, other, at(12))
        assert office.count(Hold) == 0, "what is over is swept away"
    else:
        assert refused(lambda: hold(office, principal, other, at(12))).code == "slot_taken"
    office.check_cells()


def test_an_expired_hold_of_ones_own_does_not_hinder_either(office: Office, now: Traveller) -> None:
    hold(office, office.principal, office.school, at(12))
    now.shift(timedelta(hours=1))
    office.requested(at(12))
    office.check_cells()


def test_a_new_hold_takes_the_place_of_the_old_one(office: Office) -> None:
    other, _ = office.another_school()
    hold(office, office.principal, office.school, at(12))
    hold(office, office.principal, office.school, at(12, 10))
    assert office.count(Hold) == 1
    assert at(12) in offered(office, other)
    assert at(12, 10) not in offered(office, other)
    office.check_cells()


def test_a_hold_that_is_refused_leaves_the_old_one_as_it_was(office: Office) -> None:
    other, principal = office.another_school()
    kept = hold(office, office.principal, office.school, at(12))
    hold(office, principal, other, at(13))
    assert refused(lambda: hold(office, office.principal, office.school, at(13))).code == (
        "slot_taken"
    )
    assert office.fresh(kept).starts_at == at(12)
    office.check_cells()


@pytest.mark.parametrize("wanted", [at(12), at(12, 10)], ids=["what was held", "something else"])
def test_a_request_uses_up_the_hold(office: Office, wanted: datetime) -> None:
    hold(office, office.principal, office.school, at(12))
    office.requested(wanted)
    assert office.count(Hold) == 0
    office.check_cells()


def test_travel_keeps_held_times_apart_too(office: Office) -> None:
    office.build.setting("visit_starts", ["08:00", "09:30", "10:00"])
    far, principal = office.another_school(district="18.72.02")
    hold(office, office.principal, office.school, at(12))
    assert at(12, 9, 30) not in offered(office, far)
    assert at(12, 10) in offered(office, far)
    office.build.requested(principal, far, at(12, 10))
    office.check_cells()


def test_a_request_keeps_what_the_school_wrote_and_waits(office: Office) -> None:
    visit = office.requested(
        at(12),
        own_topic="Berani bercerita",
        grades=("7", "8"),
        expected_heads=120,
        room="Aula",
        needs="Proyektor",
    )
    visit = office.fresh(visit)
    assert visit.state == VisitState.REQUESTED
    assert (visit.own_topic, visit.grades, visit.expected_heads) == (
        "Berani bercerita",
        ["7", "8"],
        120,
    )
    assert (visit.room, visit.needs) == ("Aula", "Proyektor")
    assert (visit.starts_at, visit.ends_at) == (at(12), at(12, 9, 30))
    assert (visit.requested_by, visit.requested_at) == (office.principal.id, clock.now())
    assert visit.decided_by is None
    assert len(visit.reference) == 6
    assert set(visit.reference) <= set(ALPHABET)
    office.check_cells()


def test_the_programme_decides_how_long_it_takes(office: Office) -> None:
    visit = office.requested(at(12), programme=office.build.programme("guru"), expected_heads=30)
    assert visit.ends_at == at(12, 10)
    office.check_cells()


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (datetime(2026, 8, 3, 2, tzinfo=UTC), at(5, 16)),
        (datetime(2026, 8, 14, 2, tzinfo=UTC), at(19, 16)),  # a weekend, then the 17th
        (datetime(2026, 8, 8, 2, tzinfo=UTC), at(11, 16)),  # asked on a Saturday
        # 23.30 in WIB is the same working day, 00.30 the next.
        (datetime(2026, 8, 3, 16, 30, tzinfo=UTC), at(5, 16)),
        (datetime(2026, 8, 3, 17, 30, tzinfo=UTC), at(6, 16)),
    ],
)
def test_coordinators_are_asked_for_an_answer_within_two_working_days(
    office: Office, now: Traveller, day: datetime, due: datetime
) -> None:
    now.move_to(day)
    visit = office.requested(at(26))
    assert visit.answer_by == due
    [duty] = office.duties(office.coordinator)
    assert office.duties(office.principal) == office.duties(office.worker) == []
    assert (duty.kind, duty.due_at, duty.subject_id) == ("answer_request", due, visit.id)
    assert duty.facts["school"] == office.school.name


def test_the_second_press_gives_the_same_request(office: Office) -> None:
    first, second = office.requested(at(12)), office.requested(at(12))
    assert first.id == second.id
    assert office.count(Visit) == 1
    assert len(office.duties(office.coordinator)) == 1


def test_the_second_press_of_a_colleague_gives_the_same_request(office: Office) -> None:
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    first = office.requested(at(12))
    assert office.build.requested(operator, office.school, at(12)).id == first.id


def test_a_school_cannot_have_two_sessions_at_once(office: Office) -> None:
    office.build.worker()
    office.requested(at(12))
    families = office.build.programme("tepak")
    problem = refused(lambda: office.requested(at(12), programme=families, expected_heads=40))
    assert problem.code == "slot_taken"
    assert office.count(Visit) == 1
    office.check_cells()


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (at(12, 8, 30), "slot_outside"),
        (at(12, 20), "slot_outside"),
        (at(12, 7, 30), "slot_outside"),
        (at(3, 10), "slot_outside"),  # today
        (at(5), "slot_outside"),  # two working days ahead
        (at(27, month=7), "slot_outside"),  # last week
        (at(28, month=10), "slot_outside"),  # after twelve weeks
        (at(12) + timedelta(days=3650), "slot_outside"),
        (at(16), "slot_outside"),  # a Sunday
        (at(15), "slot_outside"),  # a Saturday, at a school of five days
        (at(17), "slot_outside"),  # Independence Day
        (at(25), "slot_outside"),  # Maulid
        (at(12) + timedelta(seconds=30), "slot_outside"),
    ],
)
def test_only_offered_times_can_be_asked_for(office: Office, wanted: datetime, code: str) -> None:
    problem = refused(lambda: office.requested(wanted))
    assert (problem.code, problem.field) == (code, "slot")
    assert refused(lambda: hold(office, office.principal, office.school, wanted)).code == code
    assert office.count(Visit) == office.count(BookingCell) == 0


@pytest.mark.parametrize("wanted", [at(6), at(26, 13, month=10)], ids=["first day", "last day"])
def test_the_first_and_the_last_day_of_the_window_can_be_booked(
    office: Office, wanted: datetime
) -> None:
    assert office.requested(wanted).starts_at == wanted


def test_times_count_the_same_whatever_zone_they_are_written_in(office: Office) -> None:
    visit = office.requested(at(12).astimezone(clock.WIB))
    assert office.fresh(visit).starts_at == at(12)
    assert office.requested(at(12)).id == visit.id


@pytest.mark.parametrize(("heads", "fine"), [(320, True), (321, False)])
def test_a_programme_has_room_for_so_many_people(office: Office, heads: int, fine: bool) -> None:
    if fine:
        assert office.requested(at(12), expected_heads=heads).expected_heads == heads
        return
    problem = refused(lambda: office.requested(at(12), expected_heads=heads))
    assert (problem.code, problem.field) == ("audience_too_large", "expected_heads")
    assert problem.facts == {"most": 320}


def limited(office: Office, **values: Any) -> Programme:
    """Return the usual programme with other limits."""
    session = office.build.session
    with transaction(session):
        programme = session.scalars(select(Programme).where(Programme.code == "pgts")).one()
        for name, value in values.items():
            setattr(programme, name, value)
    return office.build.programme()


@on_sqlite
@pytest.mark.parametrize(
    ("grades", "classes", "field"),
    [
        (("7", "8"), (), None),
        (("7", "8", "9"), (), "grades"),
        (("7",), ("7A", "7B"), None),
        (("7",), ("7A", "7B", "7C"), "classes"),
    ],
)
def test_a_programme_has_room_for_so_many_classes(
    office: Office, grades: tuple[str, ...], classes: tuple[str, ...], field: str | None
) -> None:
    limited(office, most_classes=2)
    if field is None:
        assert office.requested(at(12), grades=grades, classes=classes).id
        return
    problem = refused(lambda: office.requested(at(12), grades=grades, classes=classes))
    assert (problem.code, problem.field, problem.facts["most"]) == ("too_many_classes", field, 2)


def test_a_large_group_takes_the_time_of_several_workers(office: Office) -> None:
    limited(office, people_per_worker=80)
    assert refused(lambda: office.requested(at(12), expected_heads=81)).code == "slot_taken"
    assert office.count(Visit) == office.count(BookingCell) == 0
    second = office.build.worker("Nia Peksos")
    visit = office.requested(at(12), expected_heads=81)
    with office.build.database.reader() as session:
        crew = {visit.social_worker_id, *crew_of(session, visit.id)}
    assert crew == {office.worker.id, second.id}
    other, principal = office.another_school()
    assert refused(lambda: office.build.requested(principal, other, at(12))).code == "slot_taken"
    assert office.requested(at(12, 13), expected_heads=80).id
    office.check_cells()


def test_a_hold_for_a_large_group_keeps_all_its_workers(office: Office) -> None:
    programme = limited(office, people_per_worker=80)
    office.build.worker("Nia Peksos")
    actor = office.actor(office.principal)
    with transaction(office.build.session) as session:
        hold_slot(session, actor, office.school, programme, at(12), crew=2)
    other, principal = office.another_school()
    assert at(12) not in offered(office, other)
    assert office.requested(at(12), expected_heads=120).id
    assert refused(lambda: office.build.requested(principal, other, at(12))).code == "slot_taken"
    office.check_cells()


def test_two_large_groups_and_three_workers(database: Database, office: Office) -> None:
    limited(office, people_per_worker=80)
    for _ in range(2):
        office.build.worker()
    wanted = office.build.request(at(12), expected_heads=120)
    pairs = [office.another_school() for _ in range(4)]
    jobs = [
        partial(
            lambda session, user, school: request_visit(session, user, school, wanted),
            user=office.actor(principal),
            school=school,
        )
        for school, principal in pairs
    ]
    results = together(database, jobs)
    assert len(winners(results)) == 1
    assert codes(results) == ["slot_taken"] * 3
    office.check_cells()


@on_sqlite
def test_what_is_to_be_brought_and_is_ready_is_kept(office: Office) -> None:
    visit = office.requested(
        at(12),
        classes=("7A", "7B"),
        expected_by_class={"7A": 30, "7B": 28},
        spoken="Jawa",
        bring=("projector",),
        ready_with=("room", "power"),
    )
    kept = office.fresh(visit)
    assert (kept.classes, kept.expected_by_class) == (["7A", "7B"], {"7A": 30, "7B": 28})
    assert (kept.spoken, kept.bring, kept.ready_with) == ("Jawa", ["projector"], ["room", "power"])
    assert (kept.origin, kept.caller) == ("school", None)


@on_sqlite
def test_a_programmes_own_notice_counts(office: Office) -> None:
    limited(office, notice_working_days=6)
    assert refused(lambda: office.requested(at(10))).code == "slot_outside"
    assert office.requested(at(11)).id


def test_the_office_answers_before_the_session_begins(office: Office) -> None:
    soon = office.build.programme()
    soon.notice_working_days = 0
    visit = office.requested(at(4), programme=soon)
    # Two working days would end after it.
    assert visit.answer_by == visit.starts_at == at(4)


def test_an_inactive_school_cannot_book(office: Office) -> None:
    closed, principal = office.another_school(active=False)
    assert refused(lambda: office.build.requested(principal, closed, at(12))).code == (
        "school_inactive"
    )
    assert refused(lambda: hold(office, principal, closed, at(12))).code == "school_inactive"


@on_sqlite
@pytest.mark.parametrize("role", sorted(Role))
def test_only_the_schools_own_principal_and_operator_may_ask(office: Office, role: Role) -> None:
    elsewhere = office.build.school()
    stranger = office.build.user(role, elsewhere)
    own = office.build.user(role, office.school)
    office_staff = office.build.user(role)
    for somebody in (stranger, office_staff):
        assert refused(
            lambda who=somebody: office.build.requested(who, office.school, at(12))
        ).code == ("not_allowed")
        assert refused(lambda who=somebody: hold(office, who, office.school, at(12))).code == (
            "not_allowed"
        )
    if role in {Role.PRINCIPAL, Role.SCHOOL_OPERATOR}:
        assert office.build.requested(own, office.school, at(12))
    else:
        assert refused(lambda: office.build.requested(own, office.school, at(12))).code == (
            "not_allowed"
        )
    assert office.count(Hold) == 0


def test_an_appointment_that_ended_ends_the_right_to_book(office: Office, now: Traveller) -> None:
    leaving = office.build.user(Role.PRINCIPAL, office.school, ends_on=date(2026, 8, 4))
    assert office.build.requested(leaving, office.school, at(12))
    now.move_to(at(5, 9))
    assert refused(lambda: office.build.requested(leaving, office.school, at(13))).code == (
        "not_allowed"
    )


def test_the_nearest_worker_is_taken_first_and_then_the_next(office: Office) -> None:
    near = office.build.worker("Peksos Dekat")
    beside = office.build.school(district="18.72.01")
    far = office.build.school(district="18.72.02")
    office.build.delivered(far, office.worker, date(2026, 8, 12), at=at(12, 13).time())
    office.build.delivered(beside, near, date(2026, 8, 12), at=at(12, 13).time())
    assert office.requested(at(12)).social_worker_id == near.id
    other, principal = office.another_school()
    assert office.build.requested(principal, other, at(12)).social_worker_id == office.worker.id


def cell(office: Office, visit: Visit, **more: Any) -> BookingCell:
    """Return a cell that this test wants to smuggle in."""
    values = {
        "resource": Resource.WORKER,
        "resource_id": office.worker.id,
        "starts_at": at(12),
        "visit_id": visit.id,
        "travel": False,
    }
    return BookingCell(**{**values, **more})


@pytest.mark.parametrize("travel", [False, True])
@pytest.mark.parametrize("minute", [0, 30, 60])
@pytest.mark.parametrize("resource", list(Resource))
def test_the_database_itself_refuses_a_second_cell(
    office: Office, resource: Resource, minute: int, travel: bool
) -> None:
    office.requested(at(12))
    other, principal = office.another_school()
    second = office.build.requested(principal, other, at(13))
    owner = office.worker.id if resource is Resource.WORKER else office.school.id
    smuggled = cell(
        office,
        second,
        resource=resource,
        resource_id=owner,
        starts_at=at(12) + timedelta(minutes=minute),
        travel=travel,
    )
    with pytest.raises(IntegrityError):
        office.build.save(smuggled)
    office.check_cells()


@pytest.mark.parametrize("owners", ["none", "both"])
def test_a_cell_belongs_to_a_visit_or_to_a_hold(office: Office, owners: str) -> None:
    visit = office.requested(at(12))
    other, principal = office.another_school()
    held = hold(office, principal, other, at(13))
    ids = {
        "none": {"visit_id": None, "hold_id": None},
        "both": {"visit_id": visit.id, "hold_id": held.id},
    }[owners]
    with pytest.raises(IntegrityError):
        office.build.save(cell(office, visit, starts_at=at(14), **ids))


def test_taking_is_all_or_nothing(office: Office) -> None:
    visit = office.requested(at(12, 10))
    before = office.count(BookingCell)
    other = office.build.school()
    # The last half hour would meet the visit at ten.
    stay = Stay(other.id, (office.worker.id,), at(12, 8, 30), at(12, 10, 30))
    with transaction(office.build.session) as session:
        assert not take(session, stay, visit_id=visit.id)
    assert office.count(BookingCell) == before
    office.check_cells()


def test_times_off_the_half_hour_meet_in_the_same_cells(office: Office) -> None:
    visit = office.requested(at(12))
    crooked = Stay(office.build.school().id, (office.worker.id,), at(12, 9, 15), at(12, 10, 15))
    with transaction(office.build.session) as session:
        assert not take(session, crooked, visit_id=visit.id)


def test_a_stay_given_back_can_be_taken_again(office: Office) -> None:
    visit = office.requested(at(12))
    stay = Stay(office.school.id, (office.worker.id,), visit.starts_at, visit.ends_at)
    with transaction(office.build.session) as session:
        release(session, visit)
        assert take(session, stay, visit_id=visit.id)
    office.check_cells()


def test_a_hold_takes_its_cells_with_it_when_the_row_goes(office: Office) -> None:
    held = hold(office, office.principal, office.school, at(12))
    with transaction(office.build.session) as session:
        session.delete(session.get_one(Hold, held.id))
    assert office.count(BookingCell) == 0


def schools_with_principals(office: Office, number: int) -> list[tuple[School, User]]:
    """Make many schools, all in the same kecamatan."""
    return [office.another_school() for _ in range(number)]


def asking(
    office: Office, user: User, school: School, starts_at: datetime
) -> Callable[[Session], Visit]:
    """Return the job of asking for a session."""
    actor, wanted = office.actor(user), office.build.request(starts_at)
    return lambda session: request_visit(session, actor, school, wanted)


def holding(
    office: Office, user: User, school: School, starts_at: datetime
) -> Callable[[Session], Hold]:
    """Return the job of holding a slot."""
    actor, programme = office.actor(user), office.build.programme()
    return lambda session: hold_slot(session, actor, school, programme, starts_at)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("job", [asking, holding])
def test_twenty_schools_and_one_slot(
    database: Database, office: Office, job: Callable[..., Any], workers: int
) -> None:
    for _ in range(workers - 1):
        office.build.worker()
    schools = schools_with_principals(office, SCHOOLS)
    results = together(database, [job(office, user, school, at(12)) for school, user in schools])
    won = winners(results)
    assert len(won) == workers
    assert len({each.social_worker_id for each in won}) == workers
    assert codes(results) == ["slot_taken"] * (SCHOOLS - workers)
    assert office.count(Visit) + office.count(Hold) == workers
    office.check_cells()


def test_twenty_schools_and_overlapping_times(database: Database, office: Office) -> None:
    office.build.setting("visit_starts", ["08:00", "08:30", "09:00", "10:00"])
    starts = [at(12), at(12, 8, 30), at(12, 9), at(12, 10)]
    jobs = [
        asking(office, user, school, starts[number % len(starts)])
        for number, (school, user) in enumerate(schools_with_principals(office, SCHOOLS))
    ]
    results = together(database, jobs)
    assert 1 <= len(winners(results)) <= 2
    assert set(codes(results)) == {"slot_taken"}
    office.check_cells()


def test_a_hold_wins_against_nineteen_requests(database: Database, office: Office) -> None:
    (first, principal), *others = schools_with_principals(office, SCHOOLS)
    hold(office, principal, first, at(12))
    jobs = [asking(office, principal, first, at(12))]
    jobs += [asking(office, user, school, at(12)) for school, user in others]
    results = together(database, jobs)
    assert results[0].school_id == first.id
    assert codes(results) == ["slot_taken"] * (SCHOOLS - 1)
    office.check_cells()


@pytest.mark.parametrize("workers", [1, 2])
def test_two_of_one_school_and_the_same_slot_make_one_request(
    database: Database, office: Office, workers: int
) -> None:
    for _ in range(workers - 1):
        office.build.worker()
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    results = together(
        database,
        [
            asking(office, somebody, office.school, at(12))
            for somebody in (office.principal, operator) * 3
        ],
    )
    assert codes(results) == []
    assert len({visit.id for visit in results}) == 1
    assert office.count(Visit) == 1
    office.check_cells()


def test_two_of_one_school_hold_one_slot_between_them(database: Database, office: Office) -> None:
    office.build.worker()
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    results = together(
        database,
        [
            holding(office, office.principal, office.school, at(12)),
            holding(office, operator, office.school, at(13)),
            holding(office, operator, office.school, at(12)),
        ],
    )
    assert codes(results) == []
    assert office.count(Hold) == 1
    office.check_cells()


def approving(office: Office, coordinator: User, visit: Visit, worker: User) -> Any:
    """Return the job of approving a request with a worker."""
    actor = office.actor(coordinator)

    def job(session: Session) -> Visit:
        found = session.get_one(Visit, visit.id)
        school = session.get_one(School, visit.school_id)
        deciding.approve(session, actor, found, school, Approval(worker.id))
        return found

    return job


def test_two_coordinators_give_one_worker_to_one_school_only(
    database: Database, office: Office
) -> None:
    workers = [office.worker, office.build.worker(), office.build.worker()]
    schools = schools_with_principals(office, 2)
    visits = [office.build.requested(user, school, at(12)) for school, user in schools]
    free = next(w for w in workers if w.id not in {visit.social_worker_id for visit in visits})
    people = [office.coordinator, office.build.user(Role.COORDINATOR)]
    results = together(
        database,
        [
            approving(office, person, visit, free)
            for person, visit in zip(people, visits, strict=True)
        ],
    )
    assert len(winners(results)) == 1
    assert set(codes(results)) <= {"worker_just_taken", "worker_busy"}
    states = sorted(office.fresh(visit).state for visit in visits)
    assert states == [VisitState.REQUESTED, VisitState.SCHEDULED]
    office.check_cells()


def test_two_coordinators_answering_the_same_request(database: Database, office: Office) -> None:
    visit = office.requested(at(12))
    people = [office.coordinator, *(office.build.user(Role.COORDINATOR) for _ in range(4))]
    results = together(
        database, [approving(office, person, visit, office.worker) for person in people]
    )
    assert len(winners(results)) == 1
    assert codes(results) == ["already_decided"] * 4
    assert len({problem.facts["name"] for problem in results if isinstance(problem, Rejected)}) == 1
    office.check_cells()


def test_approving_while_the_school_withdraws(database: Database, office: Office) -> None:
    visit = office.requested(at(12))
    principal = office.actor(office.principal)

    def withdrawing(session: Session) -> Visit:
        found = session.get_one(Visit, visit.id)
        deciding.withdraw(session, principal, found, "Ada ujian")
        return found

    approved, withdrawn = together(
        database, [approving(office, office.coordinator, visit, office.worker), withdrawing]
    )
    # Withdrawn before the answer, or cancelled after it; never both or neither.
    state = office.fresh(visit).state
    assert not isinstance(withdrawn, Rejected)
    if isinstance(approved, Rejected):
        assert (approved.code, state) == ("already_decided", VisitState.WITHDRAWN)
    else:
        assert state == VisitState.CANCELLED
    office.check_cells()


@pytest.fixture
def apps(settings: Settings) -> Iterator[list[Flask]]:
    """Return the portal: on SQLite one process, on PostgreSQL five with one database.

    A process has 15 connections to PostgreSQL and serves four requests at a time, each with up to
    two connections; twenty at once in one process would wait for each other's.
    """
    processes = 1 if settings.database_url.startswith("sqlite") else 5
    running = [create_app(settings) for _ in range(processes)]
    yield running
    for app in running:
        app.extensions["database"].dispose()


@pytest.fixture
def web(apps: list[Flask]) -> Iterator[Office]:
    """Return the small office behind the web application."""
    builder = Builder(apps[0].extensions["database"])
    yield make_office(builder)
    builder.close()


def browsers(apps: list[Flask], users: list[User]) -> list[PageClient]:
    """Sign people in, spread over the processes, each with a token ready to send."""
    clients = [
        PageClient(apps[number % len(apps)]).sign_in(user) for number, user in enumerate(users)
    ]
    for client in clients:
        client.csrf()
    return clients


def typed(school: School) -> dict[str, Any]:
    """Return a form filled in by hand."""
    return {
        "sekolah": school.public_id,
        "programme": "pgts",
        "slot": "2026-08-12T08:00:00+07:00",
        "topic": "lain",
        "own_topic": "Topik yang diketik",
        "grades": ["8", "9"],
        "expected_heads": "137",
        "room": "Aula timur",
        "needs": "Dua mikrofon",
    }


def press_together(
    apps: list[Flask], schools: list[tuple[School, User]], path: str, *, htmx: bool = False
) -> list[TestResponse]:
    """Let every school send the same slot at the same moment."""
    clients = browsers(apps, [user for _, user in schools])
    return at_once(
        [
            partial(client.post, path, typed(school), htmx=htmx)
            for client, (school, _) in zip(clients, schools, strict=True)
        ]
    )


def assert_polite(answer: TestResponse) -> None:
    """Check what the slower ones read: the reason, three other times, and all they typed."""
    html = answer.get_data(as_text=True)
    assert "Waktu itu baru saja diambil sekolah lain. Ini tiga waktu terdekat." in html
    offers = re.findall(r'name="pilih" value="([^"]+)"', html)
    assert offers == [
        "2026-08-11T13:00:00+07:00",
        "2026-08-12T10:00:00+07:00",
        "2026-08-12T13:00:00+07:00",
    ]
    for kept in ('value="Topik yang diketik"', 'value="137"', 'value="Aula timur"', "Dua mikrofon"):
        assert kept in html
    assert re.findall(r'name="grades" value="(\d)" checked', html) == ["8", "9"]


def test_twenty_browsers_and_one_slot(apps: list[Flask], web: Office) -> None:
    answers = press_together(apps, schools_with_principals(web, SCHOOLS), "/sesi/baru")
    assert sorted(answer.status_code for answer in answers) == [303] + [422] * (SCHOOLS - 1)
    for answer in answers:
        if answer.status_code == 303:
            assert "terkirim=1" in answer.headers["Location"]
        else:
            assert_polite(answer)
    assert web.count(Visit) == 1
    web.check_cells()


def test_twenty_browsers_holding_one_slot(apps: list[Flask], web: Office) -> None:
    schools = schools_with_principals(web, SCHOOLS)
    answers = press_together(apps, schools, "/sesi/baru/tahan", htmx=True)
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * (SCHOOLS - 1)
    for answer in answers:
        if answer.status_code == 200:
            text = answer.get_data(as_text=True)
            assert "disimpan untuk Anda sampai 09.10" in text
        else:
            assert_polite(answer)
    assert web.count(Hold) == 1
    web.check_cells()


def test_a_double_tap_makes_one_request(apps: list[Flask], web: Office) -> None:
    answers = press_together(apps, [(web.school, web.principal)] * 4, "/sesi/baru")
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert web.count(Visit) == 1
    web.check_cells()
