"""Looking after a child again, some months after its case was closed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, time

from sqlalchemy.orm import Session

from portal.cases.actions.file import link_of, lock, write_entry
from portal.cases.actions.waiting import SENTINEL
from portal.cases.models import Case, Sentinel
from portal.cases.queries import files, sentinels
from portal.cases.states import CaseState, EntryKind, Wellbeing
from portal.core import clock, duties, settings
from portal.core.access import Actor, Role
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected

SETTINGS = ("sentinel_first_months", "sentinel_second_months")


def schedule(session: Session, case: Case) -> None:
    """Set the days on which somebody asks how the child is, counted from the closure."""
    office, closed_on = settings.read(session), case.closed_on or clock.today()
    for months in sorted({office[name] for name in SETTINGS}):
        day = months_after(closed_on, months)
        session.add(Sentinel(id=new_id(), case_id=case.id, due_on=day, months=months))
    session.flush()
    wait_for_next(session, case)


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a month too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def wait_for_next(session: Session, case: Case) -> None:
    """Let the next look back wait for whoever managed the case, or else the coordinators.

    Only one waits at a time; it shows from its day on. Nothing waits in a case that is not closed.
    """
    if case.state != CaseState.CLOSED:
        return
    duties.close_duties(session, case.id, SENTINEL)
    coming = sentinels.next_of(session, case.id)
    if coming is None:
        return
    # How long somebody has to ask, from the day on which it shows.
    days = settings.read(session)["sentinel_working_days"]
    last_day = clock.add_working_days(coming.due_on, days)
    duties.open_duty(
        session,
        Due(
            kind=SENTINEL,
            subject_id=case.id,
            link=f"{link_of(case)}/penutupan",
            due_at=clock.at_wib(last_day, clock.OFFICE_CLOSES),
            facts={"number": case.number},
            person_id=case.manager_id,
            role=None if case.manager_id else Role.COORDINATOR,
            visible_from=max(clock.now(), clock.at_wib(coming.due_on, time())),
        ),
    )


def look_back(
    session: Session, actor: Actor, case: Case, sentinel: Sentinel, found: Wellbeing, text: str
) -> None:
    """Write how the child was found; the next look back waits from now on.

    Raises Rejected("not_allowed"), Rejected("state_changed") when it is done or the case goes on,
    or Rejected("not_due_yet") before its day.
    """
    lock(session, case)
    session.refresh(sentinel)
    if not files.may_look_back(session, actor, case.id):
        raise Rejected("not_allowed")
    if sentinel.done_at or sentinel.cancelled_at or case.state != CaseState.CLOSED:
        raise Rejected("state_changed")
    if sentinel.due_on > clock.today():
        raise Rejected("not_due_yet")
    sentinel.found, sentinel.text = found, text
    sentinel.done_at, sentinel.done_by = clock.now(), actor.user_id
    facts = {"found": str(found), "months": sentinel.months}
    write_entry(session, actor, case, EntryKind.SENTINEL, facts=facts, record_id=sentinel.id)
    session.flush()
    wait_for_next(session, case)


def cancel_rest(session: Session, case: Case) -> None:
    """Look back no longer: the case goes on."""
    for sentinel in sentinels.coming(session, case.id):
        sentinel.cancelled_at = clock.now()
    duties.close_duties(session, case.id, SENTINEL)
