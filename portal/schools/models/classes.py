"""The classes of a school, year by year."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public


class SchoolClass(Public, Base):
    """A class in one school year; the next year's is another record that follows it."""

    __tablename__ = "school_class"
    __table_args__ = (Index(None, "school_id", "start_year", "name", unique=True),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    # The school year by the year it begins in.
    start_year: Mapped[int]
    grade: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(20))
    pupil_count: Mapped[int | None]
    # The homeroom teacher: an account, or a name where they have none.
    homeroom_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    homeroom_name: Mapped[str] = mapped_column(String(160), default="")
    # The class it was last year.
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("school_class.id"))
    # Somebody of the school said that this is right for this year.
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
