"""What could keep a child out of sight for weeks is told to the case manager.

Principals and operators write their school's own days into the calendar. That is theirs to do; but
nobody at a school decides alone that forms about a child stay away.
"""

from __future__ import annotations

from dataclasses import replace

from portal.cases.actions.tasks import add_automatic, end_automatic
from portal.cases.queries.tasks import PAUSED, SCHOOL_FREE
from portal.core import clock
from portal.core.access import Actor
from portal.monitoring.actions import coming
from portal.monitoring.actions.coming import Held
from portal.monitoring.models import MonitoringForm
from portal.monitoring.policy.schedule import OPEN_FOR, Planned
from portal.monitoring.queries import due
from portal.monitoring.states import FollowUpState

DAYS_TO_ASK = 2
# A pause without an end is looked at again after so many working days.
DAYS_OF_PAUSE = 10


def tell_of_calendar(held: Held) -> None:
    """Let the case manager ask how a child is whose next form the school's own days put off."""
    if is_put_off(held):
        _ask(held, SCHOOL_FREE, DAYS_TO_ASK)


def is_put_off(held: Held) -> bool:
    """Say whether the next form comes weeks later than by the calendar of all schools."""
    waiting = due.waiting_of(held.forms())
    if waiting is None or not held.days.own or held.follow_up.state != FollowUpState.ACTIVE:
        return False
    by_all = replace(held, days=replace(held.days, own=()))
    usual, own = _next_one(by_all, waiting), _next_one(held, waiting)
    return usual is not None and (own is None or own.due_on > usual.due_on + OPEN_FOR)


def tell_of_pause(held: Held) -> None:
    """Let the case manager decide, again and again, about a pause nobody named an end for."""
    follow_up = held.follow_up
    if follow_up.state == FollowUpState.PAUSED and follow_up.paused_until is None:
        _ask(held, PAUSED, DAYS_OF_PAUSE)


def note_end_of_pause(held: Held, actor: Actor | None) -> None:
    """Ask for no decision about a pause any more."""
    end_automatic(held.session, actor, held.case, PAUSED)


def _next_one(held: Held, waiting: MonitoringForm) -> Planned | None:
    """Return what comes next: the form that waits while it can move, else the one after it."""
    if waiting.opens_on > clock.today():
        return held.plan(coming.progress_of(held, waiting), clock.today())
    return coming.follows(held, waiting)


def _ask(held: Held, code: str, days: int) -> None:
    due_on = clock.add_working_days(clock.today(), days)
    add_automatic(held.session, held.case, code, due_on, held.case.manager_id)
