"""Where the forms about a child stand in its curve: across in per cent, down in pixels.

So the drawing fills any screen while its letters stay as large as those around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from portal.core import i18n
from portal.monitoring.queries.history import PAUSED, Arrival, Entry, History, Mark
from portal.monitoring.queries.reading import ARRIVALS, MARKS
from portal.monitoring.queries.words import BANDS
from portal.monitoring.states import Band

# The figures of the bands stand left of all dots.
LEFT, RIGHT = 9, 97
TOP, BOTTOM = 28, 208
HEIGHT = 236
# Days beneath the curve that stand closer would touch each other on a phone.
APART = 23
FROM = (Band.RED, Band.ORANGE, Band.YELLOW, Band.GREEN)


@dataclass(frozen=True)
class Dot:
    """One form: without `y` it was missed, or too little was observed."""

    x: float
    y: float | None
    entry: Entry


@dataclass(frozen=True)
class Step:
    """A band behind the curve: from which figure on, and the word for it."""

    y: float
    height: float
    # 0 for calm, and darker with every step.
    shade: int
    least: int
    words: str


@dataclass(frozen=True)
class Curve:
    """The concern index over time, ready to be drawn, and the same in words."""

    dots: list[Dot]
    # From one dot to the next, as long as nothing is missing between them.
    lines: list[tuple[Dot, Dot]]
    bands: list[Step]
    marks: list[tuple[float, str, Mark]]
    # Percentage, anchor and day of what stands beneath.
    days: list[tuple[float, str, date]]
    words: str


def curve_of(history: History, marks: Sequence[Mark]) -> Curve | None:
    """Return the curve of a follow-up; None before anything was sent."""
    due = history.due
    said = [each.answers for each in due if each.answers]
    if not said:
        return None
    first, last = due[0].form.due_on, due[-1].form.due_on
    dots = [Dot(_across(each.form.due_on, first, last), _down(each), each) for each in due]
    gaps = _gaps(history, marks)
    within = [each for each in marks if first <= each.on <= last]
    return Curve(
        dots=dots,
        lines=[each for each in pairwise(dots) if _joined(*each, gaps)],
        bands=_bands(said[-1].edition.thresholds),
        marks=[(_across(each.on, first, last), str(MARKS[each.step]), each) for each in within],
        days=_days([each.form.due_on for each in due]),
        words="; ".join(_in_words(each) for each in due),
    )


def _gaps(history: History, marks: Sequence[Mark]) -> list[date]:
    """Return the days on which a pause began, or a form was due that people left out."""
    left_out = (each.form.due_on for each in history.entries if each.arrival is Arrival.CANCELLED)
    return [*left_out, *(each.on for each in marks if each.step == PAUSED)]


def _joined(first: Dot, second: Dot, gaps: Sequence[date]) -> bool:
    since, until = first.entry.form.due_on, second.entry.form.due_on
    told = first.y is not None and second.y is not None
    return told and not any(since <= day < until for day in gaps)


def _across(day: date, first: date, last: date) -> float:
    if first == last:
        return (LEFT + RIGHT) / 2
    return round(LEFT + (RIGHT - LEFT) * (day - first).days / (last - first).days, 1)


def _down(entry: Entry) -> float | None:
    concern = entry.answers.result.concern if entry.answers else None
    return None if concern is None else _height_of(concern)


def _height_of(concern: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * concern / 100, 1)


def _bands(thresholds: dict[str, Any]) -> list[Step]:
    steps, upper = [], 100.0
    for shade, band in zip((3, 2, 1, 0), FROM, strict=True):
        lower = float(thresholds.get(str(band), 0))
        y = _height_of(upper)
        height = round(_height_of(lower) - y, 1)
        steps.append(Step(y, height, shade, round(lower), str(BANDS[band])))
        upper = lower
    return steps


def _days(days: Sequence[date]) -> list[tuple[float, str, date]]:
    """Return the first day, the last, and those between them that leave room for each other."""
    first, last = days[0], days[-1]
    found = [(_across(first, first, last), "middle", first)]
    for day in days[1:-1]:
        x = _across(day, first, last)
        if x - found[-1][0] >= APART and RIGHT - x >= APART:
            found.append((x, "middle", day))
    if last > first:
        found.append((RIGHT, "end", last))
    return found


def _in_words(entry: Entry) -> str:
    day = i18n.day_month(entry.form.due_on)
    if entry.answers is None:
        return f"{day}: {ARRIVALS[entry.arrival]}"
    result = entry.answers.result
    parts = [str(BANDS[result.band])]
    if result.concern is not None:
        parts.insert(0, i18n.number(round(result.concern)))
    if entry.answers.filled.flags:
        parts.append(i18n.gettext("red flag"))
    return f"{day}: {', '.join(parts)}"
