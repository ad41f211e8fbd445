"""The office every walk begins in, made once for each kind of database and copied."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa
import time_machine
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import connect, transaction
from portal.people.models import Membership
from portal.referrals.actions.providers import ProviderFacts, add_provider
from portal.referrals.states import ProviderKind
from tests.builders import Builder
from tests.cases.stateful.book import ADMIN, COORDINATOR, HEAD, MOST_CASES, OFFICE_HEAD, WORKER
from tests.cases.stateful.doing import By
from tests.cases.stateful.ledger import Ledger
from tests.cases.stateful.office import Office

# A Monday, nine in the morning in Metro.
MONDAY = datetime(2026, 8, 3, 2, tzinfo=UTC)
USUAL = {
    "worker-0": WORKER,
    "worker-1": WORKER,
    "coordinator-0": COORDINATOR,
    "coordinator-1": COORDINATOR,
    "head-0": HEAD,
    "head-1": HEAD,
    "office-head": OFFICE_HEAD,
    "admin": ADMIN,
}
# Holds no role at first, and may be appointed.
LATER = "head-1"
CHILDREN = ("Anak Satu", "Anak Dua", "Anak Tiga")

Copy = Callable[[], AbstractContextManager[str]]


@dataclass
class Town:
    """What a walk begins with: a way to a fresh copy of the database, and the account of it."""

    copy: Copy
    ledger: Ledger
    now: datetime
    school_id: UUID

    def account(self) -> Ledger:
        """Return an account of one's own."""
        return deepcopy(self.ledger)


def settle(url: str, copy: Copy) -> Town:
    """Make the people, a provider and three cases: new, far on, and closed."""
    database = connect(url)
    build = Builder(database)
    with time_machine.travel(MONDAY, tick=False) as clock:
        ledger = _people(build)
        school = build.school()
        build.setting("caseload_limit", MOST_CASES)
        office = Office(database, ledger, clock)
        with database.writer() as session, transaction(session):
            facts = ProviderFacts("Biro Contoh", ProviderKind.PSYCHOLOGIST)
            add_provider(session, office.actor(session, "coordinator-0"), facts)
        _cases(office, school.id)
        now = office.now
    build.close()
    database.dispose()
    return Town(copy, ledger, now, school.id)


def _people(build: Builder) -> Ledger:
    users = {name: build.user(Role(role)) for name, role in USUAL.items()}
    ledger = Ledger(dict(USUAL), USUAL, {name: user.id for name, user in users.items()})
    with build.database.writer() as session, transaction(session):
        for row in session.scalars(select(Membership)):
            name = next(each for each, user_id in ledger.ids.items() if user_id == row.user_id)
            ledger.memberships[name] = row.id
            if name == LATER:
                session.delete(row)
    ledger.roles[LATER] = None
    return ledger


def _cases(office: Office, school_id: UUID) -> None:
    coordinator = By("coordinator-0")
    for child, manager in zip(CHILDREN, ("worker-0", "worker-1", "worker-0"), strict=True):
        office.open(coordinator, child, manager, school_id)
    new, far_on, ended = office.ledger.books
    for _stage in range(4):
        office.press_on(far_on)
    office.refer(far_on, whole=True)
    for book, colleague in ((new, "coordinator-1"), (far_on, "worker-0")):
        office.ask_along(coordinator, book, colleague)
        office.plan_ahead(By(colleague), book, colleague)
    office.finish(ended, "moved_away")


@contextmanager
def _copied(file: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "walk.db"
        shutil.copy(file, copy)
        yield f"sqlite:///{copy}"


def sqlite_town(template: Path, folder: Path) -> Town:
    """Return a town in a file."""
    file = folder / "town.db"
    shutil.copy(template, file)
    return settle(f"sqlite:///{file}", lambda: _copied(file))


def postgresql_town(server: sa.URL, name: str) -> Town:
    """Return a town in an empty, migrated database of a server."""
    plain = server.set(drivername="postgresql")

    def administer(statement: str) -> None:
        address = plain.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def copy() -> Iterator[str]:
        other = f"w{uuid.uuid4().hex}"
        administer(f"CREATE DATABASE {other} TEMPLATE {name}")
        yield server.set(database=other).render_as_string(hide_password=False)
        administer(f"DROP DATABASE {other} WITH (FORCE)")

    return settle(server.set(database=name).render_as_string(hide_password=False), copy)
