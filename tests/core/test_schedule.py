"""What is done again and again: when it is due, that one worker does it, and how that is told."""

from __future__ import annotations

import threading
import time as steady
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core import clock, i18n, schedule
from portal.core.db import Database, transaction
from portal.core.duties import Due, Duty, open_duty
from portal.core.schedule import Heartbeat, Job, JobRecord, Workshop
from tests.conftest import on_sqlite

LABEL = i18n.lazy("Job")
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

Make = Callable[..., Job]


@pytest.fixture
def shop(database: Database, settings: Settings) -> Workshop:
    """Return what jobs work with."""
    return Workshop(database, settings)


@pytest.fixture
def make() -> Iterator[Make]:
    """Return what registers jobs for one test, in place of the portal's own."""
    usual = dict(schedule.jobs)
    schedule.jobs.clear()

    def make(run: Callable[[Workshop], dict[str, Any]], name: str = "test", **about: Any) -> Job:
        job = Job(name, LABEL, run, **({"every": HOUR} | about))
        schedule.register(job)
        return job

    yield make
    schedule.jobs.clear()
    schedule.jobs.update(usual)


def enrolled(database: Database) -> None:
    """Give all jobs their rows."""
    with database.writer() as session, transaction(session):
        schedule.enrol(session)


def record(database: Database, name: str = "test") -> JobRecord:
    """Return how a job stands now."""
    with database.reader() as session:
        return session.get_one(JobRecord, name)


def put(database: Database, **values: Any) -> None:
    """Write into the row of the job, as another worker might have."""
    with database.writer() as session, transaction(session):
        session.execute(sa.update(JobRecord).values(**values))


def due_names(database: Database) -> list[str]:
    """Return which jobs are due."""
    with database.reader() as session:
        return [job.name for job in schedule.due(session)]


def nothing(_shop: Workshop) -> dict[str, Any]:
    """Do nothing, successfully."""
    return {}


# A Sunday, 08.00 in WIB.
SUNDAY = datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"every": timedelta(minutes=5)}, datetime(2026, 11, 22, 1, 5, tzinfo=UTC)),
        ({"at": time(9)}, datetime(2026, 11, 22, 2, tzinfo=UTC)),
        ({"at": time(8)}, datetime(2026, 11, 23, 1, tzinfo=UTC)),
        ({"at": time(1, 30)}, datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
        ({"at": time(3), "weekday": 0}, datetime(2026, 11, 22, 20, tzinfo=UTC)),
        ({"at": time(9), "weekday": 6}, datetime(2026, 11, 22, 2, tzinfo=UTC)),
        ({"at": time(7), "weekday": 6}, datetime(2026, 11, 29, 0, tzinfo=UTC)),
    ],
)
def test_when_a_job_is_due_next(about: dict[str, Any], expected: datetime) -> None:
    assert Job("test", LABEL, nothing, **about).next_after(SUNDAY) == expected


def test_a_new_job_gets_its_row_and_an_old_one_keeps_it(database: Database, make: Make) -> None:
    make(nothing)
    make(nothing, "nightly", every=None, at=time(1))
    enrolled(database)
    assert due_names(database) == ["test"]
    assert record(database, "nightly").due_at > clock.now()
    put(database, due_at=LONG_AGO)
    enrolled(database)
    assert record(database).due_at == LONG_AGO


def test_a_job_of_another_version_waits_for_a_worker_that_knows_it(
    database: Database, make: Make
) -> None:
    make(nothing, "newer")
    enrolled(database)
    schedule.jobs.clear()
    assert due_names(database) == []


def test_workers_that_start_at_once_all_start(database: Database, make: Make) -> None:
    for number in range(5):
        make(nothing, f"job{number}")
    at_once(4, lambda: enrolled(database))
    with database.reader() as session:
        assert len(schedule.records(session)) == 5


def at_once(times: int, work: Callable[[], object]) -> list[object]:
    """Do something in several threads and return what came out; raises what one of them raised."""
    start = threading.Barrier(times)
    came_out: list[object] = []
    broken: list[BaseException] = []

    def do() -> None:
        try:
            start.wait()
            came_out.append(work())
        except BaseException as error:
            broken.append(error)

    threads = [threading.Thread(target=do) for _each in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    return came_out


def test_a_job_is_done_when_it_is_due_and_says_how_it_went(shop: Workshop, make: Make) -> None:
    job = make(lambda _shop: {"sent": 3})
    enrolled(shop.database)
    assert schedule.run(shop, job)
    done = record(shop.database)
    assert (done.outcome, done.problem, done.leased_until) == ({"sent": 3}, "", None)
    assert done.started_at
    assert done.ended_at
    assert done.good_at == done.ended_at
    assert done.due_at == done.started_at + HOUR
    assert not schedule.run(shop, job)


def test_what_breaks_is_told_by_kind_and_place_and_not_in_words(
    shop: Workshop, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_shop: Workshop) -> dict[str, Any]:
        raise ValueError("Siti Aminah, kelas 7B")

    job = make(breaks)
    enrolled(shop.database)
    put(shop.database, good_at=LONG_AGO)
    assert schedule.run(shop, job)
    broken = record(shop.database)
    assert broken.problem.startswith("ValueError in test_schedule.breaks:")
    assert (broken.good_at, broken.leased_until, broken.outcome) == (LONG_AGO, None, {})
    assert broken.due_at > clock.now()
    assert "ValueError" in caplog.text
    assert "Siti" not in caplog.text + broken.problem


def test_many_workers_do_a_job_once(shop: Workshop, make: Make) -> None:
    done: list[int] = []

    def count(_shop: Workshop) -> dict[str, Any]:
        done.append(1)
        return {}

    job = make(count)
    enrolled(shop.database)
    assert sorted(map(bool, at_once(6, lambda: schedule.run(shop, job)))) == [False] * 5 + [True]
    assert len(done) == 1


def test_nobody_takes_a_job_that_is_in_hand_however_long_it_takes(
    shop: Workshop, make: Make
) -> None:
    seen: list[list[str]] = []

    def slow(_shop: Workshop) -> dict[str, Any]:
        put(shop.database, due_at=LONG_AGO)
        until = steady.monotonic() + 0.9
        while steady.monotonic() < until:
            steady.sleep(0.1)
            seen.append(due_names(shop.database))
        return {}

    job = make(slow, lease=timedelta(seconds=0.6))
    enrolled(shop.database)
    assert schedule.run(shop, job)
    assert [names for names in seen if names] == []
    # It became due anew while it ran, and can be had again now.
    assert due_names(shop.database) == ["test"]


def test_a_worker_that_died_loses_the_job_to_another(shop: Workshop, make: Make) -> None:
    job = make(lambda _shop: {"again": 1})
    enrolled(shop.database)
    tomorrow = clock.now() + timedelta(days=1)
    put(shop.database, due_at=tomorrow, leased_until=clock.now() + HOUR, started_at=LONG_AGO)
    assert not schedule.run(shop, job)
    put(shop.database, leased_until=clock.now() - timedelta(seconds=1))
    assert due_names(shop.database) == ["test"]
    assert schedule.run(shop, job)
    assert record(shop.database).outcome == {"again": 1}


def test_who_lost_a_job_meanwhile_says_nothing_about_it(shop: Workshop, make: Make) -> None:
    others = {"leased_until": clock.now() + HOUR, "started_at": LONG_AGO}

    def overtaken(_shop: Workshop) -> dict[str, Any]:
        put(shop.database, **others)
        return {"mine": 1}

    job = make(overtaken)
    enrolled(shop.database)
    assert schedule.run(shop, job)
    left = record(shop.database)
    assert (left.leased_until, left.started_at) == tuple(others.values())
    assert (left.outcome, left.ended_at) == ({}, None)


@pytest.fixture
def rung() -> Iterator[list[frozenset[str]]]:
    """Return a list that notes for which jobs a worker was woken."""
    heard: list[frozenset[str]] = []
    note = heard.append
    schedule.bells.append(note)
    yield heard
    schedule.bells.remove(note)


def write_duty(session: Session) -> Duty:
    """Write something a job waits for."""
    return open_duty(session, Due("room", uuid4(), "/sesi", clock.now(), {}))


def test_what_a_job_waits_for_wakes_a_worker_once_it_is_committed(
    database: Database, make: Make, rung: list[frozenset[str]]
) -> None:
    make(nothing, "reminders", prompted_by=(Duty,))
    make(nothing, "other", prompted_by=(Heartbeat,))
    with database.writer() as session:
        with transaction(session):
            write_duty(session)
            session.flush()
            write_duty(session)
            assert rung == []
        assert rung == [frozenset({"reminders"})]
        with transaction(session):
            session.execute(sa.update(Duty).values(link="/"))
        assert len(rung) == 1


@on_sqlite
def test_what_was_undone_wakes_nobody(
    database: Database, make: Make, rung: list[frozenset[str]]
) -> None:
    make(nothing, "reminders", prompted_by=(Duty,))
    with database.writer() as session:
        write_duty(session)
        session.flush()
        session.rollback()
        with transaction(session):
            session.execute(sa.update(Duty).values(link="/"))
    assert rung == []


def test_a_job_in_a_hurry_is_due_now_and_wakes_a_worker(
    database: Database, make: Make, rung: list[frozenset[str]]
) -> None:
    make(nothing, every=None, at=time(1))
    enrolled(database)
    assert due_names(database) == []
    with database.writer() as session, transaction(session):
        schedule.hurry(session, "test")
    assert due_names(database) == ["test"]
    assert rung == [frozenset({"test"})]


def test_a_worker_lives_as_long_as_it_gives_signs(database: Database) -> None:
    def alive() -> list[str]:
        with database.reader() as session:
            return [row.worker for row in schedule.living(session)]

    def beat(worker: str) -> None:
        with database.writer() as session, transaction(session):
            schedule.beat(session, worker, "1.0")

    with time_machine.travel(SUNDAY, tick=False) as travel:
        beat("one:1")
        beat("two:2")
        travel.shift(schedule.SILENT)
        beat("two:2")
        assert alive() == ["two:2"]
        with database.reader() as session:
            two = session.get_one(Heartbeat, "two:2")
            assert (two.started_at, two.seen_at) == (SUNDAY, SUNDAY + schedule.SILENT)
        travel.shift(schedule.FORGOTTEN)
        beat("three:3")
        with database.writer() as session, transaction(session):
            assert {*session.scalars(sa.select(Heartbeat.worker))} == {"two:2", "three:3"}
            schedule.leave(session, "three:3")
        assert alive() == []
