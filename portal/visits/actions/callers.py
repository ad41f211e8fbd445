"""Letting a school know what somebody of the office wrote down when it called."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import duties
from portal.visits.actions import about
from portal.visits.models import Visit, VisitSeries
from portal.visits.queries import series as queries
from portal.visits.states import Origin


def tell_school(session: Session, visit: Visit) -> None:
    """Let the school read what was asked for in its name; a second press tells nothing new."""
    if visit.origin != Origin.CALLER or duties.is_open(session, visit.id, about.ENTERED):
        return
    about.open_news(session, visit, about.ENTERED, *about.school_side(visit.school_id))


def tell_of_series(session: Session, series: VisitSeries) -> None:
    """Let the school read of a series, at its first session."""
    coming = queries.to_come(session, series)
    if coming:
        tell_school(session, coming[0])
