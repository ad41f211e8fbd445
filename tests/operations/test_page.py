"""The page of whoever runs the portal: health, jobs, workers, and having a job run at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine

from portal.core import clock, i18n, schedule
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.schedule import Heartbeat, Job, JobRecord
from portal.operations.queries import jobs as queries
from portal.operations.queries.jobs import Standing
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import trail

MOMENT = datetime(2026, 11, 23, 2, tzinfo=UTC)
AGO, AHEAD = MOMENT - timedelta(hours=1), MOMENT + timedelta(hours=1)
TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def admin(client: PageClient) -> PageClient:
    """Return the client of an administrator."""
    return client.sign_in(client.builder.user(Role.ADMIN))


def text(page: str) -> str:
    """Return what people read."""
    return " ".join(unescape(TAG.sub(" ", page)).split())


def put(database: Database, *records: Any) -> None:
    """Write rows as a worker would."""
    with database.writer() as session, transaction(session):
        for record in records:
            session.merge(record)


def job_row(name: str, **about: Any) -> JobRecord:
    """Return the row of a job that went well an hour ago."""
    usual = {"due_at": AHEAD, "started_at": AGO, "ended_at": AGO, "good_at": AGO, "outcome": {}}
    return JobRecord(name=name, **{**usual, "problem": "", **about})


def job(**about: Any) -> Job:
    """Return a job that nobody registered."""
    return Job("test", i18n.lazy("Job"), lambda _shop: {}, **about)


@on_sqlite
def test_a_portal_without_a_worker_says_so_and_how_to_start_one(admin: PageClient) -> None:
    page = text(admin.get("/operasi").text)
    assert "portal worker" in page
    for each in schedule.jobs.values():
        assert str(each.label) in page


def test_the_page_tells_how_jobs_and_workers_are(admin: PageClient) -> None:
    database = admin.builder.database
    with time_machine.travel(MOMENT, tick=False):
        admin.sign_in(admin.builder.user(Role.ADMIN))
        put(
            database,
            job_row("retention", outcome={"gone": 1234}),
            job_row("mail", problem="OSError in senders.send_due:7", good_at=None),
            Heartbeat(worker="satu:12", version="1.2", started_at=AGO, seen_at=MOMENT),
            Heartbeat(worker="dua:34", version="1.2", started_at=AGO, seen_at=AGO),
        )
        page = text(admin.get("/operasi?bahasa=en", follow_redirects=True).text)
    assert "records gone: 1,234" in page
    assert "every day at 01:30 WIB" in page
    assert "Mon, 23 Nov, 08:00" in page
    assert "Did not end well" in page
    assert "OSError in senders.send_due:7" in page
    assert "It never ended well so far." in page
    assert re.search(r"satu:12 .{,90}At work", page)
    assert re.search(r"dua:34 .{,90}Silent", page)


@on_sqlite
@pytest.mark.parametrize("alive", [True, False])
def test_a_job_can_be_had_at_once_and_the_trail_says_by_whom(
    admin: PageClient, *, alive: bool
) -> None:
    database = admin.builder.database
    if alive:
        seen = Heartbeat(worker="satu", version="1", started_at=AGO, seen_at=clock.now())
        put(database, seen)
    admin.get("/operasi?bahasa=en", follow_redirects=True)
    address = "/operasi/tugas/retention/jalankan"
    form = {name: values[0] for name, values in admin.form(address).items()}
    assert admin.post(address, form).headers["Location"] == "/operasi#h-jobs"
    with database.reader() as session:
        assert [each.name for each in schedule.due(session) if each.at] == ["retention"]
    told = trail(database)[-1]
    assert (told.action, told.facts) == ("job.hurried", {"job": "retention"})
    assert told.actor_id is not None
    page = text(admin.get("/operasi").text)
    assert ("starts within seconds" if alive else "as soon as a worker runs") in page


@on_sqlite
def test_a_job_nobody_knows_cannot_be_started(admin: PageClient) -> None:
    admin.get("/operasi")
    assert admin.post("/operasi/tugas/apa-saja/jalankan").status_code == 404


@pytest.mark.parametrize(
    ("about", "standing"),
    [
        (None, Standing.NEW),
        ({}, Standing.WELL),
        ({"good_at": None, "started_at": None, "ended_at": None}, Standing.NEW),
        ({"leased_until": AHEAD, "problem": "OSError"}, Standing.BUSY),
        ({"leased_until": AGO}, Standing.LATE),
        ({"problem": "OSError"}, Standing.TROUBLED),
        ({"due_at": AGO}, Standing.LATE),
        ({"outcome": {"skipped": True}}, Standing.OFF),
        ({"due_at": MOMENT - timedelta(minutes=14)}, Standing.WELL),
    ],
)
@on_sqlite
def test_how_a_job_stands(
    database: Database, about: dict[str, Any] | None, standing: Standing
) -> None:
    if about is not None:
        put(database, job_row("retention", **about))
    with time_machine.travel(MOMENT, tick=False), database.reader() as session:
        lines = {line.job.name: line for line in queries.list_jobs(session)}
    assert lines["retention"].standing is standing


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"every": timedelta(minutes=1)}, "every minute"),
        ({"every": timedelta(minutes=90)}, "every 90 minutes"),
        ({"every": timedelta(hours=1)}, "every hour"),
        ({"every": timedelta(hours=6)}, "every 6 hours"),
        ({"at": time(1, 30)}, "every day at 01:30 WIB"),
        ({"at": time(2), "weekday": 6}, "every Sunday at 02:00 WIB"),
    ],
)
def test_the_rhythm_of_a_job_in_words(about: dict[str, Any], words: str) -> None:
    with i18n.in_language("en"):
        assert queries.rhythm_of(job(**about)) == words


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"sent": 1200, "failed": 0}, "e-mails: 1,200"),
        ({"sent": 2, "failed": 1}, "e-mails: 2 · failed: 1"),
        ({"sent": 0}, "nothing was to be done"),
        ({}, "nothing was to be done"),
        ({"skipped": True}, "not set up"),
        ({"sent": 1, "problem": "connect"}, "e-mails: 1 · problem: connect"),
    ],
)
def test_the_result_of_a_job_in_words(outcome: dict[str, Any], words: str) -> None:
    figures = {"sent": i18n.lazy("e-mails"), "skipped": i18n.lazy("not set up")}
    with i18n.in_language("en"):
        assert queries.result_of(job(figures=figures), job_row("test", outcome=outcome)) == words
