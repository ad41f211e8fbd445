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
    # The one it carries on.
    renews_id: UUID | None = None


@dataclass(frozen=True)
class MouChanged(Event, action="mou.changed"):
    """An MoU was corrected; `fields` names what, not how."""

    school_id: UUID
    fields: str


@dataclass(frozen=True)
class MouCopyKept(Event, action="mou.copy_kept"):
    """The signed copy of an MoU was handed in, or another one in its place."""

    school_id: UUID
    replaced: bool


@dataclass(frozen=True)
class MouAgreed(Event, action="mou.agreed"):
    """The division head agreed to an MoU as it stands."""

    school_id: UUID


@dataclass(frozen=True)
class ObligationAdded(Event, action="mou_obligation.added"):
    """One side of an MoU promised something more; `side` is "school" or "office"."""

    mou_id: UUID
    side: str


@dataclass(frozen=True)
class ObligationChanged(Event, action="mou_obligation.changed"):
    """A promise of an MoU was corrected; `fields` names what, not how."""

    mou_id: UUID
    fields: str


@dataclass(frozen=True)
class ObligationRemoved(Event, action="mou_obligation.removed"):
    """A promise was taken out of an MoU."""

    mou_id: UUID


@dataclass(frozen=True)
class ObligationMet(Event, action="mou_obligation.met"):
    """A promise of an MoU was kept."""

    mou_id: UUID
    met_on: date


@dataclass(frozen=True)
class ObligationOpenAgain(Event, action="mou_obligation.open_again"):
    """A promise that was said to be kept is not."""

    mou_id: UUID


@dataclass(frozen=True)
class ContactTried(Event, action="school.contact_tried"):
    """Somebody of the office tried to reach a school; by which way, about what, how it went."""

    way: str
    about: str
    answer: str


@dataclass(frozen=True)
class PartnershipAsked(Event, action="partnership_request.asked"):
    """A school asks to become a partner."""

    school_id: UUID | None


@dataclass(frozen=True)
class PartnershipPlaced(Event, action="partnership_request.placed"):
    """It was found which school of the register asks."""

    school_id: UUID


@dataclass(frozen=True)
class PartnershipAnswered(Event, action="partnership_request.answered"):
    """The office went on with a school's wish to become a partner; `step` is the state reached."""

    step: str


@dataclass(frozen=True)
class CalendarChanged(Event, action="school_calendar.changed"):
    """Days of the school calendar were added, changed or removed, of one school or of all.

    `kind` is what they are now; `step` is "added", "changed" or "removed".
    """

    school_id: UUID | None
    kind: str
    step: str


@dataclass(frozen=True)
class SchoolRenamed(Event, action="school.renamed"):
    """A school bears another name from a day on; the one before stays findable."""

    since: date


@dataclass(frozen=True)
class SchoolMerged(Event, action="school.merged"):
    """A school became part of another from a day on; what is to come goes on there."""

    successor_id: UUID
    merged_on: date


@dataclass(frozen=True)
class ContactAdded(Event, action="school_contact.added"):
    """Somebody at a school can be reached."""

    school_id: UUID


@dataclass(frozen=True)
class ContactChanged(Event, action="school_contact.changed"):
    """How somebody at a school is reached is other than before; `fields` names what, not how."""

    school_id: UUID
    fields: str


@dataclass(frozen=True)
class ContactEnded(Event, action="school_contact.ended"):
    """Somebody is reached at a school no longer."""

    school_id: UUID


@dataclass(frozen=True)
class ClassesAdded(Event, action="school.classes_added"):
    """A school named so many classes of a school year."""

    start_year: int
    count: int


@dataclass(frozen=True)
class ClassChanged(Event, action="school_class.changed"):
    """A class was corrected; `fields` names what, not how."""

    school_id: UUID
    fields: str


@dataclass(frozen=True)
class ClassRemoved(Event, action="school_class.removed"):
    """A class was taken out that nothing followed."""

    school_id: UUID
    start_year: int


@dataclass(frozen=True)
class HomeroomsNamed(Event, action="school.homerooms_named"):
    """A school said who the homeroom teachers of so many classes are."""

    start_year: int
    count: int


@dataclass(frozen=True)
class ClassesConfirmed(Event, action="school.classes_confirmed"):
    """A school said that its classes of a school year are right."""

    start_year: int
    count: int


@dataclass(frozen=True)
class ClassesMovedUp(Event, action="school.classes_moved_up"):
    """A school's classes went on into a school year: moved up, graduated, or begun anew."""

    start_year: int
    moved: int
    graduated: int
    begun: int
