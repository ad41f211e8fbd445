"""A Monday morning, a small office, and threads that start at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from threading import Barrier, Thread
from typing import Any, TypeVar

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.duties import Duty, waiting_for
from portal.core.errors import Rejected
from portal.people.models import User
from portal.schools.models import School
from portal.visits.models import Visit
from tests.builders import Builder
from tests.client import PageClient
from tests.visits.ledger import check_cells

# Nine o'clock in Metro. No holiday until the 17th.
MONDAY = datetime(2026, 8, 3, 2, tzinfo=UTC)
PATIENCE = 60

T = TypeVar("T")


def at(day: int, hour: int = 8, minute: int = 0, month: int = 8) -> datetime:
    """Return a moment of August 2026 (or another month), by the clock in WIB."""
    return clock.at_wib(date(2026, month, day), time(hour, minute))


# For long tables of cases whose answer does not depend on the database.
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday morning; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@dataclass
class Office:
    """One school with its principal, one social worker, one coordinator."""

    build: Builder
    school: School
    principal: User
    worker: User
    coordinator: User

    def actor(self, user: User) -> Actor:
        """Return a person as an actor."""
        return self.build.actor(user)

    def another_school(self, **more: Any) -> tuple[School, User]:
        """Make a school with a principal."""
        school = self.build.school(**more)
        return school, self.build.user(Role.PRINCIPAL, school)

    def requested(self, starts_at: datetime | None = None, **more: Any) -> Visit:
        """Ask for a session at the usual school."""
        return self.build.requested(self.principal, self.school, starts_at or at(12), **more)

    def does(self, action: Callable[..., Any], user: User, visit: Visit, *more: Any) -> Any:
        """Let somebody do something about a visit, by the portal's own rules."""
        actor = self.actor(user)
        with self.build.database.writer() as session, transaction(session):
            found = session.get_one(Visit, visit.id)
            school = session.get_one(School, visit.school_id)
            extra = (school,) if action.__name__ in {"approve", "reassign", "undo_approval"} else ()
            return action(session, actor, found, *extra, *more)

    def fresh(self, record: T) -> T:
        """Read a record anew, in a session of its own so that no transaction stays open."""
        with self.build.database.reader() as session:
            return session.get_one(type(record), record.id)  # type: ignore[attr-defined]

    def count(self, model: type[Any]) -> int:
        """Count the rows of a table."""
        with self.build.database.reader() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def duties(self, user: User) -> list[Duty]:
        """Return what waits for somebody now."""
        with self.build.database.reader() as session:
            return waiting_for(session, self.actor(user))

    def check_cells(self, *without_way: Visit) -> None:
        """Compare the cells with what visits and holds take."""
        check_cells(self.build.database, frozenset(visit.id for visit in without_way))


def make_office(build: Builder) -> Office:
    """Make the small office in a database."""
    school = build.school("SMP Contoh Melati")
    return Office(
        build=build,
        school=school,
        principal=build.user(Role.PRINCIPAL, school, name="Ibu Kepala"),
        worker=build.worker("Sari Peksos"),
        coordinator=build.user(Role.COORDINATOR, name="Pak Koordinator"),
    )


@pytest.fixture
def office(build: Builder) -> Office:
    """Return the small office, on each engine."""
    return make_office(build)


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run jobs in threads that start at the same moment; return what each came to, in order."""
    barrier = Barrier(len(jobs))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int, job: Callable[[], T]) -> None:
        try:
            barrier.wait(PATIENCE)
            results[number] = job()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=each, daemon=True) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a thread waits for ever"
    for error in errors:
        raise error
    return [results[number] for number in range(len(jobs))]


def together(database: Database, jobs: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """Run jobs at the same moment, each in its own thread, session and transaction.

    A job that is refused gives the refusal; any other exception ends the test.
    """

    def run(job: Callable[[Session], Any]) -> Any:
        with database.writer() as session:
            try:
                with transaction(session):
                    return job(session)
            except Rejected as problem:
                return problem

    return at_once([partial(run, job) for job in jobs])


def refused(action: Callable[[], Any]) -> Rejected:
    """Return the refusal an action meets."""
    with pytest.raises(Rejected) as problem:
        action()
    return problem.value


def codes(results: list[Any]) -> list[str]:
    """Return the reasons of those who were refused."""
    return sorted(result.code for result in results if isinstance(result, Rejected))


def winners(results: list[Any]) -> list[Any]:
    """Return what those got who were not refused."""
    return [result for result in results if not isinstance(result, Rejected)]


@dataclass
class Site(Office):
    """The small office, and browsers for its people."""

    app: Flask

    def browser(self, user: User) -> PageClient:
        """Return a browser somebody is signed in with."""
        return PageClient(self.app).sign_in(user)


@pytest.fixture
def site(app: Flask) -> Iterator[Site]:
    """Return the small office behind the web application, on each engine."""
    builder = Builder(app.extensions["database"])
    yield Site(**make_office(builder).__dict__, app=app)
    builder.close()
