"""The sheet with the code under which pupils say how a session was."""

from __future__ import annotations

from portal.core import i18n
from portal.core.settings import Office
from portal.documents import qr
from portal.documents.pdf import Placard

_ = i18n.gettext


def feedback_placard(office: Office, school: str, address: str) -> Placard:
    """Return the placard, in the words of the moment's language."""
    return Placard(
        label=school,
        title=_("How was the session for you?"),
        lines=(
            i18n.pgettext("anak", "Four taps, and you write no name."),
            i18n.pgettext("anak", "Nobody sees your sheet, only what all say together."),
        ),
        invitation=_("Scan it to answer"),
        pattern=qr.pattern(address),
        pattern_words=_("QR code that opens %(address)s", address=address),
        address=address.partition("://")[2],
        help_words=_(
            "Do you need somebody now? Call %(phone)s or write on WhatsApp %(whatsapp)s "
            "(%(name)s). Day and night, free.",
            phone=office["help_phone"],
            whatsapp=office["help_whatsapp"],
            name=office["help_name"],
        ),
        footer=f"{office['office_name']} · {office['product_name']}",
    )
