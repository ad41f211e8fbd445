"""Letting go of who a child was: names and stories go, what the figures need stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from portal.cases.events import CaseForgotten
from portal.cases.models import (
    Assessment,
    Case,
    CaseEntry,
    CaseFile,
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
from portal.core import clock, files, retention
from portal.core.db import encrypted_columns
from portal.core.events import emit
from portal.core.files import Store, StoredFile
from portal.people.models import Conflict, EmergencyAccess

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
# Why somebody must not see a record, or opened it, tells of the child as well.
ABOUT: tuple[Any, ...] = (Conflict, EmergencyAccess)
NAMELESS = "–"
MOST_PAPERS = 500


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
    blank(cases)
    for model in OF_CASE:
        blank(session.scalars(select(model).where(model.case_id.in_(ids))))
    blank(session.scalars(_beneath(Goal.plan_id, Plan, ids, Goal)))
    blank(session.scalars(_beneath(ConferencePerson.service_id, Service, ids, ConferencePerson)))
    for model in ABOUT:
        blank(session.scalars(select(model).where(model.subject_id.in_(ids))))
    for model in OF_CHILD:
        blank(session.scalars(select(model).where(model.child_id == child_id)))
    child = session.get_one(Child, child_id)
    blank([child])
    child.full_name = NAMELESS
    child.name_index = child.nisn_index = None
    child.forgotten_at = clock.now()
    for case_id in ids:
        emit(session, None, CaseForgotten(case_id))
    return len(ids)


def discard_papers(session: Session, store: Store) -> int:
    """Delete the files of children who were forgotten, in pieces; return how many went."""
    rows = session.execute(
        select(CaseFile, StoredFile)
        .join(StoredFile, StoredFile.id == CaseFile.file_id)
        .join(Case, Case.id == CaseFile.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(Child.forgotten_at.is_not(None))
        .limit(MOST_PAPERS)
    ).all()
    for paper, _file in rows:
        session.delete(paper)
    # The row that points at a file goes before the file's own.
    session.flush()
    for _paper, file in rows:
        files.discard(session, store, file)
    return len(rows)


def _beneath(column: Any, parent: Any, case_ids: list[UUID], model: Any) -> Select[tuple[Any]]:
    parents = select(parent.id).where(parent.case_id.in_(case_ids))
    return select(model).where(column.in_(parents))


def blank(records: Iterable[Any]) -> None:
    """Empty every encrypted text of some records."""
    for record in records:
        for column in encrypted_columns(inspect(type(record))):
            if getattr(record, column.key):
                setattr(record, column.key, "")
