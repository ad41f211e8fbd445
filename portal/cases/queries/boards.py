"""The boards: which cases an actor may know of, in the order in which they need somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseTask, Child
from portal.cases.queries import searching
from portal.cases.queries.caseload import (
    ENDED,
    IS_OPEN,
    is_late,
    is_silent,
    is_waiting,
    managed_by,
    under,
)
from portal.cases.queries.tasks import CODES
from portal.cases.states import CaseState, Stage
from portal.core import clock
from portal.core.access import Actor
from portal.core.crypto import place_of
from portal.core.prepared import prepared
from portal.incidents.states import Urgency
from portal.people.models import User
from portal.schools.models import School

PAGE_SIZE = 25
# A child in danger comes before every clock.
DANGER = case({Urgency.SAME_HOUR.value: 0, Urgency.SAME_DAY.value: 1}, value=Case.urgency, else_=2)


@dataclass(frozen=True)
class Filter:
    """What a board shows; with a text, whatever fits it, of all tabs."""

    tab: str
    stage: Stage | None = None
    # The public id of a manager.
    manager: str = ""
    text: str = ""


@dataclass(frozen=True)
class NextTask:
    """What is to be done first in a case; the words only for whoever works on it."""

    due_on: date
    words: str


@dataclass(frozen=True)
class Line:
    """What somebody may know of a case in a list.

    Child, words of the task and mark (`abh`) are for whoever works on it (`mine`), the school for
    whoever may read its work.
    """

    public_id: str
    number: str
    state: CaseState
    urgency: Urgency
    stage: Stage
    stage_due_on: date | None
    closed_on: date | None
    last_entry_at: datetime
    overdue: bool
    silent: bool
    mine: bool
    child: str
    abh: bool
    school: str
    manager: str
    next_task: NextTask | None

    @property
    def silent_days(self) -> int:
        """Return how many days ago somebody wrote last."""
        return (clock.today() - clock.day_of(self.last_entry_at)).days


@dataclass(frozen=True)
class Page:
    """A stretch of a board, and the public id after which it goes on."""

    lines: list[Line]
    after: str | None


def _order(chosen: Filter) -> tuple[list[Any], bool]:
    """Return what a board is sorted by, and whether the other way round."""
    if chosen.tab == ENDED and not chosen.text:
        return [Case.closed_on, Case.id], True
    ended = case((IS_OPEN, 0), else_=1)
    return [ended, DANGER, func.coalesce(Case.due_on, date.max), Case.id], False


def _lines(actor: Actor, silent_days: int, ids: Subquery) -> Select[*tuple[Any, ...]]:
    mine = policy.worked_on_by(actor)
    return (
        select(
            Case.id,
            Case.public_id,
            Case.number,
            Case.state,
            Case.urgency,
            Case.stage,
            Case.stage_due_on,
            Case.closed_on,
            Case.last_entry_at,
            is_late().label("overdue"),
            is_silent(silent_days).label("silent"),
            # What is encrypted stays in the database but for those who work on the case.
            case((mine, Case.abh)).label("abh"),
            Child.id.label("child_id"),
            Child.full_name.label("child_name"),
            case((policy.open_to(actor), School.name), else_="").label("school_name"),
            User.full_name.label("manager_name"),
        )
        .select_from(ids)
        .join(Case, Case.id == ids.c.id)
        .outerjoin(Child, and_(Child.id == Case.child_id, mine))
        .outerjoin(School, School.id == Case.school_id)
        .outerjoin(User, User.id == Case.manager_id)
    )


def list_cases(
    session: Session, actor: Actor, chosen: Filter, silent_days: int, after: str | None = None
) -> Page:
    """Return a page of a board: children in danger, then what is late, then what is due next.

    Ended ones come the last closed first. The page begins behind the case with the public id
    `after`; with one the actor may not know of, at the start.
    """
    if after or chosen.text or chosen.manager:
        found = _found(actor, chosen, silent_days, *_narrower(session, actor, chosen, after))
        rows = _rows_of(session, actor, silent_days, session.scalars(found).all())
    else:
        rows = session.execute(*_first_page(actor, chosen, silent_days)).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    tasks = _next_tasks(session, rows)
    return Page(
        [_line(row, tasks.get(row.id)) for row in rows], rows[-1].public_id if more else None
    )


def _rows_of(
    session: Session, actor: Actor, silent_days: int, ids: Sequence[UUID]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what stands in the rows of these cases, in their order."""
    rows = {row.id: row for row in session.execute(*_some(actor, silent_days, ids=ids))}
    return [rows[each] for each in ids if each in rows]


@prepared
def _some(actor: Actor, silent_days: int, *, ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return _lines(actor, silent_days, select(Case.id).where(Case.id.in_(ids)).subquery())


# Most boards are opened at their start; what narrows them further is put together each time.
@prepared
def _first_page(actor: Actor, chosen: Filter, silent_days: int) -> Select[*tuple[Any, ...]]:
    found = _found(actor, chosen, silent_days).subquery()
    return _lines(actor, silent_days, found).order_by(*_sorted(chosen))


def _found(
    actor: Actor, chosen: Filter, silent_days: int, *narrower: ColumnElement[bool]
) -> Select[UUID]:
    """Select which ones come first, from the cases alone; rows are read for those of a page."""
    conditions = [policy.listed_to(actor), *narrower]
    if not chosen.text:
        conditions.append(under(actor, chosen.tab, silent_days))
        if chosen.stage is not None:
            conditions.append(Case.stage == chosen.stage)
    return select(Case.id).where(*conditions).order_by(*_sorted(chosen)).limit(PAGE_SIZE + 1)


def _sorted(chosen: Filter) -> list[Any]:
    columns, backwards = _order(chosen)
    return [column.desc() for column in columns] if backwards else columns


def _narrower(
    session: Session, actor: Actor, chosen: Filter, after: str | None
) -> list[ColumnElement[bool]]:
    """Return the conditions for what somebody looks for, and for what comes after a case."""
    conditions: list[ColumnElement[bool]] = []
    if chosen.text:
        conditions.append(searching.found_by(session, actor, chosen.text))
    elif chosen.manager:
        conditions.append(managed_by(chosen.manager))
    columns, backwards = _order(chosen)
    key = _key_of(session, actor, columns, after) if after else None
    if key is not None:
        here = row_of(*columns)
        there = row_of(*map(literal, key, (column.type for column in columns)))
        conditions.append(here < there if backwards else here > there)
    return conditions


def _key_of(
    session: Session, actor: Actor, columns: list[Any], public_id: str
) -> Row[*tuple[Any, ...]] | None:
    found = select(*columns).where(Case.public_id == public_id, policy.listed_to(actor))
    return session.execute(found).one_or_none()


def _next_tasks(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[UUID, NextTask]:
    """Return the first open task of each listed case."""
    own = {row.id for row in rows if row.child_id is not None}
    waiting = _waiting_in(case_ids=[row.id for row in rows])
    found: dict[UUID, NextTask] = {}
    for task in session.execute(*waiting) if rows else ():
        if task.case_id not in found:
            place = place_of(CaseTask.__tablename__, "text", task.id)
            text = task.text.open(place) if task.case_id in own else ""
            found[task.case_id] = NextTask(task.due_on, text or str(CODES.get(task.code, "")))
    return found


@prepared
def _waiting_in(*, case_ids: list[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(CaseTask.id, CaseTask.case_id, CaseTask.due_on, CaseTask.code, CaseTask.text)
        .where(CaseTask.case_id.in_(case_ids), is_waiting())
        .order_by(CaseTask.due_on, CaseTask.id)
    )


def _line(row: Row[*tuple[Any, ...]], next_task: NextTask | None) -> Line:
    mine = row.child_id is not None
    abh = mine and row.abh.open(place_of(Case.__tablename__, "abh", row.id))
    name = (
        row.child_name.open(place_of(Child.__tablename__, "full_name", row.child_id))
        if mine
        else ""
    )
    return Line(
        public_id=row.public_id,
        number=row.number,
        state=CaseState(row.state),
        urgency=Urgency(row.urgency),
        stage=Stage(row.stage),
        stage_due_on=row.stage_due_on,
        closed_on=row.closed_on,
        last_entry_at=row.last_entry_at,
        overdue=bool(row.overdue),
        silent=bool(row.silent),
        mine=mine,
        child=name,
        abh=bool(abh),
        school=row.school_name or "",
        manager=row.manager_name or "",
        next_task=next_task,
    )
