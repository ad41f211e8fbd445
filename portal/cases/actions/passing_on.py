"""What waits about a case follows whoever works on it, and whose word is needed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import link_of
from portal.cases.actions.waiting import (
    GIVEN,
    RETURNED,
    SCHOOL_MERGED,
    SENTINEL,
    SILENT,
    STAGE,
    close_word,
    deciders,
    wait_for_word,
)
from portal.cases.models import Case, Decision
from portal.cases.queries.access import asked_by_name
from portal.cases.states import ASKING_FOR, CaseState, DecisionKind, DecisionState
from portal.core import clock, duties
from portal.core.access import Role
from portal.core.duties import Due

# What waits for whoever manages a case.
MANAGING = (STAGE, SILENT, SENTINEL, RETURNED, SCHOOL_MERGED)


def settle(session: Session, case: Case) -> None:
    """Let to-dos and open questions wait for those who may answer them now."""
    session.flush()
    if case.manager_id is None:
        duties.close_duties(session, case.id, GIVEN)
    duties.ask_instead(session, case.id, MANAGING, case.manager_id, Role.COORDINATOR)
    ask_again(session, case)


def ask_again(session: Session, case: Case) -> None:
    """Ask anew for the words that decisions wait for, where others may give them now.

    Whoever begins to work on a case, or must not see it, decides about it no longer.
    """
    if case.state != CaseState.OPEN:
        return
    session.flush()
    waiting: dict[DecisionKind, set[UUID]] = {}
    for kind, proposer in session.execute(
        select(Decision.kind, Decision.proposed_by).where(
            Decision.case_id == case.id, Decision.state == DecisionState.PROPOSED
        )
    ):
        waiting.setdefault(DecisionKind(kind), set()).add(proposer)
    for kind, proposers in waiting.items():
        fit = {each for by in proposers for each in deciders(session, case, kind, by)}
        if fit != asked_by_name(session, case.id, (ASKING_FOR[kind],)):
            close_word(session, case, kind)
            for by in sorted(proposers):
                wait_for_word(session, case, kind, by)


def tell_manager(session: Session, case: Case, user_id: UUID) -> None:
    """Let somebody know that a case is theirs now, until they write the first line."""
    duties.close_duties(session, case.id, GIVEN)
    duties.open_duty(
        session,
        Due(
            kind=GIVEN,
            subject_id=case.id,
            link=link_of(case),
            due_at=clock.at_wib(clock.add_working_days(clock.today(), 1), clock.OFFICE_CLOSES),
            facts={"number": case.number},
            person_id=user_id,
        ),
    )
