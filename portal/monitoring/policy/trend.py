"""How the forms about a child read together: better, worse, much the same, or too thin to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.monitoring.policy.termination import LAST_FORMS, Look, concern_of, known
from portal.monitoring.states import Band

# Four of the ten items one step better or worse; less than that is chance.
CLEARLY = 10
# The newest form is measured against the mean of so many before it.
FORMS_BEFORE = 2
# Of the last five forms due, so many must say enough, and one of the newest two.
LEAST_KNOWN = 3
NEWEST = 2


class Trend(StrEnum):
    """Where the concern about a child goes."""

    BETTER = "better"
    STEADY = "steady"
    WORSE = "worse"
    # Too little was observed to say.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Course:
    """What the forms say together, and what that rests on."""

    trend: Trend
    # The newest concern index in which enough was observed, and the mean of those before it.
    now: float | None
    before: float | None
    band: Band
    # How many forms in a row are calm, up to the newest one that came due.
    calm: int
    # Of the last forms due: how many there were, said enough, and came late or not at all.
    due: int
    told: int
    late: int
    # Whether the form that was sent last has a red flag, whatever the others add up to.
    flagged: bool = False


def course_of(looks: Sequence[Look]) -> Course:
    """Return how the forms that came due read together, the oldest first."""
    last, told = looks[-LAST_FORMS:], known(looks)
    newest = told[-1] if told else None
    earlier = [concern_of(each) for each in told[-1 - FORMS_BEFORE : -1]]
    now = concern_of(newest) if newest else None
    before = sum(earlier) / len(earlier) if earlier else None
    enough = len(known(last)) >= LEAST_KNOWN and bool(known(looks[-NEWEST:]))
    sent = [each for each in looks if each.result is not None]
    return Course(
        trend=_trend(now, before) if enough else Trend.UNKNOWN,
        now=now,
        before=before,
        band=newest.result.band if newest and newest.result else Band.TOO_LITTLE,
        calm=_calm_run(looks),
        due=len(last),
        told=len(known(last)),
        late=sum(each.late or each.result is None for each in last),
        flagged=bool(sent and sent[-1].flags),
    )


def _trend(now: float | None, before: float | None) -> Trend:
    if now is None or before is None:
        return Trend.UNKNOWN
    if now - before >= CLEARLY:
        return Trend.WORSE
    return Trend.BETTER if before - now >= CLEARLY else Trend.STEADY


def _calm_run(looks: Sequence[Look]) -> int:
    run = 0
    for each in reversed(looks):
        if each.result is None or each.result.band is not Band.GREEN or each.flags:
            break
        run += 1
    return run
