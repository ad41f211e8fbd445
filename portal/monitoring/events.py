"""What happens while a child is back at school; nothing here says who it is or how it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.core.events import Event, untold


@dataclass(frozen=True)
class ReturnPlanMoved(Event, action="return_plan.moved"):
    """A return-to-school plan was drafted, shared, replaced or ended; its step says which."""

    case_id: UUID
    step: str


@dataclass(frozen=True)
class ReturnPlanAcknowledged(Event, action="return_plan.acknowledged"):
    """Somebody at the school read a return-to-school plan and said so."""


@dataclass(frozen=True)
class FollowUpMoved(Event, action="follow_up.moved"):
    """Monitoring began, was paused, went on, began anew weekly or ended; its step says which."""

    case_id: UUID
    step: str


@dataclass(frozen=True)
class WatcherNamed(Event, action="follow_up.teacher_named"):
    """A teacher was asked to fill in the forms about a child."""

    user_id: UUID
    substitute: bool


@dataclass(frozen=True)
class WatcherReleased(Event, action="follow_up.teacher_released"):
    """A teacher fills in the forms about a child no longer."""

    user_id: UUID


@dataclass(frozen=True)
class FormSent(Event, action="monitoring_form.sent"):
    """A teacher sent a form, for the first time or corrected.

    `held` is its follow-up with all its schedule depends on, as the sender locked it.
    """

    answers_id: UUID
    corrected: bool
    held: Any = untold()  # noqa: RUF009 - it returns a field


@dataclass(frozen=True)
class FormMissed(Event, action="monitoring_form.missed"):
    """A form was not sent in time."""


@dataclass(frozen=True)
class ReplyWritten(Event, action="monitoring_form.answered"):
    """The office answered a form."""


@dataclass(frozen=True)
class AlertRaised(Event, action="monitoring_alert.raised"):
    """A form, or its absence, asks for somebody soon."""

    case_id: UUID
    kind: str


@dataclass(frozen=True)
class AlertMoved(Event, action="monitoring_alert.moved"):
    """Somebody took an alert on, handed it on, or finished it; its step says which."""

    step: str


@dataclass(frozen=True)
class InstrumentChanged(Event, action="instrument.changed"):
    """An edition of the monitoring form was drafted, edited, published or discarded."""

    number: int
    step: str


@dataclass(frozen=True)
class ReplyTextChanged(Event, action="reply_text.changed"):
    """The office changed one of its ready answers to schools."""
