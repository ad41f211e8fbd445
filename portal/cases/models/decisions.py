"""Decisions with their reasons, what the child thinks, consent, and the law they rest on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import (
    DECISION_MACHINE,
    ConsentAbout,
    ConsentAnswer,
    DecisionKind,
    DecisionState,
)
from portal.core.db import Base, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted


class LegalBasis(Public, Base):
    """A regulation decisions may rest on, with the days it is (or was) in force."""

    __tablename__ = "legal_basis"

    citation: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(String(250), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    # Where this was read, and when.
    source: Mapped[str] = mapped_column(String(250), default="")
    checked_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Decision(Public, OfWorkers, Base):
    """What was decided about a case, why, and what the child thinks of it."""

    __tablename__ = "case_decision"
    __table_args__ = (Index(None, "case_id", "proposed_at"), Index(None, "state", "kind"))
    machine = DECISION_MACHINE

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[DecisionKind] = mapped_column(String(30))
    state: Mapped[DecisionState] = mapped_column(String(20))
    # The plan, referral, conference or passage of a stage it is about.
    record_id: Mapped[UUID | None] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Encrypted(), default="")
    reason: Mapped[str] = mapped_column(Encrypted())
    best_interests: Mapped[str] = mapped_column(Encrypted())
    # In the child's own words as far as possible; or why it was not asked.
    child_view: Mapped[str] = mapped_column(Encrypted())
    # How a case ends by it, or why one that ended goes on; for the figures.
    outcome: Mapped[str] = mapped_column(String(30), default="")
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    # What whoever decided wrote back.
    answer: Mapped[str] = mapped_column(Encrypted(), default="")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class DecisionBasis(Base):
    """A regulation a decision rests on."""

    __tablename__ = "case_decision_basis"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("case_decision.id"), primary_key=True)
    basis_id: Mapped[UUID] = mapped_column(
        ForeignKey("legal_basis.id"), primary_key=True, index=True
    )


class Consent(Public, Base):
    """What a guardian, and the child, said to something they were asked."""

    __tablename__ = "case_consent"
    __table_args__ = (Index(None, "case_id", "about", "given_on"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    about: Mapped[ConsentAbout] = mapped_column(String(30))
    answer: Mapped[ConsentAnswer] = mapped_column(String(20))
    # Who was asked; empty where the child alone answers, or nobody could be asked.
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"))
    reason: Mapped[str] = mapped_column(Encrypted(), default="")
    # Whether the child agrees, by its age, and how it said so.
    child_agrees: Mapped[bool | None]
    child_view: Mapped[str] = mapped_column(Encrypted(), default="")
    given_on: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    # The decision that explains why nobody was asked.
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_decision.id"))
