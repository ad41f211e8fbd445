"""What the search looks in: made from the editions people see, and the office's own synonyms."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public


class SearchEntry(Base):
    """What one material is found by.

    Its `place` stays as long as the material: the later it came on the shelf, the higher.
    """

    __tablename__ = "search_entry"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    material_id: Mapped[UUID] = mapped_column(ForeignKey("material.id"), unique=True)
    # How much each term weighs; nothing while it is off the shelf.
    weights: Mapped[dict[str, int]] = mapped_column(JSON)


class SearchTerm(Base):
    """Where a term stands: `places` is what `policy.postings` writes."""

    __tablename__ = "search_term"

    term: Mapped[str] = mapped_column(String(40), primary_key=True)
    places: Mapped[bytes]
    # Whether it stands somewhere as it is, and is no mere stem.
    is_word: Mapped[bool]


class SearchTrigram(Base):
    """Words in use that have three letters in a row, for those begun and those typed wrongly."""

    __tablename__ = "search_trigram"

    trigram: Mapped[str] = mapped_column(String(3), primary_key=True)
    # Separated by spaces.
    words: Mapped[str] = mapped_column(Text)


class SearchTurn(Base):
    """Whose turn it is to change the search: whoever counts it up holds it until the commit."""

    __tablename__ = "search_turn"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turns: Mapped[int]


class SynonymGroup(Public, Base):
    """Words that mean the same to whoever searches, separated by spaces."""

    __tablename__ = "search_synonym"

    words: Mapped[str] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
