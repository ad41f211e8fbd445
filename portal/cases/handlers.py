"""What cases do when something happens: a decision is made, somebody leaves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.actions import (
    access,
    closing,
    merging,
    passing_on,
    planning,
    sentinels,
    serving,
)
from portal.cases.actions.waiting import GIVEN, SCHOOL_MERGED, SILENT
from portal.cases.events import CaseAssigned, CaseChanged, CaseReleased, DecisionMade
from portal.cases.models import Case, Decision
from portal.cases.queries import plans
from portal.cases.queries.access import held_by
from portal.cases.states import CaseState, DecisionKind, DecisionState, EntryKind, Part
from portal.core import duties
from portal.core.access import Actor, Permission
from portal.core.events import on
from portal.people.events import AppointmentEnded, ConflictLifted, ConflictRecorded
from portal.people.models import Conflict
from portal.people.queries.appointments import appointments_of
from portal.schools.events import SchoolMerged
from portal.schools.queries import above

above.foresee_with(merging.foresee)


@on(DecisionMade)
def end_case(session: Session, actor: Actor | None, made: DecisionMade) -> None:
    """Carry out an approved closure or transfer."""
    endings = {DecisionKind.CLOSURE, DecisionKind.TRANSFER}
    if actor is None or made.kind not in endings or made.state != DecisionState.APPROVED:
        return
    case = session.get_one(Case, made.subject_id)
    closing.end_case(session, actor, case, session.get_one(Decision, made.decision_id))


@on(DecisionMade)
def follow_word_about_plan(session: Session, actor: Actor | None, made: DecisionMade) -> None:
    """Put an approved plan in force, or give it back to whoever writes it."""
    if actor is None or made.kind != DecisionKind.PLAN or made.subject_id is None:
        return
    decision = session.get_one(Decision, made.decision_id)
    plan = plans.get_plan(session, made.subject_id, decision.record_id)
    if plan is not None:
        case = session.get_one(Case, made.subject_id)
        planning.settle(session, actor, case, plan, DecisionState(made.state))


@on(CaseAssigned)
@on(CaseReleased)
def ask_who_looks_back(
    session: Session, _actor: Actor | None, happened: CaseAssigned | CaseReleased
) -> None:
    """Let the next look back at a closed case wait for whoever manages it now."""
    sentinels.wait_for_next(session, session.get_one(Case, happened.subject_id))


@on(SchoolMerged)
def ask_for_schools(session: Session, _actor: Actor | None, merged: SchoolMerged) -> None:
    """Ask where the children go whose school became part of another."""
    if merged.subject_id is not None:
        merging.ask_managers(session, merged.subject_id, merged.successor_id)


@on(CaseChanged)
def end_question_of_school(session: Session, _actor: Actor | None, changed: CaseChanged) -> None:
    """Ask no longer where a child goes to school once that is said."""
    if changed.kind == EntryKind.SCHOOL_CHANGED and changed.subject_id is not None:
        duties.close_duties(session, changed.subject_id, SCHOOL_MERGED)


@on(CaseChanged)
def end_silence(session: Session, _actor: Actor | None, changed: CaseChanged) -> None:
    """Ask no longer about a case in which somebody wrote."""
    if changed.subject_id is not None:
        duties.close_duties(session, changed.subject_id, SILENT)


@on(CaseAssigned)
@on(CaseReleased)
def follow_workers(
    session: Session, _actor: Actor | None, happened: CaseAssigned | CaseReleased
) -> None:
    """Let what waits or is planned in a case be with whoever works on it, or may decide."""
    case = session.get_one(Case, happened.subject_id)
    passing_on.settle(session, case)
    serving.hand_over(session, case)


@on(CaseAssigned)
def tell_manager(session: Session, actor: Actor | None, assigned: CaseAssigned) -> None:
    """Let somebody whom a case was given know of it; not whoever took it themselves."""
    taken = actor is not None and actor.user_id == assigned.user_id
    if assigned.part == Part.MANAGER and not taken:
        case = session.get_one(Case, assigned.subject_id)
        # In one that is closed there is nothing to be written; the next look back is asked for.
        if case.state == CaseState.OPEN:
            passing_on.tell_manager(session, case, assigned.user_id)


@on(CaseChanged)
def end_news(session: Session, actor: Actor | None, changed: CaseChanged) -> None:
    """Let a case be news no longer once whoever it was given to writes into it."""
    if actor is None or changed.subject_id is None:
        return
    # A case is given to those who work on cases; a teacher's form is no news to anybody at school.
    if actor.may_somewhere(Permission.CASE_WORK):
        duties.close_for(session, actor, changed.subject_id, GIVEN)


@on(ConflictRecorded)
def keep_from_the_rest(session: Session, actor: Actor | None, recorded: ConflictRecorded) -> None:
    """Keep somebody who must not see a case, or a report of one, from all about that child."""
    if actor is not None:
        access.follow_conflict(session, actor, session.get_one(Conflict, recorded.subject_id))


@on(ConflictRecorded)
@on(ConflictLifted)
def ask_others(
    session: Session, _actor: Actor | None, happened: ConflictRecorded | ConflictLifted
) -> None:
    """Ask for a word whoever may give it, now that somebody must not see a case, or may again."""
    case = session.get(Case, happened.record_id)
    if case is not None:
        passing_on.ask_again(session, case)


@on(AppointmentEnded)
def hand_cases_over(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """End the work of somebody who may no longer do it; the successor goes on where they can."""
    leaving = Actor(ended.user_id, "", appointments_of(session, ended.user_id))
    if not leaving.may(Permission.CASE_WORK, assigned=True):
        for case in held_by(session, ended.user_id):
            access.leave(session, actor, case, ended.user_id, ended.successor_id)
