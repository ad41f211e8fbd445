"""Reading what a semester's plan starts from; as many statements for a town as for one school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.policy.planning.cost import points_of
from portal.insight.policy.planning.instance import (
    Instance,
    Item,
    Place,
    School,
    Stop,
    Weights,
    Worker,
)
from portal.insight.queries.plan_reasons import Reason
from portal.insight.queries.plan_reasons import reasons as reasons_of
from portal.insight.queries.plans import counted_anew
from portal.insight.queries.served import COUNTS_FOR, HELD_AT, sessions_of_schools
from portal.schools.models import Mou
from portal.schools.models import School as Registered
from portal.schools.queries.schools import in_force, is_partner
from portal.visits.models import Programme, Visit
from portal.visits.queries import slots
from portal.visits.queries.slots import Diary
from portal.visits.states import HOLDING_TIME

CELL = 30
SUNDAY = 6
# What an MoU promises is for a year, and a plan for half of one.
MOST_SESSIONS = 2
PER_MOU = "mou"


@dataclass(frozen=True)
class Reading:
    """What a plan starts from, and what its instance does not say."""

    instance: Instance
    reasons: Mapping[str, Reason]
    # Partner schools, and those among them that have all they should in the semester already.
    partners: int
    settled: int


def minute_of(moment: time) -> int:
    """Return the minutes since midnight."""
    return moment.hour * 60 + moment.minute


def moment_of(place: Place) -> datetime:
    """Return when a planned session begins."""
    return clock.at_wib(place.day, time(*divmod(place.start, 60)))


def place_of(item: PlanItem) -> Place | None:
    """Return where a session of a plan is, as planning knows it."""
    if item.starts_at is None:
        return None
    local = item.starts_at.astimezone(clock.WIB)
    return Place(local.date(), minute_of(local.time()), tuple(item.worker_ids))


def key_of(item: PlanItem) -> Item:
    """Return which session of a plan an item is."""
    return Item(str(item.school_id), item.ordinal)


def read(session: Session, plan: SemesterPlan) -> Reading:
    """Return what a plan starts from, as it stands now."""
    office = settings.read(session)
    programme = session.get_one(Programme, plan.programme_id)
    earliest, _latest = slots.booking_window(office, programme.notice_working_days)
    first = max(plan.first_on, earliest)
    diary = slots.load_diary(session, office, first, plan.last_on)
    schools = list(
        session.scalars(
            select(Registered)
            .where(Registered.active, is_partner(clock.today()))
            .order_by(Registered.name, Registered.id)
        )
    )
    days = list(_days(first, plan.last_on))
    reasons = reasons_of(session, schools, programme, office, first)
    towns = _Schools(session, plan, programme, diary, days, reasons)
    found = [school for each in schools if (school := towns.read(each)).wanted > 0]
    workers = tuple(_worker(diary, worker, days) for worker in diary.workers)
    districts = {office["office_district"], *(each.district_code for each in schools)}
    districts |= {stop.district for worker in workers for stop in worker.booked}
    return Reading(
        instance=Instance(
            weeks=tuple(dict.fromkeys(clock.monday_of(day) for day in days)),
            starts={
                day: tuple(minute_of(start) for start in slots.times_on(office, day))
                for day in days
            },
            minutes=programme.minutes,
            pause=CELL + -programme.minutes % CELL,
            gap_weeks=int(plan.wanted["gap_weeks"]),
            base=office["office_district"],
            ways=_ways(diary, districts),
            workers=workers,
            schools=tuple(found),
            **_given(session, plan, {school.id: school.wanted for school in found}),
            weights=Weights(int(plan.wanted["travel"]), int(plan.wanted["balance"])),
        ),
        reasons=reasons,
        partners=len(schools),
        settled=len(schools) - len(found),
    )


def _ways(diary: Diary, districts: Iterable[str]) -> dict[tuple[str, str], int]:
    every = sorted(set(districts))
    return {(one, two): diary.ways.between(one, two) for one in every for two in every}


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day.weekday() != SUNDAY:
            yield day


def _worker(diary: Diary, worker: slots.Worker, days: Sequence[date]) -> Worker:
    mondays = dict.fromkeys(clock.monday_of(day) for day in days)
    return Worker(
        id=str(worker.id),
        hours={
            weekday: (minute_of(starts), minute_of(ends))
            for weekday, (starts, ends) in worker.hours.items()
        },
        minutes={monday: _left(diary, worker, monday) for monday in mondays},
        leave=tuple(worker.leave),
        booked=tuple(
            stop
            for day in days
            for span in diary.weeks.of_day(worker.id, day)
            for stop in [_stop(span.starts_at, span.ends_at, span.district)]
        ),
    )


def _left(diary: Diary, worker: slots.Worker, monday: date) -> int:
    """Return the minutes of a week left for sessions and ways, urgent work set aside."""
    load = diary.week_load(worker, monday)
    sessions = load.visit_limit - load.visit_minutes - load.travel_minutes
    return max(0, min(sessions, load.free - load.urgent_minutes))


def _stop(starts_at: datetime, ends_at: datetime, district: str) -> Stop:
    start, end = starts_at.astimezone(clock.WIB), ends_at.astimezone(clock.WIB)
    begins, ends = minute_of(start.time()), minute_of(end.time())
    return Stop(start.date(), begins - begins % CELL, ends + -ends % CELL, district)


def _given(
    session: Session, plan: SemesterPlan, wanted: Mapping[str, int]
) -> dict[str, dict[Item, Place]]:
    """Return what is locked, and what of the plan before it would rather keep."""
    plans = [plan.id, plan.follows_id] if plan.follows_id else [plan.id]
    items = session.scalars(
        select(PlanItem)
        .where(PlanItem.plan_id.in_(plans), PlanItem.visit_id.is_(None))
        .order_by(PlanItem.school_id, PlanItem.ordinal)
    ).all()
    own = ((each.ordinal, each) for each in items if each.plan_id == plan.id and each.locked)
    before = counted_anew(each for each in items if each.plan_id == plan.follows_id)
    locks, kept = _wanted_places(own, wanted), _wanted_places(before, wanted)
    return {
        "locks": locks,
        "before": {key: place for key, place in kept.items() if key not in locks},
    }


def _wanted_places(
    numbered: Iterable[tuple[int, PlanItem]], wanted: Mapping[str, int]
) -> dict[Item, Place]:
    """Return the places of sessions that their schools still want."""
    return {
        Item(str(item.school_id), number): place
        for number, item in numbered
        if number <= wanted.get(str(item.school_id), 0) and (place := place_of(item))
    }


class _Schools:
    """Turns schools of the register into schools to plan for."""

    def __init__(
        self,
        session: Session,
        plan: SemesterPlan,
        programme: Programme,
        diary: Diary,
        days: Sequence[date],
        reasons: Mapping[str, Reason],
    ) -> None:
        self.plan, self.programme, self.diary = plan, programme, diary
        self.days, self.reasons = days, reasons
        self.held = _held(session, plan)
        self.promised = _promised(session) if plan.wanted["sessions"] == PER_MOU else {}

    def read(self, school: Registered) -> School:
        """Return a school, wanting nothing where it has what it should."""
        reason = self.reasons[str(school.id)]
        place = slots.Place.of(school, programme=self.programme)
        held = self.held.get(school.id, [])
        taken = {stop.day for stop, _own in held}
        booked = tuple(stop for stop, own in held if own)
        within = [each for each in booked if self.plan.first_on <= each.day <= self.plan.last_on]
        return School(
            id=str(school.id),
            district=school.district_code,
            days=frozenset(
                day
                for day in self.days
                if day not in taken
                and self.diary.days.has_lessons(place, day)
                and not self.diary.days.closed_by(place, day)
            ),
            points=points_of(reason.months, reason.need),
            wanted=max(0, self._wanted(school) - len(within)),
            crew=slots.crew_size(self.programme, reason.heads),
            never_served=reason.months is None,
            booked=booked,
        )

    def _wanted(self, school: Registered) -> int:
        sessions = self.plan.wanted["sessions"]
        if sessions != PER_MOU:
            return int(sessions)
        return min(max(1, self.promised.get(school.id, 1)), MOST_SESSIONS)


def _held(session: Session, plan: SemesterPlan) -> dict[UUID, list[tuple[Stop, bool]]]:
    """Return the sessions schools have around the semester, and whether of this programme."""
    around = timedelta(weeks=int(plan.wanted["gap_weeks"]))
    start, end = clock.day_bounds(plan.first_on - around, plan.last_on + around)
    rows = session.execute(
        sessions_of_schools(
            COUNTS_FOR, Visit.starts_at, Visit.ends_at, HELD_AT.district_code, Visit.programme_id
        ).where(
            Visit.starts_at >= start, Visit.starts_at < end, Visit.state.in_(sorted(HOLDING_TIME))
        )
    )
    found: dict[UUID, list[tuple[Stop, bool]]] = defaultdict(list)
    for school_id, starts_at, ends_at, district, programme_id in rows:
        own = programme_id == plan.programme_id
        found[school_id].append((_stop(starts_at, ends_at, district), own))
    return found


def _promised(session: Session) -> dict[UUID, int]:
    rows = session.execute(
        select(Mou.school_id, func.max(Mou.promised_sessions))
        .where(in_force(clock.today()))
        .group_by(Mou.school_id)
    )
    return {row[0]: row[1] for row in rows}
