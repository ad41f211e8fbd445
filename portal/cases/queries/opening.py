"""What is asked before a case is opened: is the child known, who may manage it, which reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseReport, Child
from portal.cases.states import CaseOutcome, CaseState
from portal.core import clock
from portal.core.access import GRANTS, Actor, Permission, Role
from portal.incidents.models import Report, ReportLink
from portal.incidents.policy import WRITTEN_DOWN, handled_by
from portal.incidents.states import Relation
from portal.people.models import Membership, User
from portal.people.policy import conflicts_of
from portal.people.queries.appointments import in_force
from portal.people.queries.confidential import kept_away

MANAGING = tuple(role for role in Role if Permission.CASE_WORK in GRANTS[role])


@dataclass(frozen=True)
class Known:
    """A case by its number; `listed` where this actor may know of it."""

    id: UUID
    public_id: str
    number: str
    state: CaseState
    closed_on: date | None
    outcome: CaseOutcome | None
    listed: bool


@dataclass
class KnownChild:
    """A child the office knows already, and what this actor may know of its cases."""

    id: UUID
    public_id: str
    # The first opened first; at most one of them is open.
    cases: list[Known] = field(default_factory=list)

    @property
    def open_case(self) -> Known | None:
        """Return the case the office works on now."""
        return next((each for each in self.cases if each.state == CaseState.OPEN), None)

    @property
    def last_ended(self) -> Known | None:
        """Return the ended case the actor may know of that was opened last."""
        ended = [each for each in self.cases if each.listed and each.state != CaseState.OPEN]
        return ended[-1] if ended else None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may manage a case, and how many open ones they manage now."""

    user: User
    held: int
    social_worker: bool


def known_children(
    session: Session, actor: Actor, names: Iterable[bytes], nisn: bytes | None
) -> list[KnownChild]:
    """Return the children found by one of some indexes of names, or by that of a NISN.

    Never one with a case on whose conflict list the actor stands: they must not hear of it.
    """
    rows = session.execute(
        select(Child.id, Child.public_id, *_known(actor))
        .join(Case, Case.child_id == Child.id)
        .where(_found_by(names, nisn), Child.id.not_in(_kept_from(actor)))
        .order_by(Child.id, Case.opened_on, Case.id)
    )
    children: dict[UUID, KnownChild] = {}
    for child_id, public_id, *columns in rows:
        child = children.setdefault(child_id, KnownChild(child_id, public_id))
        child.cases.append(Known(*columns))
    return list(children.values())


def cases_kept_from(
    session: Session, actor: Actor, names: Iterable[bytes], nisn: bytes | None
) -> list[Case]:
    """Return the cases of children found like `known_children` that the actor must not hear of."""
    return list(
        session.scalars(
            select(Case)
            .join(Child, Child.id == Case.child_id)
            .where(_found_by(names, nisn), Child.id.in_(_kept_from(actor)))
            .order_by(Case.id)
        )
    )


def _found_by(names: Iterable[bytes], nisn: bytes | None) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = [Child.name_index.in_(list(names))]
    if nisn is not None:
        found.append(Child.nisn_index == nisn)
    return and_(or_(*found), Child.forgotten_at.is_(None))


def _kept_from(actor: Actor) -> Select[UUID]:
    """Return the query for the children with a case on whose conflict list the actor stands."""
    return select(Case.child_id).where(Case.id.in_(conflicts_of(actor)))


def cases_of_report(session: Session, actor: Actor, report_id: UUID) -> list[Known]:
    """Return the cases a report belongs to, the first opened first, but none kept from the actor.

    Whoever works on the report may know the number of each; more of it where it is `listed`.
    """
    rows = session.execute(
        select(*_known(actor))
        .join(CaseReport, CaseReport.case_id == Case.id)
        .where(CaseReport.report_id == report_id, Case.id.not_in(conflicts_of(actor)))
        .order_by(Case.id)
    )
    return [Known(*row) for row in rows]


def _known(actor: Actor) -> tuple[Any, ...]:
    """Return the columns of `Known`, in its order."""
    return (
        Case.id,
        Case.public_id,
        Case.number,
        Case.state,
        Case.closed_on,
        Case.outcome,
        policy.listed_to(actor).label("listed"),
    )


def open_case_of(session: Session, child_id: UUID) -> Case | None:
    """Return the case in which the office works for a child now."""
    return session.scalar(
        select(Case).where(Case.child_id == child_id, Case.state == CaseState.OPEN)
    )


def cases_of_child(session: Session, child_id: UUID) -> frozenset[UUID]:
    """Return the ids of all cases of a child."""
    return frozenset(session.scalars(select(Case.id).where(Case.child_id == child_id)))


def reports_of(session: Session, case_id: UUID) -> list[Report]:
    """Return the reports of a case, the first received first."""
    return list(
        session.scalars(
            select(Report)
            .join(CaseReport, CaseReport.report_id == Report.id)
            .where(CaseReport.case_id == case_id)
            .order_by(Report.received_at, Report.id)
        )
    )


def duplicates_of(session: Session, actor: Actor, report_id: UUID) -> list[Report]:
    """Return the reports that tell the same as another one and that the actor works on as well.

    Not what the actor told, about which somebody else decides.
    """
    same = and_(
        ReportLink.relation == Relation.DUPLICATE,
        or_(
            and_(ReportLink.report_id == report_id, ReportLink.other_id == Report.id),
            and_(ReportLink.other_id == report_id, ReportLink.report_id == Report.id),
        ),
    )
    told_by_actor = and_(Report.filed_by == actor.user_id, Report.door.not_in(WRITTEN_DOWN))
    # `filed_by` is empty for most, and NOT of nothing known is no answer.
    told_by_others = or_(Report.filed_by.is_(None), ~told_by_actor)
    return list(
        session.scalars(
            select(Report)
            .join(ReportLink, same)
            .where(handled_by(actor), told_by_others)
            .order_by(Report.id)
        )
    )


def tellers_of(session: Session, case_id: UUID) -> frozenset[UUID]:
    """Return who told the reports of a case themselves, and so must not manage it."""
    rows = session.scalars(
        select(Report.filed_by)
        .join(CaseReport, CaseReport.report_id == Report.id)
        .where(CaseReport.case_id == case_id, Report.door.not_in(WRITTEN_DOWN))
    )
    return frozenset(each for each in rows if each is not None)


def candidates(session: Session) -> list[Candidate]:
    """Return who may manage cases, by name, each with the number of open ones they manage."""
    held = (
        select(Case.manager_id, func.count().label("cases"))
        .where(Case.state == CaseState.OPEN)
        .group_by(Case.manager_id)
        .subquery()
    )
    rows = session.execute(
        select(User, func.coalesce(held.c.cases, 0), User.id.in_(_holding((Role.SOCIAL_WORKER,))))
        .outerjoin(held, held.c.manager_id == User.id)
        .where(User.id.in_(_holding(MANAGING)))
        .order_by(User.full_name, User.id)
    )
    return [Candidate(row[0], int(row[1]), bool(row[2])) for row in rows]


def _holding(roles: tuple[Role, ...]) -> Select[UUID]:
    return select(Membership.user_id).where(Membership.role.in_(roles), in_force(clock.today()))


def usual_manager(actor: Actor, people: Sequence[Candidate], most: int) -> Candidate | None:
    """Return who manages a new case if nobody says otherwise; None when nobody has room.

    A social worker takes it themselves; coordinators give it to the one with the fewest cases.
    """
    free = [each for each in people if each.social_worker and each.held < most]
    mine = [each for each in free if each.user.id == actor.user_id]
    return min(mine or free, key=lambda each: each.held, default=None)


def possible_managers(session: Session, actor: Actor, report: Report | None) -> list[Candidate]:
    """Return whom an actor may give a new case: anybody fit, or only themselves.

    Nobody who must not see its report, or who told it.
    """
    unfit: frozenset[UUID] = frozenset()
    if report is not None:
        unfit = kept_away(session, report.id)
        if report.filed_by is not None and report.door not in WRITTEN_DOWN:
            unfit |= {report.filed_by}
    gives = actor.may(Permission.CASE_ASSIGN)
    return [
        each
        for each in candidates(session)
        if each.user.id not in unfit and (gives or each.user.id == actor.user_id)
    ]
