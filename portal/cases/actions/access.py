"""Who works on a case, and who must not see it.

Access ends with the assignment: every page and list asks for it anew.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.actions import conferences, opening
from portal.cases.actions.file import lock, record_of, write_entry
from portal.cases.models import Case
from portal.cases.queries import access as queries
from portal.cases.queries import files
from portal.cases.states import CaseState, EntryKind, Part
from portal.core.access import Actor, Role
from portal.core.errors import Rejected
from portal.incidents.actions.conflicts import record_of as record_of_report
from portal.people.actions import confidential
from portal.people.models import Conflict
from portal.people.queries.appointments import holders
from portal.people.queries.confidential import in_conflict, kept_away


def give(
    session: Session, actor: Actor, case: Case, to_id: UUID, *, instead_of: UUID | None
) -> None:
    """Give a case to another manager, whose predecessor works on it no longer.

    `instead_of` is who managed it on the page this was chosen on. Raises Rejected("not_allowed") or
    Rejected("case_closed"), Rejected("state_changed") when a colleague was faster, and what
    `opening.assign` raises.
    """
    _begin(session, actor, case)
    if not policy.may_give(actor):
        raise Rejected("not_allowed")
    if case.state != CaseState.OPEN:
        raise Rejected("case_closed")
    if case.manager_id != instead_of:
        raise Rejected("state_changed")
    opening.assign(session, actor, case, to_id)


def ask_along(session: Session, actor: Actor, case: Case, user_id: UUID) -> None:
    """Let a colleague work on a case beside its manager.

    Raises Rejected("not_allowed"), Rejected("case_closed"), Rejected("on_case") for somebody who
    works on it already, and what `opening.assign` raises.
    """
    _begin(session, actor, case)
    if not policy.may_ask_along(actor, case):
        raise Rejected("not_allowed")
    if case.state != CaseState.OPEN:
        raise Rejected("case_closed")
    if user_id in files.workers_of(session, case.id):
        raise Rejected("on_case", "colleague")
    opening.assign(session, actor, case, user_id, Part.COLLEAGUE)


def end_help(session: Session, actor: Actor, case: Case, user_id: UUID) -> None:
    """End a colleague's work on a case; they may also step back themselves.

    Raises Rejected("not_allowed"), or Rejected("manages_it") for the manager, whose place only
    somebody else can take.
    """
    _begin(session, actor, case)
    if user_id != actor.user_id and not policy.may_ask_along(actor, case):
        raise Rejected("not_allowed")
    if case.manager_id == user_id:
        raise Rejected("manages_it")
    if user_id in files.workers_of(session, case.id):
        _release(session, actor, case, user_id)


def keep_away(session: Session, actor: Actor, case: Case, user_id: UUID, reason: str) -> None:
    """Put somebody on a case's conflict list, and keep them from the rest (`follow_conflict`).

    Raises Rejected("not_allowed"), Rejected("conflict_known"), or Rejected("case_nobody_left") when
    no coordinator could open it any more.
    """
    _begin(session, actor, case)
    if not files.steers(session, actor, case.id):
        raise Rejected("not_allowed")
    kept = kept_away(session, case.id) | {user_id}
    if kept.issuperset(holders(session, Role.COORDINATOR)):
        raise Rejected("case_nobody_left", "person")
    confidential.record_conflict(session, actor, record_of(case), user_id, reason)


def follow_conflict(session: Session, actor: Actor, conflict: Conflict) -> None:
    """Keep somebody away from all that tells of the same child: its cases, and their reports.

    From now on they work on none of these cases, and are invited to none of their conferences.
    """
    user_id = conflict.user_id
    case = session.get(Case, conflict.subject_id)
    if case is not None:
        conferences.leave_out(session, case, user_id)
        if user_id in files.workers_of(session, case.id):
            _release(session, actor, case, user_id)
    cases, reports = queries.beside(session, conflict.subject_id)
    for record in (*map(record_of, cases), *map(record_of_report, reports)):
        # What is recorded there leads on from there.
        if user_id not in kept_away(session, record.subject_id):
            confidential.record_conflict(session, actor, record, user_id, conflict.reason)


def lift(session: Session, actor: Actor, case: Case, conflict: Conflict) -> None:
    """Take somebody off the conflict lists of a child's cases; it gives nobody a case back.

    Their reports keep theirs, which are lifted where reports are decided about.
    Raises Rejected("not_allowed") for all but coordinators, or Rejected("own_rights").
    """
    _begin(session, actor, case)
    if not policy.may_give(actor):
        raise Rejected("not_allowed")
    for each in queries.conflicts_beside(session, case, conflict.user_id):
        confidential.lift_conflict(session, actor, each)


def leave(
    session: Session, actor: Actor | None, case: Case, user_id: UUID, successor_id: UUID | None
) -> None:
    """End the work of somebody whose role ended; what they managed goes to the successor.

    Without one, or where they have no room or must not see it, it waits for the coordinators.
    """
    lock(session, case)
    if case.manager_id == user_id and successor_id is not None:
        with suppress(Rejected):
            opening.assign(session, actor, case, successor_id)
            return
    _release(session, actor, case, user_id)


def _begin(session: Session, actor: Actor, case: Case) -> None:
    lock(session, case)
    if in_conflict(session, actor, case.id):
        raise Rejected("not_allowed")


def _release(session: Session, actor: Actor | None, case: Case, user_id: UUID) -> None:
    part = Part.MANAGER if case.manager_id == user_id else Part.COLLEAGUE
    opening.release(session, actor, case, user_id)
    facts = {"user": user_id.hex, "part": str(part), "ended": True}
    write_entry(session, actor, case, EntryKind.ASSIGNED, facts=facts)
