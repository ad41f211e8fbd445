"""Monitoring begins, is paused, goes on, begins anew weekly, and ends."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.tasks import end_automatic
from portal.cases.models import Case
from portal.cases.queries.tasks import SCHOOL_AGAIN
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions import coming, form_waiting, put_off
from portal.monitoring.actions.coming import Held, hold
from portal.monitoring.events import FollowUpMoved, WatcherNamed, WatcherReleased
from portal.monitoring.models import FollowUp, MonitoringForm, ReturnPlan, Watcher
from portal.monitoring.queries import due, following
from portal.monitoring.states import UNSENT, FollowUpState, FormState


def start(session: Session, actor: Actor, plan: ReturnPlan, teacher_id: UUID | None) -> FollowUp:
    """Let forms come due at the school a plan was shared with; a revised plan goes on with them.

    The caller has begun with the case (`file.begin`).
    """
    present = following.current(session, plan.case_id)
    if present is not None and present.school_id != plan.school_id:
        _end(hold(session, present.id), actor)
        present = None
    follow_up = present or _begin(session, actor, plan)
    follow_up.initials = initials_of(plan.child_name)
    follow_up.class_name = plan.class_name
    session.flush()
    held = hold(session, follow_up.id)
    if teacher_id is not None:
        _watch(held, actor, teacher_id)
    if present is not None and not any(_came(each) for each in held.forms()):
        # Nobody looked yet: the new plan says which day is the first one back.
        follow_up.began_on = plan.returns_on
        if follow_up.state == FollowUpState.ACTIVE:
            follow_up.paused_until = _late_start(plan)
        coming.move(held)
    coming.make(held)
    put_off.tell_of_calendar(held)
    if teacher_id is None:
        form_waiting.ask_for_teacher(session, held.case, held.school, held.days)
    return follow_up


def _begin(session: Session, actor: Actor, plan: ReturnPlan) -> FollowUp:
    follow_up = FollowUp(
        id=new_id(),
        case_id=plan.case_id,
        school_id=plan.school_id,
        state=FollowUpState.ACTIVE,
        initials="",
        began_on=plan.returns_on,
        paused_until=_late_start(plan),
        step=0,
        started_by=actor.user_id,
    )
    session.add(follow_up)
    session.flush()
    form_waiting.note_new_plan(session, plan.case_id)
    end_automatic(session, actor, session.get_one(Case, plan.case_id), SCHOOL_AGAIN)
    _tell(session, actor, follow_up, "started")
    return follow_up


def _late_start(plan: ReturnPlan) -> date | None:
    """Return from which day on forms come due for a child that was back before the school knew."""
    today = clock.today()
    return today if plan.returns_on < today else None


def _came(form: MonitoringForm) -> bool:
    return form.state != FormState.WAITING or form.opens_on <= clock.today()


def _watch(held: Held, actor: Actor, user_id: UUID) -> None:
    """Let the teacher named with a plan fill in the forms; who stands in for a while stays."""
    session, follow_up = held.session, held.follow_up
    for each in following.watchers(session, follow_up.id):
        if each.user_id == user_id:
            return
        if not each.substitute:
            each.ended_at = clock.now()
            emit(session, actor, WatcherReleased(follow_up.id, each.user_id))
    session.add(
        Watcher(
            id=new_id(),
            follow_up_id=follow_up.id,
            user_id=user_id,
            since=clock.now(),
            named_by=actor.user_id,
        )
    )
    session.flush()
    emit(session, actor, WatcherNamed(follow_up.id, user_id, substitute=False))
    form_waiting.note_teacher(session, follow_up.case_id)
    for form in held.forms():
        if form.state in UNSENT:
            form_waiting.ask_for(session, follow_up, form)


def initials_of(name: str) -> str:
    """Return the initials of a name as the school reads them: "R.P."."""
    letters = (word[0].upper() for word in name.split() if word[0].isalpha())
    return "".join(f"{letter}." for letter in letters)


def make_next(session: Session, follow_up: FollowUp) -> MonitoringForm | None:
    """Make the form that comes next unless one waits already; None when none is to come."""
    return coming.make(hold(session, follow_up.id))


def restart_weekly(
    session: Session, actor: Actor, follow_up: FollowUp, *, reason: str = ""
) -> None:
    """Begin the rhythm anew; a form that is open already is the first of it.

    Raises what `file.begin` raises, or Rejected("follow_up_paused") and
    Rejected("follow_up_ended").
    """
    held = _begin_with(session, actor, follow_up)
    _expect_active(follow_up)
    begin_anew(held, actor, reason)


def is_over(session: Session, follow_up: FollowUp) -> bool:
    """Say whether no form of an active follow-up is to come any more: its rhythm is over."""
    active = follow_up.state == FollowUpState.ACTIVE
    return active and due.waiting_of(due.forms_of(session, follow_up.id)) is None


def begin_anew(held: Held, actor: Actor | None, reason: str = "") -> None:
    """Begin the rhythm of an active follow-up anew, for a person or after a red flag."""
    held.follow_up.step = 0
    form_waiting.note_decided(held.session, held.case.id)
    coming.move(held)
    coming.make(held)
    _tell(held.session, actor, held.follow_up, "restarted", reason)


def pause(
    session: Session,
    actor: Actor,
    follow_up: FollowUp,
    *,
    reason: str,
    until: date | None = None,
) -> None:
    """Let no form come due, until a day or until somebody resumes; what waits is not needed.

    Raises what `file.begin` raises, Rejected("pause_reason", "reason"), Rejected("pause_past",
    "until"), or Rejected("state_changed").
    """
    held = _begin_with(session, actor, follow_up)
    if not reason:
        raise Rejected("pause_reason", "reason")
    if until is not None and until <= clock.today():
        raise Rejected("pause_past", "until")
    follow_up.move(actor, "pause")
    follow_up.paused_until, follow_up.pause_reason = until, reason
    _rest(held)
    _tell(session, actor, follow_up, "paused", reason)


def _rest(held: Held) -> None:
    """Ask nobody for the forms of a follow-up; what was missed is not sent any more."""
    for form in held.forms():
        if form.state == FormState.WAITING:
            coming.drop(held, form)
        elif form.state == FormState.MISSED:
            form.closes_on = min(form.closes_on, clock.today())
            form_waiting.close_form(held.session, form)
    form_waiting.close_late(held.session, held.case.id)
    form_waiting.note_decided(held.session, held.case.id)


def resume(session: Session, actor: Actor, follow_up: FollowUp, *, was_away: bool = False) -> None:
    """Let forms come due again at the same step, from the first lesson week that is left.

    A child that `was_away` from school is asked about on its first day back as well. Raises what
    `file.begin` raises, or Rejected("state_changed").
    """
    held = _begin_with(session, actor, follow_up)
    go_on(held, actor, returns_on=clock.today() if was_away else None)


def go_on(held: Held, actor: Actor | None, *, returns_on: date | None = None) -> None:
    """Let forms of a paused follow-up come due again; by itself (None) when its day has come.

    Raises Rejected("state_changed").
    """
    follow_up = held.follow_up
    follow_up.follow(frozenset({FollowUpState.PAUSED}), FollowUpState.ACTIVE)
    follow_up.paused_until, follow_up.pause_reason = clock.today(), ""
    put_off.note_end_of_pause(held, actor)
    coming.make(held, returns_on=returns_on)
    _tell(held.session, actor, follow_up, "resumed")


def skip_form(session: Session, actor: Actor, form: MonitoringForm) -> None:
    """Leave out a form that waits; the next one comes when the rhythm says so.

    Raises what `file.begin` raises, or Rejected("state_changed").
    """
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    held = _begin_with(session, actor, follow_up)
    form.follow(frozenset({FormState.WAITING}), FormState.CANCELLED)
    form_waiting.close_form(session, form)
    coming.settle(held, form)
    coming.make(held)
    _tell(session, actor, follow_up, "skipped")


def end(session: Session, actor: Actor | None, follow_up: FollowUp, *, reason: str = "") -> None:
    """End the monitoring of a child at a school; nobody is asked any more.

    Raises what `file.begin` raises; nothing happens when it is ended already.
    """
    _end(_begin_with(session, actor, follow_up), actor, reason)


def _end(held: Held, actor: Actor | None, reason: str = "") -> None:
    session, follow_up = held.session, held.follow_up
    if follow_up.state == FollowUpState.ENDED:
        return
    follow_up.follow(frozenset({FollowUpState.ACTIVE, FollowUpState.PAUSED}), FollowUpState.ENDED)
    follow_up.ended_at = clock.now()
    _rest(held)
    put_off.note_end_of_pause(held, actor)
    for watcher in following.watchers(session, follow_up.id):
        watcher.ended_at = clock.now()
        emit(session, actor, WatcherReleased(follow_up.id, watcher.user_id))
    form_waiting.stop(session, follow_up.case_id)
    _tell(session, actor, follow_up, "ended", reason)


def end_with_case(session: Session, actor: Actor | None, case: Case) -> None:
    """End what goes on about a case that is over, or whose child left the school."""
    follow_up = following.current(session, case.id)
    if follow_up is not None:
        _end(hold(session, follow_up.id), actor)


def follow_calendar(session: Session, school_id: UUID | None) -> None:
    """Let forms that have not opened yet come when the calendar of a school, or all, says now."""
    for follow_up_id in due.movable_at(session, school_id):
        held = hold(session, follow_up_id)
        coming.move(held)
        if school_id is not None:
            put_off.tell_of_calendar(held)


def _begin_with(session: Session, actor: Actor | None, follow_up: FollowUp) -> Held:
    """Lock a follow-up for somebody who works on its case; the portal itself always may."""
    if actor is not None:
        begin(session, actor, session.get_one(Case, follow_up.case_id))
    return hold(session, follow_up.id)


def _expect_active(follow_up: FollowUp) -> None:
    if follow_up.state == FollowUpState.ENDED:
        raise Rejected("follow_up_ended")
    if follow_up.state == FollowUpState.PAUSED:
        raise Rejected("follow_up_paused")


def _tell(
    session: Session, actor: Actor | None, follow_up: FollowUp, step: str, reason: str = ""
) -> None:
    """Tell what happened, and write it on the case's timeline when a person did it."""
    emit(session, actor, FollowUpMoved(follow_up.id, follow_up.case_id, step))
    if actor is not None:
        write_entry(
            session,
            actor,
            session.get_one(Case, follow_up.case_id),
            EntryKind.MONITORING,
            text=reason,
            facts={"step": step},
            record_id=follow_up.id,
        )
