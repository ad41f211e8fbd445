"""The poster that leads to Ruang Cerita, in the words of the moment's language."""

from __future__ import annotations

from portal.core import i18n
from portal.core.settings import Office
from portal.documents import qr
from portal.documents.pdf import Poster

_ = i18n.gettext


def poster_of(school_name: str, office: Office, address: str) -> Poster:
    """Return the poster of a school; the code holds the address alone, whichever school it is."""
    return Poster(
        title=_("Is something at school troubling you?"),
        invitation=_("Tell it in Ruang Cerita. You need not give your name."),
        pattern=qr.pattern(address),
        pattern_words=_("QR code that opens %(address)s", address=address),
        address=_shown(address),
        points=(
            _("A social worker reads it. Your school does not."),
            _("You decide how much you tell. Every question can be skipped."),
            _("You get a code. With it you read the reply, and may answer."),
        ),
        help_title=_("In danger right now?"),
        help_words=_(
            "Call %(phone)s or write on WhatsApp %(whatsapp)s (%(name)s). Day and night, free.",
            phone=office["help_phone"],
            whatsapp=office["help_whatsapp"],
            name=office["help_name"],
        ),
        footer=f"{school_name} · {office['office_name']}",
    )


def _shown(address: str) -> str:
    return address.partition("://")[2]
