"""What is kept of schools: the register, memoranda, contacts, classes, the calendar."""

from portal.schools.models.calendar import (
    CalendarEntry,
    CalendarKind,
)
from portal.schools.models.classes import (
    SchoolClass,
)
from portal.schools.models.contacts import (
    About,
    Answer,
    ContactAttempt,
    SchoolContact,
    Way,
)
from portal.schools.models.mou import (
    Mou,
    MouObligation,
    PartnershipRequest,
    Side,
)
from portal.schools.models.register import (
    GRADES,
    LEVEL_GROUPS,
    Authority,
    District,
    FormerName,
    Level,
    Ownership,
    School,
    SchoolImport,
)

__all__ = [
    "GRADES",
    "LEVEL_GROUPS",
    "About",
    "Answer",
    "Authority",
    "CalendarEntry",
    "CalendarKind",
    "ContactAttempt",
    "District",
    "FormerName",
    "Level",
    "Mou",
    "MouObligation",
    "Ownership",
    "PartnershipRequest",
    "School",
    "SchoolClass",
    "SchoolContact",
    "SchoolImport",
    "Side",
    "Way",
]
