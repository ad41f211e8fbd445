"""Reading how tries to reach schools went, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.schools import policy
from portal.schools.models import Answer, ContactAttempt, School, SchoolContact

# A page shows so many; whoever wants older ones knows that they are there.
MOST_SHOWN = 50
# With these, somebody of the school was reached.
ANSWERED = (Answer.WILL_ANSWER, Answer.AGREED, Answer.DECLINED)


@dataclass(frozen=True)
class ContactFigures:
    """How often a school was tried and answered, when last, and for how long it has been silent."""

    tries: int
    answered: int
    last_on: date
    answered_on: date | None

    @property
    def never_answered(self) -> bool:
        """Say whether nobody there ever responded."""
        return not self.answered

    @property
    def silent(self) -> bool:
        """Say whether the school has not responded since it was last tried."""
        return self.answered_on is None or self.answered_on < self.last_on


@dataclass(frozen=True)
class ContactLog:
    """The tries to reach a school, the newest first, whom they went to, and how many there were."""

    attempts: Sequence[ContactAttempt]
    figures: ContactFigures | None
    main: SchoolContact | None

    @property
    def next(self) -> ContactAttempt | None:
        """Return the try after which the next one is planned."""
        last = self.attempts[0] if self.attempts else None
        return last if last and last.next_on else None


def log(session: Session, actor: Actor, school: School, limit: int = MOST_SHOWN) -> ContactLog:
    """Return how tries to reach a school went, and of any that became part of it."""
    attempts = session.scalars(
        select(ContactAttempt)
        .join(School, School.id == ContactAttempt.school_id)
        .where(_counts_for() == school.id, policy.attempts_visible_to(actor))
        .order_by(ContactAttempt.made_on.desc(), ContactAttempt.recorded_at.desc())
        .limit(limit)
    ).all()
    figures = contact_figures(session, [school.id]).get(school.id) if attempts else None
    main = session.scalars(
        select(SchoolContact)
        .where(
            SchoolContact.school_id == school.id,
            SchoolContact.ended_on.is_(None),
            policy.contacts_visible_to(actor),
        )
        .order_by(SchoolContact.main.desc(), SchoolContact.recorded_at, SchoolContact.id)
        .limit(1)
    ).first()
    return ContactLog(attempts, figures, main)


def contact_figures(
    session: Session, school_ids: Sequence[UUID] | None = None
) -> dict[UUID, ContactFigures]:
    """Return how often schools were tried and answered, all of them or these, where ever tried."""
    counted = figures_by_school()
    found: Select[UUID, int, int, date, date | None] = select(
        counted.c.school_id,
        counted.c.tries,
        counted.c.answered,
        counted.c.last_on,
        counted.c.answered_on,
    )
    if school_ids is not None:
        found = found.where(counted.c.school_id.in_(school_ids))
    return {row[0]: ContactFigures(*row[1:]) for row in session.execute(found)}


def figures_by_school() -> Subquery:
    """Return, per school ever tried: `tries`, `answered`, `last_on`, `answered_on`.

    What was tried at a school that became part of another counts there.
    """
    answered = ContactAttempt.answer.in_(ANSWERED)
    return (
        select(
            _counts_for().label("school_id"),
            func.count().label("tries"),
            func.count().filter(answered).label("answered"),
            func.max(ContactAttempt.made_on).label("last_on"),
            func.max(ContactAttempt.made_on).filter(answered).label("answered_on"),
        )
        .join(School, School.id == ContactAttempt.school_id)
        .group_by(_counts_for())
        .subquery("tried")
    )


def _counts_for() -> ColumnElement[UUID]:
    return func.coalesce(School.merged_into_id, School.id)
