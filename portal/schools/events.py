"""What happens to the register: schools, lists brought in, memoranda."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class SchoolAdded(Event, action="school.added"):
    """A list brought in a school that the register did not have."""


@dataclass(frozen=True)
class SchoolChanged(Event, action="school.changed"):
    """What the register says of a school changed; `fields` names what, not how."""

    fields: str


@dataclass(frozen=True)
class SchoolsImported(Event, action="school_import.applied"):
    """A list was brought in, from a waiting upload or (without an id) by the command line."""

    added: int
    changed: int
    unchanged: int
    left_out: int


@dataclass(frozen=True)
class ImportUploaded(Event, action="school_import.uploaded"):
    """A list waits for its maker to look at the preview."""


@dataclass(frozen=True)
class ImportCancelled(Event, action="school_import.cancelled"):
    """A waiting list was thrown away, by its maker or by their next upload."""


@dataclass(frozen=True)
class MouRecorded(Event, action="mou.recorded"):
    """A school is a partner for these days."""

    school_id: UUID
    signed_on: date
    valid_until: date
    promised_sessions: int
    with_copy: bool


@dataclass(frozen=True)
class MouChanged(Event, action="mou.changed"):
    """An MoU was corrected; `fields` names what, not how."""

    school_id: UUID
    fields: str


@dataclass(frozen=True)
class CalendarChanged(Event, action="school_calendar.changed"):
    """Days of the school calendar were added, changed or removed, of one school or of all.

    `kind` is what they are now; `step` is "added", "changed" or "removed".
    """

    school_id: UUID | None
    kind: str
    step: str
