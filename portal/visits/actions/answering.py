"""The other side's answer to a change of a session, and taking one's own change back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.visits.actions import about, pending, placing
from portal.visits.actions.cells import led_by, people_of, set_crew, settle, stay_of
from portal.visits.actions.changing import take_details
from portal.visits.actions.deciding import read_anew
from portal.visits.actions.placing import Crew, Time
from portal.visits.events import ChangeAccepted, ChangeDeclined
from portal.visits.models import Programme, Visit, VisitChange


@dataclass(frozen=True)
class Answer:
    """A yes to a change: whom the office sends, and why it passes over a warning."""

    worker_id: UUID | None = None
    reason: str = ""


def accept(session: Session, actor: Actor, visit: Visit, school: School, answer: Answer) -> None:
    """Agree to the other side's change: the session moves, and the old time is free.

    Raises Rejected "state_changed" without an open change, "not_allowed" on one's own,
    "change_over" once a time has come; else as `placing.choose` does.
    """
    change = _answerable(session, actor, visit, "accept")
    if min(visit.starts_at, change.starts_at) <= clock.now():
        raise Rejected("change_over")
    programme = session.get_one(Programme, visit.programme_id)
    time = Time(programme, change.starts_at, change.expected_heads, visit)
    before = people_of(session, visit)
    after = led_by(before, answer.worker_id or change.social_worker_id)
    # The office gave its reason when it proposed the time.
    reason = change.reason if change.by_office else answer.reason
    crew = placing.choose(session, school, time, after, reason)
    if not settle(session, visit, crew.stay(school, time)):
        raise Rejected("worker_just_taken", "worker")
    _move(session, visit, change, crew, reason)
    _close(session, actor, visit, change, "accept")
    for kind in (about.CONFIRM_ROOM, about.RECORD_DELIVERY, about.FIND_WORKER):
        duties.close_duties(session, visit.id, kind)
    about.open_scheduled(session, visit, school)
    everybody = dict.fromkeys((*before, *crew.worker_ids))
    told = (about.Whom(person_id=each) for each in everybody if each != actor.user_id)
    about.open_news(session, visit, about.CHANGED, *told)
    moved = ChangeAccepted(
        visit.id,
        visit.school_id,
        before[0],
        visit.social_worker_id,
        visit.starts_at,
        change.by_office,
    )
    emit(session, actor, moved)


def _move(session: Session, visit: Visit, change: VisitChange, crew: Crew, reason: str) -> None:
    if change.starts_at != visit.starts_at:
        visit.room_ready_at = None
    visit.starts_at, visit.ends_at = change.starts_at, change.ends_at
    take_details(visit, change.grades, change.expected_heads, change.room)
    visit.override_reason = reason if crew.warned else ""
    set_crew(session, visit, crew.worker_ids)


def decline(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Let a session stay as it is; a school reads why, the office may do without."""
    change = _answerable(session, actor, visit, "decline")
    if not reason and not change.by_office:
        raise Rejected("reason_for_other", "reason")
    change.answer = reason or None
    _close(session, actor, visit, change, "decline")
    settle(session, visit, stay_of(session, visit))
    emit(session, actor, ChangeDeclined(visit.id, visit.school_id, change.by_office))


def withdraw(session: Session, actor: Actor, visit: Visit) -> None:
    """Take one's own side's change back before it is answered."""
    read_anew(session, visit)
    change = pending.open_change(session, visit)
    if change is None:
        raise Rejected("state_changed")
    if not change.can(actor, change.moved_by_asker("withdraw")):
        raise Rejected("not_allowed")
    pending.drop(session, actor, visit)


def _answerable(session: Session, actor: Actor, visit: Visit, answer: str) -> VisitChange:
    read_anew(session, visit)
    change = pending.open_change(session, visit)
    if change is None:
        raise Rejected("state_changed")
    if not change.can(actor, change.moved_by_other(answer)):
        raise Rejected("not_allowed")
    return change


def _close(session: Session, actor: Actor, visit: Visit, change: VisitChange, answer: str) -> None:
    change.move(actor, change.moved_by_other(answer))
    change.answered_by, change.answered_at = actor.user_id, clock.now()
    session.flush()
    duties.close_duties(session, visit.id, about.ANSWER_CHANGE)
    about.tell_asker(session, visit, change)
