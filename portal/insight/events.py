"""What happened to semester plans and to suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class PlanAsked(Event, action="plan.asked"):
    """Somebody asked for a semester's plan; `follows_id` is the plan it changes."""

    first_on: date
    last_on: date
    follows_id: UUID | None


@dataclass(frozen=True)
class PlanStopped(Event, action="plan.stopped"):
    """Somebody ended the search for a better plan."""


@dataclass(frozen=True)
class PlanMade(Event, action="plan.made"):
    """A plan is ready to be looked at."""

    solver: str
    placed: int


@dataclass(frozen=True)
class PlanItemChanged(Event, action="plan.item_changed"):
    """A session of a plan was moved, locked or let go."""

    school_id: UUID
    ordinal: int
    starts_at: datetime
    locked: bool


@dataclass(frozen=True)
class PlanItemOffered(Event, action="plan.item_offered"):
    """A session of a plan was offered to its school, as a visit."""

    school_id: UUID
    visit_id: UUID


@dataclass(frozen=True)
class PlanSent(Event, action="plan.sent"):
    """Sessions of a plan were offered to their schools."""

    offers: int
    refused: int


@dataclass(frozen=True)
class PlanKept(Event, action="plan.kept"):
    """A changed plan takes the place of the one before."""

    follows_id: UUID


@dataclass(frozen=True)
class PlanDropped(Event, action="plan.dropped"):
    """A plan was put aside."""


@dataclass(frozen=True)
class SuggestionDecided(Event, action="suggestion.decided"):
    """The office put a school first or put it off, whatever the arithmetic says."""

    school_id: UUID
    verdict: str
    until: date


@dataclass(frozen=True)
class SuggestionFreed(Event, action="suggestion.freed"):
    """A decision about a suggestion no longer holds; the arithmetic counts again."""

    school_id: UUID
