"""Web server and worker die in the middle of their work; what was acknowledged is there afterwards.

Schools book and principals invite colleagues, whose invitations leave by e-mail.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from portal.config import Settings
from portal.core import clock, schedule
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.schedule import JobRecord
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Mailing
from portal.people.models import Invitation
from portal.visits.models import Visit
from tests.builders import Builder
from tests.notifications.post import Post, mail_server
from tests.operations.tree import READY_SECONDS, Tree, await_that, is_running
from tests.resilience.visitors import KEY, Visitor, serve_many
from tests.visits.ledger import check_cells

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="children are found in /proc"
)

BOOKING, INVITING = 4, 3
INVITE = "/undangan/baru"
# A form may meet several deaths in a row.
FORM_SECONDS = 60.0
VICTIMS = (("serve", "worker"), ("worker", "serve"), ("serve",), ("worker",))
# What a client meets when the server dies under its hands.
BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Inviter:
    """A principal who invites one colleague after the other, and presses "send again"."""

    visitor: Visitor
    name: str
    school_id: str
    acknowledged: list[str] = field(default_factory=list)

    def invite(self, number: int) -> None:
        """Invite somebody until the portal says that it is done."""
        address = f"{self.name}{number}@uji.example"
        opened = self.visitor.ask(INVITE)
        form = {
            **{name: unescape(value) for name, value in KEY.findall(opened.page)},
            "role": Role.TEACHER.value,
            "school": self.school_id,
            "full_name": f"Guru {number}",
            "email": address,
        }
        until = time.monotonic() + FORM_SECONDS
        while time.monotonic() < until:
            with suppress(*BROKEN):
                answer = self.visitor.ask(INVITE, form)
                assert answer.status in {200, 303, 503}, answer.page
                if answer.status != 503:
                    self.acknowledged.append(address)
                    return
            time.sleep(0.1)
        raise AssertionError(f"nobody said whether {address} is invited")


class Load:
    """Everybody at once, each in a thread, whatever happens to the server."""

    def __init__(self, tree: Tree, build: Builder) -> None:
        serve_many(build)
        self.done = threading.Event()
        self.wrong: list[BaseException] = []
        self.visitors, self.inviters = [], []
        for number in range(BOOKING + INVITING):
            school = build.school(f"SMP Latihan {number}")
            token = build.sign_in(build.user(Role.PRINCIPAL, school))
            visitor = Visitor(tree.connect, token)
            if number < BOOKING:
                self.visitors.append(visitor)
            else:
                self.inviters.append(Inviter(visitor, f"guru{number}x", school.public_id))
        self.threads = [
            *(threading.Thread(target=self._book, args=pair) for pair in enumerate(self.visitors)),
            *(threading.Thread(target=self._invite, args=(each,)) for each in self.inviters),
        ]

    def _book(self, number: int, visitor: Visitor) -> None:
        while not self.done.is_set():
            try:
                visitor.book(number)
            except BROKEN:
                time.sleep(0.1)
            except BaseException as error:
                self.wrong.append(error)
                return
            number += 1

    def _invite(self, inviter: Inviter) -> None:
        number = 0
        while not self.done.is_set():
            try:
                inviter.invite(number)
            except BROKEN:
                time.sleep(0.1)
            except BaseException as error:
                self.wrong.append(error)
                return
            number += 1

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_about: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    @property
    def booked(self) -> int:
        """Return how many bookings the portal said it stored."""
        return sum(visitor.acknowledged for visitor in self.visitors)

    @property
    def invited(self) -> set[str]:
        """Return who the portal said is invited."""
        return {address for each in self.inviters for address in each.acknowledged}


@pytest.fixture
def post() -> Post:
    return Post(seconds=0.01)


@pytest.fixture
def tree(settings: Settings, post: Post) -> Iterator[Tree]:
    with mail_server(post) as url:
        tree = Tree(settings, PORTAL_SMTP_URL=url, PORTAL_LOG_FORMAT="text")
        yield tree
        tree.end()


def newest_worker(database: Database) -> str:
    """Return the worker that began last."""
    with database.reader() as session:
        alive = schedule.living(session)
    return max(alive, key=lambda row: row.started_at).worker if alive else ""


def ready(tree: Tree, database: Database, dead: str) -> bool:
    """Say whether both work again: the web server answers, and another worker than before lives."""
    return tree.answers() and newest_worker(database) not in {"", dead}


def kill_at_random(tree: Tree, database: Database) -> tuple[str, ...]:
    """Kill one or both at a random moment, and wait until both work again."""
    time.sleep(random.uniform(0.3, 1.2))
    victims = random.choice(VICTIMS)
    before = newest_worker(database) if "worker" in victims else "-"
    tree.kill(*victims)
    took = await_that(lambda: ready(tree, database, before), READY_SECONDS)
    assert took < READY_SECONDS
    return victims


def let_time_pass(database: Database) -> None:
    """Let what dead workers had in hand be given up, as some minutes later."""
    past = clock.now() - timedelta(seconds=1)
    with database.writer() as session, transaction(session):
        for model in (JobRecord, Delivery):
            held = model.leased_until.is_not(None)
            session.execute(update(model).where(held).values(leased_until=past))
        session.execute(
            update(Delivery).where(Delivery.state == DeliveryState.WAITING).values(next_try_at=past)
        )
        session.execute(update(JobRecord).values(due_at=past))


def unsent(database: Database) -> int:
    """Return how many messages still wait to leave."""
    with database.reader() as session:
        waiting = select(func.count()).where(Message.mailing == Mailing.WAITING)
        held = select(func.count()).where(Delivery.state == DeliveryState.WAITING)
        return (session.scalar(waiting) or 0) + (session.scalar(held) or 0)


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.drill)])
def test_nothing_acknowledged_is_lost_when_processes_are_killed(
    tree: Tree, build: Builder, post: Post, rounds: int
) -> None:
    database = build.database
    load = Load(tree, build)
    supervisor = tree.start()
    await_that(lambda: ready(tree, database, ""))
    with load:
        killed = Counter(kill_at_random(tree, database) for _each in range(rounds))
        # A busy machine may have had no time for forms between the kills.
        await_that(lambda: min(load.booked, len(load.invited)) >= rounds, 60)
    assert load.wrong == []
    check_forms(database, load)

    let_time_pass(database)
    # Whoever writes next wakes the worker, which then finds everything.
    load.inviters[0].invite(-1)
    await_that(lambda: not unsent(database), 30)
    check_mail(database, load, post, most_twice=sum(killed.values()))

    children = tree.children()
    supervisor.kill()
    supervisor.wait()
    await_that(lambda: not any(map(is_running, children.values())))


def check_forms(database: Database, load: Load) -> None:
    """Check that each form is carried out exactly once, and its slots are taken."""
    with database.reader() as session:
        visits = session.scalar(select(func.count()).select_from(Visit)) or 0
        invited = Counter(session.scalars(select(Invitation.email)))
    # Whoever was killed between writing and answering may have stored one more.
    assert visits >= load.booked
    assert load.invited <= set(invited)
    assert set(invited.values()) == {1}
    check_cells(database, frozenset())


def check_mail(database: Database, load: Load, post: Post, most_twice: int) -> None:
    """Check that each message left in one e-mail, and none left twice but by a worker's death."""
    with database.reader() as session:
        sent = {
            delivery.id: recipient
            for delivery, recipient in session.execute(
                select(Delivery, Message.kind)
                .join(Message, Message.delivery_id == Delivery.id)
                .where(Delivery.state == DeliveryState.SENT)
            )
        }
        invitations = session.scalar(select(func.count()).where(Message.kind == "invitation"))
    received = Counter(
        str(letter["Message-ID"]).strip("<>").partition("@")[0] for letter in post.letters
    )
    assert set(received) == {delivery.hex for delivery in sent}
    assert list(sent.values()).count("invitation") == invitations
    reached = Counter(str(letter["To"]) for letter in post.letters)
    assert load.invited <= set(reached)
    assert sum(times - 1 for times in received.values()) <= most_twice
