"""Whatever schools, memoranda and sessions there are, the board equals a count by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import count
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Role
from portal.core.clock import SchoolYear
from portal.core.db import Database, new_id
from portal.insight.queries import boards, trend
from portal.insight.queries.boards import Basis, Board, Grain, Place, Scope
from portal.insight.queries.schools import Standing, never_served, schools_in
from portal.insight.queries.shortfalls import shortfalls
from portal.insight.queries.tallies import Tally
from portal.schools.models import LEVEL_GROUPS, Authority, Level, Mou, Ownership, School
from portal.visits.models import Visit
from portal.visits.states import NotDelivered, VisitState
from tests.builders import Builder

TODAY = date(2026, 11, 22)
YEAR = SchoolYear(2026)
DISTRICTS = {
    "18.72.01": "metro-pusat",
    "18.72.02": "metro-utara",
    "18.72.05": "metro-selatan",
}
_numbers = count(1)

# Close to the borders of the years and of "today", where counting goes wrong.
days = st.one_of(
    st.sampled_from(
        [YEAR.first_day - timedelta(days=1), YEAR.first_day, TODAY, SchoolYear(2025).first_day]
    ),
    st.dates(date(2024, 7, 1), TODAY),
)
hours = st.sampled_from([time(0), time(6, 59), time(7), time(23, 59)])


@dataclass
class Held:
    """A made-up session."""

    day: date
    hour: time
    state: VisitState
    counts: bool
    confirmed: bool
    why: NotDelivered
    unmet: list[str]
    girls: int | None
    boys: int | None
    adults: int | None


@dataclass
class Example:
    """A made-up school with its memoranda and sessions."""

    district: str
    subdistrict: str
    level: Level
    ownership: Ownership
    authority: Authority
    active: bool
    # It became part of the first active school of the example.
    merged: bool
    mous: list[tuple[date, int]]
    sessions: list[Held]
    id: UUID

    def partner(self, day: date) -> bool:
        """Say whether an MoU holds on a day."""
        return any(signed <= day <= signed + timedelta(days=length) for signed, length in self.mous)

    def counted(self) -> list[Held]:
        """Return the sessions that count."""
        return [each for each in self.sessions if each.state == "delivered" and each.counts]


heads = st.one_of(st.none(), st.integers(0, 90))
sessions = st.builds(
    Held,
    day=days,
    hour=hours,
    state=st.sampled_from(
        [
            VisitState.DELIVERED,
            VisitState.DELIVERED,
            VisitState.DELIVERED,
            VisitState.SCHEDULED,
            VisitState.CANCELLED,
            VisitState.NOT_DELIVERED,
        ]
    ),
    counts=st.sampled_from([True, True, False]),
    confirmed=st.booleans(),
    why=st.sampled_from(NotDelivered),
    unmet=st.lists(st.sampled_from(["projector", "transport", "room"]), max_size=2, unique=True),
    girls=heads,
    boys=heads,
    adults=heads,
)
schools = st.builds(
    Example,
    district=st.sampled_from(list(DISTRICTS)),
    subdistrict=st.sampled_from(["", "Purwosari", "Metro"]),
    level=st.sampled_from([Level.SD, Level.MI, Level.SMP, Level.SMK, Level.OTHER]),
    ownership=st.sampled_from(Ownership),
    authority=st.sampled_from(Authority),
    active=st.sampled_from([True, True, True, False]),
    merged=st.sampled_from([False, False, True]),
    mous=st.lists(st.tuples(days, st.sampled_from([0, 30, 400, 900])), max_size=2),
    sessions=st.lists(sessions, max_size=3),
    id=st.builds(new_id),
)
scopes = st.builds(
    Scope,
    st.sampled_from([YEAR, SchoolYear(2025), SchoolYear(2024)]),
    st.sampled_from(list(Basis)),
    st.just(TODAY),
    st.sampled_from([None, None, *Ownership]),
    st.sampled_from([None, None, *Authority]),
)


def joined(examples: list[Example]) -> list[Example]:
    """Let merged schools become part of the first that stands on its own, and be gone."""
    successor = next((each for each in examples if each.active and not each.merged), None)
    for each in examples:
        each.active = each.active and not (each.merged and successor)
        each.merged = each.merged and successor is not None
    return examples


def as_counted(examples: list[Example]) -> list[Example]:
    """Return the active schools, with the sessions of those that became part of them."""
    successor = next((each for each in examples if each.active and not each.merged), None)
    brought = [held for each in examples if each.merged for held in each.sessions]
    return [
        replace(each, sessions=each.sessions + brought) if each is successor else each
        for each in examples
        if each.active
    ]


def recount(examples: list[Example], scope: Scope) -> Tally:
    """Count by hand, school by school."""
    tallies = []
    for example in examples:
        ever = sorted(example.counted(), key=lambda each: (each.day, each.hour))
        held = [each for each in ever if SchoolYear.of(each.day) == scope.year]
        tallies.append(
            Tally(
                schools=1,
                reached=bool(held),
                never=not ever,
                sessions=len(held),
                first_sessions=bool(ever) and SchoolYear.of(ever[0].day) == scope.year,
                confirmed=sum(each.confirmed for each in held),
                pupils=sum((each.girls or 0) + (each.boys or 0) for each in held),
                adults=sum(each.adults or 0 for each in held),
            )
        )
    return sum(tallies, Tally())


def lay_in(
    session: Session, examples: list[Example], programmes: dict[bool, UUID], by: UUID
) -> None:
    successor = next((each for each in examples if each.active and not each.merged), None)
    for example in sorted(examples, key=lambda each: each.merged):
        number = next(_numbers)
        session.add(
            School(
                id=example.id,
                npsn=f"{number:08d}",
                name=f"Contoh {number}",
                level=example.level,
                ownership=example.ownership,
                authority=example.authority,
                district_code=example.district,
                subdistrict=example.subdistrict,
                merged_into_id=successor.id if example.merged and successor else None,
                active=example.active,
                changed_at=clock.now(),
            )
        )
        session.flush()
        for signed, length in example.mous:
            session.add(
                Mou(
                    school_id=example.id,
                    number="1",
                    signed_on=signed,
                    valid_until=signed + timedelta(days=length),
                    promised_sessions=2,
                    recorded_at=clock.now(),
                )
            )
        session.add_all(
            visit(example, each, programmes[each.counts], by) for each in example.sessions
        )
    session.flush()


def visit(example: Example, held: Held, programme_id: UUID, by: UUID) -> Visit:
    """Return a session as a record."""
    starts_at = clock.at_wib(held.day, held.hour)
    return Visit(
        reference=f"X{next(_numbers):06d}",
        programme_id=programme_id,
        school_id=example.id,
        social_worker_id=by,
        state=held.state,
        grades=[],
        expected_heads=60,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        requested_by=by,
        requested_at=starts_at,
        answer_by=starts_at,
        heads_girls=held.girls,
        heads_boys=held.boys,
        heads_adults=held.adults,
        school_confirmed_at=starts_at if held.confirmed else None,
        not_delivered_why=held.why if held.state == VisitState.NOT_DELIVERED else None,
        unmet=held.unmet,
    )


def check(session: Session, examples: list[Example], scope: Scope) -> None:
    """Compare every figure of the board with a recount."""
    kind = (scope.ownership or Ownership, scope.authority or Authority)
    active = [
        each
        for each in as_counted(examples)
        if each.ownership in kind[0] and each.authority in kind[1]
    ]
    partners = [each for each in active if each.partner(scope.day)]
    counted = partners if scope.basis is Basis.PARTNERS else active
    board = boards.board(session, scope, Grain.SUBDISTRICT)

    assert board.everybody == recount(active, scope)
    assert board.partners == recount(partners, scope)
    assert board.tally == recount(counted, scope)
    assert sum((each.tally for each in board.districts), Tally()) == board.tally
    assert sum((each.tally for each in board.subdistricts), Tally()) == board.tally
    assert board.of(Place()) == board.tally
    assert len(board.districts) == 5
    assert set(board.groups) == {boards.GROUP_OF[each.level] for each in active}
    check_pieces(board, counted, scope)
    check_lists(session, counted, scope)
    check_kinds(session, examples, scope)
    check_months(session, counted, scope)
    check_shortfalls(session, counted, scope)


def check_pieces(board: Board, counted: list[Example], scope: Scope) -> None:
    """Compare districts, kelurahan and level groups."""
    for code, slug in DISTRICTS.items():
        for group in (None, *LEVEL_GROUPS):
            for part in (None, "", "Metro"):
                place = Place(slug, group, part)
                here = [
                    each
                    for each in counted
                    if each.district == code
                    and each.level in place.levels
                    and part in {None, each.subdistrict}
                ]
                assert board.of(place) == recount(here, scope)


def check_kinds(session: Session, examples: list[Example], scope: Scope) -> None:
    """Compare the table by ownership, which leaves a choice of ownership aside."""
    place = Place("metro-utara")
    found = boards.by_kind(session, scope, place, Grain.OWNERSHIP)
    on_board = [
        each
        for each in as_counted(examples)
        if each.district == "18.72.02"
        and scope.authority in {None, each.authority}
        and (scope.basis is Basis.ALL or each.partner(scope.day))
    ]
    expected = {
        kind: recount([each for each in on_board if each.ownership == kind], scope)
        for kind in {each.ownership for each in on_board}
    }
    assert {Ownership(each.slug): each.tally for each in found} == expected


def check_months(session: Session, counted: list[Example], scope: Scope) -> None:
    """Compare the months with the year they make up."""
    months = trend.over_months(session, scope, Place())
    expected = recount(counted, scope)
    assert months[-1].reached == expected.reached
    assert sum(each.sessions for each in months) == expected.sessions
    assert sum(each.first_sessions for each in months) == expected.first_sessions
    assert sum(each.pupils for each in months) == expected.pupils
    by_month = Counter(
        held.day.replace(day=1)
        for example in counted
        for held in example.counted()
        if SchoolYear.of(held.day) == scope.year
    )
    assert {each.first: each.sessions for each in months if each.sessions} == by_month


def check_shortfalls(session: Session, counted: list[Example], scope: Scope) -> None:
    """Compare what was missing."""
    held = [
        each
        for example in counted
        for each in example.sessions
        if each.counts and SchoolYear.of(each.day) == scope.year
    ]
    missed = [each for each in held if each.state == VisitState.NOT_DELIVERED]
    seen_off = [each for each in held if each.state == VisitState.DELIVERED] + missed
    found = shortfalls(session, scope, Place())
    assert dict(found.not_delivered) == Counter(each.why for each in missed)
    needs = Counter(code for each in seen_off for code in each.unmet)
    assert {need.code: count for need, count in found.unmet} == needs
    assert found.sessions_lacking == sum(bool(each.unmet) for each in seen_off)


def check_lists(session: Session, counted: list[Example], scope: Scope) -> None:
    """Compare the lists with the figures."""
    place = Place("metro-pusat", "SD/MI")
    listed = schools_in(session, scope, Place())
    here = schools_in(session, scope, place)
    never = never_served(session, scope, Place(), 100)
    expected = recount(counted, scope)
    assert len(listed) == expected.schools
    assert sum(each.standing is Standing.REACHED for each in listed) == expected.reached
    assert sum(each.sessions for each in listed) == expected.sessions
    assert sum(each.pupils for each in listed) == expected.pupils
    assert never == [each for each in listed if each.standing is Standing.NEVER]
    assert len(never) == expected.never
    assert len(here) == boards.board(session, scope).of(place).schools
    assert all(each.district == "Metro Pusat" and each.level in {"SD", "MI"} for each in here)


def test_the_board_equals_a_recount(database: Database, build: Builder) -> None:
    by = build.user(Role.SOCIAL_WORKER).id
    programmes = {True: build.programme("pgts").id, False: build.programme("tepak").id}

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(schools, max_size=7), scopes)
    def compare(examples: list[Example], scope: Scope) -> None:
        with database.writer() as session:
            lay_in(session, joined(examples), programmes, by)
            check(session, examples, scope)
            session.rollback()

    compare()


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_share_never_promises_too_much(schools: int, reached: int) -> None:
    reached = min(reached, schools)
    tally = Tally(schools=schools, reached=reached)
    share = reached / schools if schools else 0
    assert (tally.percent == 100) == (share == 1)
    assert (tally.percent == 0) == (reached == 0)
    assert tally.step == (share > 0) + (share >= 0.5) + (share >= 0.75)
    needed = tally.needed(75)
    assert needed >= schools * 0.75 > needed - 1
