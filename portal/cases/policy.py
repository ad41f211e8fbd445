"""Who may see what of a case, and who may decide about it.

Three ways lead to a case: working on it, watching over all of them by number, and opening it for a
while with a reason. The conflict list of a case closes all three.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from portal.cases.models import Case, CaseAssignment, CaseReveal, Decision
from portal.cases.states import APPROVALS, CaseState, DecisionKind, DecisionState
from portal.core import clock
from portal.core.access import Actor, Permission
from portal.people.policy import conflicts_of, opened_in_emergency


def in_hands_of(actor: Actor) -> Select[Any]:
    """Return the query for the cases an actor works on now."""
    return select(CaseAssignment.case_id).where(
        CaseAssignment.user_id == actor.user_id, CaseAssignment.ended_at.is_(None)
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
            CaseReveal.user_id == actor.user_id, CaseReveal.expires_at > clock.now()
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


def named_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the cases whose child an actor may know by name now.

    Those in one's hands, and what was opened with a reason; watching over a case is not enough.
    """
    by_hand: ColumnElement[bool] = false()
    if actor.may(Permission.CASE_READ, assigned=True):
        by_hand = Case.id.in_(in_hands_of(actor))
    return and_(or_(by_hand, _opened_by(actor)), _no_conflict(actor))


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the decisions that wait for a word this actor may give."""
    kinds = [kind for kind, permission in APPROVALS.items() if actor.may(permission)]
    return and_(
        Decision.state == DecisionState.PROPOSED,
        Decision.kind.in_(kinds),
        Decision.proposed_by != actor.user_id,
        Decision.case_id.not_in(in_hands_of(actor)),
        Decision.case_id.not_in(conflicts_of(actor)),
    )


def may_decide(actor: Actor, decision: Decision, workers: frozenset[UUID]) -> bool:
    """Say whether a decision's fate lies with this actor.

    Nobody decides about what they proposed themselves or about a case they work on (`workers`).
    """
    permission = APPROVALS.get(DecisionKind(decision.kind))
    return (
        permission is not None
        and actor.may(permission)
        and decision.proposed_by != actor.user_id
        and actor.user_id not in workers
    )


def may_reveal(actor: Actor, *, decides_something: bool) -> bool:
    """Say whether an actor may open who a child is, or the file, with a reason.

    Whoever reads the work anyway may ask for the name; others only while something waits for their
    word.
    """
    if not actor.may(Permission.CASE_REVEAL):
        return False
    return actor.may(Permission.CASE_READ) or decides_something
