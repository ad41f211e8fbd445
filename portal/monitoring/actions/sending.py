"""A teacher sends a form, once, or corrects it for some hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import write_entry
from portal.cases.states import EntryKind
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions.coming import Held, hold
from portal.monitoring.events import FormSent
from portal.monitoring.models import FormAnswers, Instrument, MonitoringForm
from portal.monitoring.policy.scoring import Filled, score
from portal.monitoring.policy.standing import Standing, standing_of
from portal.monitoring.states import FollowUpState

# Why a form cannot be sent, or corrected, now.
WHY_NOT = {
    Standing.OPEN: "form_open",
    Standing.NOT_YET: "form_not_yet",
    Standing.CLOSED: "form_closed",
    Standing.PAUSED: "form_paused",
    Standing.CANCELLED: "form_cancelled",
    Standing.ENDED: "form_ended",
    Standing.CORRECTABLE: "form_correctable",
    Standing.SENT: "form_sent",
    Standing.SENT_BY_OTHER: "form_sent_by_other",
}


@dataclass(frozen=True)
class _Version:
    """What is kept of one sending: the first, or a correction."""

    number: int
    filled: Filled
    note: str
    device_key: str | None
    sent_at: datetime


def send_form(
    session: Session,
    actor: Actor,
    form: MonitoringForm,
    filled: Filled,
    note: str,
    device_key: str | None = None,
) -> FormAnswers:
    """Keep what a teacher answered and tell whoever follows; a device's key arrives once.

    Raises Rejected, by how the form stands (`WHY_NOT`), when it cannot be sent now.
    """
    held = hold(session, form.follow_up_id)
    before = _arrived(session, actor, form, device_key)
    if before is not None:
        return before
    _expect(held, actor, form, Standing.OPEN)
    moment = clock.now()
    form.move(actor, "send")
    form.sent_at, form.sent_by = moment, actor.user_id
    version = _Version(1, filled, note, device_key, moment)
    return _keep(held, actor, form, version)


def correct_form(
    session: Session,
    actor: Actor,
    form: MonitoringForm,
    filled: Filled,
    note: str,
    device_key: str | None = None,
) -> FormAnswers:
    """Keep a correction beside what was sent; the newest counts. The same again is no correction.

    Raises Rejected as `send_form` does, once its hours are over or when it was not sent yet.
    """
    held = hold(session, form.follow_up_id)
    before = _arrived(session, actor, form, device_key)
    if before is not None:
        return before
    _expect(held, actor, form, Standing.CORRECTABLE)
    newest = session.scalars(
        select(FormAnswers)
        .where(FormAnswers.form_id == form.id)
        .order_by(FormAnswers.number.desc())
        .limit(1)
    ).one()
    if Filled.of_json(newest.answers) == filled and newest.note == note:
        return newest
    version = _Version(newest.number + 1, filled, note, device_key, clock.now())
    return _keep(held, actor, form, version)


def _arrived(
    session: Session, actor: Actor, form: MonitoringForm, device_key: str | None
) -> FormAnswers | None:
    """Return what a device sent before under the same key; its answer got lost on the way back.

    Raises Rejected("form_key_used") for a key that came with another form.
    """
    if not device_key:
        return None
    before = session.scalar(select(FormAnswers).where(FormAnswers.device_key == device_key))
    if before and (before.form_id, before.sent_by) != (form.id, actor.user_id):
        raise Rejected("form_key_used")
    return before


def _expect(held: Held, actor: Actor, form: MonitoringForm, wanted: Standing) -> None:
    state = FollowUpState(held.follow_up.state)
    standing = standing_of(form, state, actor.user_id, settings.read(held.session))
    if standing != wanted:
        raise Rejected(WHY_NOT[standing])


def _keep(held: Held, actor: Actor, form: MonitoringForm, version: _Version) -> FormAnswers:
    session = held.session
    edition = session.get_one(Instrument, form.instrument_id)
    result = score(edition.content, edition.thresholds, version.filled)
    answers = FormAnswers(
        id=new_id(),
        form_id=form.id,
        number=version.number,
        answers=version.filled.to_json(),
        note=version.note,
        result=result.to_json(),
        sent_at=version.sent_at,
        sent_by=actor.user_id,
        device_key=version.device_key or None,
    )
    session.add(answers)
    session.flush()
    corrected = version.number > 1
    step = "form_corrected" if corrected else "form_sent"
    write_entry(
        session,
        actor,
        held.case,
        EntryKind.MONITORING,
        facts={"step": step, "number": form.number},
        record_id=form.id,
    )
    emit(session, actor, FormSent(form.id, answers.id, corrected, held))
    return answers
