"""A child, its schools and its guardians."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted


class Child(Public, Base):
    """A child the office helps, in one case or several over the years."""

    __tablename__ = "child"
    __table_args__ = (Index(None, "name_index"), Index(None, "nisn_index"))

    full_name: Mapped[str] = mapped_column(Encrypted())
    called: Mapped[str] = mapped_column(Encrypted(), default="")
    # An ISO date, a year alone, or empty while unknown.
    born: Mapped[str] = mapped_column(Encrypted(), default="")
    # "f", "m" or empty.
    sex: Mapped[str] = mapped_column(Encrypted(), default="")
    nisn: Mapped[str] = mapped_column(Encrypted(), default="")
    address: Mapped[str] = mapped_column(Encrypted(), default="")
    disability: Mapped[str] = mapped_column(Encrypted(), default="")
    language: Mapped[str] = mapped_column(Encrypted(), default="")
    # Find the same child again by exact matches: name and year of birth, and NISN.
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    nisn_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    # Set when the identity was made unknown, after its time was over.
    forgotten_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class ChildSchool(Public, Base):
    """A school a child goes or went to."""

    __tablename__ = "child_school"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    class_name: Mapped[str] = mapped_column(Encrypted(), default="")
    since: Mapped[date]
    # The last day there; empty while the child goes there.
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Encrypted(), default="")


class Guardian(Public, Base):
    """A parent or another adult who answers for a child."""

    __tablename__ = "guardian"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    full_name: Mapped[str] = mapped_column(Encrypted())
    # Mother, father, grandmother: as the family says it.
    relation: Mapped[str] = mapped_column(Encrypted(), default="")
    phone: Mapped[str] = mapped_column(Encrypted(), default="")
    address: Mapped[str] = mapped_column(Encrypted(), default="")
    safe_contact: Mapped[str] = mapped_column(Encrypted(), default="")
    # Hears of nothing and is asked for nothing, because the child may be in danger from them.
    kept_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    kept_out_reason: Mapped[str] = mapped_column(Encrypted(), default="")
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    @property
    def label(self) -> str:
        """Return the name, with what they are to the child where that is known."""
        return f"{self.full_name} ({self.relation})" if self.relation else self.full_name
