"""Asking pupils how a session was; of what they answer only sums are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.links import link_for
from portal.materials.policy.class_results import SETTLING
from portal.visits.actions.deciding import read_anew
from portal.visits.events import FeedbackMoved
from portal.visits.models import Visit, VisitFeedback
from portal.visits.policy.delivery import may_ask_pupils
from portal.visits.policy.feedback import QUESTIONS, ROWS, SHEET, standing, takes_sheets
from portal.visits.queries.feedback import counts_of


def ask(session: Session, actor: Actor, visit: Visit) -> None:
    """Let pupils answer from the session's start until the office's hours after it, or after now.

    Done again once that time is over, it gives them more. Raises Rejected("not_allowed"),
    Rejected("state_changed") and Rejected("feedback_final") once the figures may be seen.
    """
    _check(session, actor, visit)
    if visit.feedback_link is None:
        _begin(session, visit)
        step = "opened"
    else:
        _lock(session, visit.id)
        was, now = standing(visit, counts_of(session, visit.id)), clock.now()
        if was is None or now < was.closes_at:
            raise Rejected("state_changed")
        if not was.may_reopen(now):
            raise Rejected("feedback_final")
        step = "reopened"
    visit.feedback_until = _until(session, visit)
    emit(session, actor, FeedbackMoved(visit.id, step=step))


def close(session: Session, actor: Actor, visit: Visit) -> None:
    """Take no more sheets; raises Rejected("state_changed") when none are taken any more."""
    _check(session, actor, visit)
    _lock(session, visit.id)
    if visit.feedback_until is None or clock.now() >= visit.feedback_until:
        raise Rejected("state_changed")
    # Whatever was on its way held the lock that this one waited for.
    visit.feedback_until = clock.now() - SETTLING
    emit(session, actor, FeedbackMoved(visit.id, step="closed"))


def follow(session: Session, visit: Visit) -> None:
    """Let pupils answer after a session that has moved to another time; what is closed stays so."""
    if visit.feedback_until is not None and clock.now() < visit.feedback_until:
        visit.feedback_until = _until(session, visit)


def send(session: Session, visit_id: UUID, answers: Mapping[str, str]) -> None:
    """Count one sheet: answers to some of the questions. Raises Rejected("feedback_over").

    All rows of the session are written anew each time and in one go, so that neither their order
    nor the place where they lie tells which answers belong together.
    """
    _lock(session, visit_id)
    # Read after the lock: by now the time may have run out.
    visit = session.scalars(
        select(Visit).where(Visit.id == visit_id), execution_options={"populate_existing": True}
    ).one()
    if not takes_sheets(visit, clock.now()):
        raise Rejected("feedback_over")
    given = [SHEET, *((each, answer) for each, answer in answers.items() if answer)]
    if any(row not in ROWS for row in given) or len(given) > len(QUESTIONS) + 1:
        raise ValueError("no answer of ours")
    rises = or_(*(_row(question, answer) for question, answer in given))
    session.execute(
        update(VisitFeedback)
        .where(VisitFeedback.visit_id == visit_id)
        .values(count=VisitFeedback.count + case((rises, 1), else_=0))
        .execution_options(synchronize_session=False)
    )


def _row(question: str, answer: str) -> ColumnElement[bool]:
    return and_(VisitFeedback.question == question, VisitFeedback.answer == answer)


def _check(session: Session, actor: Actor, visit: Visit) -> None:
    read_anew(session, visit)
    if not may_ask_pupils(actor, visit):
        raise Rejected("not_allowed")


def _begin(session: Session, visit: Visit) -> None:
    purpose = f"feedback:{visit.id}"
    code = link_for(session, purpose, "/sesi/umpan-balik").code
    link_for(session, purpose, f"/sesi/umpan-balik/{code}")
    visit.feedback_link = code
    session.execute(
        insert(VisitFeedback),
        [
            {"visit_id": visit.id, "question": question, "answer": answer, "count": 0}
            for question, answer in ROWS
        ],
    )


def _lock(session: Session, visit_id: UUID) -> None:
    """Let one sheet be counted at a time, and none while somebody opens or closes."""
    question, answer = SHEET
    first = select(VisitFeedback.count).where(
        VisitFeedback.visit_id == visit_id, _row(question, answer)
    )
    session.execute(first.with_for_update())


def _until(session: Session, visit: Visit) -> datetime:
    hours: int = settings.read(session)["feedback_hours"]
    return max(clock.now(), visit.ends_at) + timedelta(hours=hours)
