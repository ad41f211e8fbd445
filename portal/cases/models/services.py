"""What is done for a child and its family."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import SERVICE_MACHINE, Barrier, ServiceKind, ServiceState
from portal.core.db import Base, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted


class Service(Public, OfWorkers, Base):
    """One appointment: a talk, a home visit, a group, a case conference."""

    __tablename__ = "case_service"
    __table_args__ = (Index(None, "case_id", "starts_at"), Index(None, "state", "starts_at"))
    machine = SERVICE_MACHINE

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    goal_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_goal.id"), index=True)
    kind: Mapped[ServiceKind] = mapped_column(String(30))
    state: Mapped[ServiceState] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    # How long it is meant to take, and afterwards how long it took, in minutes.
    minutes: Mapped[int]
    place_words: Mapped[str] = mapped_column(Encrypted(), default="")
    # Whom it is for and what about; afterwards what came of it.
    purpose: Mapped[str] = mapped_column(Encrypted(), default="")
    result: Mapped[str] = mapped_column(Encrypted(), default="")
    child_came: Mapped[bool | None]
    family_came: Mapped[bool | None]
    barrier: Mapped[Barrier | None] = mapped_column(String(20))
    held_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class ConferencePerson(Public, Base):
    """Somebody invited to a case conference."""

    __tablename__ = "case_conference_person"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("case_service.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # Name and capacity of whoever has no account: a psychologist, an aunt, the police.
    name: Mapped[str] = mapped_column(Encrypted(), default="")
    capacity: Mapped[str] = mapped_column(Encrypted(), default="")
    came: Mapped[bool | None]
