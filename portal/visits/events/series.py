"""What happens to sessions that repeat."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class SeriesRequested(Event, action="series.requested"):
    """A school asked for a session that repeats; each one it got is a request of its own."""

    school_id: UUID
    wanted: int
    left_out: int


@dataclass(frozen=True)
class SeriesEnded(Event, action="series.ended"):
    """The sessions of a series that were still to come were called off together."""

    school_id: UUID
    visits: int
