"""What a class has learned: right figures, and never one child's answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.materials.policy.answering import UNSURE, check, count_right, right_of
from portal.materials.policy.class_results import (
    FEWEST,
    SETTLING,
    Standing,
    Sums,
    points,
    results,
)
from portal.materials.states import Phase
from tests.materials.shelf import questions

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKED = questions(4)
sheets = st.lists(
    st.tuples(*[st.sampled_from([UNSURE, 0, 1, 2])] * len(ASKED)), min_size=FEWEST, max_size=40
)


def summed(given_answers: Sequence[tuple[int, ...]]) -> Sums:
    """Add sheets up one by one, as they would come."""
    chosen = Counter(pair for sheet in given_answers for pair in enumerate(sheet))
    right = sum(count_right(ASKED, sheet) for sheet in given_answers)
    return Sums(len(given_answers), right, chosen)


@given(sheets, sheets)
def test_the_share_of_all_is_the_mean_of_the_questions(
    before: list[tuple[int, ...]], after: list[tuple[int, ...]]
) -> None:
    found = results(ASKED, summed(before), summed(after))
    assert found is not None
    for whole, parts in (
        (found.before, [line.before for line in found.lines]),
        (found.after, [line.after for line in found.lines]),
    ):
        assert whole is not None
        assert 0 <= whole <= 1
        assert whole == pytest.approx(sum(part or 0 for part in parts) / len(ASKED))
    assert found.change == points(found.before, found.after)
    for number, line in enumerate(found.lines):
        wrong = Counter(sheet[number] for sheet in after if sheet[number] in (1, 2))
        most = max(wrong.values(), default=0)
        assert (line.missed.share if line.missed else 0) == most / len(after)
        assert line.unsure == [sheet[number] for sheet in after].count(UNSURE) / len(after)


def test_a_phase_that_may_not_be_seen_leaves_no_figure() -> None:
    before = summed([(0, 1, 0, UNSURE)] * 5)
    found = results(ASKED, before, None)
    assert found is not None
    assert (found.before, found.after, found.change) == (0.5, None, None)
    assert [line.before for line in found.lines] == [1, 0, 1, 0]
    assert [line.change for line in found.lines] == [None] * 4
    assert results(ASKED, None, None) is None


def test_points_are_those_between_the_shares_as_they_are_shown() -> None:
    assert points(0.484, 0.676) == 20
    assert points(0.7, 0.3) == -40
    assert points(None, 0.3) is None


# What may happen to a class, in any order: three sheets, time, and whoever presses a button. The
# office may change its number meanwhile.
steps = st.lists(
    st.sampled_from(["before", "after", "go on", "close", "reopen", "wait", 1, 6]),
    min_size=20,
    max_size=60,
)


def then(standing: Standing, step: str | int, now: datetime) -> Standing:
    """Return how far a class is after a step, where it is possible at all."""
    match step:
        case "before" if standing.takes(Phase.BEFORE, now):
            return replace(standing, before=standing.before + 3)
        case "after" if standing.takes(Phase.AFTER, now):
            return replace(standing, after=(standing.after or 0) + 3)
        case "go on" if standing.may_go_on():
            return replace(standing, after=0, closes_at=now + HOUR)
        case "close" if now < standing.closes_at:
            return replace(standing, closes_at=now - SETTLING)
        case "reopen" if standing.may_reopen(now):
            return replace(standing, closes_at=now + HOUR)
        case _:
            return standing


@given(steps)
def test_what_is_seen_of_a_phase_never_changes_again(happening: list[str | int]) -> None:
    standing, now, least = Standing(0, None, NOW + HOUR), NOW, FEWEST
    seen: dict[Phase, int] = {}
    for step in happening:
        least = step if isinstance(step, int) else least
        now += timedelta(minutes=40 if step == "wait" else 0)
        standing = then(standing, step, now)
        for phase in Phase:
            if standing.shows(phase, now, least):
                there = standing.sheets(phase)
                assert there >= max(least, FEWEST)
                assert seen.setdefault(phase, there) == there


def test_sheets_on_their_way_when_time_runs_out_are_waited_for() -> None:
    standing = Standing(8, 7, NOW)
    assert not standing.takes(Phase.AFTER, NOW)
    assert not standing.shows(Phase.AFTER, NOW, 5)
    assert standing.shows(Phase.AFTER, NOW + SETTLING, 5)
    assert not standing.shows(Phase.AFTER, NOW + SETTLING, 8)
    assert not standing.may_reopen(NOW)


def test_answers_for_oneself_say_what_was_chosen_and_what_is_right() -> None:
    found = check(ASKED, [0, 1, None, 2])
    assert [each.is_right for each in found] == [True, False, False, False]
    assert [each.chosen and each.chosen.text.en for each in found] == [
        "Right (en)",
        "Other (en)",
        None,
        "Third (en)",
    ]
    assert {each.right and each.right.text.en for each in found} == {"Right (en)"}
    assert right_of(replace(ASKED[0], options=ASKED[0].options[1:])) is None
