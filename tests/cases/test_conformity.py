"""Whether cases went the way the procedure asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from portal.cases.actions import stages as actions
from portal.cases.actions.file import record_of
from portal.cases.queries import conformity
from portal.cases.queries.conformity import Conformity
from portal.cases.queries.passages import working_days
from portal.cases.states import Stage
from portal.core import clock
from portal.core.db import transaction
from portal.people.actions.confidential import record_conflict
from tests.builders import Builder
from tests.cases.casework import NAME, REASONS, Casework, casework
from tests.cases.stagework import does, fill, reload, walk_to
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import read_statements

# A Monday without a holiday in the weeks after it.
MONDAY = datetime(2026, 7, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2026, 7, 6), date(2026, 7, 6), 0),
        (date(2026, 7, 6), date(2026, 7, 10), 4),
        (date(2026, 7, 10), date(2026, 7, 13), 1),
        (date(2026, 7, 10), date(2026, 7, 12), 0),
        (date(2026, 7, 13), date(2026, 7, 10), -1),
        (date(2026, 8, 14), date(2026, 8, 18), 1),
        (date(2025, 12, 30), date(2026, 1, 5), 3),
    ],
)
def test_working_days_between(first: date, last: date, count: int) -> None:
    assert working_days(first, last) == count


def test_counting_working_days_is_the_other_way_round_of_adding_them() -> None:
    for start in (date(2026, 3, 16), date(2026, 7, 11), date(2026, 12, 20)):
        for days in (1, 5, 60, 120):
            assert working_days(start, clock.add_working_days(start, days)) == days


def read(work: Casework, by: str = "coordinator", year: int | None = 2026) -> Conformity:
    with work.build.database.reader() as reading:
        return conformity.of_year(reading, work.actor(by), year)


def test_late_skipped_reopened_and_overdue_are_told_apart(build: Builder) -> None:
    with time_machine.travel(MONDAY) as time:
        work = casework(build)
        late, good = work.open(), work.open()
        fill(work, good)
        does(work, good, actions.sign)
        # Intake may take three working days, this one takes four.
        time.shift(timedelta(days=4))
        fill(work, late)
        does(work, late, actions.sign)
        does(work, late, actions.skip, REASONS)
        does(work, late, actions.go_back, Stage.INTAKE, REASONS)
        found = read(work)
        intake = found.by_stage[Stage.INTAKE]
        assert (found.cases, intake.passed, intake.in_time, intake.used) == (2, 2, 1, 2)
        assert (intake.share, intake.allowed, intake.again, intake.overdue) == (0.5, 3, 1, 0)
        assert found.by_stage[Stage.OUTREACH].skipped == 1
        # Left unfinished is neither finished nor late.
        assert found.by_stage[Stage.ASSESSMENT].passed == 0
        assert [each.number for each in found.named] == [late.number]
        time.shift(timedelta(days=30))
        after = read(work)
        assert (after.all.overdue, len(after.named)) == (2, 2)
        assert read(work, year=2025).cases == 0
        assert read(work, year=None).cases == 2


@on_sqlite
def test_a_reader_counts_only_what_they_may_know_of(build: Builder) -> None:
    with time_machine.travel(MONDAY) as time:
        work = casework(build)
        case = work.open()
        work.open()
        time.shift(timedelta(days=30))
        assert read(work).all.overdue == 2
        # Figures are the office's, numbers only for who may list the case.
        assert (read(work, "other").all.overdue, read(work, "other").named) == (2, [])
        with transaction(work.build.session) as session:
            record_conflict(
                session, work.actor("head"), record_of(case), work.coordinator.id, "Bibi dari anak"
            )
        assert read(work).all.overdue == 1
        assert case.number not in {each.number for each in read(work).named}
        assert read(work, "second").all.overdue == 2


@on_sqlite
def test_the_page_answers_in_a_sentence_and_never_by_name(app: Flask, work: Casework) -> None:
    client = PageClient(app).sign_in(work.head)
    assert client.get("/kasus/kesesuaian").status_code == 200
    with time_machine.travel(clock.now() - timedelta(days=25)):
        case = work.open()
        walk_to(work, case, Stage.OUTREACH)
    for query in ("", "?tahun=semua", "?tahun=ada-ada"):
        page = client.get(f"/kasus/kesesuaian{query}").text
        assert NAME not in page
    page = client.get("/kasus/kesesuaian?tahun=semua").text
    assert case.number in page
    assert reload(work, case).stage == Stage.OUTREACH


@on_sqlite
def test_more_cases_ask_no_more_of_the_database(work: Casework) -> None:
    work.open()
    with read_statements(work.build.database) as one:
        read(work, year=None)
    for _time in range(5):
        does(work, work.open(), actions.tick, "safe_today")
    with read_statements(work.build.database) as six:
        read(work, year=None)
    assert len(one) == len(six)
