"""The server dies in the middle of its work; what it acknowledged is there afterwards."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.config import Settings
from portal.core.access import Role
from portal.visits.models import Visit
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.conftest import SECRET
from tests.visits.ledger import check_cells

pytestmark = pytest.mark.drill

ROUNDS = 10
SCHOOLS = 12
READY_SECONDS = 10
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
SLOT = re.compile(r'name="slot"[^>]*value="([^"]+)"')


class Server:
    """`portal run` as a process of its own."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.port = port
        self.environment = {
            **os.environ,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_KEY_RING": str(settings.key_ring),
            "PORTAL_BIND": f"127.0.0.1:{port}",
        }

    def start(self) -> None:
        """Start and wait until it answers."""
        program = [sys.executable, "-c", "from portal.cli import main; main()", "run"]
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            program, env=self.environment, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"not ready within {READY_SECONDS} s")

    def kill(self) -> None:
        """Kill without any chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Phone:
    """A principal's phone: one session, plain HTTP."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.cookies = {"sid": token}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Send a request and return status and text."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as line:
            line.request(method, path, body, headers)
            with line.getresponse() as answer:
                for cookie in answer.msg.get_all("Set-Cookie") or []:
                    name, _, value = cookie.partition(";")[0].partition("=")
                    self.cookies[name] = value
                return answer.status, answer.read().decode()

    def book(self, number: int) -> bool:
        """Book some slot; True only when the portal said that it is done."""
        status, page = self.ask("GET", "/sesi/baru")
        token, slots = CSRF.search(page), SLOT.findall(page)
        if status != 200 or not token or not slots:
            return False
        form = {
            "csrf_token": unescape(token.group(1)),
            "programme": "pgts",
            "slot": unescape(slots[number % len(slots)]),
            "topic": "lain",
            "own_topic": "Berteman",
            "grades": "7",
            "expected_heads": "60",
        }
        status, _page = self.ask("POST", "/sesi/baru", form)
        return status == 303


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    """Return a server that is stopped in the end."""
    server = Server(settings, free_port())
    yield server
    if server.process.poll() is None:
        server.kill()


def waiting(build: Builder) -> int:
    """Return how many requests the database holds."""
    with build.database.reader() as session:
        states = session.scalars(select(Visit.state))
        return sum(state == VisitState.REQUESTED for state in states)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    server: Server, build: Builder, tmp_path: Path
) -> None:
    for _ in range(3):
        build.worker()
    phones = []
    for number in range(SCHOOLS):
        school = build.school(f"SMP Latihan {number}")
        phones.append(Phone(server.port, build.sign_in(build.user(Role.PRINCIPAL, school))))
    acknowledged = 0
    for round_number in range(ROUNDS):
        server.start()
        done: list[int] = []
        threads = [
            threading.Thread(target=keep_booking, args=(phone, number + round_number, done))
            for number, phone in enumerate(phones)
        ]
        for thread in threads:
            thread.start()
        # Long enough for some to finish, short enough to meet others in mid-write.
        time.sleep(random.uniform(0.8, 2.0))
        server.kill()
        for thread in threads:
            thread.join()
        acknowledged += len(done)
        assert waiting(build) >= acknowledged
        check_cells(build.database, frozenset())
        acknowledged = waiting(build)
    assert acknowledged > ROUNDS


def keep_booking(phone: Phone, number: int, done: list[int]) -> None:
    """Book one slot after another until the server is gone."""
    try:
        while True:
            if phone.book(number):
                done.append(number)
            number += 1
    except (OSError, http.client.HTTPException):
        return
