"""Memoranda of understanding, what each side promised, and schools that ask for one."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.machine import Stateful
from portal.core.types import EMPTY, Encrypted
from portal.schools.states import REQUEST_MACHINE, RequestState


class Mou(Public, Base):
    """A memorandum of understanding with one school; in force from signing to its last day."""

    __tablename__ = "mou"
    __table_args__ = (CheckConstraint("valid_until >= signed_on", name="dates"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    number: Mapped[str] = mapped_column(String(80))
    signed_on: Mapped[date]
    valid_until: Mapped[date]
    # Sessions promised per school year.
    promised_sessions: Mapped[int]
    scope: Mapped[str] = mapped_column(String(500), default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    # Who signed, and as what.
    school_signer: Mapped[str] = mapped_column(String(160), default="", server_default=EMPTY)
    school_signer_position: Mapped[str] = mapped_column(
        String(120), default="", server_default=EMPTY
    )
    office_signer: Mapped[str] = mapped_column(String(160), default="", server_default=EMPTY)
    office_signer_position: Mapped[str] = mapped_column(
        String(120), default="", server_default=EMPTY
    )
    # The one before it, which it carries on.
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("mou.id"), index=True)
    # The division head's word; the signed paper is in force without it.
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def in_force(self, day: date) -> bool:
        """Say whether the MoU holds on a day."""
        return self.signed_on <= day <= self.valid_until


class Side(StrEnum):
    """Whose promise an obligation is."""

    SCHOOL = "school"
    OFFICE = "office"


class MouObligation(Public, Base):
    """Something one side promised in an MoU, beside the sessions of each year."""

    __tablename__ = "mou_obligation"

    mou_id: Mapped[UUID] = mapped_column(ForeignKey("mou.id"), index=True)
    side: Mapped[Side] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(300))
    due_on: Mapped[date | None]
    met_on: Mapped[date | None]
    met_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class PartnershipRequest(Public, Stateful, Base):
    """A school without an MoU asks to become a partner, on a public page."""

    __tablename__ = "partnership_request"
    __table_args__ = (Index(None, "state", "asked_at"),)
    machine = REQUEST_MACHINE

    # The register's school where it was found there; else what the sender wrote.
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    school_name: Mapped[str] = mapped_column(String(160))
    full_name: Mapped[str] = mapped_column(String(160))
    position: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    message: Mapped[str] = mapped_column(Encrypted(), default="")
    state: Mapped[RequestState] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    handled_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    handled_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Encrypted())
    mou_id: Mapped[UUID | None] = mapped_column(ForeignKey("mou.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> None:
        """Return None: whoever answers such wishes answers those of all schools."""
        return
