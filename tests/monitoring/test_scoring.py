"""What the answers of a form add up to, and what they ask for: reckoned by hand, row by row.

How to check a row without a computer. Risk of an answer: M7, M8 and M9 as ticked (0 to 4); the
other items turned round (4 minus what was ticked). Concern is the mean risk of M1 to M10, times 25,
of the items that were observed; with fewer than 7 of them nothing is said. Support is the mean of
M11 and M12 as ticked, times 25. Below 25 green, below 50 yellow, below 70 orange, from 70 red.
Answers are written M1 to M6, then M7 to M9, then M10, then M11 and M12; "n" is "not observed".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.monitoring.models import Instrument
from portal.monitoring.policy.findings import findings
from portal.monitoring.policy.scoring import MOST, Filled, Result, band_of, score
from portal.monitoring.states import AlertKind, Band
from tests.builders import Builder

GREEN, YELLOW, ORANGE, RED, TOO_LITTLE = Band
CODES = [f"m{number}" for number in range(1, 13)]
CONCERN, SUPPORT = CODES[:10], CODES[10:]
# "Always" is a bad sign in these alone.
PLAIN = ("m7", "m8", "m9")
FLAGS = ("r1", "r2", "r3", "r4", "r5")
GROUPS = (
    ("m1", "m4", "m5"),
    ("m2", "m3", "m6", "m7", "m8", "m9"),
    ("m10", "m11", "m12"),
)
THRESHOLDS = {
    "least_observed": 7,
    "yellow": 25,
    "orange": 50,
    "red": 70,
    "harassment_item": "m9",
    "harassment_least": 3,
    "rise": 20,
}


def content(groups: Sequence[Sequence[str]] = GROUPS) -> dict[str, Any]:
    """Return what scoring needs of edition 1."""
    return {
        "groups": [
            {
                "items": [
                    {
                        "code": code,
                        "reversed": code not in PLAIN,
                        "index": "support" if code in SUPPORT else "concern",
                    }
                    for code in codes
                ]
            }
            for codes in groups
        ]
    }


def filled(answers: str, flags: str = "") -> Filled:
    """Return a form as it is written in the tables below."""
    ticked = [None if each == "n" else int(each) for each in answers.replace(" ", "")]
    return Filled(frozenset(flags.split()), dict(zip(CODES, ticked, strict=True)))


def reckoned(answers: str, flags: str = "") -> Result:
    return score(content(), THRESHOLDS, filled(answers, flags))


# Answers, observed of M1-M10, concern, support, band; how it was reckoned stands behind each.
GOLDEN: tuple[tuple[str, int, float | None, float | None, Band], ...] = (
    # The ends and the middle.
    ("444444 000 4 44", 10, 0, 100, GREEN),  # no risk anywhere
    ("000000 444 0 00", 10, 100, 0, RED),  # 10 x 4 = 40; 40 / 10 x 25
    ("222222 222 2 22", 10, 50, 50, ORANGE),  # 10 x 2 = 20
    ("333333 111 3 33", 10, 25, 75, YELLOW),  # 10 x 1 = 10
    # The same tick everywhere says nothing by itself: seven items turn round, three do not.
    ("444444 444 4 44", 10, 30, 100, YELLOW),  # 7 x 0 + 3 x 4 = 12
    ("000000 000 0 00", 10, 70, 0, RED),  # 7 x 4 + 3 x 0 = 28
    # Each item alone as bad as can be, the others calm: 4 / 10 x 25 = 10, in the right direction.
    ("044444 000 4 44", 10, 10, 100, GREEN),
    ("404444 000 4 44", 10, 10, 100, GREEN),
    ("440444 000 4 44", 10, 10, 100, GREEN),
    ("444044 000 4 44", 10, 10, 100, GREEN),
    ("444404 000 4 44", 10, 10, 100, GREEN),
    ("444440 000 4 44", 10, 10, 100, GREEN),
    ("444444 400 4 44", 10, 10, 100, GREEN),
    ("444444 040 4 44", 10, 10, 100, GREEN),
    ("444444 004 4 44", 10, 10, 100, GREEN),
    ("444444 000 0 44", 10, 10, 100, GREEN),
    # M11 and M12 are help, apart from concern.
    ("444444 000 4 04", 10, 0, 50, GREEN),  # (0 + 4) / 2 x 25
    ("444444 000 4 40", 10, 0, 50, GREEN),
    ("444444 000 4 00", 10, 0, 0, GREEN),
    ("444444 000 4 3n", 10, 0, 75, GREEN),  # 3 x 25
    ("444444 000 4 nn", 10, 0, None, GREEN),
    ("nnnnnn nnn n 21", 0, None, 37.5, TOO_LITTLE),  # (2 + 1) / 2 x 25
    # All ten observed, just below and on each boundary.
    ("433333 111 3 44", 10, 22.5, 100, GREEN),  # sum 9
    ("333333 111 3 44", 10, 25, 100, YELLOW),  # sum 10
    ("222222 222 3 44", 10, 47.5, 100, YELLOW),  # 9 x 2 + 1 = 19
    ("222222 222 2 44", 10, 50, 100, ORANGE),  # 20
    ("111111 333 4 44", 10, 67.5, 100, ORANGE),  # 6 x 3 + 3 x 3 + 0 = 27
    ("111111 333 3 44", 10, 70, 100, RED),  # 28
    # Nine observed (M10 was not).
    ("433333 111 n 44", 9, 8 * 25 / 9, 100, GREEN),  # sum 8: 22.2
    ("333333 111 n 44", 9, 25, 100, YELLOW),  # 9
    ("322222 222 n 44", 9, 17 * 25 / 9, 100, YELLOW),  # 17: 47.2
    ("222222 222 n 44", 9, 50, 100, ORANGE),  # 18
    ("111111 331 n 44", 9, 25 * 25 / 9, 100, ORANGE),  # 18 + 7 = 25: 69.4
    ("111111 332 n 44", 9, 26 * 25 / 9, 100, RED),  # 26: 72.2
    # Eight observed (M9 and M10 were not).
    ("433333 11n n 44", 8, 21.875, 100, GREEN),  # sum 7
    ("333333 11n n 44", 8, 25, 100, YELLOW),  # 8
    ("222222 22n n 44", 8, 50, 100, ORANGE),  # 16
    ("111111 22n n 44", 8, 68.75, 100, ORANGE),  # 18 + 4 = 22
    ("111111 23n n 44", 8, 71.875, 100, RED),  # 23
    # Exactly seven observed: it counts.
    ("444444 0nn n 44", 7, 0, 100, GREEN),
    ("433333 1nn n 44", 7, 6 * 25 / 7, 100, GREEN),  # sum 6: 21.4
    ("333333 1nn n 44", 7, 25, 100, YELLOW),  # 7
    ("322222 2nn n 44", 7, 13 * 25 / 7, 100, YELLOW),  # 13: 46.4
    ("222222 2nn n 44", 7, 50, 100, ORANGE),  # 14
    ("111111 1nn n 44", 7, 19 * 25 / 7, 100, ORANGE),  # 18 + 1 = 19: 67.9
    ("111111 2nn n 44", 7, 20 * 25 / 7, 100, RED),  # 20: 71.4
    ("nnn444 000 4 nn", 7, 0, None, GREEN),  # any seven
    # Six observed: nothing is said, however calm or bad they are; help does not fill the gap.
    ("444444 nnn n 44", 6, None, 100, TOO_LITTLE),
    ("000000 nnn n 00", 6, None, 0, TOO_LITTLE),
    ("nnnn44 000 4 44", 6, None, 100, TOO_LITTLE),
    ("nnnnnn n44 n nn", 2, None, None, TOO_LITTLE),
    # Nothing observed at all.
    ("nnnnnn nnn n nn", 0, None, None, TOO_LITTLE),
)


@pytest.mark.parametrize(("answers", "observed", "concern", "support", "band"), GOLDEN)
def test_what_answers_add_up_to(
    answers: str, observed: int, concern: float | None, support: float | None, band: Band
) -> None:
    found = reckoned(answers)
    assert (found.observed, found.band) == (observed, band)
    assert found.concern == (concern if concern is None else pytest.approx(concern))
    assert found.support == (support if support is None else pytest.approx(support))


@pytest.mark.parametrize(
    ("concern", "band"),
    [
        (None, TOO_LITTLE),
        (0.0, GREEN),
        (24.9, GREEN),
        (25.0, YELLOW),
        (49.9, YELLOW),
        (50.0, ORANGE),
        (69.9, ORANGE),
        (70.0, RED),
        (100.0, RED),
    ],
)
def test_where_a_band_begins(concern: float | None, band: Band) -> None:
    assert band_of(concern, THRESHOLDS) is band


def test_thresholds_are_those_of_the_edition() -> None:
    other = {**THRESHOLDS, "least_observed": 10, "yellow": 10, "orange": 20, "red": 30}
    assert score(content(), other, filled("444444 004 4 44")).band is YELLOW
    assert score(content(), other, filled("444444 444 4 44")).band is RED
    assert score(content(), other, filled("444444 00n 4 44")).band is TOO_LITTLE


FLAG, HARASSED, RED_BAND, RISE, TWICE, *_rest = AlertKind
CALM = "444444 000 4 44"  # concern 0
MILD = "333333 111 3 44"  # 25
MIDDLE = "222222 222 2 44"  # 50
GRAVE = "111111 333 3 44"  # 70; M9 is 3
GRAVE_UNTEASED = "001111 332 3 44"  # 2 x 4 + 4 x 3 + 3 + 3 + 2 + 1 = 29: 72.5; M9 is 2
LITTLE = "nnnn44 000 4 44"  # six observed

# Answers, flags, the forms before (newest first), what it asks for.
ASKED: tuple[tuple[str, str, tuple[str, ...], set[AlertKind]], ...] = (
    (CALM, "", (), set()),
    (MILD, "", (), set()),
    # Every red flag by itself, whatever the answers say, and together.
    (CALM, "r1", (), {FLAG}),
    (CALM, "r2", (), {FLAG}),
    (CALM, "r3", (), {FLAG}),
    (CALM, "r4", (), {FLAG}),
    (CALM, "r5", (), {FLAG}),
    (CALM, "r2 r5", (), {FLAG}),
    (CALM, "r1 r2 r3 r4 r5", (), {FLAG}),
    (LITTLE, "r4", (), {FLAG}),
    ("nnnnnn nnn n nn", "r4", (), {FLAG}),
    (GRAVE, "r1 r3", (), {FLAG, HARASSED, RED_BAND}),
    # M9: from "often" on; not observed says nothing; also where too little was observed.
    ("444444 002 4 44", "", (), set()),
    ("444444 003 4 44", "", (), {HARASSED}),
    ("444444 004 4 44", "", (), {HARASSED}),
    ("444444 00n 4 44", "", (), set()),
    ("nnnnnn nn3 n nn", "", (), {HARASSED}),
    ("444444 003 4 44", "r3", (), {FLAG, HARASSED}),
    # Red.
    (GRAVE_UNTEASED, "", (), {RED_BAND}),
    (GRAVE, "", (), {HARASSED, RED_BAND}),
    (MIDDLE, "", (), set()),  # orange for the first time
    # A rise needs two known forms before it.
    (MILD, "", (CALM,), set()),
    (MILD, "", (CALM, CALM), {RISE}),  # 25 - 0
    (MILD, "", (CALM, LITTLE), set()),  # one known alone
    (MILD, "", (LITTLE, CALM, LITTLE, CALM), {RISE}),  # the two known ones
    (MILD, "", (LITTLE, LITTLE), set()),
    (LITTLE, "", (CALM, CALM), set()),  # of this one nothing is known
    # Concern 10 and 0 before, mean 5: 25 is 20 above; 22.5 is not.
    (MILD, "", ("044444 000 4 44", CALM), {RISE}),
    ("433333 111 3 44", "", ("044444 000 4 44", CALM), set()),
    # Only the last two count: 25 and 25 before, whatever was long ago.
    (MILD, "", (MILD, MILD, CALM, CALM), set()),
    (CALM, "", (GRAVE, GRAVE), set()),  # falling is no rise
    # Orange or red, and the known form before it too.
    (MIDDLE, "", (MIDDLE,), {TWICE}),
    (MIDDLE, "", (GRAVE,), {TWICE}),
    (GRAVE_UNTEASED, "", (MIDDLE,), {RED_BAND, TWICE}),
    (MIDDLE, "", (MILD,), set()),
    (MIDDLE, "", (MILD, MIDDLE), set()),  # the one before broke it; 50 - 37.5 is no rise
    (MILD, "", (MIDDLE, MIDDLE), set()),
    (MIDDLE, "", (LITTLE, MIDDLE), {TWICE}),  # too little observed does not break it
    (MIDDLE, "", (LITTLE, LITTLE, MIDDLE), {TWICE}),
    (MIDDLE, "", (LITTLE,), set()),  # nor make it
    (LITTLE, "", (MIDDLE,), set()),
    (LITTLE, "", (MIDDLE, MIDDLE), set()),
    (GRAVE, "r2", (MIDDLE, CALM), {FLAG, HARASSED, RED_BAND, RISE, TWICE}),  # 70 - 25
)


@pytest.mark.parametrize(("answers", "flags", "before", "asked"), ASKED)
def test_what_a_form_asks_for(
    answers: str, flags: str, before: tuple[str, ...], asked: set[AlertKind]
) -> None:
    earlier = [(filled(each), reckoned(each)) for each in before]
    this = filled(answers, flags)
    assert findings(THRESHOLDS, this, reckoned(answers), earlier) == asked


def known(concern: float | None) -> tuple[Filled, Result]:
    return filled(CALM), Result(10, concern, None, band_of(concern, THRESHOLDS))


@pytest.mark.parametrize(
    ("concern", "before", "risen"),
    [
        (40.0, (20.0, 20.0), True),
        (39.9, (20.0, 20.0), False),
        (40.0, (30.0, 10.0), True),
        (40.0, (30.1, 10.0), False),
        # Means without end: 3 x 25 / 9 twice, and exactly 20 more.
        (75 / 9 + 20, (75 / 9, 75 / 9), True),
        (100.0, (), False),
        (100.0, (0.0,), False),
        (100.0, (None, None), False),
    ],
)
def test_how_much_is_a_rise(
    concern: float, before: tuple[float | None, ...], *, risen: bool
) -> None:
    this, result = known(concern)
    asked = findings(THRESHOLDS, this, result, [known(each) for each in before])
    assert (RISE in asked) is risen


ANSWER = st.none() | st.integers(0, MOST)
FORMS = st.builds(
    lambda flags, ticked: Filled(frozenset(flags), dict(zip(CODES, ticked, strict=True))),
    st.sets(st.sampled_from(FLAGS)),
    st.lists(ANSWER, min_size=len(CODES), max_size=len(CODES)),
)
SEVERITY = [GREEN, YELLOW, ORANGE, RED]
quick = settings(max_examples=150, deadline=None)


def of(form: Filled) -> Result:
    return score(content(), THRESHOLDS, form)


@quick
@given(FORMS, st.sampled_from(CONCERN))
def test_more_risk_never_lowers_the_band(form: Filled, code: str) -> None:
    answer = form.items[code]
    worse = (answer if code in PLAIN else MOST - answer) if answer is not None else None
    if worse is None or worse == MOST:
        return
    changed = MOST - (worse + 1) if code not in PLAIN else worse + 1
    before, after = of(form), of(Filled(form.flags, {**form.items, code: changed}))
    if before.band is TOO_LITTLE:
        assert after.band is TOO_LITTLE
    else:
        assert SEVERITY.index(after.band) >= SEVERITY.index(before.band)


@quick
@given(FORMS)
def test_what_is_missing_is_never_calm(form: Filled) -> None:
    observed = sum(form.items[code] is not None for code in CONCERN)
    found = of(form)
    assert (found.band is TOO_LITTLE) == (observed < 7) == (found.concern is None)


@quick
@given(FORMS, st.lists(FORMS, max_size=3), st.sampled_from(FLAGS))
def test_a_flag_never_lowers_anything(form: Filled, before: list[Filled], flag: str) -> None:
    raised = Filled(form.flags | {flag}, form.items)
    earlier = [(each, of(each)) for each in before]
    assert of(raised) == of(form)
    calm = findings(THRESHOLDS, form, of(form), earlier)
    assert calm <= findings(THRESHOLDS, raised, of(raised), earlier)


@quick
@given(FORMS, st.permutations(CODES))
def test_the_order_of_items_does_not_matter(form: Filled, order: list[str]) -> None:
    shuffled = Filled(form.flags, {code: form.items[code] for code in order})
    found = score(content([order[:5], order[5:]]), THRESHOLDS, shuffled)
    assert found == of(form)


@quick
@given(FORMS)
def test_answers_and_results_survive_being_kept(form: Filled) -> None:
    assert Filled.of_json(form.to_json()) == form
    assert Result.of_json(of(form).to_json()) == of(form)


def test_the_table_above_is_about_the_edition_in_force(build: Builder) -> None:
    with build.database.reader() as reading:
        first = reading.scalars(select(Instrument).where(Instrument.number == 1)).one()
    kept = [
        {
            "items": [
                {name: each[name] for name in ("code", "reversed", "index")}
                for each in group["items"]
            ]
        }
        for group in first.content["groups"]
    ]
    assert {"groups": kept} == content()
    assert first.thresholds == THRESHOLDS
    assert [each["code"] for each in first.content["flags"]] == list(FLAGS)
    # Acknowledged within two working hours; what happens at home is told to no guardian by itself.
    hours = [each["hours"] for each in first.content["flags"]]
    assert hours == [None, 2, 2, None, 2]
    assert [each["guardian"] for each in first.content["flags"]] == [True] * 4 + [False]
