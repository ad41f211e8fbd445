"""The rows of forms that come due: made one after the other, moved, dropped, settled.

Whoever changes what comes due holds the case first, then the follow-up: so no two do it at once,
and nobody waits for the other crosswise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.core import clock, settings
from portal.core.db import new_id
from portal.monitoring.actions import form_waiting
from portal.monitoring.models import FollowUp, Instrument, MonitoringForm
from portal.monitoring.policy.schedule import (
    DAY,
    Planned,
    Progress,
    after,
    next_form,
    school_day_from,
)
from portal.monitoring.queries import due, holding
from portal.monitoring.states import UNSENT, FollowUpState, FormKind, FormState
from portal.schools.models import School
from portal.schools.policy import SchoolDays
from portal.schools.queries.calendar import school_days


@dataclass(frozen=True)
class Held:
    """A follow-up with all that its schedule depends on, locked until the transaction ends."""

    session: Session
    follow_up: FollowUp
    case: Case
    school: School
    days: SchoolDays
    edition: Instrument
    opens_before: int
    rows: list[MonitoringForm]

    def forms(self) -> list[MonitoringForm]:
        """Return the forms as they stand now, the first first."""
        return list(self.rows)

    def plan(self, progress: Progress, not_before: date = date.min) -> Planned | None:
        """Return the form that comes next."""
        return next_form(
            self.days,
            self.edition.rhythm,
            progress,
            opens_before=self.opens_before,
            not_before=not_before,
        )


def hold(session: Session, follow_up_id: UUID) -> Held:
    """Lock a case, its follow-up and its forms, and read what its schedule depends on.

    Once for one thing that is done: what is changed through one `Held` another does not see.
    """
    case = session.scalars(*holding.case_of(follow_up_id=follow_up_id)).one()
    # With statements of their own: what stood there before the wait for the case may be over.
    follow_up, school, edition = session.execute(
        *holding.follow_up(follow_up_id=follow_up_id)
    ).one()
    return Held(
        session=session,
        follow_up=follow_up,
        case=case,
        school=school,
        days=school_days(session, school),
        edition=edition,
        opens_before=settings.read(session)["form_opens_days"],
        rows=list(session.scalars(*holding.forms(follow_up_id=follow_up_id))),
    )


def progress_of(held: Held, waiting: MonitoringForm | None = None) -> Progress:
    """Return how far a follow-up is, apart from the form that waits."""
    follow_up = held.follow_up
    settled = [each for each in held.forms() if each is not waiting]
    looked_on = max((each.due_on for each in settled), default=None)
    again_on = follow_up.paused_until
    returns_on = follow_up.began_on if looked_on is None else None
    if looked_on and again_on and waiting and waiting.kind == FormKind.FIRST_DAY:
        # The form after a pause asks for the day on which the child came back.
        returns_on = again_on if again_on > looked_on else None
    return Progress(
        step=follow_up.step,
        begins_on=max(follow_up.began_on, again_on or date.min),
        counted_on=max((each.due_on for each in settled if each.weeks), default=None),
        looked_on=looked_on,
        returns_on=returns_on,
    )


def make(held: Held, *, returns_on: date | None = None) -> MonitoringForm | None:
    """Make the form that comes next, unless one waits already; None when none is to come.

    `returns_on` is the day on which a child comes back after it was away.
    """
    follow_up = held.follow_up
    forms = held.forms()
    waiting = due.waiting_of(forms)
    if waiting is not None or follow_up.state != FollowUpState.ACTIVE:
        return waiting
    progress = progress_of(held)
    if returns_on is not None:
        progress = replace(progress, returns_on=returns_on)
    planned = held.plan(progress, clock.today())
    if planned is None:
        form_waiting.ask_how_it_goes_on(held.session, held.case)
        return None
    form = MonitoringForm(
        id=new_id(),
        follow_up_id=follow_up.id,
        number=max((each.number for each in forms), default=0) + 1,
        state=FormState.WAITING,
        instrument_id=held.edition.id,
    )
    _lay(held, form, planned, progress)
    held.session.add(form)
    held.rows.append(form)
    held.session.flush()
    form_waiting.ask_first(held.session, follow_up, form)
    return form


def move(held: Held) -> None:
    """Let a form that has not opened yet come when the calendar and the rhythm say so now."""
    waiting = due.waiting_of(held.forms())
    if waiting is None or held.follow_up.state != FollowUpState.ACTIVE:
        return
    if waiting.opens_on <= clock.today():
        return
    progress = progress_of(held, waiting)
    planned = held.plan(progress, clock.today())
    if planned is None:
        drop(held, waiting)
        form_waiting.ask_how_it_goes_on(held.session, held.case)
    elif planned != planned_of(waiting):
        _lay(held, waiting, planned, progress)
        form_waiting.move_form(held.session, held.follow_up, waiting)


def drop(held: Held, form: MonitoringForm) -> None:
    """Let a form not come: what has not opened yet was a plan only and leaves nothing behind."""
    form_waiting.close_form(held.session, form)
    if form.opens_on > clock.today():
        held.rows.remove(form)
        held.session.delete(form)
        held.session.flush()
    else:
        form.follow(frozenset({FormState.WAITING}), FormState.CANCELLED)
        # It stood for no week of the rhythm.
        form.weeks = 0


def settle(held: Held, form: MonitoringForm) -> None:
    """Count a form that was sent, missed or left out, and ask nobody for the late ones it ends."""
    if form.weeks:
        held.follow_up.step += 1
    settle_late(held)


def settle_late(held: Held) -> None:
    """Tell of late forms no longer once none of those told about can come in any more."""
    today = clock.today()
    told = [each for each in held.rows if each.told_at is not None]
    if told and not any(each.state in UNSENT and each.closes_on >= today for each in told):
        form_waiting.close_late(held.session, held.case.id)


def planned_of(form: MonitoringForm) -> Planned:
    """Return a form as the schedule knows it."""
    return Planned(FormKind(form.kind), form.opens_on, form.due_on, form.weeks)


def follows(held: Held, form: MonitoringForm) -> Planned | None:
    """Return what comes after a form that still waits, were it settled now."""
    return held.plan(after(progress_of(held, form), planned_of(form)))


def _lay(held: Held, form: MonitoringForm, planned: Planned, progress: Progress) -> None:
    """Write down when a form comes due and what it looks back on."""
    form.kind, form.weeks = planned.kind, planned.weeks
    form.opens_on, form.due_on, form.closes_on = (
        planned.opens_on,
        planned.due_on,
        planned.closes_on,
    )
    begins_on = held.follow_up.began_on
    if progress.looked_on is not None:
        begins_on = school_day_from(held.days, progress.looked_on + DAY)
    first_day = planned.kind == FormKind.FIRST_DAY
    form.period_from = planned.due_on if first_day else min(begins_on, planned.due_on)
