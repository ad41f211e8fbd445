"""Alerts are raised by what a form says, by its absence, or by a new case after the closure.

What becomes of them stands in `settling`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.actions.file import write_entry
from portal.cases.actions.tasks import add_automatic
from portal.cases.models import Case
from portal.cases.queries.tasks import VISIT_SILENT
from portal.cases.states import CaseState, EntryKind
from portal.core import clock
from portal.core.db import new_id
from portal.core.events import emit
from portal.monitoring.actions.waiting import wait_for
from portal.monitoring.events import AlertRaised
from portal.monitoring.models import Alert, FollowUp, Instrument, MonitoringForm
from portal.monitoring.policy.findings import findings
from portal.monitoring.policy.scoring import Filled, Result
from portal.monitoring.queries import alerts as queries
from portal.monitoring.queries.forms import answers_up_to
from portal.monitoring.states import AlertKind, AlertState, Band, FormKind, FormState

K = AlertKind
# Working days until somebody must have taken it on, where no red flag asks for hours.
DAYS = {K.ORANGE_TWICE: 3}
# What takes a while once somebody has it in hand is not raised again before it is settled.
SLOW = frozenset({K.ORANGE_TWICE, K.SILENT})
# A form after the closure that says more than "calm".
WORSE = frozenset({Band.YELLOW, Band.ORANGE, Band.RED})
FORMS_BEFORE = 8
MISSED_IN_A_ROW = 2
VISIT_WITHIN = 3


def follow_form(session: Session, form: MonitoringForm) -> list[Alert]:
    """Raise what a form asks for as it stands now; the same answers never raise anything twice."""
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    edition = session.get_one(Instrument, form.instrument_id)
    (filled, result), *earlier = (
        (Filled.of_json(each.answers), Result.of_json(each.result))
        for each in answers_up_to(session, form, 1 + FORMS_BEFORE)
    )
    if form.kind == FormKind.SENTINEL:
        kinds = frozenset({K.RELAPSE} if filled.flags or result.band in WORSE else ())
    else:
        # Also in one that is closed: a correction of what was sent before is no news from later.
        kinds = findings(edition.thresholds, filled, result, earlier)
    return [
        raise_alert(session, follow_up, kind, form, filled.flags)
        for kind in queries.ORDER
        if kind in kinds
    ]


def follow_silence(session: Session, form: MonitoringForm) -> None:
    """Raise an alert, and set a task to go there, when forms were missed again and again."""
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    case = session.get_one(Case, follow_up.case_id)
    last = queries.last_states(session, form, MISSED_IN_A_ROW)
    if case.state != CaseState.OPEN or last != [FormState.MISSED] * MISSED_IN_A_ROW:
        return
    raise_alert(session, follow_up, K.SILENT, form)
    due_on = clock.add_working_days(clock.today(), VISIT_WITHIN)
    add_automatic(session, case, VISIT_SILENT, due_on, case.manager_id)


def raise_alert(
    session: Session,
    follow_up: FollowUp,
    kind: AlertKind,
    form: MonitoringForm | None = None,
    flags: Collection[str] = (),
) -> Alert:
    """Raise an alert and let it wait, or add to the one of its kind that nobody took on yet.

    A correction of a form raises only what is new in it.
    """
    case = session.get_one(Case, follow_up.case_id)
    hours = None
    # Only these are about the flags; the others stand beside them.
    told = frozenset(flags) if kind in (K.RED_FLAG, K.RELAPSE) else frozenset()
    if form is not None and told:
        hours = queries.hours_for(session.get_one(Instrument, form.instrument_id), told)
    due_at = due_by(kind, hours, clock.now())
    standing = _standing(session, follow_up, kind, form, told)
    alert = standing or _add(session, case, follow_up, kind, form, due_at)
    if alert.state == AlertState.OPEN:
        left = [each for each in queries.matter_of(session, alert) if each is not alert]
        _take_up(session, alert, form)
        alert.flags = " ".join(sorted(queries.flags_of(alert) | told))
        alert.rings = alert.rings or hours is not None
        alert.due_at = min(alert.due_at, due_at)
        session.flush()
        if left and left[0].form_id != alert.form_id:
            wait_for(session, case, left)
        wait_for(session, case, queries.matter_of(session, alert))
    return alert


def _take_up(session: Session, alert: Alert, form: MonitoringForm | None) -> None:
    """Let an alert nobody took on yet be about a newer form."""
    if form is None or alert.form_id == form.id:
        return
    known = session.get(MonitoringForm, alert.form_id) if alert.form_id else None
    if known is None or known.number < form.number:
        alert.form_id = form.id


def _standing(
    session: Session,
    follow_up: FollowUp,
    kind: AlertKind,
    form: MonitoringForm | None,
    told: frozenset[str],
) -> Alert | None:
    """Return the alert that says this already, or that still waits and takes it up."""
    for each in queries.of_kind(session, follow_up.id, kind):
        said = form is not None and each.form_id == form.id and told <= queries.flags_of(each)
        lasts = kind in SLOW and each.state != AlertState.CLOSED
        if each.state == AlertState.OPEN or said or lasts:
            return each
    return None


def _add(
    session: Session,
    case: Case,
    follow_up: FollowUp,
    kind: AlertKind,
    form: MonitoringForm | None,
    due_at: datetime,
) -> Alert:
    alert = Alert(
        id=new_id(),
        follow_up_id=follow_up.id,
        form_id=form.id if form is not None else None,
        kind=kind,
        state=AlertState.OPEN,
        flags="",
        rings=False,
        raised_at=clock.now(),
        due_at=due_at,
        done="",
    )
    session.add(alert)
    session.flush()
    facts = {"step": "raised", "alert": str(kind)}
    write_entry(session, None, case, EntryKind.ALERT, facts=facts, record_id=alert.id)
    emit(session, None, AlertRaised(alert.id, case.id, kind))
    return alert


def due_by(kind: AlertKind, hours: int | None, moment: datetime) -> datetime:
    """Return until when somebody must have taken on what was raised at a moment."""
    if hours is not None:
        return clock.add_working_hours(moment, hours)
    day = clock.add_working_days(clock.day_of(moment), DAYS.get(kind, 1))
    return clock.at_wib(day, clock.OFFICE_CLOSES)
