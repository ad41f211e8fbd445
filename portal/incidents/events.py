"""What happens to reports; nothing here says what was told or by whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class ReportReceived(Event, action="report.received"):
    """Somebody told the office something."""

    door: str
    urgency: str
    quarantined: bool


@dataclass(frozen=True)
class ReportAnswered(Event, action="report.answered"):
    """The office wrote to the reporter."""

    first: bool


@dataclass(frozen=True)
class EvidenceAdded(Event, action="report.evidence_added"):
    """Whoever filed a report or wrote it down handed in a file that belongs to it."""


@dataclass(frozen=True)
class ReporterWrote(Event, action="report.reporter_wrote"):
    """The reporter wrote to the office."""


@dataclass(frozen=True)
class ReportTaken(Event, action="report.taken"):
    """Somebody handles a report from now on, perhaps in a colleague's place."""

    handler_id: UUID
    before_id: UUID | None


@dataclass(frozen=True)
class ReportReleased(Event, action="report.released"):
    """Nobody handles a report any more: its handler left, or must not see it."""


@dataclass(frozen=True)
class UrgencySet(Event, action="report.urgency_set"):
    """An officer found a report more or less urgent than the answers say."""

    before: str
    now: str


@dataclass(frozen=True)
class ReportQuarantined(Event, action="report.quarantined"):
    """A report is looked at last, because it seems to be no report."""


@dataclass(frozen=True)
class QuarantineLifted(Event, action="report.quarantine_lifted"):
    """A report is looked at like any other after all."""


@dataclass(frozen=True)
class ReportsLinked(Event, action="report.linked"):
    """Two reports belong together."""

    other_id: UUID
    relation: str


@dataclass(frozen=True)
class LinkRemoved(Event, action="report.link_removed"):
    """Two reports do not belong together after all."""

    other_id: UUID


@dataclass(frozen=True)
class SchoolBypassed(Event, action="report.school_bypassed"):
    """The school hears of nothing, since somebody there is reported."""


@dataclass(frozen=True)
class ReporterAgreed(Event, action="report.reporter_agreed"):
    """The reporter agreed after all that the school may know."""


@dataclass(frozen=True)
class SchoolTold(Event, action="report.school_told"):
    """The school learned something about a report."""


@dataclass(frozen=True)
class ReportNoted(Event, action="report.noted"):
    """Somebody wrote a note for the office alone."""


@dataclass(frozen=True)
class ReportFollowedUp(Event, action="report.followed_up"):
    """The office does something about a report."""


@dataclass(frozen=True)
class ReportReferred(Event, action="report.referred"):
    """A report was handed to the body that is responsible for the school."""

    to: str


@dataclass(frozen=True)
class ReferralReceived(Event, action="report.referral_received"):
    """The responsible body gave a receipt for what was handed over."""


@dataclass(frozen=True)
class ReportClosed(Event, action="report.closed"):
    """A report is finished."""

    outcome: str


@dataclass(frozen=True)
class ReportReopened(Event, action="report.reopened"):
    """A finished report goes on."""


@dataclass(frozen=True)
class TurnAdded(Event, action="duty_turn.added"):
    """A social worker is on duty for some days."""

    user_id: UUID


@dataclass(frozen=True)
class TurnChanged(Event, action="duty_turn.changed"):
    """A social worker is on duty on other days."""

    user_id: UUID


@dataclass(frozen=True)
class TurnRemoved(Event, action="duty_turn.removed"):
    """A social worker is not on duty after all."""

    user_id: UUID
