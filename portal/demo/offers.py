"""Invented sessions that wait for somebody's word: offers, wishes, changes, a series, a caller."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.demo import programmes
from portal.demo.sessions import free_start, free_starts, principal_of, request_of
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.visits.actions import booking, callers, changing, deciding, offering, series, wishing
from portal.visits.actions.deciding import Approval
from portal.visits.actions.offering import Invitation
from portal.visits.actions.series import Rhythm
from portal.visits.models import Programme, Visit, Wish
from portal.visits.queries import slots
from portal.visits.queries.series import to_come
from portal.visits.states import VisitState

FRIDAY, WEEK, EVERY_WEEKS = 4, timedelta(weeks=1), 2
TEACHERS, PARENTS = 24, 50


@dataclass(frozen=True)
class Desk:
    """Who books and answers: the coordinator, and each school's own people."""

    session: Session
    schools: dict[str, School]
    coordinator: Actor
    programmes: dict[str, Programme]

    def free(self, name: str, code: str, skip: int) -> datetime:
        """Return a time a school could book."""
        return free_start(self.session, self.schools[name], self.programmes[code], skip)

    def wanted(
        self, name: str, code: str, starts_at: datetime, adults: int | None = None
    ) -> booking.Request:
        """Return what a school asks for."""
        school, programme = self.schools[name], self.programmes[code]
        return request_of(self.session, school, programme, starts_at, adults)

    def principal(self, name: str) -> Actor:
        """Return somebody who asks for a school."""
        return principal_of(self.session, self.schools[name])

    def approve(self, visit: Visit, name: str) -> None:
        """Say yes to a request."""
        command = Approval(visit.social_worker_id)
        deciding.approve(self.session, self.coordinator, visit, self.schools[name], command)


def add_offers(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
    """Add what schools and the office propose to each other."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    desk = Desk(session, schools, coordinator, programmes.by_code(session))
    _invite(desk)
    _add_training(desk)
    _ask_for_change(desk)
    _add_series(desk)
    _add_caller(desk)
    _add_wishes(desk)
    session.flush()


def _invite(desk: Desk) -> None:
    """Offer a session to a school that never had one; its principal has not answered yet."""
    name = "SD Rimba Hijau"
    asked = desk.wanted(name, "pgts", desk.free(name, "pgts", 6))
    note = "Sekolah Ibu dan Bapak belum pernah kami kunjungi. Apakah waktu ini cocok?"
    invitation = Invitation(
        asked.programme,
        asked.starts_at,
        topic_id=asked.topic_id,
        grades=asked.grades,
        expected_heads=asked.expected_heads,
        note=note,
    )
    offering.invite(desk.session, desk.coordinator, desk.schools[name], invitation)


def _add_training(desk: Desk) -> None:
    """Add a training of teachers that is settled, and that the office would like to move."""
    name = "SMP Tunas Harapan"
    school, programme = desk.schools[name], desk.programmes["guru"]
    wanted = replace(
        desk.wanted(name, "guru", desk.free(name, "guru", 16), TEACHERS),
        room="Ruang guru",
        bring=("projector",),
        ready_with=("room", "power"),
    )
    visit = booking.request_visit(desk.session, desk.principal(name), school, wanted)
    desk.approve(visit, name)
    first, last = slots.booking_window(settings.read(desk.session))
    diary = slots.load_diary(desk.session, settings.read(desk.session), first, last)
    place = slots.Place.of(school, visit.id, programme)
    later = next(
        slot.starts_at
        for slot in diary.slots(place, programme.minutes, first, last)
        if slot.starts_at > visit.starts_at
        and visit.social_worker_id in {worker.id for worker in slot.workers}
    )
    reason = "Hari itu semua peksos diminta hadir di kantor. Apakah waktu ini juga bisa?"
    changing.propose(desk.session, desk.coordinator, visit, school, _moved(visit, later, reason))


def _ask_for_change(desk: Desk) -> None:
    """Let a school ask for another time of the session it has."""
    name = "SD Embun Pagi"
    school = desk.schools[name]
    visit = desk.session.scalars(
        select(Visit).where(Visit.school_id == school.id, Visit.state == VisitState.SCHEDULED)
    ).one()
    later = desk.free(name, "pgts", 13)
    wanted = _moved(visit, later, "Hari itu kelas kami ikut lomba gerak jalan.")
    changing.ask(desk.session, desk.principal(name), visit, school, wanted)


def _moved(visit: Visit, starts_at: datetime, reason: str) -> changing.Wanted:
    return changing.Wanted(starts_at, tuple(visit.grades), visit.expected_heads, visit.room, reason)


def _add_series(desk: Desk) -> None:
    """Add evenings for families that repeat, for which two social workers come."""
    name, programme = "SMK Karya Samudra", desk.programmes["tepak"]
    school, crew = desk.schools[name], slots.crew_size(programme, PARENTS)
    free = list(free_starts(desk.session, school, programme, crew))
    # What comes later may lie in the holidays.
    start = next(each for each in free if each + EVERY_WEEKS * WEEK in free)
    wanted = replace(desk.wanted(name, "tepak", start, PARENTS), bring=("projector", "speaker"))
    rhythm = Rhythm(EVERY_WEEKS, 3)
    asked = series.request_series(desk.session, desk.principal(name), school, wanted, rhythm)
    desk.approve(to_come(desk.session, asked)[0], name)


def _add_caller(desk: Desk) -> None:
    """Add what a school asked for by telephone."""
    name = "SD Anak Sawah"
    wanted = desk.wanted(name, "pgts", desk.free(name, "pgts", 5))
    wanted = replace(wanted, caller="Bu Rini, guru kelas, lewat telepon")
    visit = booking.request_visit(desk.session, desk.coordinator, desk.schools[name], wanted)
    callers.tell_school(desk.session, visit)


def _add_wishes(desk: Desk) -> None:
    """Add wishes: for days nobody can book yet, for a time that is never free, and one offered."""
    beyond = slots.booking_window(settings.read(desk.session))[1] + timedelta(days=7)
    _wish(desk, "MTs Fajar Ilmu", beyond, beyond + timedelta(days=28))
    soon, late = clock.today() + timedelta(days=7), clock.today() + timedelta(days=70)
    _wish(desk, "SMP Bukit Kelapa", soon, late, weekdays=(FRIDAY,), starts=("13:00",))
    name = "SMK Cipta Bahari"
    start = desk.free(name, "pgts", 8)
    wish = _wish(desk, name, clock.day_of(start), clock.day_of(start) + timedelta(days=14))
    wishing.offer(desk.session, desk.coordinator, wish, start)


def _wish(
    desk: Desk,
    name: str,
    earliest: date,
    latest: date,
    weekdays: tuple[int, ...] = (),
    starts: tuple[str, ...] = (),
) -> Wish:
    school, programme = desk.schools[name], desk.programmes["pgts"]
    like = request_of(desk.session, school, programme, clock.now())
    wanted = wishing.Wanted(
        programme,
        earliest,
        latest,
        weekdays,
        starts,
        like.grades,
        like.expected_heads,
        like.topic_id,
    )
    return wishing.wish(desk.session, desk.principal(name), school, wanted)
