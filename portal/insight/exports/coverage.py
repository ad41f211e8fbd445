"""Words of the coverage board: what is shown is called, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.i18n import gettext
from portal.insight.queries.boards import Basis, Board, Place
from portal.insight.queries.schools import SchoolCoverage, Standing
from portal.insight.queries.shortfalls import Shortfalls
from portal.insight.queries.tallies import Coverage, Tally
from portal.insight.queries.trend import MonthOfCoverage, YearOfCoverage
from portal.schools.exports import authority_name, ownership_name
from portal.schools.models import FormerName, Level
from portal.visits.states import NotDelivered

_ = i18n.lazy

BASIS_NAMES = {Basis.ALL: _("All active"), Basis.PARTNERS: _("Partners")}
STANDING_NAMES = {
    Standing.REACHED: _("Reached"),
    Standing.NOT_YET: _("None this school year"),
    Standing.NEVER: _("Never had a session"),
}
NOT_DELIVERED_NAMES = {
    NotDelivered.SCHOOL_NOT_READY: _("The school was not ready"),
    NotDelivered.WORKER_ABSENT: _("The social worker could not come"),
    NotDelivered.TRANSPORT: _("There was no way to get there"),
    NotDelivered.WEATHER: _("The weather"),
    NotDelivered.OTHER: _("Another reason"),
}
OTHER_LEVEL = _("Other")


@dataclass(frozen=True)
class Definition:
    """What a word on the board means, and where its figures come from."""

    term: LazyProxy
    meaning: LazyProxy
    source: LazyProxy


SCHOOL_REGISTER = _("School register of this portal")
SESSION_RECORDS = _("Session records of this portal")

DEFINITIONS = (
    Definition(
        _("Active school"),
        _("A school of the city that is open today, with or without an MoU."),
        SCHOOL_REGISTER,
    ),
    Definition(
        _("Partner school"),
        _(
            "An active school with an MoU in force today. For a past year, the last day of that "
            "year decides."
        ),
        _("MoU register of this portal"),
    ),
    Definition(
        _("Delivered session"),
        _(
            "A session held at a school, with its method and number of participants recorded. "
            "Only programmes that count for coverage are included."
        ),
        SESSION_RECORDS,
    ),
    Definition(
        _("Reached"),
        _("A school with at least one delivered session from 1 July to 30 June of the year."),
        SESSION_RECORDS,
    ),
    Definition(
        _("Never had a session"),
        _("A school without a delivered session in any year up to now."),
        SESSION_RECORDS,
    ),
    Definition(
        _("First session"),
        _("A delivered session of the year that was the first ever for its school."),
        SESSION_RECORDS,
    ),
    Definition(
        _("Pupils"),
        _(
            "Girls and boys present at the delivered sessions of the year. Who came twice counts "
            "twice. Adults are counted apart."
        ),
        SESSION_RECORDS,
    ),
    Definition(
        _("Sessions for schools never served"),
        _(
            "The share of a year's delivered sessions that was the first ever for its school. "
            "Later sessions of the same school in that year are not among them."
        ),
        SESSION_RECORDS,
    ),
    Definition(
        _("Confirmed by the school"),
        _(
            "Delivered sessions of which the school itself said that they took place. A session "
            "counts as delivered before the school answers."
        ),
        SESSION_RECORDS,
    ),
    Definition(
        _("Joined schools"),
        _(
            "What took place at a school that became part of another one counts for that one, in "
            "past years too."
        ),
        SCHOOL_REGISTER,
    ),
    Definition(
        _("Per cent"),
        _("Schools reached out of all schools of the same row, rounded down."),
        SCHOOL_REGISTER,
    ),
    Definition(
        _("Target"),
        _("The share of schools the office wants to reach."),
        _("Settings of the office"),
    ),
)


@dataclass(frozen=True)
class CoverageReport:
    """All that goes on paper and into the workbook, from one reading of the database."""

    board: Board
    place: Place
    ownerships: Sequence[Coverage]
    authorities: Sequence[Coverage]
    years: Sequence[YearOfCoverage]
    months: Sequence[MonthOfCoverage]
    # For the office alone.
    shortfalls: Shortfalls | None
    schools: Sequence[SchoolCoverage]
    former_names: Mapping[UUID, Sequence[FormerName]]
    target_percent: int
    as_of: datetime

    @property
    def tally(self) -> Tally:
        """Return the chosen piece of the board."""
        return self.board.of(self.place)

    @property
    def never(self) -> list[SchoolCoverage]:
        """Return the schools of the chosen piece that never had a session."""
        return [each for each in self.schools if each.standing is Standing.NEVER]


def level_name(level: str) -> str:
    """Return what a school level is called; official short names are the same everywhere."""
    return str(OTHER_LEVEL) if level == Level.OTHER else level


def subdistrict_name(name: str) -> str:
    """Return what a kelurahan is called, or that nobody wrote it down."""
    return name or gettext("Subdistrict not recorded")


def chosen_words(board: Board, place: Place) -> list[str]:
    """Return in words which of the schools are looked at; nothing where it is all of them."""
    scope = board.scope
    district = board.district(place.district)
    words = [
        None if place.subdistrict is None else subdistrict_name(place.subdistrict),
        district.name if district else None,
        place.group,
        ownership_name(scope.ownership) if scope.ownership else None,
        authority_name(scope.authority) if scope.authority else None,
    ]
    return [word for word in words if word]


def need_names(shortfalls: Shortfalls) -> Iterator[tuple[str, int]]:
    """Yield what sessions had to do without, in the reader's language, with how often."""
    language = i18n.language()
    return ((need.name(language), count) for need, count in shortfalls.unmet)


def first_share(row: Any) -> float:
    """Return which part of a month's or year's sessions was the first ever for its school."""
    return row.first_sessions / row.sessions if row.sessions else 0.0
