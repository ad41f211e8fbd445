"""The order of the lists, the years on offer, and the price of a board."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.clock import SchoolYear
from portal.core.db import Database
from portal.insight.queries import boards, trend
from portal.insight.queries.boards import Basis, Place, Scope
from portal.insight.queries.schools import Standing, never_served, schools_in
from portal.schools.models import Level
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.insight.conftest import Town
from tests.statements import read_statements

YEAR = SchoolYear(2026)


def scope(basis: Basis = Basis.ALL, year: SchoolYear = YEAR) -> Scope:
    return Scope(year, basis, clock.today())


def test_a_small_town_by_hand(database: Database, town: Town) -> None:
    with database.reader() as session:
        board = boards.board(session, scope())
    assert board.groups == ("SD/MI", "SMP/MTs", "SMK")
    assert (board.tally.schools, board.tally.reached, board.tally.never) == (5, 2, 2)
    assert (board.tally.sessions, board.tally.first_sessions) == (3, 2)
    assert (board.tally.pupils, board.tally.adults) == (146, 4)
    assert (board.partners.schools, board.partners.reached) == (2, 1)
    assert [district.slug for district in board.districts] == [
        "metro-pusat",
        "metro-utara",
        "metro-barat",
        "metro-timur",
        "metro-selatan",
    ]
    north = board.district("metro-utara")
    assert north
    assert (north.row, north.column, north.tally.schools, north.tally.step) == (0, 1, 2, 2)
    assert board.district("metro-nowhere") is None


def test_need_comes_first(database: Database, town: Town) -> None:
    with database.reader() as session:
        listed = schools_in(session, scope(), Place())
        never = never_served(session, scope(), Place(), 1)
    assert [(each.name, each.standing) for each in listed] == [
        ("=1+1", Standing.NEVER),
        ("SMP Lima", Standing.NEVER),
        ("MI Tiga", Standing.NOT_YET),
        ("SMP Satu", Standing.REACHED),
        ("SD Dua", Standing.REACHED),
    ]
    assert [each.name for each in never] == ["=1+1"]
    assert never[0].partner_since == date(2025, 7, 9)


def test_partners_only(database: Database, town: Town) -> None:
    with database.reader() as session:
        board = boards.board(session, scope(Basis.PARTNERS))
        listed = schools_in(session, scope(Basis.PARTNERS), Place())
    assert (board.tally.schools, board.tally.reached) == (2, 1)
    # Levels without a partner keep their column, so that the gap is seen.
    assert board.groups == ("SD/MI", "SMP/MTs", "SMK")
    assert [each.name for each in listed] == ["=1+1", "SMP Satu"]


@pytest.mark.parametrize(
    ("signed_on", "valid_until", "partner"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), True),
        (date(2026, 11, 24), date(2027, 11, 24), False),
        (date(2025, 11, 22), date(2026, 11, 22), False),
    ],
)
def test_an_mou_holds_from_its_first_to_its_last_day(
    database: Database, build: Builder, signed_on: date, valid_until: date, *, partner: bool
) -> None:
    build.mou(build.school(), signed_on=signed_on, valid_until=valid_until)
    with database.reader() as session:
        assert boards.board(session, scope()).partners.schools == int(partner)


@pytest.mark.parametrize(
    ("day", "at", "year"),
    [
        (date(2026, 6, 30), time(23, 59), SchoolYear(2025)),
        (date(2026, 7, 1), time(0), YEAR),
        (date(2026, 7, 1), time(6, 59), YEAR),
    ],
)
def test_a_school_year_begins_at_midnight_in_metro(
    database: Database, build: Builder, day: date, at: time, year: SchoolYear
) -> None:
    build.delivered(build.school(), build.worker(), day, at=at)
    with database.reader() as session:
        reached = [each for each in (YEAR, SchoolYear(2025)) if reached_in(session, each)]
        assert reached == [year]


def reached_in(session: Session, year: SchoolYear) -> int:
    return boards.board(session, scope(year=year)).tally.first_sessions


def test_the_last_day_of_a_past_year_decides_who_was_a_partner(
    database: Database, build: Builder
) -> None:
    build.mou(build.school(), signed_on=date(2025, 1, 1), valid_until=SchoolYear(2025).last_day)
    with database.reader() as session:
        then = boards.board(session, scope(year=SchoolYear(2025)))
        now = boards.board(session, scope())
    assert (then.partners.schools, now.partners.schools) == (1, 0)


def test_years_run_from_the_first_session_to_today(database: Database, build: Builder) -> None:
    today = clock.today()
    with database.reader() as session:
        assert boards.school_years(session, today) == [YEAR]
    worker, school = build.worker(), build.school()
    build.delivered(school, worker, date(2024, 6, 30))
    build.delivered(school, worker, date(2021, 8, 2), state=VisitState.SCHEDULED)
    with database.reader() as session:
        years = boards.school_years(session, today)
        before = boards.school_years(session, date(2022, 1, 1))
    assert [year.start_year for year in years] == [2026, 2025, 2024, 2023]
    assert before == [SchoolYear(2021)]


def test_an_empty_city(database: Database) -> None:
    with database.reader() as session:
        board = boards.board(session, scope())
        assert schools_in(session, scope(), Place("metro-pusat")) == []
    assert (board.tally.schools, board.groups, len(board.districts)) == (0, (), 5)
    assert board.tally.percent == board.tally.step == board.tally.first_share == 0


def test_a_board_costs_three_statements_however_many_schools(
    database: Database, build: Builder, town: Town
) -> None:
    def price() -> int:
        with database.reader() as session, read_statements(database) as asked:
            boards.school_years(session, clock.today())
            boards.board(session, scope())
            schools_in(session, scope(), Place("metro-pusat"), 20)
        return sum(statement.lstrip().startswith("SELECT") for statement in asked)

    assert price() == 3
    worker = build.worker()
    for number in range(12):
        school = build.school(level=list(Level)[number % len(Level)])
        build.mou(school)
        build.delivered(school, worker, date(2026, 8, 3) + timedelta(days=number))
    assert price() == 3


def test_a_school_of_last_year_is_reached_anew_this_year(
    database: Database, build: Builder
) -> None:
    school, worker = build.school(), build.worker()
    for day in (date(2026, 6, 3), date(2026, 8, 4), date(2026, 8, 18)):
        build.delivered(school, worker, day)
    with database.reader() as session:
        months = trend.over_months(session, scope(), Place())
        last_year = trend.over_months(session, scope(year=SchoolYear(2025)), Place())
    assert [(m.first.month, m.reached, m.sessions, m.first_sessions) for m in months] == [
        (7, 0, 0, 0),
        (8, 1, 2, 0),
        (9, 1, 0, 0),
        (10, 1, 0, 0),
        (11, 1, 0, 0),
    ]
    assert (len(last_year), last_year[-1].reached, last_year[-1].first_sessions) == (12, 1, 1)


def test_years_side_by_side_are_those_of_their_boards(
    database: Database, build: Builder, town: Town
) -> None:
    place = Place("metro-pusat")
    with database.reader() as session:
        years = boards.school_years(session, clock.today())
        found = trend.over_years(session, scope(Basis.PARTNERS), place, years)
        boards_of = [boards.board(session, scope(Basis.PARTNERS, each)) for each in years[::-1]]
    assert [each.year.start_year for each in found] == [2025, 2026]
    assert [each.tally for each in found] == [each.of(place) for each in boards_of]
