"""Letting time pass in an invented case: what was done in it happened that much earlier."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, CaseTick, ChildSchool, Goal
from portal.core.db import Base
from portal.core.duties import Duty
from portal.referrals.models import ReferralAnswer


def let_pass(session: Session, case: Case, weeks: int) -> None:
    """Move all of a case some weeks into the past; whole weeks keep working days what they are.

    The trail stays as it is: nothing in it can be changed.
    """
    session.flush()
    by = timedelta(weeks=weeks)
    for record in _records(session, case):
        for column in inspect(type(record)).column_attrs:
            value = getattr(record, column.key)
            # Moments are dates as well.
            if isinstance(value, date):
                setattr(record, column.key, value - by)
    session.flush()


def _records(session: Session, case: Case) -> list[Any]:
    of_case = [each.class_ for each in Base.registry.mappers if hasattr(each.class_, "case_id")]
    found: list[Any] = [case]
    for model in of_case:
        found += session.scalars(select(model).where(model.case_id == case.id))
    ids: list[UUID] = [each.id for each in found if hasattr(each, "id")]
    for column in (Goal.plan_id, CaseTick.case_stage_id, ReferralAnswer.referral_id):
        found += session.scalars(select(column.class_).where(column.in_(ids)))
    found += session.scalars(select(Duty).where(Duty.subject_id.in_(ids)))
    found += session.scalars(select(ChildSchool).where(ChildSchool.child_id == case.child_id))
    return found
