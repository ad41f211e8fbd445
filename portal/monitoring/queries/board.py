"""The office's list of children back at school: by case number; whom it is about only for whoever
works on the case, and never what forms say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session

from portal.cases import policy as cases
from portal.cases.models import Case
from portal.core import clock
from portal.core.access import Actor
from portal.core.crypto import place_of
from portal.monitoring.models import Alert, FollowUp, MonitoringForm
from portal.monitoring.policy import access
from portal.monitoring.queries.inbox import unanswered
from portal.monitoring.states import (
    UNSENT,
    AlertKind,
    AlertState,
    FollowUpState,
    FormKind,
    FormState,
)
from portal.people.models import User
from portal.schools.models import School

PAGE_SIZE = 25
ALL, ALERTS, LATE, SILENT, UNANSWERED = TABS = (
    "semua",
    "peringatan",
    "terlambat",
    "senyap",
    "belum-dijawab",
)
OWN_FORM = MonitoringForm.follow_up_id == FollowUp.id


def _alerts(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Alert.follow_up_id == FollowUp.id, *conditions)


def _late() -> ColumnElement[bool]:
    """Return the condition for follow-ups with a form that is overdue and can still be sent."""
    today = clock.today()
    comes_due = or_(
        FollowUp.state == FollowUpState.ACTIVE, MonitoringForm.kind == FormKind.SENTINEL
    )
    return exists().where(
        OWN_FORM,
        MonitoringForm.state.in_(sorted(UNSENT)),
        MonitoringForm.due_on < today,
        MonitoringForm.closes_on >= today,
        comes_due,
    )


def _under(tab: str) -> ColumnElement[bool]:
    """Return the condition for the follow-ups under a tab."""
    silent = (Alert.state != AlertState.CLOSED, Alert.kind == AlertKind.SILENT)
    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        ALL: true,
        ALERTS: lambda: _alerts(Alert.state == AlertState.OPEN),
        LATE: _late,
        SILENT: lambda: _alerts(*silent),
        UNANSWERED: lambda: exists().where(OWN_FORM, unanswered()),
    }
    return conditions[tab]()


def _listed(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the follow-ups in which a form comes due, or something waits.

    What came in last may wait although the monitoring is over.
    """
    going_on = or_(
        FollowUp.state != FollowUpState.ENDED,
        access.asked_later(),
        _under(ALERTS),
        _under(UNANSWERED),
    )
    return and_(cases.listed_to(actor), going_on)


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many children stand under each tab."""
    columns = [func.coalesce(func.sum(case((_under(tab), 1), else_=0)), 0) for tab in TABS]
    found = select(*columns).select_from(FollowUp).join(Case, Case.id == FollowUp.case_id)
    row = session.execute(found.where(_listed(actor))).one()
    return dict(zip(TABS, row, strict=True))


def to_answer(session: Session, actor: Actor) -> int:
    """Return how many forms wait for an answer of this actor."""
    found = (
        select(func.count())
        .select_from(MonitoringForm)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .where(unanswered(), access.in_worked_case(actor, FollowUp.case_id))
    )
    return session.scalar(found) or 0


@dataclass(frozen=True)
class Line:
    """What somebody at the office may know of a child back at school.

    Initials and class are for whoever works on the case, the school for whoever may read its work.
    """

    public_id: str
    number: str
    follow_up: str
    state: FollowUpState
    mine: bool
    initials: str
    class_name: str
    school: str
    manager: str
    next_due: date | None
    late_since: date | None
    alerts: int
    unanswered: int
    silent: bool


@dataclass(frozen=True)
class Page:
    """A stretch of the list, and the public id after which it goes on."""

    lines: list[Line]
    after: str | None


def lines(session: Session, actor: Actor, tab: str, after: str | None = None) -> Page:
    """Return a page of the list: alerts nobody took on, late forms, then what is due next.

    It begins behind the follow-up with the public id `after`; with an unknown one, at the start.
    """
    order: list[Any] = [
        case((_under(ALERTS), 0), else_=1),
        case((_under(LATE), 0), else_=1),
        func.coalesce(_next_due(), date.max),
        FollowUp.id,
    ]
    found = (
        select(FollowUp.id)
        .join(Case, Case.id == FollowUp.case_id)
        .where(_listed(actor), _under(tab))
    )
    key = _key_of(session, actor, order, after) if after else None
    if key is not None:
        found = found.where(
            row_of(*order) > row_of(*map(literal, key, (each.type for each in order)))
        )
    ids = found.order_by(*order).limit(PAGE_SIZE + 1).subquery()
    rows = session.execute(
        select(*_columns(actor))
        .select_from(ids)
        .join(FollowUp, FollowUp.id == ids.c.id)
        .join(Case, Case.id == FollowUp.case_id)
        .join(School, School.id == FollowUp.school_id)
        .outerjoin(User, User.id == Case.manager_id)
        .order_by(*order)
    ).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page([_line(row) for row in rows], rows[-1].follow_up_public if more else None)


def _key_of(
    session: Session, actor: Actor, order: list[Any], public_id: str
) -> Row[*tuple[Any, ...]] | None:
    found = select(*order).select_from(FollowUp).join(Case, Case.id == FollowUp.case_id)
    return session.execute(
        found.where(FollowUp.public_id == public_id, cases.listed_to(actor))
    ).one_or_none()


def _next_due() -> Any:
    """Return the day the next form of a follow-up is due."""
    return (
        select(func.min(MonitoringForm.due_on))
        .where(
            OWN_FORM,
            MonitoringForm.state == FormState.WAITING,
            MonitoringForm.due_on >= clock.today(),
        )
        .correlate(FollowUp)
        .scalar_subquery()
    )


def _columns(actor: Actor) -> list[Any]:
    mine = cases.worked_on_by(actor)
    today = clock.today()
    late_since = select(func.min(MonitoringForm.due_on)).where(
        OWN_FORM,
        MonitoringForm.state.in_(sorted(UNSENT)),
        MonitoringForm.due_on < today,
        MonitoringForm.closes_on >= today,
    )
    alerts = select(func.count()).where(
        Alert.follow_up_id == FollowUp.id, Alert.state == AlertState.OPEN
    )
    waiting = select(func.count()).where(OWN_FORM, unanswered())
    return [
        Case.public_id,
        Case.number,
        FollowUp.id.label("follow_up_id"),
        FollowUp.public_id.label("follow_up_public"),
        FollowUp.state,
        mine.label("mine"),
        # What is encrypted stays in the database but for those who work on the case.
        case((mine, FollowUp.initials)).label("initials"),
        case((mine, FollowUp.class_name)).label("class_name"),
        case((cases.open_to(actor), School.name), else_="").label("school_name"),
        User.full_name.label("manager_name"),
        _next_due().label("next_due"),
        case((_under(LATE), late_since.correlate(FollowUp).scalar_subquery())).label("late_since"),
        alerts.correlate(FollowUp).scalar_subquery().label("alerts"),
        waiting.correlate(FollowUp).scalar_subquery().label("unanswered"),
        _under(SILENT).label("silent"),
    ]


def _line(row: Row[*tuple[Any, ...]]) -> Line:
    def opened(name: str) -> str:
        sealed = getattr(row, name)
        place = place_of(FollowUp.__tablename__, name, row.follow_up_id)
        return sealed.open(place) if sealed is not None else ""

    return Line(
        public_id=row.public_id,
        number=row.number,
        follow_up=row.follow_up_public,
        state=FollowUpState(row.state),
        mine=bool(row.mine),
        initials=opened("initials"),
        class_name=opened("class_name"),
        school=row.school_name or "",
        manager=row.manager_name or "",
        next_due=row.next_due,
        late_since=row.late_since,
        alerts=row.alerts,
        unanswered=row.unanswered,
        silent=bool(row.silent),
    )
