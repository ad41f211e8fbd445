"""The forms that come due, what teachers answered, and what the office answered them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted
from portal.monitoring.states import FORM_MACHINE, FormKind, FormState


class MonitoringForm(Public, OfWorkers, Base):
    """One form that is or was due; what was answered stands in `FormAnswers`."""

    __tablename__ = "monitoring_form"
    __table_args__ = (
        Index(None, "follow_up_id", "number", unique=True),
        Index(None, "state", "due_on"),
        Index(None, "sent_at"),
    )
    machine = FORM_MACHINE

    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("monitoring_follow_up.id"))
    # 1 for the first form of a follow-up, of whatever kind.
    number: Mapped[int]
    kind: Mapped[FormKind] = mapped_column(String(20))
    state: Mapped[FormState] = mapped_column(String(20))
    instrument_id: Mapped[UUID] = mapped_column(ForeignKey("monitoring_instrument.id"))
    # What the teacher looks back on: from this day to the day of sending.
    period_from: Mapped[date]
    opens_on: Mapped[date]
    due_on: Mapped[date]
    # The last day on which it can be sent.
    closes_on: Mapped[date]
    # Counted for "8 school weeks": how many of them lie between the form before and this one.
    weeks: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    missed_at: Mapped[datetime | None]
    # When principal and case manager were told that it is overdue.
    told_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class FormAnswers(Public, Base):
    """What a teacher sent; a correction stands beside it with the next number, and counts."""

    __tablename__ = "monitoring_answers"
    __table_args__ = (Index(None, "form_id", "number", unique=True),)

    form_id: Mapped[UUID] = mapped_column(ForeignKey("monitoring_form.id"))
    number: Mapped[int]
    # JSON: {"flags": ["r1"], "items": {"m1": 4, "m2": null}}; null stands for "not observed".
    answers: Mapped[str] = mapped_column(Encrypted())
    note: Mapped[str] = mapped_column(Encrypted(), default="")
    # JSON, reckoned once with the thresholds of its edition: see `policy.scoring.Result`.
    result: Mapped[str] = mapped_column(Encrypted())
    sent_at: Mapped[datetime]
    sent_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    # Made by the device, so that what is sent twice arrives once.
    device_key: Mapped[str | None] = mapped_column(String(64), unique=True)


class Reply(Public, Base):
    """What the office answered to a form: words that any colleague at the school may see."""

    __tablename__ = "monitoring_reply"

    form_id: Mapped[UUID] = mapped_column(ForeignKey("monitoring_form.id"), index=True)
    # The ready text it began with; empty for words of one's own.
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Encrypted())
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class ReplyText(Public, Base):
    """A ready answer to a school, in both languages; the office edits them."""

    __tablename__ = "monitoring_reply_text"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int]
    # Offered first for forms of this band; empty for any.
    band: Mapped[str] = mapped_column(String(20), default="")
    text_id: Mapped[str] = mapped_column(String(400))
    text_en: Mapped[str] = mapped_column(String(400))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    asks_call: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
