"""What the forms about a child say together, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from portal.core import clock, i18n
from portal.monitoring.policy.termination import (
    LAST_FORMS,
    Condition,
    Look,
    Suggestion,
    Wanted,
    Why,
)
from portal.monitoring.policy.trend import Course, Trend, course_of
from portal.monitoring.queries.history import Arrival
from portal.monitoring.queries.words import BANDS
from portal.schools.policy import SchoolDays

_ = i18n.lazy

ARRIVALS: dict[Arrival, Any] = {
    Arrival.ON_TIME: _("On time"),
    Arrival.LATE: _("Late"),
    Arrival.MISSED: _("Missed"),
    Arrival.OVERDUE: _("Overdue"),
    Arrival.OPEN: _("Can be filled in"),
    Arrival.COMING: _("Still to come"),
    Arrival.CANCELLED: _("Left out"),
}
MARKS: dict[str, Any] = {
    "paused": _("Paused"),
    "resumed": _("Went on"),
    "restarted": _("Weekly again"),
}
SUGGESTIONS: dict[Suggestion, Any] = {
    Suggestion.TERMINATE: _("Everything speaks for ending it"),
    Suggestion.CONTINUE: _("Go on: not everything is met yet"),
    Suggestion.REFER: _("Ask somebody else to look at it"),
}
REASONS: dict[Why, Any] = {
    Why.RED: _("The last form says acute."),
    Why.ORANGE_TWICE: _("Two forms in a row are worrying."),
    Why.NO_IMPROVEMENT: _("It has not become better in six school weeks."),
}


def reading_of(looks: Sequence[Look]) -> str:
    """Return in a few sentences how the child seems to be, and what that rests on."""
    if not looks:
        return i18n.gettext("No form has come due yet.")
    course = course_of(looks)
    flag = i18n.gettext("The last form has a red flag.") if course.flagged else ""
    return " ".join(each for each in (flag, _how(course), _in_time(course)) if each)


def _how(course: Course) -> str:
    if course.now is None:
        return i18n.gettext("Nobody can say yet how the child is: no form says enough.")
    if course.trend is Trend.UNKNOWN:
        return i18n.gettext(
            "Too little was observed to conclude: %(told)s of the last %(due)s forms say enough.",
            told=course.told,
            due=course.due,
        )
    if course.calm >= 2 and course.trend is not Trend.WORSE:
        return i18n.ngettext(
            "The last %(num)s form is calm.", "The last %(num)s forms are calm.", course.calm
        )
    return str(SENTENCES[course.trend]) % {
        "band": BANDS[course.band],
        "now": i18n.number(round(course.now)),
        "before": i18n.number(round(course.before or 0)),
    }


SENTENCES: dict[Trend, Any] = {
    Trend.BETTER: _("Better than before: %(now)s after %(before)s (%(band)s)."),
    Trend.STEADY: _("Much as before: %(now)s after %(before)s (%(band)s)."),
    Trend.WORSE: _("Worse than before: %(now)s after %(before)s (%(band)s)."),
}


def _in_time(course: Course) -> str:
    if not course.late:
        return i18n.gettext("All forms came in time.")
    return i18n.gettext(
        "Late or missing: %(late)s of the last %(due)s.", late=course.late, due=course.due
    )


def figure_of(condition: Condition) -> str:
    """Return how much of a condition there is; empty where it cannot be counted."""
    if condition.code is Wanted.SENT:
        if not condition.needed:
            return ""
        return i18n.gettext(
            "%(reached)s of %(needed)s", reached=condition.reached, needed=condition.needed
        )
    if condition.code is Wanted.WEEKS:
        return i18n.ngettext("%(num)s school week", "%(num)s school weeks", condition.reached)
    if condition.needed == LAST_FORMS:
        return i18n.gettext(
            "%(reached)s of %(needed)s", reached=condition.reached, needed=condition.needed
        )
    return ""


def passed_over(days: SchoolDays, before: date, due_on: date) -> list[tuple[date, str]]:
    """Return the school-free or exam weeks between two days that do not count, each with its name.

    By its Monday; weeks in a row of the same name stand under the first of them.
    """
    found: list[tuple[date, str]] = []
    monday = clock.monday_of(before) + timedelta(weeks=1)
    while monday < clock.monday_of(due_on):
        if not days.is_lesson_week(monday):
            name = _name_of_week(days, monday)
            if not found or found[-1][1] != name:
                found.append((monday, name))
        monday += timedelta(weeks=1)
    return found


def _name_of_week(days: SchoolDays, monday: date) -> str:
    week = clock.days_of_week(monday)
    names = (days.name_of(day) for day in week if not days.is_lesson_day(day))
    return next((name for name in names if name), i18n.gettext("Hardly any lessons"))
