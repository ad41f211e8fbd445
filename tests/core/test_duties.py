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
