"""Who may see what of a case, and who may decide about it.

Four ways lead to a case: working on it, watching over all of them by number, opening it for a while
with a reason, and opening it in an emergency. The conflict list of a case closes all four.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select, true

from portal.cases.models import Case, CaseAssignment, CaseReveal, Decision, Plan
from portal.cases.states import APPROVALS, ASKING_FOR, CaseState, DecisionKind, DecisionState
from portal.core.access import GRANTS, Actor, Permission, Role
from portal.core.duties import Duty
from portal.core.prepared import NOW, TODAY
from portal.people.models import Conflict, Membership
from portal.people.policy import conflicts_of, opened_in_emergency
from portal.people.queries.appointments import in_force
from portal.visits.models import Visit
from portal.visits.states import VisitState

# Whoever could ever come to see a case at the office.
INSIDE = tuple(role for role in Role if Permission.CASE_LIST in GRANTS[role])
# Whose word decisions wait for: each stands in where nobody of those before may give it.
DECIDING = (Role.COORDINATOR, Role.DIVISION_HEAD)


def in_hands_of(actor: Actor) -> Select[Any]:
    """Return the query for the cases an actor works on now."""
    return held_by(actor.user_id)


def held_by(user_id: UUID) -> Select[Any]:
    """Return the query for the cases somebody works on now."""
    return select(CaseAssignment.case_id).where(
        CaseAssignment.user_id == user_id, CaseAssignment.ended_at.is_(None)
    )


def workers_of(case_id: UUID) -> Select[Any]:
    """Return the query for whoever works on a case now."""
    return select(CaseAssignment.user_id).where(
        CaseAssignment.case_id == case_id, CaseAssignment.ended_at.is_(None)
    )


def _reached(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition for what a permission reaches: all cases, or those in one's hands."""
    if actor.may(permission):
        return true()
    if actor.may(permission, assigned=True):
        return Case.id.in_(in_hands_of(actor))
    return false()


def _opened_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases an actor opened for a while, with a reason."""
    revealed: ColumnElement[bool] = false()
    if actor.may(Permission.CASE_REVEAL):
        opened = select(CaseReveal.case_id).where(
            CaseReveal.user_id == actor.user_id, CaseReveal.expires_at > NOW
        )
        revealed = Case.id.in_(opened)
    return or_(revealed, opened_in_emergency(actor, Case.id))


def _no_conflict(actor: Actor) -> ColumnElement[bool]:
    return Case.id.not_in(conflicts_of(actor))


def listed_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases an actor may know of: number, stage and clocks."""
    return and_(_reached(actor, Permission.CASE_LIST), _no_conflict(actor))


def open_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases whose work an actor may read now.

    What another body goes on with is read at the office only with a reason.
    """
    here = and_(_reached(actor, Permission.CASE_READ), Case.state != CaseState.TRANSFERRED)
    return and_(or_(here, _opened_by(actor)), _no_conflict(actor))


def worked_on_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases an actor may change."""
    return and_(_reached(actor, Permission.CASE_WORK), _no_conflict(actor))


def steered_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases an actor adds reports to and keeps people away from.

    Those they may change, and all for whoever gives cases to people.
    """
    return and_(or_(actor.within(Permission.CASE_ASSIGN), worked_on_by(actor)), _no_conflict(actor))


def looked_back_on_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases in which an actor may write how the child was found.

    Those they manage or managed, and all for the coordinators, who are asked after the manager.
    """
    return and_(or_(actor.within(Permission.CASE_REOPEN), worked_on_by(actor)), _no_conflict(actor))


def named_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases whose child an actor may know by name now.

    Those in one's hands, and what was opened with a reason; watching over a case is not enough.
    """
    by_hand: ColumnElement[bool] = false()
    if actor.may(Permission.CASE_READ, assigned=True):
        by_hand = Case.id.in_(in_hands_of(actor))
    return and_(or_(by_hand, _opened_by(actor)), _no_conflict(actor))


def roles_deciding(kind: DecisionKind) -> tuple[Role, ...]:
    """Return whose word a kind of decision needs, in the order in which they are asked."""
    return tuple(role for role in DECIDING if APPROVALS[kind] in GRANTS[role])


def fit_to_decide(role: Role, case_id: Any, proposed_by: Any) -> Select[Any]:
    """Return the query for the holders of a role who may decide about a case (id or column)."""
    fit = _fit(Membership.user_id, case_id, proposed_by)
    holds = (Membership.role == role, Membership.school_id.is_(None), in_force(TODAY))
    return select(Membership.user_id).where(*holds, fit).correlate(Decision)


def _fit(person: Any, case_id: Any, proposed_by: Any) -> ColumnElement[bool]:
    """Return the condition for people who may decide about a case.

    Not those who propose, who must not see it, or who had a hand in it at any time: stepping aside
    makes nobody a judge of their own work.
    """
    worked = select(CaseAssignment.user_id).where(CaseAssignment.case_id == case_id)
    wrote = select(Plan.written_by).where(Plan.case_id == case_id)
    kept = select(Conflict.user_id).where(
        Conflict.subject_id == case_id, Conflict.lifted_at.is_(None)
    )
    apart = (person.not_in(each.correlate(Decision)) for each in (worked, wrote, kept))
    return and_(person != proposed_by, *apart)


def may_decide(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the decisions whose fate lies with this actor.

    Whoever is asked answers: holders of a later role only where nobody of an earlier one may, or
    where the word was handed on to them because nobody gave it in time.
    """
    fit = _fit(literal(actor.user_id), Decision.case_id, Decision.proposed_by)
    turns = (
        _turn(kind, role)
        for kind in APPROVALS
        for role in roles_deciding(kind)
        if role in actor.roles
    )
    return and_(fit, or_(false(), *turns))


def _turn(kind: DecisionKind, role: Role) -> ColumnElement[bool]:
    roles = roles_deciding(kind)
    others = (
        fit_to_decide(each, Decision.case_id, Decision.proposed_by).exists()
        for each in roles[: roles.index(role)]
    )
    handed_on = (
        select(Duty.id)
        .where(
            Duty.subject_id == Decision.case_id,
            Duty.kind == ASKING_FOR[kind],
            Duty.role == role,
            Duty.closed_at.is_(None),
        )
        .correlate(Decision)
    )
    nobody = and_(true(), *(~each for each in others))
    return and_(Decision.kind == kind, or_(nobody, handed_on.exists()))


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the decisions that wait for a word this actor may give."""
    return and_(Decision.state == DecisionState.PROPOSED, may_decide(actor))


def may_give(actor: Actor) -> bool:
    """Say whether an actor decides who manages cases, and lifts entries of conflict lists."""
    return actor.may(Permission.CASE_ASSIGN)


def may_ask_along(actor: Actor, case: Case) -> bool:
    """Say whether an actor may ask colleagues to help with a case: its manager, a coordinator."""
    return may_give(actor) or case.manager_id == actor.user_id


def may_open_from(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor may open a case from a session: it took place, and it was theirs."""
    delivers = actor.may(Permission.VISIT_DELIVER, assigned=visit.assigned_to(actor))
    delivered = visit.state == VisitState.DELIVERED
    return delivered and delivers and actor.may(Permission.CASE_OPEN)


def sees_readers(actor: Actor, *, works: bool) -> bool:
    """Say whether an actor sees who read a case: who works on it, or reads the work anyway."""
    return works or actor.may(Permission.CASE_READ)


def watches_over_cases(actor: Actor) -> bool:
    """Say whether an actor may know of cases that are in the hands of others."""
    return actor.may(Permission.CASE_LIST)


def is_given_cases(actor: Actor) -> bool:
    """Say whether cases may be in the actor's own hands."""
    return actor.may(Permission.CASE_WORK, assigned=True)


def may_reveal(actor: Actor, *, decides_something: bool) -> bool:
    """Say whether an actor may open who a child is, or the file, with a reason.

    Whoever reads the work anyway may ask for the name; others only while something waits for their
    word.
    """
    if not actor.may(Permission.CASE_REVEAL):
        return False
    return actor.may(Permission.CASE_READ) or decides_something
