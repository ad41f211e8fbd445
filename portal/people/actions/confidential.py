"""Confidential records: who must never see one, and who may open one in an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people import policy
from portal.people.events import (
    ConflictLifted,
    ConflictRecorded,
    EmergencyOpened,
    EmergencyReviewed,
)
from portal.people.models import Conflict, EmergencyAccess
from portal.people.queries.confidential import in_conflict

REVIEW = "review_emergency"


@dataclass(frozen=True)
class Record:
    """A confidential record as people name it: kind, id, number and page; never its content."""

    subject: str
    subject_id: UUID
    label: str
    link: str


def record_conflict(
    session: Session, actor: Actor, record: Record, user_id: UUID, reason: str
) -> Conflict:
    """Keep somebody away from a record; raises Rejected("conflict_known")."""
    known = select(Conflict).where(
        Conflict.subject_id == record.subject_id,
        Conflict.user_id == user_id,
        Conflict.lifted_at.is_(None),
    )
    if session.scalars(known).first():
        raise Rejected("conflict_known", "person")
    conflict = Conflict(
        subject=record.subject,
        subject_id=record.subject_id,
        user_id=user_id,
        reason=reason,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(conflict)
    session.flush()
    emit(session, actor, ConflictRecorded(conflict.id, record.subject_id, user_id))
    return conflict


def lift_conflict(session: Session, actor: Actor, conflict: Conflict) -> None:
    """Let somebody see a record again; raises Rejected("own_rights") for oneself."""
    if conflict.user_id == actor.user_id:
        raise Rejected("own_rights")
    conflict.lifted_at = clock.now()
    emit(session, actor, ConflictLifted(conflict.id, conflict.subject_id, conflict.user_id))


def open_in_emergency(
    session: Session, actor: Actor, record: Record, reason: str
) -> EmergencyAccess:
    """Open a record for a limited time; the head of the office reviews it afterwards.

    Raises Rejected("not_allowed"), also for whoever stands on the record's conflict list: that list
    beats every right.
    """
    if not actor.may(Permission.EMERGENCY_ACCESS) or in_conflict(session, actor, record.subject_id):
        raise Rejected("not_allowed")
    office = settings.read(session)
    moment = clock.now()
    review_day = clock.add_working_days(clock.today(), office["emergency_review_working_days"])
    access = EmergencyAccess(
        subject=record.subject,
        subject_id=record.subject_id,
        label=record.label,
        link=record.link,
        user_id=actor.user_id,
        reason=reason,
        opened_at=moment,
        expires_at=moment + timedelta(minutes=office["emergency_minutes"]),
        review_by=clock.at_wib(review_day, clock.OFFICE_CLOSES),
    )
    session.add(access)
    session.flush()
    duties.open_duty(
        session,
        Due(
            kind=REVIEW,
            subject_id=access.id,
            role=Role.OFFICE_HEAD,
            link=f"/akses-darurat/{access.public_id}",
            due_at=access.review_by,
            facts={"number": record.label},
        ),
    )
    emit(session, actor, EmergencyOpened(access.id, record.subject_id))
    return access


def review_emergency(
    session: Session, actor: Actor, access: EmergencyAccess, *, justified: bool, finding: str
) -> None:
    """Judge an emergency access.

    Raises Rejected("not_allowed"), for one's own too, or Rejected("state_changed") when a colleague
    was faster.
    """
    if not policy.may_review(actor, access):
        raise Rejected("not_allowed")
    if access.reviewed_at is not None:
        raise Rejected("state_changed")
    access.reviewed_by, access.reviewed_at = actor.user_id, clock.now()
    access.justified, access.finding = justified, finding
    if not justified and access.expires_at > access.reviewed_at:
        access.expires_at = access.reviewed_at
    duties.close_duties(session, access.id, REVIEW)
    emit(session, actor, EmergencyReviewed(access.id, access.subject_id, justified))
