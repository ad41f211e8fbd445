"""What happened, told once: each event becomes an entry of the trail and reaches its listeners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import audit
from portal.core.access import Actor

ACTIONS: set[str] = set()
UNTOLD = "untold"


@dataclass(frozen=True)
class Event:
    """Something that happened to one record; further fields are ids, codes and figures only.

    Subclasses name themselves: `class VisitApproved(Event, action="visit.approved")`. The word
    before the dot is the kind of record. What listeners need and the trail must not keep is
    `untold`.
    """

    action: ClassVar[str] = ""
    subject_id: UUID | None

    def __init_subclass__(cls, *, action: str) -> None:
        cls.action = action
        ACTIONS.add(action)

    @property
    def subject(self) -> str:
        """Return the kind of record it happened to."""
        return self.action.partition(".")[0]

    def facts(self) -> audit.Facts:
        """Return the further fields as the trail keeps them."""
        told = [each for each in fields(self) if UNTOLD not in each.metadata]
        rest = [each.name for each in told if each.name != "subject_id"]
        return {name: _plain(getattr(self, name)) for name in rest}


def untold(default: Any = None) -> Any:
    """Return a field that listeners read and neither trail nor logs repeat: a token, an address."""
    return field(default=default, repr=False, metadata={UNTOLD: True})


def _plain(value: Any) -> str | int | bool | None:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, date | datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


E = TypeVar("E", bound=Event)
Handler = Callable[[Session, Actor | None, Any], None]
_handlers: dict[type[Event], list[Handler]] = {}


def on(kind: type[E]) -> Callable[[Handler], Handler]:
    """Let a function hear of a kind of event, inside the transaction that causes it.

    Handlers write rows only; an exception in one undoes the whole action.
    """

    def register(handler: Handler) -> Handler:
        listeners = _handlers.setdefault(kind, [])
        if handler not in listeners:
            listeners.append(handler)
        return handler

    return register


def emit(session: Session, actor: Actor | None, happened: Event) -> None:
    """Tell that something happened; `actor` is None for the portal itself and the command line."""
    audit.note(
        session,
        audit.Note(
            happened.action,
            happened.subject,
            happened.subject_id,
            actor.user_id if actor else None,
            happened.facts(),
        ),
    )
    for handler in _handlers.get(type(happened), ()):
        handler(session, actor, happened)
