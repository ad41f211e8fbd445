"""Letting time pass in an invented case: what was done in it happened that much earlier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Table, bindparam, or_, select, update
from sqlalchemy.orm import Session

from portal.cases.models import Case, CaseStage, CaseTask, CaseTick, ChildSchool, Goal, Plan
from portal.core.db import Base
from portal.core.duties import Duty
from portal.core.types import UtcDateTime
from portal.referrals.models import Referral, ReferralAnswer, ReferralLink


def let_pass(session: Session, case: Case, days: int) -> None:
    """Move all of a case some days into the past; whole weeks keep working days what they are.

    The trail stays as it is: nothing in it can be changed.
    """
    session.flush()
    by = timedelta(days=days)
    for table, its_own in _tables(case):
        names = _moments_of(table)
        if not names:
            continue
        rows = session.execute(
            select(table.c.id, *(table.c[name] for name in names)).where(its_own)
        )
        moved = [_moved(row._mapping, names, by) for row in rows]
        if moved:
            statement = update(table).where(table.c.id == bindparam("row_id"))
            session.connection().execute(statement, moved)
    session.expire_all()


def _moved(row: Any, names: tuple[str, ...], by: timedelta) -> dict[str, Any]:
    earlier = {name: row[name] - by if row[name] else None for name in names}
    return {"row_id": row["id"], **earlier}


@cache
def _moments_of(table: Table) -> tuple[str, ...]:
    """Return the names of the columns that hold days or moments."""
    return tuple(each.name for each in table.columns if isinstance(each.type, Date | UtcDateTime))


def _tables(case: Case) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Yield what holds rows of a case, each with the condition for its own."""
    tables = Base.metadata.tables
    of_case = [each for each in tables.values() if "case_id" in each.c and "id" in each.c]
    for table in of_case:
        yield table, table.c.case_id == case.id
    own: dict[Any, Any] = {
        Goal.plan_id: Plan,
        CaseTick.case_stage_id: CaseStage,
        ReferralLink.referral_id: Referral,
        ReferralAnswer.referral_id: Referral,
    }
    for column, above in own.items():
        yield _table(column.class_), column.in_(select(above.id).where(above.case_id == case.id))
    asked = [select(each.id).where(each.case_id == case.id) for each in (CaseTask, Referral)]
    about = or_(Duty.subject_id == case.id, *(Duty.subject_id.in_(each) for each in asked))
    yield _table(Duty), about
    yield _table(ChildSchool), ChildSchool.child_id == case.child_id
    yield _table(Case), Case.id == case.id


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
