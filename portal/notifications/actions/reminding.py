"""Reminding people of what is due, and asking the next ones where nothing happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import clock, duties, ladders, settings
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.duties import Duty
from portal.core.ladders import Ladder
from portal.core.reminders import Circle, next_step
from portal.core.settings import Office
from portal.notifications.actions.writing import Telling, tell
from portal.notifications.models import Message
from portal.notifications.states import Nature
from portal.people.queries.appointments import appointments_of, holders
from portal.people.queries.confidential import kept_away
from portal.visits.queries.leave import away

BATCH = 50
# A to-do that cannot be looked at is left alone for so long.
AFTER_TROUBLE = timedelta(hours=1)


@dataclass
class Done:
    """What came of a round of looks."""

    looks: int = 0
    reminders: int = 0
    raised: int = 0
    failed: int = 0

    def __add__(self, other: Done) -> Done:
        """Return what came of both rounds."""
        return Done(
            self.looks + other.looks,
            self.reminders + other.reminders,
            self.raised + other.raised,
            self.failed + other.failed,
        )


@dataclass(frozen=True)
class _Round:
    """What all looks of a round share."""

    session: Session
    office: Office
    moment: datetime
    away: frozenset[UUID]
    done: Done = field(default_factory=Done)


def anything_due(session: Session) -> bool:
    """Say whether a to-do waits to be looked at."""
    return (
        session.scalars(select(Duty.id).where(*_waiting(clock.now())).limit(1)).first() is not None
    )


def remind_due(session: Session) -> Done:
    """Look at some of the to-dos whose time has come, the longest waiting first.

    Each is remembered with when to look at it again in the same transaction as its messages, so
    whoever dies in between has done nothing. Several may do this at once.
    """
    moment, done = clock.now(), Done()
    found = session.scalars(
        select(Duty)
        .where(*_waiting(moment))
        .order_by(Duty.next_look_at, Duty.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if found:
        office, gone = settings.read(session), away(session)
        for duty in found:
            done += _looked(_Round(session, office, moment, gone), duty)
    return done


def _looked(now: _Round, duty: Duty) -> Done:
    """Look at one to-do; trouble with it is undone and holds up no other."""
    try:
        with now.session.begin_nested():
            _look(now, duty)
    except OperationalError:
        # The database itself is in trouble, not this to-do.
        raise
    except Exception:
        now.session.expire_all()
        duty.next_look_at = now.moment + AFTER_TROUBLE
        return Done(looks=1, failed=1)
    return now.done


def _waiting(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return Duty.next_look_at <= moment, Duty.closed_at.is_(None)


def _look(now: _Round, duty: Duty) -> None:
    now.done.looks += 1
    ladder = ladders.ladder_of(duty.kind)
    people = people_of(now.session, duty)
    told_at = _told_at(now.session, duty, people)
    step = next_step(duty, ladder, now.office, now.moment, told_at)
    duty.next_look_at = step.again_at
    if ladder is None or now.moment < duty.visible_from:
        return
    if step.remind is not None and people:
        _remind(now, duty, _chosen(now, duty, people, step.remind))
    if step.raises or not people:
        _ask_next(now, duty, ladder, vacant=not people)
    if not people and not duty.alarm:
        # Nobody is left whom it could reach; whoever comes finds it on the first page.
        duty.next_look_at = None


def _told_at(session: Session, duty: Duty, people: Sequence[UUID]) -> datetime | None:
    """Return when the present people of a to-do last heard of it.

    Where only others before them did, its reminders begin anew.
    """
    told = session.execute(
        select(Message.recipient_id, func.max(Message.written_at))
        .where(Message.duty_id == duty.id)
        .group_by(Message.recipient_id)
    ).all()
    theirs = [moment for person, moment in told if person in people]
    if told and people and not theirs:
        duty.reminders = 0
    return max(theirs, default=None)


def people_of(session: Session, duty: Duty) -> list[UUID]:
    """Return whom a to-do waits for, longest-serving first; empty when they are all gone.

    Whoever stands on the conflict list of what it is about hears nothing of it.
    """
    people = holding(session, duty)
    kept = kept_away(session, duty.subject_id) if people else frozenset()
    return [each for each in people if each not in kept]


def holding(session: Session, duty: Duty) -> list[UUID]:
    """Return who holds what a to-do waits for, whether or not they may hear of its matter."""
    if duty.person_id is not None:
        return [duty.person_id] if appointments_of(session, duty.person_id) else []
    return holders(session, Role(duty.role), duty.school_id) if duty.role else []


def _chosen(now: _Round, duty: Duty, people: Sequence[UUID], circle: Circle) -> list[UUID]:
    """Return who is told: who is there rather than who is on leave, and nobody twice."""
    there = [each for each in people if each not in now.away] or list(people)
    if circle is Circle.ONE:
        there = there[:1]
    elif not duty.alarm:
        there = list(people)
    heard = _heard_of_it(now, duty)
    return [each for each in there if each not in heard]


def _heard_of_it(now: _Round, duty: Duty) -> set[UUID]:
    """Return who heard of the same matter just now (an alarm) or today, in whatever role."""
    if duty.alarm and duty.acknowledged_at is None:
        since = now.moment - timedelta(minutes=now.office["alarm_minutes"])
    else:
        today = clock.day_of(now.moment)
        since = clock.at_wib(today, time.min) - timedelta.resolution
    rows = now.session.scalars(
        select(Message.recipient_id)
        .join(Duty, Duty.id == Message.duty_id)
        .where(
            Duty.subject_id == duty.subject_id,
            Duty.kind == duty.kind,
            Duty.closed_at.is_(None),
            Message.written_at > since,
        )
    )
    return {each for each in rows if each is not None}


def _remind(now: _Round, duty: Duty, people: list[UUID]) -> None:
    duty.reminders += 1
    # Who has not read the last one reads this one instead.
    now.session.execute(
        update(Message)
        .where(
            Message.duty_id == duty.id,
            Message.recipient_id.in_(people),
            Message.read_at.is_(None),
            Message.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now.moment)
    )
    rings = duty.alarm and duty.acknowledged_at is None
    written = tell(
        now.session,
        people,
        Telling(
            kind=duty.kind,
            subject_id=duty.subject_id,
            link=duty.link,
            facts={**duty.facts, "due_at": duty.due_at.isoformat()},
            nature=Nature.ALARM if rings else Nature.REMINDER,
            duty_id=duty.id,
        ),
    )
    # The next to-do of this round may be about the same matter.
    now.session.flush()
    now.done.reminders += len(written)


def _ask_next(now: _Round, duty: Duty, ladder: Ladder, *, vacant: bool) -> None:
    """Ask the next role that somebody holds; where there is none, an admin learns of it."""
    above = ladder.above(duty.role)
    if not above and not vacant:
        return
    for role in (*above, Role.ADMIN):
        school_id = duty.school_id if role in SCHOOL_ROLES else None
        if not holders(now.session, role, school_id):
            continue
        raised = duties.raise_duty(now.session, duty, role, ladder.seen_at(duty.link))
        now.done.raised += raised is not None
        return
