"""What must stay for now, whatever its age."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, String, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted


class LegalHold(Public, Base):
    """A record that must stay, whatever its age, while a court or an inquiry needs it."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index(None, "subject_id"),)

    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    # What people call the record: its number or a person's name as the office knows it.
    label: Mapped[str] = mapped_column(Encrypted())
    reason: Mapped[str] = mapped_column(Encrypted())
    ordered_by: Mapped[UUID]
    ordered_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]


def is_held(session: Session, subject_id: UUID) -> bool:
    """Say whether a record must stay for now."""
    held = select(LegalHold.id).where(
        LegalHold.subject_id == subject_id, LegalHold.lifted_at.is_(None)
    )
    return session.scalars(held).first() is not None


def held(*columns: Any) -> ColumnElement[bool]:
    """Return the condition for rows that are, or belong to, a record under a hold."""
    # False for an empty column, where NOT IN would say nothing at all.
    return exists().where(
        LegalHold.lifted_at.is_(None),
        LegalHold.subject_id.in_(columns),
    )
