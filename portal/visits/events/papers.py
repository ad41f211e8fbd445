"""Letters of sessions, and addresses of calendars."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class LetterMade(Event, action="letter.made"):
    """A letter of a session was made out."""

    visit_id: UUID
    kind: str


@dataclass(frozen=True)
class LetterReturned(Event, action="letter.returned"):
    """The signed scan of a letter was handed in."""

    visit_id: UUID
    kind: str


@dataclass(frozen=True)
class LetterReworded(Event, action="letter.reworded"):
    """The office worded a kind of letter anew."""

    kind: str
    language: str
    edition: int


@dataclass(frozen=True)
class FeedMade(Event, action="calendar_feed.made"):
    """Somebody made a calendar address, for a school or (None) for themselves."""

    school_id: UUID | None


@dataclass(frozen=True)
class FeedRevoked(Event, action="calendar_feed.revoked"):
    """A calendar address works no longer."""

    school_id: UUID | None
