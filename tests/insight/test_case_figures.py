"""Figures of cases: exact for the office, guarded for others, and silent about conflicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from portal.cases.actions.file import record_of
from portal.cases.models import Case, Decision, Sentinel
from portal.cases.states import CaseOutcome, Cause, Wellbeing
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.insight.queries import cases
from portal.insight.queries.case_years import History
from portal.insight.queries.cases import Begun, Ended, Facts, Looked, Resumed
from portal.people.actions.confidential import record_conflict
from tests.builders import Builder
from tests.cases.casework import CHILD, NAME, Casework, casework
from tests.cases.test_closing import end, reopen
from tests.client import PageClient
from tests.conftest import on_sqlite

TODAY = date(2026, 11, 22)
CHILD_A, CHILD_B = uuid4(), uuid4()
FIRST, SECOND, THIRD = uuid4(), uuid4(), uuid4()
NOTHING = Facts((), (), (), (), months=12)


def begun(case: UUID, child: UUID, day: date) -> Begun:
    return Begun(case, child, day, "SD/MI", "Metro Pusat")


def of_year(facts: Facts, year: int = 2026) -> Any:
    return History(facts).year(year, TODAY)


def test_an_empty_year_is_empty() -> None:
    empty = of_year(NOTHING)
    assert (empty.opened, empty.closed, empty.still_open, empty.looks_due) == (0, 0, 0, 0)
    assert (empty.median_days, empty.recurrence) == (None, None)


def test_a_year_tells_of_beginnings_and_endings() -> None:
    facts = replace(
        NOTHING,
        begun=(
            begun(FIRST, CHILD_A, date(2025, 12, 30)),
            begun(SECOND, CHILD_B, date(2026, 1, 10)),
            begun(THIRD, uuid4(), date(2026, 3, 1)),
        ),
        ended=(
            Ended(FIRST, date(2026, 1, 9), CaseOutcome.GOALS_REACHED),
            Ended(SECOND, date(2026, 2, 9), CaseOutcome.MOVED_AWAY),
            Ended(uuid4(), date(2026, 2, 1), CaseOutcome.DUPLICATE),
            Ended(THIRD, date(2026, 5, 1), CaseOutcome.OTHER_BODY),
        ),
    )
    found = of_year(facts)
    assert (found.opened, found.closed, found.transferred, found.still_open) == (2, 2, 1, 0)
    assert (found.by_group, found.by_district) == ({"SD/MI": 2}, {"Metro Pusat": 2})
    assert sum(found.by_outcome.values()) == 4
    # 10 and 30 days.
    assert found.median_days == 20
    before = of_year(facts, 2025)
    assert (before.opened, before.closed, before.still_open) == (1, 0, 1)


@pytest.mark.parametrize(
    ("again", "counts"),
    [
        ((), 0),
        ((Resumed(FIRST, date(2027, 2, 1), relapse=True),), 1),
        ((Resumed(FIRST, date(2027, 2, 2), relapse=True),), 0),
        ((Resumed(FIRST, date(2026, 2, 3), relapse=False),), 0),
        ((Begun(SECOND, CHILD_A, date(2026, 8, 1)),), 1),
        ((Begun(SECOND, CHILD_A, date(2027, 2, 2)),), 0),
        ((Begun(SECOND, CHILD_A, date(2026, 1, 31)),), 0),
        ((Begun(SECOND, CHILD_B, date(2026, 8, 1)),), 0),
        (
            (
                Resumed(FIRST, date(2026, 2, 3), relapse=True),
                Begun(SECOND, CHILD_A, date(2026, 8, 1)),
            ),
            1,
        ),
    ],
)
def test_what_counts_as_happening_again(again: tuple[Any, ...], counts: int) -> None:
    facts = replace(
        NOTHING,
        begun=(
            begun(FIRST, CHILD_A, date(2026, 1, 1)),
            *(each for each in again if isinstance(each, Begun)),
        ),
        ended=(Ended(FIRST, date(2026, 2, 1), CaseOutcome.GOALS_REACHED),),
        resumed=tuple(each for each in again if isinstance(each, Resumed)),
    )
    found = of_year(facts)
    assert (found.recurred, found.recurrence) == (counts, counts)


def test_a_case_that_goes_on_is_open_and_its_days_begin_anew() -> None:
    facts = replace(
        NOTHING,
        begun=(begun(FIRST, CHILD_A, date(2026, 1, 1)),),
        ended=(
            Ended(FIRST, date(2026, 2, 1), CaseOutcome.GOALS_REACHED),
            Ended(FIRST, date(2026, 6, 11), CaseOutcome.GOALS_REACHED),
        ),
        resumed=(
            Resumed(FIRST, date(2026, 6, 1), relapse=True),
            Resumed(FIRST, date(2026, 8, 1), relapse=True),
        ),
    )
    found = of_year(facts)
    assert (found.closed, found.reopened, found.recurred, found.still_open) == (2, 2, 2, 1)
    # 31 and 10 days.
    assert found.median_days == 20.5


def test_looks_back_count_in_the_year_of_their_day() -> None:
    looked = (
        Looked(date(2026, 5, 1), Wellbeing.WELL),
        Looked(date(2026, 6, 1), Wellbeing.RELAPSE),
        Looked(date(2026, 7, 1), None),
        Looked(date(2026, 12, 1), None),
        Looked(date(2025, 12, 1), Wellbeing.WELL),
    )
    found = of_year(replace(NOTHING, looked=looked))
    assert (found.looks_due, found.looks_done, found.looks_well) == (3, 2, 1)


def facts_for(work: Casework, name: str) -> Facts:
    actor = work.actor(name)
    with work.build.database.reader() as session:
        return cases.facts(session, actor)


def test_the_facts_are_those_of_the_records(build: Builder) -> None:
    work = casework(build)
    case = work.open()
    end(work, case)
    reopen(work, case, "manager", Cause.RELAPSE)
    twice = work.open(child=replace(CHILD, full_name="Anak Kedua"))
    end(work, twice, CaseOutcome.DUPLICATE)
    third = work.open(child=replace(CHILD, full_name="Anak Ketiga"), school_id=None)
    end(work, third, CaseOutcome.OTHER_BODY)
    facts = facts_for(work, "coordinator")
    assert {each.case_id for each in facts.begun} == {case.id, third.id}
    assert {each.group for each in facts.begun} == {"SMP/MTs", ""}
    outcomes = {each.case_id: each.outcome for each in facts.ended}
    assert outcomes == {
        case.id: CaseOutcome.FAMILY_WITHDREW,
        twice.id: CaseOutcome.DUPLICATE,
        third.id: CaseOutcome.OTHER_BODY,
    }
    assert facts.resumed == [Resumed(case.id, clock.today(), relapse=True)]
    # Those of the case that goes on are off; the other two ended without any.
    assert facts.looked == []
    found = History(facts).year(clock.today().year, clock.today())
    assert (found.opened, found.closed, found.transferred, found.still_open) == (2, 1, 1, 1)
    assert (found.reopened, found.recurred) == (1, 1)


def test_a_case_with_a_conflict_counts_as_if_it_were_not_there(build: Builder) -> None:
    work = casework(build)
    before = facts_for(work, "other")
    case = work.open()
    end(work, case)
    with transaction(build.session) as session:
        coordinator = work.actor("coordinator")
        record_conflict(session, coordinator, record_of(case), work.other.id, "Bersaudara")
    assert facts_for(work, "other") == before
    assert len(facts_for(work, "second").begun) == 1


def begin_in(build: Builder, work: Casework, day: date, count: int) -> None:
    made = [
        work.open(child=replace(CHILD, full_name=f"Anak {day} {number}"), manager_id=None)
        for number in range(count)
    ]
    with transaction(build.session) as session:
        for case in session.scalars(select(Case).where(Case.id.in_([each.id for each in made]))):
            case.opened_on = day


@on_sqlite
def test_published_counts_are_rounded_whole_years(build: Builder, app: Flask) -> None:
    work = casework(build)
    this_year = clock.today().year
    begin_in(build, work, date(this_year - 2, 3, 1), 4)
    begin_in(build, work, date(this_year - 1, 12, 31), 8)
    begin_in(build, work, date(this_year, 1, 1), 6)
    with build.database.reader() as session:
        shown = cases.published(session, clock.today())
    assert shown == {this_year - 1: 10, this_year - 2: None}
    client = PageClient(app).sign_in(build.user(Role.EDUCATION_OFFICE, language="en"))
    page = client.get("/kasus/angka").get_data(as_text=True).partition("<main")[2]
    assert '<td class="number">10</td>' in page
    assert '<td class="number">–</td>' in page
    assert f'<th scope="row">{this_year}</th>' not in page
    assert "another definition" in page
    # The office's own counts, with their source.
    assert '<th scope="row">2022</th><td class="number">73</td>' in page
    assert client.get("/kasus/angka.xlsx").status_code == 403


@on_sqlite
@pytest.mark.parametrize("role", [Role.EDUCATION_OFFICE, Role.ADMIN, Role.DIVISION_HEAD])
def test_an_empty_portal_has_pages_of_figures_too(build: Builder, app: Flask, role: Role) -> None:
    client = PageClient(app).sign_in(build.user(role))
    page = client.get("/kasus/angka").get_data(as_text=True)
    assert "empty-state" in page
    assert ">45<" in page


@on_sqlite
def test_the_office_sees_and_takes_the_exact_figures(build: Builder, app: Flask) -> None:
    work = casework(build)
    case = work.open()
    end(work, case)
    with transaction(build.session) as session:
        for sentinel in session.scalars(select(Sentinel)):
            sentinel.due_on = clock.today()
            sentinel.found, sentinel.done_at = Wellbeing.WELL, clock.now()
    begin_in(build, work, clock.today() - timedelta(days=400), 1)
    client = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER, language="en"))
    page = client.get("/kasus/angka").get_data(as_text=True)
    assert case.number not in page
    assert NAME not in page
    assert "<b>2</b> of 2 children asked about are well" in page
    past = clock.today().year - 1
    assert f'value="{past}" selected' in client.get(f"/kasus/angka?tahun={past}").text
    book = load_workbook(BytesIO(client.get("/kasus/angka.xlsx").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[1][:5] == (clock.today().year, 1, 1, 0, 1)
    assert {"Published counts", "Definitions"} <= set(book.sheetnames)
    # In Indonesian too, what goes on is not what "is not filled in yet".
    client.get("/beranda?bahasa=id")
    page = client.get("/kasus/angka").get_data(as_text=True)
    assert '<th scope="col">Berjalan</th>' in page
    assert "Belum diisi" not in page
    book = load_workbook(BytesIO(client.get("/kasus/angka.xlsx").data))
    assert "Berjalan" in next(book.worksheets[0].iter_rows(values_only=True))


def test_a_closure_counts_on_its_day_in_metro(build: Builder) -> None:
    work = casework(build)
    case = work.open()
    decision = end(work, case)
    with transaction(build.session) as session:
        # New Year in Metro, while the clock in Greenwich still shows the old one.
        session.get_one(Decision, decision.id).decided_at = datetime(2025, 12, 31, 17, tzinfo=UTC)
    (ended,) = facts_for(work, "coordinator").ended
    assert ended.day == date(2026, 1, 1)
