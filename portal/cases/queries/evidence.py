"""What the file itself shows of a stage's checklist, so that nobody need tick it.

A fixed number of statements, whatever the file holds. A code nobody knows is never met. After a
relapse what was found, planned and done counts from that day on; consent and what is known of the
child stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.cases.models import (
    Assessment,
    Case,
    CaseEntry,
    CaseReport,
    CaseStage,
    Child,
    ChildSchool,
    Consent,
    Decision,
    FamilyContact,
    Goal,
    Guardian,
    Need,
    Plan,
    Service,
)
from portal.cases.states import (
    Cause,
    ConsentAbout,
    DecisionKind,
    DecisionState,
    Domain,
    EntryKind,
    PlanState,
    Progress,
    ServiceState,
    Stage,
)
from portal.core import clock, i18n

_ = i18n.lazy

# Before everything any file tells of.
EVER = date(1900, 1, 1)
# What comes with the word of the division head, when all else is there.
CLOSURE_APPROVED = "closure_approved"
# A case's needs, each with the day it was met.
Needs = dict[UUID, date | None]


@dataclass(frozen=True)
class Known:
    """A kind of evidence: what it shows, and the part of the file where that is done."""

    name: Any
    tab: str


KNOWN: dict[str, Known] = {
    "origin": Known(_("Where the case comes from"), "overview"),
    "child": Known(_("The child's name and school"), "child"),
    "guardian": Known(_("At least one guardian"), "child"),
    "child_met": Known(_("A service the child came to"), "services"),
    "child_view": Known(_("The child's own view"), "child"),
    "family_met": Known(_("A contact in which the family was reached"), "family"),
    "consent": Known(_("An answer about services of the office"), "decisions"),
    "domains": Known(_("An assessment of all five domains"), "assessment"),
    "needs": Known(_("Needs, or no concern in any domain"), "assessment"),
    "best_interests": Known(_("The best interests of the child"), "child"),
    "rights_adviser": Known(_("Advice of a rights adviser"), "child"),
    "goals": Known(_("A goal for every need"), "plan"),
    "plan_approved": Known(_("The newest plan is approved"), "plan"),
    "services": Known(_("A service, or a review, for every goal"), "services"),
    "goals_reviewed": Known(_("A review of every goal since monitoring began"), "plan"),
    "family_followed": Known(_("The family reached since monitoring began"), "family"),
    CLOSURE_APPROVED: Known(_("The closure is approved"), "closure"),
}


@dataclass(frozen=True)
class Evidence:
    """Whether the file shows something, and the part of it where that is done."""

    met: bool
    tab: str


def of(session: Session, case: Case) -> dict[str, Evidence]:
    """Return what a case's file shows now, for every kind of evidence."""
    began = _beginnings(session, case)
    monitoring = began.get(Stage.MONITORING)
    monitored_from = clock.day_of(monitoring) if monitoring else None
    since = _relapsed_on(session, case)
    needs = _needs(session, case, since)
    latest = max(began.values(), default=clock.now())
    seen = _seen(session, case, since, latest, monitored_from or clock.today())
    nobody_to_ask = seen["guardian"] and not seen["may_be_asked"]
    met = {
        "origin": bool(seen["report"] or case.visit_id or case.origin_words),
        "child": _child_known(session, case) and bool(case.school_id or seen["school"]),
        "guardian": seen["guardian"],
        "child_met": seen["child_met"],
        "child_view": bool(case.child_view),
        "family_met": seen["family_met"] or nobody_to_ask,
        "consent": seen["consent"],
        "best_interests": bool(case.best_interests),
        "rights_adviser": case.rights_adviser_on is not None,
        "family_followed": monitored_from is not None and (seen["followed"] or nobody_to_ask),
        CLOSURE_APPROVED: seen["closure"],
        **_assessed(session, case, needs, since),
        **_planned(session, case, needs, since, monitored_from),
    }
    return {code: Evidence(bool(met[code]), known.tab) for code, known in KNOWN.items()}


def _beginnings(session: Session, case: Case) -> dict[Stage, datetime]:
    """Return when each stage was last begun."""
    rows = session.execute(
        select(CaseStage.stage, CaseStage.began_at)
        .where(CaseStage.case_id == case.id)
        .order_by(CaseStage.began_at, CaseStage.id)
    )
    return {Stage(stage): began_at for stage, began_at in rows}


def _relapsed_on(session: Session, case: Case) -> date:
    """Return from which day on things count: that of the last relapse, where there was one."""
    if not case.times_reopened:
        return EVER
    reopened = select(Decision.proposed_at).where(
        Decision.case_id == case.id,
        Decision.kind == DecisionKind.CASE_REOPENED,
        Decision.outcome == Cause.RELAPSE,
    )
    last = session.scalars(reopened.order_by(Decision.proposed_at.desc())).first()
    return clock.day_of(last) if last else EVER


def _needs(session: Session, case: Case, since: date) -> Needs:
    """Return what the child needs, without what was met before a relapse."""
    rows = session.execute(select(Need.id, Need.met_on).where(Need.case_id == case.id))
    return {row.id: row.met_on for row in rows if row.met_on is None or row.met_on >= since}


def _child_known(session: Session, case: Case) -> bool:
    # Words that merely describe a child find nobody, so they have no index.
    return session.get_one(Child, case.child_id).name_index is not None


def _seen(
    session: Session, case: Case, since: date, stage_began: datetime, followed_from: date
) -> dict[str, bool]:
    """Return what one statement can see, by existence alone."""
    began = clock.at_wib(since, time.min)
    reached = (FamilyContact.case_id == case.id, FamilyContact.reached)
    guardian = (Guardian.child_id == case.child_id, Guardian.ended_at.is_(None))
    closed = (
        Decision.case_id == case.id,
        Decision.kind.in_((DecisionKind.CLOSURE, DecisionKind.TRANSFER)),
        Decision.state == DecisionState.APPROVED,
    )
    asked: dict[str, ColumnElement[bool]] = {
        "report": exists().where(CaseReport.case_id == case.id),
        # A school of former days, or a note about school, says where the child stands as well.
        "school": exists().where(ChildSchool.child_id == case.child_id)
        | exists().where(CaseEntry.case_id == case.id, CaseEntry.kind == EntryKind.SCHOOL_CHANGED),
        "guardian": exists().where(*guardian),
        "may_be_asked": exists().where(*guardian, Guardian.kept_out.is_(False)),
        "child_met": exists().where(
            Service.case_id == case.id,
            Service.state == ServiceState.HELD,
            Service.child_came.is_(True),
            Service.starts_at >= began,
        ),
        "family_met": exists().where(*reached, FamilyContact.at >= began),
        "consent": exists().where(
            Consent.case_id == case.id, Consent.about == ConsentAbout.SERVICES
        ),
        "followed": exists().where(
            *reached, FamilyContact.at >= clock.at_wib(followed_from, time.min)
        ),
        # What ended an earlier round does not end this one.
        "closure": exists().where(*closed, Decision.decided_at >= stage_began),
    }
    row = session.execute(select(*(each.label(name) for name, each in asked.items()))).one()
    return {name: bool(value) for name, value in row._mapping.items()}


def _assessed(session: Session, case: Case, needs: Needs, since: date) -> dict[str, bool]:
    rows = session.execute(
        select(Assessment.domain, Assessment.concern)
        .where(Assessment.case_id == case.id, Assessment.assessed_on >= since)
        .order_by(Assessment.assessed_on, Assessment.id)
    )
    newest = {Domain(domain): concern for domain, concern in rows}
    everything = len(newest) == len(Domain)
    fine = everything and not any(newest.values())
    return {"domains": everything, "needs": bool(needs) or fine}


def _planned(
    session: Session, case: Case, needs: Needs, since: date, monitored_from: date | None
) -> dict[str, bool]:
    rows = session.execute(
        select(Plan.id, Plan.state, Plan.approved_at)
        .where(Plan.case_id == case.id)
        .order_by(Plan.number.desc())
    )
    # What is still being written goes on; what was approved before a relapse does not.
    plans = [
        each for each in rows if not each.approved_at or clock.day_of(each.approved_at) >= since
    ]
    newest = plans[0] if plans else None
    approved = next((each.id for each in plans if each.state == PlanState.APPROVED), None)
    goals = _goals(session, {each for each in (newest and newest.id, approved) if each}, since)
    unmet = [each for each, met_on in needs.items() if met_on is None]
    planned_for = {each.need_id for each in goals if newest and each.plan_id == newest.id}
    agreed = [each for each in goals if each.plan_id == approved]
    return {
        "goals": newest is not None and planned_for.issuperset(unmet),
        "plan_approved": newest is not None and newest.state == PlanState.APPROVED,
        "services": bool(agreed) and all(_served(each, since) for each in agreed),
        "goals_reviewed": bool(agreed) and all(_reviewed(each, monitored_from) for each in agreed),
    }


def _goals(session: Session, plan_ids: Iterable[UUID], since: date) -> list[Any]:
    held = exists().where(
        Service.goal_id == Goal.id,
        Service.state == ServiceState.HELD,
        Service.starts_at >= clock.at_wib(since, time.min),
    )
    found = select(
        Goal.plan_id, Goal.need_id, Goal.progress, Goal.reviewed_on, held.label("held")
    ).where(Goal.plan_id.in_(plan_ids))
    return list(session.execute(found))


def _served(goal: Any, since: date) -> bool:
    over = goal.progress in (Progress.REACHED, Progress.DROPPED)
    return bool(goal.held or over or _reviewed(goal, since))


def _reviewed(goal: Any, since: date | None) -> bool:
    return since is not None and goal.reviewed_on is not None and goal.reviewed_on >= since
