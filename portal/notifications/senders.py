"""The line to the office's mail server, and rounds in which e-mails leave over it."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from portal.config import ConfigurationError, Settings
from portal.core.db import Database, transaction
from portal.notifications.actions import sending
from portal.notifications.actions.composing import Origin
from portal.notifications.actions.sending import Parcel, Trouble
from portal.notifications.queries.words import problem_words

PATIENCE_SECONDS = 20
# Then new messages are collected first: an alarm must not wait behind a long queue.
ROUND_SECONDS = 30.0
# The server wants to be asked for a name and password first; that is not the receiver's fault.
UNKNOWN_SENDER = frozenset({530, 535, 538})
CLOSING = 421
PERMANENT = 500
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Tls(StrEnum):
    """How the way to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PORTS = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.NONE: 25}


@dataclass(frozen=True)
class MailServer:
    """Where e-mails are handed in, and as whom."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    # Whose certificates are trusted, instead of the machine's list.
    ca: Path | None = None


@dataclass(frozen=True)
class Round:
    """What became of the e-mails of one round."""

    sent: int = 0
    failed: int = 0
    problem: str = ""


def mail_server(settings: Settings) -> MailServer:
    """Read PORTAL_SMTP_URL; raises ConfigurationError, whose text never repeats the password."""
    try:
        parts = urlsplit(settings.smtp_url)
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
        tls = Tls(options.pop("tls", [Tls.STARTTLS])[-1])
        ca = options.pop("ca", [None])[-1]
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _unreadable() from None
    if parts.scheme != "smtp" or not host or options or parts.path.strip("/"):
        raise _unreadable()
    if parts.password and tls is Tls.NONE and host not in LOOPBACK:
        raise ConfigurationError(
            "PORTAL_SMTP_URL would send the password over an open line. "
            "Use tls=starttls or tls=tls."
        )
    if ca and not Path(ca).is_file():
        raise ConfigurationError(
            "PORTAL_SMTP_URL names a file with certificates that is not there."
        )
    return MailServer(
        host=host,
        port=port or PORTS[tls],
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca=Path(ca) if ca else None,
    )


def _unreadable() -> ConfigurationError:
    return ConfigurationError(
        "PORTAL_SMTP_URL cannot be read. It looks like "
        "smtp://user:password@host:587?tls=starttls (or tls, none; &ca=/path/to/certificates.pem). "
        "Write special letters in name and password as %XX."
    )


def try_out(settings: Settings) -> str:
    """Say what stands in the way of handing e-mails in; empty when nothing does."""
    try:
        with _line(mail_server(settings), Origin.of(settings)):
            return ""
    except ConfigurationError as error:
        return str(error)
    except OSError as error:
        return problem_words(_line_trouble(error).code)


@contextmanager
def _line(server: MailServer, origin: Origin) -> Iterator[smtplib.SMTP]:
    """Open a line and sign in; raises OSError (the errors of smtplib and ssl are such)."""
    line = _connected(server, origin.host)
    try:
        if server.user:
            line.login(server.user, server.password)
        yield line
    finally:
        with suppress(OSError):
            line.quit()
        line.close()


def _connected(server: MailServer, own_name: str) -> smtplib.SMTP:
    if server.tls is Tls.NONE:
        return smtplib.SMTP(server.host, server.port, own_name, PATIENCE_SECONDS)
    trust = ssl.create_default_context(cafile=server.ca)
    if server.tls is Tls.TLS:
        return smtplib.SMTP_SSL(
            server.host, server.port, own_name, timeout=PATIENCE_SECONDS, context=trust
        )
    line = smtplib.SMTP(server.host, server.port, own_name, PATIENCE_SECONDS)
    try:
        line.starttls(context=trust)
    except BaseException:
        line.close()
        raise
    return line


def send_due(database: Database, settings: Settings) -> Round:
    """Send what is due, over one line; trouble with the line ends the round.

    Raises ConfigurationError. May run in several workers at once: each e-mail is claimed by one.
    """
    server, origin = mail_server(settings), Origin.of(settings)
    first = _claim(database, origin)
    if first is None:
        return Round()
    try:
        with _line(server, origin) as line:
            return _round(database, origin, line, first)
    except OSError as error:
        trouble = _line_trouble(error)
        _note_failure(database, first, trouble)
        return Round(failed=1, problem=trouble.code)


def _round(database: Database, origin: Origin, line: smtplib.SMTP, first: Parcel) -> Round:
    """Hand e-mails in, beginning with a claimed one, until none is due or the line is of no use."""
    ends = time.monotonic() + ROUND_SECONDS
    sent = failed = 0
    parcel: Parcel | None = first
    with database.writer() as session, transaction(session):
        sending.line_is_back(session)
    while parcel is not None:
        try:
            line.send_message(parcel.letter, origin.sender, [parcel.address])
        except (OSError, ValueError) as error:
            failed += 1
            trouble = _trouble(error)
            _note_failure(database, parcel, trouble)
            if _ends_round(error):
                return Round(sent, failed, trouble.code)
        else:
            sent += 1
            with database.writer() as session, transaction(session):
                sending.sent(session, parcel)
        parcel = _claim(database, origin) if time.monotonic() < ends else None
    return Round(sent, failed)


def _claim(database: Database, origin: Origin) -> Parcel | None:
    with database.writer() as session, transaction(session):
        return sending.claim(session, origin)


def _note_failure(database: Database, parcel: Parcel, trouble: Trouble) -> None:
    with database.writer() as session, transaction(session):
        sending.failed(session, parcel, trouble)


def _line_trouble(error: OSError) -> Trouble:
    """Return what was wrong before any e-mail was said."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return Trouble(f"sign_in {error.smtp_code}")
        case smtplib.SMTPNotSupportedError():
            return Trouble("no_tls")
        case ssl.SSLError():
            return Trouble("untrusted")
        case _:
            return Trouble("no_connection")


def _trouble(error: Exception) -> Trouble:
    """Return what was wrong with one e-mail."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
            if code in UNKNOWN_SENDER:
                return Trouble(f"sign_in {code}")
            final = code >= PERMANENT
            return Trouble(f"refused {code}" if final else f"later {code}", final)
        case smtplib.SMTPSenderRefused():
            return Trouble(f"sender {error.smtp_code}")
        case smtplib.SMTPResponseException():
            return Trouble(f"content {error.smtp_code}")
        case smtplib.SMTPNotSupportedError() | ValueError():
            return Trouble("address", final=True)
        case _:
            # smtplib closes a line that is too slow, and says only that it is closed.
            slow = isinstance(error.__context__ or error, TimeoutError)
            return Trouble("slow" if slow else "broke_off")


def _ends_round(error: Exception) -> bool:
    """Say whether the next e-mail would meet the same trouble."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = {code for code, _words in error.recipients.values()}
            return bool(codes & (UNKNOWN_SENDER | {CLOSING}))
        case smtplib.SMTPSenderRefused():
            return True
        case smtplib.SMTPResponseException():
            return error.smtp_code == CLOSING
        case smtplib.SMTPNotSupportedError() | ValueError():
            return False
        case _:
            return True
