"""Materials, their editions, and the files that belong to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified, Public
from portal.core.machine import Stateful
from portal.materials.states import (
    MATERIAL_MACHINE,
    Licence,
    MaterialKind,
    MaterialState,
    Strategy,
)


class Material(Public, Stateful, Base):
    """Something to read, play, print or hand over, under an address that stays.

    Titles, summaries, size and languages are those of the edition people see; of a draft that never
    was published, those of its draft.
    """

    __tablename__ = "material"
    __table_args__ = (
        Index(None, "state", "published_at", "id"),
        Index(None, "state", "kind"),
        CheckConstraint("age_to >= age_from", name="ages"),
    )
    machine = MATERIAL_MACHINE

    # Part of its address, in Indonesian; never changed once published.
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[MaterialKind] = mapped_column(String(20))
    state: Mapped[MaterialState] = mapped_column(String(20))
    strategy: Mapped[Strategy] = mapped_column(String(20))
    # Codes of `Audience`; never empty.
    audiences: Mapped[list[str]] = mapped_column(JSON)
    # Names of `schools.models.LEVEL_GROUPS`; empty for all.
    levels: Mapped[list[str]] = mapped_column(JSON)
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    # How long it takes.
    minutes: Mapped[int | None]
    licence: Mapped[Licence] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(String(160), default="")
    source: Mapped[str] = mapped_column(String(200), default="")
    source_url: Mapped[str] = mapped_column(String(300), default="")
    # Of what came with the portal: its name there.
    starter: Mapped[str | None] = mapped_column(String(80), unique=True)

    title_id: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    summary_id: Mapped[str] = mapped_column(String(300), default="")
    summary_en: Mapped[str] = mapped_column(String(300), default="")
    # What a phone fetches to have all of it, in bytes.
    size: Mapped[int] = mapped_column(default=0)

    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    # When somebody of the office last found that it is right; empty: it still waits for that.
    reviewed_on: Mapped[date | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> UUID | None:
        """Return None: materials belong to no school."""
        return None

    def title(self, language: str) -> str:
        """Return the title in a language, in Indonesian where it is not translated."""
        return (self.title_en if language == "en" else "") or self.title_id


class Edition(Identified, Base):
    """What a material says, as `policy.content.Content.dump` writes it.

    At most one edition of a material is a draft (`published_at` empty): the newest. The newest of
    the others is what people see.
    """

    __tablename__ = "material_edition"
    __table_args__ = (Index(None, "material_id", "number", unique=True),)

    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    # What changed, for whoever asks later.
    note: Mapped[str] = mapped_column(String(300), default="")
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    # When a coordinator was asked to look it over.
    asked_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class MaterialFile(Identified, Base):
    """A picture or file of a material; its editions name it by the public id of the stored file."""

    __tablename__ = "material_file"

    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
