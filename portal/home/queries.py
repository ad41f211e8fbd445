"""What each person's first page shows besides what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission, Role
from portal.core.clock import SchoolYear
from portal.core.duties import Duty
from portal.core.settings import Office
from portal.people.models import User
from portal.people.queries import accounts as people
from portal.schools import queries as schools
from portal.schools.models import Mou, School
from portal.visits.queries import slots, visits
from portal.visits.queries.share import Share, share_of
from portal.visits.queries.slots import Slot
from portal.visits.states import VisitState


@dataclass(frozen=True)
class Promise:
    """The sessions a school's MoU promises this school year, and how far they are."""

    mou: Mou
    delivered: int
    planned: int


@dataclass(frozen=True)
class SchoolDesk:
    """A school's side of the first page."""

    school: School
    next_visit: Row[Any] | None
    slot: Slot | None
    # Where the school has its share and leaves the free times to others.
    share: Share | None
    promise: Promise | None
    accounts: int | None


def school_desk(session: Session, office: Office, actor: Actor) -> SchoolDesk | None:
    """Return the desk of the first school this actor belongs to."""
    own = actor.schools_with(Permission.SCHOOL_READ)
    if not own:
        return None
    school = session.get_one(School, own[0])
    may_request = actor.may(Permission.VISIT_REQUEST, school.id)
    slot, share = _nearest(session, office, school) if may_request else (None, None)
    return SchoolDesk(
        school=school,
        next_visit=visits.next_visit(session, actor),
        slot=slot,
        share=share,
        promise=_promise(session, school) if actor.may(Permission.MOU_READ, school.id) else None,
        accounts=people.count_at(session, school.id)
        if actor.may(Permission.INVITE_SCHOOL_STAFF, school.id)
        else None,
    )


def own_next_visit(session: Session, actor: Actor) -> Row[Any] | None:
    """Return the next settled session of a social worker."""
    if not actor.may(Permission.VISIT_DELIVER, assigned=True) or actor.may(
        Permission.VISIT_APPROVE
    ):
        return None
    return visits.next_visit(session, actor, mine=True)


def _nearest(session: Session, office: Office, school: School) -> tuple[Slot | None, Share | None]:
    """Return the nearest free time, or the share that leaves it to others."""
    programmes = visits.list_programmes(session)
    if not programmes or not school.active:
        return None, None
    slot = slots.nearest_free(session, office, school, programmes[0])
    if slot is None:
        return None, None
    share = share_of(session, office, school.id, programmes[0], slot.starts_at)
    return (None, share) if share.used_up else (slot, None)


def _promise(session: Session, school: School) -> Promise | None:
    today = clock.today()
    mou = schools.current_mou(session, school.id, today)
    if mou is None:
        return None
    counts = visits.sessions_this_year(session, school.id, SchoolYear.of(today))
    return Promise(
        mou=mou,
        delivered=counts.get(VisitState.DELIVERED, 0),
        planned=counts.get(VisitState.SCHEDULED, 0),
    )


@dataclass(frozen=True)
class Setup:
    """What a new portal still needs before schools can book."""

    schools: int
    workers: int
    workers_with_hours: int
    coordinators: int
    principals: int
    phone_known: bool

    @property
    def complete(self) -> bool:
        """Say whether a school could book and be answered."""
        return bool(
            self.schools
            and self.workers
            and self.workers == self.workers_with_hours
            and self.coordinators
            and self.principals
            and self.phone_known
        )


def setup(session: Session, office: Office) -> Setup:
    """Return how far the portal is set up."""
    workers = slots.load_workers(session, clock.today())
    return Setup(
        schools=session.scalar(select(func.count()).select_from(School)) or 0,
        workers=len(workers),
        workers_with_hours=sum(bool(worker.hours) for worker in workers),
        coordinators=len(people.people_with_role(session, Role.COORDINATOR)),
        principals=len(people.people_with_role(session, Role.PRINCIPAL)),
        phone_known=bool(office["office_phone"]),
    )


def takers(session: Session, alarms: Sequence[Duty]) -> dict[UUID, str]:
    """Return by the id of an alarm the name of whoever takes care of it."""
    taken = {each.id: each.acknowledged_by for each in alarms if each.acknowledged_by}
    if not taken:
        return {}
    named = select(User.id, User.full_name).where(User.id.in_(set(taken.values())))
    names = {row.id: row.full_name for row in session.execute(named)}
    return {duty_id: names[person_id] for duty_id, person_id in taken.items() if person_id in names}
