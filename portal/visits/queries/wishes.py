"""The waiting list: who waits for what, in which order, and the free times that fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.settings import Office
from portal.schools.models import District, School
from portal.visits.models import Programme, Topic, Visit, Wish
from portal.visits.queries.history import never_served
from portal.visits.queries.slots import (
    Diary,
    Place,
    Slot,
    booking_window,
    crew_size,
    load_diary,
)
from portal.visits.states import ENDED_EARLY, Origin, WishState

LIST_LIMIT = 100
# What a page shows of the times that fit one wish.
MOST_SLOTS = 6
OPEN = (WishState.WAITING, WishState.OFFERED)


@dataclass(frozen=True)
class Waiting:
    """A wish with the records around it; `offer` is the session offered for it."""

    wish: Wish
    school: School
    district: District
    programme: Programme
    topic: Topic | None
    offer: Visit | None
    never_served: bool

    @property
    def minutes(self) -> int:
        """Return how long the session would be."""
        return self.programme.minutes


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the wishes an actor may see."""
    return actor.within(Permission.VISIT_READ, Wish.school_id)


def _all() -> Select[*tuple[Any, ...]]:
    offered = aliased(Visit)
    never = never_served(Wish.school_id)
    return (
        select(Wish, School, District, Programme, Topic, offered, never.label("never_served"))
        .join(School, School.id == Wish.school_id)
        .join(District, District.code == School.district_code)
        .join(Programme, Programme.id == Wish.programme_id)
        .outerjoin(Topic, Topic.id == Wish.topic_id)
        .outerjoin(offered, offered.id == Wish.visit_id)
        # Never served first, then whoever waits longest.
        .order_by(never.desc(), Wish.asked_at, Wish.id)
    )


def open_wishes(session: Session, actor: Actor) -> list[Waiting]:
    """Return the wishes that wait or have an offer, in the order in which they are served."""
    query = _all().where(visible_to(actor), Wish.state.in_(OPEN)).limit(LIST_LIMIT)
    return [Waiting(*row) for row in session.execute(query)]


def waiting(session: Session) -> list[Waiting]:
    """Return everything that waits and whose last day is not past, in order."""
    still = (Wish.state == WishState.WAITING, Wish.latest_on >= clock.today(), School.active)
    return [Waiting(*row) for row in session.execute(_all().where(*still))]


def over(session: Session) -> list[UUID]:
    """Return the wishes that wait although their last day is past."""
    past = (Wish.state == WishState.WAITING, Wish.latest_on < clock.today())
    return list(session.scalars(select(Wish.id).where(*past).order_by(Wish.asked_at, Wish.id)))


def get_wish(session: Session, actor: Actor, public_id: str) -> Wish | None:
    """Return a wish an actor may see."""
    return session.scalar(select(Wish).where(Wish.public_id == public_id, visible_to(actor)))


def fitting(
    session: Session, office: Office, wishes: Sequence[Waiting], most: int = MOST_SLOTS
) -> dict[UUID, list[Slot]]:
    """Return the free times that fit each wish; as many statements for one as for all."""
    if not wishes:
        return {}
    first = max(min(each.wish.earliest_on for each in wishes), clock.today())
    last = min(max(each.wish.latest_on for each in wishes), _last_day(office))
    if last < first:
        return {}
    diary = load_diary(session, office, first, last)
    tried = _tried(session, [each.wish for each in wishes])
    return {each.wish.id: list(_slots(diary, each, tried, most)) for each in wishes}


def _last_day(office: Office) -> date:
    return booking_window(office)[1]


def _slots(
    diary: Diary, each: Waiting, tried: dict[tuple[UUID, UUID], set[datetime]], most: int
) -> Iterator[Slot]:
    wish = each.wish
    place = Place.of(each.school, programme=each.programme)
    crew = crew_size(each.programme, wish.expected_heads)
    before = tried[wish.school_id, wish.programme_id]
    found = 0
    for slot in diary.slots(place, each.minutes, wish.earliest_on, wish.latest_on, crew=crew):
        if found == most:
            return
        if suits(wish, slot) and slot.starts_at not in before:
            found += 1
            yield slot


def suits(wish: Wish, slot: Slot) -> bool:
    """Say whether a free time is one a school wished for."""
    local = slot.starts_at.astimezone(clock.WIB)
    return (
        wish.earliest_on <= local.date() <= wish.latest_on
        and (not wish.weekdays or local.weekday() in wish.weekdays)
        and (not wish.starts or f"{local:%H:%M}" in wish.starts)
    )


def _tried(session: Session, wishes: Sequence[Wish]) -> dict[tuple[UUID, UUID], set[datetime]]:
    """Return the times offered for wishes before, and not taken: nobody is asked twice."""
    rows = session.execute(
        select(Visit.school_id, Visit.programme_id, Visit.starts_at).where(
            Visit.school_id.in_({wish.school_id for wish in wishes}),
            Visit.origin == Origin.WISH,
            Visit.state.in_(sorted(ENDED_EARLY)),
            Visit.starts_at > clock.now(),
        )
    )
    tried: dict[tuple[UUID, UUID], set[datetime]] = defaultdict(set)
    for school_id, programme_id, starts_at in rows:
        tried[school_id, programme_id].add(starts_at)
    return tried
