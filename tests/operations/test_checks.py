"""The questions about the portal's health answer what is true, and say what to do."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal import migrations
from portal.config import Settings
from portal.core import clock, schedule, snapshots
from portal.core.db import Database, transaction
from portal.core.schedule import JobRecord
from portal.notifications.models import Delivery
from portal.notifications.states import DeliveryState, Nature
from portal.operations.queries import checks
from portal.operations.queries.checks import Check, State, examine
from tests.builders import Builder
from tests.conftest import on_sqlite


def found(database: Database, settings: Settings) -> dict[str, Check]:
    """Return the checks by name."""
    with database.reader() as session:
        return {each.name: each for each in examine(session, settings)}


def job(session: Session, name: str, **more: object) -> None:
    """Let a job have run."""
    with transaction(session):
        session.merge(JobRecord(name=name, due_at=clock.now(), outcome={}, **more))


def test_the_schema_it_expects_is_the_newest(database: Database) -> None:
    with database.reader() as session:
        held = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    assert held == checks.SCHEMA


def test_a_new_portal_lacks_a_worker_and_says_how_to_start_one(
    database: Database, settings: Settings
) -> None:
    answers = found(database, settings)
    assert answers["database"].state is State.OK
    assert answers["keys"].state is State.OK
    assert answers["worker"].state is State.BAD
    assert "portal worker" in answers["worker"].advice
    assert not checks.ready(list(answers.values()))


def test_a_worker_counts_while_it_gives_signs(
    database: Database, session: Session, settings: Settings
) -> None:
    with transaction(session):
        schedule.beat(session, "mesin:1", "9.9")
    assert found(database, settings)["worker"].state is State.OK
    with transaction(session):
        row = session.get_one(schedule.Heartbeat, "mesin:1")
        row.seen_at = clock.now() - timedelta(minutes=4)
    assert found(database, settings)["worker"].state is State.BAD


def test_an_older_schema_is_named_and_nothing_else_is_asked(
    database: Database, settings: Settings
) -> None:
    migrations.downgrade(database, "0004")
    answers = found(database, settings)
    assert answers["database"].state is State.BAD
    assert "portal upgrade" in answers["database"].advice
    assert set(answers) == {"database", "keys", "disk"}


def test_a_restore_that_was_broken_off_does_not_look_well(
    database: Database, settings: Settings
) -> None:
    with database.writing.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {snapshots.MARK} (id INTEGER)"))
    answers = found(database, settings)
    with database.writing.begin() as connection:
        connection.execute(sa.text(f"DROP TABLE {snapshots.MARK}"))
    assert answers["database"].state is State.BAD
    assert "portal restore" in answers["database"].advice
    assert found(database, settings)["database"].state is State.OK


@on_sqlite
def test_a_missing_or_open_key_ring_is_seen(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    gone = replace(settings, key_ring=tmp_path / "nowhere.json")
    assert found(database, gone)["keys"].state is State.BAD
    copy = tmp_path / "ring.json"
    copy.write_bytes(settings.key_ring.read_bytes())
    os.chmod(copy, 0o644)
    assert found(database, replace(settings, key_ring=copy))["keys"].state is State.WARN
    os.chmod(copy, 0o600)
    assert found(database, replace(settings, key_ring=copy))["keys"].state is State.OK


@on_sqlite
def test_little_room_on_the_disk_is_told_before_writing_stops(
    database: Database, settings: Settings, build: Builder
) -> None:
    assert found(database, settings)["disk"].state is State.OK
    build.setting("disk_warning_mb", 1_000_000)
    low = found(database, settings)["disk"]
    assert low.state is State.WARN
    assert "MB" in low.title


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(days=7), State.OK), (timedelta(days=9), State.BAD), (None, State.WARN)],
)
@on_sqlite
def test_a_trial_of_the_backup_goes_red_after_eight_days(
    database: Database,
    session: Session,
    settings: Settings,
    age: timedelta | None,
    state: State,
) -> None:
    kept = replace(settings, backup_url="cadangan", backup_recipients=("age1x",))
    if age:
        job(session, "backup_drill", good_at=clock.now() - age, problem="")
    assert found(database, kept)["backup_drill"].state is state
    assert found(database, settings)["backup_drill"].state is State.OFF


@on_sqlite
def test_a_trial_that_never_ended_well_is_red(
    database: Database, session: Session, settings: Settings
) -> None:
    kept = replace(settings, backup_url="cadangan", backup_recipients=("age1x",))
    job(session, "backup_drill", started_at=clock.now(), problem="OSError in x:1")
    assert found(database, kept)["backup_drill"].state is State.BAD


def test_a_troubled_job_and_an_email_given_up_are_named(
    database: Database, session: Session, settings: Settings
) -> None:
    name = next(iter(schedule.jobs))
    job(session, name, problem="ValueError in x:1")
    sent = replace(settings, smtp_url="smtp://localhost")
    assert found(database, sent)["mail"].state is State.OK
    moment = clock.now()
    with transaction(session):
        session.add(
            Delivery(
                address="orang@uji.example",
                state=DeliveryState.GIVEN_UP,
                nature=Nature.NEWS,
                written_at=moment,
                next_try_at=moment,
                trying_since=moment,
                ended_at=moment,
                problem="refused 550",
            )
        )
    answers = found(database, sent)
    assert answers["jobs"].state is State.WARN
    assert str(schedule.jobs[name].label) in answers["jobs"].title
    assert answers["mail"].state is State.WARN
    assert found(database, settings)["mail"].state is State.WARN


def test_figures_are_names_and_numbers(database: Database) -> None:
    with database.reader() as session:
        figures = dict(checks.figures(session))
    assert figures["portal_workers"] == 0
    assert all(isinstance(figure, int | float) for figure in figures.values())
    assert all(name.startswith("portal_") for name in figures)
