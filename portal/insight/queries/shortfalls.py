"""What was missing: sessions that did not take place, and what sessions had to do without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from portal.insight.queries.boards import Basis, Place, Scope
from portal.insight.queries.served import (
    COUNTS_FOR,
    partner_schools,
    sessions_of_schools,
    wanted_schools,
)
from portal.schools.models import District, School
from portal.visits.models import Programme, Visit, VisitNeed
from portal.visits.states import NotDelivered, VisitState

NO_NEEDS = "[]"
SEEN_OFF = (VisitState.DELIVERED, VisitState.NOT_DELIVERED)


@dataclass(frozen=True)
class Shortfalls:
    """What was missing at the sessions of a year, of programmes that count."""

    # The most frequent first.
    not_delivered: Sequence[tuple[NotDelivered, int]]
    unmet: Sequence[tuple[VisitNeed, int]]
    # Sessions that had to do without something.
    sessions_lacking: int

    @property
    def missed(self) -> int:
        """Return how many sessions did not take place."""
        return sum(count for _why, count in self.not_delivered)


def shortfalls(session: Session, scope: Scope, place: Place) -> Shortfalls:
    """Count what was missing at the sessions of a piece of the board."""
    why = Visit.not_delivered_why
    missed = session.execute(
        _of_year(scope, place, why, func.count())
        .where(Visit.state == VisitState.NOT_DELIVERED)
        .group_by(why)
    )
    lacking = session.scalars(
        _of_year(scope, place, Visit.unmet).where(
            Visit.state.in_(SEEN_OFF), cast(Visit.unmet, Text) != NO_NEEDS
        )
    ).all()
    counts = Counter(code for codes in lacking for code in set(codes))
    known = session.scalars(select(VisitNeed).where(VisitNeed.code.in_(counts)))
    return Shortfalls(
        not_delivered=_most_first((NotDelivered(each or "other"), count) for each, count in missed),
        unmet=_most_first((need, counts[need.code]) for need in known),
        sessions_lacking=len(lacking),
    )


def _most_first(counts: Any) -> list[tuple[Any, int]]:
    return sorted(counts, key=lambda each: (-each[1], getattr(each[0], "position", 0)))


def _of_year(scope: Scope, place: Place, *columns: Any) -> Select[*tuple[Any, ...]]:
    since, until = scope.year.bounds
    mou = partner_schools(scope.day)
    return (
        sessions_of_schools(*columns)
        .join(School, School.id == COUNTS_FOR)
        .join(District, District.code == School.district_code)
        .join(mou, mou.c.school_id == School.id, isouter=scope.basis is Basis.ALL)
        .where(Programme.counts_for_coverage)
        .where(wanted_schools(place.group, **scope.kind, **place.area))
        .where(Visit.starts_at >= since, Visit.starts_at < until)
    )
