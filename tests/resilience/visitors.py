"""Schools that keep using the portal by plain HTTP, and press "send again" as people do."""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape

from portal.core.access import Role
from tests.builders import Builder

BOOK = "/sesi/baru"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
KEY = re.compile(r'name="(csrf_token|idempotency_key)"[^>]*value="([^"]+)"')
SLOT = re.compile(r'name="slot"[^>]*value="([^"]+)"')
PATIENCE = 20
# What a portal that stands may answer; 422 and 409 where somebody else took the time first.
FINE = frozenset({200, 303, 409, 422})

Connect = Callable[[], http.client.HTTPConnection]


@dataclass(frozen=True)
class Answer:
    """What came back, and when (seconds of a steady clock)."""

    status: int
    page: str
    at: float


@dataclass
class Visitor:
    """A school's computer: one session, a new connection for every request."""

    connect: Connect
    token: str
    site: str = "http://localhost"
    cookies: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    acknowledged: int = 0
    unanswered: int = 0

    def __post_init__(self) -> None:
        https = self.site.startswith("https")
        self.cookies["__Host-sid" if https else "sid"] = self.token

    def ask(self, path: str, form: dict[str, str] | None = None) -> Answer:
        """Fetch a page, or send a form from it."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Origin": self.site,
            "Referer": f"{self.site}{BOOK}",
            "Host": self.site.partition("//")[2],
        }
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(self.connect()) as line:
            line.request("GET" if form is None else "POST", path, body, headers)
            with line.getresponse() as response:
                for cookie in response.msg.get_all("Set-Cookie") or []:
                    name, _, value = cookie.partition(";")[0].partition("=")
                    self.cookies[name] = value
                page = response.read().decode()
                answer = Answer(response.status, page, time.monotonic())
        self.answers.append(answer)
        return answer

    def book(self, number: int) -> None:
        """Book some time; presses "send again" until the portal says how it ended."""
        opened = self.ask(BOOK)
        slots = SLOT.findall(opened.page)
        if opened.status != 200 or not slots:
            return
        form = {
            **{name: unescape(value) for name, value in KEY.findall(opened.page)},
            "programme": "pgts",
            "slot": unescape(slots[number % len(slots)]),
            "topic": "lain",
            "own_topic": "Berteman",
            "grades": "7",
            "expected_heads": "60",
        }
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            sent = self.ask(BOOK, form)
            if sent.status in FINE:
                self.acknowledged += sent.status == 303
                return
            kept = {name: unescape(value) for name, value in HIDDEN.findall(sent.page)}
            assert {**kept, "csrf_token": ""} == {**form, "csrf_token": ""}, (
                "something typed is gone"
            )
            form = kept
            time.sleep(0.2)
        self.unanswered += 1


def serve_many(build: Builder) -> None:
    """Let social workers come, as often as a school likes: nobody's share runs out meanwhile."""
    build.setting("fair_share_sessions", 50)
    for _ in range(3):
        build.worker()


def invite(
    build: Builder, connect: Connect, count: int, site: str = "http://localhost"
) -> list[Visitor]:
    """Return visitors from as many schools, and social workers who can come to them."""
    serve_many(build)
    schools = [build.school(f"SMP Latihan {number}") for number in range(count)]
    return [
        Visitor(connect, build.sign_in(build.user(Role.PRINCIPAL, school)), site)
        for school in schools
    ]


class Crowd:
    """Visitors who keep going, each in a thread of their own, until told to stop."""

    def __init__(self, visitors: Sequence[Visitor], pause: float = 0.0) -> None:
        self.visitors = visitors
        self.pause = pause
        self.done = threading.Event()
        self.broken: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._keep_going, args=(visitor, number))
            for number, visitor in enumerate(visitors)
        ]

    def __enter__(self) -> Crowd:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_about: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let everybody finish what they began."""
        self.done.set()
        for thread in self.threads:
            thread.join()

    def _keep_going(self, visitor: Visitor, number: int) -> None:
        try:
            while not self.done.is_set():
                visitor.ask("/beranda")
                time.sleep(self.pause)
                visitor.book(number)
                number += 1
                time.sleep(self.pause)
        except BaseException as error:
            self.broken.append(error)

    @property
    def answers(self) -> list[Answer]:
        """Return everything the portal answered."""
        return [answer for visitor in self.visitors for answer in visitor.answers]

    @property
    def statuses(self) -> Counter[int]:
        """Return how often the portal answered what."""
        return Counter(answer.status for answer in self.answers)

    @property
    def acknowledged(self) -> int:
        """Return how many bookings the portal said it stored."""
        return sum(visitor.acknowledged for visitor in self.visitors)

    @property
    def unanswered(self) -> int:
        """Return how many forms nobody was told the end of."""
        return sum(visitor.unanswered for visitor in self.visitors)
