"""Ordering and lifting legal holds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.auditlog.events import HoldLifted, HoldOrdered
from portal.auditlog.queries import records
from portal.core import clock, retention
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.retention import LegalHold


@dataclass(frozen=True)
class NewHold:
    """A record that must stay, as the office names it, and why."""

    kind: str
    record: str
    reason: str


def order_hold(session: Session, actor: Actor, wanted: NewHold) -> LegalHold:
    """Keep a record from going, whatever its age.

    Raises Rejected("record_unknown") and Rejected("held_already"), both at "record".
    """
    found = records.to_hold(session, wanted.kind, wanted.record)
    if found is None:
        raise Rejected("record_unknown", "record")
    if retention.is_held(session, found.record_id):
        raise Rejected("held_already", "record")
    hold = LegalHold(
        subject=found.kind,
        subject_id=found.record_id,
        label=found.label,
        reason=wanted.reason,
        ordered_by=actor.user_id,
        ordered_at=clock.now(),
    )
    session.add(hold)
    session.flush()
    emit(session, actor, HoldOrdered(hold.id, found.kind, found.record_id))
    return hold


def lift_hold(session: Session, actor: Actor, hold: LegalHold) -> None:
    """Let a record go again when its time is over; raises Rejected("hold_lifted")."""
    if hold.lifted_at is not None:
        raise Rejected("hold_lifted")
    hold.lifted_at, hold.lifted_by = clock.now(), actor.user_id
    emit(session, actor, HoldLifted(hold.id, hold.subject, hold.subject_id))
