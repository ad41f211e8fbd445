"""Notes on a case's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, write_entry
from portal.cases.models import Case
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected

# A day without a time stands in the middle of it.
NOON = time(12)


@dataclass(frozen=True)
class Note:
    """What somebody writes down, and on which day it happened; None for now."""

    text: str
    day: date | None = None


def add_note(session: Session, actor: Actor, case: Case, note: Note) -> None:
    """Write a note into the timeline.

    Raises what `begin` raises, or Rejected("in_future") at "day".
    """
    begin(session, actor, case)
    today = clock.today()
    if note.day is not None and note.day > today:
        raise Rejected("in_future", "day")
    past = note.day is not None and note.day < today
    at = clock.at_wib(note.day, NOON) if past and note.day else None
    write_entry(session, actor, case, EntryKind.NOTE, text=note.text, at=at)
