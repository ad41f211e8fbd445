"""The office's ready answers to schools."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.monitoring.models import ReplyText


def every(session: Session) -> list[ReplyText]:
    """Return all ready texts, those that are offered first."""
    return list(
        session.scalars(
            select(ReplyText).order_by(ReplyText.active.desc(), ReplyText.position, ReplyText.id)
        )
    )


def get(session: Session, public_id: str) -> ReplyText | None:
    """Return one ready text, offered or not."""
    return session.scalar(select(ReplyText).where(ReplyText.public_id == public_id))
