"""What a form asks of the office, seen together with those before it.

Source: domain.md section 4. The figures stand in the thresholds of the form's own edition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.monitoring.policy.scoring import Filled, Result
from portal.monitoring.states import AlertKind, Band

WORRYING = frozenset({Band.ORANGE, Band.RED})
# A rise is measured against the mean of so many earlier forms.
FORMS_BEFORE = 2
# Means of figures with endless decimals: 20 must be 20, not 19.999999999.
DECIMALS = 6

Earlier = Sequence[tuple[Filled, Result]]


def findings(
    thresholds: Mapping[str, Any], filled: Filled, result: Result, earlier: Earlier
) -> frozenset[AlertKind]:
    """Return why a form asks for somebody soon; `earlier` holds the forms before it, newest first.

    A form with too little observed has no concern index. It is passed over among the earlier ones:
    nobody knows how the child was then, so it neither breaks a run of worrying forms nor makes one,
    and nothing is measured against it.
    """
    known = [each for _filled, each in earlier if each.concern is not None]
    asked = {
        AlertKind.RED_FLAG: bool(filled.flags),
        AlertKind.HARASSED: _harassed(thresholds, filled),
        AlertKind.RED_BAND: result.band is Band.RED,
        AlertKind.RISE: _risen(thresholds, result, known),
        AlertKind.ORANGE_TWICE: _worrying_again(result, known),
    }
    return frozenset(kind for kind, found in asked.items() if found)


def _harassed(thresholds: Mapping[str, Any], filled: Filled) -> bool:
    answer = filled.items.get(thresholds["harassment_item"])
    return answer is not None and answer >= thresholds["harassment_least"]


def _risen(thresholds: Mapping[str, Any], result: Result, known: Sequence[Result]) -> bool:
    """Say whether concern is clearly above the last two known; with fewer nothing can be said."""
    before = [each.concern for each in known[:FORMS_BEFORE] if each.concern is not None]
    if result.concern is None or len(before) < FORMS_BEFORE:
        return False
    rise = result.concern - sum(before) / len(before)
    return bool(round(rise, DECIMALS) >= thresholds["rise"])


def _worrying_again(result: Result, known: Sequence[Result]) -> bool:
    return result.band in WORRYING and bool(known) and known[0].band in WORRYING
