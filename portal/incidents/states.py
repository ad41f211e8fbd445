"""How far a report is, and the words it is described with."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class ReportState(StrEnum):
    """How far a report is; its reporter reads these in plain words."""

    RECEIVED = "received"
    REVIEWING = "reviewing"
    FOLLOWED_UP = "followed_up"
    REFERRED = "referred"
    CLOSED = "closed"


class Urgency(StrEnum):
    """How soon somebody must read and act, the most urgent first."""

    SAME_HOUR = "same_hour"
    SAME_DAY = "same_day"
    TWO_DAYS = "two_days"
    FIVE_DAYS = "five_days"

    @property
    def rank(self) -> int:
        """Return 0 for the most urgent, for sorting and comparing."""
        return list(Urgency).index(self)


class Door(StrEnum):
    """By which way a report came."""

    STORY_ROOM = "story_room"
    STAFF = "staff"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    WALK_IN = "walk_in"
    VISIT = "visit"


class Naming(StrEnum):
    """Whether the office knows who tells; a confidential name stays at the office."""

    ANONYMOUS = "anonymous"
    CONFIDENTIAL = "confidential"
    NAMED = "named"


class Purpose(StrEnum):
    """Whether something is reported, or a social worker asked first."""

    REPORT = "report"
    CONSULTATION = "consultation"


class EntryKind(StrEnum):
    """Who wrote a line in a report's file, and for whom."""

    FROM_REPORTER = "from_reporter"
    FROM_OFFICE = "from_office"
    # For the office alone.
    NOTE = "note"


class Relation(StrEnum):
    """How two reports belong together; seen by the office alone."""

    DUPLICATE = "duplicate"
    RELATED = "related"
    SAME_PERSON = "same_person"


class Outcome(StrEnum):
    """How a report ended, for the figures; the reporter reads words of their own."""

    HELPED = "helped"
    BY_SCHOOL = "by_school"
    BY_OTHERS = "by_others"
    ADVISED = "advised"
    NO_DANGER = "no_danger"
    TOO_LITTLE = "too_little"
    DUPLICATE = "duplicate"
    SPAM = "spam"


S, P = ReportState, Permission
OPEN = frozenset({S.RECEIVED, S.REVIEWING, S.FOLLOWED_UP, S.REFERRED})

REPORT_MACHINE = Machine(
    (
        Move("review", frozenset({S.RECEIVED}), S.REVIEWING, P.REPORT_TRIAGE),
        Move("follow_up", frozenset({S.RECEIVED, S.REVIEWING}), S.FOLLOWED_UP, P.REPORT_TRIAGE),
        Move(
            "refer",
            frozenset({S.RECEIVED, S.REVIEWING, S.FOLLOWED_UP}),
            S.REFERRED,
            P.REPORT_TRIAGE,
        ),
        Move("close", OPEN, S.CLOSED, P.REPORT_TRIAGE),
        Move("reopen", frozenset({S.CLOSED}), S.REVIEWING, P.REPORT_TRIAGE),
    )
)
