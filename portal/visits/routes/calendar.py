"""The calendar of sessions: what comes next, a week, a month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.schools.models import School
from portal.schools.queries import choices, districts, get_school
from portal.schools.queries.schools import SCHOOL_ID
from portal.visits.policy.calendars import goes_to_schools
from portal.visits.queries import calendar as queries
from portal.visits.queries import feeds as feed_queries
from portal.visits.queries.calendar import Day, MarkKind, Wanted
from portal.visits.routes.blueprint import bp
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import page

_ = i18n.lazy

AGENDA_DAYS, WEEK_DAYS = 28, 7
MARK_NAMES: dict[MarkKind, Any] = {
    MarkKind.HOLIDAY: _("Public holiday"),
    MarkKind.BREAK: _("No school on these days"),
    MarkKind.EXAM: _("Exams"),
    MarkKind.CLOSED: _("No sessions"),
    MarkKind.LEAVE: _("Your leave"),
}


@dataclass(frozen=True)
class View:
    """A way of looking: which days it shows around one, how far its neighbours are, its title."""

    name: Any
    period: Callable[[date], tuple[date, date]]
    step: Callable[[date, int], date]
    title: Callable[[date, date, date], str]


def _month(day: date, months: int) -> date:
    """Return the first day of a month before or after."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _week_title(_day: date, first: date, last: date) -> str:
    # The week that holds a year's first Thursday is its first (ISO 8601).
    return i18n.gettext(
        "Week %(number)s: %(days)s",
        number=first.isocalendar().week,
        days=i18n.date_range(first, last),
    )


_SIX = timedelta(days=WEEK_DAYS - 1)
VIEWS: Mapping[str, View] = {
    "agenda": View(
        _("Agenda"),
        lambda day: (day, day + timedelta(days=AGENDA_DAYS - 1)),
        lambda day, steps: day + timedelta(days=AGENDA_DAYS * steps),
        lambda _day, first, last: i18n.date_range(first, last),
    ),
    "pekan": View(
        _("Week"),
        lambda day: (clock.monday_of(day), clock.monday_of(day) + _SIX),
        lambda day, steps: day + timedelta(days=WEEK_DAYS * steps),
        _week_title,
    ),
    "bulan": View(
        _("Month"),
        lambda day: (_month(day, 0), _month(day, 1) - timedelta(days=1)),
        _month,
        lambda day, _first, _last: i18n.month_year(day),
    ),
}


@bp.get("/kalender-sesi")
@allow(Permission.VISIT_READ)
def calendar() -> ResponseReturnValue:
    """Show sessions day by day."""
    chosen = request.args.get("tampilan", "")
    chosen = chosen if chosen in VIEWS else "agenda"
    view, day = VIEWS[chosen], _day()
    first, last = view.period(day)
    wanted = _wanted()
    days = queries.days(reader(), actor(), wanted, _school(wanted), first, last)
    return page(
        "visits/calendar.html",
        views=VIEWS,
        chosen=chosen,
        day=day,
        today=clock.today(),
        title=view.title(day, first, last),
        weekdays=[clock.monday_of(day) + timedelta(days=each) for each in range(WEEK_DAYS)],
        days=days,
        weeks=list(_weeks(days)),
        earlier=_address(chosen, view.step(day, -1)),
        later=_address(chosen, view.step(day, 1)),
        address=_address,
        wanted=wanted,
        districts=districts(reader()) if actor().may(Permission.VISIT_READ) else [],
        has_own=goes_to_schools(actor()),
        across=not actor().schools_with(Permission.VISIT_READ),
        mark_names=MARK_NAMES,
        feeds=feed_queries.list_feeds(reader(), actor()),
        own_schools=_asking_schools(),
        button=PortalForm(formdata=None),
    )


def _weeks(days: Sequence[Day]) -> Iterator[list[Day | None]]:
    """Yield days as weeks from Monday on; None before the first and after the last."""
    before = days[0].day.weekday()
    places = [*[None] * before, *days]
    for start in range(0, len(places), WEEK_DAYS):
        week = places[start : start + WEEK_DAYS]
        yield [*week, *[None] * (WEEK_DAYS - len(week))]


def _day() -> date:
    """Return the day that is asked for, within the years that can be reckoned with."""
    try:
        day = date.fromisoformat(request.args.get("tanggal", ""))
    except ValueError:
        return clock.today()
    return day if day.year in clock.YEARS else clock.today()


def _wanted() -> Wanted:
    return Wanted(
        mine=goes_to_schools(actor()) and request.args.get("siapa") != "semua",
        school=request.args.get("sekolah", ""),
        district=request.args.get("kecamatan", ""),
    )


def _address(view: str, day: date | None = None, **changed: str | None) -> str | None:
    """Return the calendar's address with this view and day, and the filters as they are.

    None for days no calendar is kept of.
    """
    if day is not None and day.year not in clock.YEARS:
        return None
    kept = {name: request.args.get(name) or None for name in ("siapa", "sekolah", "kecamatan")}
    asked: dict[str, Any] = {**kept, **changed, "tampilan": view}
    return url_for("visits.calendar", tanggal=day.isoformat() if day else None, **asked)


def _school(wanted: Wanted) -> School | None:
    """Return the school whose own calendar is noted: the one chosen, or one's own."""
    if wanted.school:
        return get_school(reader(), actor(), wanted.school)
    own = actor().schools_with(Permission.VISIT_READ)
    return reader().get(School, own[0]) if len(own) == 1 else None


def _asking_schools() -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the schools whose calendar the reader may hand on."""
    own = actor().schools_with(Permission.VISIT_REQUEST)
    return choices(reader(), SCHOOL_ID.in_(own)) if own else ()
