"""An e-mail as its receiver reads it, written anew at each try from the messages that stand."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from portal.config import Settings
from portal.core import clock, i18n
from portal.core.settings import Office
from portal.notifications.models import Delivery, Message
from portal.notifications.queries.words import words_of
from portal.notifications.states import Nature

# Where people choose what they get by e-mail.
PREFERENCES = "/akun/pesan"


@dataclass(frozen=True)
class Origin:
    """Where e-mails come from: the portal's own address, and the sender's."""

    base_url: str
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> Origin:
        """Return what the operator decided; without a sender, `portal@` the portal's host."""
        host = urlsplit(settings.base_url).hostname or "localhost"
        return cls(settings.base_url, settings.mail_from or f"portal@{host}")

    @property
    def host(self) -> str:
        """Return the name this portal has in the net."""
        return urlsplit(self.base_url).hostname or "localhost"


@dataclass(frozen=True)
class Addressee:
    """Whom an e-mail is for; `name` is empty for people without an account."""

    address: str
    language: str
    name: str = ""


def compose(
    origin: Origin,
    office: Office,
    delivery: Delivery,
    addressee: Addressee,
    messages: list[Message],
) -> EmailMessage:
    """Return the e-mail; raises ValueError or MessageError for an address no header can hold."""
    with i18n.in_language(addressee.language):
        letter = EmailMessage(SMTP)
        letter["From"] = Address(office["product_name"], addr_spec=origin.sender)
        letter["To"] = Address(addr_spec=addressee.address)
        letter["Subject"] = _subject(office, delivery, len(messages))
        letter["Date"] = format_datetime(clock.now())
        # The same at each try, so that a mailbox knows what came twice.
        letter["Message-ID"] = f"<{delivery.id.hex}@{origin.host}>"
        letter["Auto-Submitted"] = "auto-generated"
        text = _text(origin, office, addressee, messages)
        letter.set_content(text, cte="quoted-printable")
        letter["Content-Language"] = addressee.language
    return letter


def _subject(office: Office, delivery: Delivery, count: int) -> str:
    product = office["product_name"]
    if delivery.nature == Nature.ALARM:
        return i18n.gettext("Please look now: an item is waiting in %(product)s", product=product)
    if count == 1:
        return i18n.gettext("One item is waiting for you in %(product)s", product=product)
    return i18n.ngettext(
        "%(num)s item is waiting for you in %(product)s",
        "%(num)s items are waiting for you in %(product)s",
        count,
        product=product,
    )


def _text(origin: Origin, office: Office, addressee: Addressee, messages: list[Message]) -> str:
    greeting = (
        i18n.gettext("Hello %(name)s,", name=addressee.name)
        if addressee.name
        else i18n.gettext("Hello,")
    )
    parts = [greeting, *(_item(origin, message) for message in messages)]
    return "\n\n".join([*parts, _signature(origin, office, addressee)]) + "\n"


def _item(origin: Origin, message: Message) -> str:
    words = words_of(message.kind, Nature(message.nature), message.facts)
    link = f"{origin.base_url}{message.link}{message.secret or ''}"
    return f"{words.title}\n{words.text}\n{link}"


def _signature(origin: Origin, office: Office, addressee: Addressee) -> str:
    lines = ["-- ", office["product_name"], office["office_name"], office["office_phone"]]
    if addressee.name:
        link = f"{origin.base_url}{PREFERENCES}"
        lines.append(i18n.gettext("Choose what you get by e-mail: %(link)s", link=link))
    return "\n".join(filter(None, lines))
