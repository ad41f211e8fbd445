"""What pupils said of a session, as sums."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.codes import normal_code
from portal.schools.models import School
from portal.visits.models import Visit, VisitFeedback
from portal.visits.policy.feedback import SHEET


def counts_of(session: Session, visit_id: UUID) -> dict[tuple[str, str], int]:
    """Return how often each answer was given; who may see that is the policy's."""
    rows = session.execute(
        select(VisitFeedback.question, VisitFeedback.answer, VisitFeedback.count).where(
            VisitFeedback.visit_id == visit_id
        )
    )
    return {(question, answer): count for question, answer, count in rows}


def asked(session: Session, code: str) -> tuple[Visit, str] | None:
    """Return the session behind a short link with its school's name; its pupils have no account."""
    row = session.execute(
        select(Visit, School.name)
        .join(School, School.id == Visit.school_id)
        .where(Visit.feedback_link == normal_code(code))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def sheets_of(session: Session, visit_id: UUID) -> int:
    """Return how many sheets pupils sent."""
    question, answer = SHEET
    sheets = select(VisitFeedback.count).where(
        VisitFeedback.visit_id == visit_id,
        VisitFeedback.question == question,
        VisitFeedback.answer == answer,
    )
    return session.scalar(sheets) or 0
