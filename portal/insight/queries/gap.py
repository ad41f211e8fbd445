"""What passed between schools and the office: plans, forms, answers, red flags, silence.

It leaves out what its reader must not know of (conflict lists).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, load_only

from portal.cases.models import Case
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.clock import Week
from portal.insight.queries.periods import Period, Span, back_from
from portal.monitoring.models import Alert, FollowUp, MonitoringForm, PlanReader, ReturnPlan
from portal.monitoring.states import AlertKind, AlertState, FormState
from portal.people.policy import conflicts_of
from portal.schools.models import School

# From one moment until before another.
Bounds = tuple[datetime, datetime]

MOST_PERIODS: Mapping[Span, int] = {Span.SEMESTER: 6, Span.YEAR: 4, Span.MONTH: 12}


@dataclass(frozen=True)
class Whose:
    """The school a figure belongs to, and who manages the case; None where nobody does now."""

    school_id: UUID
    manager_id: UUID | None


@dataclass(frozen=True)
class Asked:
    """One reader of a shared plan; `ended_on` once they need not read it any more."""

    due_on: date
    acknowledged_on: date | None
    ended_on: date | None


@dataclass(frozen=True)
class SharedPlan:
    """A plan on the day it was shared, and everybody who was asked to read it."""

    whose: Whose
    shared_on: date
    readers: Sequence[Asked]


@dataclass(frozen=True)
class DueForm:
    """A form that came due, when it was sent, and by when and when it was answered."""

    whose: Whose
    due_on: date
    sent_on: date | None
    answer_by: date | None
    answered_on: date | None


@dataclass(frozen=True)
class Raised:
    """A red flag or a silent case, and when somebody first responded."""

    whose: Whose
    kind: AlertKind
    raised_at: datetime
    responded_at: datetime | None
    closed: bool


@dataclass(frozen=True)
class Facts:
    """All that the figures are reckoned from, as known at a moment."""

    plans: Sequence[SharedPlan]
    forms: Sequence[DueForm]
    raised: Sequence[Raised]
    moment: datetime


def periods(session: Session, today: date) -> dict[Span, list[Period]]:
    """Return the periods that can be chosen, from the first shared plan on, the newest first."""
    shared = session.scalar(select(func.min(ReturnPlan.shared_at)))
    first = min(_day(shared) or today, today)
    return {span: list(back_from(today, first, span, most)) for span, most in MOST_PERIODS.items()}


def facts(session: Session, actor: Actor, period: Period) -> Facts:
    """Return what the figures of a period and the one before it are reckoned from."""
    known = Case.id.not_in(conflicts_of(actor))
    office = settings.read(session)
    since, until = period.before.bounds[0], period.bounds[1]
    return Facts(
        _plans(session, known, (since, until), office["plan_ack_days"]),
        _forms(session, known, (since, until), office["form_reply_working_days"]),
        _raised(session, known, (since, until)),
        clock.now(),
    )


@lru_cache(maxsize=4096)
def _after(week: Week, day: date, count: int) -> date:
    return week.add_days(day, count)


def _day(moment: datetime | None) -> date | None:
    return clock.day_of(moment) if moment else None


def _plans(
    session: Session, known: ColumnElement[bool], bounds: Bounds, days: int
) -> list[SharedPlan]:
    """Return the plans shared in some time; they are to be read within so many school days."""
    since, until = bounds
    rows = session.execute(
        select(ReturnPlan, PlanReader, Case.manager_id, School)
        .join(Case, Case.id == ReturnPlan.case_id)
        .join(PlanReader, PlanReader.plan_id == ReturnPlan.id)
        .join(School, School.id == ReturnPlan.school_id)
        .where(known, ReturnPlan.shared_at >= since, ReturnPlan.shared_at < until)
        .options(
            load_only(ReturnPlan.school_id, ReturnPlan.shared_at, ReturnPlan.ended_at),
            load_only(PlanReader.asked_at, PlanReader.acknowledged_at, PlanReader.ended_at),
            load_only(School.week_days),
        )
    )
    shared: dict[UUID, tuple[Whose, date]] = {}
    readers: dict[UUID, list[Asked]] = defaultdict(list)
    for plan, reader, manager_id, school in rows:
        if plan.shared_at:
            shared[plan.id] = Whose(plan.school_id, manager_id), clock.day_of(plan.shared_at)
        due_on = _after(school.week, clock.day_of(reader.asked_at), days)
        ended_on = _day(reader.ended_at or plan.ended_at)
        readers[plan.id].append(Asked(due_on, _day(reader.acknowledged_at), ended_on))
    return [SharedPlan(*shared[each], readers[each]) for each in shared]


def _forms(
    session: Session, known: ColumnElement[bool], bounds: Bounds, days: int
) -> list[DueForm]:
    """Return the forms due or sent in some time; each is answered within so many working days."""
    since, until = bounds
    came = or_(
        and_(
            MonitoringForm.due_on >= clock.day_of(since),
            MonitoringForm.due_on < clock.day_of(until),
        ),
        and_(MonitoringForm.sent_at >= since, MonitoringForm.sent_at < until),
    )
    rows = session.execute(
        select(
            FollowUp.school_id,
            Case.manager_id,
            MonitoringForm.due_on,
            MonitoringForm.sent_at,
            MonitoringForm.answered_at,
        )
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .join(Case, Case.id == FollowUp.case_id)
        .where(known, MonitoringForm.state != FormState.CANCELLED, came)
    )
    found = []
    for school_id, manager_id, due_on, sent_at, answered_at in rows:
        sent_on = _day(sent_at)
        answer_by = _after(Week.OFFICE, sent_on, days) if sent_on else None
        whose = Whose(school_id, manager_id)
        found.append(DueForm(whose, due_on, sent_on, answer_by, _day(answered_at)))
    return found


def _raised(session: Session, known: ColumnElement[bool], bounds: Bounds) -> list[Raised]:
    since, until = bounds
    rows = session.execute(
        select(
            FollowUp.school_id,
            Case.manager_id,
            Alert.kind,
            Alert.state,
            Alert.raised_at,
            Alert.taken_at,
            Alert.closed_at,
            MonitoringForm.answered_at,
        )
        .join(FollowUp, FollowUp.id == Alert.follow_up_id)
        .join(Case, Case.id == FollowUp.case_id)
        .outerjoin(MonitoringForm, MonitoringForm.id == Alert.form_id)
        .where(
            known,
            Alert.kind.in_((AlertKind.RED_FLAG, AlertKind.SILENT)),
            Alert.raised_at >= since,
            Alert.raised_at < until,
        )
    )
    return [
        Raised(
            Whose(row.school_id, row.manager_id),
            AlertKind(row.kind),
            row.raised_at,
            _first_after(row.raised_at, (row.taken_at, row.closed_at, row.answered_at)),
            closed=row.state == AlertState.CLOSED,
        )
        for row in rows
    ]


def _first_after(moment: datetime, others: Sequence[datetime | None]) -> datetime | None:
    """Return the first of some moments; a form answered before it was corrected answers nothing."""
    return min((each for each in others if each and each >= moment), default=None)
