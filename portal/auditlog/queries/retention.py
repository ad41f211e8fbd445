"""Reading legal holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.auditlog.queries import records
from portal.core.access import Actor, Permission
from portal.core.retention import LegalHold


@dataclass(frozen=True)
class Hold:
    """A hold as an actor may see it; what it says is empty for whoever may not read that."""

    public_id: str
    kind: str
    label: str
    reason: str
    ordered_by: str
    record: LegalHold


def may_read_reasons(actor: Actor) -> bool:
    """Say whether an actor may read what a hold is about; the administrator sees that it is."""
    return actor.may(Permission.LEGAL_HOLD_WRITE) or actor.may(Permission.EMERGENCY_READ)


def holds_in_force(session: Session, actor: Actor) -> Sequence[Hold]:
    """Return the holds that were not lifted, newest first."""
    found = session.scalars(
        select(LegalHold)
        .where(LegalHold.lifted_at.is_(None))
        .order_by(LegalHold.ordered_at.desc(), LegalHold.id.desc())
    ).all()
    names = records.names(session, (each.ordered_by for each in found))
    readable = may_read_reasons(actor)
    return [
        Hold(
            public_id=each.public_id,
            kind=each.subject,
            label=each.label if readable else "",
            reason=each.reason if readable else "",
            ordered_by=names.get(each.ordered_by, ""),
            record=each,
        )
        for each in found
    ]


def get_hold(session: Session, public_id: str) -> LegalHold | None:
    """Return a hold by the id that addresses use; whoever may order holds may lift each."""
    # The lock makes the second of two people wait, who then finds it lifted.
    return session.scalar(
        select(LegalHold).where(LegalHold.public_id == public_id).with_for_update()
    )
