"""What could keep a child out of sight for weeks reaches whoever manages the case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.events import CaseReopened
from portal.cases.models import CaseTask
from portal.config import Settings
from portal.core.access import Actor
from portal.core.db import Database, transaction
from portal.core.events import emit
from portal.monitoring.actions import scheduling
from portal.schools.actions import CalendarDays
from portal.schools.actions.calendar import add_days
from portal.schools.models import CalendarKind
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.test_schedule_rows import MONDAY, change, plan, start
from tests.monitoring.weeks import Weeks, day


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def weeks(room: Classroom, database: Database, settings: Settings, now: Traveller) -> Weeks:
    """Return a child whose next form is due on Friday."""
    weeks = Weeks(room, database, settings, now)
    weeks.look()
    return weeks


def tasks(weeks: Weeks) -> list[str]:
    """Return what the portal asks the case manager to do, by code."""
    open_ones = select(CaseTask).where(
        CaseTask.case_id == weeks.room.case.id,
        CaseTask.done_at.is_(None),
        CaseTask.person_id == weeks.room.work.manager.id,
        CaseTask.code.in_(("school_free", "monitoring_paused", "school_again")),
    )
    return [each.code for each in weeks.room.work.rows(open_ones)]


def note(
    weeks: Weeks,
    first: str,
    last: str,
    kind: CalendarKind = CalendarKind.BREAK,
    by: Actor | None = None,
) -> None:
    """Let the principal write days into the school's own calendar."""
    wanted = CalendarDays(kind, "Libur", "", day(first), day(last), (), "")
    with transaction(weeks.build.session) as session:
        actor = by or weeks.room.actor("principal")
        add_days(session, actor, weeks.room.work.school.id, wanted)


@pytest.mark.parametrize("kind", [CalendarKind.BREAK, CalendarKind.EXAM])
def test_a_school_that_declares_itself_free_is_asked_about(
    weeks: Weeks, kind: CalendarKind
) -> None:
    assert [each.due_on for each in weeks.forms()] == [date(2026, 11, 13)]
    note(weeks, "2026-11-09", "2027-03-05", kind)
    assert weeks.waiting().due_on > date(2027, 3, 5)
    assert tasks(weeks) == ["school_free"]


@on_sqlite
def test_short_entries_one_after_the_other_add_up(weeks: Weeks) -> None:
    note(weeks, "2026-11-09", "2026-11-14")
    assert tasks(weeks) == []
    note(weeks, "2026-11-16", "2026-11-21")
    assert tasks(weeks) == []
    note(weeks, "2026-11-23", "2026-11-28")
    assert tasks(weeks) == ["school_free"]


@on_sqlite
def test_days_far_ahead_are_noticed_once_the_form_after_them_is_made(weeks: Weeks) -> None:
    note(weeks, "2026-11-16", "2027-02-20")
    assert tasks(weeks) == []
    weeks.at("2026-11-13T09:00")
    weeks.send()
    assert tasks(weeks) == ["school_free"]


@on_sqlite
def test_while_a_form_is_open_the_one_after_it_is_looked_at(weeks: Weeks) -> None:
    weeks.at("2026-11-12")
    note(weeks, "2026-11-13", "2027-02-20")
    assert tasks(weeks) == ["school_free"]


@on_sqlite
def test_days_of_all_schools_put_nothing_off(weeks: Weeks) -> None:
    wanted = CalendarDays(
        CalendarKind.BREAK, "Libur", "", day("2026-11-09"), day("2026-12-30"), (), ""
    )
    with transaction(weeks.build.session) as session:
        add_days(session, weeks.room.actor("coordinator"), None, wanted)
    assert tasks(weeks) == []


@on_sqlite
def test_a_pause_without_an_end_is_decided_about_again_and_again(weeks: Weeks) -> None:
    change(weeks, scheduling.pause, reason="Anak sakit")
    weeks.look()
    assert tasks(weeks) == ["monitoring_paused"]
    with transaction(weeks.build.session) as session:
        for each in session.scalars(select(CaseTask).filter_by(code="monitoring_paused")):
            each.done_at = each.set_at
    assert tasks(weeks) == []
    weeks.look()
    assert tasks(weeks) == ["monitoring_paused"]
    change(weeks, scheduling.resume)
    assert tasks(weeks) == []


@on_sqlite
def test_a_pause_with_an_end_asks_for_no_decision(weeks: Weeks) -> None:
    change(weeks, scheduling.pause, reason="Anak sakit", until=day("2026-11-30"))
    weeks.look()
    assert tasks(weeks) == []


@on_sqlite
@pytest.mark.parametrize("returns_on", ["2026-11-02", "2026-11-23"])
def test_a_new_plan_leaves_a_pause_as_it_is(weeks: Weeks, returns_on: str) -> None:
    change(weeks, scheduling.end)
    weeks.room.follow_up = start(weeks, plan(weeks.room))
    change(weeks, scheduling.pause, reason="Anak sakit", until=day("2026-12-01"))
    start(weeks, plan(weeks.room, number=8, returns_on=day(returns_on)))
    assert (weeks.follow_up().state, weeks.follow_up().paused_until) == (
        "paused",
        day("2026-12-01"),
    )
    weeks.look()
    assert weeks.forms() == []


@on_sqlite
def test_a_case_that_goes_on_asks_whether_the_school_does(weeks: Weeks) -> None:
    change(weeks, scheduling.end)
    with transaction(weeks.build.session) as session:
        emit(session, weeks.room.actor("manager"), CaseReopened(weeks.room.case.id))
    assert tasks(weeks) == ["school_again"]
    start(weeks, plan(weeks.room))
    assert tasks(weeks) == []
