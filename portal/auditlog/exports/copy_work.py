"""The sections of a copy of somebody's data that are about their work, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from portal.auditlog.exports.copy_sections import (
    NOTHING,
    Line,
    Words,
    moment_of,
    section,
    written_day,
)
from portal.auditlog.queries.copies import Account
from portal.auditlog.queries.words import action_words
from portal.core import i18n
from portal.core.clock import SchoolYear, day_of
from portal.visits.models import Visit

_ = i18n.gettext


def about_work(account: Account, words: Words) -> list[dict[str, Any]]:
    """Return the sections about sessions, times and acts, in the reader's language."""
    return [
        _elsewhere(account),
        _visits(account, words),
        _times(account),
        _requests(account, words),
        _acts(account),
    ]


def _elsewhere(account: Account) -> dict[str, Any]:
    entries = [*_at_schools(account), *_requests_for_partnership(account), *_feeds(account)]
    return section(
        "elsewhere",
        _("Where else you are written down"),
        _("to reach the right person, and to show sessions in your own calendar"),
        _("schools, the office and you"),
        entries,
    )


def _written(kind: str, school: str, position: str, since: date, until: date | None) -> Line:
    return {
        _("Kind"): kind,
        _("School"): school or NOTHING,
        _("Position"): position or NOTHING,
        _("From"): written_day(since),
        _("To"): written_day(until),
    }


def _at_schools(account: Account) -> Iterable[Line]:
    for contact, school in account.contacts:
        since = day_of(contact.recorded_at)
        kind = _("Contact of a school")
        yield _written(kind, school, contact.position, since, contact.ended_on)
    for room, school in account.classes:
        year = SchoolYear(room.start_year)
        position = _("Homeroom teacher of %(name)s", name=room.name)
        yield _written(_("Class"), school, position, year.first_day, year.last_day)


def _requests_for_partnership(account: Account) -> Iterable[Line]:
    for wish in account.wishes:
        since, until = day_of(wish.asked_at), wish.handled_at and day_of(wish.handled_at)
        kind = _("Request for partnership")
        yield _written(kind, wish.school_name, wish.position, since, until)


def _feeds(account: Account) -> Iterable[Line]:
    for feed in account.feeds:
        since, until = day_of(feed.made_at), feed.revoked_at and day_of(feed.revoked_at)
        yield _written(_("Calendar address"), "", "", since, until)


def _visits(account: Account, words: Words) -> dict[str, Any]:
    return section(
        "visits",
        _("Sessions at schools"),
        _("to plan sessions and to show what was done"),
        _("schools, the office and you"),
        (
            {
                _("Date"): moment_of(visit.starts_at),
                _("School"): school,
                _("Programme"): programme.name(i18n.language()),
                _("State"): words.visit_state(visit.state),
                _("Your part"): ", ".join(_parts(visit, account.user.id)),
            }
            for visit, school, programme in account.visits
        ),
    )


def _parts(visit: Visit, user_id: UUID) -> list[str]:
    parts = (
        (visit.requested_by, _("asked for it")),
        (visit.decided_by, _("decided on it")),
        (visit.social_worker_id, _("social worker")),
        (visit.delivered_by, _("recorded it")),
        (visit.offered_by, _("offered it")),
        (visit.school_confirmed_by, _("confirmed it")),
        *((each.user_id, _("went along")) for each in visit.crew),
    )
    return [words for who, words in parts if who == user_id]


def _times(account: Account) -> dict[str, Any]:
    # 1 January 2024 was a Monday.
    hours = [
        {
            _("Kind"): _("Working hours"),
            _("When"): f"{i18n.weekday(date(2024, 1, 1 + each.weekday))}, "
            f"{i18n.time_range(each.starts, each.ends)}",
        }
        for each in account.hours
    ]
    leave = [
        {_("Kind"): _("Leave"), _("When"): i18n.date_range(each.first_day, each.last_day)}
        for each in account.leave
    ]
    terms = [
        {
            _("Kind"): _("Working time"),
            _("When"): _(
                "From %(day)s: %(all)s hours, sessions %(visits)s",
                day=written_day(each.from_on),
                all=_hours(each.weekly_minutes),
                visits=_hours(each.visit_minutes),
            ),
        }
        for each in account.terms
    ]
    return section(
        "times",
        _("Working hours and leave"),
        _("to plan sessions at times when you can come"),
        _("the coordinator"),
        [*hours, *terms, *leave],
    )


def _hours(minutes: int) -> str:
    return i18n.number(round(minutes / 60, 1))


def _requests(account: Account, words: Words) -> dict[str, Any]:
    return section(
        "requests",
        _("Requests about your data"),
        _("to answer within the time the law gives"),
        _("you, or whoever asked for you"),
        (
            {
                _("Number"): number,
                _("Kind"): words.request_kind(kind),
                _("State"): words.request_state(state),
                _("Received"): moment_of(received_at),
                _("Closed"): moment_of(closed_at),
            }
            for number, kind, state, received_at, closed_at in account.requests
        ),
    )


def _acts(account: Account) -> dict[str, Any]:
    return section(
        "acts",
        _("What you did in the portal"),
        _("to show later who did what"),
        _("the portal itself"),
        (
            {_("When"): moment_of(at), _("What"): action_words(action)}
            for at, action in account.acts
        ),
    )
