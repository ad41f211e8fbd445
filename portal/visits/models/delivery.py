"""What remains of a session: heads, materials, photographs, costs, what pupils said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted


class VisitHeads(Base):
    """How many pupils of one class were there; the visit itself holds the sums."""

    __tablename__ = "visit_heads"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    class_name: Mapped[str] = mapped_column(String(20), primary_key=True)
    girls: Mapped[int]
    boys: Mapped[int]


class VisitMaterial(Base):
    """A material handed over or shown at a session."""

    __tablename__ = "visit_material"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    material_id: Mapped[UUID] = mapped_column(
        ForeignKey("material.id"), primary_key=True, index=True
    )
    # Printed ones; None where it was shown or sent.
    copies: Mapped[int | None]


class PhotoConsent(StrEnum):
    """Why a photograph may be kept."""

    NO_FACES = "no_faces"
    ADULTS_AGREED = "adults_agreed"
    GUARDIANS_AGREED = "guardians_agreed"


class VisitPhoto(Public, Base):
    """A photograph of a session, kept only with consent."""

    __tablename__ = "visit_photo"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    # Whoever wrote it may have named a child all the same.
    caption: Mapped[str] = mapped_column(Encrypted(), default="")
    consent: Mapped[PhotoConsent] = mapped_column(String(20))
    # Where the signed consents are, or who asked whom.
    consent_note: Mapped[str | None] = mapped_column(Encrypted())
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]


class CostKind(StrEnum):
    """What money of a session was for."""

    TRANSPORT = "transport"
    PRINTING = "printing"
    MEALS = "meals"
    FEE = "fee"
    OTHER = "other"


class VisitCost(Public, Base):
    """What a session cost, in whole rupiah."""

    __tablename__ = "visit_cost"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    kind: Mapped[CostKind] = mapped_column(String(12))
    amount: Mapped[int] = mapped_column(BigInteger)
    # Given by somebody else, worth this much.
    in_kind: Mapped[bool] = mapped_column(default=False, server_default=false())
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]


class VisitFeedback(Base):
    """How often an answer was given after a session; never who gave it, or which belong together.

    The question "sheet" counts the sheets themselves.
    """

    __tablename__ = "visit_feedback"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(20), primary_key=True)
    answer: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
