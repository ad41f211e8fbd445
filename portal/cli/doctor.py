"""`portal doctor`: what is wrong with this portal, in plain words, and how to mend it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import click
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.cli.database import opened_without_keys
from portal.config import ConfigurationError, Settings
from portal.core import clock, crypto, i18n
from portal.core.crypto import KeyRingError
from portal.core.db import Database
from portal.notifications import senders
from portal.operations.queries.checks import Check, State, examine

MARKS = {State.OK: "  ok  ", State.WARN: "look  ", State.BAD: "MEND  ", State.OFF: "  --  "}
MOST_SKEW = timedelta(seconds=5)


@click.command()
def doctor() -> None:
    """Say what is wrong with this portal, and how to mend it; exit code 1 when something is."""
    settings = Settings.from_env()
    with opened_without_keys() as database:
        checks = list(_look(settings, database))
    for check in checks:
        click.echo(f"{MARKS[check.state]}{check.title}")
        if check.advice and check.state is not State.OK:
            click.echo(f"        {check.advice}")
    if any(check.state is State.BAD for check in checks):
        raise SystemExit(1)


def _look(settings: Settings, database: Database) -> Iterator[Check]:
    for question in (_secret, _address, _folder):
        yield question(settings)
    # Without a ring, the check of the key ring says so.
    with contextlib.suppress(KeyRingError):
        crypto.use(settings.key_ring)
    with database.reader() as session:
        yield from examine(session, settings)
        yield _clocks(session)
    yield _mail_server(settings)


def _well(name: str, title: str) -> Check:
    return Check(name, State.OK, title)


def _secret(settings: Settings) -> Check:
    try:
        settings.require_secret()
    except ConfigurationError as error:
        return Check("secret", State.BAD, i18n.gettext("PORTAL_SECRET_KEY is not set."), str(error))
    return _well("secret", i18n.gettext("The secret key is set."))


def _address(settings: Settings) -> Check:
    host = urlsplit(settings.base_url).hostname or ""
    if not settings.https and host not in {"localhost", "127.0.0.1", "::1"}:
        return Check(
            "address",
            State.BAD,
            i18n.gettext("People reach the portal without HTTPS, at %(at)s.", at=settings.base_url),
            i18n.gettext(
                "Put a web server with a certificate in front (docs/operations.md) and set "
                "PORTAL_BASE_URL to https://..."
            ),
        )
    if settings.https and not settings.trusted_proxies:
        return Check(
            "address",
            State.WARN,
            i18n.gettext("No web server in front is trusted: everybody seems to be one address."),
            i18n.gettext("With one web server in front set PORTAL_TRUSTED_PROXIES=1."),
        )
    return _well("address", i18n.gettext("People reach it at %(at)s.", at=settings.base_url))


def _folder(settings: Settings) -> Check:
    try:
        with tempfile.TemporaryFile(dir=settings.data_dir) as file:
            file.write(b"well")
    except OSError as error:
        return Check(
            "folder",
            State.BAD,
            i18n.gettext("The data folder cannot be written (%(why)s).", why=type(error).__name__),
            i18n.gettext("Give the account that runs the portal the right to write there."),
        )
    return _well("folder", i18n.gettext("The data folder can be written."))


def _clocks(session: Session) -> Check:
    try:
        # Without its own clock (SQLite) the database shows this machine's.
        told = session.scalar(select(func.now())) if _has_clock(session) else clock.now()
    except DBAPIError:
        told = None
    if told is not None and abs(told - clock.now()) > MOST_SKEW:
        return Check(
            "clock",
            State.BAD,
            i18n.gettext("The clocks of this machine and of the database differ."),
            i18n.gettext("Let both follow a time server (NTP); codes and deadlines depend on it."),
        )
    return _well("clock", i18n.gettext("It is %(now)s.", now=i18n.day_and_time(clock.now())))


def _has_clock(session: Session) -> bool:
    return session.get_bind().dialect.name != "sqlite"


def _mail_server(settings: Settings) -> Check:
    if not settings.smtp_url:
        return Check("smtp", State.OFF, i18n.gettext("No mail server is named."))
    problem = senders.try_out(settings)
    if problem:
        return Check(
            "smtp",
            State.BAD,
            i18n.gettext("The mail server does not take mail: %(problem)s.", problem=problem),
            i18n.gettext("Check PORTAL_SMTP_URL, the password in it, and the way to that server."),
        )
    return _well("smtp", i18n.gettext("The mail server lets the portal in."))
