"""Asking the school once more, some months after a case was closed.

The follow-up stays ended: one form hangs on it for each look back, and whoever is asked for it sees
it until they have read the answer. What the form says decides nothing; people look back with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import write_entry
from portal.cases.models import Case, Sentinel
from portal.cases.states import CaseState, EntryKind
from portal.core import clock
from portal.core.db import new_id
from portal.core.events import emit
from portal.monitoring.actions import coming, form_waiting
from portal.monitoring.actions.coming import Held
from portal.monitoring.events import WatcherNamed, WatcherReleased
from portal.monitoring.models import MonitoringForm, Watcher
from portal.monitoring.policy.access import READS_ON
from portal.monitoring.policy.schedule import OPEN_FOR, WEEK
from portal.monitoring.queries import following, later, staff
from portal.monitoring.queries.plans import missing_consent
from portal.monitoring.states import UNSENT, FollowUpState, FormKind, FormState
from portal.people.queries.confidential import kept_away
from portal.schools.policy import SchoolDays

# What the teacher looks back on, up to the day of looking back.
LOOKS_BACK = timedelta(weeks=4)
# After so long without a lesson week nobody asks the school any more.
LONGEST_BREAK = 10


def ask_school(session: Session, sentinel_id: UUID) -> bool:
    """Ask a school how a child is, in the lesson week of a look back; say whether that is now.

    Nobody is asked twice, for a child that is elsewhere by now, or without the family's word.
    """
    sentinel = session.get_one(Sentinel, sentinel_id)
    found = following.of_case(session, sentinel.case_id)
    if not found:
        return False
    held = coming.hold(session, found[0].id)
    session.refresh(sentinel)
    if not _may_ask(held, sentinel):
        return False
    week = _lesson_week(held.days, max(sentinel.due_on, clock.today()))
    if week is None or clock.monday_of(week[0]) > clock.today():
        return False
    form = _make(held, sentinel, week)
    _ask_again_whoever_watched(held)
    form_waiting.ask_for(session, held.follow_up, form)
    _ask_for_teacher(held)
    facts = {"step": "asked_later", "months": sentinel.months}
    write_entry(session, None, held.case, EntryKind.MONITORING, facts=facts, record_id=form.id)
    return True


def period_of(sentinel: Sentinel) -> date:
    """Return from which day on a form looks back; by it a look back knows its form."""
    return sentinel.due_on - LOOKS_BACK


def _may_ask(held: Held, sentinel: Sentinel) -> bool:
    goes_there = held.case.school_id == held.follow_up.school_id
    over = held.follow_up.state == FollowUpState.ENDED and held.case.state == CaseState.CLOSED
    asked = any(
        each.kind == FormKind.SENTINEL and each.period_from == period_of(sentinel)
        for each in held.forms()
    )
    waits = over and goes_there and sentinel.cancelled_at is None and not asked
    return waits and missing_consent(held.session, held.case) is None


def _lesson_week(days: SchoolDays, day: date) -> list[date] | None:
    """Return the lesson days, from a day on, of the first lesson week that is not over."""
    monday = clock.monday_of(day)
    for number in range(LONGEST_BREAK):
        week = days.lesson_days(monday + number * WEEK)
        if len(week) >= days.lesson_week_days and week[-1] >= clock.today():
            return week
    return None


def _make(held: Held, sentinel: Sentinel, week: Sequence[date]) -> MonitoringForm:
    form = MonitoringForm(
        id=new_id(),
        follow_up_id=held.follow_up.id,
        number=max((each.number for each in held.forms()), default=0) + 1,
        kind=FormKind.SENTINEL,
        state=FormState.WAITING,
        instrument_id=held.edition.id,
        period_from=period_of(sentinel),
        opens_on=week[0],
        due_on=week[-1],
        closes_on=week[-1] + OPEN_FOR,
        weeks=0,
    )
    held.session.add(form)
    held.session.flush()
    return form


def _ask_again_whoever_watched(held: Held) -> None:
    """Let whoever filled in the forms last fill in this one, if they still teach there."""
    session, follow_up = held.session, held.follow_up
    if following.watchers(session, follow_up.id):
        return
    fit = {each.id for each in staff.teachers_at(session, follow_up.school_id)}
    fit -= kept_away(session, held.case.id)
    before = later.watched_last(session, follow_up)
    last = next((each for each in before if each.user_id in fit), None)
    if last is None:
        return
    session.add(
        Watcher(
            id=new_id(),
            follow_up_id=follow_up.id,
            user_id=last.user_id,
            since=clock.now(),
            named_by=last.named_by,
        )
    )
    session.flush()
    emit(session, None, WatcherNamed(follow_up.id, last.user_id, substitute=False))


def _ask_for_teacher(held: Held) -> None:
    """Let the principal name somebody while nobody is asked for a form that waits."""
    if not following.watchers(held.session, held.follow_up.id):
        form_waiting.ask_for_teacher(held.session, held.case, held.school, held.days)


def look_after(session: Session, follow_up_id: UUID) -> None:
    """Do what a day asks for about a later check; doing it again changes nothing.

    A principal is asked while nobody is; once it is over nobody there sees anything any more.
    """
    held = coming.hold(session, follow_up_id)
    forms = [each for each in held.forms() if each.kind == FormKind.SENTINEL]
    if any(each.state in UNSENT and each.closes_on >= clock.today() for each in forms):
        _ask_for_teacher(held)
    elif not any(each.sent_at and clock.now() < each.sent_at + READS_ON for each in forms):
        _let_go(held)


def withdraw(session: Session, case: Case) -> None:
    """Ask no school any more: the case goes on."""
    for follow_up_id in later.asked_about(session, case.id):
        held = coming.hold(session, follow_up_id)
        for form in held.forms():
            if form.kind == FormKind.SENTINEL and form.state in UNSENT:
                form_waiting.close_form(session, form)
                form.follow(UNSENT, FormState.CANCELLED)
        _let_go(held)


def _let_go(held: Held) -> None:
    for watcher in following.watchers(held.session, held.follow_up.id):
        watcher.ended_at = clock.now()
        emit(held.session, None, WatcherReleased(held.follow_up.id, watcher.user_id))
    form_waiting.stop(held.session, held.case.id)
