"""Huey wakes the jobs whose time has come; what is to be done, only the table `job` says.

The queue holds wake-ups: losing it loses nothing, and a wake-up too many finds nothing to do.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from huey import PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from portal.config import Settings
from portal.core import schedule
from portal.core.db import POSTGRESQL_OPTIONS, POSTGRESQL_PATIENCE, is_outage, transaction
from portal.core.schedule import Workshop

NAME = "portal"
QUEUE_FILE = "queue.db"
BROKEN_FILE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
# Two workers that make the same tables at the same moment meet once.
TRIES = 3
# One job that takes long must not keep messages waiting behind it.
THREADS = 4
# How often an idle thread looks for wake-ups.
LOOK_SECONDS = 1.0
SCHEDULER_SECONDS = 10
# What was committed within this time wakes the worker once.
GATHER_SECONDS = 0.2
# How long a running job may finish when the worker ends.
PATIENCE_SECONDS = 30.0
# The same complaint of an idle thread is heard once in this time.
QUIET_SECONDS = 60.0
URGENT = 10

logger = logging.getLogger(__name__)


class PlainSerializer(Serializer):
    """Writes wake-ups as JSON: whoever can write to the queue must not be able to run code."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Any:
        return Message(*json.loads(bytes(data)))


class Crew(Consumer):
    """Huey's threads, ended by whoever began them and not by signals of their own."""

    def _set_signal_handlers(self) -> None:
        pass


class Sparing(logging.Filter):
    """Lets a complaint through once a minute: idle threads repeat theirs every second."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is heard."""
        moment = time.monotonic()
        heard = moment - self._last.get(record.msg, -QUIET_SECONDS) >= QUIET_SECONDS
        if heard:
            self._last[record.msg] = moment
        return heard


@dataclass(frozen=True)
class Queue:
    """Huey with the portal's tasks: to do a job when it is due, and to do it at once."""

    huey: Huey
    do: Callable[[str], object]
    wake: Callable[[str], object]


def open_queue(shop: Workshop) -> Queue:
    """Return the queue of a portal, made if there is none."""
    huey = _huey(shop.settings)

    @huey.task(name="do")  # type: ignore[untyped-decorator]
    def do(name: str) -> None:
        job = schedule.jobs.get(name)
        # Again, where it became due anew while it ran.
        while job is not None and schedule.run(shop, job):
            pass

    @huey.task(name="wake", priority=URGENT)  # type: ignore[untyped-decorator]
    def wake(name: str) -> None:
        with shop.database.writer() as session, transaction(session):
            # Not `hurry`, which would ring for the one that is awake already, again and again.
            schedule.make_due(session, name)
        do.call_local(name)

    @huey.periodic_task(crontab(), name="look", priority=URGENT)  # type: ignore[untyped-decorator]
    def look() -> None:
        with shop.database.reader() as session:
            names = [job.name for job in schedule.due(session)]
        for name in names:
            do(name)

    return Queue(huey, do, wake)


def _huey(settings: Settings) -> Huey:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return _in_file(settings.data_dir / QUEUE_FILE)
    return _in_postgresql(url)


def _in_file(path: Path) -> Huey:
    opening = partial(
        SqliteHuey, NAME, filename=str(path), results=False, serializer=PlainSerializer()
    )
    try:
        return opening()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in BROKEN_FILE:
            raise
    logger.warning("%s was broken and is made anew", QUEUE_FILE)
    for each in path.parent.glob(f"{QUEUE_FILE}*"):
        each.unlink()
    return opening()


def _in_postgresql(url: URL) -> Huey:
    # An extra; whoever has this address has it.
    import psycopg

    url = url.set(drivername="postgresql+psycopg")
    _, parts = url.get_dialect()().create_connect_args(url)
    address: dict[str, Any] = {**parts, **POSTGRESQL_PATIENCE, "options": POSTGRESQL_OPTIONS}
    # Neither listens nor prepares statements: a connection pooler may stand between.
    opening = partial(
        PostgresHuey,
        NAME,
        connection=lambda: psycopg.connect(**address, prepare_threshold=None),
        blocking=False,
        results=False,
        serializer=PlainSerializer(),
    )
    for _try in range(TRIES - 1):
        try:
            return opening()
        except psycopg.errors.UniqueViolation:
            continue
    return opening()


class Bell:
    """Wakes the workers from any process; in a thread of its own, so that no request waits."""

    def __init__(self, opening: Callable[[], Queue]) -> None:
        self._opening = opening
        self._names: queue.SimpleQueue[frozenset[str]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __call__(self, names: frozenset[str]) -> None:
        """Wake a worker for these jobs, shortly."""
        self._names.put(names)
        # Begun late and again where it is not alive: servers may fork after this was made.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._ring, name="bell", daemon=True)
            self._thread.start()

    def _ring(self) -> None:
        opened: Queue | None = None
        while True:
            names = set(self._names.get())
            time.sleep(GATHER_SECONDS)
            while not self._names.empty():
                names |= self._names.get()
            try:
                opened = opened or self._opening()
                waiting = {name for task in opened.huey.pending() for name in task.args}
                for name in sorted(names - waiting):
                    opened.wake(name)
            except Exception as error:
                # The workers find what is due by themselves, within a minute.
                logger.warning("nobody was woken: %s", type(error).__name__)


def wake_from_here(shop: Workshop) -> None:
    """Let what this process writes wake the workers."""
    schedule.bells.append(Bell(partial(open_queue, shop)))


class Worker:
    """A process that does jobs: several may work at once, here and on other machines."""

    def __init__(self, shop: Workshop, version: str) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"[:80]
        self._shop = shop
        self._version = version
        self._seen = time.monotonic()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Do jobs while the block lasts; afterwards let the running ones finish.

        Raises OperationalError or ProgrammingError when the database cannot be worked with.
        """
        with self._shop.database.writer() as session, transaction(session):
            schedule.enrol(session)
            schedule.beat(session, self.name, self._version)
        opened = open_queue(self._shop)
        bell = Bell(lambda: opened)
        schedule.bells.append(bell)
        logging.getLogger("huey.consumer.Worker").addFilter(Sparing())
        self._crew = Crew(
            opened.huey,
            workers=THREADS,
            max_delay=LOOK_SECONDS,
            scheduler_interval=SCHEDULER_SECONDS,
            shutdown_timeout=PATIENCE_SECONDS,
        )
        # Huey's scheduler looks what is due at once, and from then on each minute.
        self._crew.start()
        try:
            yield
        finally:
            self._crew.stop(graceful=True)
            schedule.bells.remove(bell)
            self._quietly(schedule.leave, self.name)
            opened.huey.storage.close()

    def care(self) -> None:
        """Give a sign of life once a minute, and replace threads that died."""
        moment = time.monotonic()
        if moment - self._seen >= schedule.BEAT.total_seconds():
            self._seen = moment
            self._crew.check_worker_health()
            self._quietly(schedule.beat, self.name, self._version)

    def _quietly(self, write: Callable[..., None], *about: str) -> None:
        try:
            with self._shop.database.writer() as session, transaction(session):
                write(session, *about)
        except DBAPIError as error:
            if not is_outage(error):
                raise
            logger.warning("no sign of life: %s", type(error.orig).__name__)
