"""Materials that belong together."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified, Public
from portal.materials.states import GroupKind


class MaterialGroup(Public, Base):
    """A collection on the shelf, or a path that parents go day by day."""

    __tablename__ = "material_group"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[GroupKind] = mapped_column(String(20))
    title_id: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    text_id: Mapped[str] = mapped_column(String(400), default="")
    text_en: Mapped[str] = mapped_column(String(400), default="")
    position: Mapped[int] = mapped_column(default=0)
    shown: Mapped[bool] = mapped_column(default=False)
    starter: Mapped[str | None] = mapped_column(String(80), unique=True)
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def title(self, language: str) -> str:
        """Return the title in a language, in Indonesian where it is not translated."""
        return (self.title_en if language == "en" else "") or self.title_id


class GroupItem(Identified, Base):
    """A material in a group; `position` is its place, on a path its day, from 1."""

    __tablename__ = "material_group_item"
    __table_args__ = (
        Index(None, "group_id", "material_id", unique=True),
        Index(None, "material_id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("material_group.id"))
    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"))
    position: Mapped[int]
