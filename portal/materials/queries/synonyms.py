"""The office's groups of words that mean the same."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.materials.models import SynonymGroup


def every(session: Session) -> list[SynonymGroup]:
    """Return all groups, by their first word."""
    return list(session.scalars(select(SynonymGroup).order_by(SynonymGroup.words, SynonymGroup.id)))


def get(session: Session, public_id: str) -> SynonymGroup | None:
    """Return one group."""
    return session.scalar(select(SynonymGroup).where(SynonymGroup.public_id == public_id))
