"""A long day of mail: thousands of messages, a mail server in all its moods, workers that die."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import func, select
from time_machine import Traveller, travel

from portal.config import Settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.notifications.actions import sending
from portal.notifications.actions.composing import Origin
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Mailing
from portal.people.models import User
from tests.builders import Builder
from tests.notifications.post import Office, Post, free_port, mail_server
from tests.notifications.told import told
from tests.visits.conftest import MONDAY, at_once

pytestmark = pytest.mark.drill

PEOPLE = 40
MESSAGES = 3000
MINUTES = 24 * 60
MARK = re.compile(r"SMP (\d{5}),")
MOODS = ("cut before", "cut after", "later", "odd")
MOODY = 0.2


class Moody(Post):
    """A mail server that now and then drops the line or puts off an e-mail."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.calm = False
        # What was kept though its sender never heard so.
        self.unheard: set[str] = set()

    async def handle_DATA(  # noqa: N802 - aiosmtpd names it
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Take the text, or not."""
        mood = "" if self.calm or self.chance.random() > MOODY else self.chance.choice(MOODS)
        if mood == "cut before":
            server.transport.abort()
            return "451 never heard"
        if mood in {"later", "odd"}:
            return "451 4.3.0 later" if mood == "later" else "554 5.6.0 odd"
        answer = await super().handle_DATA(server, session, envelope)
        if mood == "cut after":
            self.unheard.add(self.letters[-1]["Message-ID"])
            server.transport.abort()
        return answer


@pytest.fixture
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine."""
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


def die_with_one_claimed(office: Office) -> None:
    """Claim an e-mail and never come back, as a killed worker does."""
    with office.build.database.writer() as session, transaction(session):
        sending.claim(session, Origin.of(office.settings))


def tell(office: Office, person: User, number: int, now: Traveller) -> None:
    """Write one message, a moment after the one before."""
    told(office.build, person, school=f"SMP {number:05d}")
    now.shift(timedelta(milliseconds=5))


def live_through(office: Office, people: list[User], post: Moody, now: Traveller) -> None:
    """Write all messages over a day, two workers sweeping every five minutes."""
    chance = post.chance
    port = free_port()
    nowhere = office.at(f"smtp://127.0.0.1:{free_port()}?tls=none")
    numbers = iter(range(MESSAGES))
    for minute in range(0, MINUTES, 5):
        for number in islice(numbers, chance.randint(0, 2 * MESSAGES * 5 // MINUTES)):
            tell(office, chance.choice(people), number, now)
        # Out of reach for three hours at noon, and for a quarter of an hour at random.
        if 180 <= minute < 360 or chance.random() < 0.05:
            nowhere.mail()
        else:
            with mail_server(post, port) as url:
                there = office.at(url)
                if chance.random() < 0.1:
                    die_with_one_claimed(there)
                at_once([there.mail, there.mail])
        now.shift(timedelta(minutes=5))
    for number in numbers:
        tell(office, chance.choice(people), number, now)


def test_a_long_day(settings: Settings, build: Builder, now: Traveller) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    office = Office(build, settings)
    school = build.school()
    people = [build.user(Role.TEACHER, school) for _number in range(PEOPLE)]
    post = Moody(chance)
    live_through(office, people, post, now)
    post.calm = True
    with mail_server(post) as url:
        for _minute in range(8 * 60):
            office.at(url).mail()
            now.shift(timedelta(minutes=1))
    check(build, post, people, seed)


def check(build: Builder, post: Moody, people: list[User], seed: int) -> None:
    """Look for every message: there, once, in its place."""
    with build.database.reader() as session:
        waiting = select(func.count()).where(Delivery.state != DeliveryState.SENT)
        assert session.scalar(waiting) == 0, seed
        lost = select(func.count()).where(Message.mailing != Mailing.BUNDLED)
        assert session.scalar(lost) == 0, seed
    copies = Counter(letter["Message-ID"] for letter in post.letters)
    assert {name for name, count in copies.items() if count > 1} <= post.unheard, seed
    once = {letter["Message-ID"]: letter for letter in post.letters}
    said = Counter(MARK.findall("".join(each.get_content() for each in once.values())))
    assert len(said) == MESSAGES, seed
    assert set(said.values()) == {1}, seed
    for person in people:
        texts = [each.get_content() for each in once.values() if each["To"] == person.email]
        numbers = [int(number) for number in MARK.findall("".join(texts))]
        assert numbers == sorted(numbers), seed
