"""What stands on top of every page of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case, CaseReport, CaseReveal, Child
from portal.cases.queries import files
from portal.cases.states import CaseState
from portal.core import clock
from portal.core.access import Actor
from portal.incidents.models import Report
from portal.people.models import User
from portal.people.queries.confidential import running_emergency
from portal.schools.models import School


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

    @property
    def editable(self) -> bool:
        """Say whether the case goes on and this person works on it."""
        return self.works and self.case.state == CaseState.OPEN

    @property
    def overdue(self) -> bool:
        """Say whether the present stage should be finished by now."""
        due = self.case.stage_due_on
        return self.case.state == CaseState.OPEN and due is not None and due < clock.today()


def open_file(session: Session, actor: Actor, public_id: str) -> Opened | None:
    """Return a case with what stands on top of its pages, if the actor may read it now."""
    case = files.get_file(session, actor, public_id)
    if case is None:
        return None
    works = files.works_on(session, actor, case.id)
    named = files.knows_name(session, actor, case.id)
    emergency = None if works else running_emergency(session, actor, case.id)
    until = emergency.expires_at if emergency else None
    if not works and until is None:
        until = _revealed_until(session, actor, case)
    return Opened(
        case=case,
        child=files.child_of(session, case) if named else None,
        school=session.get(School, case.school_id) if case.school_id else None,
        manager=session.get(User, case.manager_id) if case.manager_id else None,
        works=works,
        open_until=until,
        emergency=emergency is not None,
        keep_from_school=_kept_from_school(session, case),
    )


def _kept_from_school(session: Session, case: Case) -> bool:
    hidden = (
        select(Report.id)
        .join(CaseReport, CaseReport.report_id == Report.id)
        .where(CaseReport.case_id == case.id, Report.bypass_school | Report.keep_from_school)
    )
    return session.scalars(hidden).first() is not None


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
