"""What waits for somebody who fills in forms: forms, answers of the office, plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor
from portal.monitoring.models import (
    FollowUp,
    MonitoringForm,
    PlanReader,
    Reply,
    ReturnPlan,
    Watcher,
)
from portal.monitoring.policy import access
from portal.monitoring.states import UNSENT, FollowUpState, FormKind, FormState
from portal.people.models import User
from portal.schools.models import School

# So many forms sent by oneself are listed, those with an unseen answer first.
MOST_SENT = 6


@dataclass(frozen=True)
class Task:
    """A form somebody is asked for; with a `substitute` a colleague is asked in their place."""

    form: MonitoringForm
    follow_up: FollowUp
    school: School
    substitute: User | None

    @property
    def paused(self) -> bool:
        """Say whether nothing comes due for now."""
        sentinel = self.form.kind == FormKind.SENTINEL
        return self.follow_up.state == FollowUpState.PAUSED and not sentinel

    @property
    def open(self) -> bool:
        """Say whether it can be filled in today."""
        return self.form.opens_on <= clock.today() and not self.paused

    @property
    def late(self) -> bool:
        """Say whether the day it was due is over."""
        return self.form.due_on < clock.today()


def tasks(session: Session, actor: Actor) -> list[Task]:
    """Return the forms an actor can send now or later: late ones, then those due next.

    What a colleague is asked for in their place comes last.
    """
    stands_in, colleague = aliased(Watcher), aliased(User)
    in_their_place = and_(
        stands_in.follow_up_id == FollowUp.id,
        stands_in.ended_at.is_(None),
        stands_in.substitute,
        stands_in.user_id != actor.user_id,
    )
    goes_on = or_(FollowUp.state != FollowUpState.ENDED, MonitoringForm.kind == FormKind.SENTINEL)
    rows = session.execute(
        select(MonitoringForm, FollowUp, School, colleague)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .join(School, School.id == FollowUp.school_id)
        .outerjoin(stands_in, in_their_place)
        .outerjoin(colleague, colleague.id == stands_in.user_id)
        .where(
            access.filled_by(actor),
            MonitoringForm.state.in_(sorted(UNSENT)),
            MonitoringForm.closes_on >= clock.today(),
            goes_on,
        )
        .order_by(colleague.id.is_not(None), MonitoringForm.due_on, MonitoringForm.id)
    )
    return [Task(*row) for row in rows]


@dataclass(frozen=True)
class Sent:
    """A form somebody sent, with what the office answered, the newest answer last."""

    form: MonitoringForm
    follow_up: FollowUp
    replies: list[Reply]

    @property
    def unseen(self) -> bool:
        """Say whether they have yet to read an answer."""
        return any(each.seen_at is None for each in self.replies)


def sent_by(session: Session, actor: Actor) -> list[Sent]:
    """Return the last forms an actor sent; those with an answer they have yet to read first."""
    unseen = exists().where(Reply.form_id == MonitoringForm.id, Reply.seen_at.is_(None))
    rows = session.execute(
        select(MonitoringForm, FollowUp)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .where(
            access.filled_by(actor),
            MonitoringForm.state == FormState.SENT,
            MonitoringForm.sent_by == actor.user_id,
        )
        .order_by(unseen.desc(), MonitoringForm.sent_at.desc(), MonitoringForm.id)
        .limit(MOST_SENT)
    ).all()
    replies = _replies(session, [form.id for form, _follow_up in rows])
    return [Sent(form, follow_up, replies.get(form.id, [])) for form, follow_up in rows]


def _replies(session: Session, form_ids: Sequence[UUID]) -> dict[UUID, list[Reply]]:
    found: dict[UUID, list[Reply]] = {}
    asked = select(Reply).where(Reply.form_id.in_(form_ids)).order_by(Reply.written_at)
    for reply in session.scalars(asked):
        found.setdefault(reply.form_id, []).append(reply)
    return found


@dataclass(frozen=True)
class ToRead:
    """A plan that somebody at a school may read.

    `reader` says whether they were asked to, and have said that they read it; without a
    `follow_up` nobody outside the plan says whom it is about.
    """

    plan: ReturnPlan
    school: School
    reader: PlanReader | None
    follow_up: FollowUp | None

    @property
    def waits(self) -> bool:
        """Say whether they were asked to read it and have not said so yet."""
        return self.reader is not None and self.reader.acknowledged_at is None

    def read_by(self, days: int) -> date | None:
        """Return until when they were asked to say so, so many school days after."""
        if self.reader is None:
            return None
        return self.school.week.add_days(clock.day_of(self.reader.asked_at), days)


def plans_of(session: Session, actor: Actor) -> list[ToRead]:
    """Return the plans an actor may read at a school; those that wait for them first."""
    mine = and_(
        PlanReader.plan_id == ReturnPlan.id,
        PlanReader.user_id == actor.user_id,
        PlanReader.ended_at.is_(None),
    )
    about = and_(
        FollowUp.case_id == ReturnPlan.case_id,
        FollowUp.school_id == ReturnPlan.school_id,
        FollowUp.state != FollowUpState.ENDED,
    )
    rows = session.execute(
        select(ReturnPlan, School, PlanReader, FollowUp)
        .join(School, School.id == ReturnPlan.school_id)
        .outerjoin(PlanReader, mine)
        .outerjoin(FollowUp, about)
        .where(access.plans_read_by(actor))
        .order_by(ReturnPlan.shared_at.desc(), ReturnPlan.id)
    )
    return sorted((ToRead(*row) for row in rows), key=lambda each: not each.waits)
