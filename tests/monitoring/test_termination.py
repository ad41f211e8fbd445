"""What speaks for an ending: worked out by hand, and never the better for a worse form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.monitoring.policy.scoring import Result
from portal.monitoring.policy.termination import (
    Beside,
    Look,
    Suggestion,
    Wanted,
    Why,
    conditions,
    suggest,
)
from portal.monitoring.policy.trend import Trend, course_of
from portal.monitoring.states import Band

FULL = Beside(family=True, child_view=True, visited=True)
BEGINS = date(2026, 8, 7)
W, Y = Wanted, Why
THE_FORMS = {W.CALM, W.WEEKS, W.NO_FLAG, W.NOT_HARASSED, W.SENT}
# What each letter of a story stands for: the band, with a figure in its middle.
BANDS = {
    "g": (Band.GREEN, 10.0),
    "G": (Band.GREEN, 22.5),
    "y": (Band.YELLOW, 35.0),
    "Y": (Band.YELLOW, 47.5),
    "o": (Band.ORANGE, 55.0),
    "r": (Band.RED, 80.0),
    "n": (Band.TOO_LITTLE, None),
}


def told(story: str, weeks: str | int = 2) -> list[Look]:
    """Return forms from letters, "-" for one that did not come, each with its school weeks."""
    found, day = [], BEGINS
    for number, letter in enumerate(story):
        gap = weeks if isinstance(weeks, int) else int(weeks[number])
        day += timedelta(weeks=gap)
        if letter == "-":
            found.append(Look(day, gap))
            continue
        band, concern = BANDS[letter]
        found.append(Look(day, gap, Result(10, concern, 75.0, band), harassed=0))
    return found


def unmet(looks: list[Look], beside: Beside = FULL) -> set[Wanted]:
    return {each.code for each in conditions(looks, beside) if not each.met}


@pytest.mark.parametrize(
    ("story", "weeks", "expected"),
    [
        ("", 2, THE_FORMS),
        ("gggg", 2, {W.CALM, W.NO_FLAG, W.NOT_HARASSED}),
        ("ggggg", 2, set()),
        # Five weekly forms are five weeks; one fortnight and three weeks more make eight.
        ("ggggg", 1, {W.WEEKS}),
        ("ggggg", "11222", set()),
        ("ggggg", "11122", {W.WEEKS}),
        ("ggggg", "22220", set()),
        # Whatever lies before the last five counts no more.
        ("rryggggg", 2, set()),
        ("ggggyg", 2, {W.CALM}),
        ("yGGGG", 2, {W.CALM}),
        # Calm for eight weeks, but one of the five is not.
        ("gyggg", 4, {W.CALM}),
        ("ggngg", 2, {W.CALM}),
        ("ggngg", 1, {W.CALM, W.WEEKS}),
        # 80 per cent are enough, 4 of 6 are not; forms that stayed away are never calm.
        ("g-gggg", 2, set()),
        ("-ggggg-", 2, {W.SENT}),
        ("--gggggggg", 1, {W.WEEKS}),
        ("-----", 2, THE_FORMS),
        # A pause of a term makes no form speak for more than four weeks.
        ("ggggg", "19999", set()),
        ("ygggg", "10009", {W.CALM, W.WEEKS}),
    ],
)
def test_conditions_worked_out_by_hand(story: str, weeks: str | int, expected: set[Wanted]) -> None:
    assert unmet(told(story, weeks)) == expected


def test_flags_harassment_and_the_file_count_on_their_own() -> None:
    calm = told("ggggg")
    for number in range(5):
        flagged, harassed, unseen = list(calm), list(calm), list(calm)
        flagged[number] = replace(calm[number], flags=frozenset({"r4"}))
        harassed[number] = replace(calm[number], harassed=2)
        unseen[number] = replace(calm[number], harassed=None)
        assert unmet(flagged) == {W.NO_FLAG}
        assert unmet(harassed) == {W.NOT_HARASSED}
        # What nobody observed is no good news.
        assert unmet(unseen) == {W.NOT_HARASSED}
    rarely = [replace(each, harassed=1) for each in calm]
    assert unmet(rarely) == set()
    assert unmet(calm, Beside(False, False, False)) == {W.FAMILY, W.CHILD_VIEW, W.VISITED}


@pytest.mark.parametrize(
    ("story", "weeks", "expected", "why"),
    [
        ("", 2, Suggestion.CONTINUE, ()),
        ("ggggg", 2, Suggestion.TERMINATE, ()),
        ("ggggg", 1, Suggestion.CONTINUE, ()),
        ("ggggy", 2, Suggestion.CONTINUE, ()),
        ("ggggo", 2, Suggestion.CONTINUE, ()),
        ("ggggr", 2, Suggestion.REFER, (Y.RED,)),
        ("gggrg", 2, Suggestion.CONTINUE, ()),
        ("gggoo", 1, Suggestion.REFER, (Y.ORANGE_TWICE,)),
        ("ggrr", 1, Suggestion.REFER, (Y.RED, Y.ORANGE_TWICE)),
        # Nobody knows how the child was in between.
        ("gono", 1, Suggestion.REFER, (Y.ORANGE_TWICE,)),
        ("goyo", 1, Suggestion.CONTINUE, ()),
        # No better than six school weeks before: weekly six forms back, fortnightly three.
        ("yyyyyy", 1, Suggestion.CONTINUE, ()),
        ("yyyyyyy", 1, Suggestion.REFER, (Y.NO_IMPROVEMENT,)),
        ("yyyy", 2, Suggestion.REFER, (Y.NO_IMPROVEMENT,)),
        ("Yyyy", 2, Suggestion.CONTINUE, ()),
        ("yGGGG", 2, Suggestion.CONTINUE, ()),
        # Six weeks pass whether forms come or not.
        ("y--y", 2, Suggestion.REFER, (Y.NO_IMPROVEMENT,)),
        ("yy--", 2, Suggestion.CONTINUE, ()),
    ],
)
def test_suggestions_worked_out_by_hand(
    story: str, weeks: int, expected: Suggestion, why: tuple[Why, ...]
) -> None:
    looks = told(story, weeks)
    assert suggest(looks, conditions(looks, FULL)) == (expected, why)


def test_nothing_is_suggested_without_conditions() -> None:
    assert suggest([], ()) == (Suggestion.CONTINUE, ())


@pytest.mark.parametrize(
    ("story", "trend", "calm", "late"),
    [
        ("", Trend.UNKNOWN, 0, 0),
        ("g", Trend.UNKNOWN, 1, 0),
        ("gg", Trend.UNKNOWN, 2, 0),
        ("ggg", Trend.STEADY, 3, 0),
        ("yyg", Trend.BETTER, 1, 0),
        ("ggy", Trend.WORSE, 0, 0),
        ("yyY", Trend.WORSE, 0, 0),
        ("gyG", Trend.STEADY, 1, 0),
        # Two of five say enough: nothing is concluded from them.
        ("gg-n-y", Trend.UNKNOWN, 0, 2),
        ("yyg-y-", Trend.WORSE, 0, 2),
        # Nobody knows how the child is since: calm some weeks ago says nothing.
        ("yyg--", Trend.UNKNOWN, 0, 2),
    ],
)
def test_forms_read_together(story: str, trend: Trend, calm: int, late: int) -> None:
    course = course_of(told(story))
    assert (course.trend, course.calm, course.late) == (trend, calm, late)


def test_a_late_form_counts_as_late_and_a_red_flag_as_no_calm() -> None:
    looks = told("ggggg")
    looks[1] = replace(looks[1], late=True)
    looks[2] = replace(looks[2], flags=frozenset({"r1"}))
    course = course_of(looks)
    assert (course.calm, course.late) == (2, 1)


RANK = (Band.GREEN, Band.YELLOW, Band.ORANGE, Band.RED)
figures = st.integers(0, 40).map(lambda each: each * 2.5)


def _look(concern: float, harassed: int, weeks: int) -> Look:
    band = next(
        b for b, least in zip(reversed(RANK), (70, 50, 25, 0), strict=True) if concern >= least
    )
    return Look(BEGINS, weeks, Result(10, concern, None, band), harassed=harassed)


looks_of = st.builds(_look, figures, st.integers(0, 4), st.integers(0, 4))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(looks_of, st.just(Look(BEGINS, 2))), min_size=1, max_size=12),
    st.data(),
)
def test_a_worse_form_never_makes_a_condition_met(looks: list[Look], data: st.DataObject) -> None:
    sent = [number for number, each in enumerate(looks) if each.result]
    if not sent:
        return
    number = data.draw(st.sampled_from(sent))
    form = looks[number]
    assert form.result is not None
    rise = data.draw(figures)
    worse = _look(min(100.0, (form.result.concern or 0) + rise), form.harassed or 0, form.weeks)
    worse = replace(
        worse,
        harassed=data.draw(st.one_of(st.none(), st.integers(form.harassed or 0, 4))),
        flags=data.draw(st.sampled_from([frozenset(), frozenset({"r1"})])),
    )
    if data.draw(st.booleans()):
        worse = replace(worse, result=Result(3, None, None, Band.TOO_LITTLE))
    after = [*looks[:number], worse, *looks[number + 1 :]]
    assert unmet(looks) <= unmet(after)
