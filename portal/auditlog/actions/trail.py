"""Looking the trail through, and taking it along; both leave an entry."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.auditlog.events import TrailChecked, TrailTaken
from portal.core.access import Actor
from portal.core.audit import Break
from portal.core.events import emit


def note_check(session: Session, actor: Actor, up_to: int, broken: Break | None) -> None:
    """Write down that the chain was looked through, and what was found."""
    found = (broken.seq, broken.kind) if broken else (None, None)
    emit(session, actor, TrailChecked(None, up_to, *found))


def note_export(session: Session, actor: Actor, rows: int) -> None:
    """Write down that somebody takes entries along."""
    emit(session, actor, TrailTaken(None, rows))
