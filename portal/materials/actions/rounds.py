"""Asking a class before and after a session; of its answers only sums are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings, tallies
from portal.core.access import Actor
from portal.core.db import new_id, new_public_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.links import link_for
from portal.materials.events import QuizRoundMoved
from portal.materials.models import QuizPhase, QuizRound, QuizTally
from portal.materials.policy.access import may_ask_class
from portal.materials.policy.answering import LEAST_QUESTIONS, MOST_QUESTIONS, count_right
from portal.materials.policy.class_results import SETTLING, Standing
from portal.materials.policy.content import Question
from portal.materials.queries import rounds
from portal.materials.queries.library import Shown
from portal.materials.states import MaterialKind, Phase

# The last word of the address under which a class answers.
IN_ADDRESS = {Phase.BEFORE: "sebelum", Phase.AFTER: "sesudah"}


def open_round(
    session: Session,
    actor: Actor,
    shown: Shown,
    school_id: UUID,
    class_name: str,
    visit_id: UUID | None = None,
) -> QuizRound:
    """Ask a class of a school with what a quiz says now; it begins before the session.

    Raises Rejected("not_allowed") and, for a quiz too short or too long, ("quiz_length").
    """
    if not may_ask_class(actor, school_id):
        raise Rejected("not_allowed")
    if shown.material.kind != MaterialKind.QUIZ or not shown.is_public:
        raise Rejected("state_changed")
    if not LEAST_QUESTIONS <= len(shown.content.questions) <= MOST_QUESTIONS:
        raise Rejected("quiz_length", least=LEAST_QUESTIONS, most=MOST_QUESTIONS)
    made = QuizRound(
        id=new_id(),
        public_id=new_public_id(),
        edition_id=shown.edition.id,
        material_id=shown.material.id,
        school_id=school_id,
        visit_id=visit_id,
        class_name=class_name,
        opened_by=actor.user_id,
        opened_at=clock.now(),
        closes_at=_in_time(session),
    )
    session.add(made)
    session.flush()
    for phase in Phase:
        path = f"/materi/tes/{made.public_id}/{IN_ADDRESS[phase]}"
        link_for(session, rounds.purpose(made.id, phase), path)
    _begin(session, made, Phase.BEFORE)
    emit(session, actor, QuizRoundMoved(made.id, step="opened"))
    return made


def go_on(session: Session, actor: Actor, asked: QuizRound) -> None:
    """End the questions before the session for good, and begin those after it."""

    def act(standing: Standing) -> datetime:
        if not standing.may_go_on():
            raise Rejected("state_changed")
        _begin(session, asked, Phase.AFTER)
        return _in_time(session)

    _move(session, actor, asked, "went_on", act)


def close_round(session: Session, actor: Actor, asked: QuizRound) -> None:
    """Take no more sheets."""

    def act(standing: Standing) -> datetime:
        if clock.now() >= standing.closes_at:
            raise Rejected("state_changed")
        # Whatever was on its way held the lock that this one waited for.
        return clock.now() - SETTLING

    _move(session, actor, asked, "closed", act)


def reopen_round(session: Session, actor: Actor, asked: QuizRound) -> None:
    """Give a class more time; raises Rejected("round_final") once its figures may be seen."""

    def act(standing: Standing) -> datetime:
        if not standing.may_reopen(clock.now()):
            raise Rejected("round_final")
        return _in_time(session)

    _move(session, actor, asked, "reopened", act)


def send_sheet(
    session: Session,
    round_id: UUID,
    phase: Phase,
    questions: Sequence[Question],
    answers: Sequence[int],
) -> None:
    """Count one sheet, an answer to each question; raises Rejected("round_over").

    Nothing of it is kept but that the sums are higher by one.
    """
    locked = _locked(session, round_id, phase)
    # Read after the lock: by now the class may have gone on, or its time have run out.
    if not locked or not _standing(session, round_id).takes(phase, clock.now()):
        raise Rejected("round_over")
    locked[0].sheets += 1
    locked[0].right += count_right(questions, answers)
    for question, option in enumerate(answers):
        key = {"round_id": round_id, "phase": phase, "question": question, "option": option}
        tallies.count(session, QuizTally, key, count=1)


def _move(
    session: Session, actor: Actor, asked: QuizRound, step: str, act: Callable[[Standing], datetime]
) -> None:
    """Set when a class's time runs out, after every sheet on its way is counted."""
    if not may_ask_class(actor, asked.school_id):
        raise Rejected("not_allowed")
    _locked(session, asked.id, *Phase)
    asked.closes_at = act(_standing(session, asked.id))
    emit(session, actor, QuizRoundMoved(asked.id, step=step))


def _locked(session: Session, round_id: UUID, *phases: Phase) -> Sequence[QuizPhase]:
    found = select(QuizPhase).where(QuizPhase.round_id == round_id, QuizPhase.phase.in_(phases))
    locked = found.order_by(QuizPhase.phase).with_for_update()
    return session.scalars(locked, execution_options={"populate_existing": True}).all()


def _standing(session: Session, round_id: UUID) -> Standing:
    closes_at = session.scalars(select(QuizRound.closes_at).where(QuizRound.id == round_id)).one()
    return rounds.standing(closes_at, rounds.phases_of(session, round_id))


def _begin(session: Session, asked: QuizRound, phase: Phase) -> None:
    code = rounds.codes(session, asked.id)[phase]
    session.add(QuizPhase(round_id=asked.id, phase=phase, link_code=code))
    session.flush()


def _in_time(session: Session) -> datetime:
    hours: int = settings.read(session)["quiz_round_hours"]
    return clock.now() + timedelta(hours=hours)
