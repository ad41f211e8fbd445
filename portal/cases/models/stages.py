"""The procedure as data, and a case's way through it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import Nature, Side, Stage
from portal.core.db import Base, Identified, Public
from portal.core.types import Encrypted


class SopVersion(Public, Base):
    """One edition of the procedure; cases keep the one they began with.

    `stages` is a list of seven, in order: `{"stage", "days", "prompt": {"id", "en"}, "items":
    [{"code", "evidence", "required", "id", "en"}]}`. Days are working days from the beginning of
    the stage. An item with `evidence` is met by what the file holds, the others are ticked.
    """

    __tablename__ = "sop_version"

    number: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(String(160))
    source: Mapped[str] = mapped_column(String(250), default="")
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    # Cases opened from this day on follow it; empty while it is a draft.
    valid_from: Mapped[date | None] = mapped_column(index=True)
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class CaseStage(Identified, Base):
    """One passage of a case through a stage; a stage that was reopened has two."""

    __tablename__ = "case_stage"
    __table_args__ = (Index(None, "case_id", "began_at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    stage: Mapped[Stage] = mapped_column(String(30))
    began_at: Mapped[datetime]
    due_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    # Whoever found that everything is there, or let the stage be skipped.
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    skipped: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Left for an earlier stage, without being finished.
    broken_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Why it was skipped, or gone through once more.
    reason: Mapped[str] = mapped_column(Encrypted(), default="")


class CaseTick(Identified, Base):
    """An item of a stage's checklist that somebody ticked."""

    __tablename__ = "case_tick"
    __table_args__ = (Index(None, "case_stage_id", "code", unique=True),)

    case_stage_id: Mapped[UUID] = mapped_column(ForeignKey("case_stage.id"))
    code: Mapped[str] = mapped_column(String(40))
    ticked_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    ticked_at: Mapped[datetime]


class Obstacle(Public, Base):
    """Something that stands in the way of helping."""

    __tablename__ = "case_obstacle"
    __table_args__ = (Index(None, "noted_on", "side", "nature"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    stage: Mapped[Stage] = mapped_column(String(30))
    side: Mapped[Side] = mapped_column(String(20))
    nature: Mapped[Nature] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Encrypted())
    noted_on: Mapped[date]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    overcome_on: Mapped[date | None]
    overcome_how: Mapped[str] = mapped_column(Encrypted(), default="")
