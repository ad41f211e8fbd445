"""Semester plans in the database: what they start from, how they are made, changed and sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core import clock
from portal.core.access import GRANTS, Actor, Permission, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.schedule import Workshop
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.states import Door
from portal.insight import jobs
from portal.insight.actions import plans as actions
from portal.insight.actions import proposing, sending
from portal.insight.actions.plans import Move, Wanted
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.policy.planning import checking, solving
from portal.insight.queries import plan_fits, plan_instance, plan_refusals
from portal.insight.queries import plans as queries
from portal.insight.states import PlanState
from portal.people.models import User
from portal.schools.models import CalendarEntry, CalendarKind, School
from portal.visits.models import Blackout, Leave, Topic, Visit
from portal.visits.states import Origin, VisitState
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.statements import read_statements

MONDAY = date(2027, 1, 11)
LAST = date(2027, 3, 5)


@dataclass(frozen=True)
class Office:
    """Partner schools, two social workers and a coordinator who plans."""

    build: Builder
    never: School
    long_ago: School
    lately: School
    workers: tuple[User, User]
    coordinator: User

    @property
    def actor(self) -> Actor:
        """Return who plans."""
        return self.build.actor(self.coordinator)

    def wanted(self, **more: object) -> Wanted:
        """Return what a small plan is asked for."""
        values = {
            "programme": self.build.programme(),
            "first_on": MONDAY,
            "last_on": LAST,
            "sessions": "1",
            "gap_weeks": 3,
            "travel": 2,
            "balance": 1,
            "seconds": 5,
        }
        return Wanted(**{**values, **more})

    def ask(self, **more: object) -> SemesterPlan:
        """Ask for a plan."""
        with transaction(self.build.session) as session:
            return actions.ask(session, self.actor, self.wanted(**more))


@pytest.fixture
def office(build: Builder) -> Office:
    """Return three partner schools: one never served, one long ago, one last month."""
    workers = (build.worker("Andi Contoh"), build.worker("Sari Contoh"))
    schools = [
        build.school(name, district=district)
        for name, district in (
            ("SMP Belum", "18.72.02"),
            ("SMP Lama", "18.72.01"),
            ("SMP Baru", "18.72.05"),
        )
    ]
    for school in schools:
        build.mou(school, valid_until=date(2028, 6, 30))
    build.school("SMP Bukan Mitra")
    build.delivered(schools[1], workers[0], date(2025, 11, 4))
    build.delivered(schools[2], workers[0], date(2026, 10, 20))
    coordinator = build.user(Role.COORDINATOR, name="Yuni Contoh")
    return Office(build, *schools, workers, coordinator)


@pytest.fixture
def shop(database: Database, settings: Settings) -> Workshop:
    """Return what jobs work with."""
    return Workshop(database, settings)


def test_a_plan_is_made_and_keeps_every_rule(
    office: Office, shop: Workshop, session: Session
) -> None:
    plan = office.ask()
    assert jobs.make_plans(shop) == {"plans": 1}
    found = queries.file_of(session, session.get_one(SemesterPlan, plan.id))
    assert found.plan.state == PlanState.READY
    assert (found.partners, found.reached, found.unplaced) == (3, 3, [])
    assert found.plan.bound <= found.plan.cost <= found.plan.greedy_cost
    reading = plan_instance.read(session, found.plan)
    solution = {
        plan_instance.key_of(row.item): plan_instance.place_of(row.item) for row in found.rows
    }
    assert checking.check(reading.instance, solution) == []
    order = {row.school.name: row.item.facts["points"] for row in found.rows}
    assert order["SMP Belum"] > order["SMP Lama"] > order["SMP Baru"]
    assert jobs.make_plans(shop) == {"plans": 0}


@on_sqlite
def test_calendars_leave_and_bookings_are_read(office: Office, session: Session) -> None:
    build, (andi, sari) = office.build, office.workers
    build.save(
        CalendarEntry(
            school_id=office.never.id,
            kind=CalendarKind.EXAM,
            name="Ujian",
            first_on=MONDAY,
            last_on=MONDAY + timedelta(days=4),
            recorded_at=clock.now(),
        )
    )
    build.save(
        Blackout(
            first_on=date(2027, 1, 18),
            last_on=date(2027, 1, 19),
            name="Rapat kerja",
            recorded_by=office.coordinator.id,
            recorded_at=clock.now(),
        )
    )
    build.save(
        Leave(
            user_id=sari.id,
            first_day=MONDAY,
            last_day=MONDAY + timedelta(days=1),
            recorded_by=sari.id,
        )
    )
    build.delivered(office.lately, andi, MONDAY, state=VisitState.SCHEDULED)
    plan = office.ask()
    reading = plan_instance.read(session, session.get_one(SemesterPlan, plan.id))
    instance = reading.instance
    never = instance.school[str(office.never.id)]
    assert not never.days & set(clock.days_of_week(MONDAY))
    assert date(2027, 1, 18) not in never.days
    assert date(2027, 1, 20) in never.days
    assert instance.worker[str(sari.id)].is_away(MONDAY)
    booked = instance.worker[str(andi.id)].booked
    assert [(stop.day, stop.start, stop.end) for stop in booked] == [(MONDAY, 480, 570)]
    # Ninety minutes and the way there and back are gone.
    left = instance.worker[str(andi.id)].minutes
    assert left[MONDAY] == 720 - 90 - 40
    assert left[MONDAY + timedelta(weeks=1)] == 720
    # Who has a session in the semester already needs none of the plan.
    assert str(office.lately.id) not in instance.school
    assert (reading.partners, reading.settled) == (3, 1)
    # Fridays have starts of their own.
    assert instance.starts[MONDAY] == (480, 600, 780)
    assert instance.starts[date(2027, 1, 15)] == (480, 600)


@on_sqlite
def test_what_became_part_of_a_school_counts_for_it(office: Office, session: Session) -> None:
    build, worker = office.build, office.workers[0]
    gone = [
        build.school(f"SMP Lebur {number}", active=False, merged_into_id=into.id)
        for number, into in enumerate((office.never, office.lately))
    ]
    build.delivered(gone[0], worker, date(2026, 3, 3))
    build.delivered(gone[1], worker, MONDAY)
    with transaction(build.session) as writing:
        filing = Filing(Door.PHONE, {"what": ["verbal"], "danger": ["no"]}, school_id=gone[0].id)
        receive(writing, None, filing)
    plan = office.ask()
    reading = plan_instance.read(session, session.get_one(SemesterPlan, plan.id))
    reason = reading.reasons[str(office.never.id)]
    assert (reason.months, reason.need) == (10, 1)
    assert not reading.instance.school[str(office.never.id)].never_served
    # It had its session of the semester already, before it was joined.
    assert str(office.lately.id) not in reading.instance.school


@on_sqlite
def test_reading_takes_as_many_statements_for_a_town(office: Office, database: Database) -> None:
    plan = office.ask()

    def asked() -> int:
        with database.reader() as reading, read_statements(database) as statements:
            plan_instance.read(reading, reading.get_one(SemesterPlan, plan.id))
        return len(statements)

    few = asked()
    for number in range(12):
        school = office.build.school(f"SD Tambah {number}")
        office.build.mou(school, valid_until=date(2028, 6, 30))
    assert asked() == few


def quickly(office: Office, plan: SemesterPlan) -> None:
    """Make a plan without a search."""
    quickly_saved(office, plan)
    with transaction(office.build.session) as session:
        proposing.finish(session, plan)


def quickly_saved(office: Office, plan: SemesterPlan) -> None:
    """Save the first plan of one that is still being made."""
    with transaction(office.build.session) as session:
        reading = plan_instance.read(session, session.get_one(SemesterPlan, plan.id))
        proposing.save(session, plan, reading, solving.quickly(reading.instance))


def rows(office: Office, plan: SemesterPlan) -> dict[str, queries.Row]:
    """Return the sessions of a plan by their schools' names."""
    with office.build.database.reader() as reading:
        found = queries.file_of(reading, reading.get_one(SemesterPlan, plan.id))
        return {row.school.name: row for row in found.rows}


def change(office: Office, row: queries.Row, move: Move) -> None:
    """Move a session of a plan."""
    with transaction(office.build.session) as session:
        item = session.get_one(PlanItem, row.item.id)
        plan = session.get_one(SemesterPlan, item.plan_id)
        actions.move(session, office.actor, plan, item, move)


def lock(office: Office, row: queries.Row) -> None:
    """Keep a session where it is."""
    with transaction(office.build.session) as session:
        item = session.get_one(PlanItem, row.item.id)
        plan = session.get_one(SemesterPlan, item.plan_id)
        actions.set_locked(session, office.actor, plan, item, locked=True)


def send(office: Office, plan: SemesterPlan) -> dict[str, str]:
    """Offer all sessions of a plan; return why not, by school."""
    refused = {}
    with office.build.database.reader() as reading:
        waiting = sending.waiting(reading, plan)
        names = {item_id: sending.school_name(reading, item_id) for item_id in waiting}
    for item_id in waiting:
        try:
            with transaction(office.build.session) as session:
                sending.offer(session, office.actor, plan, item_id)
        except Rejected as problem:
            refused[names[item_id]] = problem.code
    return refused


@on_sqlite
def test_a_search_that_is_stopped_leaves_the_greedy_plan(office: Office, shop: Workshop) -> None:
    plan = office.ask()
    with transaction(office.build.session) as session:
        actions.stop(session, office.actor, plan)
    jobs.make_plans(shop)
    found = office.build.fresh(SemesterPlan, plan.id)
    assert (found.state, found.solver, found.progress) == (PlanState.READY, "greedy", {})
    assert len(rows(office, plan)) == 3


@on_sqlite
def test_what_a_worker_died_over_is_begun_anew(office: Office, shop: Workshop) -> None:
    plan = office.ask()
    quickly(office, plan)
    with transaction(office.build.session):
        plan.state = PlanState.SOLVING
    with transaction(office.build.session) as session:
        actions.stop(session, office.actor, plan)
    jobs.make_plans(shop)
    assert office.build.fresh(SemesterPlan, plan.id).state == PlanState.READY
    assert len(rows(office, plan)) == 3


@on_sqlite
def test_one_plan_is_made_at_a_time_and_none_of_the_past(office: Office) -> None:
    with pytest.raises(Rejected) as refused:
        office.ask(first_on=date(2026, 1, 5), last_on=date(2026, 6, 30))
    assert refused.value.code == "plan_over"
    office.ask()
    with pytest.raises(Rejected) as refused:
        office.ask()
    assert refused.value.code == "plan_busy"


@on_sqlite
@pytest.mark.parametrize(
    ("day", "starts", "who", "code"),
    [
        (date(2027, 1, 17), time(8), 0, "plan_calendar"),
        (date(2027, 1, 18), time(9), 0, "plan_start"),
        (date(2027, 1, 20), time(8), 0, "plan_leave"),
        (date(2027, 1, 18), time(8), 0, "plan_overlap"),
        (date(2027, 1, 19), time(8), 2, "plan_unknown"),
    ],
)
def test_a_move_names_what_it_meets(
    office: Office, day: date, starts: time, who: int, code: str
) -> None:
    build, (andi, sari) = office.build, office.workers
    away = {"first_day": date(2027, 1, 20), "last_day": date(2027, 1, 20)}
    build.save(Leave(user_id=andi.id, recorded_by=andi.id, **away))
    plan = office.ask()
    quickly(office, plan)
    at_eight = Move(date(2027, 1, 18), time(8), (andi.id,))
    change(office, rows(office, plan)["SMP Lama"], at_eight)
    people = (andi, sari, office.coordinator)
    with pytest.raises(Rejected) as refused:
        change(office, rows(office, plan)["SMP Belum"], Move(day, starts, (people[who].id,)))
    assert refused.value.code == code
    assert refused.value.facts["school"] == "SMP Belum"
    if code == "plan_overlap":
        assert refused.value.facts["other"] == "SMP Lama"
        assert refused.value.facts["worker"] == "Andi Contoh"


@on_sqlite
def test_planning_anew_keeps_locks_and_changes_what_it_must(office: Office, shop: Workshop) -> None:
    plan = office.ask()
    quickly(office, plan)
    before = rows(office, plan)
    lock(office, before["SMP Lama"])
    hit = before["SMP Belum"]
    away = clock.monday_of(hit.starts_at.astimezone(clock.WIB).date())
    for worker in office.workers:
        if str(worker.id) in hit.item.worker_ids:
            leave = Leave(
                user_id=worker.id,
                first_day=away,
                last_day=away + timedelta(days=3),
                recorded_by=worker.id,
            )
            office.build.save(leave)
    with transaction(office.build.session) as session:
        again = actions.ask_again(session, office.actor, session.get_one(SemesterPlan, plan.id))
    jobs.make_plans(shop)
    with office.build.database.reader() as reading:
        found = queries.file_of(reading, reading.get_one(SemesterPlan, again.id))
    after = {row.school.name: row for row in found.rows}
    assert after["SMP Lama"].place == before["SMP Lama"].place
    assert after["SMP Lama"].item.locked
    touched = {
        name for name, row in before.items() if set(row.item.worker_ids) & set(hit.item.worker_ids)
    }
    assert "SMP Belum" in {row.school.name for row in found.changes} <= touched
    # The plan before stands until the new one is kept; nothing leaves meanwhile.
    assert office.build.fresh(SemesterPlan, plan.id).state == PlanState.READY
    with office.build.database.reader() as reading, pytest.raises(Rejected):
        sending.check_sendable(reading, again)
    with transaction(office.build.session) as session:
        actions.keep(session, office.actor, session.get_one(SemesterPlan, again.id))
    assert office.build.fresh(SemesterPlan, plan.id).state == PlanState.DROPPED
    with office.build.database.reader() as reading:
        sending.check_sendable(reading, again)


@on_sqlite
def test_locks_that_cannot_hold_are_named(office: Office, shop: Workshop) -> None:
    plan = office.ask()
    quickly(office, plan)
    locked = rows(office, plan)["SMP Lama"]
    lock(office, locked)
    day = locked.starts_at.astimezone(clock.WIB).date()
    for worker in office.workers:
        office.build.save(
            Leave(user_id=worker.id, first_day=day, last_day=day, recorded_by=worker.id)
        )
    with transaction(office.build.session) as session:
        again = actions.ask_again(session, office.actor, session.get_one(SemesterPlan, plan.id))
    jobs.make_plans(shop)
    found = office.build.fresh(SemesterPlan, again.id)
    assert found.state == PlanState.DRAFT
    with office.build.database.reader() as reading:
        [problem] = plan_refusals.problems(reading, found)
    assert problem.code == "plan_leave"
    assert problem.facts["school"] == "SMP Lama"
    assert problem.facts["worker"] in {"Andi Contoh", "Sari Contoh"}


def test_offers_leave_once_and_a_clash_stays_behind(office: Office) -> None:
    plan = office.ask()
    quickly(office, plan)
    taken = rows(office, plan)["SMP Baru"]
    worker = next(w for w in office.workers if str(w.id) in taken.item.worker_ids)
    day = taken.starts_at.astimezone(clock.WIB).date()
    other = office.build.school("SMP Sela")
    office.build.delivered(
        other,
        worker,
        day,
        state=VisitState.SCHEDULED,
        at=taken.starts_at.astimezone(clock.WIB).time(),
    )
    assert send(office, plan) == {"SMP Baru": "worker_busy"}
    sent = rows(office, plan)
    assert sent["SMP Baru"].item.visit_id is None
    visit = office.build.fresh(Visit, sent["SMP Belum"].item.visit_id)
    assert (visit.state, visit.origin) == (VisitState.OFFERED, Origin.PLAN)
    assert visit.starts_at == sent["SMP Belum"].starts_at
    assert str(visit.social_worker_id) == sent["SMP Belum"].item.worker_ids[0]
    # A second press finds only what stayed behind.
    assert send(office, plan) == {"SMP Baru": "worker_busy"}
    with pytest.raises(Rejected) as refused:
        lock(office, sent["SMP Belum"])
    assert refused.value.code == "plan_offered"
    # What was offered is out of the next plan.
    with transaction(office.build.session) as session:
        again = actions.ask_again(session, office.actor, session.get_one(SemesterPlan, plan.id))
        reading = plan_instance.read(session, again)
    assert [each.id for each in reading.instance.schools] == [str(taken.school.id)]


@on_sqlite
def test_a_plan_that_cannot_be_made_says_so_and_makes_room(office: Office, shop: Workshop) -> None:
    plan = office.ask()
    with transaction(office.build.session):
        # As if something had gone wrong while it was read.
        plan.wanted = {}
    with pytest.raises(KeyError):
        jobs.make_plans(shop)
    found = office.build.fresh(SemesterPlan, plan.id)
    assert found.state == PlanState.DRAFT
    with office.build.database.reader() as reading:
        [problem] = plan_refusals.problems(reading, found)
    assert problem.code == "plan_broken"
    office.ask()
    assert jobs.make_plans(shop) == {"plans": 1}


@on_sqlite
def test_a_plan_that_breaks_after_its_first_one_is_saved_keeps_that(
    office: Office, shop: Workshop
) -> None:
    plan = office.ask()
    quickly_saved(office, plan)
    with transaction(office.build.session):
        plan.greedy_cost, plan.wanted = plan.cost, {}
    with pytest.raises(KeyError):
        jobs.make_plans(shop)
    assert office.build.fresh(SemesterPlan, plan.id).state == PlanState.READY
    assert len(rows(office, plan)) == 3


@on_sqlite
def test_a_plan_no_worker_looks_after_is_ended_by_a_second_press(
    office: Office, shop: Workshop
) -> None:
    plan = office.ask()

    def stop() -> PlanState:
        with transaction(office.build.session) as session:
            actions.stop(session, office.actor, plan)
        return office.build.fresh(SemesterPlan, plan.id).state

    assert [stop(), stop()] == [PlanState.SOLVING, PlanState.SOLVING]
    with transaction(office.build.session):
        plan.cancel_at = clock.now() - timedelta(minutes=1)
    assert stop() == PlanState.DRAFT
    assert jobs.make_plans(shop) == {"plans": 0}
    with office.build.database.reader() as reading:
        [problem] = plan_refusals.problems(reading, office.build.fresh(SemesterPlan, plan.id))
    assert problem.code == "plan_stopped"
    office.ask()


@on_sqlite
def test_what_no_longer_fits_is_known_before_it_is_sent(office: Office) -> None:
    plan = office.ask()
    quickly(office, plan)
    planned = rows(office, plan)

    def unfit() -> set[str]:
        with office.build.database.reader() as reading:
            found = plan_fits.unfit(reading, reading.get_one(SemesterPlan, plan.id))
        return {name for name, row in planned.items() if row.item.id in found}

    assert unfit() == set()
    with transaction(office.build.session) as session:
        session.get_one(School, office.never.id).active = False
    day = planned["SMP Lama"].starts_at.astimezone(clock.WIB).date()
    office.build.save(
        Blackout(
            first_on=day,
            last_on=day,
            name="Rapat kerja",
            recorded_by=office.coordinator.id,
            recorded_at=clock.now(),
        )
    )
    days = {
        name: row.starts_at.astimezone(clock.WIB).date() == day for name, row in planned.items()
    }
    assert unfit() == {"SMP Belum"} | {name for name, same in days.items() if same}
    assert send(office, plan)["SMP Belum"] == "school_inactive"
    assert "SMP Belum" in unfit()


@on_sqlite
def test_an_offer_is_for_a_grade_and_a_topic_that_fit(office: Office) -> None:
    build = office.build
    fits = build.save(topic_of(office, "Tepat", position=-1, levels=["SMP"]))
    build.save(topic_of(office, "Lain jenjang", position=-2, levels=["SD"]))
    plan = office.ask()
    quickly(office, plan)
    planned = rows(office, plan)["SMP Belum"]
    build.delivered(office.never, office.workers[0], date(2026, 9, 8))
    assert send(office, plan) == {}
    visit = build.fresh(Visit, rows(office, plan)["SMP Belum"].item.visit_id)
    assert (visit.starts_at, visit.grades) == (planned.starts_at, ["8"])
    assert visit.topic_id == fits.id


def topic_of(office: Office, title: str, **more: object) -> Topic:
    """Return a topic of the programme plans are made for."""
    return Topic(programme_id=office.build.programme().id, title_id=title, title_en=title, **more)


def test_whoever_sees_plans_may_see_figures_of_reports() -> None:
    # A plan says how many recent reports of a school count.
    for role, given in GRANTS.items():
        if Permission.PLAN_READ in given:
            assert given.get(Permission.REPORT_FIGURES_INSIDE) == given[Permission.PLAN_READ], role
