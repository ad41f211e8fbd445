"""Which forms come due, which are late, and which follow-ups somebody must look at."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.duties import Duty
from portal.monitoring.models import FollowUp, MonitoringForm, Watcher
from portal.monitoring.queries.staff import WATCHING_ROLES
from portal.monitoring.states import FollowUpState, FormKind, FormState
from portal.people.models import Membership
from portal.people.queries.appointments import in_force

GOING_ON = (FollowUpState.ACTIVE, FollowUpState.PAUSED)


def forms_of(session: Session, follow_up_id: UUID) -> list[MonitoringForm]:
    """Return the forms of a follow-up, the first first."""
    found = select(MonitoringForm).where(MonitoringForm.follow_up_id == follow_up_id)
    # As they stand now, whatever the session read before somebody else was faster.
    ordered = found.order_by(MonitoringForm.number).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def waiting_of(forms: Sequence[MonitoringForm]) -> MonitoringForm | None:
    """Return the form of a follow-up that comes next, or waits to be filled in."""
    return next((each for each in reversed(forms) if each.state == FormState.WAITING), None)


def missed_in_a_row(session: Session, follow_up_id: UUID) -> int:
    """Return how many of the last forms that came due were missed, one after the other."""
    states = session.scalars(
        select(MonitoringForm.state)
        .where(
            MonitoringForm.follow_up_id == follow_up_id,
            MonitoringForm.state.in_((FormState.SENT, FormState.MISSED)),
        )
        .order_by(MonitoringForm.number.desc())
    ).all()
    counted = 0
    for state in states:
        if state != FormState.MISSED:
            break
        counted += 1
    return counted


def watched_at(session: Session, user_id: UUID, school_id: UUID | None) -> list[FollowUp]:
    """Return the follow-ups of a school whose forms somebody is asked for, in the order of their
    locks.
    """
    return list(
        session.scalars(
            select(FollowUp)
            .join(Watcher, Watcher.follow_up_id == FollowUp.id)
            .where(
                Watcher.user_id == user_id,
                Watcher.ended_at.is_(None),
                FollowUp.school_id == school_id,
            )
            .order_by(FollowUp.case_id)
        )
    )


def movable_at(session: Session, school_id: UUID | None) -> list[UUID]:
    """Return the follow-ups that go on at a school, or those of all schools (None) whose next form
    has not opened yet.
    """
    coming = exists().where(
        MonitoringForm.follow_up_id == FollowUp.id,
        MonitoringForm.state == FormState.WAITING,
        MonitoringForm.opens_on > clock.today(),
    )
    found = select(FollowUp.id).where(
        FollowUp.state == FollowUpState.ACTIVE,
        coming if school_id is None else FollowUp.school_id == school_id,
    )
    return list(session.scalars(found.order_by(FollowUp.case_id)))


def to_look_at(session: Session) -> list[UUID]:
    """Return the follow-ups of which something may have to be done today."""
    today = clock.today()
    own = MonitoringForm.follow_up_id == FollowUp.id
    waits = MonitoringForm.state == FormState.WAITING
    asked = exists().where(Duty.subject_id == MonitoringForm.id, Duty.closed_at.is_(None))
    missed = and_(
        MonitoringForm.state == FormState.MISSED,
        or_(MonitoringForm.closes_on >= today, asked.correlate(MonitoringForm)),
    )
    late = or_(and_(waits, MonitoringForm.due_on < today), missed)
    comes_due = or_(
        FollowUp.state == FollowUpState.ACTIVE, MonitoringForm.kind == FormKind.SENTINEL
    )
    watcher = exists().where(Watcher.follow_up_id == FollowUp.id, Watcher.ended_at.is_(None))
    active, going_on = FollowUp.state == FollowUpState.ACTIVE, FollowUp.state.in_(GOING_ON)
    reasons = (
        exists().where(own, late, comes_due),
        and_(active, ~exists().where(own, waits)),
        and_(FollowUp.state == FollowUpState.PAUSED, FollowUp.paused_until <= today),
        and_(FollowUp.state == FollowUpState.PAUSED, FollowUp.paused_until.is_(None)),
        and_(going_on, or_(~watcher, _with_a_leaver())),
    )
    return list(session.scalars(select(FollowUp.id).where(or_(*reasons)).order_by(FollowUp.id)))


def _with_a_leaver() -> ColumnElement[bool]:
    """Return the condition for follow-ups with somebody who teaches there no longer."""
    teaches = exists().where(
        Membership.user_id == Watcher.user_id,
        Membership.school_id == FollowUp.school_id,
        Membership.role.in_(sorted(WATCHING_ROLES)),
        in_force(clock.today()),
    )
    return exists().where(
        Watcher.follow_up_id == FollowUp.id,
        Watcher.ended_at.is_(None),
        ~teaches.correlate(Watcher, FollowUp),
    )
