"""What is due about a visit, and the news of it: one shape for every kind, whoever it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Role
from portal.core.clock import Week
from portal.core.duties import Due
from portal.schools.models import School
from portal.visits.models import Visit, VisitChange, Wish

# Whoever of a school may answer for it.
SCHOOL_SIDE = (Role.PRINCIPAL, Role.SCHOOL_OPERATOR)
# What only wants to be read.
DECLINED, CANCELLED = "news_declined", "news_cancelled"
OFFER_OVER, LAPSED = "news_offer_over", "news_lapsed"
CHANGED, CHANGE_ANSWERED = "news_changed", "news_change_answered"
# Somebody of the office wrote down what the school asked for.
ENTERED = "news_entered"
MISSED = "news_missed"
NEWS = (DECLINED, CANCELLED, OFFER_OVER, LAPSED, CHANGED, CHANGE_ANSWERED, ENTERED, MISSED)
ANSWER_REQUEST, ANSWER_OFFER, ANSWER_CHANGE = "answer_request", "answer_offer", "answer_change"
ANSWER_WISH = "answer_wish"
CONFIRM_ROOM, RECORD_DELIVERY, FIND_WORKER = "confirm_room", "record_delivery", "find_worker"
CONFIRM_SESSION, CHECK_DELIVERY = "confirm_session", "check_delivery"


@dataclass(frozen=True)
class Whom:
    """One person, or whoever holds a role (at a school)."""

    person_id: UUID | None = None
    role: Role | None = None
    school_id: UUID | None = None


def school_side(school_id: UUID) -> tuple[Whom, ...]:
    """Return whoever answers for a school."""
    return tuple(Whom(role=role, school_id=school_id) for role in SCHOOL_SIDE)


def office_side(person_id: UUID | None = None) -> tuple[Whom, ...]:
    """Return whoever of the office it is about, or the coordinators."""
    return (Whom(person_id=person_id) if person_id else Whom(role=Role.COORDINATOR),)


def open_duty(
    session: Session,
    visit: Visit,
    school: School,
    kind: str,
    whom: Whom,
    *,
    due_at: datetime,
    visible_from: datetime | None = None,
    link: str | None = None,
) -> None:
    """Write down something that is due about a visit, by default on the visit's page."""
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=visit.id,
            person_id=whom.person_id,
            role=whom.role,
            school_id=whom.school_id,
            link=link or f"/sesi/{visit.public_id}",
            due_at=due_at,
            visible_from=visible_from,
            week=school.week if whom.school_id else Week.OFFICE,
            facts={
                "school": school.name,
                "starts_at": visit.starts_at.isoformat(),
                "ends_at": visit.ends_at.isoformat(),
            },
        ),
    )


def open_news(session: Session, visit: Visit, kind: str, *people: Whom) -> None:
    """Put news of a visit on somebody's list, until they have read it."""
    school = session.get_one(School, visit.school_id)
    for whom in people:
        open_duty(session, visit, school, kind, whom, due_at=visit.starts_at)


def tell_asker(session: Session, visit: Visit, change: VisitChange) -> None:
    """Let whoever asked for a change know that it waits no longer."""
    asker = office_side(change.asked_by) if change.by_office else school_side(visit.school_id)
    open_news(session, visit, CHANGE_ANSWERED, *asker)


def open_answer_duty(session: Session, visit: Visit, school: School) -> None:
    """Let the coordinators know that a request waits."""
    open_duty(
        session,
        visit,
        school,
        ANSWER_REQUEST,
        Whom(role=Role.COORDINATOR),
        due_at=visit.answer_by,
        link=f"/permintaan/{visit.public_id}/periksa",
    )


def open_offer_duty(session: Session, visit: Visit, school: School) -> None:
    """Let a school know that an offer waits for its answer."""
    for whom in school_side(school.id):
        open_duty(session, visit, school, ANSWER_OFFER, whom, due_at=visit.answer_by)


def open_change_duty(session: Session, visit: Visit, change: VisitChange) -> None:
    """Let the other side know that a change waits for its answer."""
    school = session.get_one(School, visit.school_id)
    for whom in school_side(school.id) if change.by_office else office_side():
        open_duty(session, visit, school, ANSWER_CHANGE, whom, due_at=change.answer_by)


def open_wish_duty(session: Session, wish: Wish) -> None:
    """Let the coordinators know that a school waits for a time."""
    day = clock.add_working_days(clock.today(), settings.read(session)["offer_working_days"])
    duties.open_duty(
        session,
        Due(
            kind=ANSWER_WISH,
            subject_id=wish.id,
            role=Role.COORDINATOR,
            link="/sesi/harapan",
            due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
            facts={"school": session.get_one(School, wish.school_id).name},
        ),
    )


def open_scheduled(session: Session, visit: Visit, school: School) -> None:
    """Open what a scheduled session asks for: the school's room, the worker's record."""
    office = settings.read(session)
    deadline = visit.starts_at - timedelta(days=office["room_deadline_days"])
    open_duty(
        session,
        visit,
        school,
        CONFIRM_ROOM,
        Whom(role=Role.PRINCIPAL, school_id=school.id),
        due_at=max(deadline, clock.now() + timedelta(days=1)),
        visible_from=visit.starts_at - timedelta(days=office["room_notice_days"]),
    )
    open_delivery_duty(session, visit, school)


def open_delivery_duty(session: Session, visit: Visit, school: School) -> None:
    """Let the worker record the session once it is over."""
    local_day = clock.day_of(visit.starts_at)
    report_day = clock.add_working_days(local_day, settings.read(session)["report_working_days"])
    open_duty(
        session,
        visit,
        school,
        RECORD_DELIVERY,
        Whom(person_id=visit.social_worker_id),
        due_at=clock.at_wib(report_day, clock.OFFICE_CLOSES),
        visible_from=visit.ends_at,
    )
