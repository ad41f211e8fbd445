"""Holding a slot and requesting a session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, codes, settings
from portal.core.access import Actor, Permission
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import Office
from portal.schools.models import School
from portal.visits.actions import about
from portal.visits.actions.cells import Stay, set_crew, take
from portal.visits.events import VisitRequested
from portal.visits.models import BookingCell, Hold, Programme, Visit
from portal.visits.queries.share import shares_of
from portal.visits.queries.slots import Diary, Place, booking_window, crew_size, load_diary
from portal.visits.states import Origin, VisitState

# Said on the phone.
REFERENCE_LENGTH = 6


@dataclass(frozen=True)
class Request:
    """What a school asks for; `caller` is who asked where staff write it down for the school."""

    programme: Programme
    starts_at: datetime
    topic_id: UUID | None
    own_topic: str
    grades: tuple[str, ...]
    expected_heads: int
    room: str = ""
    needs: str = ""
    classes: tuple[str, ...] = ()
    expected_by_class: dict[str, int] = field(default_factory=dict)
    spoken: str = ""
    bring: tuple[str, ...] = ()
    ready_with: tuple[str, ...] = ()
    caller: str = ""

    @property
    def ends_at(self) -> datetime:
        """Return when the session would be over."""
        return self.starts_at + timedelta(minutes=self.programme.minutes)

    @property
    def crew(self) -> int:
        """Return how many social workers its people ask for."""
        return crew_size(self.programme, self.expected_heads)

    @property
    def permission(self) -> Permission:
        """Return what one must be allowed to ask for it: for one's own school, or for a caller."""
        return Permission.VISIT_ENTER if self.caller else Permission.VISIT_REQUEST


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


def free_crews(
    diary: Diary, school: School, programme: Programme, starts_at: datetime, crew: int
) -> Iterator[tuple[UUID, ...]]:
    """Yield who could come at a start the school may book, the best first; of each crew a leader.

    Raises Rejected("slot_outside") for a time that is no offered start.
    """
    day = clock.day_of(starts_at)
    place = Place.of(school, programme=programme)
    first, last = booking_window(diary.office, programme.notice_working_days)
    if not first <= day <= last or not diary.is_start(place, starts_at):
        raise Rejected("slot_outside", "slot")
    for slot in diary.slots(place, programme.minutes, day, day, crew=crew):
        if slot.starts_at == starts_at:
            yield from combinations((worker.id for worker in slot.workers), crew)


def hold_slot(
    session: Session,
    actor: Actor,
    school: School,
    programme: Programme,
    starts_at: datetime,
    *,
    crew: int = 1,
    permission: Permission = Permission.VISIT_REQUEST,
) -> Hold:
    """Keep a slot for this school for some minutes, with the best free workers.

    `permission` is what one holds it by: for one's own school, or (VISIT_ENTER) for a caller.
    Raises Rejected("slot_taken") when so many are not free then any more.
    """
    check_may_ask(actor, school, permission)
    wait_for_colleagues(session, school)
    office = settings.read(session)
    sweep_expired_holds(session)
    drop_holds_of(session, school.id)
    ends_at = starts_at + timedelta(minutes=programme.minutes)
    expires_at = clock.now() + timedelta(minutes=office["hold_minutes"])
    diary = diary_of(session, office, school, starts_at)
    for people in free_crews(diary, school, programme, starts_at, crew):
        hold = Hold(
            id=new_id(),
            school_id=school.id,
            user_id=actor.user_id,
            social_worker_id=people[0],
            starts_at=starts_at,
            ends_at=ends_at,
            expires_at=expires_at,
        )
        session.add(hold)
        session.flush()
        stay = Stay(school.id, people, starts_at, ends_at)
        if take(session, stay, hold_id=hold.id, expires_at=expires_at):
            return hold
        session.delete(hold)
        session.flush()
    raise Rejected("slot_taken", "slot", wanted=starts_at)


def diary_of(
    session: Session, office: Office, school: School, first: datetime, last: datetime | None = None
) -> Diary:
    """Read who is free from the day of one moment to that of another, for this school."""
    days = [clock.day_of(each) for each in (first, last or first)]
    return load_diary(session, office, *days, without_hold_of=school.id)


def check_may_ask(actor: Actor, school: School, permission: Permission) -> None:
    """Raise Rejected("not_allowed") without the permission, "school_inactive" when closed."""
    if not actor.may(permission, school.id):
        raise Rejected("not_allowed")
    if not school.active:
        raise Rejected("school_inactive")


def check_heads(programme: Programme, heads: int) -> None:
    """Raise Rejected("audience_too_large") where more come than fit one session."""
    if heads > programme.most_people:
        raise Rejected("audience_too_large", "expected_heads", most=programme.most_people)


def check_audience(wanted: Request) -> None:
    """Raise Rejected("audience_too_large") or "too_many_classes" beyond the programme's limits."""
    programme = wanted.programme
    if wanted.expected_heads > programme.most_people:
        asked = "classes" if wanted.classes else "expected_heads"
        raise Rejected("audience_too_large", asked, most=programme.most_people)
    classes = len(wanted.classes or wanted.grades)
    if programme.most_classes is not None and classes > programme.most_classes:
        asked = "classes" if wanted.classes else "grades"
        raise Rejected("too_many_classes", asked, most=programme.most_classes)


def check_share(
    session: Session, school: School, wanted: Request, starts: Collection[datetime]
) -> None:
    """Leave the free times to schools that never had a session, once a school has its share.

    Raises Rejected("share_used") while such schools wait, "share_series" where so many starts in
    one school year are more than is left. What staff write down for a caller may go beyond;
    approving that needs a reason.
    """
    if wanted.caller:
        return
    asked = Counter(SchoolYear.of(clock.day_of(start)) for start in starts)
    office = settings.read(session)
    for year, share in shares_of(session, office, school.id, wanted.programme, asked).items():
        if not share.after(asked[year] - 1).used_up:
            continue
        if share.left:
            raise Rejected("share_series", "times", left=share.left)
        raise Rejected("share_used", used=share.used, most=share.most, waiting=share.waiting)


def wait_for_colleagues(session: Session, school: School) -> None:
    """Let one person of a school book at a time: a double tap finds what the first press made.

    Only PostgreSQL needs this; on SQLite every writer waits anyway.
    """
    session.execute(
        select(School.id).where(School.id == school.id).with_for_update(key_share=True)
    ).all()


def request_visit(session: Session, actor: Actor, school: School, wanted: Request) -> Visit:
    """Ask for a session: take the time of the best free workers and wait for the office.

    A second press of the same button returns the request that exists. Raises Rejected("slot_taken")
    when too few are free then any more, and what `check_audience` and `check_share` raise.
    """
    check_may_ask(actor, school, wanted.permission)
    check_audience(wanted)
    wait_for_colleagues(session, school)
    existing = same_request(session, school, wanted)
    if existing:
        return existing
    check_share(session, school, wanted, [wanted.starts_at])
    sweep_expired_holds(session)
    drop_holds_of(session, school.id)
    diary = diary_of(session, settings.read(session), school, wanted.starts_at)
    visit = take_time(session, actor, school, wanted, diary)
    if visit is None:
        raise Rejected("slot_taken", "slot", wanted=wanted.starts_at)
    announce(session, actor, school, visit)
    return visit


def take_time(
    session: Session, actor: Actor, school: School, wanted: Request, diary: Diary
) -> Visit | None:
    """Write a request down with the time of the best free workers; None when too few are free.

    Raises Rejected("slot_outside") for a time that is no offered start.
    """
    for people in free_crews(diary, school, wanted.programme, wanted.starts_at, wanted.crew):
        visit = _new_visit(session, actor, school, wanted, people[0])
        stay = Stay(school.id, people, visit.starts_at, visit.ends_at)
        if take(session, stay, visit_id=visit.id):
            set_crew(session, visit, people)
            return visit
        session.delete(visit)
        session.flush()
    return None


def announce(session: Session, actor: Actor, school: School, visit: Visit) -> None:
    """Let the office, and whoever listens, know of a request."""
    about.open_answer_duty(session, visit, school)
    asked = VisitRequested(visit.id, school.id, visit.social_worker_id, visit.starts_at)
    emit(session, actor, asked)


def same_request(session: Session, school: School, wanted: Request) -> Visit | None:
    """Return the session of this school that was asked for already, at the same time."""
    return session.scalar(
        select(Visit).where(
            Visit.school_id == school.id,
            Visit.starts_at == wanted.starts_at,
            Visit.programme_id == wanted.programme.id,
            # What was approved automatically has nobody who decided.
            or_(
                Visit.state == VisitState.REQUESTED,
                and_(Visit.state == VisitState.SCHEDULED, Visit.decided_by.is_(None)),
            ),
            Visit.origin.in_([Origin.SCHOOL, Origin.CALLER]),
        )
    )


def answer_by(office: Office, starts_at: datetime | None = None) -> datetime:
    """Return until when the office answers: some working days, but before the session begins."""
    day = clock.add_working_days(clock.today(), office["answer_working_days"])
    answer = clock.at_wib(day, clock.OFFICE_CLOSES)
    return min(answer, starts_at) if starts_at else answer


def _new_visit(
    session: Session, actor: Actor, school: School, wanted: Request, worker_id: UUID
) -> Visit:
    moment = clock.now()
    visit = Visit(
        id=new_id(),
        reference=codes.new_code(REFERENCE_LENGTH),
        programme_id=wanted.programme.id,
        school_id=school.id,
        social_worker_id=worker_id,
        state=VisitState.REQUESTED,
        topic_id=wanted.topic_id,
        own_topic=wanted.own_topic,
        grades=list(wanted.grades),
        classes=list(wanted.classes),
        expected_by_class=dict(wanted.expected_by_class),
        expected_heads=wanted.expected_heads,
        spoken=wanted.spoken,
        room=wanted.room,
        needs=wanted.needs,
        bring=list(wanted.bring),
        ready_with=list(wanted.ready_with),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        requested_by=actor.user_id,
        requested_at=moment,
        answer_by=answer_by(settings.read(session), wanted.starts_at),
        origin=Origin.CALLER if wanted.caller else Origin.SCHOOL,
        caller=wanted.caller or None,
    )
    session.add(visit)
    session.flush()
    return visit
