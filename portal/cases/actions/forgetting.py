"""Letting go of who a child was: names and stories go, what the figures need stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from portal.cases.models import (
    Assessment,
    Case,
    CaseEntry,
    CaseReveal,
    CaseStage,
    CaseTask,
    Child,
    ChildSchool,
    ConferencePerson,
    Consent,
    Decision,
    FamilyContact,
    Goal,
    Guardian,
    Need,
    Obstacle,
    Plan,
    Sentinel,
    Service,
)
from portal.core import clock, retention
from portal.core.db import encrypted_columns

OF_CASE: tuple[Any, ...] = (
    Assessment,
    CaseEntry,
    CaseReveal,
    CaseStage,
    CaseTask,
    Consent,
    Decision,
    FamilyContact,
    Need,
    Obstacle,
    Plan,
    Sentinel,
    Service,
)
OF_CHILD: tuple[Any, ...] = (ChildSchool, Guardian)
NAMELESS = "–"


def forget_cases(session: Session, keys: Sequence[UUID]) -> int:
    """Forget the children of some closed cases, with all words of all their cases; return how many.

    A child stays while one of its cases is under a hold.
    """
    children = session.scalars(select(Case.child_id).where(Case.id.in_(keys)).distinct()).all()
    return sum(_forget(session, child_id) for child_id in children)


def _forget(session: Session, child_id: UUID) -> int:
    cases = session.scalars(select(Case).where(Case.child_id == child_id)).all()
    if any(retention.is_held(session, each) for each in (child_id, *(case.id for case in cases))):
        return 0
    ids = [case.id for case in cases]
    _blank(cases)
    for model in OF_CASE:
        _blank(session.scalars(select(model).where(model.case_id.in_(ids))))
    _blank(session.scalars(_beneath(Goal.plan_id, Plan, ids, Goal)))
    _blank(session.scalars(_beneath(ConferencePerson.service_id, Service, ids, ConferencePerson)))
    for model in OF_CHILD:
        _blank(session.scalars(select(model).where(model.child_id == child_id)))
    child = session.get_one(Child, child_id)
    _blank([child])
    child.full_name = NAMELESS
    child.name_index = child.nisn_index = None
    child.forgotten_at = clock.now()
    return len(ids)


def _beneath(column: Any, parent: Any, case_ids: list[UUID], model: Any) -> Select[tuple[Any]]:
    parents = select(parent.id).where(parent.case_id.in_(case_ids))
    return select(model).where(column.in_(parents))


def _blank(records: Iterable[Any]) -> None:
    """Empty every encrypted text of some records."""
    for record in records:
        for column in encrypted_columns(inspect(type(record))):
            if getattr(record, column.key):
                setattr(record, column.key, "")
