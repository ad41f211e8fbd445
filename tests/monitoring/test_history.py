"""Forms one after the other: what came when, what the curve shows, and what stays in the end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import inspect, select

from portal.cases.actions.file import write_entry
from portal.cases.events import CaseForgotten
from portal.cases.states import EntryKind
from portal.core import clock, i18n
from portal.core.clock import Week
from portal.core.db import encrypted_columns, new_id, transaction
from portal.core.events import emit
from portal.monitoring.actions.alerting import raise_alert
from portal.monitoring.models import Alert, FollowUp, FormAnswers, MonitoringForm, Reply
from portal.monitoring.queries import history
from portal.monitoring.queries.curve import Curve, curve_of
from portal.monitoring.queries.history import Arrival, History, Mark, arrival_of, marks_of
from portal.monitoring.queries.reading import passed_over
from portal.monitoring.states import AlertKind, Band, FormState
from portal.schools.models import CalendarKind
from portal.schools.policy import Days, SchoolDays
from tests.cases.casework import PLANTED
from tests.conftest import on_sqlite
from tests.monitoring.classroom import INITIALS, NOTE, Classroom

DUE = date(2026, 11, 20)
WORDS = "Sudah ditelepon, ibunya menunggu di gerbang"


@pytest.mark.parametrize(
    ("today", "state", "sent", "expected"),
    [
        ("2026-11-18", FormState.WAITING, None, Arrival.COMING),
        ("2026-11-19", FormState.WAITING, None, Arrival.OPEN),
        ("2026-11-20", FormState.WAITING, None, Arrival.OPEN),
        ("2026-11-21", FormState.WAITING, None, Arrival.OVERDUE),
        ("2026-11-27", FormState.MISSED, None, Arrival.MISSED),
        ("2026-11-27", FormState.CANCELLED, None, Arrival.CANCELLED),
        # Until midnight in Metro, not in Greenwich.
        ("2026-11-27", FormState.SENT, "2026-11-20T23:59", Arrival.ON_TIME),
        ("2026-11-27", FormState.SENT, "2026-11-21T00:01", Arrival.LATE),
    ],
)
def test_whether_a_form_came(
    today: str, state: FormState, sent: str | None, expected: Arrival
) -> None:
    moment = datetime.fromisoformat(sent).replace(tzinfo=clock.WIB) if sent else None
    form = MonitoringForm(state=state, opens_on=DUE - timedelta(days=1), due_on=DUE, sent_at=moment)
    with time_machine.travel(datetime.fromisoformat(f"{today}T12:00").replace(tzinfo=clock.WIB)):
        assert arrival_of(form) is expected


def test_weeks_that_do_not_count_have_a_name() -> None:
    days = SchoolDays(
        Week.SCHOOL_5,
        general=(
            Days(CalendarKind.BREAK, date(2026, 12, 21), date(2027, 1, 2), "Libur semester"),
            Days(CalendarKind.EXAM, date(2026, 11, 30), date(2026, 12, 5), "Sumatif akhir"),
        ),
    )
    found = passed_over(days, date(2026, 11, 20), date(2027, 1, 8))
    assert found == [
        (date(2026, 11, 30), "Sumatif akhir"),
        (date(2026, 12, 21), "Libur semester"),
    ]
    # Neither the week of the form before nor that of the next one is passed over.
    assert passed_over(days, date(2026, 12, 4), date(2026, 12, 18)) == []


def told(room: Classroom) -> tuple[History, list[Mark], Curve | None]:
    with room.work.build.database.reader() as reading:
        (found,) = history.of_case(reading, room.case.id)
        marks = marks_of(reading, found)
        with i18n.in_language("en"):
            return found, marks, curve_of(found, marks)


def a_month(room: Classroom) -> list[MonitoringForm]:
    """Lay in a calm form, one that was missed, one with a red flag, a thin one, a calm one."""
    days = [clock.today() - timedelta(days=7 * each) for each in (5, 4, 3, 2, 1)]
    thin = {f"m{number}": None for number in range(1, 6)}
    return [
        room.sent(due_on=days[0], note=NOTE),
        room.form(due_on=days[1], state=FormState.MISSED, missed_at=clock.now()),
        room.sent({"m9": 4, "m1": 0}, ("r2",), due_on=days[2]),
        room.sent(thin, due_on=days[3]),
        room.sent(due_on=days[4]),
        room.form(due_on=clock.today() + timedelta(days=5), opens_on=clock.today()),
    ]


@on_sqlite
def test_the_curve_breaks_where_nobody_knows(room: Classroom) -> None:
    assert told(room)[2] is None
    a_month(room)
    found, marks, curve = told(room)
    assert curve is not None
    assert len(found.due) == 5
    assert [each.y is None for each in curve.dots] == [False, True, False, True, False]
    # Nothing is drawn over a form that was missed or says too little.
    assert curve.lines == []
    assert [each.step for each in marks] == ["restarted"]
    assert "red flag" in curve.words
    assert curve.words.count("Too little observed") == 1
    assert curve.words.count("Missed") == 1
    heights = [each.y for each in curve.dots if each.y is not None]
    assert heights[1] < heights[0] == heights[2]


@on_sqlite
def test_the_curve_joins_what_follows_each_other(room: Classroom) -> None:
    for weeks in (3, 2, 1):
        room.sent(due_on=clock.today() - timedelta(weeks=weeks))
    with transaction(room.work.build.session) as session:
        for step in ("paused", "teacher"):
            write_entry(
                session,
                room.actor("manager"),
                room.case,
                EntryKind.MONITORING,
                facts={"step": step},
                at=clock.now() - timedelta(days=10),
                record_id=room.follow_up.id,
            )
    _found, marks, curve = told(room)
    assert curve is not None
    # A pause is a gap: nobody looked on its days.
    assert [(first.x, second.x) for first, second in curve.lines] == [(9, 53.0)]
    assert [each.step for each in marks] == ["paused"]
    assert [words for _x, words, _mark in curve.marks] == ["Paused"]


@on_sqlite
def test_a_single_form_stands_in_the_middle(room: Classroom) -> None:
    room.sent()
    curve = told(room)[2]
    assert curve is not None
    assert [each.x for each in curve.dots] == [53]
    assert len(curve.days) == 1


def test_after_its_time_no_word_about_the_child_stays(room: Classroom) -> None:
    forms = a_month(room)
    build = room.work.build
    with transaction(build.session) as session:
        follow_up = session.get_one(FollowUp, room.follow_up.id)
        follow_up.pause_reason = WORDS
        flagged = session.get_one(MonitoringForm, forms[2].id)
        alert = raise_alert(session, follow_up, AlertKind.RED_FLAG, flagged, ("r2",))
        alert.done = WORDS
        session.add(
            Reply(
                id=new_id(),
                form_id=forms[0].id,
                text=WORDS,
                written_by=room.work.manager.id,
                written_at=clock.now(),
            )
        )
    with transaction(build.session) as session:
        emit(session, None, CaseForgotten(room.case.id))
    for model in (FollowUp, FormAnswers, Reply, Alert):
        records = room.work.rows(select(model))
        assert records
        kept = [
            getattr(row, each.key) for row in records for each in encrypted_columns(inspect(model))
        ]
        for word in (*PLANTED, INITIALS, NOTE, WORDS, "r2", "m9", "7B"):
            assert not any(word in text for text in kept), (model, word)
    # That forms came, and when, stays for the figures; the page can still be read.
    found, _marks, curve = told(room)
    assert [each.arrival for each in found.due].count(Arrival.MISSED) == 1
    assert {each.result.band for each in found.looks if each.result} == {Band.TOO_LITTLE}
    assert curve is not None
