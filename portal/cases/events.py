"""What happens to cases; nothing here says who the child is or what was told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class CaseOpened(Event, action="case.opened"):
    """The office takes on a child's case."""

    number: str
    origin: str


@dataclass(frozen=True)
class CaseAssigned(Event, action="case.assigned"):
    """Somebody works on a case from now on."""

    user_id: UUID
    part: str


@dataclass(frozen=True)
class CaseReleased(Event, action="case.released"):
    """Somebody works on a case no longer."""

    user_id: UUID


@dataclass(frozen=True)
class ReportAddedToCase(Event, action="case.report_added"):
    """A report belongs to a case."""

    report_id: UUID


@dataclass(frozen=True)
class CasesLinked(Event, action="case.linked"):
    """Two cases belong together."""

    other_id: UUID
    relation: str


@dataclass(frozen=True)
class IdentityChanged(Event, action="case.identity_changed"):
    """What the office knows of a child or its guardians changed."""


@dataclass(frozen=True)
class GuardianKeptOut(Event, action="case.guardian_kept_out"):
    """A guardian must hear of nothing any more, because the child may be in danger from them."""

    guardian_id: UUID


@dataclass(frozen=True)
class CaseRevealed(Event, action="case.revealed"):
    """Somebody opened who a child is, for a while and with a reason."""


@dataclass(frozen=True)
class CaseChanged(Event, action="case.changed"):
    """Something was written into a case; its kind says what."""

    kind: str


@dataclass(frozen=True)
class StageDone(Event, action="case.stage_done"):
    """A stage is finished, or skipped."""

    stage: str
    skipped: bool


@dataclass(frozen=True)
class StageReopened(Event, action="case.stage_reopened"):
    """A stage is gone through once more."""

    stage: str


@dataclass(frozen=True)
class DecisionProposed(Event, action="case.decision_proposed"):
    """A decision waits for somebody else's word."""

    kind: str
    decision_id: UUID


@dataclass(frozen=True)
class DecisionMade(Event, action="case.decision_made"):
    """A decision was made, approved, returned or withdrawn."""

    kind: str
    decision_id: UUID
    state: str


@dataclass(frozen=True)
class CaseClosed(Event, action="case.closed"):
    """The office ended its work on a case."""

    outcome: str
    transferred: bool
    # The referral by which another body goes on with it, where there is one.
    record_id: UUID | None = None


@dataclass(frozen=True)
class CaseReopened(Event, action="case.reopened"):
    """The office goes on with a case that was closed."""


@dataclass(frozen=True)
class CaseExported(Event, action="case.exported"):
    """Somebody took a case's record out of the portal."""

    form: str


@dataclass(frozen=True)
class LegalBasisChanged(Event, action="legal_basis.changed"):
    """Somebody changed what is known of a regulation."""


@dataclass(frozen=True)
class ProcedureChanged(Event, action="procedure.changed"):
    """An edition of the procedure was drafted, edited, published or discarded; its step says it."""

    number: int
    step: str


@dataclass(frozen=True)
class CaseForgotten(Event, action="case.forgotten"):
    """The time of a case was over: who the child was and what was told is gone."""
