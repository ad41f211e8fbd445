"""The plans of a case: their goals, the needs these answer, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session, aliased

from portal.cases.models import CaseEntry, Decision, Goal, LegalBasis, Need, Plan
from portal.cases.queries.decisions import bases_about
from portal.cases.states import Area, DecisionState, EntryKind, PlanState, Progress
from portal.core import clock
from portal.people.models import User

UNDER_WAY = frozenset({Progress.OPEN, Progress.PARTLY})
WRITTEN = frozenset({PlanState.DRAFT, PlanState.SUBMITTED})


@dataclass(frozen=True)
class Review:
    """What was found of a goal at one time."""

    day: date
    progress: Progress
    text: str
    writer: str


@dataclass(frozen=True)
class Aim:
    """A goal with the need it answers and its reviews, the newest first."""

    goal: Goal
    need: Need
    reviews: list[Review]

    @property
    def overdue(self) -> bool:
        """Say whether its day is over and it is not settled."""
        return self.goal.progress in UNDER_WAY and self.goal.due_on < clock.today()


@dataclass(frozen=True)
class Word:
    """The newest decision about a plan, and who proposed and made it."""

    decision: Decision
    proposer: str
    decider: str


@dataclass(frozen=True)
class Written:
    """A plan with its goals in the order of the four areas, and the word about it."""

    plan: Plan
    writer: str
    aims: list[Aim]
    word: Word | None

    @property
    def areas(self) -> list[tuple[Area, list[Aim]]]:
        """Return the goals area by area, without areas that have none."""
        grouped = [(area, [each for each in self.aims if each.goal.area == area]) for area in Area]
        return [(area, aims) for area, aims in grouped if aims]

    @property
    def returned(self) -> bool:
        """Say whether it was sent back for improvement and not sent again."""
        word = self.word
        is_draft = self.plan.state == PlanState.DRAFT
        return is_draft and word is not None and word.decision.state == DecisionState.RETURNED


def of_case(session: Session, case_id: UUID) -> list[Written]:
    """Return all plans of a case, the newest first."""
    rows = session.execute(
        select(Plan, User.full_name)
        .join(User, User.id == Plan.written_by)
        .where(Plan.case_id == case_id)
        .order_by(Plan.number.desc())
    ).all()
    ids = [plan.id for plan, _writer in rows]
    aims, words = _aims_of(session, case_id, ids), _words_about(session, case_id, ids)
    return [
        Written(plan, writer, aims.get(plan.id, []), words.get(plan.id)) for plan, writer in rows
    ]


def _aims_of(session: Session, case_id: UUID, plan_ids: list[UUID]) -> dict[UUID, list[Aim]]:
    reviews = _reviews_of(session, case_id)
    rows = session.execute(
        select(Goal, Need)
        .join(Need, Need.id == Goal.need_id)
        .where(Goal.plan_id.in_(plan_ids))
        .order_by(Goal.id)
    )
    found: dict[UUID, list[Aim]] = {}
    for goal, need in rows:
        found.setdefault(goal.plan_id, []).append(Aim(goal, need, reviews.get(goal.id, [])))
    order = list(Area)
    for aims in found.values():
        aims.sort(key=lambda each: order.index(Area(each.goal.area)))
    return found


def _reviews_of(session: Session, case_id: UUID) -> dict[UUID, list[Review]]:
    rows = session.execute(
        select(CaseEntry, User.full_name)
        .join(User, User.id == CaseEntry.written_by)
        .where(CaseEntry.case_id == case_id, CaseEntry.kind == EntryKind.GOAL_REVIEWED)
        .order_by(CaseEntry.at.desc(), CaseEntry.id.desc())
    )
    found: dict[UUID, list[Review]] = {}
    for entry, writer in rows:
        if entry.record_id is not None:
            day = clock.day_of(entry.at)
            review = Review(day, Progress(entry.facts["progress"]), entry.text, writer)
            found.setdefault(entry.record_id, []).append(review)
    return found


def _words_about(session: Session, case_id: UUID, plan_ids: list[UUID]) -> dict[UUID, Word]:
    proposer, decider = aliased(User), aliased(User)
    rows = session.execute(
        select(Decision, proposer.full_name, decider.full_name)
        .join(proposer, proposer.id == Decision.proposed_by)
        .outerjoin(decider, decider.id == Decision.decided_by)
        .where(Decision.case_id == case_id, Decision.record_id.in_(plan_ids))
        .order_by(Decision.proposed_at, Decision.id)
    )
    # The last one of each plan stays.
    return {
        decision.record_id: Word(decision, by, of or "")
        for decision, by, of in rows
        if decision.record_id
    }


def newest(session: Session, case_id: UUID) -> Plan | None:
    """Return the plan that was begun last, whatever its state."""
    return session.scalars(
        select(Plan).where(Plan.case_id == case_id).order_by(Plan.number.desc()).limit(1)
    ).first()


def in_force(session: Session, case_id: UUID) -> Plan | None:
    """Return the approved plan of a case."""
    return session.scalar(
        select(Plan).where(Plan.case_id == case_id, Plan.state == PlanState.APPROVED)
    )


def get_plan(session: Session, case_id: UUID, plan_id: UUID | None) -> Plan | None:
    """Return one plan of a case."""
    return session.scalar(select(Plan).where(Plan.case_id == case_id, Plan.id == plan_id))


def goals_of(session: Session, plan_id: UUID) -> list[Goal]:
    """Return the goals of a plan in the order in which they were written."""
    return list(session.scalars(select(Goal).where(Goal.plan_id == plan_id).order_by(Goal.id)))


def get_goal(session: Session, case_id: UUID, public_id: str) -> Goal | None:
    """Return one goal of a case, of whichever plan."""
    return session.scalar(
        select(Goal)
        .join(Plan, Plan.id == Goal.plan_id)
        .where(Plan.case_id == case_id, Goal.public_id == public_id)
    )


def needs_of(session: Session, case_id: UUID) -> list[Need]:
    """Return the needs of a case, those that are not met first."""
    return list(
        session.scalars(
            select(Need)
            .where(Need.case_id == case_id)
            .order_by(Need.met_on.is_not(None), Need.found_on, Need.id)
        )
    )


def unmet_needs(session: Session, case_id: UUID, also: UUID | None = None) -> list[Need]:
    """Return the needs a goal may answer: those that are not met, and one it answers already."""
    return [each for each in needs_of(session, case_id) if each.met_on is None or each.id == also]


def _newest_id(case_id: UUID) -> ScalarSelect[UUID]:
    return (
        select(Plan.id)
        .where(Plan.case_id == case_id)
        .order_by(Plan.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def needs_with_goal(session: Session, case_id: UUID) -> frozenset[UUID]:
    """Return the needs for which the newest plan has a goal that was not dropped."""
    return frozenset(
        session.scalars(
            select(Goal.need_id).where(
                Goal.plan_id == _newest_id(case_id), Goal.progress != Progress.DROPPED
            )
        )
    )


def without_goal(session: Session, case_id: UUID) -> list[Need]:
    """Return the needs that are not met and have no goal in the newest plan."""
    covered = needs_with_goal(session, case_id)
    return [each for each in unmet_needs(session, case_id) if each.id not in covered]


def against_mediation(session: Session) -> list[LegalBasis]:
    """Return the regulations about sexual violence, which settles nothing out of court."""
    return bases_about(session, "sexual_violence_law")
