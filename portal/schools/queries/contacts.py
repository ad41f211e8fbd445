"""Reading whom the office speaks to at a school."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.schools import policy
from portal.schools.models import SchoolContact


def present(session: Session, actor: Actor, school_id: UUID) -> list[SchoolContact]:
    """Return whom an actor may reach at a school now, the main contact first."""
    return list(
        session.scalars(
            select(SchoolContact)
            .where(
                SchoolContact.school_id == school_id,
                SchoolContact.ended_on.is_(None),
                policy.contacts_visible_to(actor),
            )
            .order_by(SchoolContact.main.desc(), SchoolContact.full_name, SchoolContact.id)
        )
    )


def past(session: Session, actor: Actor, school_id: UUID) -> list[SchoolContact]:
    """Return who was reached at a school before, the last first."""
    return list(
        session.scalars(
            select(SchoolContact)
            .where(
                SchoolContact.school_id == school_id,
                SchoolContact.ended_on.is_not(None),
                policy.contacts_visible_to(actor),
            )
            .order_by(SchoolContact.ended_on.desc(), SchoolContact.full_name, SchoolContact.id)
        )
    )


def get_contact(
    session: Session, actor: Actor, school_id: UUID, public_id: str
) -> SchoolContact | None:
    """Return one contact of a school, if the actor may see it."""
    return session.scalar(
        select(SchoolContact).where(
            SchoolContact.public_id == public_id,
            SchoolContact.school_id == school_id,
            policy.contacts_visible_to(actor),
        )
    )


def main_ones(
    session: Session, actor: Actor, school_ids: Collection[UUID]
) -> dict[UUID, SchoolContact]:
    """Return whom an actor reaches first at each of these schools, where there is somebody."""
    rows = session.scalars(
        select(SchoolContact)
        .where(
            SchoolContact.school_id.in_(school_ids),
            SchoolContact.ended_on.is_(None),
            policy.contacts_visible_to(actor),
        )
        # The main contact comes last and stays.
        .order_by(SchoolContact.main, SchoolContact.recorded_at.desc(), SchoolContact.id)
    )
    return {contact.school_id: contact for contact in rows}
