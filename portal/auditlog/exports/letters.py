"""Letters about a breach: to the authority and to the people, as UU 27/2022 article 46 asks.

Article 46 paragraph 2 names the least that both must say: which data, when and how it happened,
and what is being done about it. What the register does not know is left as dots, to be filled in by
pen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.auditlog.models import Breach
from portal.core import i18n
from portal.core.settings import Office
from portal.documents.pdf import Letter

_ = i18n.gettext

UNKNOWN = "………"
CREDENTIALS = "credentials"


class Reader(StrEnum):
    """Whom a letter is for."""

    AUTHORITY = "authority"
    PEOPLE = "people"


@dataclass(frozen=True)
class Print:
    """What is decided when a letter is printed: whom it is for, and how they are addressed."""

    reader: Reader
    addressee: str
    signer: str
    made_at: datetime


def letter_of(
    breach: Breach, office: Office, wanted: Print, kind_name: Callable[[str], str]
) -> Letter:
    """Return the letter in the language of the moment; `kind_name` says a kind of data in words."""
    kinds = "; ".join(kind_name(code) for code in breach.data_kinds) or UNKNOWN
    body = _to_authority if wanted.reader is Reader.AUTHORITY else _to_people
    return Letter(
        office=office["office_name"],
        address_lines=(_contact(office),),
        title=_("Notice of a failure to protect personal data"),
        reference=_("Number: %(number)s", number=breach.number),
        place_and_date=i18n.plain_date(wanted.made_at),
        paragraphs=(
            _("To: %(addressee)s", addressee=wanted.addressee or UNKNOWN),
            *body(breach, office, kinds),
        ),
        signer_lines=(office["office_name"], "", wanted.signer or UNKNOWN),
    )


def _contact(office: Office) -> str:
    known = [text for text in (office["privacy_contact"], office["office_phone"]) if text]
    return " · ".join(known) or UNKNOWN


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return UNKNOWN
    return _("%(day)s, %(time)s WIB", day=i18n.long_date(moment), time=i18n.clock_time(moment))


def _to_authority(breach: Breach, office: Office, kinds: str) -> Iterator[str]:
    yield _(
        "Under %(law)s on personal data protection, %(office)s hereby tells you of a failure to "
        "protect personal data.",
        law=office["breach_law"],
        office=office["office_name"],
    )
    yield _("Data concerned: %(kinds)s.", kinds=kinds)
    yield _(
        "Number of people concerned: %(count)s. Children among them: %(children)s.",
        count=UNKNOWN if breach.people_affected is None else i18n.number(breach.people_affected),
        children=_("yes") if breach.children_affected else _("no"),
    )
    yield from _when_and_how(breach)
    yield _("The people concerned were told: %(moment)s.", moment=_moment(breach.people_told_at))
    yield _("Questions are answered by: %(contact)s.", contact=_contact(office))


def _to_people(breach: Breach, office: Office, kinds: str) -> Iterator[str]:
    yield _(
        "Data about you or your child that %(office)s keeps came into the wrong hands, or may "
        "have. We are sorry. You have the right to know what happened (%(law)s).",
        law=office["breach_law"],
        office=office["office_name"],
    )
    yield _("Data concerned: %(kinds)s.", kinds=kinds)
    yield from _when_and_how(breach)
    if CREDENTIALS in breach.data_kinds:
        yield _(
            "What you can do: choose a new password in the portal, and wherever else you use the "
            "same one."
        )
    yield _(
        "Be careful with calls and messages that ask for money, codes or passwords. This office "
        "never asks for them."
    )
    yield _(
        "Do you have questions, or do you notice anything strange? Reach us here: %(contact)s.",
        contact=_contact(office),
    )


def _when_and_how(breach: Breach) -> Iterator[str]:
    yield _(
        "When it happened: %(started)s. When we found it: %(found)s.",
        started=_moment(breach.started_at),
        found=_moment(breach.found_at),
    )
    yield _("How it happened: %(text)s", text=breach.what_happened or UNKNOWN)
    yield _(
        "What we are doing to handle it and to put things right: %(text)s",
        text=breach.measures or UNKNOWN,
    )
