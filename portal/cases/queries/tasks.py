"""The tasks of a case, and what the portal calls those it adds itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import CaseTask
from portal.core import clock, i18n
from portal.core.prepared import prepared
from portal.people.models import User

_ = i18n.lazy

FIRST_CONTACT = "first_contact"
MISSED_CONTACTS = "family_missed_contacts"
HOME_TASK = "home_task_due"
REVIEW_PLAN = "review_plan"
READ_ADDED = "read_added"
CHECK_REFERRALS = "check_referrals"
VISIT_SILENT = "visit_silent"
CALL_SCHOOL = "call_school"
CHECK_SCHOOL = "check_school"
SHARE_PLAN = "share_return_plan"
SCHOOL_FREE = "school_free"
PAUSED = "monitoring_paused"
SCHOOL_AGAIN = "school_again"
CODES: dict[str, Any] = {
    FIRST_CONTACT: _("Contact the child or the family"),
    MISSED_CONTACTS: _("The family was missed several times: find another way to reach it"),
    HOME_TASK: _("Ask how the task agreed with the family went"),
    REVIEW_PLAN: _("Review the plan"),
    READ_ADDED: _("Read what was added to this case"),
    CHECK_REFERRALS: _("Decide about the referrals: who agrees, or who may know, has changed"),
    VISIT_SILENT: _("Go to the school or the home: two monitoring forms in a row did not come"),
    CALL_SCHOOL: _("Call the school, as the answer to a monitoring form announced"),
    CHECK_SCHOOL: _("Decide how it goes on at school: the school may be told nothing any more"),
    SHARE_PLAN: _("Share the return-to-school plan before the child is back"),
    SCHOOL_FREE: _(
        "Ask how the child is: the school's own calendar puts its monitoring form off for weeks"
    ),
    PAUSED: _("Decide whether the monitoring goes on: it is paused without an end"),
    SCHOOL_AGAIN: _(
        "Decide whether the school looks after the child again: it ended with the case"
    ),
}
MOST_DONE = 50


@dataclass(frozen=True)
class TaskLine:
    """A task and who does it."""

    task: CaseTask
    person: User

    @property
    def title(self) -> str:
        """Return what is to be done, in somebody's words or the portal's."""
        return self.task.text or str(CODES.get(self.task.code, ""))

    @property
    def overdue(self) -> bool:
        """Say whether it should be done by now."""
        return self.task.done_at is None and self.task.due_on < clock.today()


def open_of(session: Session, case_id: UUID) -> list[TaskLine]:
    """Return what is still to be done in a case, the earliest day first."""
    rows = session.execute(*_open(case_id=case_id))
    return [TaskLine(task, person) for task, person in rows]


@prepared
def _open(*, case_id: UUID) -> Select[CaseTask, User]:
    return (
        select(CaseTask, User)
        .join(User, User.id == CaseTask.person_id)
        .where(CaseTask.case_id == case_id, CaseTask.done_at.is_(None))
        .order_by(CaseTask.due_on, CaseTask.id)
    )


def done_of(session: Session, case_id: UUID) -> list[TaskLine]:
    """Return what was done or cancelled in a case, the last `MOST_DONE`, newest first."""
    rows = session.execute(
        select(CaseTask, User)
        .join(User, User.id == CaseTask.person_id)
        .where(CaseTask.case_id == case_id, CaseTask.done_at.is_not(None))
        .order_by(CaseTask.done_at.desc(), CaseTask.id.desc())
        .limit(MOST_DONE)
    )
    return [TaskLine(task, person) for task, person in rows]


def get_task(session: Session, case_id: UUID, public_id: str) -> CaseTask | None:
    """Return one task of a case, open or done."""
    return session.scalar(
        select(CaseTask).where(CaseTask.case_id == case_id, CaseTask.public_id == public_id)
    )


def first_due(session: Session, case_id: UUID) -> date | None:
    """Return the day of the first task that is still to be done."""
    days = select(func.min(CaseTask.due_on))
    return session.scalar(days.where(CaseTask.case_id == case_id, CaseTask.done_at.is_(None)))


def still_open(session: Session, case_id: UUID, *conditions: ColumnElement[bool]) -> list[CaseTask]:
    """Return the open tasks of a case that fulfil conditions."""
    return list(
        session.scalars(
            select(CaseTask).where(
                CaseTask.case_id == case_id, CaseTask.done_at.is_(None), *conditions
            )
        )
    )


def people_for(session: Session, case_id: UUID) -> list[User]:
    """Return who may be given a task: whoever works on the case now, by name."""
    return list(session.scalars(*_workers(case_id=case_id)))


@prepared
def _workers(*, case_id: UUID) -> Select[User]:
    return (
        select(User)
        .where(User.id.in_(policy.workers_of(case_id)))
        .order_by(User.full_name, User.id)
    )
