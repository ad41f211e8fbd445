"""Asking for a change of a scheduled session: small ones at once, another time if agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.visits.actions import about, booking, offering, pending, placing
from portal.visits.actions.cells import Stay, led_by, people_of, settle, stay_of
from portal.visits.actions.deciding import read_anew
from portal.visits.actions.placing import Time
from portal.visits.events import ChangeAsked, VisitAdjusted
from portal.visits.models import Programme, Visit, VisitChange
from portal.visits.queries.slots import Place, booking_window, crew_size, load_diary
from portal.visits.states import ChangeState, VisitState


@dataclass(frozen=True)
class Wanted:
    """How a session should be; the reason is for the other side. The office may name a worker."""

    starts_at: datetime
    grades: tuple[str, ...]
    expected_heads: int
    room: str
    reason: str = ""
    worker_id: UUID | None = None


def ask(
    session: Session, actor: Actor, visit: Visit, school: School, wanted: Wanted
) -> VisitChange | None:
    """Change a session from the school's side; None where it needs nobody's word.

    Another time, or more people than who comes can serve, waits for a coordinator, and the session
    keeps its time meanwhile. Raises Rejected "change_open", "too_late_to_change", "slot_outside",
    "slot_taken", "crew_elsewhere", "reason_for_other", "audience_too_large".
    """
    _begin(session, actor, Permission.VISIT_REQUEST, visit)
    booking.drop_holds_of(session, visit.school_id)
    programme = session.get_one(Programme, visit.programme_id)
    booking.check_heads(programme, wanted.expected_heads)
    people = people_of(session, visit)
    if wanted.starts_at == visit.starts_at:
        enough = crew_size(programme, wanted.expected_heads) <= len(people)
        if enough or wanted.expected_heads <= visit.expected_heads:
            _adjust(session, actor, visit, wanted, by_office=False)
            return None
        return _open(session, actor, visit, wanted, stay_of(session, visit), by_office=False)
    _check_notice(session, school, visit, programme, wanted)
    people = _free_people(session, school, visit, programme, wanted)
    return _open(session, actor, visit, wanted, _stay(visit, wanted, people), by_office=False)


def propose(
    session: Session, actor: Actor, visit: Visit, school: School, wanted: Wanted
) -> VisitChange | None:
    """Change a session from the office's side; None where only details differ.

    The written reason is also what a warning (travel, leave, notice) is passed over with. Raises
    Rejected as `ask` does, and "worker_busy", "worker_unknown".
    """
    _begin(session, actor, Permission.VISIT_APPROVE, visit)
    programme = session.get_one(Programme, visit.programme_id)
    booking.check_heads(programme, wanted.expected_heads)
    if wanted.starts_at == visit.starts_at:
        _adjust(session, actor, visit, wanted, by_office=True)
        return None
    time = Time(programme, wanted.starts_at, wanted.expected_heads, visit)
    placing.check_day(session, school, time)
    people = led_by(people_of(session, visit), wanted.worker_id or visit.social_worker_id)
    warned = _warned(session, school, time, people)
    stay = _stay(visit, wanted, people, travel=not warned)
    return _open(session, actor, visit, wanted, stay, by_office=True)


def _begin(session: Session, actor: Actor, permission: Permission, visit: Visit) -> None:
    read_anew(session, visit)
    if not actor.may(permission, visit.school_id):
        raise Rejected("not_allowed")
    if visit.state != VisitState.SCHEDULED or visit.starts_at <= clock.now():
        raise Rejected("state_changed")
    if pending.open_change(session, visit):
        raise Rejected("change_open")
    booking.sweep_expired_holds(session)


def _stay(visit: Visit, wanted: Wanted, people: tuple[UUID, ...], *, travel: bool = True) -> Stay:
    ends_at = wanted.starts_at + (visit.ends_at - visit.starts_at)
    return Stay(visit.school_id, people, wanted.starts_at, ends_at, travel=travel)


def _check_notice(
    session: Session, school: School, visit: Visit, programme: Programme, wanted: Wanted
) -> None:
    """Refuse what comes too soon for the old time or the new; the office can still propose it."""
    office = settings.read(session)
    place = Place.of(school, visit.id, programme)
    first, _last = booking_window(office, place.notice)
    moments = (visit.starts_at, wanted.starts_at)
    if min(clock.day_of(each) for each in moments) < first:
        notice = office["notice_working_days"] if place.notice is None else place.notice
        raise Rejected("too_late_to_change", "slot", days=notice)


def _free_people(
    session: Session, school: School, visit: Visit, programme: Programme, wanted: Wanted
) -> tuple[UUID, ...]:
    """Return who of today's crew (or who else, alone) is free at the time a school wants."""
    office = settings.read(session)
    day = clock.day_of(wanted.starts_at)
    diary = load_diary(session, office, day, day, without_hold_of=school.id)
    place = Place.of(school, visit.id, programme)
    minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    starts = {slot.starts_at: slot for slot in diary.slots(place, minutes, day, day)}
    if wanted.starts_at not in starts:
        raise Rejected("slot_taken", "slot", wanted=wanted.starts_at)
    free = [worker.id for worker in starts[wanted.starts_at].workers]
    people = people_of(session, visit)
    for leader in (visit.social_worker_id, *free):
        crew = led_by(people, leader)
        if set(crew) <= set(free):
            return crew
    raise Rejected("crew_elsewhere", "slot")


def _warned(session: Session, school: School, time: Time, people: tuple[UUID, ...]) -> bool:
    day = clock.day_of(time.starts_at)
    diary = load_diary(session, settings.read(session), day, day)
    place = time.place(school)
    if diary.school_busy(place, time.starts_at, time.ends_at):
        raise Rejected("school_busy", "slot")
    return bool(placing.check(diary, place, time, people))


def _open(
    session: Session, actor: Actor, visit: Visit, wanted: Wanted, stay: Stay, *, by_office: bool
) -> VisitChange:
    """Write a change down and take its time beside the old one."""
    if not wanted.reason:
        raise Rejected("reason_for_other", "reason")
    if not settle(session, visit, stay_of(session, visit), stay):
        raise Rejected("slot_taken", "slot", wanted=wanted.starts_at)
    change = VisitChange(
        id=new_id(),
        visit_id=visit.id,
        state=ChangeState.ASKED,
        by_office=by_office,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        social_worker_id=stay.worker_ids[0],
        grades=list(wanted.grades),
        expected_heads=wanted.expected_heads,
        room=wanted.room,
        reason=wanted.reason,
        asked_by=actor.user_id,
        asked_at=clock.now(),
        answer_by=_answer_by(session, visit, wanted, by_office=by_office),
    )
    session.add(change)
    session.flush()
    about.open_change_duty(session, visit, change)
    emit(session, actor, ChangeAsked(visit.id, visit.school_id, change.starts_at, by_office))
    return change


def _answer_by(session: Session, visit: Visit, wanted: Wanted, *, by_office: bool) -> datetime:
    """Return until when a change waits: as an offer or a request, but not beyond either time."""
    office = settings.read(session)
    earliest = min(visit.starts_at, wanted.starts_at)
    if by_office:
        return offering.answer_by(office, earliest)
    return booking.answer_by(office, earliest)


def _adjust(
    session: Session, actor: Actor, visit: Visit, wanted: Wanted, *, by_office: bool
) -> None:
    """Change details that need nobody's word, and tell the others."""
    before = (visit.grades, visit.expected_heads, visit.room)
    take_details(visit, list(wanted.grades), wanted.expected_heads, wanted.room)
    if before == (visit.grades, visit.expected_heads, visit.room):
        return
    session.flush()
    people = [each for each in people_of(session, visit) if each != actor.user_id]
    told = [about.Whom(person_id=each) for each in people]
    about.open_news(session, visit, about.CHANGED, *told)
    if by_office:
        about.open_news(session, visit, about.CHANGED, *about.school_side(visit.school_id))
    heads = visit.expected_heads
    emit(session, actor, VisitAdjusted(visit.id, visit.school_id, visit.social_worker_id, heads))


def take_details(visit: Visit, grades: list[str], heads: int, room: str) -> None:
    """Write details down; what was counted class by class holds no longer where they differ."""
    if grades != visit.grades or heads != visit.expected_heads:
        visit.classes, visit.expected_by_class = [], {}
    if room != visit.room:
        visit.room_ready_at = None
    visit.grades, visit.expected_heads, visit.room = grades, heads, room
