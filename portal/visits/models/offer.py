"""What the office offers: programmes, topics, what it can bring, and how far it is."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import EMPTY


class Method(StrEnum):
    """How a session was held."""

    LECTURE = "lecture"
    INTERACTIVE = "interactive"
    MIXED = "mixed"


class Programme(Public, Base):
    """A kind of visit the office offers (laid in by a migration, edited by the office)."""

    __tablename__ = "programme"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_id: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    audience: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int]
    most_people: Mapped[int]
    counts_for_coverage: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]
    # Shown to whoever chooses among the programmes.
    summary_id: Mapped[str] = mapped_column(String(300), default="", server_default=EMPTY)
    summary_en: Mapped[str] = mapped_column(String(300), default="", server_default=EMPTY)
    # How many classes fit one session; None for as many as the people allow.
    most_classes: Mapped[int | None]
    # From so many people on another social worker comes along; None: one is always enough.
    people_per_worker: Mapped[int | None]
    # Working days before a session; None for the office's usual notice.
    notice_working_days: Mapped[int | None]
    # Sessions of one school in a school year while others wait; None for the office's usual share.
    yearly_share: Mapped[int | None]
    # A request that nothing speaks against is scheduled at once.
    auto_accept: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.name_en if language == "en" else self.name_id


class Topic(Public, Base):
    """A topic suggested for some school levels."""

    __tablename__ = "topic"

    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    title_id: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    levels: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int]

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return self.title_en if language == "en" else self.title_id


class NeedSide(StrEnum):
    """Who sees to something a session needs."""

    # The office brings it.
    OFFICE = "office"
    # The school has it ready.
    SCHOOL = "school"


class VisitNeed(Public, Base):
    """Something a session may need: what the office brings, or the school has ready."""

    __tablename__ = "visit_need"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    side: Mapped[NeedSide] = mapped_column(String(10))
    name_id: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.name_en if language == "en" else self.name_id


class TravelTime(Base):
    """Minutes from one kecamatan to another, as the office estimates them."""

    __tablename__ = "travel_time"

    from_code: Mapped[str] = mapped_column(ForeignKey("district.code"), primary_key=True)
    to_code: Mapped[str] = mapped_column(ForeignKey("district.code"), primary_key=True)
    minutes: Mapped[int]
