"""The rows of forms: made one after the other, moved, dropped, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.actions import access as case_access
from portal.cases.actions.identity import SchoolMove, move_school
from portal.cases.events import CaseClosed
from portal.cases.models import Case, CaseEntry
from portal.cases.states import EntryKind
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import Database, new_id, transaction
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions import scheduling
from portal.monitoring.models import FollowUp, MonitoringForm, ReturnPlan
from portal.monitoring.queries import due, following
from portal.monitoring.states import FollowUpState, FormKind, FormState, PlanState
from portal.schools.events import CalendarChanged, SchoolChanged
from portal.schools.models import CalendarEntry, CalendarKind, School
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.weeks import Weeks, day

# A Monday; the next exam week begins on 30 November, the break on 21 December.
MONDAY = datetime(2026, 11, 9, 7, tzinfo=WIB)


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def weeks(room: Classroom, database: Database, settings: Settings, now: Traveller) -> Weeks:
    """Return a child back since last Monday, of whom the school heard today."""
    return Weeks(room, database, settings, now)


def plan(room: Classroom, school: School | None = None, **more: Any) -> ReturnPlan:
    """Return a shared plan, as the case manager has just written it."""
    values: dict[str, Any] = {
        "case_id": room.case.id,
        "school_id": (school or room.work.school).id,
        "number": 7,
        "state": PlanState.SHARED,
        "returns_on": day("2026-11-16"),
        "child_name": "Kinasih Wulandari",
        "class_name": "8C",
        "helps": "",
        "written_by": room.work.manager.id,
        "written_at": clock.now(),
    }
    return room.work.build.save(ReturnPlan(id=new_id(), **{**values, **more}))


def start(weeks: Weeks, shared: ReturnPlan, teacher: str | None = "teacher") -> FollowUp:
    """Let a shared plan lead to forms."""
    room = weeks.room
    teacher_id = getattr(room, teacher).id if teacher else None
    with transaction(weeks.build.session) as session:
        return scheduling.start(session, room.actor("manager"), shared, teacher_id)


def change(weeks: Weeks, what: Any, *args: Any, **more: Any) -> None:
    """Let the case manager do something about the follow-up."""
    with transaction(weeks.build.session) as session:
        what(session, weeks.room.actor("manager"), weeks.own(), *args, **more)


def steps(weeks: Weeks) -> list[str]:
    """Return what the timeline tells of monitoring, by name: the clock stands still."""
    told = select(CaseEntry).where(CaseEntry.kind == EntryKind.MONITORING)
    return sorted(each.facts["step"] for each in weeks.room.work.rows(told))


def test_a_shared_plan_lets_the_first_form_come(weeks: Weeks) -> None:
    change(weeks, scheduling.end)
    follow_up = start(weeks, plan(weeks.room))
    weeks.room.follow_up = follow_up
    assert (follow_up.initials, follow_up.class_name) == ("K.W.", "8C")
    assert weeks.told() == ["waiting 2026-11-16 0"]
    form = weeks.waiting()
    assert (form.kind, form.closes_on) == (FormKind.FIRST_DAY, day("2026-11-30"))
    assert form.period_from == form.opens_on == form.due_on
    duty = weeks.duty("fill_form")
    assert duty.person_id == weeks.room.teacher.id
    assert duty.visible_from.astimezone(WIB) == datetime(2026, 11, 16, 6, tzinfo=WIB)
    assert duty.due_at.astimezone(WIB) == datetime(2026, 11, 16, 16, tzinfo=WIB)
    assert duty.link == f"/pemantauan/{form.public_id}"
    assert steps(weeks) == ["ended", "started"]
    weeks.at("2026-11-16T09:00")
    weeks.send()
    # Sent on Monday: the form of Friday looks back to the day after.
    assert weeks.told() == ["sent 2026-11-16 0", "waiting 2026-11-20 1"]
    assert weeks.waiting().period_from == day("2026-11-17")
    assert weeks.waiting().opens_on == day("2026-11-19")


@on_sqlite
def test_a_revised_plan_goes_on_with_the_same(weeks: Weeks) -> None:
    change(weeks, scheduling.end)
    weeks.room.follow_up = start(weeks, plan(weeks.room))
    again = start(weeks, plan(weeks.room, number=8, returns_on=day("2026-11-18")))
    assert again.id == weeks.room.follow_up.id
    # A Wednesday: one form does for that week.
    assert weeks.told() == ["waiting 2026-11-18 1"]
    weeks.at("2026-11-18")
    weeks.send()
    start(weeks, plan(weeks.room, number=9, returns_on=day("2026-11-25")))
    assert weeks.told() == ["sent 2026-11-18 1", "waiting 2026-11-27 1"]
    assert weeks.follow_up().began_on == day("2026-11-18")
    # Whoever is named with the new plan fills in the forms from now on.
    assert weeks.asked() == [("fill_form", "teacher")]
    start(weeks, plan(weeks.room, number=10), "colleague")
    assert weeks.asked() == [("fill_form", "colleague")]
    assert len(weeks.room.work.rows(select(FollowUp))) == 2


@on_sqlite
def test_without_a_teacher_the_principal_is_asked(weeks: Weeks) -> None:
    change(weeks, scheduling.end)
    weeks.room.follow_up = start(weeks, plan(weeks.room), teacher=None)
    assert weeks.asked() == [("name_teacher", "principal")]
    assert weeks.duty("name_teacher").facts == {"school": weeks.room.work.school.name}
    weeks.at("2026-11-12T16:30")
    # Three school days on: the case manager hears of it as well, once.
    expected = [("case_without_teacher", "manager"), ("name_teacher", "principal")]
    assert weeks.asked() == expected
    weeks.at("2026-11-13")
    assert weeks.asked() == expected
    weeks.name("colleague")
    assert weeks.asked() == [("fill_form", "colleague")]


def test_a_run_of_the_job_makes_nothing_twice(weeks: Weeks) -> None:
    """Once, thrice, and by three workers at once: there is one form."""
    assert weeks.look() == {"looks": 1}
    first = weeks.told()
    assert first == ["waiting 2026-11-13 2"]
    assert weeks.look() == weeks.look() == {}
    assert weeks.told() == first
    weeks.at("2026-11-13")
    weeks.send()
    with transaction(weeks.build.session) as session:
        session.delete(session.get_one(MonitoringForm, weeks.waiting().id))
    shots = [threading.Thread(target=weeks.look) for _each in range(3)]
    for each in shots:
        each.start()
    for each in shots:
        each.join()
    assert weeks.told() == ["sent 2026-11-13 2", "waiting 2026-11-20 1"]
    numbers = [each.number for each in weeks.forms()]
    assert numbers == [1, 2]
    assert weeks.asked("fill_form") == [("fill_form", "teacher")]
    assert weeks.make() is not None
    assert len(weeks.forms()) == 2


def test_a_red_flag_begins_anew_and_moves_what_has_not_opened(weeks: Weeks) -> None:
    weeks.room.sent(due_on=day("2026-11-06"), at=clock.now() - timedelta(days=3), weeks=1)
    with transaction(weeks.build.session):
        weeks.own().step = 8
    form = weeks.make()
    assert form is not None
    # Monthly: 9, 16, 23 November, 7 December.
    assert weeks.told()[1:] == ["waiting 2026-12-11 4"]
    missed = weeks.room.form(
        state=FormState.MISSED, missed_at=clock.now(), due_on=day("2026-11-05"), weeks=0
    )
    weeks.send(missed, flags=("r2",))
    assert weeks.told()[1:] == ["waiting 2026-11-13 1", "sent 2026-11-05 0"]
    assert (weeks.follow_up().step, weeks.waiting().id) == (0, form.id)
    assert weeks.duty("fill_form").due_at.astimezone(WIB).date() == day("2026-11-13")
    assert steps(weeks) == ["form_sent", "restarted"]


@on_sqlite
def test_a_form_that_is_open_already_is_the_first_of_the_new_rhythm(weeks: Weeks) -> None:
    weeks.look()
    with transaction(weeks.build.session):
        weeks.own().step = 5
    weeks.at("2026-11-12")
    change(weeks, scheduling.restart_weekly)
    assert (weeks.told(), weeks.follow_up().step) == (["waiting 2026-11-13 2"], 0)
    weeks.send()
    assert weeks.told() == ["sent 2026-11-13 2", "waiting 2026-11-20 1"]


@on_sqlite
def test_the_end_of_the_rhythm_waits_for_a_decision(weeks: Weeks) -> None:
    weeks.look()
    with transaction(weeks.build.session):
        weeks.own().step = 10
    weeks.at("2026-11-13")
    weeks.send()
    assert weeks.follow_up().step == 11
    assert weeks.asked("follow_up_over") == [("follow_up_over", "manager")]
    weeks.look()
    assert len(weeks.asked("follow_up_over")) == 1
    change(weeks, scheduling.restart_weekly)
    assert weeks.asked("follow_up_over") == []
    assert weeks.told() == ["sent 2026-11-13 2", "waiting 2026-11-20 1"]


def test_pause_and_resume(weeks: Weeks) -> None:
    weeks.look()
    change(weeks, scheduling.pause, reason="Dirawat di rumah sakit", until=day("2026-12-07"))
    # What had not opened was a plan only.
    assert weeks.told() == []
    assert weeks.asked("fill_form") == []
    assert weeks.follow_up().pause_reason == "Dirawat di rumah sakit"
    weeks.at("2026-12-06")
    assert weeks.told() == []
    weeks.at("2026-12-07T00:05")
    assert weeks.told() == ["waiting 2026-12-11 1"]
    assert weeks.follow_up().state == FollowUpState.ACTIVE
    weeks.at("2026-12-10")
    change(weeks, scheduling.pause, reason="Kembali dirawat")
    assert weeks.told() == ["cancelled 2026-12-11 0"]
    weeks.at("2026-12-14")
    change(weeks, scheduling.resume, was_away=True)
    assert [each.kind for each in weeks.forms()][1] == FormKind.FIRST_DAY
    assert weeks.told()[1:] == ["waiting 2026-12-14 0"]
    assert steps(weeks) == ["paused", "paused", "resumed"]


@on_sqlite
def test_what_was_missed_before_a_pause_is_sent_no_more(weeks: Weeks) -> None:
    weeks.look()
    weeks.at("2026-11-19")
    assert weeks.told() == ["missed 2026-11-13 2", "waiting 2026-11-20 1"]
    change(weeks, scheduling.pause, reason="Libur panjang keluarga")
    missed, cancelled = weeks.forms()
    assert (missed.state, missed.closes_on) == (FormState.MISSED, day("2026-11-19"))
    assert cancelled.state == FormState.CANCELLED
    assert weeks.asked("fill_form", "form_late") == []


@on_sqlite
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": ""}, "pause_reason"),
        ({"reason": "Sakit", "until": date(2026, 11, 9)}, "pause_past"),
    ],
)
def test_a_pause_needs_a_reason_and_a_day_to_come(
    weeks: Weeks, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        change(weeks, scheduling.pause, **more)
    assert refused.value.code == code
    with pytest.raises(Rejected) as refused:
        change(weeks, scheduling.resume)
    assert refused.value.code == "state_changed"
    change(weeks, scheduling.pause, reason="Sakit")
    with pytest.raises(Rejected) as refused:
        change(weeks, scheduling.restart_weekly)
    assert refused.value.code == "follow_up_paused"


@on_sqlite
def test_a_skipped_form_uses_its_step(weeks: Weeks) -> None:
    weeks.look()
    with transaction(weeks.build.session) as session:
        form = session.get_one(MonitoringForm, weeks.waiting().id)
        scheduling.skip_form(session, weeks.room.actor("manager"), form)
    assert weeks.told() == ["cancelled 2026-11-13 2", "waiting 2026-11-20 1"]
    assert weeks.follow_up().step == 1
    assert weeks.asked("fill_form") == [("fill_form", "teacher")]


def test_a_changed_calendar_moves_what_has_not_opened(weeks: Weeks) -> None:
    school = weeks.room.work.school
    weeks.look()
    form = weeks.waiting()

    def note(first: str, last: str, whose: School | None) -> None:
        with transaction(weeks.build.session) as session:
            session.add(
                CalendarEntry(
                    id=new_id(),
                    school_id=whose.id if whose else None,
                    kind=CalendarKind.BREAK,
                    name="Libur setempat",
                    first_on=day(first),
                    last_on=day(last),
                    levels=[],
                    recorded_at=clock.now(),
                )
            )
            happened = CalendarChanged(new_id(), whose.id if whose else None, "break", "added")
            emit(session, weeks.room.actor("coordinator"), happened)

    note("2026-11-13", "2026-11-13", weeks.build.school())
    assert weeks.told() == ["waiting 2026-11-13 2"]
    note("2026-11-13", "2026-11-13", school)
    assert weeks.told() == ["waiting 2026-11-12 2"]
    assert weeks.waiting().id == form.id
    assert weeks.duty("fill_form").due_at.astimezone(WIB).date() == day("2026-11-12")
    note("2026-11-11", "2026-11-12", None)
    # Two lesson days are too few: the week counts no longer.
    assert weeks.told() == ["waiting 2026-11-20 2"]
    with transaction(weeks.build.session) as session:
        session.get_one(School, school.id).week_days = 6
        emit(session, None, SchoolChanged(school.id, "name,week_days"))
    assert weeks.told() == ["waiting 2026-11-14 2"]
    with transaction(weeks.build.session) as session:
        session.get_one(School, school.id).week_days = 5
        emit(session, None, SchoolChanged(school.id, "week_days"))
    weeks.at("2026-11-19")
    note("2026-11-20", "2026-11-20", school)
    # Open since this morning: it stays.
    assert weeks.told() == ["waiting 2026-11-20 2"]


@on_sqlite
def test_the_end_of_a_case_ends_the_forms(weeks: Weeks) -> None:
    weeks.look()
    weeks.at("2026-11-12")
    with transaction(weeks.build.session) as session:
        closed = CaseClosed(weeks.room.case.id, "goals_reached", transferred=False)
        emit(session, weeks.room.actor("head"), closed)
    assert weeks.told() == ["cancelled 2026-11-13 0"]
    assert weeks.follow_up().state == FollowUpState.ENDED
    with weeks.database.reader() as reading:
        assert following.watchers(reading, weeks.room.follow_up.id) == []
        assert due.to_look_at(reading) == []
    assert weeks.asked("fill_form", "name_teacher") == []


@on_sqlite
def test_another_school_means_another_plan(weeks: Weeks) -> None:
    weeks.look()
    other = weeks.build.school()
    move = SchoolMove(weeks.room.work.school.id, clock.today(), "8A")

    def go(to: SchoolMove) -> None:
        with transaction(weeks.build.session) as session:
            case = session.get_one(Case, weeks.room.case.id)
            move_school(session, weeks.room.actor("manager"), case, to)

    go(move)
    assert (weeks.follow_up().class_name, weeks.follow_up().state) == ("8A", "active")
    go(replace(move, school_id=other.id, reason="Pindah rumah"))
    assert weeks.follow_up().state == FollowUpState.ENDED
    assert weeks.told() == []
    assert weeks.asked("follow_up_moved") == [("follow_up_moved", "manager")]
    teacher = weeks.build.user(Role.TEACHER, other)
    weeks.room.colleague = teacher
    weeks.room.follow_up = start(weeks, plan(weeks.room, other), "colleague")
    assert weeks.follow_up().school_id == other.id
    assert weeks.asked() == [("fill_form", "colleague")]


@on_sqlite
def test_what_waits_follows_the_case_manager(weeks: Weeks) -> None:
    weeks.look()
    with transaction(weeks.build.session):
        weeks.own().step = 10
    weeks.at("2026-11-13")
    weeks.send()
    with transaction(weeks.build.session) as session:
        case = session.get_one(Case, weeks.room.case.id)
        case_access.give(
            session,
            weeks.room.actor("coordinator"),
            case,
            weeks.room.work.other.id,
            instead_of=weeks.room.work.manager.id,
        )
    assert weeks.asked("follow_up_over") == [("follow_up_over", "other")]


@on_sqlite
def test_nobody_else_steers_the_forms(weeks: Weeks) -> None:
    weeks.look()
    for name in ("other", "teacher", "principal", "coordinator"):
        with transaction(weeks.build.session) as session, pytest.raises(Rejected) as refused:
            scheduling.end(session, weeks.room.actor(name), weeks.own())
        assert refused.value.code == "not_allowed"
