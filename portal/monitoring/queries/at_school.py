"""The children of a school whose forms somebody there fills in: whether, never what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.monitoring.models import FollowUp, MonitoringForm, ReturnPlan, Watcher
from portal.monitoring.policy import access
from portal.monitoring.queries import plans, staff
from portal.monitoring.queries.plans import Read
from portal.monitoring.states import UNSENT, FollowUpState, FormState, PlanState, ReaderPart
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force
from portal.people.queries.confidential import all_kept_away
from portal.schools.models import School


@dataclass(frozen=True)
class Pupil:
    """A child back at school: who is asked, what is done, what comes next.

    `teachers` are those whom the school may name; the plan is the one its readers have now.
    """

    follow_up: FollowUp
    school: School
    asked: list[tuple[Watcher, User]]
    forms: list[MonitoringForm]
    plan: ReturnPlan | None
    readers: list[Read]
    teachers: list[User]

    @property
    def late(self) -> MonitoringForm | None:
        """Return the first form that is overdue and can still be sent."""
        if self.follow_up.state == FollowUpState.PAUSED:
            return None
        today = clock.today()
        unsent = (each for each in self.forms if each.state in UNSENT)
        return next((each for each in unsent if each.due_on < today <= each.closes_on), None)

    @property
    def next(self) -> MonitoringForm | None:
        """Return the form that is due today or later."""
        waiting = (each for each in self.forms if each.state == FormState.WAITING)
        return next((each for each in waiting if each.due_on >= clock.today()), None)

    @property
    def last(self) -> MonitoringForm | None:
        """Return the form that was sent last."""
        sent = (each for each in reversed(self.forms) if each.state == FormState.SENT)
        return next(sent, None)

    @property
    def paused(self) -> bool:
        """Say whether nothing comes due for now."""
        return self.follow_up.state == FollowUpState.PAUSED

    @property
    def substitute(self) -> User | None:
        """Return who stands in for the teacher."""
        return next((user for watcher, user in self.asked if watcher.substitute), None)

    @property
    def unread(self) -> list[Read]:
        """Return the teachers who have yet to say that they read the plan."""
        return [
            each
            for each in self.readers
            if each.reader.acknowledged_at is None and each.reader.part != ReaderPart.PRINCIPAL
        ]

    @property
    def urgency(self) -> tuple[object, ...]:
        """Return what a list is sorted by: without a teacher, late, then what is due next."""
        coming = self.late or self.next
        # Months may lie before what is paused.
        due_on = coming.due_on if coming and not self.paused else self.follow_up.began_on.max
        return bool(self.asked), self.late is None, due_on, self.follow_up.id


def pupils(session: Session, actor: Actor) -> list[Pupil]:
    """Return the children of the actor's schools with monitoring; what needs somebody first."""
    going_on = or_(FollowUp.state != FollowUpState.ENDED, access.asked_later())
    return _pupils(session, access.counted_by(actor), going_on)


def get_pupil(session: Session, actor: Actor, public_id: str) -> Pupil | None:
    """Return a child whose teacher the actor may name."""
    own = access.staffed_by(actor)
    return next(iter(_pupils(session, own, FollowUp.public_id == public_id)), None)


def _pupils(session: Session, *conditions: ColumnElement[bool]) -> list[Pupil]:
    rows = session.execute(
        select(FollowUp, School).join(School, School.id == FollowUp.school_id).where(*conditions)
    ).all()
    if not rows:
        return []
    ids = [follow_up.id for follow_up, _school in rows]
    asked, forms = _asked(session, ids), _forms(session, ids)
    shared = _plans(session, [follow_up for follow_up, _school in rows])
    read = plans.readers_of(session, [plan.id for plan in shared.values()])
    teachers = _teachers(session, {school.id for _follow_up, school in rows})
    kept = all_kept_away(session)
    found = []
    for follow_up, school in rows:
        plan = shared.get((follow_up.case_id, school.id))
        fit = [
            each for each in teachers.get(school.id, []) if (follow_up.case_id, each.id) not in kept
        ]
        found.append(
            Pupil(
                follow_up,
                school,
                asked.get(follow_up.id, []),
                forms.get(follow_up.id, []),
                plan,
                read.get(plan.id, []) if plan else [],
                fit,
            )
        )
    return sorted(found, key=lambda each: each.urgency)


def _asked(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[tuple[Watcher, User]]]:
    """Return who is asked for the forms now, a substitute before the regular teacher."""
    rows = session.execute(
        select(Watcher, User)
        .join(User, User.id == Watcher.user_id)
        .where(Watcher.follow_up_id.in_(ids), Watcher.ended_at.is_(None))
        .order_by(Watcher.substitute.desc(), Watcher.since)
    )
    found: dict[UUID, list[tuple[Watcher, User]]] = {}
    for watcher, user in rows:
        found.setdefault(watcher.follow_up_id, []).append((watcher, user))
    return found


def _forms(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[MonitoringForm]]:
    rows = session.scalars(
        select(MonitoringForm)
        .where(MonitoringForm.follow_up_id.in_(ids))
        .order_by(MonitoringForm.follow_up_id, MonitoringForm.number)
    )
    return {key: list(each) for key, each in groupby(rows, lambda form: form.follow_up_id)}


def _plans(session: Session, follow_ups: Iterable[FollowUp]) -> dict[tuple[UUID, UUID], ReturnPlan]:
    """Return the shared plans by case and school."""
    cases = [each.case_id for each in follow_ups]
    rows = session.scalars(
        select(ReturnPlan).where(
            ReturnPlan.case_id.in_(cases), ReturnPlan.state == PlanState.SHARED
        )
    )
    return {(each.case_id, each.school_id): each for each in rows}


def _teachers(session: Session, school_ids: Iterable[UUID]) -> dict[UUID, list[User]]:
    """Return who can be asked for forms, by school and name."""
    rows = session.execute(
        select(Membership.school_id, User)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.school_id.in_(list(school_ids)),
            Membership.role.in_(sorted(staff.WATCHING_ROLES)),
            in_force(clock.today()),
        )
        .order_by(User.full_name, User.id)
    )
    found: dict[UUID, dict[UUID, User]] = {}
    for school_id, user in rows:
        if school_id is not None:
            found.setdefault(school_id, {})[user.id] = user
    return {school_id: list(each.values()) for school_id, each in found.items()}
