"""Alerts pass from hand to hand: nobody who is there is asked in vain, and none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.cases.actions.closing import Reopening, reopen
from portal.cases.actions.opening import assign
from portal.cases.events import CaseClosed
from portal.cases.models import Case
from portal.cases.states import CaseState, Cause
from portal.core import clock, duties
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.events import emit
from portal.monitoring.actions import settling
from portal.monitoring.actions.alerting import raise_alert
from portal.monitoring.models import Alert, FollowUp, MonitoringForm
from portal.monitoring.states import AlertKind, AlertState, FormKind
from portal.people.models import Membership
from tests.cases.casework import REASONS
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.test_alerts import DONE, duty_today, end, take
from tests.monitoring.watching import (
    alerts,
    arrives,
    asked,
    away,
    corrects,
    names,
    on_duty,
    wib,
)


def look(room: Classroom) -> None:
    """Let the job look at alerts once."""
    with transaction(room.work.build.session) as session:
        settling.look_at_alarms(session)


def leave_vacant(room: Classroom, role: Role) -> None:
    """Let nobody hold a role any more."""
    with transaction(room.work.build.session) as session:
        gone = {"ends_on": clock.today() - timedelta(days=1)}
        session.execute(update(Membership).where(Membership.role == role).values(gone))


@on_sqlite
def test_the_head_opens_what_waits_for_them_where_no_coordinator_is(
    room: Classroom, client: PageClient
) -> None:
    leave_vacant(room, Role.COORDINATOR)
    arrives(room, flags=("r2",))
    assert names(room, asked(room)) == "division_head manager"
    (alert,) = alerts(room)
    client.sign_in(room.work.head)
    assert client.http.get(f"/peringatan/{alert.public_id}").status_code == 200
    # Once somebody took it on it waits for them no longer.
    take(room, "manager", alert)
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        look(room)
        client.sign_in(room.work.head)
        assert client.http.get(f"/peringatan/{alert.public_id}").status_code == 404


@on_sqlite
@pytest.mark.parametrize("flags", [(), ("r2",)])
def test_what_a_manager_took_on_goes_to_the_next_with_the_case(
    room: Classroom, flags: tuple[str, ...]
) -> None:
    """Whoever works on the case no longer keeps nothing of it, and its next manager has time."""
    with time_machine.travel(wib("2026-11-23 09:00"), tick=False) as traveller:
        work = room.work
        on_duty(room, work.manager, clock.today(), clock.today())
        arrives(room, "red", flags)
        take(room, "manager", alerts(room)[0])
        traveller.move_to(wib("2026-11-25 10:00"), tick=False)
        with transaction(work.build.session) as session:
            case = session.get_one(Case, room.case.id)
            assign(session, work.actor("coordinator"), case, work.other.id)
        assert "manager" not in names(room, asked(room))
        assert "other" in names(room, asked(room))
        assert {each.state for each in alerts(room)} == {AlertState.OPEN}
        assert {each.alarm for each in asked(room)} == {bool(flags)}
        # It does not reach the division head in the same moment.
        look(room)
        assert "division_head" not in names(room, asked(room))


@on_sqlite
def test_a_red_flag_that_somebody_took_on_and_left_lying_comes_back(room: Classroom) -> None:
    """A taker who settles nothing in time, or goes on leave, has the coordinators beside them."""
    with time_machine.travel(wib("2026-11-23 09:00"), tick=False) as traveller:
        duty_today(room, room.work.other)
        arrives(room, flags=("r2",))
        take(room, "other", alerts(room)[0])
        traveller.move_to(wib("2026-11-24 15:59"), tick=False)
        look(room)
        assert names(room, asked(room)) == "other"
        traveller.move_to(wib("2026-11-24 16:01"), tick=False)
        look(room)
        assert names(room, asked(room)) == "coordinator other"


@on_sqlite
def test_a_taker_on_leave_is_not_alone_with_it(room: Classroom) -> None:
    with time_machine.travel(wib("2026-11-23 09:00"), tick=False) as traveller:
        duty_today(room, room.work.other)
        arrives(room, flags=("r2",))
        take(room, "other", alerts(room)[0])
        traveller.move_to(wib("2026-11-24 08:00"), tick=False)
        away(room, room.work.other, clock.today(), clock.today())
        look(room)
        assert names(room, asked(room)) == "coordinator other"


@on_sqlite
def test_what_was_just_taken_on_outlives_a_closure(room: Classroom) -> None:
    """Ending a case ends what waits about it; an alert somebody has in hand waits on."""
    arrives(room, "red")
    take(room, "manager", alerts(room)[0])
    end(room)
    with transaction(room.work.build.session) as session:
        duties.close_duties(session, room.case.id)
        emit(session, room.actor("head"), CaseClosed(room.case.id, "", transferred=False))
    assert names(room, asked(room)) == "manager"


@on_sqlite
def test_the_next_officer_is_asked_and_nobody_else_anew(room: Classroom) -> None:
    """At midnight the duty changes; it does not begin anew for the case manager."""
    with time_machine.travel(wib("2026-11-20 19:00"), tick=False) as traveller:
        duty_today(room, room.work.other)
        arrives(room, flags=("r2",))
        before = {each.person_id: each.id for each in asked(room)}
        traveller.move_to(wib("2026-11-21 00:05"), tick=False)
        look(room)
        after = {each.person_id: each.id for each in asked(room)}
        assert names(room, asked(room)) == "coordinator manager"
        manager = room.work.manager.id
        assert after[manager] == before[manager]


@on_sqlite
def test_a_correction_after_the_closure_is_no_relapse(room: Classroom) -> None:
    """It tells of the time before; only what is new in it is raised."""
    form = arrives(room, "yellow", ("r1",))
    end(room)
    corrects(room, form, "yellow", ("r1",))
    assert [each.kind for each in alerts(room)] == ["red_flag"]


@on_sqlite
def test_nobody_is_asked_to_answer_what_another_body_goes_on_with(room: Classroom) -> None:
    form = room.sent()
    with transaction(room.work.build.session) as session:
        gone = {"state": CaseState.TRANSFERRED, "manager_id": None}
        session.execute(update(Case).where(Case.id == room.case.id).values(gone))
    corrects(room, form)
    assert not room.work.waiting(room.case, "answer_form")


def test_a_teacher_and_an_officer_do_not_lock_each_other_out(room: Classroom) -> None:
    """The next red flag comes in while somebody takes on the one before: both are carried out."""
    duty_today(room, room.work.other)
    arrives(room, flags=("r2",))
    second = room.sent(flags=("r2", "r3"))
    (alert,) = alerts(room)

    def officer(session: Session) -> None:
        settling.take(session, room.actor("other"), session.get_one(Alert, alert.id))

    with meanwhile(room, officer) as session:
        follow_up = session.get_one(FollowUp, room.follow_up.id)
        form = session.get_one(MonitoringForm, second.id)
        raise_alert(session, follow_up, AlertKind.RED_FLAG, form, ("r2", "r3"))
    (alert,) = alerts(room)
    assert (alert.state, alert.flags) == (AlertState.TAKEN, "r2 r3")


def test_a_bell_and_a_settled_alert_do_not_lock_each_other_out(room: Classroom) -> None:
    """Somebody says where it rings that they take care of it, in the moment in which it is over."""
    duty_today(room, room.work.other)
    arrives(room, flags=("r2",))
    (alert,), bell = alerts(room), asked(room)[0]

    def officer(session: Session) -> None:
        duties.acknowledge(session, room.actor("other"), session.get_one(Duty, bell.id))

    with meanwhile(room, officer) as session:
        settling.close(session, room.actor("manager"), session.get_one(Alert, alert.id), DONE)
    (alert,) = alerts(room)
    assert (alert.state, alert.taken_by) == (AlertState.CLOSED, None)
    assert not asked(room)


@contextmanager
def meanwhile(room: Classroom, other: Callable[[Session], None]) -> Iterator[Session]:
    """Hold the case, as a teacher's form does first, while somebody else begins; then do both."""
    database, began = room.work.build.database, Event()

    def act() -> None:
        with database.writer() as session:
            began.set()
            with transaction(session):
                other(session)

    with ThreadPoolExecutor(1) as pool:
        with database.writer() as session, transaction(session):
            session.get_one(Case, room.case.id, with_for_update=True)
            acting = pool.submit(act)
            assert began.wait(5)
            with pytest.raises(TimeoutError):
                acting.result(timeout=0.5)
            yield session
        acting.result(timeout=10)


@on_sqlite
def test_a_relapse_in_a_case_that_goes_on_again_is_no_closed_case(room: Classroom) -> None:
    """What a later check told waits as any form of an open case, until somebody settles it."""
    end(room)
    arrives(room, "yellow", kind=FormKind.SENTINEL)
    assert {each.kind for each in asked(room)} == {"alert_relapse"}
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        reopen(session, room.actor("coordinator"), case, Reopening(Cause.RELAPSE, REASONS))
    assert {each.kind for each in asked(room)} == {"alert_contact"}


@on_sqlite
def test_whoever_changed_posts_has_no_alert_any_more(room: Classroom) -> None:
    """Somebody who is still there, but may read no alert now, keeps none from the others."""
    duty_today(room, room.work.other)
    arrives(room, flags=("r2",))
    take(room, "other", alerts(room)[0])
    room.work.build.appoint(room.work.other, Role.TEACHER, room.work.school)
    leave_vacant(room, Role.SOCIAL_WORKER)
    look(room)
    assert {each.state for each in alerts(room)} == {AlertState.OPEN}
    assert room.work.other.id not in {each.person_id for each in asked(room)}
