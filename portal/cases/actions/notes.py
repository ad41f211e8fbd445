"""Notes on a case's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, check_past, moment_of, write_entry
from portal.cases.models import Case
from portal.cases.states import EntryKind
from portal.core.access import Actor


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
    at = None
    if note.day is not None:
        check_past(note.day, "day")
        at = moment_of(note.day)
    write_entry(session, actor, case, EntryKind.NOTE, text=note.text, at=at)
