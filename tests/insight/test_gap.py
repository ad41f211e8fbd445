"""Gap figures: reckoned by hand, the same from the records, and silent about conflicts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from portal.cases.actions.file import record_of
from portal.cases.models import Case
from portal.core import clock, i18n
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.insight.exports import gap as exports
from portal.insight.queries import gap as queries
from portal.insight.queries.gap import Asked, DueForm, Facts, Raised, SharedPlan, Whose
from portal.insight.queries.gap_figures import Figures, Share, by_manager, by_school, figures
from portal.insight.queries.periods import Period, Span, back_from
from portal.monitoring.models import Alert, FollowUp, MonitoringForm, PlanReader
from portal.monitoring.states import AlertKind, AlertState, FollowUpState, FormState
from portal.people.actions.confidential import record_conflict
from tests.builders import Builder
from tests.cases.casework import Casework, casework
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.insight.conftest import NOW
from tests.monitoring.classroom import INITIALS, Classroom, classroom
from tests.statements import all_statements

NOVEMBER = Period.of(Span.MONTH, date(2026, 11, 1))
HOUR = timedelta(hours=1)
HERE = Whose(uuid4(), uuid4())


def nov(day: int, hour: int = 9) -> datetime:
    """Return a moment of November 2026 in Metro."""
    return datetime(2026, 11, day, hour, tzinfo=clock.WIB)


def plan(*readers: tuple[int, int | None, int | None], shared: date | None = None) -> SharedPlan:
    """Return a plan; of each reader: due, acknowledged and let go on which day of November."""
    asked = [
        Asked(*(date(2026, 11, each) if each else None for each in reader))  # type: ignore[arg-type] - the first is always a day
        for reader in readers
    ]
    return SharedPlan(HERE, shared or date(2026, 11, 2), asked)


# Today is Monday, 23 November.
@pytest.mark.parametrize(
    ("asked", "share"),
    [
        # Both in time, one of them on the last day.
        ([plan((5, 3, None), (5, 5, None))], Share(1, 1)),
        ([plan((5, 3, None), (5, 6, None))], Share(0, 1)),
        ([plan((5, 3, None), (5, None, None))], Share(0, 1)),
        # Let go before the time was up: owed nothing. On the last day: as well.
        ([plan((5, 3, None), (5, None, 4))], Share(1, 1)),
        ([plan((5, 3, None), (5, None, 5))], Share(1, 1)),
        # Let go when it was too late already.
        ([plan((5, 3, None), (5, None, 6))], Share(0, 1)),
        # The plan was replaced before anybody had to have read it.
        ([plan((5, None, 4))], Share(0, 0)),
        # Can still come in time, today included.
        ([plan((23, None, None))], Share(0, 0)),
        ([plan((25, 20, None), (25, None, None))], Share(0, 0)),
        # Cannot any more, whatever the others do.
        ([plan((20, None, None), (25, None, None))], Share(0, 1)),
        ([plan((22, None, None))], Share(0, 1)),
        # Shared in another month.
        ([plan((5, 3, None), shared=date(2026, 10, 31))], Share(0, 0)),
        ([plan((5, 3, None)), plan((5, 9, None)), plan((5, 4, None))], Share(2, 3)),
    ],
)
def test_plans_are_acknowledged_in_time_or_not(asked: list[SharedPlan], share: Share) -> None:
    assert figures(Facts(asked, (), (), NOW), NOVEMBER).plans == share


# Due, sent, to be answered by, answered (days of November; 0 is 31 October).
FORMS: list[tuple[tuple[int | None, ...], Share, Share]] = [
    ((9, 9, 16, 16), Share(1, 1), Share(1, 1)),  # on the day, and answered on the last day
    ((9, 10, 17, 18), Share(0, 1), Share(0, 1)),  # a day late, answered a day late
    ((9, 8, 13, None), Share(1, 1), Share(0, 1)),  # never answered
    ((20, None, None, None), Share(0, 1), Share(0, 0)),  # never came
    ((23, None, None, None), Share(0, 0), Share(0, 0)),  # due today
    ((24, None, None, None), Share(0, 0), Share(0, 0)),
    ((24, 23, 30, None), Share(1, 1), Share(0, 0)),  # before its day; can still be answered
    ((20, 20, 23, None), Share(1, 1), Share(0, 0)),  # to be answered today
    ((0, 2, 9, 3), Share(0, 0), Share(1, 1)),  # due in October, sent in November
]


def november(day: int | None) -> date | None:
    return None if day is None else date(2026, 10, 31) + timedelta(days=day)


@pytest.mark.parametrize(("days", "on_time", "answered"), FORMS)
def test_forms_are_sent_and_answered_in_time_or_not(
    days: tuple[int | None, ...], on_time: Share, answered: Share
) -> None:
    due, *others = map(november, days)
    assert due
    found = figures(Facts((), [DueForm(HERE, due, *others)], (), NOW), NOVEMBER)
    assert (found.on_time, found.answered) == (on_time, answered)


def test_red_flags_wait_and_cases_fall_silent() -> None:
    flag, silent = AlertKind.RED_FLAG, AlertKind.SILENT
    raised = [
        Raised(HERE, flag, nov(2), nov(2) + 2 * HOUR, closed=True),
        # From Friday noon to Monday morning: nights and days off count.
        Raised(HERE, flag, nov(6, 12), nov(9, 8), closed=False),  # 68 hours
        # Nobody yet, for three hours.
        Raised(HERE, flag, NOW - 3 * HOUR, None, closed=False),
        Raised(HERE, flag, datetime(2026, 10, 31, 9, tzinfo=UTC), None, closed=False),
        Raised(HERE, silent, nov(3), None, closed=True),
        Raised(HERE, silent, nov(4), nov(5), closed=False),
    ]
    found = figures(Facts((), (), raised, NOW), NOVEMBER)
    assert (found.red_flags, found.unseen) == (3, 1)
    assert (found.median_wait, found.worst_wait) == (3 * HOUR, 68 * HOUR)
    assert (found.silent, found.silent_open) == (2, 1)
    assert found.anything
    nothing = figures(Facts((), (), (), NOW), NOVEMBER)
    assert (nothing.median_wait, nothing.worst_wait, nothing.anything) == (None, None, False)


@pytest.mark.parametrize(
    ("slug", "first", "last", "before"),
    [
        ("2026-2027", "2026-07-01", "2027-06-30", "2025-2026"),
        ("2026-2027-1", "2026-07-01", "2026-12-31", "2025-2026-2"),
        ("2026-2027-2", "2027-01-01", "2027-06-30", "2026-2027-1"),
        ("2026-11", "2026-11-01", "2026-11-30", "2026-10"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
        ("2028-02", "2028-02-01", "2028-02-29", "2028-01"),
    ],
)
def test_periods(slug: str, first: str, last: str, before: str) -> None:
    period = Period.parse(slug)
    assert period
    assert (str(period.first), str(period.last)) == (first, last)
    assert (period.slug, period.before.slug) == (slug, before)
    assert period.holds(period.last)
    assert not period.holds(period.before.last)


def test_what_is_no_period() -> None:
    for slug in ("", "2026", "2026-13", "2026-00", "2026-2028", "2026-2027-3", "2026-2027-", "x-1"):
        assert Period.parse(slug) is None, slug
    months = back_from(date(2026, 11, 23), date(2026, 9, 30), Span.MONTH, 12)
    assert [each.slug for each in months] == ["2026-11", "2026-10", "2026-09"]


def of(plans: Share, on_time: Share, answered: Share) -> Figures:
    return Figures(plans, on_time, answered, 0, 0, None, None, 0, 0)


def test_few_are_told_by_count_and_the_widest_gap_first() -> None:
    none, three, most = Share(0, 0), Share(2, 3), Share(9, 10)
    with i18n.in_language("en"):
        assert exports.tally(none) == "–"
        assert exports.tally(three) == "2 of 3"
        assert exports.tally(Share(4, 5)) == "80% (4 of 5)"
        assert "2 of 3 were acknowledged" in exports.lead(of(three, most, none))
        assert "90% (9 of 10) came in time" in exports.lead(of(none, most, Share(1, 1)))
        assert "our answers: 2 of 3" in exports.lead(of(most, most, three))
        assert "No gap" in exports.lead(of(none, Share(2, 2), none))
        assert "can be judged yet" in exports.lead(of(none, none, none))


@pytest.fixture
def room(build: Builder) -> Classroom:
    return classroom(casework(build))


def change(room: Classroom, record: Any, **values: Any) -> None:
    with transaction(room.work.build.session) as session:
        kept = session.get_one(type(record), record.id)
        for name, value in values.items():
            setattr(kept, name, value)


def alert(room: Classroom, form: MonitoringForm | None, kind: AlertKind, **more: Any) -> Alert:
    values = {
        "follow_up_id": room.follow_up.id,
        "state": AlertState.OPEN,
        "raised_at": clock.now(),
        "due_at": clock.now(),
        **more,
    }
    form_id = form.id if form else None
    return room.work.build.save(Alert(id=new_id(), form_id=form_id, kind=kind, **values))


def facts_for(work: Casework, name: str, period: Period = NOVEMBER) -> Facts:
    actor = work.actor(name)
    with work.build.database.reader() as session:
        return queries.facts(session, actor, period)


def story(room: Classroom) -> None:
    """Tell of a November: a plan read late, four forms, a red flag, a silence."""
    work = room.work
    change(room, room.plan, shared_at=nov(2))
    for reader in work.rows(select(PlanReader)):
        # Due on Thursday, the 5th; the principal read it on the 6th.
        late = reader.user_id == room.principal.id
        change(room, reader, asked_at=nov(2), acknowledged_at=nov(6 if late else 5))
    # On its day, late in the evening; answered on the fifth working day.
    room.sent(at=nov(9, 23), due_on=date(2026, 11, 9), answered_at=nov(16, 15))
    # A day late, and never answered.
    flagged = room.sent(flags=("r2",), at=nov(11), due_on=date(2026, 11, 10))
    room.form(state=FormState.MISSED, due_on=date(2026, 11, 17))
    room.form(state=FormState.CANCELLED, due_on=date(2026, 11, 18))
    taken = {"state": AlertState.TAKEN, "raised_at": nov(11), "taken_at": nov(11, 14)}
    alert(room, flagged, AlertKind.RED_FLAG, **taken)
    alert(room, None, AlertKind.SILENT, raised_at=nov(20))
    alert(room, flagged, AlertKind.ORANGE_TWICE, raised_at=nov(20))


TOLD = Figures(
    plans=Share(0, 1),
    on_time=Share(1, 3),
    answered=Share(1, 2),
    red_flags=1,
    unseen=0,
    median_wait=5 * HOUR,
    worst_wait=5 * HOUR,
    silent=1,
    silent_open=1,
)


def test_the_figures_are_those_of_the_records(room: Classroom) -> None:
    story(room)
    work = room.work
    found = facts_for(work, "coordinator")
    assert figures(found, NOVEMBER) == TOLD
    assert not figures(found, NOVEMBER.before).anything
    december = Period.of(Span.MONTH, date(2026, 12, 1))
    # What came before is told beside every period.
    assert figures(facts_for(work, "head", december), december.before) == TOLD
    with work.build.database.reader() as session:
        assert by_school(session, found, NOVEMBER) == [(work.school.name, TOLD)]
        assert by_manager(session, found, NOVEMBER) == [(work.manager.full_name, TOLD)]
        offered = queries.periods(session, clock.today())
    assert [each.slug for each in offered[Span.MONTH]] == ["2026-11"]
    change(room, room.case, manager_id=None)
    with work.build.database.reader() as session:
        unmanaged = by_manager(session, facts_for(work, "head"), NOVEMBER)
    assert unmanaged == [("", TOLD)]


def test_a_red_flag_is_seen_by_whatever_came_first(room: Classroom) -> None:
    form = room.sent(flags=("r1",), at=nov(3, 8), answered_at=nov(3, 12))
    first = alert(
        room,
        form,
        AlertKind.RED_FLAG,
        raised_at=nov(3, 9),
        taken_at=nov(3, 15),
        closed_at=nov(4),
        state=AlertState.CLOSED,
    )
    assert figures(facts_for(room.work, "head"), NOVEMBER).median_wait == 3 * HOUR
    # Answered before the flag was raised by a correction: that was no response to it.
    change(room, form, answered_at=nov(3, 8))
    assert figures(facts_for(room.work, "head"), NOVEMBER).median_wait == 6 * HOUR
    change(room, first, taken_at=None)
    assert figures(facts_for(room.work, "head"), NOVEMBER).median_wait == 24 * HOUR


def test_a_case_with_a_conflict_counts_as_if_it_were_not_there(room: Classroom) -> None:
    story(room)
    work = room.work
    with transaction(work.build.session) as session:
        coordinator = work.actor("coordinator")
        record_conflict(session, coordinator, record_of(room.case), work.head.id, "Bersaudara")
    assert not figures(facts_for(work, "head"), NOVEMBER).anything
    assert figures(facts_for(work, "second"), NOVEMBER) == TOLD


def elsewhere(room: Classroom, count: int) -> None:
    """Let children of other schools and case managers be late too."""
    build = room.work.build
    for _each in range(count):
        school, manager = build.school(), build.worker()
        case: Case = room.work.open(school_id=school.id, manager_id=manager.id)
        follow_up: FollowUp = build.save(
            FollowUp(
                id=new_id(),
                case_id=case.id,
                school_id=school.id,
                state=FollowUpState.ACTIVE,
                initials="X",
                began_on=date(2026, 11, 2),
                started_by=manager.id,
            )
        )
        missed(room, follow_up.id)
        alert(room, None, AlertKind.SILENT, follow_up_id=follow_up.id)


def missed(room: Classroom, follow_up_id: UUID) -> None:
    late = date(2026, 11, 10)
    room.form(follow_up_id=follow_up_id, due_on=late, state=FormState.MISSED)


@on_sqlite
def test_the_page_tells_it_with_as_many_statements_for_many_schools(
    app: Flask, room: Classroom
) -> None:
    story(room)
    work = room.work
    client = PageClient(app).sign_in(work.coordinator)
    client.get("/beranda?bahasa=en")
    page = client.get("/kesenjangan").text
    assert "The gap is widest at the plans: 0 of 1" in page
    assert work.school.name in page
    assert INITIALS not in page
    assert room.case.number not in page
    with all_statements(app.extensions["database"]) as few:
        client.get("/kesenjangan")
    elsewhere(room, 6)
    with all_statements(app.extensions["database"]) as many:
        page = client.get("/kesenjangan?periode=2026-11").text
    # 1 of 3, and six that never came.
    assert "11% (1 of 9)" in page
    assert len(many) == len(few) <= 14, many
    assert 'value="2026-11" selected' in page
    for odd in ("2019-01", "x", "2026-2027-9"):
        assert 'value="2026-2027-1" selected' in client.get(f"/kesenjangan?periode={odd}").text
    book = load_workbook(BytesIO(client.get("/kesenjangan.xlsx?periode=2026-11").data))
    assert len(book.sheetnames) == 4
    city, schools, managers, definitions = (
        list(each.iter_rows(values_only=True)) for each in book.worksheets
    )
    assert city[1][1:5] == (0, 1, 1, 9)
    assert (len(schools), len(managers)) == (8, 8)
    assert any("3 school days" in str(row[1]) for row in definitions)


@on_sqlite
def test_the_figures_are_for_those_who_lead(app: Flask, room: Classroom) -> None:
    work = room.work
    for person in (room.principal, room.teacher, work.manager):
        assert PageClient(app).sign_in(person).get("/kesenjangan").status_code == 403
    head = PageClient(app).sign_in(work.build.user(Role.OFFICE_HEAD))
    assert "empty-state" in head.get("/kesenjangan").text
