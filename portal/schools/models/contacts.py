"""Whom the office speaks to at a school, and how each try to reach it went."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted


class SchoolContact(Public, Base):
    """Somebody at a school who can be reached, with or without an account."""

    __tablename__ = "school_contact"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    full_name: Mapped[str] = mapped_column(String(160))
    position: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    # Asked first.
    main: Mapped[bool] = mapped_column(default=False, server_default=false())
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    # The day from which they cannot be reached there any more.
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Way(StrEnum):
    """How a school is reached, each step more than the one before."""

    MESSAGE = "message"
    CALL = "call"
    LETTER = "letter"
    VISIT = "visit"


class Answer(StrEnum):
    """How a try to reach a school went."""

    NO_RESPONSE = "no_response"
    WILL_ANSWER = "will_answer"
    AGREED = "agreed"
    DECLINED = "declined"
    WRONG_CONTACT = "wrong_contact"


class About(StrEnum):
    """What a school is to be reached about."""

    UNSERVED = "unserved"
    EXPIRING = "expiring"
    PARTNERSHIP = "partnership"
    OTHER = "other"


class ContactAttempt(Public, Base):
    """One try to reach a school, with how it went."""

    __tablename__ = "contact_attempt"
    __table_args__ = (Index(None, "school_id", "made_on"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    about: Mapped[About] = mapped_column(String(12))
    way: Mapped[Way] = mapped_column(String(10))
    answer: Mapped[Answer] = mapped_column(String(15))
    spoke_with: Mapped[str] = mapped_column(String(160), default="")
    note: Mapped[str] = mapped_column(Encrypted(), default="")
    made_on: Mapped[date]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    # When to try again, and by which way.
    next_on: Mapped[date | None]
    next_way: Mapped[Way | None] = mapped_column(String(10))
