"""Who fills in the forms about a child: its teacher, or somebody who stands in."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import write_entry
from portal.cases.queries import files
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions import form_waiting, plans
from portal.monitoring.actions.coming import Held, hold
from portal.monitoring.events import WatcherNamed, WatcherReleased
from portal.monitoring.models import FollowUp, ReturnPlan, Watcher
from portal.monitoring.policy import access
from portal.monitoring.queries import following, later, staff
from portal.monitoring.queries.plans import asked_before, in_state
from portal.monitoring.states import UNSENT, FollowUpState, PlanState, ReaderPart
from portal.people.queries.confidential import kept_away


def may_name(session: Session, actor: Actor, follow_up: FollowUp) -> bool:
    """Say whether an actor names who fills in the forms: the principal, whoever has the case."""
    own = select(FollowUp.id).where(FollowUp.id == follow_up.id, access.staffed_by(actor))
    return session.scalar(own) is not None or files.works_on(session, actor, follow_up.case_id)


def name_watcher(
    session: Session,
    actor: Actor,
    follow_up: FollowUp,
    user_id: UUID,
    *,
    substitute: bool = False,
) -> Watcher:
    """Ask somebody for the forms about a child, in place of whoever did, or (`substitute`) for a
    while beside them; whoever is asked so already goes on.

    Raises Rejected("not_allowed"), Rejected("follow_up_ended"), or Rejected("teacher_unfit",
    "teacher") for somebody who does not teach there, or must not see the case.
    """
    held = hold(session, follow_up.id)
    if not may_name(session, actor, follow_up):
        raise Rejected("not_allowed")
    if follow_up.state == FollowUpState.ENDED and not later.is_asked(session, follow_up.id):
        raise Rejected("follow_up_ended")
    fit = {each.id for each in staff.teachers_at(session, follow_up.school_id)}
    if user_id not in fit - kept_away(session, follow_up.case_id):
        raise Rejected("teacher_unfit", "teacher")
    for each in following.watchers(session, follow_up.id):
        if each.user_id == user_id and each.substitute == substitute:
            return each
        if each.user_id == user_id or each.substitute == substitute:
            _release(session, actor, held, each)
    watcher = Watcher(
        id=new_id(),
        follow_up_id=follow_up.id,
        user_id=user_id,
        substitute=substitute,
        since=clock.now(),
        named_by=actor.user_id,
    )
    session.add(watcher)
    session.flush()
    emit(session, actor, WatcherNamed(follow_up.id, user_id, substitute))
    _tell(session, actor, held)
    plan = _shared_plan(session, follow_up)
    if plan is not None:
        plans.ask_reader(session, actor, plan, user_id, ReaderPart.TEACHER)
    form_waiting.note_teacher(session, follow_up.case_id)
    _ask_again(session, held)
    return watcher


def release_watcher(
    session: Session, actor: Actor | None, follow_up: FollowUp, user_id: UUID
) -> None:
    """Ask somebody for the forms about a child no longer; whoever is left is asked instead.

    Nothing happens when they are not asked anyway. Raises Rejected("not_allowed"); the portal
    itself (None) may always, for somebody who left or must not see the case.
    """
    held = hold(session, follow_up.id)
    if actor is not None and not may_name(session, actor, follow_up):
        raise Rejected("not_allowed")
    asked = [each for each in following.watchers(session, follow_up.id) if each.user_id == user_id]
    for each in asked:
        _release(session, actor, held, each)
    if asked:
        _tell(session, actor, held)
        _ask_again(session, held)


def release_from_case(session: Session, case_id: UUID, user_id: UUID) -> None:
    """Ask somebody who must not see a case for no form about its child."""
    for follow_up in following.of_case(session, case_id):
        release_watcher(session, None, follow_up, user_id)


def release_leavers(session: Session, held: Held) -> int:
    """Ask those no longer who teach at the school no longer; return how many."""
    teaching = set(session.scalars(staff.teaching_at(held.follow_up.school_id)))
    asked = following.watchers(session, held.follow_up.id)
    leavers = [each for each in asked if each.user_id not in teaching]
    for each in leavers:
        _release(session, None, held, each)
    if leavers:
        _ask_again(session, held)
    return len(leavers)


def _release(session: Session, actor: Actor | None, held: Held, watcher: Watcher) -> None:
    watcher.ended_at = clock.now()
    session.flush()
    emit(session, actor, WatcherReleased(watcher.follow_up_id, watcher.user_id))
    plan = _shared_plan(session, held.follow_up)
    if plan is None:
        return
    # Whoever stood in reads on what they were asked to read before.
    own = watcher.substitute and asked_before(session, plan.id, watcher.user_id, watcher.since)
    if not own:
        plans.release_reader(session, actor, plan, watcher.user_id)


def _ask_again(session: Session, held: Held) -> None:
    """Let the forms that can still be sent wait for whoever is asked now, or for a principal."""
    for form in held.forms():
        if form.state in UNSENT:
            form_waiting.ask_for(session, held.follow_up, form)
    going_on = held.follow_up.state != FollowUpState.ENDED
    if going_on and not following.watchers(session, held.follow_up.id):
        form_waiting.ask_for_teacher(session, held.case, held.school, held.days)


def _shared_plan(session: Session, follow_up: FollowUp) -> ReturnPlan | None:
    plan = in_state(session, follow_up.case_id, PlanState.SHARED)
    return plan if plan is not None and plan.school_id == follow_up.school_id else None


def _tell(session: Session, actor: Actor | None, held: Held) -> None:
    """Write on the case's timeline that somebody else fills in the forms."""
    if actor is not None:
        write_entry(
            session,
            actor,
            held.case,
            EntryKind.MONITORING,
            facts={"step": "teacher"},
            record_id=held.follow_up.id,
        )
