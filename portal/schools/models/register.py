"""Districts and schools, with the names they had before."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.clock import Week
from portal.core.db import Base, Identified, Public


class Level(StrEnum):
    """School levels (jenjang), by their official short names."""

    TK = "TK"
    SD = "SD"
    MI = "MI"
    SMP = "SMP"
    MTS = "MTs"
    SMA = "SMA"
    MA = "MA"
    SMK = "SMK"
    SLB = "SLB"
    OTHER = "other"


class Ownership(StrEnum):
    """Public or private."""

    PUBLIC = "negeri"
    PRIVATE = "swasta"


class Authority(StrEnum):
    """The body a school answers to."""

    CITY = "kota"
    PROVINCE = "provinsi"
    RELIGIOUS_AFFAIRS = "kemenag"


# The grades taught at each level; what a visit can be booked for.
GRADES: dict[Level, tuple[str, ...]] = {
    Level.TK: ("A", "B"),
    Level.SD: ("1", "2", "3", "4", "5", "6"),
    Level.MI: ("1", "2", "3", "4", "5", "6"),
    Level.SMP: ("7", "8", "9"),
    Level.MTS: ("7", "8", "9"),
    Level.SMA: ("10", "11", "12"),
    Level.MA: ("10", "11", "12"),
    Level.SMK: ("10", "11", "12"),
    Level.SLB: tuple(str(grade) for grade in range(1, 13)),
    Level.OTHER: tuple(str(grade) for grade in range(1, 13)),
}

# Levels that stand in one column of the coverage matrix.
LEVEL_GROUPS: dict[str, tuple[Level, ...]] = {
    "TK": (Level.TK,),
    "SD/MI": (Level.SD, Level.MI),
    "SMP/MTs": (Level.SMP, Level.MTS),
    "SMA/MA": (Level.SMA, Level.MA),
    "SMK": (Level.SMK,),
    "SLB": (Level.SLB, Level.OTHER),
}


class District(Base):
    """A kecamatan, with its place on the tile map (reference data, laid in by a migration)."""

    __tablename__ = "district"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    short_name: Mapped[str] = mapped_column(String(30))
    tile_row: Mapped[int]
    tile_column: Mapped[int]


class School(Public, Base):
    """A school of the city, partner or not."""

    __tablename__ = "school"
    __table_args__ = (
        Index(None, "district_code", "level"),
        Index(None, "name", "id"),
        CheckConstraint("week_days IN (5, 6)", name="week_days"),
    )

    npsn: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    # Other names people use or used, one per line; search looks here too.
    aliases: Mapped[str] = mapped_column(String(500), default="")
    level: Mapped[Level] = mapped_column(String(10))
    ownership: Mapped[Ownership] = mapped_column(String(10))
    authority: Mapped[Authority] = mapped_column(String(10))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"))
    subdistrict: Mapped[str] = mapped_column(String(80), default="")
    address: Mapped[str] = mapped_column(String(250), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    active: Mapped[bool] = mapped_column(default=True)
    week_days: Mapped[int] = mapped_column(default=5)
    pupil_count: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(120), default="")
    changed_at: Mapped[datetime]
    # The school it became part of; what happened here counts there.
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    merged_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    district: Mapped[District] = relationship(lazy="raise_on_sql")

    @property
    def week(self) -> Week:
        """Return the days on which somebody is there."""
        return {5: Week.SCHOOL_5, 6: Week.SCHOOL_6}[self.week_days]

    @property
    def grades(self) -> tuple[str, ...]:
        """Return the grades taught here."""
        return GRADES[Level(self.level)]


class FormerName(Identified, Base):
    """A name a school bore until a day."""

    __tablename__ = "former_school_name"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    until: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]


class SchoolImport(Public, Base):
    """A file waiting between preview and confirmation."""

    __tablename__ = "school_import"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
