"""People of a small town who book, answer and record sessions in any order, and a naive account."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import time_machine
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions.booking import Request, hold_slot, request_visit
from portal.visits.actions.deciding import (
    Approval,
    approve,
    cancel,
    decline,
    reassign,
    undo_approval,
    withdraw,
)
from portal.visits.actions.delivering import Delivery, deliver, together
from portal.visits.models import (
    BookingCell,
    Hold,
    Leave,
    Method,
    Programme,
    Visit,
    VisitChange,
    VisitWorker,
    Wish,
)
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.visits.conftest import MONDAY, at
from tests.visits.ledger import Taken, Way, check_cells, taken_now

DISTRICTS = ("18.72.01", "18.72.02", "18.72.01")
# Sessions last an hour and a half, so some starts touch without time for the way.
STARTS = (time(8), time(9, 30), time(11), time(13))
# Not offered: off the starts, a Sunday, a holiday, long ago, far ahead.
NEVER = (at(12, 9), at(16), at(17), at(20, month=7), at(20, month=12))
HOLIDAYS = (date(2026, 8, 17), date(2026, 8, 25))
SLOW_SIGNAL = timedelta(seconds=15)
WEEKLY_MINUTES = 12 * 60

# Names of people, and what each of them may do, written down a second time.
COORDINATORS = ("coordinator-0", "coordinator-1")
WORKERS = ("worker-0", "worker-1", "worker-2")
PRINCIPALS = ("principal-0", "principal-1", "principal-2")
OTHERS = ("teacher-0", "division-head", "admin")
PEOPLE = (*COORDINATORS, *WORKERS, *PRINCIPALS, *OTHERS)
TARGETS = {
    ("approve", "requested"): "scheduled",
    ("reassign", "scheduled"): "scheduled",
    ("undo", "scheduled"): "requested",
    ("decline", "requested"): "declined",
    ("withdraw", "requested"): "withdrawn",
    ("withdraw", "scheduled"): "cancelled",
    ("cancel", "scheduled"): "cancelled",
    ("deliver", "scheduled"): "delivered",
}

# Whom the portal tells: the principal's and the operator's list, and the worker's.
NEWS = {
    ("decline", "requested"): ["news_declined"] * 2,
    ("withdraw", "scheduled"): ["news_cancelled"],
    ("cancel", "scheduled"): ["news_cancelled"] * 3,
}

# What waits for somebody in each state.
DUE = {
    "requested": ["answer_request"],
    "offered": ["answer_offer"] * 2,
    "scheduled": ["confirm_room", "record_delivery"],
}
FEW, MANY = 50, 100

pick = st.integers(0, 30)


class Town:
    """Schools and people in a database."""

    def __init__(self, database: Database) -> None:
        build = Builder(database)
        self.schools = [build.school(f"Sekolah {n}", district=d) for n, d in enumerate(DISTRICTS)]
        users: dict[str, User] = {}
        for number, name in enumerate(PRINCIPALS):
            users[name] = build.user(Role.PRINCIPAL, self.schools[number])
        users["teacher-0"] = build.user(Role.TEACHER, self.schools[0])
        users["division-head"] = build.user(Role.DIVISION_HEAD)
        users["admin"] = build.user(Role.ADMIN)
        for name in COORDINATORS:
            users[name] = build.user(Role.COORDINATOR)
        for name in WORKERS:
            users[name] = build.worker(name)
        self.actors: dict[str, Actor] = {name: build.actor(user) for name, user in users.items()}
        build.setting("visit_starts", [f"{start:%H:%M}" for start in STARTS])
        build.setting("friday_starts", [f"{start:%H:%M}" for start in STARTS])
        programme = build.programme()
        with build.database.writer() as session, transaction(session):
            mine = session.get_one(Programme, programme.id)
            # Beyond so many people two social workers come.
            mine.people_per_worker, mine.yearly_share = FEW, 50
        self.programme: Programme = build.programme()
        build.close()


# Makes an empty database, or one with the town in it, for one walk.
Beginning = Callable[[ExitStack], tuple[Database, Town]]


class Walk(RuleBasedStateMachine):
    """People of one small town do things in any order."""

    begin: Beginning

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.now = self.open.enter_context(time_machine.travel(MONDAY, tick=False))
        self.database, self.town = type(self).begin(self.open)
        self.visits: list[UUID] = []
        # Half hours for the way that nobody has, because of an approval in spite of them.
        self.given: set[Way] = set()
        self.away: set[tuple[str, date]] = set()
        self.news: dict[UUID, list[str]] = {}
        # In which states there are visits, and whether a change waits, after the last step.
        self.known: set[str] = set()

    def teardown(self) -> None:
        self.open.close()

    def all(self, model: type[Any]) -> list[Any]:
        """Read a whole table."""
        with self.database.reader() as session:
            return list(session.scalars(select(model)))

    def everything(self) -> set[tuple[Any, ...]]:
        """Return all that a refusal must leave as it was."""
        rows: set[tuple[Any, ...]] = set()
        for v in self.all(Visit):
            rows.add((v.id, v.state, v.social_worker_id, v.decided_by, v.version, v.reason))
        rows |= {(c.id, c.state, c.version) for c in self.all(VisitChange)}
        rows |= {(w.id, w.state, w.version) for w in self.all(Wish)}
        rows |= {(w.visit_id, w.user_id) for w in self.all(VisitWorker)}
        for c in self.all(BookingCell):
            rows.add((c.resource, c.resource_id, c.starts_at, c.visit_id, c.hold_id))
        rows |= {(hold.id, hold.starts_at, hold.expires_at) for hold in self.all(Hold)}
        return rows | {(duty.id, duty.closed_at) for duty in self.all(Duty)}

    def stays(self) -> list[Taken]:
        """Return what takes time now: visits, open changes, living holds."""
        with self.database.reader() as session:
            return taken_now(session)

    def attempt(self, action: Callable[[Session], Any]) -> Any:
        """Do something in one transaction; a refusal must leave no trace."""
        before = self.everything()
        with self.database.writer() as session:
            try:
                with transaction(session):
                    return action(session)
            except Rejected as problem:
                assert self.everything() == before
                return problem

    @rule(
        by=st.sampled_from((*PRINCIPALS * 4, "teacher-0", "coordinator-0")),
        school=st.integers(0, 2),
        own=st.sampled_from((True,) * 7 + (False,)),
        start=st.one_of(
            st.tuples(st.integers(0, 3), st.sampled_from(STARTS)),
            st.tuples(st.integers(0, 3), st.sampled_from(STARTS)),
            st.sampled_from(NEVER),
        ),
        only_hold=st.sampled_from((False, False, True)),
        heads=st.sampled_from((FEW, FEW, MANY)),
    )
    def book(
        self,
        by: str,
        school: int,
        own: bool,
        start: tuple[int, time] | datetime,
        only_hold: bool,
        heads: int,
    ) -> None:
        """Hold or request a slot, on one of the first days or at an impossible time."""
        start = self.moment(start)
        if own and by in PRINCIPALS:
            school = PRINCIPALS.index(by)
        where, actor = self.town.schools[school], self.town.actors[by]
        crew = 1 if only_hold or heads == FEW else 2
        free = self.surely_free(where, start, crew)
        known = {visit.id for visit in self.all(Visit)}
        wanted = Request(self.town.programme, start, None, "Berteman", ("7",), heads)
        result = self.attempt(
            lambda session: (
                hold_slot(session, actor, where, self.town.programme, start)
                if only_hold
                else request_visit(session, actor, where, wanted)
            )
        )
        if by not in PRINCIPALS or PRINCIPALS.index(by) != school:
            assert isinstance(result, Rejected)
            assert result.code == "not_allowed"
        elif start in NEVER:
            assert isinstance(result, Rejected)
        elif isinstance(result, Rejected):
            assert result.code in {"slot_taken", "slot_outside"}
            assert not free, "refused although somebody had nothing to do all day"
        elif not only_hold and result.id not in known:
            assert result.state == VisitState.REQUESTED
            self.visits.append(result.id)

    @staticmethod
    def working_day(count: int) -> date:
        """Return the working day that many working days ahead."""
        day = clock.today()
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5 and day not in HOLIDAYS
        return day

    def moment(self, start: tuple[int, time] | datetime) -> datetime:
        """Return a moment on one of the first days that can be booked, or the one given."""
        if isinstance(start, datetime):
            return start
        return clock.at_wib(self.working_day(3 + start[0]), start[1])

    def surely_free(self, school: School, start: datetime, crew: int = 1) -> bool:
        """Say whether a start is open and enough workers have nothing at all that day."""
        day = start.astimezone(clock.WIB).date()
        if start in NEVER:
            return False
        others = [stay for stay in self.stays() if not self.own_hold(stay, school)]
        same_day = [s for s in others if s.starts_at.astimezone(clock.WIB).date() == day]
        if any(stay.school_id == school.id for stay in same_day):
            return False
        return sum(self.idle(name, day, others) for name in WORKERS) >= crew

    def idle(self, name: str, day: date, others: list[Taken]) -> bool:
        """Say whether a worker has nothing that day, is there, and the week is not full."""
        me, monday = self.town.actors[name].user_id, clock.monday_of(day)
        mine = [stay for stay in others if me in stay.worker_ids]
        days = [stay.starts_at.astimezone(clock.WIB).date() for stay in mine]
        this_week = [each for each in days if clock.monday_of(each) == monday]
        room = 90 * (len(this_week) + 1) <= WEEKLY_MINUTES
        return day not in days and (name, day) not in self.away and room

    def own_hold(self, stay: Taken, school: School) -> bool:
        """Say whether a stay is a hold of this school."""
        return stay.school_id == school.id and stay.owner not in self.visits

    def chosen(self, number: int, name: str) -> Visit:
        """Return one of the visits, mostly one in a state that the move begins from."""
        every = sorted(self.all(Visit), key=lambda visit: self.visits.index(visit.id))
        fitting = [visit for visit in every if (name, visit.state) in TARGETS]
        if name == "deliver":
            fitting = [visit for visit in fitting if visit.starts_at <= clock.now()] or fitting
        pool = fitting if fitting and number % 5 else every
        return pool[number % len(pool)]

    @rule(worker=st.sampled_from(WORKERS), ahead=st.integers(3, 6))
    def falls_ill(self, worker: str, ahead: int) -> None:
        """Take a worker away for a day on which there may be sessions already."""
        day, me = self.working_day(ahead), self.town.actors[worker].user_id
        if (worker, day) not in self.away:
            self.away.add((worker, day))
            with self.database.writer() as session, transaction(session):
                session.add(Leave(user_id=me, first_day=day, last_day=day, recorded_by=me))

    @precondition(lambda self: self.visits)
    @rule(
        which=pick,
        name=st.sampled_from(("approve", "approve", "reassign")),
        by=st.sampled_from((*COORDINATORS * 4, *PEOPLE)),
        worker=st.sampled_from(WORKERS),
        reason=st.sampled_from(("", "Sudah disepakati")),
    )
    def assign(self, which: int, name: str, by: str, worker: str, reason: str) -> None:
        """Answer a request with yes, or send somebody else to a settled session."""
        visit, worker_id = self.chosen(which, name), self.town.actors[worker].user_id
        taken = self.busy(worker_id, visit)
        action = approve if name == "approve" else reassign
        result = self.does(visit, by, action, Approval(worker_id, reason))
        if by not in COORDINATORS or (name, visit.state) not in TARGETS:
            assert isinstance(result, Rejected)
        elif taken:
            assert isinstance(result, Rejected)
            assert result.code == "worker_busy"
        elif isinstance(result, Rejected):
            along = any(self.busy(each, visit) for each in self.along(visit))
            assert along or (result.code, reason) == ("reason_needed", "")
        else:
            self.went_to(visit, name)
            self.note_ways(visit)

    def busy(self, worker_id: UUID, visit: Visit) -> bool:
        """Say whether a worker is elsewhere while a visit is on."""
        return any(
            worker_id in stay.worker_ids
            and stay.owner != visit.id
            and stay.starts_at < visit.ends_at
            and visit.starts_at < stay.ends_at
            for stay in self.stays()
        )

    def along(self, visit: Visit) -> list[UUID]:
        """Return who goes along to a visit."""
        return [row.user_id for row in self.all(VisitWorker) if row.visit_id == visit.id]

    def note_ways(self, visit: Visit) -> None:
        """Keep account of the half hours for the way that an approval gives up."""
        fresh = self.fresh(visit)
        if fresh.override_reason:
            own = (s for s in self.stays() if s.owner == visit.id)
            self.goes_without_way(next(s for s in own if s.starts_at == fresh.starts_at))

    def goes_without_way(self, mine: Taken) -> None:
        """Note that whoever goes there then has no time for the way, nor others in between."""
        stays, owner = self.stays(), mine.owner
        self.given |= mine.ways()
        cells = {(who, moment) for who in mine.worker_ids for moment in mine.steps()}
        ways = (way for stay in stays if stay.owner != owner for way in stay.ways())
        self.given |= {way for way in ways if way[1:] in cells}

    @precondition(lambda self: self.visits)
    @rule(
        which=pick,
        name=st.sampled_from(("decline", "withdraw", "cancel", "undo", "deliver", "deliver")),
        by=st.sampled_from(PEOPLE),
        proper=st.sampled_from((True, True, True, False)),
        heads=st.sampled_from((30, 30, 30, 0)),
    )
    def answer(self, which: int, name: str, by: str, proper: bool, heads: int) -> None:
        """End, undo or record a session, mostly by somebody who may."""
        visit = self.chosen(which, name)
        if proper:
            by = self.somebody_proper(name, visit)
        action: Any = {
            "decline": decline,
            "withdraw": withdraw,
            "cancel": cancel,
            "undo": undo_approval,
            "deliver": deliver,
        }[name]
        extra: tuple[Any, ...] = ("Alasan",)
        if name == "deliver":
            extra = (Delivery(Method.MIXED, together(heads, 0), 0),)
        elif name == "undo":
            extra = ()
        fine = (name, visit.state) in TARGETS and self.permitted(name, by, visit)
        if name == "deliver":
            fine = fine and heads > 0 and clock.now() >= visit.starts_at
        result = self.does(visit, by, action, *extra)
        assert isinstance(result, Rejected) is not fine
        if fine:
            self.went_to(visit, name)
            told = NEWS.get((name, str(visit.state)), [])
            # Whoever goes along is told as its leader is.
            along = len(self.along(visit)) if "news_cancelled" in told else 0
            self.news[visit.id] = told + ["news_cancelled"] * along

    def somebody_proper(self, name: str, visit: Visit) -> str:
        """Return somebody whose task it is."""
        if name == "withdraw":
            ids = [school.id for school in self.town.schools]
            return PRINCIPALS[ids.index(visit.school_id)]
        if name == "deliver":
            return next(
                worker
                for worker in WORKERS
                if self.town.actors[worker].user_id == visit.social_worker_id
            )
        deciders = [
            each for each in COORDINATORS if self.town.actors[each].user_id == visit.decided_by
        ]
        return deciders[0] if deciders else COORDINATORS[0]

    def permitted(self, name: str, by: str, visit: Visit) -> bool:
        """Say who may, by the role matrix and the rules of undoing."""
        me = self.town.actors[by].user_id
        if name == "withdraw":
            school = next(s for s in self.town.schools if s.id == visit.school_id)
            return by == PRINCIPALS[self.town.schools.index(school)]
        if name == "deliver":
            return by in COORDINATORS or (by in WORKERS and me == visit.social_worker_id)
        if name == "undo":
            fresh = visit.decided_at and clock.now() - visit.decided_at <= SLOW_SIGNAL
            return by in COORDINATORS and visit.decided_by == me and bool(fresh)
        return by in COORDINATORS

    def does(self, visit: Visit, by: str, action: Callable[..., Any], *more: Any) -> Any:
        """Let somebody do something about a visit."""
        actor = self.town.actors[by]

        def job(session: Session) -> Any:
            found = session.get_one(Visit, visit.id)
            if action in (approve, reassign, undo_approval):
                school = session.get_one(School, visit.school_id)
                return action(session, actor, found, school, *more)
            return action(session, actor, found, *more)

        return self.attempt(job)

    def fresh(self, visit: Visit) -> Visit:
        """Read a visit anew."""
        with self.database.reader() as session:
            return session.get_one(Visit, visit.id)

    def went_to(self, visit: Visit, name: str) -> None:
        """Check that the state is the one the table names."""
        assert self.fresh(visit).state == TARGETS[name, visit.state]

    @rule(
        by=st.sampled_from(
            (
                timedelta(seconds=9),
                timedelta(seconds=15),
                timedelta(seconds=16),
                timedelta(minutes=9),
                timedelta(minutes=10),
                timedelta(hours=20),
                timedelta(days=4),
            )
        )
    )
    def time_passes(self, by: timedelta) -> None:
        """Let the clock run on."""
        self.now.shift(by)

    @invariant()
    def the_cells_are_what_visits_and_holds_take(self) -> None:
        # Whoever went elsewhere meanwhile and comes back takes time for the way again.
        self.given &= {way for stay in self.stays() for way in stay.ways()}
        check_cells(self.database, frozenset(self.given))

    @invariant()
    def what_is_due_fits_the_state(self) -> None:
        open_kinds: dict[UUID, list[str]] = {}
        for duty in self.all(Duty):
            if duty.closed_at is None:
                open_kinds.setdefault(duty.subject_id, []).append(duty.kind)
        asked = {c.visit_id: c.by_office for c in self.all(VisitChange) if c.state == "asked"}
        self.known = {visit.state for visit in self.all(Visit)} | ({"asked"} if asked else set())
        for visit in self.all(Visit):
            kinds = sorted(open_kinds.get(visit.id, []))
            if visit.state in DUE:
                # News may wait beside what is due.
                kinds = [kind for kind in kinds if not kind.startswith("news_")]
                change = {None: 0, True: 2, False: 1}[asked.get(visit.id)]
                assert kinds == sorted([*DUE[visit.state], *["answer_change"] * change])
            elif visit.state == "delivered":
                # What comes after a session is told elsewhere.
                assert not set(kinds) & {each for due in DUE.values() for each in due}
            else:
                assert kinds == self.news.get(visit.id, [])
