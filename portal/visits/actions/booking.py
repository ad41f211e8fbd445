"""Holding a slot, requesting a session, and the cells that make double booking impossible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock, codes, settings
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import Office
from portal.schools.models import School
from portal.visits.actions import about
from portal.visits.events import VisitRequested
from portal.visits.models import BookingCell, Hold, Programme, Resource, Visit
from portal.visits.queries.slots import Place, Worker, booking_window, load_diary
from portal.visits.states import VisitState

CELL = timedelta(minutes=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Said on the phone.
REFERENCE_LENGTH = 6


@dataclass(frozen=True)
class Request:
    """What a school asks for."""

    programme: Programme
    starts_at: datetime
    topic_id: UUID | None
    own_topic: str
    grades: tuple[str, ...]
    expected_heads: int
    room: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Stay:
    """A stretch of time at a school with a worker; `travel` adds the way afterwards."""

    school_id: UUID
    worker_id: UUID
    starts_at: datetime
    ends_at: datetime
    travel: bool = True

    def cells(self) -> Iterator[dict[str, object]]:
        """Yield the cells it takes, on the half hours, so that crooked times meet in them too."""
        moment = self.starts_at - (self.starts_at - EPOCH) % CELL
        while moment < self.ends_at:
            for resource, owner in (
                (Resource.SCHOOL, self.school_id),
                (Resource.WORKER, self.worker_id),
            ):
                yield _cell(resource, owner, moment, travel=False)
            moment += CELL
        if self.travel:
            yield _cell(Resource.WORKER, self.worker_id, moment, travel=True)


def _cell(resource: Resource, owner: UUID, moment: datetime, *, travel: bool) -> dict[str, object]:
    return {"resource": resource, "resource_id": owner, "starts_at": moment, "travel": travel}


def take(session: Session, stay: Stay, **owner: object) -> bool:
    """Take the cells of a stay for a visit or a hold; False when one of them is taken.

    Cells go in sorted order, so two transactions never wait for each other in a circle.
    """
    rows = sorted(
        stay.cells(), key=lambda row: (row["resource"], str(row["resource_id"]), row["starts_at"])
    )
    try:
        with session.begin_nested():
            session.execute(
                insert(BookingCell),
                [
                    {"visit_id": None, "hold_id": None, "expires_at": None, **row, **owner}
                    for row in rows
                ],
            )
    except IntegrityError:
        return False
    return True


def release(session: Session, visit: Visit) -> None:
    """Give back the time of a visit."""
    session.execute(delete(BookingCell).where(BookingCell.visit_id == visit.id))


def sweep_expired_holds(session: Session) -> None:
    """Remove holds nobody sent; their cells go with them."""
    # What another booking sweeps at this moment is left to it, so that neither waits.
    over = session.scalars(
        select(Hold.id).where(Hold.expires_at <= clock.now()).with_for_update(skip_locked=True)
    ).all()
    session.execute(delete(BookingCell).where(BookingCell.hold_id.in_(over)))
    session.execute(delete(Hold).where(Hold.id.in_(over)))


def drop_holds_of(session: Session, school_id: UUID) -> None:
    """Remove what a school holds; it holds one slot at a time."""
    mine = select(Hold.id).where(Hold.school_id == school_id)
    session.execute(delete(BookingCell).where(BookingCell.hold_id.in_(mine)))
    session.execute(delete(Hold).where(Hold.school_id == school_id))


def free_workers(
    session: Session, office: Office, school: School, starts_at: datetime, minutes: int
) -> tuple[Worker, ...]:
    """Return who could come at a start the school may book, the best first.

    Raises Rejected("slot_outside") for a time that is no offered start.
    """
    day = starts_at.astimezone(clock.WIB).date()
    diary = load_diary(session, office, day, day, without_hold_of=school.id)
    place = Place.of(school)
    first, last = booking_window(office)
    if (
        not first <= day <= last
        or starts_at.astimezone(clock.WIB).strftime("%H:%M") not in office["visit_starts"]
    ):
        raise Rejected("slot_outside", "slot")
    for slot in diary.slots(place, minutes, day, day):
        if slot.starts_at == starts_at:
            return slot.workers
    return ()


def hold_slot(
    session: Session, actor: Actor, school: School, programme: Programme, starts_at: datetime
) -> Hold:
    """Keep a slot for this school for some minutes, with the best free worker.

    Raises Rejected("slot_taken") when nobody is free then any more.
    """
    _check_may_request(actor, school)
    _wait_for_colleagues(session, school)
    office = settings.read(session)
    sweep_expired_holds(session)
    drop_holds_of(session, school.id)
    ends_at = starts_at + timedelta(minutes=programme.minutes)
    expires_at = clock.now() + timedelta(minutes=office["hold_minutes"])
    for worker in free_workers(session, office, school, starts_at, programme.minutes):
        hold = Hold(
            id=new_id(),
            school_id=school.id,
            user_id=actor.user_id,
            social_worker_id=worker.id,
            starts_at=starts_at,
            ends_at=ends_at,
            expires_at=expires_at,
        )
        session.add(hold)
        session.flush()
        stay = Stay(school.id, worker.id, starts_at, ends_at)
        if take(session, stay, hold_id=hold.id, expires_at=expires_at):
            return hold
        session.delete(hold)
        session.flush()
    raise Rejected("slot_taken", "slot", wanted=starts_at)


def _check_may_request(actor: Actor, school: School) -> None:
    if not actor.may(Permission.VISIT_REQUEST, school.id):
        raise Rejected("not_allowed")
    if not school.active:
        raise Rejected("school_inactive")


def _wait_for_colleagues(session: Session, school: School) -> None:
    """Let one person of a school book at a time: a double tap finds what the first press made.

    Only PostgreSQL needs this; on SQLite every writer waits anyway.
    """
    session.execute(
        select(School.id).where(School.id == school.id).with_for_update(key_share=True)
    ).all()


def request_visit(session: Session, actor: Actor, school: School, wanted: Request) -> Visit:
    """Ask for a session: take the time of the best free worker and wait for the office.

    A second press of the same button returns the request that exists. Raises Rejected("slot_taken")
    when nobody is free then any more, Rejected("audience_too_large") beyond the programme's limit.
    """
    _check_may_request(actor, school)
    if wanted.expected_heads > wanted.programme.most_people:
        raise Rejected("audience_too_large", "expected_heads", most=wanted.programme.most_people)
    _wait_for_colleagues(session, school)
    existing = _same_request(session, school, wanted)
    if existing:
        return existing
    office = settings.read(session)
    sweep_expired_holds(session)
    drop_holds_of(session, school.id)
    for worker in free_workers(session, office, school, wanted.starts_at, wanted.programme.minutes):
        visit = _new_visit(session, actor, school, wanted, worker, office)
        stay = Stay(school.id, worker.id, visit.starts_at, visit.ends_at)
        if take(session, stay, visit_id=visit.id):
            about.open_answer_duty(session, visit, school)
            asked = VisitRequested(visit.id, school.id, worker.id, visit.starts_at)
            emit(session, actor, asked)
            return visit
        session.delete(visit)
        session.flush()
    raise Rejected("slot_taken", "slot", wanted=wanted.starts_at)


def _same_request(session: Session, school: School, wanted: Request) -> Visit | None:
    return session.scalar(
        select(Visit).where(
            Visit.school_id == school.id,
            Visit.starts_at == wanted.starts_at,
            Visit.programme_id == wanted.programme.id,
            Visit.state == VisitState.REQUESTED,
        )
    )


def _new_visit(
    session: Session,
    actor: Actor,
    school: School,
    wanted: Request,
    worker: Worker,
    office: Office,
) -> Visit:
    moment = clock.now()
    answer_day = clock.add_working_days(clock.today(), office["answer_working_days"])
    visit = Visit(
        id=new_id(),
        reference=codes.new_code(REFERENCE_LENGTH),
        programme_id=wanted.programme.id,
        school_id=school.id,
        social_worker_id=worker.id,
        state=VisitState.REQUESTED,
        topic_id=wanted.topic_id,
        own_topic=wanted.own_topic,
        grades=list(wanted.grades),
        expected_heads=wanted.expected_heads,
        room=wanted.room,
        needs=wanted.needs,
        starts_at=wanted.starts_at,
        ends_at=wanted.starts_at + timedelta(minutes=wanted.programme.minutes),
        requested_by=actor.user_id,
        requested_at=moment,
        answer_by=clock.at_wib(answer_day, clock.OFFICE_CLOSES),
    )
    session.add(visit)
    session.flush()
    return visit


def give_way(session: Session, stay: Stay) -> None:
    """Drop the travel cells that stand in the way of a time approved in spite of them."""
    moments = [row["starts_at"] for row in stay.cells()]
    session.execute(
        delete(BookingCell).where(
            BookingCell.resource == Resource.WORKER,
            BookingCell.resource_id == stay.worker_id,
            BookingCell.starts_at.in_(moments),
            BookingCell.travel,
        )
    )


def hand_over_cells(session: Session, visit: Visit, worker_id: UUID, *, travel: bool) -> bool:
    """Move a visit's time to a worker; False when that worker is taken."""
    stay = Stay(visit.school_id, worker_id, visit.starts_at, visit.ends_at, travel=travel)
    release(session, visit)
    if not travel:
        give_way(session, stay)
    return take(session, stay, visit_id=visit.id)
