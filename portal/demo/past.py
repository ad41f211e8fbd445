"""Letting time pass in an invented case: what was done in it happened that much earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Table, Uuid, bindparam, or_, select, update
from sqlalchemy.orm import Session

from portal.cases.models import Case, CaseStage, CaseTask, CaseTick, ChildSchool, Goal, Plan
from portal.core import clock
from portal.core.db import Base
from portal.core.duties import Duty
from portal.core.types import UtcDateTime
from portal.monitoring.models import (
    Alert,
    FollowUp,
    FormAnswers,
    MonitoringForm,
    PlanReader,
    Reply,
    ReturnPlan,
    Watcher,
)
from portal.notifications.models import Message
from portal.referrals.models import Referral, ReferralAnswer, ReferralLink

# Returns the earlier day or moment for one of a row, or the same.
Earlier = Callable[[Any], Any]
Names = tuple[str, ...]


def let_pass(session: Session, case: Case, days: int) -> None:
    """Move all of a case some days into the past; whole weeks keep working days what they are.

    The trail stays as it is: nothing in it can be changed.
    """
    by = timedelta(days=days)
    _move(session, case, lambda each: each - by)


def date_back(session: Session, case: Case, since: datetime, to: datetime) -> None:
    """Let what was done in a case since a moment have happened at an earlier one.

    What is to come stays, and so does what was dated by its day alone.
    """
    by, now = since - to, clock.now()
    if by > timedelta(0):
        _move(
            session,
            case,
            lambda each: each - by if isinstance(each, datetime) and since <= each <= now else each,
        )


def _move(session: Session, case: Case, earlier: Earlier) -> None:
    session.flush()
    connection = session.connection()
    whose = {"case": case.id, "child": case.child_id}
    for table, names, found in _found():
        rows = connection.execute(found, whose)
        moved = [each for row in rows if (each := _moved(row._mapping, names, earlier))]
        if moved:
            connection.execute(update(table).where(table.c.id == bindparam("row_id")), moved)
    session.expire_all()


def _moved(row: Any, names: Names, earlier: Earlier) -> dict[str, Any] | None:
    """Return a row with its earlier moments; None when nothing in it changes."""
    moved = {name: earlier(row[name]) if row[name] else None for name in names}
    if all(moved[name] == row[name] for name in names):
        return None
    return {"row_id": row["id"], **moved}


@cache
def _found() -> list[tuple[Table, Names, Select[Any]]]:
    """Return where days and moments of a case stand, and how its rows are found."""
    found = []
    for table, its_own in _tables():
        names = tuple(
            each.name for each in table.columns if isinstance(each.type, Date | UtcDateTime)
        )
        if names:
            columns = (table.c[name] for name in names)
            found.append((table, names, select(table.c.id, *columns).where(its_own)))
    return found


def _tables() -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Yield what holds rows of a case, each with the condition for its own."""
    case_id, child_id = bindparam("case", type_=Uuid()), bindparam("child", type_=Uuid())
    tables = Base.metadata.tables
    of_case = [each for each in tables.values() if "case_id" in each.c and "id" in each.c]
    for table in of_case:
        yield table, table.c.case_id == case_id

    def ids(model: Any) -> Any:
        return select(model.id).where(model.case_id == case_id)

    forms = select(MonitoringForm.id).where(MonitoringForm.follow_up_id.in_(ids(FollowUp)))
    own: dict[Any, Any] = {
        Goal.plan_id: ids(Plan),
        CaseTick.case_stage_id: ids(CaseStage),
        ReferralLink.referral_id: ids(Referral),
        ReferralAnswer.referral_id: ids(Referral),
        PlanReader.plan_id: ids(ReturnPlan),
        MonitoringForm.follow_up_id: ids(FollowUp),
        Watcher.follow_up_id: ids(FollowUp),
        Alert.follow_up_id: ids(FollowUp),
        FormAnswers.form_id: forms,
        Reply.form_id: forms,
    }
    for column, above in own.items():
        yield _table(column.class_), column.in_(above)
    readers = select(PlanReader.id).where(PlanReader.plan_id.in_(ids(ReturnPlan)))
    asked = (ids(CaseTask), ids(Referral), forms, readers)
    for about in (Duty, Message):
        its = about.subject_id
        yield _table(about), or_(its == case_id, *(its.in_(each) for each in asked))
    yield _table(ChildSchool), ChildSchool.child_id == child_id
    yield _table(Case), Case.id == case_id


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
