"""Alerts: taken on once, settled with words, kept from whoever must not see them."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import select, update

from portal.cases.actions import access
from portal.cases.actions.opening import assign, release
from portal.cases.models import Case, CaseEntry, CaseTask
from portal.cases.states import CaseState, EntryKind, Origin
from portal.core import clock, duties
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import settling
from portal.monitoring.models import Alert
from portal.monitoring.queries.alerts import guardian_must_not_hear
from portal.monitoring.states import AlertState, FormKind
from portal.people.models import User
from tests.cases.casework import CHILD
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.watching import (
    alerts,
    arrives,
    asked,
    corrects,
    misses,
    names,
    on_duty,
    tell_sent,
    wib,
)

DONE = "Sudah ditelepon; anak aman bersama tantenya malam ini"


def take(room: Classroom, name: str, alert: Alert) -> None:
    """Let somebody take on an alert."""
    with transaction(room.work.build.session) as session:
        settling.take(session, room.actor(name), session.get_one(Alert, alert.id))


def settle(room: Classroom, name: str, alert: Alert, **more: bool) -> None:
    """Let somebody settle an alert."""
    with transaction(room.work.build.session) as session:
        settling.close(session, room.actor(name), session.get_one(Alert, alert.id), DONE, **more)


def end(room: Classroom) -> None:
    """Close the case."""
    with transaction(room.work.build.session) as session:
        session.execute(
            update(Case)
            .where(Case.id == room.case.id)
            .values(state=CaseState.CLOSED, closed_on=clock.today())
        )


def duty_today(room: Classroom, person: User) -> None:
    """Put somebody on the roster for today."""
    on_duty(room, person, clock.today(), clock.today())


def steps(room: Classroom) -> list[str]:
    """Return what the timeline says of alerts, in whatever order."""
    lines = select(CaseEntry).where(
        CaseEntry.case_id == room.case.id, CaseEntry.kind == EntryKind.ALERT
    )
    rows = room.work.rows(lines)
    assert all(not each.text for each in rows)
    return [each.facts["step"] for each in rows]


def test_one_takes_it_on_and_the_other_learns_who(room: Classroom) -> None:
    """Two press at once: one wins, the other reads the name; it rings for nobody any more."""
    duty_today(room, room.work.other)
    arrives(room, flags=("r2",))
    (alert,) = alerts(room)
    take(room, "other", alert)
    take(room, "other", alert)
    with pytest.raises(Rejected) as problem:
        take(room, "manager", alert)
    assert problem.value.code == "alert_taken"
    assert problem.value.facts == {"name": room.work.other.full_name}
    assert all(each.acknowledged_by == room.work.other.id for each in asked(room))
    (alert,) = alerts(room)
    assert (alert.state, alert.taken_by) == (AlertState.TAKEN, room.work.other.id)
    assert sorted(steps(room)) == ["raised", "taken"]


@on_sqlite
def test_saying_so_where_it_rings_takes_it_on(room: Classroom) -> None:
    """The bell on every page and the alert's own button are the same."""
    arrives(room, "harassed", ("r3",))
    with transaction(room.work.build.session) as session:
        waiting = duties.waiting_for(session, room.actor("manager"))
        (bell,) = [each for each in waiting if each.alarm]
        duties.acknowledge(session, room.actor("manager"), bell)
    assert {each.taken_by for each in alerts(room)} == {room.work.manager.id}


@on_sqlite
def test_whoever_took_it_on_settles_it_and_nobody_else_is_asked(room: Classroom) -> None:
    """After a quarter of an hour it waits for its taker alone, and then for nobody."""
    with time_machine.travel(wib("2026-11-23 09:00"), tick=False) as traveller:
        duty_today(room, room.work.other)
        arrives(room, flags=("r2",))
        (alert,) = alerts(room)
        take(room, "other", alert)
        for moment, who in (("09:10", "manager other"), ("09:20", "other")):
            traveller.move_to(wib(f"2026-11-23 {moment}"), tick=False)
            with transaction(room.work.build.session) as session:
                settling.look_at_alarms(session)
            assert names(room, asked(room)) == who
        (left,) = asked(room)
        assert (left.alarm, left.due_at) == (False, wib("2026-11-24 16:00"))
        settle(room, "other", alert)
        assert not asked(room)
        with pytest.raises(Rejected, match="alert_over"):
            settle(room, "manager", alert)
        assert sorted(steps(room)) == ["closed", "raised", "taken"]


@on_sqlite
def test_a_further_form_adds_to_what_nobody_took_on(room: Classroom) -> None:
    """One open alert of a kind; once somebody has it in hand, the next form rings anew."""
    arrives(room, flags=("r1",))
    second = arrives(room, flags=("r2",))
    (alert,) = alerts(room)
    assert (alert.form_id, alert.flags, alert.rings) == (second.id, "r1 r2", True)
    assert len({each.link for each in asked(room)}) == 1
    take(room, "manager", alert)
    arrives(room, flags=("r2",))
    assert [each.state for each in alerts(room)] == [AlertState.TAKEN, AlertState.OPEN]


@on_sqlite
def test_what_an_older_form_asked_for_besides_still_waits(room: Classroom) -> None:
    """An alert that a newer form takes up leaves the others of its form waiting."""
    arrives(room, "harassed", ("r1",))
    arrives(room, "green", ("r1",))
    waiting = {each.link.rpartition("/")[2] for each in asked(room)}
    assert waiting == {each.public_id for each in alerts(room)}
    assert len(waiting) == 2


@on_sqlite
def test_a_correction_raises_what_is_new_and_takes_nothing_away(room: Classroom) -> None:
    """The same answers raise nothing twice; a flag taken back stays until people settle it."""
    form = arrives(room, flags=("r1",))
    (alert,) = alerts(room)
    take(room, "manager", alert)
    tell_sent(room, form, corrected=True)
    assert len(alerts(room)) == 1
    corrects(room, form, flags=("r1", "r2"))
    assert [each.flags for each in alerts(room)] == ["r1", "r1 r2"]
    other = arrives(room, flags=("r3",))
    corrects(room, other)
    assert alerts(room)[1].state == AlertState.OPEN
    assert "r3" in alerts(room)[1].flags


@on_sqlite
def test_no_guardian_hears_by_itself_of_a_child_unsafe_at_home(room: Classroom) -> None:
    """The case says so until people decided; nothing that reaches a family is set by the portal."""
    before = len(room.work.rows(select(CaseTask.id)))
    arrives(room, flags=("r5",))
    (alert,) = alerts(room)
    assert {each.kind for each in room.work.waiting(room.case)} >= {"alert_urgent", "answer_form"}
    assert len(room.work.rows(select(CaseTask.id))) == before
    # What waits, waits for people of the office alone.
    people = {room.work.manager.id, None}
    assert {each.person_id for each in room.work.waiting(room.case)} <= people
    assert {each.role for each in asked(room)} <= {None, "coordinator"}
    session = room.work.build.session
    assert guardian_must_not_hear(session, room.case)
    with pytest.raises(Rejected, match="guardian_open"):
        settle(room, "manager", alert)
    settle(room, "manager", alert, guardian_settled=True)
    assert not guardian_must_not_hear(session, room.case)


@on_sqlite
def test_alerts_follow_the_case_to_its_next_manager(room: Classroom) -> None:
    """Without a manager the coordinators are asked; whoever must not see it is let off."""
    arrives(room, "red")
    work = room.work
    with transaction(work.build.session) as session:
        release(session, work.actor("coordinator"), session.get_one(Case, room.case.id),
                work.manager.id)  # fmt: skip
    assert names(room, asked(room)) == "coordinator"
    assert {each.role for each in work.waiting(room.case, "answer_form")} == {"coordinator"}
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), session.get_one(Case, room.case.id),
               work.other.id)  # fmt: skip
    assert names(room, asked(room)) == "other"
    assert {each.person_id for each in work.waiting(room.case, "answer_form")} == {work.other.id}


@on_sqlite
def test_a_conflict_takes_somebody_off_what_rings(room: Classroom) -> None:
    """The officer turns out to be related: others are asked at once."""
    duty_today(room, room.work.other)
    arrives(room, flags=("r2",))
    assert names(room, asked(room)) == "manager other"
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        access.keep_away(session, room.actor("coordinator"), case, room.work.other.id, "Ipar")
    assert names(room, asked(room)) == "coordinator manager"


@on_sqlite
def test_what_somebody_took_on_who_must_not_see_it_rings_again(room: Classroom) -> None:
    """A conflict that is noted afterwards lets nothing rest with them."""
    duty_today(room, room.work.other)
    arrives(room, flags=("r2",))
    # Nobody was asked anew yet: the others still read who takes care of it.
    take(room, "other", alerts(room)[0])
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        access.keep_away(session, room.actor("coordinator"), case, room.work.other.id, "Ipar")
    (alert,) = alerts(room)
    assert (alert.state, alert.taken_by) == (AlertState.OPEN, None)
    assert names(room, asked(room)) == "coordinator manager"
    assert all(each.alarm and each.acknowledged_at is None for each in asked(room))


@on_sqlite
def test_silence_sets_one_task_and_ends_with_its_alert(room: Classroom) -> None:
    """Somebody goes there; settling the alert ends the task."""
    misses(room)
    misses(room)
    misses(room)
    tasks = select(CaseTask).where(CaseTask.code == "visit_silent")
    (task,) = room.work.rows(tasks)
    assert (task.person_id, task.done_at) == (room.work.manager.id, None)
    (alert,) = alerts(room)
    take(room, "manager", alert)
    misses(room)
    assert len(alerts(room)) == 1
    settle(room, "manager", alert)
    (task,) = room.work.rows(tasks)
    assert task.done_at is not None


@on_sqlite
@pytest.mark.parametrize(
    ("band", "flags", "raised", "who"),
    [
        ("green", (), [], ""),
        ("too_little", (), [], ""),
        ("yellow", (), ["relapse"], "coordinator manager"),
        ("red", (), ["relapse"], "coordinator manager"),
        ("green", ("r1",), ["relapse"], "coordinator manager"),
        ("green", ("r2",), ["relapse"], "coordinator manager other"),
    ],
)
def test_a_worry_after_the_closure_reaches_who_managed_it(
    room: Classroom, band: str, flags: tuple[str, ...], raised: list[str], who: str
) -> None:
    """Anything worse than calm in a later check is a relapse; a flag of hours rings as well."""
    duty_today(room, room.work.other)
    end(room)
    arrives(room, band, flags, kind=FormKind.SENTINEL)
    assert [each.kind for each in alerts(room)] == raised
    assert names(room, asked(room)) == who
    assert len(room.work.waiting(room.case, "answer_form")) == 1


@on_sqlite
def test_a_new_case_of_the_child_is_a_relapse_of_the_closed_one(room: Classroom) -> None:
    """Whoever managed the closed case hears of it, and the coordinators."""
    end(room)
    room.work.open(child=CHILD, child_id=room.case.child_id, origin=Origin.VISIT)
    (alert,) = alerts(room)
    assert (alert.kind, alert.form_id) == ("relapse", None)
    assert names(room, asked(room)) == "coordinator manager"


@on_sqlite
def test_facts_and_links_say_nothing_about_the_child(room: Classroom) -> None:
    """Only the case's number stands in what the office is told."""
    arrives(room, "red", ("r2",))
    for each in room.work.waiting(room.case):
        if each.kind.startswith(("alert", "answer")):
            assert each.facts == {"number": room.case.number}
            assert room.follow_up.initials not in each.link
