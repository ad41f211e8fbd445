"""Time as the office lives it: UTC inside, WIB at the edge, school years, working days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

WIB = ZoneInfo("Asia/Jakarta")
SCHOOL_YEAR_FIRST_MONTH = 7
SATURDAY = 5
OFFICE_OPENS = time(7, 30)
# What is due on a day is due when the office closes.
OFFICE_CLOSES = time(16)
# The 29th to 31st do not exist in every month.
LAST_COMMON_DAY = 28
# What the office dates lies in these years; at both ends of the calendar no time zone works.
YEARS = range(2000, 2100)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present calendar day in WIB."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Return the calendar day a moment lies on in WIB."""
    return moment.astimezone(WIB).date()


def at_wib(day: date, clock_time: time) -> datetime:
    """Return the UTC moment of a wall-clock time in WIB."""
    return datetime.combine(day, clock_time, tzinfo=WIB).astimezone(UTC)


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the UTC half-open interval that covers whole WIB days, both ends included."""
    return at_wib(first, time.min), at_wib(last + timedelta(days=1), time.min)


@lru_cache(maxsize=64)
def _calendar(year: int, language: str) -> holidays.HolidayBase:
    # Collective leave (cuti bersama) is the "government" category; without naming it, it is lost.
    return holidays.country_holidays(
        "ID", years=year, categories=("public", "government"), language=language
    )


def holiday_name(day: date, locale: str = "id") -> str | None:
    """Return the name of the public holiday or collective leave on a day, or None.

    Source: the library `holidays`, which follows the yearly three-minister decree.
    """
    name = _calendar(day.year, "en_US" if locale == "en" else "id").get(day)
    return str(name) if name else None


def is_working_day(day: date) -> bool:
    """Say whether the office is open: Monday to Friday, no holiday, no collective leave."""
    return Week.OFFICE.is_open(day)


class Week(StrEnum):
    """Whose week counts: the office's, or that of a school which teaches on 5 or 6 days."""

    OFFICE = "office"
    SCHOOL_5 = "school_5"
    SCHOOL_6 = "school_6"

    def is_open(self, day: date) -> bool:
        """Say whether somebody is there on a day."""
        last = SATURDAY if self is Week.SCHOOL_6 else SATURDAY - 1
        return day.weekday() <= last and holiday_name(day) is None

    def add_days(self, day: date, count: int) -> date:
        """Return the day that lies `count` open days after `day`."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_open(day)
        return day


def add_working_days(day: date, count: int) -> date:
    """Return the working day that lies `count` working days after `day`."""
    return Week.OFFICE.add_days(day, count)


def office_is_open(moment: datetime) -> bool:
    """Say whether somebody is at the office at a moment."""
    local = moment.astimezone(WIB)
    return is_working_day(local.date()) and OFFICE_OPENS <= local.time() < OFFICE_CLOSES


def add_working_hours(moment: datetime, hours: int) -> datetime:
    """Return the moment by which the office was open for so many hours since another moment."""
    left, day = timedelta(hours=hours), day_of(moment)
    while True:
        if is_working_day(day):
            begins, ends = max(moment, at_wib(day, OFFICE_OPENS)), at_wib(day, OFFICE_CLOSES)
            if begins + left <= ends:
                return begins + left
            left -= max(ends - begins, timedelta())
        day += timedelta(days=1)


def months_before(day: date, months: int) -> date:
    """Return the day so many months before, the 28th of a month at the latest."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, LAST_COMMON_DAY))


def monday_of(day: date) -> date:
    """Return the Monday of the week a day lies in."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, order=True)
class SchoolYear:
    """An Indonesian school year, July to June, named by the year it starts in."""

    start_year: int

    @classmethod
    def of(cls, day: date) -> SchoolYear:
        """Return the school year a day lies in."""
        return cls(day.year if day.month >= SCHOOL_YEAR_FIRST_MONTH else day.year - 1)

    @classmethod
    def parse(cls, slug: str) -> SchoolYear | None:
        """Read `2026-2027`; None when it is anything else."""
        start, _, end = slug.partition("-")
        # The last year a calendar knows has no school year of its own: it would end after it.
        if len(start) == 4 and start.isascii() and start.isdigit() and "2000" <= start < "9999":
            year = cls(int(start))
            return year if end == str(year.start_year + 1) else None
        return None

    @property
    def slug(self) -> str:
        """Return the form used in URLs, `2026-2027`."""
        return f"{self.start_year}-{self.start_year + 1}"

    @property
    def label(self) -> str:
        """Return the form people read, `2026/2027`."""
        return f"{self.start_year}/{self.start_year + 1}"

    @property
    def first_day(self) -> date:
        """Return 1 July."""
        return date(self.start_year, SCHOOL_YEAR_FIRST_MONTH, 1)

    @property
    def last_day(self) -> date:
        """Return 30 June."""
        return date(self.start_year + 1, 6, 30)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Return the half-open UTC interval of the year."""
        return day_bounds(self.first_day, self.last_day)

    def semester_end(self, day: date) -> date:
        """Return the last day of the semester (July-December, January-June) a day lies in."""
        return date(self.start_year, 12, 31) if day.year == self.start_year else self.last_day


def days_of_week(monday: date, length: int = 5) -> Iterator[date]:
    """Yield the first `length` days of a week."""
    return (monday + timedelta(days=offset) for offset in range(length))
