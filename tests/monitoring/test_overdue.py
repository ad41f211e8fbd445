"""Forms that stay away, day by day, with the real reminders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from time_machine import Traveller

from portal.config import Settings
from portal.core.audit import AuditEntry
from portal.core.clock import WIB
from portal.core.db import Database, new_id, transaction
from portal.core.errors import Rejected
from portal.core.schedule import Workshop
from portal.monitoring.actions import scheduling
from portal.monitoring.events import FormMissed
from portal.monitoring.jobs import look_after_forms
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.monitoring.queries import due
from portal.monitoring.states import FollowUpState, FormKind, FormState
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.weeks import Weeks

MONDAY = datetime(2026, 11, 9, 6, tzinfo=WIB)
TEACHER = ("fill_form", "form_late")
OTHERS = ("forms_late", "case_forms_late")


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def weeks(room: Classroom, database: Database, settings: Settings, now: Traveller) -> Weeks:
    """Return a child whose next form is due on Friday 13 November."""
    weeks = Weeks(room, database, settings, now)
    weeks.look()
    return weeks


def missed(weeks: Weeks) -> int:
    """Return how many forms in a row were missed at last."""
    with weeks.database.reader() as reading:
        return due.missed_in_a_row(reading, weeks.room.follow_up.id)


def pass_hours(weeks: Weeks, until: str, step: int = 3) -> None:
    """Let the portal do its part again and again until a local time."""
    end = datetime.fromisoformat(until).replace(tzinfo=WIB)
    moment = datetime.now(WIB)
    while moment < end:
        moment = min(moment + timedelta(hours=step), end)
        weeks.at(moment.isoformat(timespec="minutes").removesuffix("+07:00"))


def test_three_days_and_five_days(weeks: Weeks) -> None:
    """Due on Friday: nobody is troubled over the weekend, nor again before Wednesday."""
    pass_hours(weeks, "2026-11-21T00:00")
    assert weeks.told() == ["missed 2026-11-13 2", "waiting 2026-11-20 1"]
    assert weeks.messages(*TEACHER) == [
        # On Thursday it opens; on Wednesday it is late by three school days.
        "12 06 fill_form teacher",
        "18 06 form_late teacher",
        # On the day before Friday the next one opens, and the first counts as missed.
        "19 06 fill_form teacher",
    ]
    # On Friday it is late by five.
    assert weeks.messages(*OTHERS) == [
        "20 06 case_forms_late manager",
        "20 06 forms_late principal",
    ]
    assert weeks.asked() == [
        ("case_forms_late", "manager"),
        ("fill_form", "teacher"),
        ("form_late", "teacher"),
        ("forms_late", "principal"),
    ]
    assert weeks.duty("forms_late").facts == {"school": weeks.room.work.school.name}
    assert weeks.duty("case_forms_late").facts == {"number": weeks.room.case.number}
    late = weeks.forms()[0]
    weeks.send(late)
    assert weeks.asked() == [("fill_form", "teacher")]
    # It counted when it was missed; now it counts no second time.
    assert weeks.follow_up().step == 1
    assert missed(weeks) == 0


@on_sqlite
def test_in_a_break_nobody_is_reminded(weeks: Weeks) -> None:
    """Due on Friday 18 December, before the break: the portal is silent until school begins."""
    for each in ("2026-11-12", "2026-11-19", "2026-11-26", "2026-12-10"):
        weeks.at(each)
        with transaction(weeks.build.session):
            weeks.own().step = 0
        weeks.send()
    pass_hours(weeks, "2027-01-05T00:00", step=12)
    assert weeks.messages(*TEACHER, *OTHERS)[4:] == [
        "17 07 fill_form teacher",
        "04 07 fill_form teacher",
    ]
    # Its fourteen days ended in the break; the first day back is asked about.
    assert weeks.told()[-2:] == ["missed 2026-12-18 1", "waiting 2027-01-04 1"]


@on_sqlite
def test_a_form_sent_on_its_last_day(weeks: Weeks) -> None:
    with transaction(weeks.build.session):
        weeks.own().step = 10
    weeks.at("2026-11-27T06:00")
    assert weeks.told() == ["waiting 2026-11-13 2"]
    weeks.send()
    assert weeks.told() == ["sent 2026-11-13 2"]
    assert weeks.asked() == [("follow_up_over", "manager")]


@on_sqlite
def test_a_form_nobody_sent_in_fourteen_days(weeks: Weeks) -> None:
    with transaction(weeks.build.session):
        weeks.own().step = 10
    weeks.at("2026-11-27")
    weeks.at("2026-11-28")
    assert weeks.told() == ["missed 2026-11-13 2"]
    assert weeks.asked() == [("follow_up_over", "manager")]
    with pytest.raises(Rejected) as refused:
        weeks.send(weeks.forms()[0])
    assert refused.value.code == "form_closed"


def test_two_in_a_row_are_told_once_each(weeks: Weeks) -> None:
    for each in ("2026-11-12", "2026-11-19", "2026-11-26", "2026-12-10"):
        weeks.at(each)
        weeks.look()
    assert weeks.told() == [
        "missed 2026-11-13 2",
        "missed 2026-11-20 1",
        "missed 2026-11-27 1",
        "waiting 2026-12-11 1",
    ]
    assert missed(weeks) == 3
    count = select(func.count()).where(AuditEntry.action == FormMissed.action)
    assert weeks.room.work.rows(count) == [3]
    # One to-do of each kind, however many forms are late.
    assert len(weeks.asked(*OTHERS)) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("between", "in_a_row"),
    [(FormState.SENT, 1), (FormState.MISSED, 3), (FormState.CANCELLED, 2)],
)
def test_a_first_day_between_two_missed_forms(
    weeks: Weeks, between: FormState, in_a_row: int
) -> None:
    """A first day that was sent breaks the silence; one that was missed is part of it."""
    values: dict[str, Any] = {"kind": FormKind.FIRST_DAY, "weeks": 0}
    with transaction(weeks.build.session) as session:
        session.delete(session.get_one(MonitoringForm, weeks.waiting().id))
    weeks.room.form(state=FormState.MISSED)
    weeks.room.form(state=between, **values)
    weeks.room.form(state=FormState.MISSED)
    assert missed(weeks) == in_a_row


@on_sqlite
def test_a_substitute_inherits_what_is_late(weeks: Weeks) -> None:
    weeks.at("2026-11-12")
    weeks.at("2026-11-18")
    assert weeks.asked() == [("form_late", "teacher")]
    weeks.name("colleague", substitute=True)
    assert weeks.asked() == [("form_late", "colleague")]
    weeks.look()
    assert weeks.messages("form_late") == ["18 07 form_late teacher", "18 07 form_late colleague"]


@on_sqlite
def test_a_pause_in_between_silences_all(weeks: Weeks) -> None:
    weeks.at("2026-11-12")
    weeks.at("2026-11-20")
    assert len(weeks.asked(*OTHERS)) == 2
    with transaction(weeks.build.session) as session:
        scheduling.pause(session, weeks.room.actor("manager"), weeks.own(), reason="Sakit")
    assert weeks.asked() == []
    pass_hours(weeks, "2026-12-10T07:00", step=24)
    assert weeks.asked() == []
    assert weeks.messages("fill_form")[-1].startswith("20")


@on_sqlite
def test_after_weeks_without_a_worker_there_is_one_form(weeks: Weeks) -> None:
    weeks.at("2026-12-09")
    assert weeks.told() == ["missed 2026-11-13 2", "waiting 2026-12-11 3"]


@on_sqlite
def test_trouble_with_one_child_holds_up_no_other(weeks: Weeks) -> None:
    """A follow-up at the end of all calendars is counted as failed, and the others go on."""
    beyond = FollowUp(
        id=new_id(),
        case_id=weeks.room.case.id,
        school_id=weeks.room.work.school.id,
        state=FollowUpState.ACTIVE,
        initials="Z.",
        began_on=date.max,
        started_by=weeks.room.work.manager.id,
    )
    weeks.build.save(beyond)
    weeks.now.move_to(datetime(2026, 11, 19, 7, tzinfo=WIB))
    done = look_after_forms(Workshop(weeks.database, weeks.settings))
    assert (done["looks"], done["failed"], done["missed"]) == (2, 1, 1)
    assert weeks.told() == ["missed 2026-11-13 2", "waiting 2026-11-20 1"]
