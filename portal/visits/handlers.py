"""What visits do when something happens: freed time, ended changes, a worker who leaves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties, schedule
from portal.core.access import Actor, Role
from portal.core.events import Event, emit, on
from portal.people.events import AppointmentEnded
from portal.schools.events import MouChanged, MouRecorded, SchoolMerged
from portal.schools.models import School
from portal.schools.queries import above
from portal.visits.actions import (
    about,
    alarms,
    auto,
    feedback,
    feeds,
    lapsing,
    leaving,
    merging,
    pending,
    wishing,
)
from portal.visits.events import (
    ChangeAccepted,
    ChangeDeclined,
    ChangeDropped,
    LeaveRemoved,
    OfferTakenBack,
    OfferTurnedDown,
    VisitCancelled,
    VisitDeclined,
    VisitDelivered,
    VisitHandedOver,
    VisitLapsed,
    VisitMissed,
    VisitOffered,
    VisitRequested,
    VisitWithdrawn,
)
from portal.visits.models import Visit, VisitWorker
from portal.visits.queries.history import last_sessions
from portal.visits.states import TO_COME, VisitState

# After these, time may be free that a school on the waiting list would like; an offer that answers
# a request gives the time asked for back.
FREES_TIME: tuple[type[Event], ...] = (
    ChangeAccepted,
    ChangeDeclined,
    ChangeDropped,
    LeaveRemoved,
    OfferTakenBack,
    OfferTurnedDown,
    VisitCancelled,
    VisitDeclined,
    VisitLapsed,
    VisitMissed,
    VisitOffered,
    VisitWithdrawn,
)


above.know_sessions_with(last_sessions)
above.foresee_with(merging.foresee)


@on(SchoolMerged)
def follow_merger(session: Session, actor: Actor | None, merged: SchoolMerged) -> None:
    """Let what a school still expects go on at the one it became part of."""
    if merged.subject_id is not None:
        merging.follow_merger(session, actor, merged.subject_id, merged.successor_id)


def look_at_wishes(session: Session, actor: Actor | None, happened: Event) -> None:
    """Have the waiting list looked at soon; whatever comes of it, what freed the time stays."""
    # What the portal offers by itself comes from that very job, which goes on anyway.
    if actor is not None or not isinstance(happened, VisitOffered):
        schedule.hurry(session, wishing.SERVE)


for kind in FREES_TIME:
    on(kind)(look_at_wishes)


@on(VisitRequested)
def answer_at_once(session: Session, _actor: Actor | None, asked: VisitRequested) -> None:
    """Schedule what a programme schedules without anybody's answer."""
    if asked.subject_id is not None:
        auto.consider(session, asked.subject_id)


@on(ChangeAccepted)
def move_feedback(session: Session, _actor: Actor | None, moved: ChangeAccepted) -> None:
    """Let pupils say how a session was when it has taken place, not when it should have."""
    feedback.follow(session, session.get_one(Visit, moved.subject_id))


@on(VisitDelivered)
def drop_change(session: Session, actor: Actor | None, happened: VisitDelivered) -> None:
    """End the change of a session that took place all the same."""
    pending.drop(session, actor, session.get_one(Visit, happened.subject_id))


@on(VisitDelivered)
def partner_was_served(session: Session, _actor: Actor | None, happened: VisitDelivered) -> None:
    """Stop asking for a session at a partner that has had one."""
    alarms.settle(session, session.get_one(Visit, happened.subject_id).school_id)


@on(MouRecorded)
@on(MouChanged)
def look_at_mou(session: Session, _actor: Actor | None, happened: MouRecorded | MouChanged) -> None:
    """Stop asking for what a new MoU, or other dates of one, settle."""
    alarms.settle(session, happened.school_id)


@on(VisitMissed)
def forget_change(session: Session, actor: Actor | None, happened: VisitMissed) -> None:
    """End the change of a session that did not take place; all its time is free already."""
    pending.forget(session, actor, session.get_one(Visit, happened.subject_id))


@on(AppointmentEnded)
def end_feeds(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """End the calendar addresses of whoever leaves a post."""
    feeds.end_feeds_of(session, actor, ended.user_id)


@on(AppointmentEnded)
def hand_over_visits(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """Give a leaving social worker's coming sessions to the successor, where their time is free.

    What does not fit, or has no successor, waits for a coordinator; the school notices nothing yet.
    """
    if ended.role != Role.SOCIAL_WORKER:
        return
    coming = session.execute(
        select(Visit, School)
        .join(School, School.id == Visit.school_id)
        .where(
            Visit.social_worker_id == ended.user_id,
            Visit.state.in_(sorted(TO_COME)),
            Visit.starts_at > clock.now(),
        )
        .order_by(Visit.starts_at, Visit.id)
    ).all()
    for visit, school in coming:
        leaving.drop_change_of(session, actor, visit, ended.user_id)
        _hand_over(session, actor, visit, school, ended.successor_id)
    for visit, school in _goes_along(session, ended.user_id):
        _replace(session, actor, visit, school, ended)


def _hand_over(
    session: Session, actor: Actor | None, visit: Visit, school: School, to: UUID | None
) -> None:
    before = visit.social_worker_id
    taken = to is not None and leaving.take_over(session, visit, school, to)
    if taken and to is not None:
        duties.hand_over(session, before, to, subject_id=visit.id)
    emit(session, actor, VisitHandedOver(visit.id, to if taken else None))
    if taken:
        return
    if visit.state == VisitState.OFFERED:
        # Nobody else is free then, so there is nothing to offer any more.
        lapsing.lapse(session, visit)
    elif visit.state == VisitState.SCHEDULED:
        duties.close_duties(session, visit.id, about.RECORD_DELIVERY)
        _ask_for_worker(session, visit, school)


def _ask_for_worker(session: Session, visit: Visit, school: School) -> None:
    coordinators = about.Whom(role=Role.COORDINATOR)
    due_at = visit.starts_at
    about.open_duty(session, visit, school, about.FIND_WORKER, coordinators, due_at=due_at)


def _goes_along(session: Session, user_id: UUID) -> list[tuple[Visit, School]]:
    rows = session.execute(
        select(Visit, School)
        .join(School, School.id == Visit.school_id)
        .join(VisitWorker, VisitWorker.visit_id == Visit.id)
        .where(
            VisitWorker.user_id == user_id,
            Visit.state.in_(sorted(TO_COME)),
            Visit.starts_at > clock.now(),
        )
        .order_by(Visit.starts_at, Visit.id)
    )
    return [(visit, school) for visit, school in rows]


def _replace(
    session: Session, actor: Actor | None, visit: Visit, school: School, ended: AppointmentEnded
) -> None:
    """Let the successor go along instead, or go with one less and ask for somebody."""
    leaving.drop_change_of(session, actor, visit, ended.user_id)
    taken = leaving.go_along_instead(session, visit, school, ended.user_id, ended.successor_id)
    emit(session, actor, VisitHandedOver(visit.id, ended.successor_id if taken else None))
    if not taken and visit.state == VisitState.SCHEDULED:
        _ask_for_worker(session, visit, school)
