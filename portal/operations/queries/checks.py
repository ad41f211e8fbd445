"""Is the portal well? Each question with its answer, and what to do where the answer is no."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core import clock, crypto, i18n, schedule, settings, snapshots
from portal.core.crypto import KeyRingError, UndecipherableError
from portal.core.settings import Office
from portal.notifications.models import Delivery
from portal.notifications.states import DeliveryState

# The newest migration (a test keeps them equal).
SCHEMA = "0016"
MEGABYTE = 1024 * 1024
# Below this the database cannot be trusted to write.
LEAST_FREE = 50 * MEGABYTE
BACKUP, DRILL = "backup", "backup_drill"
SKIPPED = "skipped"
# Backups are made every hour; one or two may be missed by a restart.
BACKUP_AGE = timedelta(hours=3)
LATE_JOB = timedelta(minutes=15)
RECENT_MAIL = timedelta(days=7)


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    # Not set up, and nobody has to.
    OFF = "off"


@dataclass(frozen=True)
class Check:
    """One answer: what was looked at, how it stands, and what to do."""

    name: str
    state: State
    title: str
    advice: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined."""

    session: Session
    settings: Settings
    office: Office


def examine(session: Session, operator: Settings) -> list[Check]:
    """Return all checks; where the database does not answer, only what needs none."""
    answer = _database(session)
    if answer.state is State.BAD:
        return [answer, _keys(operator), _disk(operator, settings.Office({}))]
    patient = Patient(session, operator, settings.read(session))
    rest = (check(patient) for check in CHECKS)
    return [answer, *rest]


def ready(checks: list[Check]) -> bool:
    """Say whether nothing is bad."""
    return all(check.state is not State.BAD for check in checks)


def _database(session: Session) -> Check:
    try:
        unfinished = snapshots.is_unfinished(session.connection())
        held = (
            None if unfinished else session.scalar(text("SELECT version_num FROM alembic_version"))
        )
    except DBAPIError:
        session.rollback()
        return Check(
            "database",
            State.BAD,
            i18n.gettext("The database does not answer, or was never set up."),
            i18n.gettext(
                "See whether it runs and PORTAL_DATABASE_URL names it; a new one needs: "
                "portal upgrade"
            ),
        )
    if unfinished:
        return Check(
            "database",
            State.BAD,
            i18n.gettext("A restore into this database was broken off or still runs."),
            i18n.gettext(
                "Do not work with it. Once no restore runs, run portal restore again with the "
                "same backup; it says what else it needs."
            ),
        )
    if held != SCHEMA:
        return Check(
            "database",
            State.BAD,
            i18n.gettext(
                "The database is of version %(held)s, this portal needs %(needed)s.",
                held=held or "-",
                needed=SCHEMA,
            ),
            i18n.gettext("Stop the portal, make a backup, then run: portal upgrade"),
        )
    return Check("database", State.OK, i18n.gettext("The database answers and is up to date."))


def _keys(operator: Settings) -> Check:
    try:
        ring = crypto.load(operator.key_ring)
        place = crypto.place_of("health", "check", 0)
        ring.decrypt(place, ring.encrypt(place, b"well"))
    except (KeyRingError, UndecipherableError) as error:
        return Check(
            "keys",
            State.BAD,
            i18n.gettext("The key ring cannot be used: %(problem)s", problem=str(error)),
            i18n.gettext("Put the copy from its safe place back to where PORTAL_KEY_RING points."),
        )
    if _open_to_others(operator.key_ring):
        return Check(
            "keys",
            State.WARN,
            i18n.gettext("Other accounts of this machine can read the key ring."),
            i18n.gettext("Let only the portal's account read it: chmod 600 on the file."),
        )
    return Check("keys", State.OK, i18n.gettext("The key ring opens and encrypts."))


def _open_to_others(path: Path) -> bool:
    mode = path.stat().st_mode
    # On Windows the bits say nothing about who may read.
    return path.anchor == "/" and bool(mode & (stat.S_IRGRP | stat.S_IROTH))


def _disk(operator: Settings, office: Office) -> Check:
    free = shutil.disk_usage(operator.data_dir).free
    shown = i18n.number(free // MEGABYTE)
    if free < office["disk_warning_mb"] * MEGABYTE:
        return Check(
            "disk",
            State.BAD if free < LEAST_FREE else State.WARN,
            i18n.gettext("Only %(free)s MB are free where the data lies.", free=shown),
            i18n.gettext("Make room or give the machine a larger disk, before writing stops."),
        )
    return Check(
        "disk", State.OK, i18n.gettext("%(free)s MB are free where the data lies.", free=shown)
    )


def _room(patient: Patient) -> Check:
    return _disk(patient.settings, patient.office)


def _ring(patient: Patient) -> Check:
    return _keys(patient.settings)


def _worker(patient: Patient) -> Check:
    alive = schedule.living(patient.session)
    if not alive:
        return Check(
            "worker",
            State.BAD,
            i18n.gettext("No worker is at work: messages, reminders and backups wait."),
            i18n.gettext(
                "`portal run` starts one by itself; where the web server runs alone, start: "
                "portal worker"
            ),
        )
    return Check(
        "worker",
        State.OK,
        i18n.gettext(
            "The worker gave its last sign at %(time)s.", time=i18n.clock_time(alive[0].seen_at)
        ),
    )


def _jobs(patient: Patient) -> Check:
    records = schedule.records(patient.session)
    troubled = [name for name, row in records.items() if row.problem and name in schedule.jobs]
    late = [
        name
        for name, row in records.items()
        if name in schedule.jobs and row.due_at < clock.now() - LATE_JOB and not row.leased_until
    ]
    names = [str(schedule.jobs[name].label) for name in sorted({*troubled, *late})]
    if names:
        return Check(
            "jobs",
            State.WARN,
            i18n.gettext(
                "These jobs did not end well or are late: %(jobs)s.", jobs=", ".join(names)
            ),
            i18n.gettext("The page Operations shows what happened; run the job again from there."),
        )
    return Check("jobs", State.OK, i18n.gettext("All jobs ran when they should."))


def _mail(patient: Patient) -> Check:
    if not patient.settings.smtp_url:
        return Check(
            "mail",
            State.OFF if patient.office.demo else State.WARN,
            i18n.gettext("E-mail is not set up; messages appear in the portal only."),
            i18n.gettext("Set PORTAL_SMTP_URL to the office's mail server and restart."),
        )
    since = clock.now() - RECENT_MAIL
    given_up, tried = patient.session.execute(
        select(
            func.count().filter(
                Delivery.state == DeliveryState.GIVEN_UP, Delivery.ended_at > since
            ),
            func.count().filter(Delivery.state == DeliveryState.WAITING, Delivery.problem != ""),
        )
    ).one()
    if given_up or tried:
        return Check(
            "mail",
            State.WARN,
            i18n.gettext(
                "%(given_up)s e-mails of this week did not arrive, %(tried)s are tried again.",
                given_up=i18n.number(given_up),
                tried=i18n.number(tried),
            ),
            i18n.gettext("The page of e-mails that did not leave says why."),
        )
    return Check("mail", State.OK, i18n.gettext("E-mails leave."))


def _backup(patient: Patient) -> Check:
    if not (patient.settings.backup_url and patient.settings.backup_recipients):
        return Check(
            BACKUP,
            State.OFF if patient.office.demo else State.WARN,
            i18n.gettext("Backups are not set up."),
            i18n.gettext(
                "Run `portal backup keygen`, then set PORTAL_BACKUP_URL and "
                "PORTAL_BACKUP_RECIPIENTS."
            ),
        )
    return _age(
        patient.session,
        BACKUP,
        BACKUP_AGE,
        i18n.gettext("The last backup is from %(moment)s."),
        i18n.gettext("Look at the job on the page Operations, or run: portal backup"),
    )


def _drill(patient: Patient) -> Check:
    if not (patient.settings.backup_url and patient.settings.backup_recipients):
        return Check(DRILL, State.OFF, i18n.gettext("Without backups there is none to try out."))
    return _age(
        patient.session,
        DRILL,
        timedelta(days=patient.office["drill_days"]),
        i18n.gettext("A backup was last restored as a test, and found whole, on %(moment)s."),
        i18n.gettext("Look at the job on the page Operations; a backup nobody tried is none."),
    )


def _age(session: Session, job: str, most: timedelta, sentence: str, advice: str) -> Check:
    record = schedule.records(session).get(job)
    # Before it was set up there was nothing to be done, and that ended well.
    if record is None or record.good_at is None or SKIPPED in record.outcome:
        begun = record is not None and record.problem
        return Check(
            job,
            State.BAD if begun else State.WARN,
            i18n.gettext("It has not worked once yet."),
            advice,
        )
    said = sentence % {"moment": i18n.day_and_time(record.good_at)}
    late = clock.now() - record.good_at > most
    return Check(job, State.BAD if late else State.OK, said, advice if late else "")


CHECKS: tuple[Callable[[Patient], Check], ...] = (
    _ring,
    _room,
    _worker,
    _jobs,
    _mail,
    _backup,
    _drill,
)


def figures(session: Session) -> Iterator[tuple[str, float]]:
    """Yield what a watcher may draw as curves: names and figures, nothing about people."""
    moment = clock.now()
    alive = schedule.living(session)
    yield "portal_workers", len(alive)
    waiting = select(func.count(), func.min(Delivery.written_at)).where(
        Delivery.state == DeliveryState.WAITING
    )
    count, oldest = session.execute(waiting).one()
    yield "portal_mail_waiting", count
    yield "portal_mail_oldest_seconds", _seconds(moment, oldest)
    given_up = select(func.count()).where(Delivery.state == DeliveryState.GIVEN_UP)
    yield "portal_mail_given_up", session.scalar(given_up) or 0
    records = schedule.records(session)
    yield "portal_jobs_troubled", sum(bool(row.problem) for row in records.values())
    for name in (BACKUP, DRILL):
        good = records[name].good_at if name in records else None
        yield f"portal_{name}_age_seconds", _seconds(moment, good)


def _seconds(moment: datetime, since: datetime | None) -> float:
    return (moment - since).total_seconds() if since else 0.0
