"""The golden table of escalation: what comes in when, who is asked until when, and who next.

The office is open from Monday to Friday, 07:30 to 16:00, but not on holidays. `manager` leads the
case, `other` is the second social worker, who has the duty where somebody has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
import time_machine

from portal.core.db import transaction
from portal.monitoring.actions.settling import look_at_alarms
from tests.builders import Builder
from tests.cases.casework import casework
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom, classroom
from tests.monitoring.watching import (
    alerts,
    arrives,
    asked,
    away,
    misses,
    names,
    on_duty,
    wib,
)

BOTH = "manager other"
NOBODY = ""


@dataclass(frozen=True)
class Row:
    """What comes in when, with which roster, and what follows."""

    what: str
    comes: str
    sent: str
    # Kinds of alerts, the kind of to-do, who is asked and until when.
    raised: str
    waits: str = ""
    asks: str = ""
    due: str = ""
    # Who has the duty: "other", "manager", "nobody", "away" (other, but on leave).
    roster: str = "other"
    manager_away: bool = False
    # When nobody did anything: at this moment these are asked.
    later: str = ""
    then: str = ""
    before: tuple[str, ...] = field(default=())


MONDAY = "2026-11-23 09:00"
FRIDAY = "2026-11-20 15:30"
EVENING = "2026-11-20 19:00"
SATURDAY = "2026-11-21 10:00"
RED, URGENT, CONTACT = "red_flag", "alert_urgent", "alert_contact"
NEXT_DAY, MONDAY_CLOSE = "2026-11-24 16:00", "2026-11-23 16:00"
HEAD = f"{BOTH}"

TABLE = (
    # Red flags that ring: 2 working hours, then the division head.
    Row("self-harm in the morning", "r2", MONDAY, RED, URGENT, BOTH, "2026-11-23 11:00",
        later="2026-11-23 11:00", then="division_head manager other"),
    Row("one minute before it is late", "r2", MONDAY, RED, URGENT, BOTH, "2026-11-23 11:00",
        later="2026-11-23 10:59", then=BOTH),
    Row("threat on Friday afternoon", "r3", FRIDAY, RED, URGENT, BOTH, "2026-11-23 09:00",
        later="2026-11-23 08:59", then=BOTH),
    Row("threat on Friday afternoon, late on Monday", "r3", FRIDAY, RED, URGENT, BOTH,
        "2026-11-23 09:00", later="2026-11-23 09:00", then="division_head manager other"),
    Row("home on Friday evening", "r5", EVENING, RED, URGENT, BOTH, "2026-11-23 09:30",
        later="2026-11-22 12:00", then=BOTH),
    Row("self-harm on a Saturday", "r2", SATURDAY, RED, URGENT, BOTH, "2026-11-23 09:30"),
    Row("self-harm before dawn", "r2", "2026-11-23 06:00", RED, URGENT, BOTH, "2026-11-23 09:30"),
    Row("before a long weekend", "r3", "2026-08-14 15:30", RED, URGENT, BOTH, "2026-08-18 09:00"),
    Row("on a holiday", "r5", "2026-12-25 10:00", RED, URGENT, BOTH, "2026-12-28 09:30"),
    Row("nobody on duty", "r2", MONDAY, RED, URGENT, "coordinator manager", "2026-11-23 11:00",
        roster="nobody"),
    Row("the officer is on leave", "r2", MONDAY, RED, URGENT, "coordinator manager",
        "2026-11-23 11:00", roster="away"),
    Row("the manager has the duty", "r2", MONDAY, RED, URGENT, "manager", "2026-11-23 11:00",
        roster="manager"),
    Row("the manager is on leave", "r2", MONDAY, RED, URGENT, "coordinator other",
        "2026-11-23 11:00", manager_away=True),
    Row("manager away, nobody on duty", "r3", MONDAY, RED, URGENT, "coordinator",
        "2026-11-23 11:00", roster="nobody", manager_away=True,
        later="2026-11-23 12:00", then="coordinator division_head"),
    Row("the duty changes on Saturday", "r2", EVENING, RED, URGENT, BOTH, "2026-11-23 09:30",
        roster="until Friday", later="2026-11-21 00:05", then="coordinator manager"),
    Row("several flags, the shortest time counts", "r1 r2 r4", MONDAY, RED, URGENT, BOTH,
        "2026-11-23 11:00"),
    # Red flags that do not ring: one working day, and any of them reaches both.
    Row("injury", "r1", MONDAY, RED, CONTACT, BOTH, NEXT_DAY),
    Row("absent without news", "r4", MONDAY, RED, CONTACT, BOTH, NEXT_DAY),
    Row("absent, on Friday afternoon", "r4", FRIDAY, RED, CONTACT, BOTH, MONDAY_CLOSE),
    Row("injury, on a Saturday", "r1", SATURDAY, RED, CONTACT, BOTH, MONDAY_CLOSE),
    Row("injury, the manager is on leave", "r1", MONDAY, RED, CONTACT, "coordinator other",
        NEXT_DAY, manager_away=True),
    Row("injury, nobody on duty", "r1", MONDAY, RED, CONTACT, "coordinator manager", NEXT_DAY,
        roster="nobody"),
    Row("injury, the duty changes on Saturday", "r1", EVENING, RED, CONTACT, BOTH, MONDAY_CLOSE,
        roster="until Friday", later="2026-11-21 00:05", then="coordinator manager"),
    Row("injury, nobody goes to the head", "r1", MONDAY, RED, CONTACT, BOTH, NEXT_DAY,
        later="2026-11-27 12:00", then=BOTH),
    # What a form adds up to.
    Row("calm", "green", MONDAY, NOBODY),
    Row("keep watching", "yellow", MONDAY, NOBODY),
    Row("too little observed", "too_little", MONDAY, NOBODY),
    Row("worrying once", "orange", MONDAY, NOBODY),
    Row("worrying twice", "orange", MONDAY, "orange_twice", "alert_conference", "manager",
        "2026-11-26 16:00", before=("orange",)),
    Row("worrying, too little, worrying", "orange", MONDAY, "orange_twice", "alert_conference",
        "manager", "2026-11-26 16:00", before=("orange", "too_little")),
    Row("acute", "red", MONDAY, "red_band", CONTACT, "manager", NEXT_DAY),
    Row("acute on Friday evening", "red", EVENING, "red_band", CONTACT, "manager", MONDAY_CLOSE),
    Row("acute before Christmas", "red", "2026-12-23 15:59", "red_band", CONTACT, "manager",
        "2026-12-28 16:00"),
    Row("acute after worrying: one to-do", "red", MONDAY, "orange_twice red_band", CONTACT,
        "manager", NEXT_DAY, before=("orange",)),
    Row("harassed again", "harassed", MONDAY, "harassed", CONTACT, "manager", NEXT_DAY),
    Row("risen by 60 after two calm ones", "orange", MONDAY, "rise", CONTACT, "manager", NEXT_DAY,
        before=("green", "green")),
    Row("self-harm in a calm form", "green r2", MONDAY, RED, URGENT, BOTH, "2026-11-23 11:00"),
    Row("harassed and self-harm: one to-do", "harassed r2", MONDAY, "harassed red_flag", URGENT,
        BOTH, "2026-11-23 11:00"),
    # Silence.
    Row("missed once", "missed", MONDAY, NOBODY),
    Row("missed twice", "missed", MONDAY, "silent", "alert_silent", "manager", NEXT_DAY,
        before=("missed",)),
    Row("missed, sent, missed", "missed", MONDAY, NOBODY, before=("missed", "green")),
    Row("missed three times: one alert", "missed", MONDAY, "silent", "alert_silent", "manager",
        NEXT_DAY, before=("missed", "missed")),
)  # fmt: skip


def lay_in(build: Builder, row: Row) -> Classroom:
    """Make the office with its roster, and the forms that came before."""
    room = classroom(casework(build))
    work, day = room.work, wib(row.sent).date()
    long_before, long_after = day - timedelta(days=9), day + timedelta(days=9)
    if row.roster in ("other", "away"):
        on_duty(room, work.other, long_before, long_after)
    elif row.roster == "manager":
        on_duty(room, work.manager, long_before, long_after)
    elif row.roster.startswith("until"):
        on_duty(room, work.other, long_before, day)
    if row.roster == "away":
        away(room, work.other, day, day)
    if row.manager_away:
        away(room, work.manager, day, long_after)
    for each in row.before:
        comes(room, each)
    return room


def comes(room: Classroom, what: str) -> None:
    """Let a form come in, or its time pass; `what` holds a band, flags, or both."""
    if what == "missed":
        misses(room)
        return
    words = what.split()
    flags = tuple(each for each in words if each[0] == "r" and each[1:].isdigit())
    bands = [each for each in words if each not in flags]
    arrives(room, bands[0] if bands else "green", flags)


@on_sqlite
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_who_is_asked_until_when(build: Builder, row: Row) -> None:
    """Every row of the table holds."""
    with time_machine.travel(wib(row.sent), tick=False) as traveller:
        room = lay_in(build, row)
        comes(room, row.comes)
        raised = alerts(room)
        assert " ".join(sorted({str(each.kind) for each in raised})) == row.raised
        waiting = asked(room)
        assert names(room, waiting) == row.asks
        assert {each.kind for each in waiting} == ({row.waits} if row.waits else set())
        rings = row.waits == URGENT
        assert all(each.alarm is rings for each in waiting)
        if row.due:
            assert {each.due_at for each in waiting} == {wib(row.due)}
        if row.later:
            traveller.move_to(wib(row.later), tick=False)
            with transaction(build.session) as session:
                look_at_alarms(session)
            assert names(room, asked(room)) == row.then


def test_the_job_asks_the_division_head_once(build: Builder) -> None:
    """On both engines: after two working hours, not before, and only once."""
    with time_machine.travel(wib(MONDAY), tick=False) as traveller:
        room = lay_in(build, Row("", "r2", MONDAY, RED))
        comes(room, "r2")
        for moment, handed_on in (("10:59", 0), ("11:00", 1), ("11:10", 0)):
            traveller.move_to(wib(f"2026-11-23 {moment}"), tick=False)
            with transaction(build.session) as session:
                assert look_at_alarms(session) == {"handed_on": handed_on}
        assert names(room, asked(room)) == "division_head manager other"
        assert {each.due_at for each in asked(room)} == {wib("2026-11-23 11:00")}
        assert date(2026, 11, 23) == room.case.opened_on
