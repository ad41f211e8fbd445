"""Trying to reach a school, step by step: a message, a call, a letter, a visit.

Each try is written down with how it went, so that "did not respond" becomes data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import Office
from portal.schools.events import ContactTried
from portal.schools.models import About, Answer, ContactAttempt, School, Way

CONTACT_SCHOOL = "contact_school"
LADDER = tuple(Way)
# After these there is nothing to try again.
SETTLED = frozenset({Answer.AGREED, Answer.DECLINED})


@dataclass(frozen=True)
class NextTry:
    """When a school is tried again, and by which way."""

    day: date
    way: Way


@dataclass(frozen=True)
class Try:
    """One try to reach a school; `again` is what whoever made it wants, None for no further try."""

    about: About
    way: Way
    answer: Answer
    made_on: date
    again: NextTry | None
    spoke_with: str = ""
    note: str = ""


def propose(office: Office, way: Way, answer: Answer, made_on: date) -> NextTry | None:
    """Return the next try as the ladder has it.

    Silence leads to the next way, the last of which repeats; a promised answer and a wrong number
    to the same way; an answer to nothing.
    """
    if answer in SETTLED:
        return None
    step = LADDER.index(way) + (answer is Answer.NO_RESPONSE)
    days = office["contact_step_working_days"]
    return NextTry(clock.add_working_days(made_on, days), LADDER[min(step, len(LADDER) - 1)])


def record_attempt(session: Session, actor: Actor, school: School, tried: Try) -> ContactAttempt:
    """Write down how a try went, and let the next one wait for whoever made it.

    A school that is closed or part of another is not tried again. Raises Rejected("not_allowed"),
    Rejected("attempt_day_ahead"), or Rejected("attempt_next_day") for a next try before this one.
    """
    if not actor.may(Permission.CONTACT_LOG_WRITE, school.id):
        raise Rejected("not_allowed")
    # Two who reach the same school at the same moment: one after the other.
    session.refresh(school, with_for_update=True)
    again = tried.again if school.active else None
    if tried.made_on > clock.today():
        raise Rejected("attempt_day_ahead", "made_on")
    if again and again.day < tried.made_on:
        raise Rejected("attempt_next_day", "next_on")
    attempt = ContactAttempt(
        id=new_id(),
        school_id=school.id,
        about=tried.about,
        way=tried.way,
        answer=tried.answer,
        spoke_with=tried.spoke_with,
        note=tried.note,
        made_on=tried.made_on,
        made_by=actor.user_id,
        recorded_at=clock.now(),
        next_on=again.day if again else None,
        next_way=again.way if again else None,
    )
    session.add(attempt)
    session.flush()
    _plan_next(session, actor, school, again)
    emit(session, actor, ContactTried(school.id, tried.way, tried.about, tried.answer))
    return attempt


def _plan_next(session: Session, actor: Actor, school: School, again: NextTry | None) -> None:
    """Let one try wait for a school, the latest one planned."""
    duties.close_duties(session, school.id, CONTACT_SCHOOL)
    if again is None:
        return
    begins, _ends = clock.day_bounds(again.day, again.day)
    duties.open_duty(
        session,
        Due(
            kind=CONTACT_SCHOOL,
            subject_id=school.id,
            person_id=actor.user_id,
            link=f"/sekolah/{school.public_id}/upaya",
            due_at=clock.at_wib(again.day, clock.OFFICE_CLOSES),
            visible_from=begins,
            facts={"school": school.name},
        ),
    )
