"""What a class has learned: right figures, and never one child's answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.materials.policy.answering import UNSURE, check, count_right, right_of
from portal.materials.policy.class_results import (
    APART,
    FEWEST,
    SETTLING,
    Standing,
    Sums,
    about,
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
def test_figures_are_those_of_the_sheets_in_tens(
    before: list[tuple[int, ...]], after: list[tuple[int, ...]]
) -> None:
    found = results(ASKED, summed(before), summed(after))
    assert found is not None
    for whole, sent in ((found.before, before), (found.after, after)):
        right = sum(count_right(ASKED, sheet) for sheet in sent)
        assert whole == about(right, len(sent) * len(ASKED))
    assert found.change == points(found.before, found.after)
    for number, line in enumerate(found.lines):
        said = [[sheet[number] for sheet in sent] for sent in (before, after)]
        assert (line.before, line.after) == tuple(about(each.count(0), len(each)) for each in said)
        most = max(said[1].count(wrong) for wrong in (1, 2))
        assert (line.missed.share if line.missed else 0) == about(most, len(after))
        assert line.unsure == about(said[1].count(UNSURE), len(after))


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_share_is_near_and_few_sheets_are_not_told_from_none(count: int, more: int) -> None:
    share = about(count, count + more)
    assert 10 * share in range(11)
    if min(count, more) < APART:
        assert share == (0 if count < APART else 1)
    else:
        assert abs(share - count / (count + more)) <= 0.05 + 1e-9


@given(sheets.map(lambda sent: sent[:2]), st.sampled_from([UNSURE, 0, 1]), st.integers(7, 40))
def test_one_sheet_among_equal_ones_changes_no_question(
    last: list[tuple[int, ...]], all_others: int, size: int
) -> None:
    # As somebody would do who sends all the others in order to read the last one.
    others = [(all_others,) * len(ASKED)] * size
    one, other = (results(ASKED, summed([*others, sheet]), None) for sheet in last)
    assert one is not None
    assert other is not None
    assert one.lines == other.lines


def test_a_phase_that_may_not_be_seen_leaves_no_figure() -> None:
    before = summed([(0, 1, 0, UNSURE)] * FEWEST)
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


def test_from_an_end_no_points_are_told() -> None:
    before = summed([(0, 0, 1, 1)] * 2 + [(1, 1, 1, 0)] * 8)
    after = summed([(0, 0, 1, 1)] * 3 + [(1, 1, 1, 0)] * 7)
    found = results(ASKED, before, after)
    assert found is not None
    assert [(line.before, line.after) for line in found.lines] == [
        (0, 0.3),
        (0, 0.3),
        (0, 0),
        (1, 0.7),
    ]
    assert {line.change for line in found.lines} == {None}


# What may happen to a class, in any order: three sheets, time, and whoever presses a button. The
# office may change its number meanwhile.
steps = st.lists(
    st.sampled_from(["before", "after", "go on", "close", "reopen", "wait", 1, 10]),
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
    standing = Standing(12, 9, NOW)
    assert not standing.takes(Phase.AFTER, NOW)
    assert not standing.shows(Phase.AFTER, NOW, FEWEST)
    assert standing.shows(Phase.AFTER, NOW + SETTLING, FEWEST)
    assert not standing.shows(Phase.AFTER, NOW + SETTLING, 10)
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
