"""Looking after a child at its school for some months, and who does."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted
from portal.monitoring.states import FOLLOW_UP_MACHINE, FollowUpState


class FollowUp(Public, OfWorkers, Base):
    """The monitoring of one child at one school; another school means another one."""

    __tablename__ = "monitoring_follow_up"
    __table_args__ = (Index(None, "case_id", "state"), Index(None, "school_id", "state"))
    machine = FOLLOW_UP_MACHINE

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    state: Mapped[FollowUpState] = mapped_column(String(20))
    # How the school knows whom it is about, outside the plan: "R.P." and "7B".
    initials: Mapped[str] = mapped_column(Encrypted())
    class_name: Mapped[str] = mapped_column(Encrypted(), default="")
    # The first day back at school.
    began_on: Mapped[date]
    # How many regular forms came due since the rhythm began, or began anew after a red flag.
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    # No form comes due before this day while it is paused; empty: until somebody resumes.
    paused_until: Mapped[date | None]
    pause_reason: Mapped[str] = mapped_column(Encrypted(), default="")
    started_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Watcher(Public, Base):
    """A teacher who fills in the forms about a child, from when until when."""

    __tablename__ = "monitoring_teacher"
    __table_args__ = (Index(None, "user_id", "ended_at"), Index(None, "follow_up_id", "ended_at"))

    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("monitoring_follow_up.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    substitute: Mapped[bool] = mapped_column(default=False, server_default=false())
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    named_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
