"""What the schedule of forms does when one is sent, a case ends, somebody leaves, days change."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.actions.tasks import add_automatic
from portal.cases.events import (
    CaseAssigned,
    CaseChanged,
    CaseClosed,
    CaseReleased,
    CaseReopened,
)
from portal.cases.models import Case
from portal.cases.queries import identity
from portal.cases.queries.sentences import explain
from portal.cases.queries.tasks import SCHOOL_AGAIN
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.events import on
from portal.monitoring.actions import form_waiting, merging, overdue, scheduling, watching
from portal.monitoring.events import FormSent
from portal.monitoring.queries import due, following, staff
from portal.monitoring.queries.words import STEPS
from portal.people.events import AppointmentEnded, ConflictRecorded
from portal.schools.events import CalendarChanged, SchoolChanged, SchoolMerged
from portal.schools.queries import above

DAYS_TO_DECIDE = 2

explain(EntryKind.MONITORING, "step", STEPS)
above.foresee_with(merging.foresee)


@on(FormSent)
def go_on(session: Session, actor: Actor | None, sent: FormSent) -> None:
    """Let the next form come; a red flag lets the rhythm begin anew."""
    overdue.follow_sent(session, actor, sent)


@on(CaseClosed)
def end_with_case(session: Session, actor: Actor | None, closed: CaseClosed) -> None:
    """End what goes on about a case that ends."""
    case = session.get_one(Case, closed.subject_id)
    scheduling.end_with_case(session, actor, case)
    form_waiting.note_new_plan(session, case.id)


@on(CaseReopened)
def ask_for_school(session: Session, _actor: Actor | None, reopened: CaseReopened) -> None:
    """Let somebody decide whether a school looks after a child again whose case goes on."""
    case = session.get_one(Case, reopened.subject_id)
    if following.of_case(session, case.id) and case.school_id is not None:
        due_on = clock.add_working_days(clock.today(), DAYS_TO_DECIDE)
        add_automatic(session, case, SCHOOL_AGAIN, due_on, case.manager_id)


@on(CaseChanged)
def follow_school(session: Session, actor: Actor | None, changed: CaseChanged) -> None:
    """End what goes on at a school the child left, and ask for a plan at the next one."""
    if changed.kind != EntryKind.SCHOOL_CHANGED:
        return
    case = session.get_one(Case, changed.subject_id)
    if case.school_id is None:
        form_waiting.note_new_plan(session, case.id)
    follow_up = following.current(session, case.id)
    if follow_up is None:
        return
    if follow_up.school_id == case.school_id:
        present = identity.present_schools(session, case.child_id)
        follow_up.class_name = present[0].class_name if present else follow_up.class_name
        return
    scheduling.end_with_case(session, actor, case)
    if case.school_id is not None:
        form_waiting.ask_for_new_plan(session, case)


@on(CaseAssigned)
@on(CaseReleased)
def hand_over(
    session: Session, _actor: Actor | None, happened: CaseAssigned | CaseReleased
) -> None:
    """Let what waits about forms wait for whoever manages the case now."""
    session.flush()
    form_waiting.hand_on(session, session.get_one(Case, happened.subject_id))


@on(AppointmentEnded)
def leave_forms(session: Session, _actor: Actor | None, ended: AppointmentEnded) -> None:
    """Ask somebody who left a school for no form about its children any more."""
    session.flush()
    if ended.school_id is None:
        return
    if ended.user_id in set(session.scalars(staff.teaching_at(ended.school_id))):
        return
    for follow_up in due.watched_at(session, ended.user_id, ended.school_id):
        watching.release_watcher(session, None, follow_up, ended.user_id)


@on(ConflictRecorded)
def keep_from_forms(session: Session, _actor: Actor | None, recorded: ConflictRecorded) -> None:
    """Ask somebody who must not see a case for no form about its child."""
    watching.release_from_case(session, recorded.record_id, recorded.user_id)


@on(SchoolMerged)
def follow_merger(session: Session, _actor: Actor | None, merged: SchoolMerged) -> None:
    """Let forms go on at the school another became part of."""
    if merged.subject_id is not None:
        merging.follow_merger(session, merged.subject_id, merged.successor_id)


@on(CalendarChanged)
def follow_calendar(session: Session, _actor: Actor | None, changed: CalendarChanged) -> None:
    """Let forms that have not opened yet come when the calendar says so now."""
    session.flush()
    scheduling.follow_calendar(session, changed.school_id)


@on(SchoolChanged)
def follow_week(session: Session, _actor: Actor | None, changed: SchoolChanged) -> None:
    """Let forms that have not opened yet come when the school teaches on other days now."""
    if {"week_days", "level"} & set(changed.fields.split(",")):
        session.flush()
        scheduling.follow_calendar(session, changed.subject_id)
