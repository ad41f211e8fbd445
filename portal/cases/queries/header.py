"""What stands on top of every page of a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseReport, CaseReveal, Child
from portal.cases.states import CaseState
from portal.core import clock
from portal.core.access import Actor
from portal.core.prepared import prepared
from portal.incidents.models import Report
from portal.people.models import User
from portal.people.queries.confidential import running_emergency
from portal.schools.models import School

# Say that no guardian of a case's child may hear of anything now; features above register them.
_kept_from_guardian: list[Callable[[Session, Case], bool]] = []


def keep_from_guardian_with(keeps: Callable[[Session, Case], bool]) -> None:
    """Register what says that no guardian of a case's child may hear of anything now."""
    if keeps not in _kept_from_guardian:
        _kept_from_guardian.append(keeps)


@dataclass(frozen=True)
class Opened:
    """A case somebody may read now, and how it came to be open to them."""

    case: Case
    # None for whoever may read the work and not who the child is.
    child: Child | None
    school: School | None
    manager: User | None
    # May be changed by whoever reads it now.
    works: bool
    # Until when it is open because of a reason given, and whether as an emergency.
    open_until: datetime | None
    emergency: bool
    # A report of the case says so: somebody of the school is reported, or its teller wishes it.
    keep_from_school: bool
    # The child may be in danger at home: nobody there hears anything before people decided it.
    keep_from_guardian: bool

    @property
    def editable(self) -> bool:
        """Say whether the case goes on and this person works on it."""
        return self.works and self.case.state == CaseState.OPEN

    @property
    def overdue(self) -> bool:
        """Say whether its stage or one of its tasks should be done by now."""
        due = self.case.due_on
        return self.case.state == CaseState.OPEN and due is not None and due < clock.today()


def open_file(session: Session, actor: Actor, public_id: str) -> Opened | None:
    """Return a case with what stands on top of its pages, if the actor may read it now."""
    row = session.execute(*_opened(actor, public_id=public_id)).one_or_none()
    if row is None:
        return None
    case, child, school, manager, works = row
    emergency = None if works else running_emergency(session, actor, case.id)
    until = emergency.expires_at if emergency else None
    if not works and until is None:
        until = _revealed_until(session, actor, case)
    return Opened(
        case=case,
        child=child,
        school=school,
        manager=manager,
        works=bool(works),
        open_until=until,
        emergency=emergency is not None,
        keep_from_school=_kept_from_school(session, case),
        keep_from_guardian=any(each(session, case) for each in _kept_from_guardian),
    )


@prepared
def _opened(actor: Actor, *, public_id: str) -> Select[*tuple[Any, ...]]:
    """Select a case with what stands on top of its pages; the child for whoever may know it."""
    named = and_(Child.id == Case.child_id, policy.named_to(actor))
    return (
        select(Case, Child, School, User, policy.worked_on_by(actor).label("works"))
        .select_from(Case)
        .outerjoin(Child, named)
        .outerjoin(School, School.id == Case.school_id)
        .outerjoin(User, User.id == Case.manager_id)
        .where(Case.public_id == public_id, policy.open_to(actor))
    )


def _kept_from_school(session: Session, case: Case) -> bool:
    return session.scalars(*_hidden(case_id=case.id)).first() is not None


@prepared
def _hidden(*, case_id: UUID) -> Select[UUID]:
    return (
        select(Report.id)
        .join(CaseReport, CaseReport.report_id == Report.id)
        .where(CaseReport.case_id == case_id, Report.bypass_school | Report.keep_from_school)
    )


def _revealed_until(session: Session, actor: Actor, case: Case) -> datetime | None:
    return session.scalars(
        select(CaseReveal.expires_at)
        .where(
            CaseReveal.case_id == case.id,
            CaseReveal.user_id == actor.user_id,
            CaseReveal.expires_at > clock.now(),
        )
        .order_by(CaseReveal.expires_at.desc())
    ).first()
