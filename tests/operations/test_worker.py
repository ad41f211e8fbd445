"""The worker: woken at once, several at a time, with a queue that may be lost."""

from __future__ import annotations

import pickletools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from portal.config import Settings
from portal.core import clock, i18n, schedule
from portal.core.db import Database, transaction
from portal.core.duties import Due, Duty, open_duty
from portal.core.schedule import Job, Outcome, Workshop
from portal.worker import QUEUE_FILE, Bell, Worker, open_queue
from tests.conftest import on_sqlite

# From the commit to the job, as people feel it.
PROMPT_SECONDS = 3.0


class Bench:
    """One job of the test's own, and how often it was done."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.done = 0

    def work(self, _shop: Workshop) -> Outcome:
        """Do the job: note that it began, and end when allowed to."""
        self.begun.release()
        self.go_on.wait(10)
        self.done += 1
        return {"done": self.done}

    def write_duty(self) -> None:
        """Write what the job waits for."""
        with self.shop.database.writer() as session, transaction(session):
            open_duty(session, Due("room", uuid4(), "/sesi", clock.now(), {}))

    def await_run(self, seconds: float = PROMPT_SECONDS) -> None:
        """Wait until the job begins once more."""
        assert self.begun.acquire(timeout=seconds), "the job did not begin"


@pytest.fixture
def bench(database: Database, settings: Settings) -> Iterator[Bench]:
    bench = Bench(Workshop(database, settings))
    usual = dict(schedule.jobs)
    schedule.jobs.clear()
    schedule.register(
        Job(
            "test",
            i18n.lazy("Job"),
            bench.work,
            every=timedelta(hours=1),
            prompted_by=(Duty,),
        )
    )
    yield bench
    schedule.jobs.clear()
    schedule.jobs.update(usual)


def workers_seen(database: Database) -> list[str]:
    """Return the workers that live."""
    with database.reader() as session:
        return [row.worker for row in schedule.living(session)]


def soon(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Say whether something becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_a_worker_does_what_is_due_at_once_and_what_is_written_promptly(bench: Bench) -> None:
    worker = Worker(bench.shop, "1.0")
    with worker.at_work():
        assert workers_seen(bench.shop.database) == [worker.name]
        bench.await_run()
        assert soon(lambda: bench.done == 1)
        begun = time.monotonic()
        bench.write_duty()
        assert time.monotonic() - begun < 0.5, "whoever writes does not wait for the worker"
        bench.await_run()
        # Once: a worker that wakes must not wake itself again.
        assert not bench.begun.acquire(timeout=1)
    assert workers_seen(bench.shop.database) == []
    assert schedule.bells == []
    with bench.shop.database.reader() as session:
        record = schedule.records(session)["test"]
        assert (record.outcome, record.problem) == ({"done": 2}, "")


def test_two_workers_share_the_work_and_one_that_ends_finishes_its_job(bench: Bench) -> None:
    bench.go_on.clear()
    first, second = Worker(bench.shop, "1.0"), Worker(bench.shop, "1.0")
    with first.at_work():
        bench.await_run()
        with second.at_work():
            # Written while it runs: it is done again afterwards, and not twice at once.
            bench.write_duty()
            time.sleep(0.5)
            assert not bench.begun.acquire(blocking=False)
            threading.Timer(0.3, bench.go_on.set).start()
        assert soon(lambda: bench.done == 2)
    assert bench.done == 2


@on_sqlite
@pytest.mark.parametrize("left", [b"no database at all" * 300, b""])
def test_a_queue_that_was_broken_or_lost_is_made_anew(bench: Bench, left: bytes) -> None:
    (bench.shop.settings.data_dir / QUEUE_FILE).write_bytes(left)
    with Worker(bench.shop, "1.0").at_work():
        bench.await_run()
        bench.write_duty()
        bench.await_run()


def queued(folder: Path) -> list[bytes]:
    """Return what lies in the queue's file."""
    with closing(sqlite3.connect(folder / QUEUE_FILE)) as connection:
        return [data for (data,) in connection.execute("SELECT data FROM task")]


@on_sqlite
def test_wake_ups_nobody_takes_do_not_pile_up(bench: Bench) -> None:
    opened = open_queue(bench.shop)
    bell = Bell(lambda: opened)
    folder = bench.shop.settings.data_dir
    bell(frozenset({"test"}))
    assert soon(lambda: len(queued(folder)) == 1)
    for _each in range(100):
        bell(frozenset({"test", "other"}))
    assert soon(lambda: len(queued(folder)) == 2)
    bell(frozenset({"test"}))
    time.sleep(0.5)
    assert len(queued(folder)) == 2
    opened.huey.storage.close()
    # Opening a pickle can run whatever somebody put into it.
    for data in queued(folder):
        with pytest.raises(ValueError, match="opcode"):
            list(pickletools.genops(data))


@on_sqlite
def test_a_queue_out_of_reach_disturbs_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> Any:
        raise OSError("no such place for Siti")

    bell = Bell(refuse)
    schedule.bells.append(bell)
    bench.write_duty()
    schedule.bells.remove(bell)
    assert soon(lambda: "OSError" in caplog.text)
    assert "Siti" not in caplog.text


@on_sqlite
def test_processes_without_a_worker_leave_no_queue_behind(bench: Bench) -> None:
    bench.write_duty()
    assert not (bench.shop.settings.data_dir / QUEUE_FILE).exists()
