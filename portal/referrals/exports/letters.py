"""The letter that goes with a referral: never more than what the provider may read anyway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.core import i18n
from portal.core.settings import Office
from portal.documents.pdf import Letter
from portal.referrals.models import Provider, Referral
from portal.referrals.queries.packets import Part
from portal.referrals.queries.words import PARTS

_ = i18n.gettext

UNKNOWN = "………"


def letter_of(
    referral: Referral,
    provider: Provider,
    parts: tuple[Part, ...],
    office: Office,
    made_at: datetime,
    address: str,
) -> Letter:
    """Return the letter in the language of the moment; `address` is that of the portal."""
    return Letter(
        office=office["office_name"],
        address_lines=(office["office_phone"] or UNKNOWN,),
        title=_("Letter of referral"),
        reference=_("Number: %(number)s · Confidential", number=referral.number),
        place_and_date=i18n.plain_date(made_at),
        paragraphs=tuple(_paragraphs(referral, provider, parts, office, address)),
        signer_lines=(office["office_name"], "", UNKNOWN),
    )


def _paragraphs(
    referral: Referral,
    provider: Provider,
    parts: tuple[Part, ...],
    office: Office,
    address: str,
) -> Iterator[str]:
    yield _("To: %(addressee)s", addressee=provider.name)
    if provider.contact_person:
        yield _("For the attention of: %(name)s", name=provider.contact_person)
    if referral.whole_case:
        yield _("We ask you to go on with the support of this child.")
    else:
        yield _("We ask you to help this child with one service; our office stays in charge.")
    for part in parts:
        yield f"{PARTS[part.code]}: {part.text}"
    if referral.answer_by is not None:
        yield _(
            "Please tell us by %(day)s whether you can help. Answer with the one-time link that "
            "our office sends you separately (%(address)s), or call %(phone)s.",
            day=i18n.long_date(referral.answer_by),
            address=address,
            phone=office["office_phone"] or UNKNOWN,
        )
    yield _(
        "This letter is confidential. Show it only to those who help the child, and keep it locked "
        "away. The law protects the identity of the child."
    )
