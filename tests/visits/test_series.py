"""Sessions that repeat: each free start is asked for, every other one is listed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, select

from portal.core.access import Role
from portal.core.db import transaction
from portal.people.models import User
from portal.visits.actions.deciding import Approval, approve, decline
from portal.visits.actions.series import Rhythm, cancel_rest, request_series
from portal.visits.models import BookingCell, Leave, Visit, VisitSeries
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.visits.conftest import Office, Site, at, on_sqlite, refused, together
from tests.visits.screen import Screen


def ask(office: Office, rhythm: Rhythm, starts_at: datetime | None = None, **more: Any) -> Any:
    """Ask for a series for the usual school."""
    actor = office.actor(office.principal)
    session = office.build.session
    with transaction(session):
        wanted = office.build.request(starts_at or at(12), **more)
        return request_series(session, actor, office.school, wanted, rhythm)


def visits(office: Office) -> list[Visit]:
    """Return all visits, in order."""
    with office.build.database.reader() as session:
        return list(session.scalars(select(Visit).order_by(Visit.starts_at)))


def left_out(office: Office, series: VisitSeries) -> list[datetime]:
    """Return the starts a series does not have."""
    return [datetime.fromisoformat(text) for text in office.fresh(series).left_out]


def away(office: Office, day: date) -> None:
    """Send the only worker on leave for a day."""
    worker = office.worker.id
    office.build.save(Leave(user_id=worker, first_day=day, last_day=day, recorded_by=worker))


def test_every_start_that_is_free_becomes_a_request_of_its_own(office: Office) -> None:
    series = ask(office, Rhythm(1, 3))
    made = visits(office)
    assert [visit.starts_at for visit in made] == [at(12), at(19), at(26)]
    assert {visit.series_id for visit in made} == {series.id}
    assert {visit.state for visit in made} == {VisitState.REQUESTED}
    assert len({visit.reference for visit in made}) == 3
    assert (series.wanted, series.every_weeks, series.left_out) == (3, 1, [])
    answers = [each for each in office.duties(office.coordinator) if each.kind == "answer_request"]
    assert {each.subject_id for each in answers} == {visit.id for visit in made}
    office.check_cells()


def test_a_start_that_is_not_free_is_listed_and_the_others_stand(office: Office) -> None:
    away(office, date(2026, 8, 24))
    series = ask(office, Rhythm(1, 4), at(10))
    # The worker is away on the 24th, the 17th is Independence Day.
    assert [visit.starts_at for visit in visits(office)] == [at(10), at(31)]
    assert left_out(office, series) == [at(17), at(24)]
    office.check_cells()


def test_what_lies_beyond_the_booking_window_is_left_out(office: Office) -> None:
    series = ask(office, Rhythm(4, 5))
    assert len(visits(office)) == 3
    assert len(left_out(office, series)) == 2


def test_nothing_is_half_done_where_the_first_start_is_taken(office: Office) -> None:
    office.build.delivered(
        office.build.school(), office.worker, date(2026, 8, 12), state=VisitState.SCHEDULED
    )
    before = office.count(Visit)
    assert refused(lambda: ask(office, Rhythm(1, 3))).code == "slot_taken"
    assert refused(lambda: ask(office, Rhythm(1, 3), at(16))).code == "slot_outside"
    assert office.count(Visit) == before
    assert office.count(VisitSeries) == 0


def test_one_free_start_is_no_series(office: Office) -> None:
    away(office, date(2026, 8, 19))
    problem = refused(lambda: ask(office, Rhythm(1, 2)))
    assert (problem.code, problem.field) == ("series_alone", "times")
    assert office.count(Visit) == office.count(BookingCell) == 0


def test_a_second_press_finds_the_series(office: Office) -> None:
    first = ask(office, Rhythm(1, 3))
    assert ask(office, Rhythm(1, 3)).id == first.id
    assert office.count(Visit) == 3


def test_a_series_counts_against_the_share(office: Office) -> None:
    other, principal = office.another_school()
    office.build.requested(principal, other, at(20, 13))
    assert ask(office, Rhythm(1, 2))
    third, leader = office.another_school()
    session = office.build.session
    wanted = office.build.request(at(13))

    def too_many() -> None:
        with transaction(session):
            request_series(session, office.actor(leader), third, wanted, Rhythm(1, 3))

    problem = refused(too_many)
    assert (problem.code, problem.field, problem.facts["left"]) == ("share_series", "times", 2)


@on_sqlite
def test_only_times_that_can_be_had_count_against_the_share(office: Office) -> None:
    other, principal = office.another_school()
    office.build.requested(principal, other, at(20, 13))
    # The 17th is a holiday, and the last one lies beyond the days that can be booked.
    series = ask(office, Rhythm(1, 3), at(10))
    assert [visit.starts_at for visit in visits(office)][:1] == [at(10)]
    assert left_out(office, series) == [at(17)]


def test_two_schools_asking_for_the_same_weeks_share_them(office: Office) -> None:
    office.build.setting("fair_share_sessions", 50)
    other, principal = office.another_school()
    wanted = office.build.request(at(12))
    pairs = [(office.principal, office.school), (principal, other)]

    def asking(user: User, school: Any) -> Any:
        actor = office.actor(user)
        return lambda session: request_series(session, actor, school, wanted, Rhythm(1, 3))

    results = together(office.build.database, [asking(*pair) for pair in pairs])
    codes = [getattr(result, "code", "fine") for result in results]
    assert sorted(codes) == ["fine", "slot_taken"]
    assert office.count(Visit) == 3
    office.check_cells()


def call_off(office: Office, user: User, series: VisitSeries) -> int:
    """Call off the rest of a series."""
    session = office.build.session
    actor = office.actor(user)
    with transaction(session):
        return cancel_rest(session, actor, session.get_one(VisitSeries, series.id), "Ujian")


@pytest.mark.parametrize("who", ["principal", "coordinator"])
def test_the_rest_is_called_off_with_a_reason_and_what_ended_stays(
    office: Office, who: str
) -> None:
    series = ask(office, Rhythm(1, 3))
    first, second, third = visits(office)
    office.does(approve, office.coordinator, first, Approval(office.worker.id))
    office.does(decline, office.coordinator, second, "Rapat")
    assert call_off(office, getattr(office, who), series) == 2
    ended = VisitState.WITHDRAWN if who == "principal" else VisitState.DECLINED
    assert [each.state for each in visits(office)] == ["cancelled", "declined", ended]
    assert [each.reason for each in visits(office)] == ["Ujian", "Rapat", "Ujian"]
    assert office.count(BookingCell) == 0
    assert refused(lambda: call_off(office, getattr(office, who), series)).code == "series_over"
    assert office.fresh(third).series_id == series.id


@on_sqlite
@pytest.mark.parametrize("role", [Role.TEACHER, Role.SOCIAL_WORKER, Role.PRINCIPAL])
def test_nobody_else_calls_a_series_off(office: Office, role: Role) -> None:
    series = ask(office, Rhythm(1, 2))
    elsewhere = office.build.school() if role is Role.PRINCIPAL else office.school
    somebody = office.build.user(role, elsewhere)
    assert refused(lambda: call_off(office, somebody, series)).code == "not_allowed"


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    every=st.sampled_from((1, 2, 4)),
    times=st.integers(2, 8),
    away_on=st.sets(st.integers(0, 8), max_size=5),
    taken=st.sets(st.integers(0, 8), max_size=4),
)
@on_sqlite
def test_every_start_is_asked_for_or_listed_never_both_and_nobody_twice(
    office: Office, every: int, times: int, away_on: set[int], taken: set[int]
) -> None:
    session = office.build.session
    with transaction(session):
        for table in (BookingCell, Visit, VisitSeries, Leave):
            session.execute(delete(table))
    for week in away_on:
        away(office, date(2026, 8, 12) + timedelta(weeks=week))
    other, principal = office.another_school(district="18.72.02")
    for week in taken - away_on:
        office.build.requested(principal, other, at(12) + timedelta(weeks=week))
    busy = away_on | taken
    rhythm = Rhythm(every, times)
    weeks = [every * step for step in range(times)]
    inside = [week for week in weeks if week <= 10]
    free = [week for week in inside if week not in busy]
    # Schools that never had a session wait, and so the share is asked as well.
    office.build.setting("fair_share_sessions", 50)
    if 0 in busy or len(free) < 2:
        assert refused(lambda: ask(office, rhythm)).code in {"slot_taken", "series_alone"}
        made = []
    else:
        series = ask(office, rhythm)
        made = [each for each in visits(office) if each.series_id == series.id]
        starts = {visit.starts_at for visit in made}
        assert starts == {at(12) + timedelta(weeks=week) for week in free}
        assert starts | set(left_out(office, series)) == set(rhythm.starts(at(12)))
        assert starts.isdisjoint(left_out(office, series))
    assert office.count(Visit) == len(made) + len(taken - away_on)
    office.check_cells()


FORM: dict[str, Any] = {
    "programme": "pgts",
    "slot": "2026-08-12T08:00:00+07:00",
    "topic": "lain",
    "own_topic": "Berteman",
    "grades": ["7"],
    "expected_heads": "60",
    "every_weeks": "1",
    "times": "3",
}


@on_sqlite
def test_the_page_asks_for_a_series_and_shows_what_is_left_out(site: Site) -> None:
    away(site, date(2026, 8, 19))
    principal = site.build.user(Role.PRINCIPAL, site.school, language="en")
    visitor: PageClient = site.browser(principal)
    answer = visitor.post("/sesi/baru", FORM)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sesi/rangkaian/")
    screen = Screen(visitor.get(answer.headers["Location"]))
    assert "2 sessions are asked for." in screen.text
    assert any("pekan=2026-08-19" in link for link in screen.links())
    address = answer.headers["Location"].partition("?")[0]
    wrong = Screen(visitor.post(f"{address}/batal", {"reason": " "}))
    assert wrong.status == 422
    assert visitor.post(f"{address}/batal", {"reason": "Ujian"}).status_code == 303
    assert {each.state for each in visits(site)} == {VisitState.WITHDRAWN}
    stranger = site.browser(site.another_school()[1])
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}/batal", {"reason": "Ujian"}).status_code == 404


@on_sqlite
@pytest.mark.parametrize("times", ["", "1", "13", "banyak"])
def test_how_often_is_asked_and_nothing_typed_is_lost(site: Site, times: str) -> None:
    visitor = site.browser(site.principal)
    screen = Screen(visitor.post("/sesi/baru", {**FORM, "times": times}))
    assert screen.status == 422
    assert screen.value("own_topic") == "Berteman"
    assert screen.value("every_weeks") == "1"
    assert screen.value("times") == times
    assert site.count(Visit) == 0
