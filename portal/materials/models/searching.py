"""What the search looks in: made from the editions people see, and the office's own synonyms."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public


class SearchTerm(Base):
    """The stem of a word that stands in a material, and how much it weighs there."""

    __tablename__ = "search_term"
    __table_args__ = (Index(None, "term", "material_id", "weight"),)

    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"), primary_key=True)
    term: Mapped[str] = mapped_column(String(40), primary_key=True)
    weight: Mapped[int]


class SearchTrigram(Base):
    """Three letters in a row of a word that stands in some material, for words typed wrongly."""

    __tablename__ = "search_trigram"

    trigram: Mapped[str] = mapped_column(String(3), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)


class SynonymGroup(Public, Base):
    """Words that mean the same to whoever searches, separated by spaces."""

    __tablename__ = "search_synonym"

    words: Mapped[str] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
