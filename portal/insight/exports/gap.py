"""Gap figures as a workbook for the office, and the words on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.i18n import gettext
from portal.core.settings import Office
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.insight.exports.reports import duration
from portal.insight.queries.gap_figures import Figures, Share
from portal.insight.queries.periods import Period, Span

_ = i18n.lazy

# Below this, a percentage would look like more than it rests on.
FEW = 5
NOTHING = "–"
NO_MANAGER = _("Cases without a case manager")
SPANS: Mapping[Span, LazyProxy] = {
    Span.SEMESTER: _("Semesters"),
    Span.YEAR: _("School years"),
    Span.MONTH: _("Months"),
}
READ, IN_TIME, ANSWERED = (
    _("Plans acknowledged in time"),
    _("Forms sent in time"),
    _("Forms answered in time"),
)


@dataclass(frozen=True)
class Definition:
    """What a figure counts."""

    term: LazyProxy
    meaning: LazyProxy


# With the office's own days, which `definitions` fills in.
DEFINITIONS = (
    Definition(
        READ,
        _(
            "Return-to-school plans shared in the period that all named readers acknowledged "
            "within %(read_days)s school days. A new version counts as a new plan. Readers who "
            "were let go before their time was up are left out."
        ),
    ),
    Definition(
        IN_TIME,
        _(
            "Forms whose due day lies in the period, and of these the ones sent by the end of that "
            "day. Cancelled forms are left out."
        ),
    ),
    Definition(
        ANSWERED,
        _("Forms sent in the period that the office answered within %(reply_days)s working days."),
    ),
    Definition(
        _("From red flag to response"),
        _(
            "Plain hours, nights and days off included, from the alert until somebody took it on, "
            "settled it or answered the form, whichever came first. Half of them took no longer "
            "than the middle. A red flag nobody has responded to counts with its time so far."
        ),
    ),
    Definition(
        _("Silent cases"),
        _("Cases of which two forms in a row were missed in the period, and how many still are."),
    ),
    Definition(
        _("Not judged yet"),
        _("What can still come in time is counted neither as kept nor as missed."),
    ),
    Definition(
        _("Case manager"),
        _("Whoever manages the case now. Cases you must not know of are left out."),
    ),
)


def definitions(office: Office) -> list[tuple[str, str]]:
    """Return what each figure counts, with the days the office has set."""
    days = {
        "read_days": office["plan_ack_days"],
        "reply_days": office["form_reply_working_days"],
    }
    return [(str(each.term), str(each.meaning) % days) for each in DEFINITIONS]


def label(period: Period) -> str:
    """Return what a period is called."""
    if period.span is Span.MONTH:
        return i18n.month_year(period.first)
    if period.span is Span.YEAR:
        return gettext("School year %(year)s", year=period.year.label)
    return gettext("Semester %(half)s, %(year)s", half=period.half, year=period.year.label)


def tally(share: Share) -> str:
    """Return a share in words; as a percentage only where it rests on enough."""
    if not share.of:
        return NOTHING
    counts = gettext("%(met)s of %(of)s", met=i18n.number(share.met), of=i18n.number(share.of))
    if share.of < FEW:
        return counts
    return f"{i18n.percent(share.met / share.of)} ({counts})"


def wait(time: timedelta | None) -> str:
    """Return how long something waited."""
    return NOTHING if time is None else duration(time)


def waits(figures: Figures) -> str:
    """Return how long red flags waited: in the middle and at worst, where there are several."""
    middle, worst = wait(figures.median_wait), wait(figures.worst_wait)
    if figures.red_flags == 1:
        return worst
    return gettext("%(middle)s, at worst %(worst)s", middle=middle, worst=worst)


def lead(figures: Figures) -> str:
    """Return in one sentence where the gap is widest."""
    rates = {
        "plans": figures.plans.rate,
        "on_time": figures.on_time.rate,
        "answered": figures.answered.rate,
    }
    known = {name: rate for name, rate in rates.items() if rate is not None}
    if not known:
        return gettext("Nothing of this period can be judged yet.")
    widest = min(known, key=lambda name: known[name])
    if known[widest] == 1:
        return gettext("No gap so far: all that was due came in time.")
    share = tally(getattr(figures, widest))
    if widest == "plans":
        return gettext(
            "The gap is widest at the plans: %(share)s were acknowledged in time.", share=share
        )
    if widest == "on_time":
        return gettext("The gap is widest at the forms: %(share)s came in time.", share=share)
    return gettext(
        "The gap is widest at our answers: %(share)s of the forms were answered in time.",
        share=share,
    )


def rows(figures: Figures, before: Figures) -> list[tuple[str, str, str]]:
    """Return each figure of the city, now and in the period before."""
    return [
        (str(READ), tally(figures.plans), tally(before.plans)),
        (str(IN_TIME), tally(figures.on_time), tally(before.on_time)),
        (str(ANSWERED), tally(figures.answered), tally(before.answered)),
        (gettext("Red flags"), i18n.number(figures.red_flags), i18n.number(before.red_flags)),
        (
            gettext("Response to a red flag, in the middle"),
            wait(figures.median_wait),
            wait(before.median_wait),
        ),
        (
            gettext("Response to a red flag, at worst"),
            wait(figures.worst_wait),
            wait(before.worst_wait),
        ),
        (gettext("Silent cases"), silence(figures), silence(before)),
    ]


def silence(figures: Figures) -> str:
    """Return how many cases fell silent, and how many of them still are."""
    if not figures.silent_open:
        return i18n.number(figures.silent)
    return gettext(
        "%(count)s (%(open)s still silent)",
        count=i18n.number(figures.silent),
        open=i18n.number(figures.silent_open),
    )


@dataclass(frozen=True)
class GapReport:
    """All that stands in the workbook."""

    period: Period
    now: Figures
    before: Figures
    schools: Sequence[tuple[str, Figures]]
    managers: Sequence[tuple[str, Figures]]
    office: Office
    as_of: datetime


def gap_workbook(report: GapReport) -> bytes:
    """Return the figures of a period and of the one before, apart by school and case manager."""
    periods = [
        (label(report.period), report.now),
        (label(report.period.before), report.before),
    ]
    managers = [(name or str(NO_MANAGER), each) for name, each in report.managers]
    return workbook(
        (
            _sheet(gettext("City"), gettext("Period"), periods),
            _sheet(gettext("Schools"), gettext("School"), report.schools),
            _sheet(gettext("Case managers"), gettext("Case manager"), managers),
            Sheet(
                gettext("Definitions"),
                (gettext("Term"), gettext("Definition"), gettext("Time")),
                ((term, meaning, report.as_of) for term, meaning in definitions(report.office)),
                (30, 80, 24),
            ),
        )
    )


def _sheet(title: str, first: str, found: Sequence[tuple[str, Figures]]) -> Sheet:
    headers = (
        first,
        str(READ),
        gettext("Plans judged"),
        str(IN_TIME),
        gettext("Forms due"),
        str(ANSWERED),
        gettext("Forms judged"),
        gettext("Red flags"),
        gettext("Not responded to yet"),
        gettext("Response in the middle (hours)"),
        gettext("Response at worst (hours)"),
        gettext("Silent cases"),
        gettext("Still silent"),
    )
    return Sheet(title, headers, ((name, *_cells(each)) for name, each in found), (40,))


def _cells(each: Figures) -> tuple[Cell, ...]:
    return (
        each.plans.met,
        each.plans.of,
        each.on_time.met,
        each.on_time.of,
        each.answered.met,
        each.answered.of,
        each.red_flags,
        each.unseen,
        _hours(each.median_wait),
        _hours(each.worst_wait),
        each.silent,
        each.silent_open,
    )


def _hours(time: timedelta | None) -> float | None:
    return None if time is None else round(time.total_seconds() / 3600, 1)
