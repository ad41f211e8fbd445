"""What the office offers, and when it holds no sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.core.events import Event


@dataclass(frozen=True)
class ProgrammeAdded(Event, action="programme.added"):
    """The office offers a programme that there was not before."""


@dataclass(frozen=True)
class ProgrammeChanged(Event, action="programme.changed"):
    """A programme or its topics are others; `fields` names what, not how."""

    fields: str


@dataclass(frozen=True)
class NeedsChanged(Event, action="visit_need.changed"):
    """What a session may need, or what the office has of it, is other than before."""

    needs: int


@dataclass(frozen=True)
class BlackoutAdded(Event, action="blackout.added"):
    """The office holds no sessions on these days; those already settled stay."""

    first_on: date
    last_on: date
    met: int


@dataclass(frozen=True)
class BlackoutRemoved(Event, action="blackout.removed"):
    """Days without sessions are days like others again."""

    first_on: date
    last_on: date
