"""What waits for whom: a person, a role at a school, or a role at the office."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Appointment, Role
from portal.core.clock import Week
from portal.core.db import new_id
from portal.core.duties import Due, Duty

ME, COLLEAGUE = UUID(int=1), UUID(int=2)
MY_SCHOOL, OTHER_SCHOOL = UUID(int=11), UUID(int=12)
PRINCIPAL = Actor(ME, "Bu Ratna", (Appointment(Role.PRINCIPAL, MY_SCHOOL),))
COORDINATOR = Actor(ME, "Bu Yuni", (Appointment(Role.COORDINATOR),))
WORKER = Actor(ME, "Bu Sari", (Appointment(Role.SOCIAL_WORKER),))
BOTH = Actor(
    ME, "Bu Sari", (Appointment(Role.SOCIAL_WORKER), Appointment(Role.PRINCIPAL, MY_SCHOOL))
)
NOBODY = Actor(ME, "Bu Ratna", ())


def due(kind: str = "sesuatu", **more: object) -> Due:
    """Describe something that is due tomorrow."""
    values: dict[str, object] = {
        "kind": kind,
        "subject_id": new_id(),
        "link": "/sesi",
        "due_at": clock.now() + timedelta(days=1),
        "facts": {"school": "SMP Contoh"},
    }
    return Due(**{**values, **more})  # type: ignore[arg-type]


def kinds_for(session: Session, actor: Actor) -> list[str]:
    """Return what waits for somebody, by kind."""
    session.flush()
    return [duty.kind for duty in duties.waiting_for(session, actor)]


@pytest.mark.parametrize(
    ("addressed", "actor", "shown"),
    [
        ({"person_id": ME}, WORKER, True),
        ({"person_id": ME}, NOBODY, True),
        ({"person_id": COLLEAGUE}, WORKER, False),
        ({"role": Role.PRINCIPAL, "school_id": MY_SCHOOL}, PRINCIPAL, True),
        ({"role": Role.PRINCIPAL, "school_id": MY_SCHOOL}, BOTH, True),
        ({"role": Role.PRINCIPAL, "school_id": OTHER_SCHOOL}, PRINCIPAL, False),
        ({"role": Role.TEACHER, "school_id": MY_SCHOOL}, PRINCIPAL, False),
        ({"role": Role.PRINCIPAL}, PRINCIPAL, False),
        ({"role": Role.COORDINATOR}, COORDINATOR, True),
        ({"role": Role.COORDINATOR}, WORKER, False),
        ({"role": Role.COORDINATOR}, NOBODY, False),
        ({"role": Role.COORDINATOR, "school_id": MY_SCHOOL}, COORDINATOR, False),
        ({"role": Role.COORDINATOR, "person_id": COLLEAGUE}, COORDINATOR, False),
    ],
)
def test_a_duty_shows_to_those_it_is_addressed_to(
    session: Session, addressed: dict[str, object], actor: Actor, *, shown: bool
) -> None:
    duties.open_duty(session, due(**addressed))
    assert kinds_for(session, actor) == (["sesuatu"] if shown else [])


def test_the_earliest_deadline_comes_first(session: Session) -> None:
    for days in (5, 1, 3):
        duties.open_duty(
            session, due(f"in-{days}", person_id=ME, due_at=clock.now() + timedelta(days=days))
        )
    duties.open_duty(session, due("late", role=Role.SOCIAL_WORKER, due_at=clock.now()))
    assert kinds_for(session, WORKER) == ["late", "in-1", "in-3", "in-5"]


def test_equal_deadlines_keep_the_order_in_which_they_were_opened(session: Session) -> None:
    moment = clock.now()
    for number in range(4):
        with time_machine.travel(moment + timedelta(milliseconds=number), tick=False):
            duties.open_duty(session, due(str(number), person_id=ME, due_at=moment))
            session.flush()
    with time_machine.travel(moment + timedelta(minutes=1), tick=False):
        assert kinds_for(session, WORKER) == ["0", "1", "2", "3"]


def test_a_duty_of_later_does_not_show_before_its_time(session: Session) -> None:
    opens = clock.now() + timedelta(days=10)
    duties.open_duty(session, due(person_id=ME, visible_from=opens))
    with time_machine.travel(opens - timedelta(seconds=1), tick=False):
        assert kinds_for(session, WORKER) == []
    with time_machine.travel(opens, tick=False):
        assert kinds_for(session, WORKER) == ["sesuatu"]


def test_an_overdue_duty_still_waits(session: Session) -> None:
    duties.open_duty(session, due(person_id=ME))
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        assert kinds_for(session, WORKER) == ["sesuatu"]


def test_closing_by_kind_leaves_the_others_open(session: Session) -> None:
    subject = new_id()
    duties.open_duty(session, due("confirm_room", person_id=ME, subject_id=subject))
    duties.open_duty(session, due("record_delivery", person_id=ME, subject_id=subject))
    duties.open_duty(session, due("confirm_room", person_id=ME))
    duties.close_duties(session, subject, "confirm_room")
    assert sorted(kinds_for(session, WORKER)) == ["confirm_room", "record_delivery"]
    duties.close_duties(session, subject)
    assert kinds_for(session, WORKER) == ["confirm_room"]


def test_closing_keeps_the_row_and_the_moment_of_the_first_closing(session: Session) -> None:
    duties.open_duty(session, due(person_id=ME))
    session.flush()
    duty = duties.waiting_for(session, WORKER)[0]
    duties.close_duties(session, duty.subject_id)
    session.refresh(duty)
    closed_at = duty.closed_at
    assert closed_at is not None
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        duties.close_duties(session, duty.subject_id)
    session.refresh(duty)
    assert duty.closed_at == closed_at


def opened(session: Session, kind: str = "sesuatu", **more: object) -> Duty:
    """Open something and return it as it is kept."""
    duty = duties.open_duty(session, due(kind, **more))
    session.flush()
    return duty


def test_a_to_do_is_looked_at_when_it_shows(session: Session) -> None:
    later = clock.now() + timedelta(days=10)
    with time_machine.travel(clock.now(), tick=False):
        assert opened(session, person_id=ME).next_look_at == clock.now()
    assert opened(session, person_id=ME, visible_from=later).next_look_at == later


def test_what_is_closed_is_looked_at_no_more(session: Session) -> None:
    whole = opened(session, person_id=ME)
    own = opened(session, person_id=ME)
    duties.close_duties(session, whole.subject_id)
    duties.close_for(session, WORKER, own.subject_id, own.kind)
    for duty in (whole, own):
        session.refresh(duty)
        assert duty.closed_at is not None
        assert duty.next_look_at is None


def test_who_takes_over_begins_anew(session: Session) -> None:
    later = clock.now() + timedelta(days=10)
    theirs = opened(session, person_id=ME)
    coming = opened(session, person_id=ME, visible_from=later)
    others = opened(session, person_id=ME)
    theirs.reminders, theirs.next_look_at = 3, None
    others.next_look_at = None
    session.flush()
    duties.hand_over(session, ME, COLLEAGUE, subject_id=theirs.subject_id)
    duties.hand_over(session, ME, COLLEAGUE, subject_id=coming.subject_id)
    for duty in (theirs, coming, others):
        session.refresh(duty)
    assert (theirs.person_id, theirs.reminders) == (COLLEAGUE, 0)
    assert theirs.next_look_at is not None
    assert (coming.person_id, coming.next_look_at) == (COLLEAGUE, later)
    assert (others.person_id, others.next_look_at) == (ME, None)


def test_another_deadline_is_looked_at_anew(session: Session) -> None:
    duty = opened(session, "report", person_id=ME)
    duty.reminders, duty.next_look_at = 2, None
    session.flush()
    raised = duties.raise_duty(session, duty, Role.DIVISION_HEAD, "/elsewhere")
    assert raised is not None
    moment = clock.now() + timedelta(days=30)
    duties.move(session, duty.subject_id, "report", due_at=moment)
    for each in (duty, raised):
        session.refresh(each)
    assert (duty.due_at, duty.reminders, duty.closed_at) == (moment, 0, None)
    assert duty.next_look_at is not None
    # Whoever was asked next is let off: there is time again.
    assert raised.closed_at is not None


def test_the_next_role_is_asked_for_the_same_once(session: Session) -> None:
    duty = opened(
        session,
        role=Role.PRINCIPAL,
        school_id=MY_SCHOOL,
        week=Week.SCHOOL_6,
        alarm=True,
    )
    raised = duties.raise_duty(session, duty, Role.COORDINATOR, "/sesi/1")
    assert raised is not None
    assert (raised.kind, raised.subject_id, raised.facts) == (
        duty.kind,
        duty.subject_id,
        duty.facts,
    )
    assert (raised.due_at, raised.raised_from, raised.link) == (duty.due_at, duty.id, "/sesi/1")
    assert (raised.role, raised.school_id, raised.week) == (Role.COORDINATOR, None, Week.OFFICE)
    assert (raised.alarm, raised.reminders) == (True, 0)
    assert duties.raise_duty(session, duty, Role.COORDINATOR, "/sesi/1") is None
    within = duties.raise_duty(session, duty, Role.SCHOOL_OPERATOR, "/sesi/1")
    assert within is not None
    assert (within.school_id, within.week) == (MY_SCHOOL, Week.SCHOOL_6)
    duties.close_duties(session, duty.subject_id, duty.kind)
    assert kinds_for(session, COORDINATOR) == []


def test_alarms_come_first_and_stay_due_when_somebody_takes_care(session: Session) -> None:
    opened(session, "late", role=Role.COORDINATOR, due_at=clock.now() - timedelta(days=3))
    alarm = opened(session, "alarm", role=Role.COORDINATOR, alarm=True)
    other = opened(session, "alarm", role=Role.COORDINATOR, alarm=True)
    same = opened(session, "alarm", role=Role.ADMIN, alarm=True, subject_id=alarm.subject_id)
    assert kinds_for(session, COORDINATOR) == ["alarm", "alarm", "late"]
    duties.acknowledge(session, COORDINATOR, alarm)
    for duty in (alarm, other, same):
        session.refresh(duty)
    assert [duty.acknowledged_by for duty in (alarm, same, other)] == [ME, ME, None]
    assert kinds_for(session, COORDINATOR) == ["alarm", "alarm", "late"]
    first = alarm.acknowledged_at
    duties.acknowledge(session, Actor(COLLEAGUE, "Bu Dewi", ()), alarm)
    session.refresh(alarm)
    assert (alarm.acknowledged_at, alarm.acknowledged_by) == (first, ME)


def test_somebody_who_leaves_makes_the_portal_look(session: Session) -> None:
    named = opened(session, person_id=ME)
    by_role = opened(session, role=Role.PRINCIPAL, school_id=MY_SCHOOL)
    elsewhere = opened(session, role=Role.PRINCIPAL, school_id=OTHER_SCHOOL)
    for duty in (named, by_role, elsewhere):
        duty.next_look_at = None
    session.flush()
    duties.look_again(session, ME, Role.PRINCIPAL, MY_SCHOOL)
    for duty in (named, by_role, elsewhere):
        session.refresh(duty)
    assert [bool(each.next_look_at) for each in (named, by_role, elsewhere)] == [True, True, False]


ADDRESSES = st.tuples(
    st.sampled_from([None, ME, COLLEAGUE]),
    st.sampled_from([None, Role.PRINCIPAL, Role.COORDINATOR]),
    st.sampled_from([None, MY_SCHOOL, OTHER_SCHOOL]),
)


@hypothesis_settings(max_examples=30, deadline=None)
@given(st.lists(ADDRESSES, max_size=6), st.sampled_from([PRINCIPAL, COORDINATOR, BOTH, NOBODY]))
def test_nobody_sees_what_is_addressed_to_somebody_else(
    shared_session: Session,
    addresses: list[tuple[UUID | None, Role | None, UUID | None]],
    actor: Actor,
) -> None:
    shared_session.execute(delete(Duty))
    for number, (person, role, school) in enumerate(addresses):
        duties.open_duty(
            shared_session, due(str(number), person_id=person, role=role, school_id=school)
        )
    expected = {
        str(number)
        for number, (person, role, school) in enumerate(addresses)
        if person == actor.user_id
        or (person is None and Appointment(role, school) in actor.appointments)  # type: ignore[arg-type]
    }
    assert set(kinds_for(shared_session, actor)) == expected
