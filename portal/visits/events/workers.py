"""What happens to social workers' time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class HoursChanged(Event, action="worker.hours_changed"):
    """A worker's weekly hours are others from now on."""

    days: int
    minutes: int


@dataclass(frozen=True)
class TermsChanged(Event, action="worker.terms_changed"):
    """How much of a week a worker has is different from a day on."""

    from_on: date
    weekly_minutes: int
    visit_minutes: int


@dataclass(frozen=True)
class LeaveAdded(Event, action="leave.added"):
    """A worker is away on these days."""

    worker_id: UUID
    first_day: date
    last_day: date


@dataclass(frozen=True)
class LeaveRemoved(Event, action="leave.removed"):
    """A worker is not away on these days after all."""

    worker_id: UUID
    first_day: date
    last_day: date
