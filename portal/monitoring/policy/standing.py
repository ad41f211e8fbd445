"""What a teacher can do now with a form they were asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.core import clock
from portal.core.settings import Office
from portal.monitoring.models import MonitoringForm
from portal.monitoring.states import UNSENT, FollowUpState, FormKind, FormState


class Standing(StrEnum):
    """How a form stands for the teacher who looks at it."""

    OPEN = "open"
    NOT_YET = "not_yet"
    # Its last day is over.
    CLOSED = "closed"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ENDED = "ended"
    CORRECTABLE = "correctable"
    SENT = "sent"
    SENT_BY_OTHER = "sent_by_other"


def standing_of(
    form: MonitoringForm, follow_up: FollowUpState, user_id: UUID, office: Office
) -> Standing:
    """Return what this person can do with a form now."""
    if form.state == FormState.SENT:
        if form.sent_by != user_id:
            return Standing.SENT_BY_OTHER
        until = correctable_until(form, office)
        return Standing.CORRECTABLE if until and clock.now() < until else Standing.SENT
    if follow_up == FollowUpState.PAUSED:
        return Standing.PAUSED
    # What is asked some months after the end comes when everything else is over.
    if follow_up == FollowUpState.ENDED and form.kind != FormKind.SENTINEL:
        return Standing.ENDED
    if form.state not in UNSENT:
        return Standing.CANCELLED
    if clock.today() < form.opens_on:
        return Standing.NOT_YET
    return Standing.OPEN if clock.today() <= form.closes_on else Standing.CLOSED


def correctable_until(form: MonitoringForm, office: Office) -> datetime | None:
    """Return until when whoever sent a form may correct it; None for one that was not sent."""
    if form.sent_at is None:
        return None
    return form.sent_at + timedelta(hours=office["form_correction_hours"])
