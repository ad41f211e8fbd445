"""Reports in figures: how many, by which way, of what kind, and how soon somebody answered.

What lies in quarantine or turned out to be spam is counted nowhere. Exact figures leave out what
their reader must not know of (conflict lists): nothing tells them apart from those of a city where
that report was never made. Guarded figures (`small_cells`) are the same for everybody, or two
readers could compare theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.incidents.models import Report
from portal.incidents.states import Outcome, Purpose
from portal.insight.queries.boards import GROUP_OF
from portal.insight.queries.served import served_schools
from portal.insight.queries.small_cells import Guarded, guarded
from portal.people.policy import conflicts_of
from portal.schools.models import LEVEL_GROUPS, District, Level, School

# The school was not said.
UNKNOWN = ""
MOST_YEARS = 6


@dataclass(frozen=True)
class Told:
    """What the figures need of one report."""

    purpose: str
    door: str
    kinds: Sequence[str]
    group: str
    district: str
    received_at: datetime
    read_at: datetime | None
    read_until: datetime
    replied_at: datetime | None


@dataclass(frozen=True)
class Times:
    """How soon the office was there, over the reports of a year."""

    # Until the first answer somebody wrote: of half of those answered, and of nine in ten.
    median: timedelta | None
    most: timedelta | None
    answered: int
    # Read in time, out of those read or late by now.
    in_time: int
    judged: int


@dataclass(frozen=True)
class YearFigures:
    """The exact figures of one school year."""

    year: SchoolYear
    reports: int
    consultations: int
    by_door: Mapping[str, int]
    by_kind: Mapping[str, int]
    by_group: Mapping[str, int]
    by_district: Mapping[str, int]
    times: Times


@dataclass(frozen=True)
class YearCount:
    """One year of the curve: reports, and the sessions held at schools."""

    year: SchoolYear
    reports: int
    sessions: int


@dataclass(frozen=True)
class Pupils:
    """Pupils of the active schools as registered today; schools without a figure add none."""

    by_group: Mapping[str, int]
    by_district: Mapping[str, int]

    @property
    def all(self) -> int:
        """Return the pupils of the city."""
        return sum(self.by_group.values())


def per_thousand(count: int, pupils: int) -> float | None:
    """Return a count per 1,000 pupils with one decimal; None where nobody is registered."""
    return round(count * 1000 / pupils, 1) if pupils else None


def years_with_reports(session: Session, today: date) -> list[SchoolYear]:
    """Return the school years from the first report to today, the newest first."""
    first = session.scalar(select(func.min(Report.received_at)).where(counted()))
    current = SchoolYear.of(today)
    oldest = SchoolYear.of(clock.day_of(first)) if first else current
    earliest = max(oldest.start_year, current.start_year - MOST_YEARS + 1)
    return [SchoolYear(year) for year in range(current.start_year, earliest - 1, -1)]


def pupils(session: Session) -> Pupils:
    """Count the pupils of the register."""
    by_group: Counter[str] = Counter(dict.fromkeys(LEVEL_GROUPS, 0))
    by_district: Counter[str] = Counter()
    counts = (
        select(School.level, District.name, func.sum(School.pupil_count))
        .join(District, District.code == School.district_code)
        .where(School.active, School.pupil_count.is_not(None))
        .group_by(School.level, District.name)
    )
    for level, district, count in session.execute(counts):
        # PostgreSQL returns decimals for sums.
        by_group[GROUP_OF[Level(level)]] += int(count or 0)
        by_district[district] += int(count or 0)
    return Pupils(by_group, by_district)


def exact(session: Session, actor: Actor, year: SchoolYear) -> YearFigures:
    """Return a year's figures for somebody of the office, without what they must not know of."""
    told = _told(session, year, Report.id.not_in(conflicts_of(actor)))
    reports = [each for each in told if each.purpose == Purpose.REPORT]
    return YearFigures(
        year,
        len(reports),
        len(told) - len(reports),
        by_door=Counter(each.door for each in reports),
        by_kind=Counter(kind for each in reports for kind in each.kinds),
        by_group=Counter(each.group for each in reports),
        by_district=Counter(each.district for each in reports),
        times=times_of(told, clock.now()),
    )


def for_outsiders(session: Session, year: SchoolYear) -> Guarded:
    """Return a whole year's reports by level for eyes outside the office, the same for all.

    Those of no known school say least, so they are the first to be left out.
    """
    told = _told(session, year, true())
    counts = dict.fromkeys((UNKNOWN, *reversed(LEVEL_GROUPS)), 0)
    counts |= Counter(each.group for each in told if each.purpose == Purpose.REPORT)
    return guarded(counts)


def curve(session: Session, actor: Actor, years: Iterable[SchoolYear]) -> list[YearCount]:
    """Return reports and sessions of some years, for somebody of the office."""
    return [
        YearCount(year, _reports(session, actor, year), _sessions(session, year)) for year in years
    ]


def _reports(session: Session, actor: Actor, year: SchoolYear) -> int:
    count = select(func.count()).where(
        _within(year),
        counted(),
        Report.purpose == Purpose.REPORT,
        Report.id.not_in(conflicts_of(actor)),
    )
    return session.scalar(count) or 0


def _sessions(session: Session, year: SchoolYear) -> int:
    served = served_schools(*year.bounds)
    return int(session.scalar(select(func.coalesce(func.sum(served.c.sessions), 0))) or 0)


def _within(year: SchoolYear) -> ColumnElement[bool]:
    since, until = year.bounds
    return (Report.received_at >= since) & (Report.received_at < until)


def counted() -> ColumnElement[bool]:
    """Return the condition for what figures count: no quarantine, no spam."""
    return Report.quarantined.is_(False) & (Report.outcome != Outcome.SPAM)


def _told(session: Session, year: SchoolYear, known: ColumnElement[bool]) -> list[Told]:
    found = (
        select(
            Report.purpose,
            Report.door,
            Report.kinds,
            School.level,
            District.name.label("district"),
            Report.received_at,
            Report.read_at,
            Report.read_until,
            Report.replied_at,
        )
        .outerjoin(School, School.id == Report.school_id)
        .outerjoin(District, District.code == School.district_code)
        .where(_within(year), counted(), known)
    )
    return [_one(row) for row in session.execute(found)]


def _one(row: Any) -> Told:
    group = GROUP_OF[Level(row.level)] if row.level else UNKNOWN
    return Told(
        row.purpose,
        row.door,
        row.kinds,
        group,
        row.district or UNKNOWN,
        row.received_at,
        row.read_at,
        row.read_until,
        row.replied_at,
    )


def times_of(told: Sequence[Told], moment: datetime) -> Times:
    """Return how soon somebody read and answered, as known at a moment."""
    waited = sorted(each.replied_at - each.received_at for each in told if each.replied_at)
    judged = [each for each in told if each.read_at or each.read_until < moment]
    return Times(
        _share(waited, 0.5),
        _share(waited, 0.9),
        len(waited),
        in_time=sum(bool(each.read_at and each.read_at <= each.read_until) for each in judged),
        judged=len(judged),
    )


def _share(ordered: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the time within which this share of all lies (nearest rank)."""
    return ordered[ceil(share * len(ordered)) - 1] if ordered else None
