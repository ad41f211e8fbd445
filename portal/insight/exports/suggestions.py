"""Suggestions in words: what speaks for a school, and how that adds up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.core import clock, i18n
from portal.core.i18n import gettext, ngettext, number, percent
from portal.insight.models import Verdict
from portal.insight.queries.scoring import Weights
from portal.insight.queries.suggestions import Ground, Suggestion

_ = i18n.lazy

VERDICT_NAMES = {Verdict.FIRST: _("Put first"), Verdict.LATER: _("Put off")}


def months_since(moment: datetime) -> int:
    """Return how many whole months ago something was."""
    then, today = clock.day_of(moment), clock.today()
    return (today.year - then.year) * 12 + today.month - then.month - (today.day < then.day)


def ground_words(suggestion: Suggestion, ground: Ground, weights: Weights) -> str:
    """Return one ground in words."""
    if ground is Ground.NEVER:
        return gettext("Never had a session")
    if ground is Ground.LONG_AGO and suggestion.last_at:
        months = months_since(suggestion.last_at)
        return ngettext("Last session %(num)s month ago", "Last session %(num)s months ago", months)
    if ground is Ground.REPORTS:
        return gettext("Reports this semester")
    return gettext(
        "%(group)s in %(district)s below %(share)s",
        group=suggestion.group,
        district=suggestion.district,
        share=percent(weights.percent / 100),
    )


def arithmetic(suggestion: Suggestion) -> str:
    """Return how the score adds up, `3 belum pernah + 1 sel = 4`."""
    parts = " + ".join(_summand(ground, given) for ground, given in suggestion.points.items())
    return f"{parts or 0} = {number(suggestion.score)}"


def _summand(ground: Ground, given: int) -> str:
    points = number(given)
    if ground is Ground.NEVER:
        return gettext("%(points)s never served", points=points)
    if ground is Ground.LONG_AGO:
        return gettext("%(points)s long ago", points=points)
    if ground is Ground.REPORTS:
        return gettext("%(points)s for reports", points=points)
    return gettext("%(points)s thin cell", points=points)


def rules(weights: Weights, *, reports: bool) -> Iterator[tuple[str, str]]:
    """Yield what counts how much, as it is published; reports only to whom they count."""
    yield gettext("Never had a session"), number(weights.never)
    yield (
        ngettext(
            "Last session more than %(num)s month ago",
            "Last session more than %(num)s months ago",
            weights.months,
        ),
        number(weights.long_ago),
    )
    if reports:
        yield (
            gettext("Each report this semester"),
            gettext(
                "%(points)s, together at most %(most)s",
                points=number(weights.report),
                most=number(weights.reports_most),
            ),
        )
    yield (
        gettext(
            "Fewer than %(share)s of the active schools of its district and level reached",
            share=percent(weights.percent / 100),
        ),
        number(weights.cell),
    )
