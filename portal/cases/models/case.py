"""A case, who works on it, what happened in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import (
    CASE_MACHINE,
    CaseOutcome,
    CaseRelation,
    CaseState,
    EntryKind,
    Origin,
    Part,
    Stage,
)
from portal.core.access import Actor
from portal.core.db import Base, Identified, Public
from portal.core.machine import Stateful
from portal.core.types import Encrypted


class Case(Public, Stateful, Base):
    """One child's way through the procedure; only what lists and figures need is not encrypted."""

    __tablename__ = "case_file"
    __table_args__ = (
        # Boards, their figures and searches are answered from these alone: the row itself is wide.
        Index(
            "ix_case_file_board",
            *("state", "stage", "urgency", "due_on", "id", "last_entry_at", "manager_id"),
            *("number", "school_id"),
        ),
        Index(None, "closed_on", "id"),
        Index(None, "manager_id", "state"),
        Index(None, "school_id", "opened_on"),
    )
    machine = CASE_MACHINE

    number: Mapped[str] = mapped_column(String(20), unique=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    # Where the child goes to school now, as far as the office knows one.
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    state: Mapped[CaseState] = mapped_column(String(20))
    origin: Mapped[Origin] = mapped_column(String(20))
    # Who sent the child, and what they said, where no report tells it.
    origin_words: Mapped[str] = mapped_column(Encrypted(), default="")
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    # Forms of violence, by the codes of reports; "sexual" bars mediation.
    kinds: Mapped[list[str]] = mapped_column(JSON)
    urgency: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Encrypted(), default="")
    # What the child itself wants, in its own words, and what serves it best, as it stands now.
    child_view: Mapped[str] = mapped_column(Encrypted(), default="")
    best_interests: Mapped[str] = mapped_column(Encrypted(), default="")
    # How the child stands in conflict with the law (ABH); empty for all others.
    abh: Mapped[str] = mapped_column(Encrypted(), default="")
    # When a victims' rights adviser was asked, and what they said.
    rights_advice: Mapped[str] = mapped_column(Encrypted(), default="")
    rights_adviser_on: Mapped[date | None]

    stage: Mapped[Stage] = mapped_column(String(30))
    stage_due_on: Mapped[date | None]
    # The first day something of it is due, its stage or a task; actions/due keeps it.
    due_on: Mapped[date | None]
    sop_version_id: Mapped[UUID] = mapped_column(ForeignKey("sop_version.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    opened_on: Mapped[date]
    last_entry_at: Mapped[datetime]
    closed_on: Mapped[date | None]
    outcome: Mapped[CaseOutcome | None] = mapped_column(String(30))
    times_reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> UUID | None:
        """Return None: a case belongs to the office, whatever school the child goes to."""
        return None

    def assigned_to(self, actor: Actor) -> bool:
        """Say whether this actor manages it."""
        return self.manager_id == actor.user_id


class CaseReport(Base):
    """A report a case grew out of, or that came later about the same child."""

    __tablename__ = "case_report"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True, index=True)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime]


class CaseLink(Identified, Base):
    """Two cases that belong together; the smaller id stands first."""

    __tablename__ = "case_link"
    __table_args__ = (
        Index(None, "case_id", "other_id", unique=True),
        Index(None, "other_id"),
        CheckConstraint("case_id <> other_id", name="two"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    relation: Mapped[CaseRelation] = mapped_column(String(20))
    linked_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    linked_at: Mapped[datetime]


class CaseAssignment(Public, Base):
    """Somebody who works on a case, from when until when; without an open one nobody may."""

    __tablename__ = "case_assignment"
    __table_args__ = (Index(None, "user_id", "ended_at"), Index(None, "case_id", "ended_at"))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    part: Mapped[Part] = mapped_column(String(20))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    assigned_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


class CaseReveal(Identified, Base):
    """Somebody who opened a child's identity, or a whole file, for a while and with a reason."""

    __tablename__ = "case_reveal"
    __table_args__ = (Index(None, "user_id", "expires_at"), Index(None, "case_id"))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(Encrypted())
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CaseEntry(Public, Base):
    """One line of a case's timeline."""

    __tablename__ = "case_entry"
    __table_args__ = (Index(None, "case_id", "at", "id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[EntryKind] = mapped_column(String(30))
    stage: Mapped[Stage] = mapped_column(String(30))
    # When it happened, which may be before it was written down.
    at: Mapped[datetime]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # Codes and figures that fill the sentence of the kind; never a name or a story.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Encrypted(), default="")
    # The record the line is about, where it is shown on a page of its own.
    record_id: Mapped[UUID | None]


class CaseFile(Base):
    """A file that belongs to a case: a signed consent, a letter, a photo of a document."""

    __tablename__ = "case_paper"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), primary_key=True)
    about: Mapped[str] = mapped_column(String(30), default="")
    record_id: Mapped[UUID | None]
