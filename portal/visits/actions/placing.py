"""Finding out who goes to a session at a time, and whether the portal advises against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.errors import Rejected
from portal.schools.models import School
from portal.schools.queries.calendar import school_days
from portal.visits.actions.booking import sweep_expired_holds
from portal.visits.actions.cells import Stay
from portal.visits.models import Programme, Visit
from portal.visits.queries.slots import Clash, Diary, Place, Problem, crew_size, load_diary


@dataclass(frozen=True)
class Time:
    """When a session would be, for how many; `visit` where there is one that would move."""

    programme: Programme
    starts_at: datetime
    heads: int
    visit: Visit | None = None

    @property
    def ends_at(self) -> datetime:
        """Return when it would be over; what exists already stays as long as it is."""
        if self.visit:
            return self.starts_at + (self.visit.ends_at - self.visit.starts_at)
        return self.starts_at + timedelta(minutes=self.programme.minutes)

    def place(self, school: School) -> Place:
        """Return where it would be."""
        return Place.of(school, self.visit.id if self.visit else None, self.programme)


@dataclass(frozen=True)
class Crew:
    """Who goes, the leader first; `warned` where something spoke against it."""

    worker_ids: tuple[UUID, ...]
    warned: bool

    def stay(self, school: School, time: Time) -> Stay:
        """Return the time they take; without the way where they go in spite of a warning."""
        return Stay(
            school.id, self.worker_ids, time.starts_at, time.ends_at, travel=not self.warned
        )


def choose(
    session: Session, school: School, time: Time, workers: Sequence[UUID] = (), reason: str = ""
) -> Crew:
    """Return who goes: the workers wanted, leader first, filled up with the best free ones.

    Raises Rejected "school_busy", "slot_taken" (nobody is free), "worker_unknown", "worker_busy";
    "reason_needed" where only a warning speaks against it and no reason is given.
    """
    sweep_expired_holds(session)
    day = clock.day_of(time.starts_at)
    diary = load_diary(session, settings.read(session), day, day)
    place = time.place(school)
    if diary.school_busy(place, time.starts_at, time.ends_at):
        raise Rejected("school_busy", "slot")
    wanted = crew_size(time.programme, time.heads)
    people = _filled_up(diary, place, time, tuple(dict.fromkeys(workers)), wanted)
    problems = check(diary, place, time, people)
    warned = bool(problems) or len(people) < wanted
    if warned and not reason:
        raise Rejected("reason_needed", "reason")
    return Crew(people, warned)


def choose_free(session: Session, school: School, time: Time, wanted: Sequence[UUID]) -> Crew:
    """Return who goes where nothing speaks against it: the wanted workers first, then the best.

    That time is short is no warning here: it was asked for in time. Raises Rejected("slot_taken")
    where too few are free, "school_busy".
    """
    sweep_expired_holds(session)
    day = clock.day_of(time.starts_at)
    diary = load_diary(session, settings.read(session), day, day)
    place = replace(time.place(school), notice=0)
    if diary.school_busy(place, time.starts_at, time.ends_at):
        raise Rejected("school_busy", "slot")
    free = [worker.id for worker in diary.free_workers(place, time.starts_at, time.ends_at)]
    people = [*(each for each in wanted if each in free)]
    people += [each for each in free if each not in people]
    size = max(len(wanted), crew_size(time.programme, time.heads))
    if len(people) < size:
        raise Rejected("slot_taken", "slot", wanted=time.starts_at)
    return Crew(tuple(people[:size]), warned=False)


def check_day(session: Session, school: School, time: Time) -> None:
    """Refuse a new time that is over, or on a day without lessons: no reason helps there.

    Raises Rejected("slot_outside").
    """
    day = clock.day_of(time.starts_at)
    lessons = school_days(session, school).is_lesson_day(day)
    if time.starts_at <= clock.now() or not lessons:
        raise Rejected("slot_outside", "slot")


def _filled_up(
    diary: Diary, place: Place, time: Time, people: tuple[UUID, ...], wanted: int
) -> tuple[UUID, ...]:
    if people and len(people) >= wanted:
        return people
    free = [each.id for each in diary.free_workers(place, time.starts_at, time.ends_at)]
    others = [worker_id for worker_id in free if worker_id not in people]
    crew = (*people, *others[: max(0, wanted - len(people))])
    if not people and len(crew) < wanted:
        raise Rejected("slot_taken", "slot", wanted=time.starts_at)
    return crew


def check(diary: Diary, place: Place, time: Time, worker_ids: Sequence[UUID]) -> list[Problem]:
    """Return what speaks against workers at a time; what no reason can override is refused.

    Raises Rejected("worker_unknown") and Rejected("worker_busy").
    """
    found: list[Problem] = []
    for worker_id in worker_ids:
        worker = diary.worker(worker_id)
        if worker is None:
            raise Rejected("worker_unknown", "worker")
        found += diary.problems(worker, place, time.starts_at, time.ends_at)
    for problem in found:
        if problem.kind is Clash.OVERLAP and problem.other:
            raise Rejected("worker_busy", "worker", school=problem.other.school_name)
    return found
