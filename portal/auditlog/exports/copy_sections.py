"""The sections of a copy of somebody's data that are about the account, and what one is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.auditlog.queries.copies import Account
from portal.core import i18n
from portal.people.models import Invitation

_ = i18n.gettext

Line = dict[str, str]
NOTHING = "–"


@dataclass(frozen=True)
class Words:
    """The words for codes, in the reader's language."""

    role: Callable[[str], str]
    request_kind: Callable[[str], str]
    request_state: Callable[[str], str]
    visit_state: Callable[[str], str]


def about_account(account: Account, words: Words) -> list[dict[str, Any]]:
    """Return the sections about the account itself, in the reader's language."""
    return [
        _profile(account),
        _appointments(account, words),
        _sign_ins(account),
        _keys(account),
        _invitations_made(account, words),
        _invitations_received(account, words),
    ]


def section(
    key: str, title: str, purpose: str, source: str, entries: Iterable[Line]
) -> dict[str, Any]:
    """Return a section: what it is for, where it is from, and lines with the same names."""
    return {
        "key": key,
        "title": title,
        "purpose": purpose,
        "source": source,
        "entries": list(entries),
    }


def moment_of(moment: datetime | None) -> str:
    """Return a moment in words; a dash for none."""
    if moment is None:
        return NOTHING
    return f"{i18n.plain_date(moment)}, {i18n.clock_time(moment)} WIB"


def written_day(day: date | None) -> str:
    """Return a day in words; a dash for none."""
    return i18n.plain_date(day) if day else NOTHING


def _profile(account: Account) -> dict[str, Any]:
    user = account.user
    languages = {"id": "Bahasa Indonesia", "en": "English"}
    return section(
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
                _("Account since"): moment_of(user.created_at),
                _("Password changed"): moment_of(user.password_changed_at),
                _("Code of conduct accepted"): moment_of(user.conduct_accepted_at),
                _("Second proof by app"): _("yes") if user.totp_secret else _("no"),
            }
        ],
    )


def _appointments(account: Account, words: Words) -> dict[str, Any]:
    return section(
        "appointments",
        _("Roles"),
        _("to decide what you may see and do"),
        _("the office or your principal"),
        (
            {
                _("Role"): words.role(held.role),
                _("School"): school or NOTHING,
                _("From"): written_day(held.starts_on),
                _("To"): written_day(held.ends_on),
            }
            for held, school in account.appointments
        ),
    )


def _sign_ins(account: Account) -> dict[str, Any]:
    return section(
        "sign_ins",
        _("Sign-ins"),
        _("to keep you signed in and to notice strangers"),
        _("the portal itself"),
        (
            {
                _("Device"): each.device or NOTHING,
                _("Signed in"): moment_of(each.created_at),
                _("Last used"): moment_of(each.last_seen_at),
                _("Signed out"): moment_of(each.ended_at),
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
    return section(
        "keys",
        _("Passkeys and password links"),
        _("to make sure that it is you who signs in"),
        _("you and the portal itself"),
        (
            {
                _("Kind"): kind,
                _("Name"): name,
                _("Made"): moment_of(made),
                _("Last used"): moment_of(used),
            }
            for kind, name, made, used in [*passkeys, *links]
        ),
    )


def _invitations_made(account: Account, words: Words) -> dict[str, Any]:
    return section(
        "invitations_made",
        _("Invitations you made"),
        _("to know who let whom into the portal"),
        _("you"),
        (_invitation(each, school, words) for each, school in account.invited),
    )


def _invitations_received(account: Account, words: Words) -> dict[str, Any]:
    return section(
        "invitations_received",
        _("Invitations to you"),
        _("to know who let whom into the portal"),
        _("the office or your principal"),
        (_invitation(each, school, words) for each, school in account.invitations),
    )


def _invitation(each: Invitation, school: str | None, words: Words) -> Line:
    return {
        _("Made"): moment_of(each.created_at),
        _("Role"): words.role(each.role),
        _("School"): school or NOTHING,
        _("Accepted"): moment_of(each.used_at),
    }
