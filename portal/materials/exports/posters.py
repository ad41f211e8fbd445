"""Posters and share cards of materials, in the words of the moment's language."""

from __future__ import annotations

from portal.core import i18n
from portal.core.settings import Office
from portal.documents import qr
from portal.documents.card import ShareCard
from portal.documents.pdf import Placard
from portal.materials.policy.content import Content

_ = i18n.gettext


def placard_of(content: Content, office: Office, address: str, school: str = "") -> Placard:
    """Return the poster of a material, with the name of the school it is printed for."""
    return Placard(
        label=school or office["office_name"],
        title=_said(content)[0],
        lines=_said(content)[1],
        invitation=_("Scan it to see more"),
        pattern=qr.pattern(address),
        pattern_words=_("QR code that opens %(address)s", address=address),
        address=without_scheme(address),
        help_words=_(
            "Do you need somebody now? Call %(phone)s or write on WhatsApp %(whatsapp)s "
            "(%(name)s). Day and night, free.",
            phone=office["help_phone"],
            whatsapp=office["help_whatsapp"],
            name=office["help_name"],
        ),
        footer=f"{office['office_name']} · {office['product_name']}",
    )


def card_of(content: Content, office: Office, address: str) -> ShareCard:
    """Return the picture somebody passes on."""
    title, lines = _said(content)
    return ShareCard(
        label=office["office_name"],
        title=title,
        lines=lines,
        address=without_scheme(address),
        footer=help_line(office),
    )


def help_line(office: Office) -> str:
    """Return whom to turn to, in one line."""
    return f"{office['help_name']} · WhatsApp {office['help_whatsapp']}"


def without_scheme(address: str) -> str:
    """Return an address as people read it off paper."""
    return address.partition("://")[2]


def _said(content: Content) -> tuple[str, tuple[str, ...]]:
    """Return the title and the lines below it: a poster's own, or what it is about."""
    language = i18n.language()
    lines = [line.shown(language)[0] for line in content.lines if line]
    return content.title.shown(language)[0], tuple(lines or [content.summary.shown(language)[0]])
