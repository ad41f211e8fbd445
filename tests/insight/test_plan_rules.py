"""The judge of plans finds every fault, and those who make plans leave none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.insight.policy.planning import greedy, polishing
from portal.insight.policy.planning.checking import Rule, check, clashes
from portal.insight.policy.planning.cost import (
    AGAIN,
    MONTH,
    MOST_MONTHS,
    MOST_NEED,
    Cost,
    cost,
    loads,
    longest_way,
    missing,
    points_of,
    spread,
    wait,
)
from portal.insight.policy.planning.instance import (
    Instance,
    Item,
    Place,
    School,
    Stop,
    Weights,
    Worker,
)
from tests.insight.planned_town import Size, town

MONDAY = date(2027, 1, 11)
TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
WEEKS = tuple(MONDAY + timedelta(weeks=number) for number in range(8))
DAYS = frozenset(week + timedelta(days=day) for week in WEEKS for day in range(5))
HOURS = dict.fromkeys(range(5), (450, 840))
ANN = Worker("ann", HOURS, dict.fromkeys(WEEKS, 480))
BEN = Worker("ben", HOURS, dict.fromkeys(WEEKS, 480))
WAYS = {
    (one, two): 10 if one == two else 45 if "far" in (one, two) else 20
    for one in ("near", "town", "far")
    for two in ("near", "town", "far")
}
A1, A2, B1, C1 = Item("a", 1), Item("a", 2), Item("b", 1), Item("c", 1)


def instance(**more: object) -> Instance:
    """Return three schools and two workers; `c` needs both."""
    values: dict[str, object] = {
        "weeks": WEEKS,
        "starts": dict.fromkeys(DAYS, (480, 540, 600, 660)),
        "minutes": 90,
        "pause": 30,
        "gap_weeks": 3,
        "base": "near",
        "ways": WAYS,
        "workers": (ANN, BEN),
        "schools": (
            School("a", "near", DAYS, 80, wanted=2, never_served=True),
            School("b", "far", DAYS, 20),
            School("c", "town", DAYS, 44, crew=2),
        ),
    }
    return Instance(**{**values, **more})  # type: ignore[arg-type]


GOOD = {
    A1: Place(MONDAY, 480, ("ann",)),
    A2: Place(WEEKS[3], 480, ("ann",)),
    B1: Place(MONDAY, 480, ("ben",)),
    C1: Place(TUESDAY, 600, ("ben", "ann")),
}


def test_a_good_plan_has_no_fault() -> None:
    assert check(instance(), GOOD) == []


@pytest.mark.parametrize(
    ("item", "place", "rule", "worker"),
    [
        (A1, Place(MONDAY + timedelta(days=5), 480, ("ann",)), Rule.CALENDAR, None),
        (A1, Place(date(2027, 6, 7), 480, ("ann",)), Rule.CALENDAR, None),
        (A1, Place(MONDAY, 510, ("ann",)), Rule.START, None),
        (C1, Place(TUESDAY, 600, ("ben",)), Rule.CREW, None),
        (C1, Place(TUESDAY, 600, ("ben", "ben")), Rule.CREW, None),
        (A1, Place(MONDAY, 480, ("cat",)), Rule.UNKNOWN, None),
        (Item("x", 1), Place(MONDAY, 480, ("ann",)), Rule.UNKNOWN, None),
        (B1, Place(MONDAY, 480, ("ann",)), Rule.OVERLAP, "ann"),
        (B1, Place(MONDAY, 540, ("ann",)), Rule.OVERLAP, "ann"),
        # Thirty minutes are enough within a district and not enough for the way to another.
        (B1, Place(MONDAY, 600, ("ann",)), Rule.TRAVEL, "ann"),
        (A2, Place(WEEKS[2], 480, ("ann",)), Rule.GAP, None),
    ],
)
def test_each_fault_is_found(item: Item, place: Place, rule: Rule, worker: str | None) -> None:
    found = check(instance(), {**GOOD, item: place})
    assert (rule, item.school, worker) in {(each.rule, each.school, each.worker) for each in found}


def test_what_is_about_a_worker_is_found() -> None:
    away = replace(ANN, leave=((MONDAY, MONDAY),))
    late = replace(ANN, hours={**HOURS, 0: (510, 840)})
    booked = replace(ANN, booked=(Stop(MONDAY, 570, 660, "near"),))
    tired = replace(ANN, minutes={**dict.fromkeys(WEEKS, 480), MONDAY: 100})
    for worker, rule in (
        (away, Rule.LEAVE),
        (late, Rule.HOURS),
        (booked, Rule.TRAVEL),
        (tired, Rule.WEEK),
    ):
        found = check(instance(workers=(worker, BEN)), {A1: GOOD[A1]})
        assert [(each.rule, each.worker) for each in found] == [(rule, "ann")]


def test_what_is_booked_at_a_school_counts_for_its_gap_and_a_second_needs_a_first() -> None:
    held = School("a", "near", DAYS, 80, wanted=1, booked=(Stop(WEEKS[2], 480, 570, "near"),))
    assert [each.rule for each in check(instance(schools=(held,)), {A1: GOOD[A1]})] == [Rule.GAP]
    assert [each.rule for each in check(instance(), {A2: GOOD[A2]})] == [Rule.ORDER]
    locked = instance(locks={A2: GOOD[A2]})
    assert check(locked, {A2: GOOD[A2]}) == []
    assert {each.rule for each in check(locked, {A1: GOOD[A1]})} == {Rule.LOCK}


def test_locks_that_cannot_hold_are_named_before_anything_is_solved() -> None:
    locks = {A1: GOOD[A1], B1: Place(MONDAY, 540, ("ann",))}
    [found] = clashes(instance(locks=locks))
    assert (found.rule, found.school, found.other, found.worker) == (Rule.OVERLAP, "b", "a", "ann")
    full = {
        Item(f"s{number}", 1): Place(MONDAY + timedelta(days=number), 480, ("ann",))
        for number in range(5)
    }
    schools = tuple(School(item.school, "near", DAYS, 80) for item in full)
    [found] = clashes(instance(schools=schools, locks=full))
    assert (found.rule, found.worker, found.day) == (Rule.WEEK, "ann", FRIDAY)


def test_what_a_plan_costs_can_be_reckoned_by_hand() -> None:
    found = cost(instance(), GOOD)
    assert found == Cost(
        # The first week costs nothing; the second session of `a` waits three.
        lateness=3 * AGAIN,
        # a: 20 each; b: 90; c: 40 for each of two.
        travel=2 * (20 + 20 + 90 + 40 + 40),
        spread=90,
        unreached=0,
    )
    assert found.total == 12 + 420 + 90
    less = cost(instance(), {A1: GOOD[A1]})
    assert less.unreached == sum(missing(instance(), item) for item in (A2, B1, C1))
    moved = {**GOOD, A1: Place(TUESDAY, 480, ("ann",)), A2: Place(WEEKS[4], 480, ("ann",))}
    assert cost(instance(before=GOOD), moved).changes == 30 + 90
    booked = replace(ANN, booked=(Stop(MONDAY, 660, 750, "near"),))
    # On the way that is made anyway only the way between is added.
    assert cost(instance(workers=(booked, BEN)), {A1: GOOD[A1]}).travel == 2 * 10


@given(
    one=st.tuples(st.none() | st.integers(0, 40), st.integers(0, 9)),
    two=st.tuples(st.none() | st.integers(0, 40), st.integers(0, 9)),
)
def test_never_served_goes_before_longest_ago_and_that_before_need(
    one: tuple[int | None, int], two: tuple[int | None, int]
) -> None:
    def rank(school: tuple[int | None, int]) -> tuple[bool, int, int]:
        months, need = school
        return months is None, min(months or 0, MOST_MONTHS), min(need, MOST_NEED)

    assert MONTH > MOST_NEED
    assert (points_of(*one) > points_of(*two)) == (rank(one) > rank(two))
    assert min(points_of(*one), points_of(*two)) > AGAIN


@given(
    travel=st.integers(0, 5),
    balance=st.integers(0, 5),
    item=st.sampled_from([A1, A2, B1, C1]),
    week=st.integers(0, 7),
)
def test_leaving_a_session_out_never_pays(travel: int, balance: int, item: Item, week: int) -> None:
    planned = instance(weights=Weights(travel, balance))
    crew = planned.school[item.school].crew
    held = {"ann": 90 * crew, "ben": 0}
    most = (
        wait(planned, item, week)
        + crew * travel * longest_way(planned)
        + balance * spread(planned, held)
    )
    assert missing(planned, item) > most


@cache
def small_town(seed: int) -> Instance:
    """Return a small town."""
    return town(Size(schools=14, workers=2, weekly_hours=6, seed=seed))


@given(seed=st.integers(1, 6), choice=st.data())
def test_the_greedy_plan_keeps_every_rule_around_any_locks_it_can_hold(
    seed: int, choice: st.DataObject
) -> None:
    planned = small_town(seed)
    free = greedy.plan(planned)
    assert check(planned, free) == []
    assert polishing.fair(planned, free)
    kept = choice.draw(st.sets(st.sampled_from(sorted(free)), max_size=8))
    away = choice.draw(st.sampled_from(planned.workers))
    since = choice.draw(st.sampled_from(planned.weeks[:10]))
    leave = (*away.leave, (since, since + timedelta(days=11)))
    workers = tuple(replace(w, leave=leave) if w == away else w for w in planned.workers)
    again = replace(planned, workers=workers, before=free)
    locks = {item: free[item] for item in sorted(kept)}
    if clashes(replace(again, locks=locks)):
        locks = {}
    again = replace(again, locks=locks)
    found = greedy.plan(again)
    assert check(again, found) == []
    hit = {item for item in free if check(replace(again, before={}, locks={}), {item: free[item]})}
    changed = {item for item in free if found.get(item) != free[item]}
    # Nobody moves who was not hit, or came after somebody who was.
    assert {item for item in changed if item.ordinal == 1} <= {i for i in hit if i.ordinal == 1}


Mutation = Callable[[Place, Place, st.DataObject], Place]
MUTATIONS: dict[Rule, Mutation] = {
    Rule.CALENDAR: lambda place, _o, _c: replace(
        place, day=place.day + timedelta(days=6 - place.day.weekday())
    ),
    Rule.START: lambda place, _o, _c: replace(place, start=place.start + 15),
    Rule.CREW: lambda place, _o, _c: replace(place, workers=(*place.workers, place.workers[0])),
    Rule.OVERLAP: lambda _p, other, _c: other,
    Rule.HOURS: lambda place, _o, _c: replace(place, start=900),
}


@given(seed=st.integers(1, 6), rule=st.sampled_from(sorted(MUTATIONS)), choice=st.data())
def test_a_good_plan_spoilt_in_one_place_is_found_out(
    seed: int, rule: Rule, choice: st.DataObject
) -> None:
    planned = small_town(seed)
    good = greedy.plan(planned)
    item = choice.draw(st.sampled_from(sorted(good)))
    others = sorted(each for each in good if each.school != item.school)
    other = choice.draw(st.sampled_from(others))
    spoilt = {**good, item: MUTATIONS[rule](good[item], good[other], choice)}
    found = {
        each.rule for each in check(planned, spoilt) if item.school in (each.school, each.other)
    }
    assert rule in found


def test_loads_are_measured_against_hours() -> None:
    half = replace(BEN, minutes=dict.fromkeys(WEEKS, 240))
    planned = instance(workers=(ANN, half))
    assert loads(planned, GOOD) == {"ann": 270, "ben": 180}
    # Half the hours make the same sessions weigh twice.
    assert spread(planned, {"ann": 180, "ben": 90}) == 0
    assert spread(planned, {"ann": 0, "ben": 0}) == 0
