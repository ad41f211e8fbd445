"""Figures of cases as a workbook for the office, and the words on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.support import LazyProxy

from portal.cases.queries.words import OUTCOMES
from portal.core import i18n
from portal.core.i18n import gettext
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.insight.queries.case_years import YearFigures
from portal.insight.queries.cases import BASELINE, UNKNOWN
from portal.schools.models import LEVEL_GROUPS

_ = i18n.lazy

NOT_SAID = _("Not known, or not said")
BASELINE_NOTE = _(
    "Counted by the office before this portal, by another definition that was not published. Do "
    "not add these figures to those of the portal, and do not compare the two."
)
GUARDED = _(
    "Each count is rounded to a multiple of five; below five, none included, nothing is shown. "
    "Only whole years of the whole city are shown."
)


@dataclass(frozen=True)
class Definition:
    """What a figure counts."""

    term: LazyProxy
    meaning: LazyProxy


DEFINITIONS = (
    Definition(
        _("Opened"),
        _("Cases that began in the calendar year. A case that was opened twice counts once."),
    ),
    Definition(
        _("Closed"),
        _(
            "Closures that the division head approved in the year. Transfers and cases that were "
            "opened twice are counted apart. A case that was closed twice counts twice."
        ),
    ),
    Definition(
        _("Handed to another body"),
        _("Cases with which another body goes on, and the office no longer."),
    ),
    Definition(
        _("Under way"),
        _("Cases that were open at the end of the year, or are open now, whenever they began."),
    ),
    Definition(
        _("Days to the closure"),
        _(
            "Half of the closures took no longer, counted from when the case began or went on "
            "again."
        ),
    ),
    Definition(_("Went on again"), _("Closed or transferred cases that were taken up again.")),
    Definition(
        _("Happened again"),
        _(
            "Closures after which, within the months of the setting (12 unless the office changed "
            "it), the case went on because it happened again, or a new case of the same child "
            "began. Recent closures are counted as far as one can know today; a closure that was a "
            "mistake is no recurrence."
        ),
    ),
    Definition(
        _("Looking back"),
        _(
            "Looks back that were due in the year, how many were done, and how many found a child "
            "well."
        ),
    ),
)


def outcomes(figures: YearFigures) -> list[tuple[str, int]]:
    """Return how many cases ended in each way; the unusual without a word last."""
    rows = [(str(name), figures.by_outcome.get(code, 0)) for code, name in OUTCOMES.items()]
    unsaid = figures.by_outcome.get(UNKNOWN, 0)
    return [*rows, (str(NOT_SAID), unsaid)] if unsaid else rows


def levels(figures: YearFigures) -> list[tuple[str, int]]:
    """Return the opened cases of each level; last those of no known school."""
    return _placed(figures.by_group, list(LEVEL_GROUPS))


def districts(figures: YearFigures) -> list[tuple[str, int]]:
    """Return the opened cases of each district; last those of no known school."""
    return _placed(figures.by_district, sorted(set(figures.by_district) - {UNKNOWN}))


def _placed(counts: Mapping[str, int], names: Sequence[str]) -> list[tuple[str, int]]:
    return [*((name, counts.get(name, 0)) for name in names), (str(NOT_SAID), counts.get("", 0))]


def case_workbook(
    chosen: YearFigures, years: Sequence[YearFigures], source: str, as_of: datetime
) -> bytes:
    """Return the exact figures of all years, and of one year in detail.

    `source` names who published the counts from before the portal.
    """
    opened = gettext("Opened")
    year = str(chosen.year)
    return workbook(
        (
            Sheet(gettext("Per year"), _headers(), map(_row, years), (10,)),
            Sheet(
                gettext("Endings %(year)s", year=year),
                (gettext("Ending"), gettext("Cases")),
                outcomes(chosen),
                (40,),
            ),
            Sheet(
                gettext("Levels %(year)s", year=year), (gettext("Level"), opened), levels(chosen)
            ),
            Sheet(
                gettext("Districts %(year)s", year=year),
                (gettext("District"), opened),
                districts(chosen),
                (24,),
            ),
            Sheet(
                gettext("Published counts"),
                (gettext("Year"), gettext("Cases"), gettext("Source"), gettext("Note")),
                ((each, count, source, str(BASELINE_NOTE)) for each, count in BASELINE.items()),
                (10, 10, 40, 80),
            ),
            _definitions(as_of),
        )
    )


def _headers() -> tuple[str, ...]:
    return (
        gettext("Year"),
        gettext("Opened"),
        gettext("Closed"),
        gettext("Handed to another body"),
        gettext("Under way"),
        gettext("Days to the closure"),
        gettext("Went on again"),
        gettext("Happened again"),
        gettext("Happened again, share"),
        gettext("Looks back due"),
        gettext("Looks back done"),
        gettext("Children found well"),
    )


def _row(each: YearFigures) -> tuple[Cell, ...]:
    return (
        each.year,
        each.opened,
        each.closed,
        each.transferred,
        each.still_open,
        each.median_days,
        each.reopened,
        each.recurred,
        None if each.recurrence is None else round(each.recurrence, 3),
        each.looks_due,
        each.looks_done,
        each.looks_well,
    )


def _definitions(as_of: datetime) -> Sheet:
    headers = (gettext("Term"), gettext("Definition"), gettext("Time"))
    rows = ((str(each.term), str(each.meaning), as_of) for each in DEFINITIONS)
    return Sheet(gettext("Definitions"), headers, rows, (26, 80, 24))
