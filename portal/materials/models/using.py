"""That materials are used: by schools with name and date, by everybody else as bare numbers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.materials.states import Mark


class MaterialUse(Public, Base):
    """A class of a school used a material."""

    __tablename__ = "material_use"
    __table_args__ = (
        Index(None, "material_id", "used_on"),
        Index(None, "school_id", "used_on"),
        Index(
            "ix_material_use_once",
            "material_id",
            "school_id",
            "class_name",
            "used_on",
            unique=True,
        ),
        CheckConstraint("heads > 0", name="heads"),
    )

    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    # The class as the school calls it, such as "8A".
    class_name: Mapped[str] = mapped_column(String(20))
    heads: Mapped[int | None]
    used_on: Mapped[date]
    recorded_at: Mapped[datetime]


class Favourite(Base):
    """A material somebody marked to find again; nobody else sees it."""

    __tablename__ = "material_favourite"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    material_id: Mapped[UUID] = mapped_column(
        ForeignKey("material.id"), primary_key=True, index=True
    )
    added_at: Mapped[datetime]


class MaterialTally(Base):
    """How often something was said of a material on a day; by whom is not kept."""

    __tablename__ = "material_tally"

    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    mark: Mapped[Mark] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
