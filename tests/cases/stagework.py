"""Filling a file with what the stages ask for, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from portal.cases.actions import stages as actions
from portal.cases.models import (
    Assessment,
    Case,
    CaseStage,
    Consent,
    Decision,
    FamilyContact,
    Goal,
    Guardian,
    Need,
    Plan,
    Service,
)
from portal.cases.queries import stages as queries
from portal.cases.states import (
    Area,
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    DecisionKind,
    DecisionState,
    Domain,
    PlanState,
    Progress,
    ServiceKind,
    ServiceState,
    Stage,
)
from portal.core import clock
from portal.core.db import new_id, transaction
from tests.cases.casework import Casework


def reload(work: Casework, case: Case) -> Case:
    """Return a case as it is kept now."""
    return work.build.fresh(Case, case.id)


def shown(work: Casework, case: Case) -> queries.StageView:
    """Return what the Stages tab says of a case now."""
    with work.build.database.reader() as reading:
        return queries.view(reading, reading.get_one(Case, case.id))


def passages(work: Casework, case: Case) -> list[CaseStage]:
    """Return a case's passages, the oldest first."""
    found = select(CaseStage).where(CaseStage.case_id == case.id)
    return work.rows(found.order_by(CaseStage.began_at, CaseStage.id))


def does(
    work: Casework, case: Case, act: Callable[..., Any], *given: Any, by: str = "manager"
) -> None:
    """Carry out a step in the present passage, as its page would ask for it."""
    place = len(passages(work, case))
    with transaction(work.build.session) as session:
        act(session, work.actor(by), case, place, *given)


def put(work: Casework, case: Case, *codes: str) -> None:
    """Write into the file what shows these kinds of evidence."""
    for code in codes:
        with transaction(work.build.session) as session:
            RECORDS[code](session, work, case)


def fill(work: Casework, case: Case) -> None:
    """Fill the present checklist: evidence into the file, ticks on the list."""
    for item in shown(work, case).missing:
        if item.shown_by_file:
            put(work, case, item.code)
        else:
            does(work, case, actions.tick, item.code)


def walk_to(work: Casework, case: Case, stage: Stage) -> None:
    """Sign stage after stage until a case is in this one."""
    while reload(work, case).stage != stage:
        fill(work, case)
        does(work, case, actions.sign)


def _child(session: Any, _work: Casework, case: Case) -> None:
    case.school_id = case.school_id or _work.school.id


def _guardian(session: Any, _work: Casework, case: Case) -> None:
    session.add(Guardian(child_id=case.child_id, full_name="Ibu Uji"))


def _met(session: Any, work: Casework, case: Case) -> None:
    _serve(session, work, case, None, child_came=True)


def _serve(session: Any, work: Casework, case: Case, goal: Goal | None, **more: Any) -> None:
    session.add(
        Service(
            case_id=case.id,
            goal_id=goal.id if goal else None,
            kind=ServiceKind.COUNSELLING,
            state=ServiceState.HELD,
            starts_at=clock.now(),
            minutes=45,
            held_by=work.manager.id,
            **more,
        )
    )


def _reached(session: Any, work: Casework, case: Case) -> None:
    session.add(
        FamilyContact(
            case_id=case.id,
            at=clock.now(),
            way=ContactWay.PHONE,
            reached=True,
            written_by=work.manager.id,
            written_at=clock.now(),
        )
    )


def _consent(session: Any, work: Casework, case: Case) -> None:
    session.add(
        Consent(
            case_id=case.id,
            about=ConsentAbout.SERVICES,
            answer=ConsentAnswer.REFUSED,
            given_on=clock.today(),
            recorded_by=work.manager.id,
            recorded_at=clock.now(),
        )
    )


def assess(session: Any, work: Casework, case: Case, concern: int = 1) -> None:
    """Assess all five domains."""
    session.add_all(
        Assessment(
            case_id=case.id,
            domain=domain,
            concern=concern,
            findings="-",
            assessed_on=clock.today(),
            assessed_by=work.manager.id,
        )
        for domain in Domain
    )


def _need(session: Any, work: Casework, case: Case) -> None:
    session.add(
        Need(
            case_id=case.id,
            domain=Domain.SCHOOL,
            text="-",
            found_on=clock.today(),
            found_by=work.manager.id,
        )
    )


def _plan(session: Any, work: Casework, case: Case) -> None:
    last = _newest_plan(session, case)
    plan = Plan(
        id=new_id(),
        case_id=case.id,
        number=last.number + 1 if last else 1,
        state=PlanState.DRAFT,
        written_by=work.manager.id,
        written_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    session.add_all(
        Goal(
            plan_id=plan.id,
            need_id=need,
            area=Area.RECOVERY,
            text="-",
            due_on=clock.today(),
            progress=Progress.OPEN,
        )
        for need in session.scalars(select(Need.id).where(Need.case_id == case.id))
    )


def _approve(session: Any, work: Casework, case: Case) -> None:
    plan = _newest_plan(session, case)
    plan.move(work.actor("manager"), "submit")
    plan.move(work.actor("coordinator"), "approve")
    plan.approved_at = clock.now()


def _newest_plan(session: Any, case: Case) -> Any:
    found = select(Plan).where(Plan.case_id == case.id).order_by(Plan.number.desc())
    return session.scalars(found).first()


def _goals(session: Any, case: Case) -> list[Goal]:
    plan = _newest_plan(session, case)
    return list(session.scalars(select(Goal).where(Goal.plan_id == plan.id)))


def _serve_all(session: Any, work: Casework, case: Case) -> None:
    for goal in _goals(session, case):
        _serve(session, work, case, goal)


def _review_all(session: Any, _work: Casework, case: Case) -> None:
    for goal in _goals(session, case):
        goal.progress, goal.reviewed_on = Progress.REACHED, clock.today()


def _closure(session: Any, work: Casework, case: Case) -> None:
    session.add(
        Decision(
            case_id=case.id,
            kind=DecisionKind.CLOSURE,
            state=DecisionState.APPROVED,
            reason="-",
            best_interests="-",
            child_view="-",
            proposed_by=work.manager.id,
            proposed_at=clock.now(),
            decided_by=work.head.id,
            decided_at=clock.now(),
        )
    )


def _write(name: str, value: Any) -> Callable[..., None]:
    def write(_session: Any, _work: Casework, case: Case) -> None:
        setattr(case, name, value() if callable(value) else value)

    return write


RECORDS: dict[str, Callable[..., None]] = {
    "origin": _write("origin_words", "Diantar bibinya"),
    "child": _child,
    "guardian": _guardian,
    "child_met": _met,
    "child_view": _write("child_view", "Mau sekolah lagi"),
    "family_met": _reached,
    "consent": _consent,
    "domains": assess,
    "needs": _need,
    "best_interests": _write("best_interests", "Tetap di sekolahnya"),
    "rights_adviser": _write("rights_adviser_on", clock.today),
    "goals": _plan,
    "plan_approved": _approve,
    "services": _serve_all,
    "goals_reviewed": _review_all,
    "family_followed": _reached,
    "closure_approved": _closure,
}
