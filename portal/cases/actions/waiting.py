"""What waits for whom about cases; whoever must not see a case is never asked.

Whatever may be handed on to others stands under the case's own id, so that its conflict list hides
it; tasks and other things of one person's own stand under their own ids and are never handed on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.actions.file import link_of
from portal.cases.models import Case
from portal.cases.states import ASKING_FOR, CaseState, DecisionKind
from portal.core import clock, duties, settings
from portal.core.access import Role
from portal.core.duties import Due
from portal.people.models import Membership

TAKE = "take_case"
GIVEN = "case_given"
STAGE = "case_stage"
TASK = "case_task"
SILENT = "case_silent"
SENTINEL = "case_sentinel"
RETURNED = "decision_returned"
SCHOOL_MERGED = "school_merged"


def wait_for_stage(session: Session, case: Case) -> None:
    """Let the present stage of an open case wait for its manager."""
    duties.close_duties(session, case.id, STAGE)
    if case.state != CaseState.OPEN or case.stage_due_on is None:
        return
    due_at = clock.at_wib(case.stage_due_on, clock.OFFICE_CLOSES)
    # It shows among one's to-dos only when its clock is nearly over.
    notice = timedelta(days=settings.read(session)["stage_notice_days"])
    _ask(session, case, STAGE, due_at, visible_from=due_at - notice)


def wait_for_manager(session: Session, case: Case) -> None:
    """Let a case nobody manages wait for the coordinators."""
    duties.close_duties(session, case.id, TAKE)
    if case.manager_id is None and case.state == CaseState.OPEN:
        _ask(session, case, TAKE, _within(1))


def wait_for_writing(session: Session, case: Case) -> None:
    """Let a case in which nobody wrote for long wait for its manager."""
    _ask(session, case, SILENT, _within(1))


def wait_for_word(session: Session, case: Case, kind: DecisionKind, proposed_by: UUID) -> None:
    """Let a proposed decision wait for everybody whose word it needs, one of whom answers."""
    days = settings.read(session)["approval_working_days"]
    due_at = _within(days)
    people = deciders(session, case, kind, proposed_by)
    asked: list[UUID | None] = [*people] or [None]
    for person in asked:
        duties.open_duty(
            session,
            Due(
                kind=ASKING_FOR[kind],
                subject_id=case.id,
                link=f"{link_of(case)}/keputusan",
                due_at=due_at,
                facts={"number": case.number},
                person_id=person,
                role=None if person else Role.DIVISION_HEAD,
            ),
        )


def deciders(session: Session, case: Case, kind: DecisionKind, proposed_by: UUID) -> list[UUID]:
    """Return whose word a decision needs: of the first role whose holders may give it."""
    for role in policy.roles_deciding(kind):
        fit = policy.fit_to_decide(role, case.id, proposed_by)
        people = session.scalars(fit.order_by(Membership.starts_on, Membership.id)).all()
        if people:
            return list(dict.fromkeys(people))
    return []


def close_word(session: Session, case: Case, kind: DecisionKind) -> None:
    """Let nobody be asked for their word any more."""
    duties.close_duties(session, case.id, ASKING_FOR[kind])


def wait_for_better(session: Session, case: Case) -> None:
    """Let what was sent back wait for the case's manager."""
    due_at = _within(settings.read(session)["returned_working_days"])
    _ask(session, case, RETURNED, due_at, page="/keputusan")


def wait_for_school(session: Session, case: Case, school: str) -> None:
    """Ask where a child goes to school, now that its school became part of another."""
    duties.open_duty(
        session,
        Due(
            kind=SCHOOL_MERGED,
            subject_id=case.id,
            link=f"{link_of(case)}/anak",
            due_at=_within(settings.read(session)["returned_working_days"]),
            facts={"number": case.number, "school": school},
            person_id=case.manager_id,
            role=None if case.manager_id else Role.COORDINATOR,
        ),
    )


def _within(days: int) -> datetime:
    return clock.at_wib(clock.add_working_days(clock.today(), days), clock.OFFICE_CLOSES)


def _ask(
    session: Session,
    case: Case,
    kind: str,
    due_at: datetime,
    *,
    visible_from: datetime | None = None,
    page: str = "",
) -> None:
    """Ask the case's manager, or the coordinators while it has none."""
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=case.id,
            link=f"{link_of(case)}{page}",
            due_at=due_at,
            facts={"number": case.number},
            person_id=case.manager_id,
            role=None if case.manager_id else Role.COORDINATOR,
            visible_from=visible_from,
        ),
    )
