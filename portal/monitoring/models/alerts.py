"""What a form, or its absence, asks of the office soon."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted
from portal.monitoring.states import AlertKind, AlertState


class Alert(Public, Base):
    """Something somebody must look at soon, with the clock that runs for it."""

    __tablename__ = "monitoring_alert"
    __table_args__ = (
        Index(None, "follow_up_id", "raised_at"),
        Index(None, "state", "due_at"),
        Index(None, "form_id"),
    )

    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("monitoring_follow_up.id"))
    form_id: Mapped[UUID | None] = mapped_column(ForeignKey("monitoring_form.id"))
    kind: Mapped[AlertKind] = mapped_column(String(20))
    state: Mapped[AlertState] = mapped_column(String(20))
    # Which red flags, by code, apart from each other by spaces.
    flags: Mapped[str] = mapped_column(Encrypted(), default="")
    # Rings until somebody takes it on, and goes to the division head after `due_at`.
    rings: Mapped[bool] = mapped_column(default=False, server_default=false())
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # When the division head was asked because nobody took it on in time.
    handed_on_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # What was done about it.
    done: Mapped[str] = mapped_column(Encrypted(), default="")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
