"""Forms that were sent, forms that are late, forms that never came: what follows from each."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.events import emit
from portal.monitoring.actions import coming, form_waiting, put_off, scheduling, watching
from portal.monitoring.actions.coming import Held, hold
from portal.monitoring.events import FormMissed, FormSent
from portal.monitoring.models import FormAnswers, MonitoringForm
from portal.monitoring.policy.lateness import Patience, lateness
from portal.monitoring.policy.schedule import Planned
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.queries import following
from portal.monitoring.states import UNSENT, FollowUpState, FormKind, FormState


def follow_sent(session: Session, actor: Actor | None, sent: FormSent) -> None:
    """Let the next form come after one was sent; a red flag lets the rhythm begin anew.

    A correction counts no form twice, and begins anew only with a red flag that was not there.
    """
    form = session.get_one(MonitoringForm, sent.subject_id)
    form_waiting.close_form(session, form)
    if form.kind == FormKind.SENTINEL:
        return
    held: Held = sent.held or hold(session, form.follow_up_id)
    if not sent.corrected:
        if form.missed_at is None:
            coming.settle(held, form)
        else:
            coming.settle_late(held)
    going_on = held.follow_up.state == FollowUpState.ACTIVE
    if going_on and _newly_flagged(session, sent.answers_id):
        scheduling.begin_anew(held, actor)
    coming.make(held)
    put_off.tell_of_calendar(held)


def _newly_flagged(session: Session, answers_id: UUID) -> bool:
    """Say whether answers tell of a red flag while those they correct told of none."""
    answers = session.get_one(FormAnswers, answers_id)
    if not Filled.of_json(answers.answers).flags:
        return False
    before = session.scalar(
        select(FormAnswers).where(
            FormAnswers.form_id == answers.form_id, FormAnswers.number == answers.number - 1
        )
    )
    return before is None or not Filled.of_json(before.answers).flags


def look_after(session: Session, follow_up_id: UUID) -> Counter[str]:
    """Do what a day asks for about one follow-up; doing it again changes nothing.

    Returns how many forms were `missed`, `reminded` of and `told` about, and how many people
    `left`.
    """
    held = hold(session, follow_up_id)
    follow_up, done = held.follow_up, Counter[str]()
    if follow_up.state != FollowUpState.ENDED:
        done["left"] = watching.release_leavers(session, held)
    _resume_in_time(held)
    office = settings.read(session)
    patience = Patience(office["form_remind_days"], office["form_tell_days"])
    for form in held.forms():
        if form.state in UNSENT and form.due_on < clock.today():
            _follow_late(held, form, patience, done)
    coming.settle_late(held)
    if follow_up.state == FollowUpState.ACTIVE:
        coming.make(held)
        put_off.tell_of_calendar(held)
    put_off.tell_of_pause(held)
    if follow_up.state != FollowUpState.ENDED and not following.watchers(session, follow_up.id):
        form_waiting.ask_for_teacher(session, held.case, held.school, held.days)
    return done


def _resume_in_time(held: Held) -> None:
    """Let a pause end on the day that was named for it."""
    until = held.follow_up.paused_until
    paused = held.follow_up.state == FollowUpState.PAUSED
    if paused and until is not None and until <= clock.today():
        scheduling.go_on(held, None)


def _follow_late(held: Held, form: MonitoringForm, patience: Patience, done: Counter[str]) -> None:
    next_one = _next_one(held, form) if form.state == FormState.WAITING else None
    late = lateness(
        held.days, form.due_on, next_one.opens_on if next_one else None, clock.today(), patience
    )
    if late.missed and form.state == FormState.WAITING:
        _miss(held, form)
        done["missed"] += 1
    if form.closes_on < clock.today():
        form_waiting.close_form(held.session, form)
        return
    if late.remind:
        done["reminded"] += form_waiting.ask_late(held.session, held.follow_up, form)
    asked = bool(following.watchers(held.session, held.follow_up.id))
    if late.tell and asked and form.told_at is None:
        form.told_at = clock.now()
        form_waiting.tell_of_late(held.session, held.case, held.school, held.days)
        done["told"] += 1


def _next_one(held: Held, form: MonitoringForm) -> Planned | None:
    return None if form.kind == FormKind.SENTINEL else coming.follows(held, form)


def _miss(held: Held, form: MonitoringForm) -> None:
    form.follow(frozenset({FormState.WAITING}), FormState.MISSED)
    form.missed_at = clock.now()
    coming.settle(held, form)
    emit(held.session, None, FormMissed(form.id))
