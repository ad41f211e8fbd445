"""Figures of reports as a workbook, exact for the office and guarded for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.core import i18n
from portal.core.clock import SchoolYear
from portal.core.i18n import gettext, ngettext
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.incidents.queries.words import ANSWERS, DOOR_NAMES
from portal.insight.queries.reports import (
    UNKNOWN,
    Pupils,
    YearCount,
    YearFigures,
    per_thousand,
)
from portal.insight.queries.small_cells import Guarded
from portal.schools.models import LEVEL_GROUPS

_ = i18n.lazy

# Shown where a figure would be too small.
LEFT_OUT = "–"
NOT_SAID = _("Not known, or not said")

DEFINITIONS = (
    (
        _("Report"),
        _(
            "Something told to the office by whatever way, on the day it arrived. Spam and what "
            "still lies in quarantine are left out; questions to a social worker are counted apart."
        ),
    ),
    (
        _("Per 1,000 pupils"),
        _("Reports divided by the pupils of the active schools as registered today."),
    ),
    (
        _("Time to the first reply"),
        _("From a report's arrival until somebody wrote to whoever told it, nights included."),
    ),
    (
        _("Read in time"),
        _("Reports read within the time their urgency allows, out of those read or late by now."),
    ),
    (
        _("More reports"),
        _(
            "After sessions at schools more reports are a sign of trust: more children know whom "
            "to tell. They do not mean that more happens."
        ),
    ),
)
GUARDED = _(
    "Each count is rounded to a multiple of five, and the total is their sum. Below five nothing "
    "is shown, none included; one larger count is left out with those, and they are shown "
    "together. Only whole school years are shown."
)


def duration(time: timedelta) -> str:
    """Return a time in whole minutes, hours or days, whichever says it best."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 90:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s day", "%(num)s days", round(hours / 24))


def ways(figures: YearFigures) -> list[tuple[str, int]]:
    """Return how many reports came by each way, the most used first."""
    return _named({code: str(name) for code, name in DOOR_NAMES.items()}, figures.by_door)


def kinds(figures: YearFigures) -> list[tuple[str, int]]:
    """Return how many reports tell of each kind; one may tell of several."""
    return _named({code: str(name) for code, name in ANSWERS["what"].items()}, figures.by_kind)


def _named(names: Mapping[Any, str], counts: Mapping[str, int]) -> list[tuple[str, int]]:
    rows = [(name, counts.get(str(code), 0)) for code, name in names.items()]
    return sorted(rows, key=lambda row: -row[1])


def levels(figures: YearFigures, pupils: Pupils) -> list[tuple[str, int, float | None]]:
    """Return reports of each level, and per 1,000 of its pupils; last those of no known school."""
    rows = [
        (group, figures.by_group.get(group, 0), _rate(figures.by_group, pupils.by_group, group))
        for group in LEVEL_GROUPS
    ]
    return [*rows, (str(NOT_SAID), figures.by_group.get(UNKNOWN, 0), None)]


def districts(figures: YearFigures, pupils: Pupils) -> list[tuple[str, int, float | None]]:
    """Return reports of each district, and per 1,000 of its pupils."""
    rows = [
        (
            name,
            figures.by_district.get(name, 0),
            _rate(figures.by_district, pupils.by_district, name),
        )
        for name in sorted({*pupils.by_district, *figures.by_district} - {UNKNOWN})
    ]
    return [*rows, (str(NOT_SAID), figures.by_district.get(UNKNOWN, 0), None)]


def _rate(counts: Mapping[str, int], pupils: Mapping[str, int], name: str) -> float | None:
    return per_thousand(counts.get(name, 0), pupils.get(name, 0))


def exact_workbook(
    figures: YearFigures, years: Sequence[YearCount], pupils: Pupils, as_of: datetime
) -> bytes:
    """Return the figures of a year for the office."""
    place_head = (gettext("Reports"), gettext("Per 1,000 pupils"))
    return workbook(
        (
            Sheet(
                gettext("Summary"),
                (gettext("Figure"), gettext("Value")),
                _summary(figures, pupils, as_of),
                (44, 32),
            ),
            Sheet(
                gettext("Per school year"),
                (
                    gettext("School year"),
                    *place_head,
                    gettext("Delivered sessions"),
                ),
                (
                    (
                        each.year.label,
                        each.reports,
                        per_thousand(each.reports, pupils.all),
                        each.sessions,
                    )
                    for each in years
                ),
            ),
            Sheet(gettext("Per level"), (gettext("Level"), *place_head), levels(figures, pupils)),
            Sheet(
                gettext("Per district"),
                (gettext("District"), *place_head),
                districts(figures, pupils),
                (24,),
            ),
            Sheet(gettext("By way"), (gettext("Way"), gettext("Reports")), ways(figures), (34,)),
            Sheet(gettext("By kind"), (gettext("Kind"), gettext("Reports")), kinds(figures), (60,)),
            _definitions(as_of),
        )
    )


def _summary(figures: YearFigures, pupils: Pupils, as_of: datetime) -> Iterator[tuple[Cell, Cell]]:
    times = figures.times
    yield gettext("School year"), figures.year.label
    yield gettext("As of"), as_of
    yield gettext("Reports"), figures.reports
    yield gettext("Per 1,000 pupils"), per_thousand(figures.reports, pupils.all)
    yield gettext("Questions to a social worker"), figures.consultations
    yield gettext("Answered"), times.answered
    yield gettext("First reply, half of them within (hours)"), _hours(times.median)
    yield gettext("First reply, nine in ten within (hours)"), _hours(times.most)
    yield gettext("Read in time"), times.in_time
    yield gettext("Read or late by now"), times.judged


def _hours(time: timedelta | None) -> float | None:
    return None if time is None else round(time.total_seconds() / 3600, 1)


def guarded_rows(
    years: Mapping[SchoolYear, Guarded],
) -> Iterator[tuple[str, list[int | None]]]:
    """Yield each year with its total, then what `guarded_names` names."""
    for year, counts in years.items():
        cells = [counts.cells[group] for group in (*LEVEL_GROUPS, UNKNOWN)]
        yield year.label, [counts.total, *cells, counts.rest]


def guarded_names() -> list[str]:
    """Return the levels, those of no known school, and those left out together."""
    return [*LEVEL_GROUPS, str(NOT_SAID), gettext("Left out above, together")]


def guarded_workbook(years: Mapping[SchoolYear, Guarded], pupils: Pupils, as_of: datetime) -> bytes:
    """Return the guarded figures of whole years."""
    head = (
        gettext("School year"),
        gettext("City"),
        gettext("City, per 1,000 pupils"),
        *guarded_names(),
    )
    rows = (
        [label, _shown(total), guarded_rate(total, pupils.all), *map(_shown, cells)]
        for label, (total, *cells) in guarded_rows(years)
    )
    return workbook((Sheet(gettext("Per school year"), head, rows), _definitions(as_of, GUARDED)))


def guarded_rate(count: int | None, pupils: int) -> float | None:
    """Return a rounded count per 1,000 pupils; from an exact one the count could be reckoned."""
    return None if count is None else per_thousand(count, pupils)


def _shown(count: int | None) -> Cell:
    return LEFT_OUT if count is None else count


def _definitions(as_of: datetime, guard: Any = None) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (str(term), str(meaning), as_of) for term, meaning in DEFINITIONS
    ]
    if guard is not None:
        rows.append((LEFT_OUT, str(guard), as_of))
    headers = (gettext("Term"), gettext("Definition"), gettext("Time"))
    return Sheet(gettext("Definitions"), headers, rows, (26, 80, 24))
