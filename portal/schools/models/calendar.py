"""The school calendar."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public


class CalendarKind(StrEnum):
    """Why a school day is not like others."""

    # No school at all.
    BREAK = "break"
    # Pupils come to be examined; there are no lessons.
    EXAM = "exam"
    # Lessons on a day on which the calendar of the country knows none.
    OPEN = "open"


class CalendarEntry(Public, Base):
    """Some days of the school calendar, of one school or (no school) of all."""

    __tablename__ = "school_calendar"
    __table_args__ = (
        Index(None, "school_id", "first_on"),
        CheckConstraint("last_on >= first_on", name="days"),
    )

    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    kind: Mapped[CalendarKind] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    first_on: Mapped[date]
    last_on: Mapped[date]
    # Of the levels named here alone, by their codes; empty for all.
    levels: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
