"""When a school becomes part of another: its sessions to come, wishes and series go on there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.schools.queries.above import Clash, Effect, Foresight
from portal.visits.actions import about
from portal.visits.actions.booking import sweep_expired_holds
from portal.visits.actions.cells import hand_over_cells, has_way, people_of
from portal.visits.events import VisitSchoolChanged
from portal.visits.models import BookingCell, Resource, Visit, VisitSeries, Wish
from portal.visits.states import TO_COME, VisitState, WishState

WAITING = (WishState.WAITING, WishState.OFFERED)


def foresee(session: Session, school: School, successor: School) -> Foresight:
    """Return what a merger does to a school's sessions, and which stand in its way."""
    coming = session.scalars(_coming(school.id)).all()
    taken = _without_room(session, school.id, successor.id)
    every = select(func.count()).where(Visit.school_id == school.id)
    wishes = select(func.count()).where(Wish.school_id == school.id, Wish.state.in_(WAITING))
    return Foresight(
        {
            Effect.SESSIONS_MOVE: len(coming),
            Effect.SESSIONS_STAY: (session.scalar(every) or 0) - len(coming),
            Effect.WISHES_MOVE: session.scalar(wishes) or 0,
        },
        clashes=tuple(
            Clash(visit.reference, visit.starts_at, f"/sesi/{visit.public_id}")
            for visit in coming
            if visit.id in taken
        ),
    )


def follow_merger(
    session: Session, actor: Actor | None, school_id: UUID, successor_id: UUID
) -> None:
    """Let what a school still expects go on at its successor.

    Raises Rejected("merge_clashes") where a time there is taken at this very moment.
    """
    successor = session.get_one(School, successor_id)
    sweep_expired_holds(session)
    series: set[UUID] = set()
    for visit in session.scalars(_coming(school_id)).all():
        visit.school_id = successor_id
        people, travel = people_of(session, visit), has_way(session, visit)
        if not hand_over_cells(session, visit, people, travel=travel):
            raise Rejected("merge_clashes", count=1)
        duties.move_school(session, visit.id, school_id, successor_id, successor.name)
        if visit.series_id is not None:
            series.add(visit.series_id)
        if visit.state == VisitState.SCHEDULED:
            told = (about.Whom(person_id=each) for each in people)
            about.open_news(session, visit, about.CHANGED, *told)
        session.flush()
        emit(session, actor, VisitSchoolChanged(visit.id, school_id, successor_id))
    session.execute(
        update(VisitSeries).where(VisitSeries.id.in_(series)).values(school_id=successor_id)
    )
    _move_wishes(session, school_id, successor)


def _coming(school_id: UUID) -> Select[Visit]:
    return (
        select(Visit)
        .where(
            Visit.school_id == school_id,
            Visit.state.in_(sorted(TO_COME)),
            Visit.starts_at > clock.now(),
        )
        .order_by(Visit.starts_at, Visit.id)
    )


def _without_room(session: Session, school_id: UUID, successor_id: UUID) -> set[UUID]:
    """Return the visits of a school whose time another school gives to something else."""
    here, there = aliased(BookingCell), aliased(BookingCell)
    rows = session.scalars(
        select(here.visit_id)
        .join(there, there.starts_at == here.starts_at)
        .where(
            here.resource == Resource.SCHOOL,
            here.resource_id == school_id,
            here.visit_id.is_not(None),
            there.resource == Resource.SCHOOL,
            there.resource_id == successor_id,
            or_(there.expires_at.is_(None), there.expires_at > clock.now()),
        )
    )
    return {visit_id for visit_id in rows if visit_id is not None}


def _move_wishes(session: Session, school_id: UUID, successor: School) -> None:
    wishes = session.scalars(
        select(Wish).where(Wish.school_id == school_id, Wish.state.in_(WAITING))
    ).all()
    for wish in wishes:
        wish.school_id = successor.id
        duties.move_school(session, wish.id, school_id, successor.id, successor.name)
