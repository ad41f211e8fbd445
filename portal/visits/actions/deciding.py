"""The office's answer, and both sides' way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import about, pending, placing
from portal.visits.actions.cells import hand_over_cells, people_of, release, set_crew
from portal.visits.actions.placing import Time
from portal.visits.events import (
    ApprovalUndone,
    RoomReady,
    VisitApproved,
    VisitCancelled,
    VisitDeclined,
    VisitReassigned,
    VisitWithdrawn,
)
from portal.visits.models import Programme, Visit
from portal.visits.queries.share import beyond_share
from portal.visits.states import VisitState

# The button disappears after the office's seconds; slow signal gets a little longer.
UNDO_GRACE = timedelta(seconds=5)


@dataclass(frozen=True)
class Approval:
    """Who goes, and why a warning may be passed over.

    `others` go along beside the one who leads; None leaves those who were to go along.
    """

    worker_id: UUID
    reason: str = ""
    others: tuple[UUID, ...] | None = None


def approve(
    session: Session, actor: Actor, visit: Visit, school: School, command: Approval
) -> None:
    """Schedule a requested session with a worker.

    Overlapping times are refused always (Rejected "worker_busy"); travel, leave, hours, a full
    week and more than the school's share only without a written reason (Rejected "reason_needed").
    """
    read_anew(session, visit)
    check_undecided(session, visit)
    visit.move(actor, "approve")
    beyond = _beyond_share(session, visit, command.reason)
    _assign(session, visit, school, command, beyond=beyond)
    visit.decided_by = actor.user_id
    schedule(session, actor, visit, school)


def schedule(session: Session, actor: Actor | None, visit: Visit, school: School) -> None:
    """Say yes to a session whose worker is settled; `actor` is None where the portal itself did."""
    visit.decided_at = clock.now()
    duties.close_duties(session, visit.id, about.ANSWER_REQUEST)
    about.open_scheduled(session, visit, school)
    overridden = bool(visit.override_reason)
    emit(session, actor, VisitApproved(visit.id, visit.social_worker_id, overridden))


def reassign(
    session: Session, actor: Actor, visit: Visit, school: School, command: Approval
) -> None:
    """Send another worker to a scheduled session, by the same rules as an approval."""
    read_anew(session, visit)
    visit.move(actor, "reassign")
    went = people_of(session, visit)
    _assign(session, visit, school, command)
    for kind in (about.RECORD_DELIVERY, about.FIND_WORKER):
        duties.close_duties(session, visit.id, kind)
    about.open_delivery_duty(session, visit, school)
    overridden = bool(visit.override_reason)
    leader = visit.social_worker_id
    emit(session, actor, VisitReassigned(visit.id, went[0], leader, overridden, went))


def _assign(
    session: Session, visit: Visit, school: School, command: Approval, *, beyond: bool = False
) -> None:
    programme = session.get_one(Programme, visit.programme_id)
    before = people_of(session, visit)
    others = before[1:] if command.others is None else command.others
    time = Time(programme, visit.starts_at, visit.expected_heads, visit)
    crew = placing.choose(session, school, time, (command.worker_id, *others), command.reason)
    if crew.warned or crew.worker_ids != before:
        if not hand_over_cells(session, visit, crew.worker_ids, travel=not crew.warned):
            raise Rejected("worker_just_taken", "worker")
        set_crew(session, visit, crew.worker_ids)
    visit.override_reason = command.reason if crew.warned or beyond else ""


def _beyond_share(session: Session, visit: Visit, reason: str) -> bool:
    """Say whether a school has its share already while others wait; that asks for a reason."""
    beyond = visit.id in beyond_share(session, settings.read(session), [visit])
    if beyond and not reason:
        raise Rejected("reason_needed", "reason")
    return beyond


def read_anew(session: Session, visit: Visit) -> None:
    """Lock a visit and read it as it stands, so that two answers at once meet the same rules."""
    session.refresh(visit, with_for_update=True)


def check_undecided(session: Session, visit: Visit) -> None:
    """Raise Rejected("already_decided") with the colleague's name when somebody was faster."""
    if visit.state != VisitState.REQUESTED and visit.decided_by:
        colleague = session.get_one(User, visit.decided_by)
        raise Rejected("already_decided", name=colleague.full_name, at=visit.decided_at)


def _decided(visit: Visit, actor: Actor) -> None:
    visit.decided_by = actor.user_id
    visit.decided_at = clock.now()


def undo_window_ends(visit: Visit, seconds: int) -> datetime | None:
    """Return until when an approval can be taken back."""
    return visit.decided_at + timedelta(seconds=seconds) if visit.decided_at else None


def undo_approval(session: Session, actor: Actor, visit: Visit, school: School) -> None:
    """Take back an approval within the first seconds; raises Rejected("undo_over") later."""
    read_anew(session, visit)
    until = undo_window_ends(visit, settings.read(session)["undo_seconds"])
    if visit.decided_by != actor.user_id or not until or clock.now() > until + UNDO_GRACE:
        raise Rejected("undo_over")
    visit.move(actor, "undo_approval")
    pending.drop(session, actor, visit)
    visit.decided_by = visit.decided_at = None
    visit.override_reason = ""
    duties.close_duties(session, visit.id)
    about.open_answer_duty(session, visit, school)
    emit(session, actor, ApprovalUndone(visit.id, visit.social_worker_id))


def decline(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Answer that a session is not possible, with the reason the school will read."""
    read_anew(session, visit)
    check_undecided(session, visit)
    end(session, actor, visit, "decline", reason)
    about.open_news(session, visit, about.DECLINED, *about.school_side(visit.school_id))
    emit(session, actor, VisitDeclined(visit.id, visit.school_id))


def withdraw(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Take back one's own school's request, or cancel its scheduled session.

    A session that was settled needs a reason, which its worker reads: Rejected("reason_for_other").
    """
    read_anew(session, visit)
    if visit.state == VisitState.REQUESTED:
        end(session, actor, visit, "withdraw", reason)
        emit(session, actor, VisitWithdrawn(visit.id, visit.school_id))
        return
    if not reason:
        raise Rejected("reason_for_other", "reason")
    end(session, actor, visit, "cancel_by_school", reason)
    _tell_workers(session, visit)
    emit(session, actor, _cancelled(visit, by_school=True))


def cancel(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Cancel a scheduled session from the office's side."""
    read_anew(session, visit)
    end(session, actor, visit, "cancel", reason)
    about.open_news(session, visit, about.CANCELLED, *about.school_side(visit.school_id))
    _tell_workers(session, visit, actor)
    emit(session, actor, _cancelled(visit, by_school=False))


def _cancelled(visit: Visit, *, by_school: bool) -> VisitCancelled:
    return VisitCancelled(visit.id, visit.school_id, visit.social_worker_id, by_school)


def end(session: Session, actor: Actor, visit: Visit, move: str, reason: str) -> None:
    """End a visit before it takes place: its time is free, and nothing is due any more."""
    visit.move(actor, move)
    visit.reason = reason
    _decided(visit, actor)
    pending.forget(session, actor, visit)
    release(session, visit)
    duties.close_duties(session, visit.id)


def _tell_workers(session: Session, visit: Visit, but: Actor | None = None) -> None:
    for worker_id in people_of(session, visit):
        if but is None or worker_id != but.user_id:
            about.open_news(session, visit, about.CANCELLED, about.Whom(person_id=worker_id))


def news_read(session: Session, actor: Actor, visit: Visit) -> None:
    """Take news off the list of whoever read it: one's school, or oneself."""
    for kind in about.NEWS:
        duties.close_for(session, actor, visit.id, kind)


def room_ready(session: Session, actor: Actor, visit: Visit) -> None:
    """Note that the school has the room."""
    read_anew(session, visit)
    if visit.state != VisitState.SCHEDULED:
        raise Rejected("state_changed")
    visit.room_ready_at = clock.now()
    duties.close_duties(session, visit.id, about.CONFIRM_ROOM)
    emit(session, actor, RoomReady(visit.id))
