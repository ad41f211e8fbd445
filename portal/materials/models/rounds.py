"""Classes asked before and after a session; only sums are kept, never one child's answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.materials.states import Phase


class QuizRound(Public, Base):
    """One class asked with one edition of a quiz."""

    __tablename__ = "quiz_round"
    __table_args__ = (Index(None, "school_id", "opened_at"), Index(None, "visit_id"))

    edition_id: Mapped[UUID] = mapped_column(ForeignKey("material_edition.id"))
    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    # The session it belongs to, if it belongs to one.
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    class_name: Mapped[str] = mapped_column(String(20))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]


class QuizPhase(Base):
    """The two times a class is asked, each under a short link of its own.

    `sheets` were sent; `right` answers among all of theirs together.
    """

    __tablename__ = "quiz_phase"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("quiz_round.id"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(String(10), primary_key=True)
    link_code: Mapped[str] = mapped_column(ForeignKey("short_link.code"), unique=True)
    sheets: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)


class QuizTally(Base):
    """How many sheets of a class chose an answer; questions and options are counted from 0."""

    __tablename__ = "quiz_tally"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("quiz_round.id"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(String(10), primary_key=True)
    question: Mapped[int] = mapped_column(primary_key=True)
    option: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
