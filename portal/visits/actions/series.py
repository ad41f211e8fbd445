"""Sessions that repeat: asked for together, each of them a visit of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.visits.actions import booking, deciding, offering
from portal.visits.actions.booking import Request
from portal.visits.events import SeriesEnded, SeriesRequested
from portal.visits.models import Visit, VisitSeries
from portal.visits.queries import series as queries
from portal.visits.queries.slots import Diary
from portal.visits.states import VisitState


@dataclass(frozen=True)
class Rhythm:
    """How often a session repeats, the first one counted."""

    every_weeks: int
    times: int

    def starts(self, first: datetime) -> list[datetime]:
        """Return the starts, in order."""
        return [first + timedelta(weeks=self.every_weeks * step) for step in range(self.times)]


def request_series(
    session: Session, actor: Actor, school: School, wanted: Request, rhythm: Rhythm
) -> VisitSeries:
    """Ask for a session that repeats; starts at which nobody is free are left out and listed.

    A second press returns the series that exists. Raises Rejected("slot_taken") where the first
    start is taken, "series_alone" where nothing but the first is free, and what `request_visit`
    raises; then nothing at all is asked for.
    """
    booking.check_may_ask(actor, school, wanted.permission)
    booking.check_audience(wanted)
    booking.wait_for_colleagues(session, school)
    existing = booking.same_request(session, school, wanted)
    if existing and existing.series_id:
        return session.get_one(VisitSeries, existing.series_id)
    booking.sweep_expired_holds(session)
    booking.drop_holds_of(session, school.id)
    starts = rhythm.starts(wanted.starts_at)
    # One reading for all: sessions of different weeks do not fill one another's.
    diary = booking.diary_of(session, settings.read(session), school, starts[0], starts[-1])
    free = _free_starts(diary, school, wanted, starts)
    booking.check_share(session, school, wanted, free)
    visits = _take_all(session, actor, school, wanted, diary, free)
    taken = {visit.starts_at for visit in visits}
    if wanted.starts_at not in taken:
        raise Rejected("slot_taken", "slot", wanted=wanted.starts_at)
    if len(visits) == 1:
        raise Rejected("series_alone", "times")
    left_out = [start for start in starts if start not in taken]
    series = _write(session, actor, school, wanted, rhythm, left_out)
    for visit in visits:
        visit.series_id = series.id
    session.flush()
    emit(session, actor, SeriesRequested(series.id, school.id, rhythm.times, len(left_out)))
    for visit in visits:
        booking.announce(session, actor, school, visit)
    return series


def _free_starts(
    diary: Diary, school: School, wanted: Request, starts: Sequence[datetime]
) -> list[datetime]:
    """Return the starts at which enough people are free."""
    free = []
    for start in starts:
        crews = booking.free_crews(diary, school, wanted.programme, start, wanted.crew)
        try:
            if next(crews, None):
                free.append(start)
        except Rejected:
            # A day without lessons, or beyond the days that can be booked.
            if start == starts[0]:
                raise
    return free


def _take_all(
    session: Session,
    actor: Actor,
    school: School,
    wanted: Request,
    diary: Diary,
    starts: Sequence[datetime],
) -> list[Visit]:
    """Take what is still free of these starts."""
    asked = (replace(wanted, starts_at=start) for start in starts)
    visits = (booking.take_time(session, actor, school, each, diary) for each in asked)
    return [visit for visit in visits if visit]


def _write(
    session: Session,
    actor: Actor,
    school: School,
    wanted: Request,
    rhythm: Rhythm,
    left_out: Sequence[datetime],
) -> VisitSeries:
    series = VisitSeries(
        id=new_id(),
        school_id=school.id,
        programme_id=wanted.programme.id,
        every_weeks=rhythm.every_weeks,
        wanted=rhythm.times,
        left_out=[start.isoformat() for start in left_out],
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    session.add(series)
    session.flush()
    return series


def cancel_rest(session: Session, actor: Actor, series: VisitSeries, reason: str) -> int:
    """Call off all sessions of a series that are still to come; return how many there were.

    Both sides read the reason. Raises Rejected("not_allowed"), and "series_over" where none is to
    come any more.
    """
    by_school = actor.may(Permission.VISIT_REQUEST, series.school_id)
    if not by_school and not actor.may(Permission.VISIT_APPROVE, series.school_id):
        raise Rejected("not_allowed")
    visits = queries.to_come(session, series)
    if not visits:
        raise Rejected("series_over")
    for visit in visits:
        _call_off(session, actor, visit, reason, by_school=by_school)
    emit(session, actor, SeriesEnded(series.id, series.school_id, len(visits)))
    return len(visits)


def _call_off(
    session: Session, actor: Actor, visit: Visit, reason: str, *, by_school: bool
) -> None:
    if visit.state == VisitState.OFFERED:
        (offering.turn_down if by_school else offering.take_back)(session, actor, visit, reason)
    elif by_school:
        deciding.withdraw(session, actor, visit, reason)
    elif visit.state == VisitState.REQUESTED:
        deciding.decline(session, actor, visit, reason)
    else:
        deciding.cancel(session, actor, visit, reason)
