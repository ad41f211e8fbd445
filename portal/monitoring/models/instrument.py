"""The editions of the teacher's form."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public


class Instrument(Public, Base):
    """One edition of the form: its questions in both languages, its thresholds, its rhythm.

    `content` holds `label`, `note` and `scale` (texts by language), `flags` (code, text, `hours`
    to acknowledge or null, `guardian` whether one may be told by itself) and `groups` (code, text,
    `items` of code, text, `reversed`, `index`: "concern" or "support"). A form keeps the edition it
    was made with. Source: domain.md section 4; not validated.
    """

    __tablename__ = "monitoring_instrument"

    number: Mapped[int] = mapped_column(unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    # least_observed, yellow, orange, red, harassment_item, harassment_least, rise.
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    # How many forms come after how many school weeks each: [[1, 4], [2, 4], [4, 3]].
    rhythm: Mapped[list[list[int]]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(200), default="")
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    # Empty while it is a draft.
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
