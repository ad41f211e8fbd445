"""Alarms: a band on every page, until somebody takes care of what it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, duties, ladders
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.home import queries
from portal.home.routes.blueprint import bp
from portal.notifications.queries.words import Words, words_of
from portal.notifications.states import Nature
from portal.web import guard, navigation, render
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, public, unattended
from portal.web.render import moved_on, page

# How long the others read who takes care of it.
TOLD = timedelta(minutes=15)
MARK_BYTES = 6


@dataclass(frozen=True)
class Alarm:
    """One alarm in words, and who took it on."""

    duty: Duty
    words: Words
    taken_by: str | None


@dataclass(frozen=True)
class Band:
    """What stands above a page; `mark` names just this, so that nothing is said twice."""

    alarms: list[Alarm]
    listens: bool
    mark: str
    button: PortalForm | None


@bp.app_template_global("alarm_band")
def band() -> Band | None:
    """Return the band of the page that is shown; None where there is nothing to show or hear."""
    if guard.person().must:
        return None
    found = _band(reader(), navigation.waiting())
    return found if found.alarms or found.listens else None


def _band(session: Session, waiting: Sequence[Duty]) -> Band:
    recent = clock.now() - TOLD
    shown = [
        duty
        for duty in waiting
        if duty.alarm and (duty.acknowledged_at is None or duty.acknowledged_at > recent)
    ]
    # Whoever holds two roles is asked in both of them, about one thing.
    shown = list({(duty.kind, duty.subject_id): duty for duty in shown}.values())
    names = queries.takers(session, shown)
    alarms = [
        Alarm(duty, words_of(duty.kind, Nature.ALARM, duty.facts), names.get(duty.id))
        for duty in shown
    ]
    listens = bool(actor().roles & ladders.listening_roles())
    return Band(alarms, listens, _mark(alarms), PortalForm(formdata=None) if alarms else None)


def _mark(alarms: Sequence[Alarm]) -> str:
    if not alarms:
        return ""
    said = sorted(f"{each.duty.id} {each.taken_by or ''}" for each in alarms)
    return hashlib.blake2b("\n".join(said).encode(), digest_size=MARK_BYTES).hexdigest()


# Open to whoever was signed out meanwhile: a page that asks every few seconds must not carry
# somebody to the door who is just typing on it.
@bp.get("/siaga")
@public
@unattended
def alarms() -> ResponseReturnValue:
    """Answer a page that asks whether something rings; most often nothing has changed."""
    if not render.wants_fragment():
        return redirect(url_for("home.index"), 303)
    if not guard.signed_in():
        return page("home/_alarms.html", band=None)
    if guard.person().must:
        return "", 204
    present = _band(reader(), duties.alarms_for(reader(), actor()))
    if present.mark == request.args.get("tampil", ""):
        return "", 204
    return page("home/_alarms.html", band=present)


@bp.post("/siaga/<uuid:duty_id>/terima")
@allow(Permission.SIGNED_IN)
def take_alarm(duty_id: UUID) -> ResponseReturnValue:
    """Take care of an alarm, which then rings for nobody any more."""
    duty = duties.get_duty(reader(), actor(), duty_id)
    if duty is None or not duty.alarm:
        abort(404)
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            duties.acknowledge(session, actor(), duty)
    if not render.wants_fragment():
        return moved_on(duty.link)
    # A reader of its own: the request's began before this was written.
    with database().reader() as session:
        present = _band(session, duties.alarms_for(session, actor()))
    return page("home/_alarms.html", band=present, taken=duty.subject_id)
