"""Forms that wait for an answer, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.core.access import Actor
from portal.monitoring.models import FollowUp, FormAnswers, MonitoringForm, Reply, ReplyText
from portal.monitoring.policy import access
from portal.monitoring.queries.answers import Answered, answered, flag_texts, stands_out
from portal.monitoring.states import Band, FormState
from portal.schools.models import School

# What a reader looks at first; too little observed is never calm.
WORST_FIRST = (Band.RED, Band.ORANGE, Band.YELLOW, Band.TOO_LITTLE, Band.GREEN)
CALMEST_FIRST = (Band.GREEN, Band.YELLOW, Band.ORANGE, Band.RED)
BEST = 3


def unanswered() -> ColumnElement[bool]:
    """Return the condition for forms of which something was sent that no answer came after."""
    heard = exists().where(
        Reply.form_id == FormAnswers.form_id, Reply.written_at >= FormAnswers.sent_at
    )
    sent = exists().where(FormAnswers.form_id == MonitoringForm.id, ~heard)
    return and_(MonitoringForm.state == FormState.SENT, sent)


def waits(session: Session, form_id: UUID) -> bool:
    """Say whether a form waits for an answer."""
    found = select(MonitoringForm.id).where(MonitoringForm.id == form_id, unanswered())
    return session.scalar(found) is not None


def unanswered_of(session: Session, case_id: UUID) -> list[MonitoringForm]:
    """Return the forms about a case's child that wait for an answer."""
    return list(
        session.scalars(
            select(MonitoringForm)
            .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
            .where(FollowUp.case_id == case_id, unanswered())
        )
    )


@dataclass(frozen=True)
class Waiting:
    """A form that waits for an answer, with what it adds up to."""

    form: MonitoringForm
    follow_up: FollowUp
    case: Case
    school: School
    answers: Answered
    ready: tuple[ReplyText, ...]

    @property
    def flags(self) -> list[str]:
        """Return the red flags in the reader's language."""
        return flag_texts(self.answers.edition, self.answers.filled.flags)

    @property
    def stands_out(self) -> list[str]:
        """Return the answers that worry most, in the reader's language."""
        return stands_out(self.answers.edition, self.answers.filled)


def waiting_for(session: Session, actor: Actor) -> list[Waiting]:
    """Return the forms that wait for an answer of this actor, the worst first, then the oldest."""
    rows = session.execute(
        select(MonitoringForm, FollowUp, Case, School)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .join(Case, Case.id == FollowUp.case_id)
        .join(School, School.id == FollowUp.school_id)
        .where(unanswered(), access.in_worked_case(actor, FollowUp.case_id))
        .order_by(MonitoringForm.sent_at, MonitoringForm.id)
    ).all()
    sent = answered(session, *(row[0] for row in rows))
    texts = ready_texts(session)
    found = [Waiting(*row, sent[row[0].id], best(texts, sent[row[0].id])) for row in rows]
    return sorted(found, key=_worst_first)


def _worst_first(row: Waiting) -> tuple[bool, int]:
    return not row.answers.filled.flags, WORST_FIRST.index(row.answers.result.band)


def ready_texts(session: Session) -> list[ReplyText]:
    """Return the ready texts the office offers, in their order."""
    return list(
        session.scalars(
            select(ReplyText).where(ReplyText.active).order_by(ReplyText.position, ReplyText.id)
        )
    )


def best(texts: Sequence[ReplyText], answers: Answered) -> tuple[ReplyText, ...]:
    """Return the three texts that fit a form best: those for its band, then for the next ones.

    A red flag asks for the same words as an acute form.
    """
    band = Band.RED if answers.filled.flags else answers.result.band
    return tuple(sorted(texts, key=lambda each: _distance(each.band, band))[:BEST])


def _distance(meant_for: str, band: Band) -> tuple[bool, int]:
    if meant_for in ("", band):
        return False, 0
    # What says that too little was seen fits nothing else; such a form is as one to keep watching.
    place = CALMEST_FIRST.index(Band.YELLOW if band is Band.TOO_LITTLE else band)
    if meant_for == Band.TOO_LITTLE:
        return True, 0
    return False, 1 + abs(CALMEST_FIRST.index(Band(meant_for)) - place)
