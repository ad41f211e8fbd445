"""Series of sessions, and the visits they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.schools.models import School
from portal.visits import policy
from portal.visits.models import Programme, Visit, VisitSeries
from portal.visits.states import TO_COME


@dataclass(frozen=True)
class SeriesFile:
    """A series with its school, programme and visits, and the starts no time was found for."""

    series: VisitSeries
    school: School
    programme: Programme
    visits: list[Visit]

    @property
    def left_out(self) -> list[datetime]:
        """Return the starts that are still ahead and not in the series."""
        starts = (datetime.fromisoformat(text) for text in self.series.left_out)
        return [start for start in starts if start > clock.now()]

    @property
    def to_come(self) -> list[Visit]:
        """Return the visits that can still be called off."""
        moment = clock.now()
        return [each for each in self.visits if each.state in TO_COME and each.starts_at > moment]


def get(session: Session, actor: Actor, public_id: str) -> SeriesFile | None:
    """Return a series of which the actor may see visits."""
    row = session.execute(
        select(VisitSeries, School, Programme)
        .join(School, School.id == VisitSeries.school_id)
        .join(Programme, Programme.id == VisitSeries.programme_id)
        .where(VisitSeries.public_id == public_id)
    ).one_or_none()
    if row is None:
        return None
    visits = session.scalars(
        select(Visit)
        .where(Visit.series_id == row.VisitSeries.id, policy.visible_to(actor))
        .order_by(Visit.starts_at, Visit.id)
    ).all()
    return SeriesFile(*row, list(visits)) if visits else None


def to_come(session: Session, series: VisitSeries) -> list[Visit]:
    """Return the visits of a series that are still to come, in order."""
    return list(
        session.scalars(
            select(Visit)
            .where(
                Visit.series_id == series.id,
                Visit.state.in_(sorted(TO_COME)),
                Visit.starts_at > clock.now(),
            )
            .order_by(Visit.starts_at, Visit.id)
        )
    )
