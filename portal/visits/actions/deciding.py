"""The office's answer, and both sides' way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import about
from portal.visits.actions.booking import (
    hand_over_cells,
    release,
    sweep_expired_holds,
)
from portal.visits.events import (
    ApprovalUndone,
    RoomReady,
    VisitApproved,
    VisitCancelled,
    VisitDeclined,
    VisitReassigned,
    VisitWithdrawn,
)
from portal.visits.models import Visit
from portal.visits.queries.slots import Clash, Diary, Place, Problem, load_diary
from portal.visits.states import VisitState

# The button disappears after the office's seconds; slow signal gets a little longer.
UNDO_GRACE = timedelta(seconds=5)


@dataclass(frozen=True)
class Approval:
    """Who goes, and why a warning may be passed over."""

    worker_id: UUID
    reason: str = ""


def approve(
    session: Session, actor: Actor, visit: Visit, school: School, command: Approval
) -> None:
    """Schedule a requested session with a worker.

    Overlapping times are refused always (Rejected "worker_busy"); travel, leave, hours and a full
    week only without a written reason (Rejected "reason_needed").
    """
    read_anew(session, visit)
    check_undecided(session, visit)
    visit.move(actor, "approve")
    _assign(session, visit, school, command)
    _decided(visit, actor)
    duties.close_duties(session, visit.id, "answer_request")
    _open_room_duty(session, visit, school)
    _open_delivery_duty(session, visit, school)
    overridden = bool(visit.override_reason)
    emit(session, actor, VisitApproved(visit.id, visit.social_worker_id, overridden))


def reassign(
    session: Session, actor: Actor, visit: Visit, school: School, command: Approval
) -> None:
    """Send another worker to a scheduled session, by the same rules as an approval."""
    read_anew(session, visit)
    visit.move(actor, "reassign")
    before = visit.social_worker_id
    _assign(session, visit, school, command)
    for kind in ("record_delivery", "find_worker"):
        duties.close_duties(session, visit.id, kind)
    _open_delivery_duty(session, visit, school)
    overridden = bool(visit.override_reason)
    emit(session, actor, VisitReassigned(visit.id, before, visit.social_worker_id, overridden))


def _assign(session: Session, visit: Visit, school: School, command: Approval) -> None:
    sweep_expired_holds(session)
    office = settings.read(session)
    day = visit.starts_at.astimezone(clock.WIB).date()
    diary = load_diary(session, office, day, day)
    problems = _problems(diary, visit, school, command.worker_id)
    _check_overlap(problems)
    if problems and not command.reason:
        raise Rejected("reason_needed", "reason")
    changed = bool(problems) or command.worker_id != visit.social_worker_id
    if changed and not hand_over_cells(session, visit, command.worker_id, travel=not problems):
        raise Rejected("worker_just_taken", "worker")
    visit.social_worker_id = command.worker_id
    visit.override_reason = command.reason if problems else ""


def read_anew(session: Session, visit: Visit) -> None:
    """Lock a visit and read it as it stands, so that two answers at once meet the same rules."""
    session.refresh(visit, with_for_update=True)


def check_undecided(session: Session, visit: Visit) -> None:
    """Raise Rejected("already_decided") with the colleague's name when somebody was faster."""
    if visit.state != VisitState.REQUESTED and visit.decided_by:
        colleague = session.get_one(User, visit.decided_by)
        raise Rejected("already_decided", name=colleague.full_name, at=visit.decided_at)


def _problems(diary: Diary, visit: Visit, school: School, worker_id: UUID) -> list[Problem]:
    worker = diary.worker(worker_id)
    if worker is None:
        raise Rejected("worker_unknown", "worker")
    return diary.problems(worker, Place.of(school, visit.id), visit.starts_at, visit.ends_at)


def _check_overlap(problems: list[Problem]) -> None:
    for problem in problems:
        if problem.kind is Clash.OVERLAP and problem.other:
            raise Rejected("worker_busy", "worker", school=problem.other.school_name)


def _decided(visit: Visit, actor: Actor) -> None:
    visit.decided_by = actor.user_id
    visit.decided_at = clock.now()


def _open_room_duty(session: Session, visit: Visit, school: School) -> None:
    office = settings.read(session)
    deadline = visit.starts_at - timedelta(days=office["room_deadline_days"])
    about.open_duty(
        session,
        visit,
        school,
        "confirm_room",
        about.Whom(role=Role.PRINCIPAL, school_id=school.id),
        due_at=max(deadline, clock.now() + timedelta(days=1)),
        visible_from=visit.starts_at - timedelta(days=office["room_notice_days"]),
    )


def _open_delivery_duty(session: Session, visit: Visit, school: School) -> None:
    local_day = visit.starts_at.astimezone(clock.WIB).date()
    report_day = clock.add_working_days(local_day, settings.read(session)["report_working_days"])
    about.open_duty(
        session,
        visit,
        school,
        "record_delivery",
        about.Whom(person_id=visit.social_worker_id),
        due_at=clock.at_wib(report_day, clock.OFFICE_CLOSES),
        visible_from=visit.ends_at,
    )


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
    visit.decided_by = visit.decided_at = None
    visit.override_reason = ""
    duties.close_duties(session, visit.id)
    about.open_answer_duty(session, visit, school)
    emit(session, actor, ApprovalUndone(visit.id, visit.social_worker_id))


def decline(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Answer that a session is not possible, with the reason the school will read."""
    read_anew(session, visit)
    check_undecided(session, visit)
    _end(session, actor, visit, "decline", reason)
    _tell_school(session, visit, "news_declined")
    emit(session, actor, VisitDeclined(visit.id, visit.school_id))


def withdraw(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Take back one's own school's request, or cancel its scheduled session.

    A session that was settled needs a reason, which its worker reads: Rejected("reason_for_other").
    """
    read_anew(session, visit)
    if visit.state == VisitState.REQUESTED:
        _end(session, actor, visit, "withdraw", reason)
        emit(session, actor, VisitWithdrawn(visit.id, visit.school_id))
        return
    if not reason:
        raise Rejected("reason_for_other", "reason")
    _end(session, actor, visit, "cancel_by_school", reason)
    _tell_worker(session, visit)
    emit(session, actor, _cancelled(visit, by_school=True))


def cancel(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Cancel a scheduled session from the office's side."""
    read_anew(session, visit)
    _end(session, actor, visit, "cancel", reason)
    _tell_school(session, visit, "news_cancelled")
    if not visit.assigned_to(actor):
        _tell_worker(session, visit)
    emit(session, actor, _cancelled(visit, by_school=False))


def _cancelled(visit: Visit, *, by_school: bool) -> VisitCancelled:
    return VisitCancelled(visit.id, visit.school_id, visit.social_worker_id, by_school)


def _end(session: Session, actor: Actor, visit: Visit, move: str, reason: str) -> None:
    visit.move(actor, move)
    visit.reason = reason
    _decided(visit, actor)
    release(session, visit)
    duties.close_duties(session, visit.id)


def _tell_school(session: Session, visit: Visit, kind: str) -> None:
    for role in (Role.PRINCIPAL, Role.SCHOOL_OPERATOR):
        _tell(session, visit, kind, about.Whom(role=role, school_id=visit.school_id))


def _tell_worker(session: Session, visit: Visit) -> None:
    _tell(session, visit, "news_cancelled", about.Whom(person_id=visit.social_worker_id))


def _tell(session: Session, visit: Visit, kind: str, whom: about.Whom) -> None:
    school = session.get_one(School, visit.school_id)
    about.open_duty(session, visit, school, kind, whom, due_at=visit.starts_at)


def news_read(session: Session, actor: Actor, visit: Visit) -> None:
    """Take news off the list of whoever read it: one's school, or oneself."""
    for kind in ("news_declined", "news_cancelled"):
        duties.close_for(session, actor, visit.id, kind)


def room_ready(session: Session, actor: Actor, visit: Visit) -> None:
    """Note that the school has the room."""
    read_anew(session, visit)
    if visit.state != VisitState.SCHEDULED:
        raise Rejected("state_changed")
    visit.room_ready_at = clock.now()
    duties.close_duties(session, visit.id, "confirm_room")
    emit(session, actor, RoomReady(visit.id))
