"""A whole case as it stands, for its record on paper; a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import (
    Assessment,
    Case,
    CaseAssignment,
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
    Obstacle,
    Plan,
    Sentinel,
    Service,
)
from portal.cases.states import EntryKind
from portal.incidents.models import Report
from portal.incidents.policy import Answers
from portal.incidents.queries.files import answers_of
from portal.people.models import User
from portal.schools.models import School

T = TypeVar("T")


@dataclass(frozen=True)
class CaseRecord:
    """Everything a case holds, the oldest first; `names` are those of the office's people."""

    case: Case
    child: Child
    guardians: list[Guardian]
    schools: list[tuple[ChildSchool, School]]
    reports: list[Report]
    stages: list[CaseStage]
    assignments: list[CaseAssignment]
    assessments: list[Assessment]
    needs: list[Need]
    plans: list[Plan]
    goals: list[Goal]
    services: list[Service]
    contacts: list[FamilyContact]
    consents: list[Consent]
    decisions: list[Decision]
    obstacles: list[Obstacle]
    notes: list[CaseEntry]
    referrals: list[CaseEntry]
    sentinels: list[Sentinel]
    names: dict[UUID, str]

    def name(self, user_id: UUID | None) -> str:
        """Return what somebody of the office is called; empty for the portal itself."""
        return self.names.get(user_id, "") if user_id else ""

    @property
    def told(self) -> list[Answers]:
        """Return the answers of the reports the case grew out of."""
        return [answers_of(report) for report in self.reports]


def record_of(session: Session, case: Case) -> CaseRecord:
    """Return everything a case holds; whoever asks may know who the child is."""

    def own(model: type[T], order: Any, *more: Any) -> list[T]:
        wanted: Any = model
        query = select(model).where(wanted.case_id == case.id, *more)
        return list(session.scalars(query.order_by(order, wanted.id)))

    plans = own(Plan, Plan.number)
    guardians = select(Guardian).where(Guardian.child_id == case.child_id).order_by(Guardian.id)
    goals = select(Goal).where(Goal.plan_id.in_([plan.id for plan in plans])).order_by(Goal.id)
    return CaseRecord(
        case=case,
        child=session.get_one(Child, case.child_id),
        guardians=list(session.scalars(guardians)),
        schools=_schools(session, case),
        reports=_reports(session, case),
        stages=own(CaseStage, CaseStage.began_at),
        assignments=own(CaseAssignment, CaseAssignment.since),
        assessments=own(Assessment, Assessment.assessed_on),
        needs=own(Need, Need.found_on),
        plans=plans,
        goals=list(session.scalars(goals)),
        services=own(Service, Service.starts_at),
        contacts=own(FamilyContact, FamilyContact.at),
        consents=own(Consent, Consent.given_on),
        decisions=own(Decision, Decision.proposed_at),
        obstacles=own(Obstacle, Obstacle.noted_on),
        notes=own(CaseEntry, CaseEntry.at, CaseEntry.kind == EntryKind.NOTE),
        referrals=own(CaseEntry, CaseEntry.at, CaseEntry.kind == EntryKind.REFERRAL),
        sentinels=own(Sentinel, Sentinel.due_on),
        names=_names(session, case),
    )


def _reports(session: Session, case: Case) -> list[Report]:
    return list(
        session.scalars(
            select(Report)
            .join(CaseReport, CaseReport.report_id == Report.id)
            .where(CaseReport.case_id == case.id)
            .order_by(Report.received_at)
        )
    )


def _schools(session: Session, case: Case) -> list[tuple[ChildSchool, School]]:
    rows = session.execute(
        select(ChildSchool, School)
        .join(School, School.id == ChildSchool.school_id)
        .where(ChildSchool.child_id == case.child_id)
        .order_by(ChildSchool.since, ChildSchool.id)
    )
    return [(row[0], row[1]) for row in rows]


def _names(session: Session, case: Case) -> dict[UUID, str]:
    """Return the names of all who wrote in the case or worked on it."""
    wrote = select(CaseEntry.written_by).where(CaseEntry.case_id == case.id)
    worked = select(CaseAssignment.user_id).where(CaseAssignment.case_id == case.id)
    decided = select(Decision.decided_by).where(Decision.case_id == case.id)
    rows = session.execute(
        select(User.id, User.full_name).where(
            User.id.in_(wrote.union(worked, decided).subquery().select())
        )
    )
    return {row.id: row.full_name for row in rows}
