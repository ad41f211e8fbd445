"""Figures of reports: exact for the office, guarded for others, and silent about conflicts."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from portal.core.access import Role
from portal.core.clock import SchoolYear
from portal.core.db import transaction
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.models import Report
from portal.incidents.states import Door, Outcome, Purpose
from portal.insight.queries import reports
from portal.insight.queries.reports import Told
from portal.insight.queries.small_cells import LEAST, STEP, Guarded, guarded
from portal.people.actions.confidential import Record, record_conflict
from portal.schools.models import District, Level, School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

LAST_YEAR, THIS_YEAR = SchoolYear(2025), SchoolYear(2026)
IN_LAST_YEAR = datetime(2026, 2, 3, 4, tzinfo=UTC)
NAMES = ("TK", "SD/MI", "SMP/MTs", "SMA/MA", "SMK", "SLB", "")
tables = st.fixed_dictionaries({name: st.integers(0, 30) for name in NAMES})


@given(tables)
def test_what_is_shown_is_rounded_and_never_small(counts: dict[str, int]) -> None:
    shown = guarded(counts)
    assert list(shown.cells) == list(counts)
    for name, said in shown.cells.items():
        assert said is None or (counts[name] >= LEAST and abs(said - counts[name]) <= STEP // 2)
    left_out = [name for name, said in shown.cells.items() if said is None]
    together = sum(counts[name] for name in left_out)
    assert len(left_out) != 1
    if sum(counts.values()) < LEAST:
        assert (shown.total, shown.rest) == (None, None)
        return
    assert shown.rest is None or (together >= LEAST and abs(shown.rest - together) <= STEP // 2)
    assert (shown.rest is None) == (not left_out)
    seen = [each for each in (*shown.cells.values(), shown.rest) if each is not None]
    assert shown.total == sum(seen)
    assert all(each % STEP == 0 for each in seen)


@pytest.mark.parametrize(("cells", "most"), [(2, 18), (3, 16), (4, 12)])
def test_no_count_left_out_can_be_reckoned_from_what_is_shown(cells: int, most: int) -> None:
    """Of all tables that look alike, even to who knows the rule, no small count is the same."""
    alike = defaultdict(list)
    for table in product(range(most + 1), repeat=cells):
        shown = guarded(dict(zip("abcd", table, strict=False)))
        alike[(shown.total, shown.rest, *shown.cells.values())].append(table)
    looked_at = 0
    for (_total, _rest, *shown_cells), every in alike.items():
        # Beyond these tables there may be more that look the same.
        if any(most in table for table in every):
            continue
        for place, said in enumerate(shown_cells):
            possible = {table[place] for table in every}
            if said is None and min(possible) < LEAST:
                looked_at += 1
                # It may be none at all: not even that somebody told can be seen.
                assert {0, 1, 2} <= possible
    assert looked_at >= cells


@given(tables, tables)
def test_each_figure_stands_for_reports_of_its_own(
    counts: dict[str, int], others: dict[str, int]
) -> None:
    # What one level counts changes nothing in what another one shows, as long as it is shown.
    for name, said in guarded(counts).cells.items():
        if said is not None:
            shown = guarded({**others, name: counts[name]}).cells[name]
            assert shown in {said, None}


def told(build: Builder, school: School | None, at: datetime, **more: Any) -> Report:
    """Tell the office something at a moment; further words go to the report."""
    told = Filing(Door.PHONE, {"what": ["verbal"], "danger": ["no"]}, school_id=None)
    told = replace(told, school_id=school.id if school else None)
    told = replace(
        told, **{key: more.pop(key) for key in ("door", "answers", "purpose") if key in more}
    )
    with transaction(build.session) as session:
        report = receive(session, None, told)
        report.received_at, report.read_until = at, at + timedelta(hours=24)
        for name, value in more.items():
            setattr(report, name, value)
    return report


@pytest.fixture
def schools(build: Builder) -> tuple[School, School]:
    first = build.school("SMP Satu", district="18.72.01", pupil_count=500)
    second = build.school("SD Dua", district="18.72.02", level=Level.SD, pupil_count=500)
    return first, second


def exact(build: Builder, year: SchoolYear, user: Any = None) -> reports.YearFigures:
    actor = build.actor(user or build.user(Role.COORDINATOR))
    with build.database.reader() as session:
        return reports.exact(session, actor, year)


def outside(build: Builder, year: SchoolYear) -> Guarded:
    with build.database.reader() as session:
        return reports.for_outsiders(session, year)


def test_reports_are_counted_by_year_way_kind_and_place(
    build: Builder, schools: tuple[School, School]
) -> None:
    first, second = schools
    now = datetime(2026, 11, 20, 3, tzinfo=UTC)
    told(build, first, now, answers={"what": ["physical", "verbal"]}, door=Door.STORY_ROOM)
    told(build, first, now)
    told(build, second, now)
    told(build, None, now)
    told(build, first, now, purpose=Purpose.CONSULTATION)
    told(build, first, now, quarantined=True)
    told(build, first, now, outcome=Outcome.SPAM)
    # The last minute of the year before, in Metro.
    told(build, first, datetime(2026, 6, 30, 16, 59, tzinfo=UTC))
    found = exact(build, THIS_YEAR)
    assert (found.reports, found.consultations) == (4, 1)
    assert found.by_door == {"story_room": 1, "phone": 3}
    assert found.by_kind == {"physical": 1, "verbal": 4}
    assert found.by_group == {"SMP/MTs": 2, "SD/MI": 1, "": 1}
    with build.database.reader() as session:
        names = {each.code: each.name for each in session.scalars(select(District))}
    assert found.by_district == {names["18.72.01"]: 2, names["18.72.02"]: 1, "": 1}
    assert exact(build, LAST_YEAR).reports == 1
    assert reports.per_thousand(4, 1000) == 4.0
    assert reports.per_thousand(4, 0) is None


def test_whoever_stands_on_a_conflict_list_counts_as_if_it_were_not_there(
    build: Builder, schools: tuple[School, School]
) -> None:
    now = datetime(2026, 11, 20, 3, tzinfo=UTC)
    kept_away, colleague = build.worker(), build.worker()
    before = exact(build, THIS_YEAR, kept_away)
    report = told(build, schools[0], now, replied_at=now, read_at=now)
    head = build.actor(build.user(Role.COORDINATOR))
    with transaction(build.session) as session:
        record = Record("report", report.id, report.locator, "/triase")
        record_conflict(session, head, record, kept_away.id, "Bersaudara")
    assert exact(build, THIS_YEAR, kept_away) == before
    assert exact(build, THIS_YEAR, colleague).reports == 1
    years = [THIS_YEAR, LAST_YEAR]
    with build.database.reader() as session:
        mine, theirs = (
            reports.curve(session, build.actor(each), years) for each in (kept_away, colleague)
        )
    assert ([each.reports for each in mine], [each.reports for each in theirs]) == ([0, 0], [1, 0])


def moment(hours: float) -> datetime:
    return IN_LAST_YEAR + timedelta(hours=hours)


def one(replied: float | None, read: float | None) -> Told:
    return Told(
        Purpose.REPORT,
        Door.PHONE,
        (),
        "",
        "",
        received_at=IN_LAST_YEAR,
        read_at=None if read is None else moment(read),
        read_until=moment(4),
        replied_at=None if replied is None else moment(replied),
    )


def test_times_are_of_those_answered_and_shares_of_those_due() -> None:
    every = [one(hours, 1) for hours in range(1, 11)]
    times = reports.times_of([*every, one(None, 5), one(None, None)], moment(100))
    assert times.median == timedelta(hours=5)
    assert times.most == timedelta(hours=9)
    assert (times.answered, times.in_time, times.judged) == (10, 10, 12)
    # What is not read but not late either says nothing yet.
    assert reports.times_of([one(None, None)], moment(1)).judged == 0
    nothing = reports.times_of([], moment(1))
    assert (nothing.median, nothing.most, nothing.answered) == (None, None, 0)


@on_sqlite
def test_outside_the_office_only_whole_years_show_and_nothing_small(
    build: Builder, app: Flask, schools: tuple[School, School]
) -> None:
    first, second = schools
    for _time in range(13):
        told(build, first, IN_LAST_YEAR)
    told(build, second, IN_LAST_YEAR)
    for _time in range(6):
        told(build, first, datetime(2026, 11, 20, 3, tzinfo=UTC))
    told(build, None, IN_LAST_YEAR)
    assert outside(build, LAST_YEAR) == Guarded(15, dict.fromkeys(NAMES), 15)
    client = PageClient(app).sign_in(build.user(Role.EDUCATION_OFFICE, language="en"))
    page = client.get("/laporan/angka").get_data(as_text=True)
    assert "2025/2026" in page
    assert "2026/2027" not in page
    cells = re.findall(r'<td class="number">([^<]*)</td>', page)
    assert cells == [*["–"] * 7, "15"]
    assert "Metro" not in page.partition("<main")[2].replace("Kota Metro", "")
    book = load_workbook(BytesIO(client.get("/laporan/angka.xlsx").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    # 15 of 1,000 pupils: from a share of the exact 15 or 14 the count could be reckoned.
    assert rows[1:] == [("2025/2026", 15, 15, *["–"] * 7, 15)]


@on_sqlite
def test_a_year_never_changes_what_another_one_shows(
    build: Builder, schools: tuple[School, School]
) -> None:
    for _time in range(7):
        told(build, schools[0], IN_LAST_YEAR)
    before = outside(build, LAST_YEAR)
    told(build, schools[1], datetime(2026, 7, 1, 0, 0, tzinfo=UTC))
    assert outside(build, LAST_YEAR) == before


@on_sqlite
def test_an_empty_portal_has_figures_too(build: Builder, app: Flask) -> None:
    for role in (Role.EDUCATION_OFFICE, Role.COORDINATOR):
        client = PageClient(app).sign_in(build.user(role))
        assert client.get("/laporan/angka").status_code == 200
        assert client.get("/laporan/angka.xlsx").status_code == 200


@on_sqlite
def test_the_office_reads_a_rise_as_trust(
    build: Builder, app: Flask, schools: tuple[School, School]
) -> None:
    now = datetime(2026, 11, 20, 3, tzinfo=UTC)
    told(build, schools[0], IN_LAST_YEAR)
    report = told(build, schools[0], now, read_at=now, replied_at=now + timedelta(hours=3))
    told(build, schools[1], now)
    build.delivered(schools[0], build.worker(), now.date())
    client = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER, language="en"))
    page = re.sub(r"<[^>]+>", "", client.get("/laporan/angka").get_data(as_text=True))
    assert "2 that is 2 per 1,000 pupils" in page
    assert "3 hours until the first reply" in page
    assert "2 reports, 1 session held" in page
    assert "sign of trust" in page
    assert report.locator not in page
    past = client.get("/laporan/angka?tahun=2025-2026").get_data(as_text=True)
    assert "School year 2025/2026" in past
    book = load_workbook(BytesIO(client.get("/laporan/angka.xlsx").data))
    summary: dict[Any, Any] = dict(book.worksheets[0].iter_rows(values_only=True))
    assert (summary["Reports"], summary["Per 1,000 pupils"]) == (2, 2)
    assert summary["First reply, half of them within (hours)"] == 3
    curve = list(book.worksheets[1].iter_rows(values_only=True))
    assert curve[1:] == [("2026/2027", 2, 2, 1), ("2025/2026", 1, 1, 0)]
