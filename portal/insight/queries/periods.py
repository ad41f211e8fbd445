"""School years, semesters and months: the periods figures are read by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.core import clock
from portal.core.clock import SchoolYear

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


class Span(StrEnum):
    """How long a period is."""

    YEAR = "year"
    SEMESTER = "semester"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """A school year, one of its semesters, or a month; both days belong to it."""

    span: Span
    first: date
    last: date

    @classmethod
    def of(cls, span: Span, day: date) -> Period:
        """Return the period of this length in which a day lies."""
        year = SchoolYear.of(day)
        if span is Span.YEAR:
            return cls(span, year.first_day, year.last_day)
        if span is Span.SEMESTER:
            last = year.semester_end(day)
            return cls(span, date(last.year, last.month - 5, 1), last)
        next_month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return cls(span, day.replace(day=1), next_month - timedelta(days=1))

    @classmethod
    def parse(cls, slug: str) -> Period | None:
        """Read `2026-2027`, `2026-2027-1` or `2026-11`; None when it is anything else."""
        if year := SchoolYear.parse(slug):
            return cls.of(Span.YEAR, year.first_day)
        if year := SchoolYear.parse(slug[:-2]):
            days = {"-1": year.first_day, "-2": year.last_day}
            day = days.get(slug[-2:])
            return cls.of(Span.SEMESTER, day) if day else None
        if found := MONTH.fullmatch(slug):
            return cls.of(Span.MONTH, date(int(found[1]), int(found[2]), 1))
        return None

    @property
    def slug(self) -> str:
        """Return the form used in URLs."""
        if self.span is Span.MONTH:
            return f"{self.first:%Y-%m}"
        return self.year.slug if self.span is Span.YEAR else f"{self.year.slug}-{self.half}"

    @property
    def year(self) -> SchoolYear:
        """Return the school year it belongs to."""
        return SchoolYear.of(self.first)

    @property
    def half(self) -> int:
        """Return 1 for July to December, 2 for January to June."""
        return 1 if self.first.year == self.year.start_year else 2

    @property
    def before(self) -> Period:
        """Return the period of the same length that ends where this one begins."""
        return self.of(self.span, self.first - timedelta(days=1))

    def holds(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day <= self.last

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Return its half-open UTC interval."""
        return clock.day_bounds(self.first, self.last)


def back_from(today: date, first: date, span: Span, most: int) -> Iterator[Period]:
    """Yield the periods of one length from today's back to that of a first day."""
    period = Period.of(span, today)
    for _each in range(most):
        yield period
        if period.first <= first:
            return
        period = period.before
