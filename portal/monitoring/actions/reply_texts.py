"""The office's ready answers to schools: written, changed, switched off."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.core.access import Actor, Permission
from portal.core.db import new_id, new_public_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.events import ReplyTextChanged
from portal.monitoring.models import ReplyText


@dataclass(frozen=True)
class TextCommand:
    """A ready text as somebody wrote it."""

    text_id: str
    text_en: str
    band: str
    position: int
    asks_call: bool
    active: bool


def add(session: Session, actor: Actor, command: TextCommand) -> ReplyText:
    """Add a ready text; raises Rejected("not_allowed")."""
    _check(actor)
    made = ReplyText(id=new_id(), code=new_public_id(), **command.__dict__)
    session.add(made)
    emit(session, actor, ReplyTextChanged(made.id))
    return made


def change(session: Session, actor: Actor, text: ReplyText, command: TextCommand) -> None:
    """Change a ready text; answers that were sent keep their words. Raises as `add` does."""
    _check(actor)
    for name, value in command.__dict__.items():
        setattr(text, name, value)
    emit(session, actor, ReplyTextChanged(text.id))


def _check(actor: Actor) -> None:
    if not actor.may(Permission.SOP_WRITE):
        raise Rejected("not_allowed")
