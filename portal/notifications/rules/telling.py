"""Telling several people what somebody did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.notifications.actions.writing import Telling, tell
from portal.people.queries.appointments import appointments_of


def tell_others(
    session: Session, actor: Actor | None, people: Iterable[UUID], what: Telling
) -> None:
    """Tell these people, each once, but the actor and those who left."""
    others = dict.fromkeys(each for each in people if actor is None or each != actor.user_id)
    tell(session, (each for each in others if appointments_of(session, each)), what)


def subject_of(happened: Any) -> UUID:
    """Return the record of an event that always has one."""
    subject_id: UUID = happened.subject_id
    return subject_id
