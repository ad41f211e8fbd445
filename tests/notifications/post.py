"""Mail servers on loopback, real ones and rude ones, and what they took."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from portal.config import Settings
from portal.core.schedule import Outcome, Workshop
from portal.notifications import jobs
from tests.builders import Builder
from tests.notifications.certificates import make

USER, PASSWORD = "portal", "kata: sandi/surel"
LOGIN = "portal:kata%3A%20sandi%2Fsurel@"


@dataclass
class Post:
    """What a mail server took, and how it answers."""

    letters: list[EmailMessage] = field(default_factory=list)
    # Answers to RCPT by address, and to DATA for everybody, the first one first.
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: list[str] = field(default_factory=list)
    at_mail: str = ""
    seconds: float = 0.0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd names it
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Hear who sends."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.at_mail or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Hear whom it is for."""
        answer = self.at_rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """Take the text."""
        await asyncio.sleep(self.seconds)
        if self.at_data:
            return self.at_data.pop(0)
        letter = cast(EmailMessage, message_from_bytes(envelope.content, policy=default))
        # The header is for people; the envelope says who really gets it.
        assert [letter["To"]] == envelope.rcpt_tos
        self.letters.append(letter)
        return "250 OK"

    def texts(self) -> list[str]:
        """Return the bodies."""
        return [each.get_content() for each in self.letters]

    def to(self, address: str | None) -> list[EmailMessage]:
        """Return what went to one address."""
        return [each for each in self.letters if each["To"] == address]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _let_in(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
    fits = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=fits, handled=False)


@contextmanager
def mail_server(post: Post, port: int | None = None, **options: Any) -> Iterator[str]:
    """Run a mail server; yield its URL, without encryption unless `tls=` is added."""
    port = port or free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}?tls=none"
    finally:
        controller.stop()


def asking_for_a_password() -> dict[str, Any]:
    """Return the options of a server that wants to know who sends."""
    return {"auth_required": True, "authenticator": _let_in}


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """Make an authority and a server's certificate; return the authority's file and the context."""
    authority, chain, key = make(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return authority, context


class Talk:
    """One connection to a rude server: it says its lines, and then does something unusual."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.file = line.makefile("rb")

    def say(self, text: str) -> None:
        """Answer."""
        self.line.sendall(text.encode() + b"\r\n")

    def until_data(self) -> None:
        """Be polite up to the point where the text comes."""
        self.say("220 tes")
        while (command := self.file.readline().upper()) and not command.startswith(b"DATA"):
            self.say("250 OK")
        self.say("354 teruskan")

    def text(self) -> bytes:
        """Return the whole text."""
        lines = []
        while (line := self.file.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        return b"".join(lines)

    def hang_up(self) -> None:
        """Drop the line without a word."""
        self.file.close()
        self.line.close()


@contextmanager
def rude_server(behaviour: Callable[[Talk], None]) -> Iterator[str]:
    """Run a server that treats each connection like this; yield its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _who = listener.accept()
            except OSError:
                return
            behaviour(Talk(line))

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}?tls=none"
    finally:
        listener.close()


@dataclass
class Office:
    """A portal with a mail server, and its worker's job."""

    build: Builder
    settings: Settings

    def at(self, url: str) -> Office:
        """Return the same portal with another mail server."""
        return replace(self, settings=replace(self.settings, smtp_url=url))

    def mail(self) -> Outcome:
        """Collect and send, as the worker does every minute."""
        return jobs.mail(Workshop(self.build.database, self.settings))
