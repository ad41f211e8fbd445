"""Return-to-school plans: those of a case, the one a school reads, and who reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.queries.decisions import NO, is_agreed, newest_consent, still_counts
from portal.cases.queries.identity import present_schools
from portal.cases.states import ConsentAbout
from portal.core import clock, settings
from portal.core.access import Actor, Role
from portal.monitoring.models import FollowUp, PlanReader, ReturnPlan, Watcher
from portal.monitoring.policy import access
from portal.monitoring.queries.plan_words import TEXTS
from portal.monitoring.states import FollowUpState, PlanState, ReaderPart
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force
from portal.people.queries.confidential import kept_away
from portal.schools.models import School

# Whoever holds two roles reads it in the one that stands first.
PARTS: dict[Role, ReaderPart] = {
    Role.PRINCIPAL: ReaderPart.PRINCIPAL,
    Role.TEACHER: ReaderPart.TEACHER,
    Role.FOCAL_TEAM: ReaderPart.FOCAL_TEAM,
}
TEACHING = frozenset({ReaderPart.TEACHER, ReaderPart.FOCAL_TEAM})
TOLD = ("child_name", "class_name", "returns_on", "review_on", *TEXTS)


@dataclass(frozen=True)
class Candidate:
    """Somebody at a school who may be asked to read a plan, and in which part.

    A principal may teach as well, and then fill in the forms.
    """

    user: User
    part: ReaderPart
    teaches: bool


@dataclass(frozen=True)
class Read:
    """Somebody who was asked to read a plan, and what came of it."""

    reader: PlanReader
    user: User

    @property
    def name(self) -> str:
        """Return who it is."""
        return self.user.full_name


def of_case(session: Session, case_id: UUID) -> list[ReturnPlan]:
    """Return all plans of a case, the newest first."""
    return list(
        session.scalars(
            select(ReturnPlan)
            .where(ReturnPlan.case_id == case_id)
            .order_by(ReturnPlan.number.desc())
        )
    )


def in_state(session: Session, case_id: UUID, state: PlanState) -> ReturnPlan | None:
    """Return the newest plan of a case in a state; of a draft and a shared one there is one."""
    return session.scalars(
        select(ReturnPlan)
        .where(ReturnPlan.case_id == case_id, ReturnPlan.state == state)
        .order_by(ReturnPlan.number.desc())
    ).first()


def next_number(session: Session, case_id: UUID) -> int:
    """Return the number of the next plan of a case."""
    last = select(func.max(ReturnPlan.number)).where(ReturnPlan.case_id == case_id)
    return (session.scalar(last) or 0) + 1


def get_plan(session: Session, case: Case, public_id: str) -> ReturnPlan | None:
    """Return one plan of a case."""
    return session.scalar(
        select(ReturnPlan).where(ReturnPlan.case_id == case.id, ReturnPlan.public_id == public_id)
    )


def get_readable(session: Session, actor: Actor, public_id: str) -> ReturnPlan | None:
    """Return a plan that somebody at a school may read now."""
    return session.scalar(
        select(ReturnPlan).where(ReturnPlan.public_id == public_id, access.plans_read_by(actor))
    )


def readers_of(session: Session, plan_ids: Iterable[UUID]) -> dict[UUID, list[Read]]:
    """Return who is asked to read each of some plans, teachers first, by plan."""
    rows = session.execute(
        select(PlanReader, User)
        .join(User, User.id == PlanReader.user_id)
        .where(PlanReader.plan_id.in_(list(plan_ids)), PlanReader.ended_at.is_(None))
        .order_by(PlanReader.part.desc(), User.full_name, User.id)
    )
    found: dict[UUID, list[Read]] = {}
    for reader, user in rows:
        found.setdefault(reader.plan_id, []).append(Read(reader, user))
    return found


def acknowledge_by(session: Session, plan: ReturnPlan, read: Iterable[Read]) -> dict[UUID, date]:
    """Return until which day each reader of a plan is to acknowledge it, by the reader's row."""
    week = session.get_one(School, plan.school_id).week
    days = settings.read(session)["plan_ack_days"]
    return {
        each.reader.id: week.add_days(clock.day_of(each.reader.asked_at), days) for each in read
    }


def asked_before(session: Session, plan_id: UUID, user_id: UUID, moment: datetime) -> bool:
    """Say whether somebody was asked to read a plan before a moment, and reads it still."""
    found = select(PlanReader.id).where(
        PlanReader.plan_id == plan_id,
        PlanReader.user_id == user_id,
        PlanReader.asked_at < moment,
        PlanReader.ended_at.is_(None),
    )
    return session.scalar(found) is not None


def leavers(session: Session) -> list[tuple[UUID, UUID]]:
    """Return who is asked to read a shared plan of a school where they hold no role any more: the
    plan and the person, in the order of their locks.
    """
    here = exists().where(
        Membership.user_id == PlanReader.user_id,
        Membership.school_id == ReturnPlan.school_id,
        Membership.role.in_(list(PARTS)),
        in_force(clock.today()),
    )
    rows = session.execute(
        select(PlanReader.plan_id, PlanReader.user_id)
        .join(ReturnPlan, ReturnPlan.id == PlanReader.plan_id)
        .where(ReturnPlan.state == PlanState.SHARED, PlanReader.ended_at.is_(None), ~here)
        .order_by(ReturnPlan.case_id, PlanReader.user_id)
    )
    return [(plan_id, user_id) for plan_id, user_id in rows]


def reader_rows(session: Session, plan_id: UUID) -> list[PlanReader]:
    """Return the rows of all who are or were asked to read a plan."""
    return list(session.scalars(select(PlanReader).where(PlanReader.plan_id == plan_id)))


def candidates(session: Session, case: Case) -> list[Candidate]:
    """Return who may read a plan at the child's school, by name; not whoever must not see it."""
    if case.school_id is None:
        return []
    rows = session.execute(
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.school_id == case.school_id,
            Membership.role.in_(list(PARTS)),
            in_force(clock.today()),
            User.id.not_in(kept_away(session, case.id)),
        )
        .order_by(User.full_name, User.id)
    ).all()
    held: dict[UUID, tuple[User, set[ReaderPart]]] = {}
    for user, role in rows:
        held.setdefault(user.id, (user, set()))[1].add(PARTS[Role(role)])
    first = list(PARTS.values())
    return [
        Candidate(user, min(parts, key=first.index), teaches=not parts.isdisjoint(TEACHING))
        for user, parts in held.values()
    ]


def readers_to_be(session: Session, case: Case, draft: ReturnPlan) -> list[Candidate]:
    """Return who reads a draft once it is shared: those chosen who still may, every principal, and
    whoever fills in the forms already.
    """
    asked = {each.user_id for each in reader_rows(session, draft.id)}
    asked |= set(watching_at(session, case))
    return [
        each
        for each in candidates(session, case)
        if each.user.id in asked or each.part == ReaderPart.PRINCIPAL
    ]


def watching_at(session: Session, case: Case) -> list[UUID]:
    """Return who fills in the forms about a child at its present school, the regular one first."""
    found = session.scalars(
        select(Watcher.user_id)
        .join(FollowUp, FollowUp.id == Watcher.follow_up_id)
        .where(
            FollowUp.case_id == case.id,
            FollowUp.school_id == case.school_id,
            FollowUp.state != FollowUpState.ENDED,
            Watcher.ended_at.is_(None),
        )
        .order_by(Watcher.substitute, Watcher.since)
    )
    return list(found)


def class_of(session: Session, case: Case) -> str:
    """Return the class the child goes to at its present school; empty while unknown."""
    here = (
        each.class_name
        for each in present_schools(session, case.child_id)
        if each.school_id == case.school_id
    )
    return next(here, "")


def missing_consent(session: Session, case: Case) -> str | None:
    """Return the reason why the school may not be told now; None when it may.

    Either somebody agreed (the newest answer counts), or a decision says why nobody was asked.
    """
    consent = newest_consent(session, case, ConsentAbout.SHARING_WITH_SCHOOL)
    if is_agreed(session, consent):
        return None
    refused = consent is not None and consent.answer in NO and still_counts(session, consent)
    return "school_refused" if refused else "school_consent_needed"


def before(session: Session, plan: ReturnPlan) -> ReturnPlan | None:
    """Return the plan that a plan replaced at the same school; None for the first."""
    return session.scalars(
        select(ReturnPlan)
        .where(
            ReturnPlan.case_id == plan.case_id,
            ReturnPlan.school_id == plan.school_id,
            ReturnPlan.number < plan.number,
            ReturnPlan.state == PlanState.REPLACED,
        )
        .order_by(ReturnPlan.number.desc())
    ).first()


def changed_fields(plan: ReturnPlan, earlier: ReturnPlan | None) -> frozenset[str]:
    """Return the names of what reads differently than in the plan before."""
    if earlier is None:
        return frozenset()
    return frozenset(name for name in TOLD if getattr(plan, name) != getattr(earlier, name))
