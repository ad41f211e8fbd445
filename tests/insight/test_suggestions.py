"""Suggestions: the published score, what the office decides otherwise, offers with one press."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from time_machine import Traveller

from portal.core import clock, i18n, settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.models import Report
from portal.incidents.states import Door, Outcome, Purpose
from portal.insight.actions import suggestions as actions
from portal.insight.actions.suggestions import Decision
from portal.insight.exports.suggestions import arithmetic
from portal.insight.models import SuggestionChoice, Verdict
from portal.insight.queries import suggestions
from portal.insight.queries.boards import Basis
from portal.insight.queries.scoring import Weights
from portal.insight.queries.suggested_times import FreeTimes
from portal.insight.queries.suggestions import Ground, Suggestion
from portal.people.actions.confidential import Record, record_conflict
from portal.people.models import User
from portal.schools.models import Level, School
from portal.visits.models import Programme, Topic, Visit
from portal.visits.states import Origin, VisitState
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.insight.conftest import NOW, Town
from tests.statements import read_statements

SEMESTER = datetime(2026, 9, 1, 3, tzinfo=UTC)


def asked(
    build: Builder, user: User, basis: Basis = Basis.ALL, limit: int = 50
) -> list[Suggestion]:
    actor = build.actor(user)
    with build.database.reader() as session:
        office = settings.read(session)
        found = suggestions.suggested(session, actor, office, basis, limit)
        if len(found) < limit:
            assert suggestions.count(session, actor, office, basis) == len(found)
        return found


def names(found: Sequence[Suggestion]) -> list[str]:
    return [each.school.name for each in found]


def told(build: Builder, school: School, at: datetime = SEMESTER, **more: Any) -> Report:
    """Tell the office something about a school."""
    purpose = more.pop("purpose", Purpose.REPORT)
    filing = Filing(
        Door.PHONE, {"what": ["verbal"], "danger": ["no"]}, school_id=school.id, purpose=purpose
    )
    with transaction(build.session) as session:
        report = receive(session, None, filing)
        report.received_at = at
        for name, value in more.items():
            setattr(report, name, value)
    return report


def decided(
    build: Builder, user: User, school: School, verdict: Verdict, days: int = 30
) -> SuggestionChoice:
    actor = build.actor(user)
    with transaction(build.session) as session:
        decision = Decision(verdict, clock.today() + timedelta(days=days), "Alasan contoh")
        return actions.decide(session, actor, session.get_one(School, school.id), decision)


def test_the_score_by_hand(build: Builder, town: Town) -> None:
    found = asked(build, town.coordinator)
    assert [(each.school.name, each.points) for each in found] == [
        # Nobody was reached among the vocational schools of Metro Selatan.
        ("=1+1", {Ground.NEVER: 3, Ground.CELL: 1}),
        # Half of its cell is not below half.
        ("SMP Lima", {Ground.NEVER: 3}),
    ]
    assert names(asked(build, town.coordinator, Basis.PARTNERS)) == ["=1+1"]
    with i18n.in_language("en"):
        assert arithmetic(found[0]) == "3 never served + 1 thin cell = 4"


@pytest.mark.parametrize(
    ("day", "points"), [(date(2025, 11, 22), {Ground.LONG_AGO: 2}), (date(2025, 11, 23), {})]
)
def test_long_ago_is_over_twelve_months(
    build: Builder, day: date, points: dict[Ground, int]
) -> None:
    worker, coordinator = build.worker(), build.user(Role.COORDINATOR)
    school = build.school()
    for _each in range(2):
        build.delivered(build.school(), worker, date(2026, 9, 1) + timedelta(days=_each))
    build.delivered(school, worker, day)
    found = {each.school.id: each.points for each in asked(build, coordinator)}
    assert found.get(school.id, {}) == points


@pytest.mark.parametrize(("reports", "points"), [(1, 1), (2, 2), (5, 2)])
def test_reports_of_the_semester_count_up_to_two(
    build: Builder, town: Town, reports: int, points: int
) -> None:
    for _each in range(reports):
        told(build, town.reached_partner)
    (found,) = [e for e in asked(build, town.coordinator) if e.school.id == town.reached_partner.id]
    assert found.points == {Ground.REPORTS: points}


@pytest.mark.parametrize(
    "more",
    [
        {"at": datetime(2026, 6, 30, 16, 59, tzinfo=UTC)},
        {"quarantined": True},
        {"outcome": Outcome.SPAM},
        {"purpose": Purpose.CONSULTATION},
    ],
)
def test_what_is_no_report_of_the_semester_counts_nothing(
    build: Builder, town: Town, more: dict[str, Any]
) -> None:
    told(build, town.reached_partner, **more)
    assert town.reached_partner.name not in names(asked(build, town.coordinator))


def test_who_must_not_know_of_a_report_sees_nothing_of_it(build: Builder, town: Town) -> None:
    report = told(build, town.reached_partner)
    kept_away = build.user(Role.COORDINATOR)
    before = asked(build, kept_away)
    head = build.actor(build.user(Role.DIVISION_HEAD))
    with transaction(build.session) as session:
        record = Record("report", report.id, report.locator, "/triase")
        record_conflict(session, head, record, kept_away.id, "Bersaudara")
    assert town.reached_partner.name in names(before)
    assert town.reached_partner.name not in names(asked(build, kept_away))
    assert town.reached_partner.name in names(asked(build, town.coordinator))


def test_outside_the_office_reports_change_nothing(build: Builder, town: Town) -> None:
    outside = build.user(Role.EDUCATION_OFFICE)
    before = asked(build, outside)
    told(build, town.reached_partner)
    told(build, town.never)
    after = asked(build, outside)
    assert [(e.school.id, e.points) for e in after] == [(e.school.id, e.points) for e in before]


def test_a_school_with_a_session_ahead_is_left_out(
    build: Builder, town: Town, now: Traveller
) -> None:
    visit = build.delivered(town.never, build.worker(), date(2026, 12, 3), state=VisitState.OFFERED)
    assert "SMP Lima" not in names(asked(build, town.coordinator))
    now.move_to(visit.ends_at)
    assert "SMP Lima" in names(asked(build, town.coordinator))


def test_a_joined_school_brings_its_sessions_and_reports(build: Builder, town: Town) -> None:
    gone = build.school("SMP Lama", district="18.72.01", active=False, merged_into_id=town.never.id)
    told(build, gone)
    before = {each.school.id: each.points for each in asked(build, town.coordinator)}
    build.delivered(gone, build.worker(), date(2026, 3, 3))
    after = {each.school.id: each.points for each in asked(build, town.coordinator)}
    assert before[town.never.id] == {Ground.NEVER: 3, Ground.REPORTS: 1}
    assert after[town.never.id] == {Ground.REPORTS: 1}


@pytest.mark.parametrize("weights", [(3, 2, 1, 2, 1), (0, 5, 2, 3, 4), (1, 0, 0, 0, 9)])
def test_the_list_runs_from_many_points_to_few(
    build: Builder, town: Town, weights: tuple[int, ...]
) -> None:
    names_of = ("never", "long", "report", "report_most", "cell")
    for name, value in zip(names_of, weights, strict=True):
        build.setting(f"suggest_{name}", value)
    worker = build.worker()
    for number, level in enumerate(Level):
        school = build.school(district=f"18.72.0{number % 5 + 1}", level=level)
        if number % 3:
            build.delivered(school, worker, date(2025, 1, 6) + timedelta(days=71 * number))
        for _each in range(number % 4):
            told(build, school)
    found = asked(build, town.coordinator)
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert len(set(scores)) > 2
    actor = build.actor(town.coordinator)
    with build.database.reader() as session:
        office = settings.read(session)
        for each in found:
            alone = suggestions.suggestion_of(session, actor, office, each.school)
            assert (alone.points, alone.last_at) == (each.points, each.last_at)
        assert Weights.of(office).never == weights[0]


def test_the_office_decides_otherwise(build: Builder, town: Town, now: Traveller) -> None:
    decided(build, town.coordinator, town.reached_partner, Verdict.FIRST)
    later = decided(build, town.coordinator, town.never_partner, Verdict.LATER)
    found = asked(build, town.coordinator)
    assert names(found) == ["SMP Satu", "SMP Lima"]
    assert (found[0].put_first, found[0].score) == (True, 0)
    with build.database.reader() as session:
        assert [each.school.name for each in suggestions.put_off(session)] == ["=1+1"]
    actor = build.actor(town.coordinator)
    for _press in range(2):
        with transaction(build.session) as session:
            actions.free(session, actor, session.get_one(SuggestionChoice, later.id))
    assert names(asked(build, town.coordinator)) == ["SMP Satu", "=1+1", "SMP Lima"]
    # The last day still counts, the day after no longer.
    now.move_to(NOW + timedelta(days=30))
    assert "SMP Satu" in names(asked(build, town.coordinator))
    now.move_to(NOW + timedelta(days=31))
    assert "SMP Satu" not in names(asked(build, town.coordinator))


def test_the_newest_decision_alone_holds(build: Builder, town: Town, now: Traveller) -> None:
    decided(build, town.coordinator, town.never, Verdict.LATER)
    now.shift(60)
    decided(build, town.coordinator, town.never, Verdict.FIRST)
    assert names(asked(build, town.coordinator)) == ["SMP Lima", "=1+1"]
    with build.database.reader() as session:
        told_of = suggestions.decisions(session, town.never)
    assert [(each.choice.verdict, each.running) for each in told_of] == [
        (Verdict.FIRST, True),
        (Verdict.LATER, False),
    ]


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_decision_holds_for_a_time(build: Builder, town: Town, days: int) -> None:
    with pytest.raises(Rejected) as refused:
        decided(build, town.coordinator, town.never, Verdict.FIRST, days)
    assert (refused.value.code, refused.value.field) == ("suggestion_day", "until")


def test_only_the_coordinator_decides_and_offers(build: Builder, town: Town) -> None:
    for role in (Role.SOCIAL_WORKER, Role.DIVISION_HEAD, Role.EDUCATION_OFFICE):
        with pytest.raises(Rejected, match="not_allowed"):
            decided(build, build.user(role), town.never, Verdict.FIRST)
        with pytest.raises(Rejected, match="not_allowed"):
            offered(build, build.user(role), town.never, NOW)


def offered(build: Builder, user: User, school: School, at: datetime) -> Visit:
    actor = build.actor(user)
    with transaction(build.session) as session:
        return actions.offer(session, actor, session.get_one(School, school.id), at)


def test_one_press_offers_the_nearest_time(build: Builder, town: Town) -> None:
    with build.database.reader() as session:
        times = FreeTimes(session, settings.read(session))
        slot = times.nearest([town.never])[town.never.id]
        assert times.choice(town.never)[0] == slot
    visit = offered(build, town.coordinator, town.never, slot.starts_at)
    assert (visit.state, visit.origin) == (VisitState.OFFERED, Origin.INVITATION)
    assert (visit.starts_at, visit.grades, visit.expected_heads) == (slot.starts_at, ["7"], 120)
    assert (visit.topic_id is not None, visit.offered_by) == (True, town.coordinator.id)
    assert "SMP Lima" not in names(asked(build, town.coordinator))
    with pytest.raises(Rejected, match="slot_taken"):
        offered(build, town.coordinator, town.never_partner, slot.starts_at)


@on_sqlite
def test_a_topic_for_another_level_is_not_offered(build: Builder, town: Town) -> None:
    programme = build.programme()
    with transaction(build.session) as session:
        session.execute(update(Topic).values(levels=[Level.SD]))
        slot = FreeTimes(session, settings.read(session)).nearest([town.never])[town.never.id]
    visit = offered(build, town.coordinator, town.never, slot.starts_at)
    assert (visit.topic_id, visit.own_topic) == (None, programme.name(i18n.DEFAULT))


def test_each_time_is_proposed_to_one_school(build: Builder, town: Town) -> None:
    schools = [build.school() for _number in range(4)]
    with build.database.reader() as session:
        found = FreeTimes(session, settings.read(session)).nearest(schools)
    starts = [found[school.id].starts_at for school in schools]
    assert starts == sorted(set(starts))
    assert starts[0] == clock.at_wib(date(2026, 11, 26), time(8))


@on_sqlite
def test_without_a_programme_that_counts_nothing_is_proposed(build: Builder, town: Town) -> None:
    with transaction(build.session) as session:
        session.execute(update(Programme).values(counts_for_coverage=False))
    with build.database.reader() as session:
        assert FreeTimes(session, settings.read(session)).choice(town.never) == []
    with pytest.raises(Rejected, match="suggestion_programme"):
        offered(build, town.coordinator, town.never, NOW + timedelta(days=4))


def test_the_list_costs_one_statement_however_many_schools(build: Builder, town: Town) -> None:
    def price() -> tuple[int, int]:
        actor = build.actor(town.coordinator)
        with build.database.reader() as session, read_statements(build.database) as sent:
            office = settings.read(session)
            found = suggestions.suggested(session, actor, office, Basis.ALL, 50)
            FreeTimes(session, office).nearest(each.school for each in found[:10])
        return len(found), sum(each.lstrip().startswith("SELECT") for each in sent)

    few, before = price()
    for number in range(9):
        told(build, build.school(level=list(Level)[number]))
    many, after = price()
    assert (many > few, after) == (True, before)
