"""Letters of sessions, the office's wording of them, and private calendar addresses."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted


class LetterKind(StrEnum):
    """The six papers of a session, in the order they are needed."""

    REQUEST = "request"
    REPLY = "reply"
    DUTY = "duty"
    ATTENDANCE = "attendance"
    MINUTES = "minutes"
    REPORT = "report"


class LetterTemplate(Public, Base):
    """The office's wording of a kind of letter in a language; the newest edition counts."""

    __tablename__ = "letter_template"
    __table_args__ = (Index(None, "kind", "language", "edition", unique=True),)

    kind: Mapped[LetterKind] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(2))
    edition: Mapped[int]
    # The code of correspondence that goes into the number.
    code: Mapped[str] = mapped_column(String(20), default="")
    subject: Mapped[str] = mapped_column(String(160))
    # Paragraphs with blank lines between; names in braces stand for facts of the session.
    body: Mapped[str] = mapped_column(Text())
    source: Mapped[str] = mapped_column(String(200), default="")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]


class Letter(Public, Base):
    """One paper of a session, as it was made out; the signed scan comes back to it."""

    __tablename__ = "letter"
    __table_args__ = (
        Index(None, "visit_id", "kind"),
        Index(None, "book", "year", "sequence", unique=True),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[LetterKind] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(2))
    # The register the number is from: the office's, or a school's own (by its public id).
    book: Mapped[str] = mapped_column(String(22))
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(String(80))
    # What was printed, as JSON: it does not change when the session does.
    content: Mapped[str] = mapped_column(Encrypted())
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    signed_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class CalendarFeed(Public, Base):
    """A private address a calendar program fetches: of one person, or of one school."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (school_id IS NULL)", name="one_owner"),
    )

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
