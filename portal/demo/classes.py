"""Invented classes that were asked before and after a session; only sums, as everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.links import LinkDay
from portal.core.tallies import count
from portal.materials.actions import rounds
from portal.materials.models import Material, QuizPhase, QuizRound, QuizTally
from portal.materials.policy.answering import UNSURE, right_of
from portal.materials.policy.content import Question
from portal.materials.queries import library
from portal.materials.queries.library import Shown
from portal.materials.states import Phase
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.visits.models import Visit
from portal.visits.states import VisitState

QUIZ, SCHOOL, TEACHER = "tes-mini-teman-yang-menolong", "SMP Tunas Harapan", "Dedi Kurniawan"
PUPILS, ANSWERED_SO_FAR = 27, 11
MINUTE = timedelta(minutes=1)
# Question by question, how many of a class chose the right answer, and how many did not know.
Told = tuple[tuple[int, int], ...]
BEFORE: Told = ((14, 5), (12, 6), (9, 7), (17, 4), (8, 9))
AFTER: Told = ((24, 1), (25, 0), (21, 2), (26, 0), (20, 3))
SO_FAR: Told = ((6, 2), (5, 3), (4, 3), (7, 2), (3, 4))


def delivered_at(session: Session, schools: dict[str, School]) -> list[datetime]:
    """Return when the session took place around which a class was asked; empty for none."""
    visit = _delivered(session, schools[SCHOOL])
    return [visit.starts_at] if visit else []


def add_classes(
    session: Session,
    materials: dict[str, Material],
    schools: dict[str, School],
    users: dict[str, User],
) -> None:
    """Add a class that has learned something, and one that is being asked now."""
    quiz = library.published_of(session, materials[QUIZ].id)
    if quiz is None:
        raise LookupError("the quiz that came with the portal is not published")
    over = _delivered(session, schools[SCHOOL])
    if over is not None:
        _add_asked(session, quiz, over)
    teacher = actor_for(session, users[TEACHER])
    asked = rounds.open_round(session, teacher, quiz, schools[SCHOOL].id, "8B")
    asked.opened_at = clock.now() - 35 * MINUTE
    _answer(session, asked, Phase.BEFORE, quiz.content.questions, ANSWERED_SO_FAR, SO_FAR)


def _add_asked(session: Session, quiz: Shown, visit: Visit) -> None:
    """Add a class that was asked around a session, by whoever delivered it."""
    worker = actor_for(session, session.get_one(User, visit.social_worker_id))
    asked = rounds.open_round(session, worker, quiz, visit.school_id, "7A", visit.id)
    asked.opened_at = visit.starts_at - 15 * MINUTE
    _answer(session, asked, Phase.BEFORE, quiz.content.questions, PUPILS, BEFORE)
    rounds.go_on(session, worker, asked)
    _answer(session, asked, Phase.AFTER, quiz.content.questions, PUPILS, AFTER)
    rounds.close_round(session, worker, asked)
    asked.closes_at = visit.ends_at + 25 * MINUTE


def _answer(
    session: Session,
    asked: QuizRound,
    phase: Phase,
    questions: Sequence[Question],
    sheets: int,
    told: Told,
) -> None:
    """Count what a class answered, as if its sheets had come in one by one."""
    session.flush()
    row = session.get_one(QuizPhase, (asked.id, phase))
    row.sheets += sheets
    for number, question in enumerate(questions):
        right, unsure = told[number % len(told)]
        row.right += right
        for option, times in _chosen(question, sheets, right, unsure).items():
            key = {"round_id": asked.id, "phase": phase, "question": number, "option": option}
            if times:
                count(session, QuizTally, key, count=times)
    # One pupil opened the link twice.
    day = clock.day_of(asked.opened_at)
    count(session, LinkDay, {"code": row.link_code, "day": day}, opened=sheets + 1)
    session.flush()


def _chosen(question: Question, sheets: int, right: int, unsure: int) -> dict[int, int]:
    """Return how many chose which answer; the first wrong one misleads most."""
    found, left = {UNSURE: unsure}, sheets - right - unsure
    correct = right_of(question)
    wrong = [number for number in range(len(question.options)) if number != correct]
    for number in wrong[:-1]:
        found[number] = -(-left * 2 // 3)
        left -= found[number]
    found[wrong[-1]] = left
    return found if correct is None else {**found, correct: right}


def _delivered(session: Session, school: School) -> Visit | None:
    found = select(Visit).where(Visit.school_id == school.id, Visit.state == VisitState.DELIVERED)
    return session.scalars(found.order_by(Visit.starts_at.desc())).first()
