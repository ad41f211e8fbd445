"""Long random walks through everything people may do with sessions, with the clock running on.

After every step the booking cells, the open duties and the states must be what a second, naive
account of the same walk says.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import connect, transaction
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
from portal.visits.actions.delivering import Delivery, deliver
from portal.visits.models import BookingCell, Hold, Leave, Method, Programme, Visit
from portal.visits.states import VisitState
from tests.builders import Builder
from tests.conftest import LENT
from tests.visits.conftest import MONDAY, at
from tests.visits.ledger import KEEPS_ITS_TIME, check_cells

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

pick = st.integers(0, 30)


class Town:
    """A migrated file with schools and people, made once and copied for every walk."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.file = folder / "town.db"
        shutil.copy(template, self.file)
        database = connect(f"sqlite:///{self.file}")
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
        self.programme: Programme = build.programme()
        build.setting("visit_starts", [f"{start:%H:%M}" for start in STARTS])
        build.close()
        database.dispose()


class Walk(RuleBasedStateMachine):
    """People of one small town do things in any order."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        copy = Path(self.open.enter_context(tempfile.TemporaryDirectory())) / "walk.db"
        shutil.copy(self.town.file, copy)
        self.database = self.open.enter_context(LENT["test"].lend(f"sqlite:///{copy}"))
        self.now = self.open.enter_context(time_machine.travel(MONDAY, tick=False))
        self.visits: list[UUID] = []
        # Visits and holds that take no time for the way, because of an approval in spite of it.
        self.without_way: set[UUID] = set()
        self.away: set[tuple[str, date]] = set()
        self.news: dict[UUID, list[str]] = {}

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
        for c in self.all(BookingCell):
            rows.add((c.resource, c.resource_id, c.starts_at, c.visit_id, c.hold_id))
        rows |= {(hold.id, hold.starts_at, hold.expires_at) for hold in self.all(Hold)}
        return rows | {(duty.id, duty.closed_at) for duty in self.all(Duty)}

    def stays(self) -> list[Any]:
        """Return the visits and living holds that take time now."""
        visits = [visit for visit in self.all(Visit) if visit.state in KEEPS_ITS_TIME]
        return visits + [hold for hold in self.all(Hold) if hold.expires_at > clock.now()]

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
    )
    def book(
        self, by: str, school: int, own: bool, start: tuple[int, time] | datetime, only_hold: bool
    ) -> None:
        """Hold or request a slot, on one of the first days or at an impossible time."""
        if isinstance(start, tuple):
            start = clock.at_wib(self.working_day(3 + start[0]), start[1])
        if own and by in PRINCIPALS:
            school = PRINCIPALS.index(by)
        where, actor = self.town.schools[school], self.town.actors[by]
        free = self.surely_free(where, start)
        known = {visit.id for visit in self.all(Visit)}
        wanted = Request(self.town.programme, start, None, "Berteman", ("7",), 50)
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

    def surely_free(self, school: School, start: datetime) -> bool:
        """Say whether a start is open and some worker has nothing at all that day."""
        day = start.astimezone(clock.WIB).date()
        if start in NEVER:
            return False
        others = [stay for stay in self.stays() if not self.own_hold(stay, school)]
        same_day = [s for s in others if s.starts_at.astimezone(clock.WIB).date() == day]
        if any(stay.school_id == school.id for stay in same_day):
            return False
        monday = clock.monday_of(day)
        for name in WORKERS:
            me = self.town.actors[name].user_id
            mine = [stay for stay in others if stay.social_worker_id == me]
            this_week = [s for s in mine if clock.monday_of(s.starts_at.date()) == monday]
            idle_today = not any(stay.social_worker_id == me for stay in same_day)
            here = (name, day) not in self.away
            if idle_today and here and 90 * (len(this_week) + 1) <= WEEKLY_MINUTES:
                return True
        return False

    @staticmethod
    def own_hold(stay: Any, school: School) -> bool:
        """Say whether a stay is a hold of this school."""
        return isinstance(stay, Hold) and stay.school_id == school.id

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
        taken = any(
            stay.social_worker_id == worker_id
            and stay.id != visit.id
            and stay.starts_at < visit.ends_at
            and visit.starts_at < stay.ends_at
            for stay in self.stays()
        )
        action = approve if name == "approve" else reassign
        result = self.does(visit, by, action, Approval(worker_id, reason))
        if by not in COORDINATORS or (name, visit.state) not in TARGETS:
            assert isinstance(result, Rejected)
        elif taken:
            assert isinstance(result, Rejected)
            assert result.code == "worker_busy"
        elif isinstance(result, Rejected):
            assert (result.code, reason) == ("reason_needed", "")
        else:
            self.went_to(visit, name)
            self.note_way(self.fresh(visit), visit.social_worker_id)

    def note_way(self, visit: Visit, before: UUID) -> None:
        """Keep account of the half hours for the way that an approval gives up."""
        if visit.override_reason:
            self.without_way.add(visit.id)
            minutes = (visit.ends_at - visit.starts_at).seconds // 60
            steps = {visit.starts_at + timedelta(minutes=m) for m in range(0, minutes, 30)}
            for stay in [*self.all(Visit), *self.all(Hold)]:
                if stay.social_worker_id == visit.social_worker_id and stay.ends_at in steps:
                    self.without_way.add(stay.id)
        elif visit.social_worker_id != before:
            self.without_way.discard(visit.id)

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
            extra = (Delivery(Method.MIXED, heads, 0, 0),)
        elif name == "undo":
            extra = ()
        fine = (name, visit.state) in TARGETS and self.permitted(name, by, visit)
        if name == "deliver":
            fine = fine and heads > 0 and clock.now() >= visit.starts_at
        result = self.does(visit, by, action, *extra)
        assert isinstance(result, Rejected) is not fine
        if fine:
            self.went_to(visit, name)
            self.news[visit.id] = NEWS.get((name, str(visit.state)), [])

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
        check_cells(self.database, frozenset(self.without_way))

    @invariant()
    def what_is_due_fits_the_state(self) -> None:
        open_kinds: dict[UUID, list[str]] = {}
        for duty in self.all(Duty):
            if duty.closed_at is None:
                open_kinds.setdefault(duty.subject_id, []).append(duty.kind)
        expected = {
            "requested": ["answer_request"],
            "scheduled": ["confirm_room", "record_delivery"],
        }
        for visit in self.all(Visit):
            wanted = expected.get(visit.state, self.news.get(visit.id, []))
            assert sorted(open_kinds.get(visit.id, [])) == wanted


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Return the town that every walk begins in."""
    with time_machine.travel(MONDAY, tick=False):
        return Town(sqlite_template, tmp_path_factory.mktemp("town"))


def test_whatever_people_do_the_books_stay_in_order(town: Town) -> None:
    walk = type("WalkInTown", (Walk,), {"town": town})
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
