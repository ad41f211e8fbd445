"""Long random walks through everything people may do with sessions, with the clock running on.

After every step the booking cells, the open duties and the states must be what a second, naive
account of the same walk says: nobody is booked twice, no time is lost, no cell stays behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.core import clock, schedule
from portal.core.db import Database, connect, transaction
from portal.core.errors import Rejected
from portal.core.schedule import Workshop
from portal.schools.models import School
from portal.visits.actions import answering, changing, lapsing, offering, wishing
from portal.visits.actions.answering import Answer
from portal.visits.actions.booking import Request, request_visit
from portal.visits.actions.deciding import Approval, approve, cancel, withdraw
from portal.visits.actions.offering import CounterOffer, Invitation
from portal.visits.models import BookingCell, Leave, Visit, VisitChange, Wish
from portal.visits.states import VisitState
from tests.conftest import LENT, settings_for
from tests.recycling import Recycled
from tests.visits.conftest import MONDAY
from tests.visits.walk import (
    COORDINATORS,
    FEW,
    MANY,
    NEVER,
    PRINCIPALS,
    STARTS,
    WORKERS,
    Beginning,
    Town,
    Walk,
    pick,
)

SOME_DAY = st.tuples(st.integers(0, 3), st.sampled_from(STARTS))
ENDED = ("declined", "withdrawn", "cancelled", "lapsed")
# What is told to whom where nobody takes an offer, or nobody answers.
OVER = {"turn_down": ["news_offer_over"], "take_back": ["news_offer_over"] * 2}
# Why something may be refused that the account below does not foresee to the letter.
CROWDED = {
    "crew_elsewhere",
    "reason_needed",
    "school_busy",
    "slot_outside",
    "slot_taken",
    "worker_busy",
    "worker_just_taken",
}


class LongWalk(Walk):
    """Beside booking and answering: offers, changes, the waiting list, leave, and deadlines."""

    def school_of(self, visit: Visit) -> School:
        """Return where a visit is."""
        return next(each for each in self.town.schools if each.id == visit.school_id)

    def principal_of(self, visit: Visit) -> str:
        """Return who answers for its school."""
        return PRINCIPALS[self.town.schools.index(self.school_of(visit))]

    def one_in(self, number: int, *states: str) -> Visit:
        """Return one of the visits, mostly one in these states."""
        every = sorted(self.all(Visit), key=lambda visit: self.visits.index(visit.id))
        fitting = [visit for visit in every if visit.state in states]
        pool = fitting if fitting and number % 7 else every
        return pool[number % len(pool)]

    def act(self, visit: Visit, action: Callable[[Session, Visit, School], Any]) -> Any:
        """Do something about a visit as it stands."""

        def job(session: Session) -> Any:
            found = session.get_one(Visit, visit.id)
            return action(session, found, session.get_one(School, found.school_id))

        return self.attempt(job)

    @rule(
        by=st.sampled_from((*COORDINATORS * 4, PRINCIPALS[0], WORKERS[0])),
        school=st.integers(0, 2),
        start=st.one_of(SOME_DAY, SOME_DAY, SOME_DAY, st.sampled_from(NEVER)),
        worker=st.sampled_from((None, *WORKERS)),
        reason=st.sampled_from(("", "Sudah disepakati")),
        heads=st.sampled_from((FEW, MANY)),
    )
    def invite(
        self,
        by: str,
        school: int,
        start: tuple[int, time] | datetime,
        worker: str | None,
        reason: str,
        heads: int,
    ) -> None:
        """Offer a session nobody asked for."""
        start, where = self.moment(start), self.town.schools[school]
        who = self.town.actors[worker].user_id if worker else None
        free = worker is None and self.surely_free(where, start, 1 if heads == FEW else 2)
        actor = self.town.actors[by]
        invitation = Invitation(
            self.town.programme,
            start,
            who,
            own_topic="Berteman",
            grades=("7",),
            expected_heads=heads,
            reason=reason,
        )
        result = self.attempt(lambda session: offering.invite(session, actor, where, invitation))
        if by not in COORDINATORS:
            assert isinstance(result, Rejected)
            assert result.code == "not_allowed"
        elif start in NEVER[1:3]:
            assert isinstance(result, Rejected)
        elif isinstance(result, Rejected):
            assert result.code in CROWDED
            assert not free or self.held_by_itself(where, start), "a free time was lost"
        else:
            self.visits.append(result.id)
            self.note_ways(result)

    @rule(school=st.integers(0, 2), start=SOME_DAY, heads=st.sampled_from((FEW, FEW, MANY)))
    def settle(self, school: int, start: tuple[int, time], heads: int) -> None:
        """Ask for a session and schedule it at once."""
        where, moment = self.town.schools[school], self.moment(start)
        actor, answers = (self.town.actors[each] for each in (PRINCIPALS[school], COORDINATORS[0]))
        wanted = Request(self.town.programme, moment, None, "Berteman", ("7",), heads)

        def job(session: Session) -> Visit:
            visit = request_visit(session, actor, where, wanted)
            approve(session, answers, visit, where, Approval(visit.social_worker_id))
            return visit

        result = self.attempt(job)
        if isinstance(result, Rejected):
            assert result.code in CROWDED | {"already_decided", "state_changed"}
        elif result.id not in self.visits:
            self.visits.append(result.id)

    def held_by_itself(self, school: School, start: datetime) -> bool:
        """Say whether the school holds a slot that day, which keeps others out as well."""
        day = start.astimezone(clock.WIB).date()
        return any(
            stay.school_id == school.id and stay.starts_at.astimezone(clock.WIB).date() == day
            for stay in self.stays()
        ) or any(
            stay.owner not in self.visits and stay.starts_at.astimezone(clock.WIB).date() == day
            for stay in self.stays()
        )

    @precondition(lambda self: self.known & {"requested"})
    @rule(
        which=pick,
        by=st.sampled_from((*COORDINATORS * 3, PRINCIPALS[1])),
        start=SOME_DAY,
        reason=st.sampled_from(("", "Sudah disepakati")),
    )
    def counter(self, which: int, by: str, start: tuple[int, time], reason: str) -> None:
        """Answer a request with another time."""
        visit, actor = self.one_in(which, "requested"), self.town.actors[by]
        offer = CounterOffer(self.moment(start), reason=reason)
        result = self.act(
            visit,
            lambda session, found, school: offering.counter(session, actor, found, school, offer),
        )
        if by not in COORDINATORS or visit.state != VisitState.REQUESTED:
            assert isinstance(result, Rejected)
        elif isinstance(result, Rejected):
            assert result.code in CROWDED | {"same_time"}
        else:
            assert self.fresh(visit).state == VisitState.OFFERED
            self.note_ways(visit)

    @precondition(lambda self: self.known & {"offered"})
    @rule(
        which=pick,
        name=st.sampled_from(("accept", "accept", "turn_down", "take_back")),
        proper=st.sampled_from((True,) * 7 + (False,)),
    )
    def answer_offer(self, which: int, name: str, proper: bool) -> None:
        """Take an offer, let it go, or take it back."""
        visit = self.one_in(which, "offered")
        side = COORDINATORS[0] if name == "take_back" else self.principal_of(visit)
        wrong = self.principal_of(visit) if name == "take_back" else COORDINATORS[0]
        actor = self.town.actors[side if proper else wrong]
        action = {
            "accept": lambda s, v, school: offering.accept(s, actor, v, school),
            "turn_down": lambda s, v, _school: offering.turn_down(s, actor, v, ""),
            "take_back": lambda s, v, _school: offering.take_back(s, actor, v, "Alasan"),
        }[name]
        result = self.act(visit, action)
        again = (
            name == "accept"
            and proper
            and visit.state == VisitState.SCHEDULED
            and visit.decided_by == actor.user_id
        )
        past = name == "accept" and visit.starts_at <= clock.now()
        fine = proper and visit.state == VisitState.OFFERED and not past
        assert isinstance(result, Rejected) is not (fine or again)
        if fine:
            target = {"accept": "scheduled", "turn_down": "withdrawn", "take_back": "cancelled"}
            assert self.fresh(visit).state == target[name]
            self.news[visit.id] = OVER.get(name, [])

    @precondition(lambda self: self.known & {*ENDED})
    @rule(which=pick, by=st.sampled_from((*COORDINATORS * 2, PRINCIPALS[0])))
    def restore(self, which: int, by: str) -> None:
        """Take up again what ended early."""
        visit, actor = self.one_in(which, *ENDED), self.town.actors[by]
        free = self.surely_free(self.school_of(visit), visit.starts_at, 1 + len(self.along(visit)))
        result = self.act(
            visit, lambda session, found, school: lapsing.restore(session, actor, found, school)
        )
        if by not in COORDINATORS or visit.state not in ENDED or visit.starts_at <= clock.now():
            assert isinstance(result, Rejected)
        elif isinstance(result, Rejected):
            assert result.code in {"slot_taken", "school_busy"}
            assert not free, "a free time was lost"
        else:
            assert self.fresh(visit).state == VisitState.REQUESTED

    @precondition(lambda self: self.known & {"scheduled"})
    @rule(
        which=pick,
        office=st.booleans(),
        proper=st.sampled_from((True,) * 7 + (False,)),
        start=st.one_of(SOME_DAY, SOME_DAY, st.none()),
        heads=st.sampled_from((FEW, MANY)),
        worker=st.sampled_from((None, *WORKERS)),
    )
    def change(
        self,
        which: int,
        office: bool,
        proper: bool,
        start: tuple[int, time] | None,
        heads: int,
        worker: str | None,
    ) -> None:
        """Ask for another time or other details, from either side."""
        visit = self.one_in(which, "scheduled")
        side, other = COORDINATORS[0], self.principal_of(visit)
        by = (side if office else other) if proper else (other if office else side)
        actor = self.town.actors[by]
        wanted = changing.Wanted(
            self.moment(start) if start else visit.starts_at,
            ("8",),
            heads,
            "Aula",
            "Ada ujian",
            self.town.actors[worker].user_id if worker and office else None,
        )
        is_open = any(c.visit_id == visit.id and c.state == "asked" for c in self.all(VisitChange))
        act = changing.propose if office else changing.ask
        result = self.act(visit, lambda s, v, school: act(s, actor, v, school, wanted))
        over = visit.state != VisitState.SCHEDULED or visit.starts_at <= clock.now()
        if not proper or over or is_open:
            assert isinstance(result, Rejected)
        elif isinstance(result, Rejected):
            assert result.code in CROWDED | {"too_late_to_change"}
        elif result is not None:
            assert result.by_office is office
            self.note_ways_of_change(result)

    def note_ways_of_change(self, change: VisitChange) -> None:
        """Keep account of the ways a proposal in spite of them gives up."""
        (mine,) = [
            s
            for s in self.stays()
            if s.owner == change.visit_id and s.starts_at == change.starts_at
        ][-1:]
        held = {
            (cell.visit_id, cell.resource_id, cell.starts_at)
            for cell in self.all(BookingCell)
            if cell.visit_id == change.visit_id and cell.resource == "worker"
        }
        if change.by_office and not mine.ways() & held:
            self.goes_without_way(mine)

    @precondition(lambda self: self.known & {"asked"})
    @rule(
        which=pick,
        name=st.sampled_from(("accept", "accept", "decline", "withdraw")),
        proper=st.sampled_from((True,) * 7 + (False,)),
        worker=st.sampled_from((None, None, *WORKERS)),
        reason=st.sampled_from(("", "Sudah disepakati")),
    )
    def answer_change(
        self, which: int, name: str, proper: bool, worker: str | None, reason: str
    ) -> None:
        """Agree to the change that waits, decline it, or take it back."""
        waiting = sorted(
            (c for c in self.all(VisitChange) if c.state == "asked"), key=lambda c: c.id
        )
        change = waiting[which % len(waiting)]
        visit = next(v for v in self.all(Visit) if v.id == change.visit_id)
        answers = change.by_office if name != "withdraw" else not change.by_office
        sides = (self.principal_of(visit), COORDINATORS[0])
        by = sides[0] if answers == proper else sides[1]
        actor = self.town.actors[by]
        who = self.town.actors[worker].user_id if worker and not change.by_office else None
        action = {
            "accept": lambda s, v, school: answering.accept(
                s, actor, v, school, Answer(who, reason)
            ),
            "decline": lambda s, v, _school: answering.decline(s, actor, v, "Alasan"),
            "withdraw": lambda s, v, _school: answering.withdraw(s, actor, v),
        }[name]
        result = self.act(visit, action)
        over = name == "accept" and min(visit.starts_at, change.starts_at) <= clock.now()
        if not proper or over:
            assert isinstance(result, Rejected)
        elif isinstance(result, Rejected):
            assert name == "accept"
            assert result.code in CROWDED
        elif name == "accept":
            moved = self.fresh(visit)
            assert (moved.starts_at, moved.state) == (change.starts_at, VisitState.SCHEDULED)
            self.note_ways(visit)
        else:
            assert self.fresh(visit).starts_at == visit.starts_at

    @precondition(lambda self: self.known & {"scheduled"})
    @rule(which=pick, start=SOME_DAY, office=st.booleans())
    def asks_and_calls_off(self, which: int, start: tuple[int, time], office: bool) -> None:
        """Ask for another time, and call the whole session off before the answer."""
        visit = self.one_in(which, "scheduled")
        school, desk = self.town.actors[self.principal_of(visit)], self.town.actors[COORDINATORS[0]]
        wanted = changing.Wanted(self.moment(start), ("8",), FEW, "Aula", "Ada ujian")
        self.act(visit, lambda s, v, where: changing.ask(s, school, v, where, wanted))
        told = len(self.along(visit)) + 1
        if office:
            result = self.act(visit, lambda s, v, _where: cancel(s, desk, v, "Banjir"))
            told += 2
        else:
            result = self.act(visit, lambda s, v, _where: withdraw(s, school, v, "Ada upacara"))
        if visit.state == VisitState.SCHEDULED:
            assert not isinstance(result, Rejected)
            assert self.fresh(visit).state == VisitState.CANCELLED
            self.news[visit.id] = ["news_cancelled"] * told
        elif not isinstance(result, Rejected):
            self.news[visit.id] = []

    @rule(
        by=st.sampled_from((*PRINCIPALS, COORDINATORS[0])),
        first=st.integers(0, 2),
        days=st.integers(0, 4),
        heads=st.sampled_from((FEW, MANY)),
    )
    def wish(self, by: str, first: int, days: int, heads: int) -> None:
        """Put a school on the waiting list."""
        actor = self.town.actors[by]
        school = self.town.schools[PRINCIPALS.index(by) if by in PRINCIPALS else 0]
        begins = self.working_day(3 + first)
        wanted = wishing.Wanted(
            self.town.programme,
            begins,
            begins + timedelta(days=days),
            (),
            (),
            ("7",),
            heads,
            own_topic="Berteman",
        )
        waits = any(
            w.school_id == school.id and w.state in {"waiting", "offered"} for w in self.all(Wish)
        )
        result = self.attempt(lambda session: wishing.wish(session, actor, school, wanted))
        assert isinstance(result, Rejected) is (by not in PRINCIPALS or waits)

    @rule()
    def the_waiting_list_is_served(self) -> None:
        """Offer what is free, as the portal does by itself."""
        before = {visit.id for visit in self.all(Visit)}
        schedule.jobs["visit_wishes"].run(self.shop)
        made = [visit for visit in self.all(Visit) if visit.id not in before]
        self.visits += [visit.id for visit in sorted(made, key=lambda visit: visit.id)]
        assert all(visit.state == VisitState.OFFERED for visit in made)
        # Whoever still waits has no day left on which nobody has anything to do.
        tried = {(v.school_id, v.starts_at) for v in self.all(Visit) if v.origin == "wish"}
        for wish in (each for each in self.all(Wish) if each.state == "waiting"):
            school = next(each for each in self.town.schools if each.id == wish.school_id)
            crew = 1 if wish.expected_heads == FEW else 2
            for ahead in range((wish.latest_on - wish.earliest_on).days + 1):
                day = wish.earliest_on + timedelta(days=ahead)
                if day < self.working_day(3) or day.weekday() > 4:
                    continue
                for begins in STARTS:
                    start = clock.at_wib(day, begins)
                    taken = self.held_by_itself(school, start) or (school.id, start) in tried
                    assert taken or not self.surely_free(school, start, crew), "not offered"

    @property
    def shop(self) -> Workshop:
        """Return what jobs work with."""
        return Workshop(self.database, settings_for(Path(), str(self.database.writing.url)))

    @rule()
    def deadlines_pass(self) -> None:
        """Let go what nobody answered, as the portal does every hour."""
        before = {visit.id: visit for visit in self.all(Visit)}
        schedule.jobs["visit_deadlines"].run(self.shop)
        for visit in self.all(Visit):
            old = before[visit.id]
            if visit.state != VisitState.LAPSED or old.state == VisitState.LAPSED:
                late = old.state == "offered" and old.answer_by <= clock.now()
                late |= old.state == "requested" and old.starts_at <= clock.now()
                assert not late, "should have been let go"
                continue
            assert old.answer_by <= clock.now() or old.starts_at <= clock.now()
            offered = old.state == VisitState.OFFERED
            self.news[visit.id] = ["news_offer_over" if offered else "news_lapsed"] * 3

    @invariant()
    def wishes_stand_where_their_offers_do(self) -> None:
        visits = {visit.id: visit for visit in self.all(Visit)}
        for each in self.all(Wish):
            visit = visits[each.visit_id] if each.visit_id else None
            # A session that is taken up again once its wish has ended has a story of its own.
            if each.state in {"waiting", "offered"}:
                offered = visit is not None and visit.state == "offered"
                assert (each.state == "offered") == offered
            assert each.state != "met" or (visit is not None and visit.offered_at is not None)

    @precondition(lambda self: self.away)
    @rule(which=pick)
    def comes_back(self, which: int) -> None:
        """End a worker's leave."""
        worker, day = sorted(self.away)[which % len(self.away)]
        me = self.town.actors[worker].user_id
        self.away.discard((worker, day))
        with self.database.writer() as session, transaction(session):
            session.execute(delete(Leave).where(Leave.user_id == me, Leave.first_day == day))


@pytest.fixture(scope="module")
def sqlite_town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Beginning:
    """Return what makes a copy of the town's file for every walk."""
    folder = tmp_path_factory.mktemp("town")
    file = Path(shutil.copy(sqlite_template, folder / "town.db"))
    with time_machine.travel(MONDAY, tick=False):
        database = connect(f"sqlite:///{file}")
        town = Town(database)
        database.dispose()

    def begin(open_: ExitStack) -> tuple[Database, Town]:
        copy = shutil.copy(file, folder / "walk.db")
        return open_.enter_context(LENT["test"].lend(f"sqlite:///{copy}")), town

    return begin


@pytest.fixture
def postgresql_town(postgresql_databases: Recycled) -> Beginning:
    """Return what makes the town anew for every walk."""

    def begin(open_: ExitStack) -> tuple[Database, Town]:
        name = postgresql_databases.take()
        open_.callback(postgresql_databases.give_back, name)
        url = postgresql_databases.server.set(database=name)
        address = url.render_as_string(hide_password=False)
        database = open_.enter_context(LENT["test"].lend(address))
        return database, Town(database)

    return begin


def go(begin: Beginning, walks: int, steps: int) -> None:
    """Walk through the town so many times."""
    walk = type("WalkInTown", (LongWalk,), {"begin": staticmethod(begin)})
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.parametrize("walks", [12, pytest.param(200, marks=pytest.mark.drill)])
def test_whatever_people_do_the_books_stay_in_order(sqlite_town: Beginning, walks: int) -> None:
    go(sqlite_town, walks, 40)


@pytest.mark.postgres
@pytest.mark.parametrize("walks", [2, pytest.param(60, marks=pytest.mark.drill)])
def test_the_books_stay_in_order_on_postgresql(postgresql_town: Beginning, walks: int) -> None:
    go(postgresql_town, walks, 30)
