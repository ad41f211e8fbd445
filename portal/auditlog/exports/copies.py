"""A copy of everything the portal keeps about one account: as JSON for programs, as PDF for people.

Names of other people, and what others wrote, are no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.auditlog.queries.copies import Account
from portal.auditlog.queries.words import action_words
from portal.core import i18n
from portal.core.settings import Office
from portal.documents.pdf import Report, Section, Table, report_pdf
from portal.people.models import Invitation
from portal.visits.models import Visit

_ = i18n.gettext

Copy = dict[str, Any]
Line = dict[str, str]
NOTHING = "–"


@dataclass(frozen=True)
class Words:
    """The words for codes, in the reader's language."""

    role: Callable[[str], str]
    request_kind: Callable[[str], str]
    request_state: Callable[[str], str]
    visit_state: Callable[[str], str]


def copy_of(account: Account, office: Office, number: str, made_at: datetime, words: Words) -> Copy:
    """Return the copy as neutral data in the reader's language; JSON and PDF both show this."""
    return {
        "title": _("Copy of your data in %(product)s", product=office["product_name"]),
        "controller": office["office_name"],
        "contact": office["privacy_contact"] or office["office_phone"] or NOTHING,
        "request": number,
        "made_at": _moment(made_at),
        "legal_basis": _(
            "The office keeps these data to carry out its public duty of protecting children "
            "(%(law)s).",
            law=office["processing_law"],
        ),
        "left_out": _(
            "Names of other people and what they wrote are left out; they have the same rights."
        ),
        "sections": [
            _profile(account),
            _appointments(account, words),
            _sign_ins(account),
            _keys(account),
            _invitations_made(account, words),
            _invitations_received(account, words),
            _visits(account, words),
            _times(account),
            _requests(account, words),
            _acts(account),
        ],
    }


def as_json(copy: Copy) -> bytes:
    """Return a copy for other programs."""
    return json.dumps(copy, ensure_ascii=False, indent=2).encode()


def as_pdf(copy: Copy, language: str, made_at: datetime) -> bytes:
    """Return a copy for reading and printing."""
    overview = Section(
        heading=_("What this is"),
        paragraphs=(copy["legal_basis"], copy["left_out"]),
        facts=(
            (_("Responsible office"), copy["controller"]),
            (_("Contact"), copy["contact"]),
            (_("Request number"), copy["request"]),
        ),
    )
    report = Report(
        title=copy["title"],
        subtitle=_("As it stood on %(moment)s", moment=copy["made_at"]),
        sections=(overview, *(_printed(section) for section in copy["sections"])),
        footer=f"{copy['controller']} · {copy['request']}",
    )
    return report_pdf(report, language, made_at)


def _printed(section: dict[str, Any]) -> Section:
    entries: list[Line] = section["entries"]
    about = (
        _("What for: %(purpose)s", purpose=section["purpose"]),
        _("From: %(source)s", source=section["source"]),
    )
    if not entries:
        return Section(section["title"], (*about, _("Nothing is kept here.")))
    if section["key"] == "profile":
        return Section(section["title"], about, facts=tuple(entries[0].items()))
    rows = tuple(tuple(entry.values()) for entry in entries)
    return Section(section["title"], about, table=Table(tuple(entries[0]), rows))


def _section(
    key: str, title: str, purpose: str, source: str, entries: Iterable[Line]
) -> dict[str, Any]:
    return {
        "key": key,
        "title": title,
        "purpose": purpose,
        "source": source,
        "entries": list(entries),
    }


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return NOTHING
    return f"{i18n.plain_date(moment)}, {i18n.clock_time(moment)} WIB"


def _day(day: date | None) -> str:
    return i18n.plain_date(day) if day else NOTHING


def _profile(account: Account) -> dict[str, Any]:
    user = account.user
    languages = {"id": "Bahasa Indonesia", "en": "English"}
    return _section(
        "profile",
        _("Account"),
        _("to let you sign in and to let colleagues reach you"),
        _("you, when you accepted the invitation or changed your account"),
        [
            {
                _("Full name"): user.full_name,
                _("Form of address"): user.called or NOTHING,
                _("E-mail"): user.email or NOTHING,
                _("Phone"): user.phone or NOTHING,
                _("Language"): languages.get(user.language, user.language),
                _("Account since"): _moment(user.created_at),
                _("Password changed"): _moment(user.password_changed_at),
                _("Code of conduct accepted"): _moment(user.conduct_accepted_at),
                _("Second proof by app"): _("yes") if user.totp_secret else _("no"),
            }
        ],
    )


def _appointments(account: Account, words: Words) -> dict[str, Any]:
    return _section(
        "appointments",
        _("Roles"),
        _("to decide what you may see and do"),
        _("the office or your principal"),
        (
            {
                _("Role"): words.role(held.role),
                _("School"): school or NOTHING,
                _("From"): _day(held.starts_on),
                _("To"): _day(held.ends_on),
            }
            for held, school in account.appointments
        ),
    )


def _sign_ins(account: Account) -> dict[str, Any]:
    return _section(
        "sign_ins",
        _("Sign-ins"),
        _("to keep you signed in and to notice strangers"),
        _("the portal itself"),
        (
            {
                _("Device"): each.device or NOTHING,
                _("Signed in"): _moment(each.created_at),
                _("Last used"): _moment(each.last_seen_at),
                _("Signed out"): _moment(each.ended_at),
            }
            for each in account.sign_ins
        ),
    )


def _keys(account: Account) -> dict[str, Any]:
    passkeys = [
        (_("Passkey"), key.name, key.created_at, key.last_used_at) for key in account.passkeys
    ]
    links = [
        (_("Link for a new password"), NOTHING, link.created_at, link.used_at)
        for link in account.reset_links
    ]
    return _section(
        "keys",
        _("Passkeys and password links"),
        _("to make sure that it is you who signs in"),
        _("you and the portal itself"),
        (
            {
                _("Kind"): kind,
                _("Name"): name,
                _("Made"): _moment(made),
                _("Last used"): _moment(used),
            }
            for kind, name, made, used in [*passkeys, *links]
        ),
    )


def _invitations_made(account: Account, words: Words) -> dict[str, Any]:
    return _section(
        "invitations_made",
        _("Invitations you made"),
        _("to know who let whom into the portal"),
        _("you"),
        (_invitation(each, school, words) for each, school in account.invited),
    )


def _invitations_received(account: Account, words: Words) -> dict[str, Any]:
    return _section(
        "invitations_received",
        _("Invitations to you"),
        _("to know who let whom into the portal"),
        _("the office or your principal"),
        (_invitation(each, school, words) for each, school in account.invitations),
    )


def _invitation(each: Invitation, school: str | None, words: Words) -> Line:
    return {
        _("Made"): _moment(each.created_at),
        _("Role"): words.role(each.role),
        _("School"): school or NOTHING,
        _("Accepted"): _moment(each.used_at),
    }


def _visits(account: Account, words: Words) -> dict[str, Any]:
    return _section(
        "visits",
        _("Sessions at schools"),
        _("to plan sessions and to show what was done"),
        _("schools, the office and you"),
        (
            {
                _("Date"): _moment(visit.starts_at),
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
    return _section(
        "times",
        _("Working hours and leave"),
        _("to plan sessions at times when you can come"),
        _("the coordinator"),
        [*hours, *leave],
    )


def _requests(account: Account, words: Words) -> dict[str, Any]:
    return _section(
        "requests",
        _("Requests about your data"),
        _("to answer within the time the law gives"),
        _("you, or whoever asked for you"),
        (
            {
                _("Number"): number,
                _("Kind"): words.request_kind(kind),
                _("State"): words.request_state(state),
                _("Received"): _moment(received_at),
                _("Closed"): _moment(closed_at),
            }
            for number, kind, state, received_at, closed_at in account.requests
        ),
    )


def _acts(account: Account) -> dict[str, Any]:
    return _section(
        "acts",
        _("What you did in the portal"),
        _("to show later who did what"),
        _("the portal itself"),
        ({_("When"): _moment(at), _("What"): action_words(action)} for at, action in account.acts),
    )
