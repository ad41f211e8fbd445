"""Reminders in the database: who is told, who is asked next, and when it stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.auditlog.actions import breaches
from portal.config import Settings
from portal.core import clock, duties, ladders
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.clock import WIB, Week
from portal.core.db import Database, new_id, transaction
from portal.core.duties import Due, Duty
from portal.core.schedule import Workshop
from portal.notifications.jobs import remind
from portal.notifications.models import Message
from portal.people.actions import appointments
from portal.people.models import Membership, User
from portal.visits.models import Leave
from tests.architecture.town import add_objects, add_people
from tests.auditlog.registers import known
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

# A Monday, 09.00 WIB.
MONDAY = datetime(2026, 11, 9, 2, tzinfo=UTC)
FACTS = {
    "school": "SMP Melati",
    "starts_at": "2026-11-20T01:00:00+00:00",
    "ends_at": "2026-11-20T02:30:00+00:00",
}


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@dataclass(frozen=True)
class Desk:
    """Opens to-dos, lets the portal look at them, and reads what came of it."""

    database: Database
    settings: Settings
    build: Builder
    now: Traveller

    def open(self, kind: str = "record_delivery", **more: object) -> Duty:
        """Let something be due on Thursday at 16.00."""
        values: dict[str, object] = {
            "kind": kind,
            "subject_id": new_id(),
            "link": "/sesi/abc",
            "due_at": MONDAY + timedelta(days=3, hours=7),
            "facts": FACTS,
        }
        with transaction(self.build.session) as session:
            return duties.open_duty(session, Due(**{**values, **more}))  # type: ignore[arg-type]

    def look(self, after: timedelta = timedelta()) -> dict[str, int]:
        """Move the clock and let the portal do what it does by itself each minute."""
        self.now.shift(after)
        return remind(Workshop(self.database, self.settings))

    def at(self, text: str) -> dict[str, int]:
        """Move the clock to a local time and look."""
        self.now.move_to(datetime.fromisoformat(text).replace(tzinfo=WIB))
        return self.look()

    def told(self) -> list[tuple[str, UUID | None]]:
        """Return who was told at which local time, in order; of those told together, by id."""
        with self.database.reader() as session:
            rows = session.scalars(select(Message).order_by(Message.written_at))
            told = [(row.written_at, row.recipient_id) for row in rows]
        return [
            (f"{moment.astimezone(WIB):%d %H:%M}", person)
            for moment, person in sorted(told, key=lambda each: (each[0], str(each[1])))
        ]

    def messages(self) -> list[Message]:
        """Return the messages that nobody took back, in order."""
        with self.database.reader() as session:
            kept = select(Message).where(Message.withdrawn_at.is_(None))
            return list(session.scalars(kept.order_by(Message.written_at, Message.id)))

    def open_duties(self) -> list[Duty]:
        """Return what is still due, in the order it was opened."""
        with self.database.reader() as session:
            still = select(Duty).where(Duty.closed_at.is_(None))
            return list(session.scalars(still.order_by(Duty.opened_at, Duty.id)))


@pytest.fixture
def desk(database: Database, settings: Settings, build: Builder, now: Traveller) -> Desk:
    """Return a desk."""
    return Desk(database, settings, build, now)


def since(build: Builder, user: User, days: int) -> User:
    """Let somebody hold their role for so many days."""
    with transaction(build.session) as session:
        held = session.scalars(select(Membership).filter_by(user_id=user.id)).one()
        held.starts_on = clock.today() - timedelta(days=days)
    return user


def test_the_whole_course_from_worker_to_division_head(desk: Desk, build: Builder) -> None:
    worker = build.worker()
    first = since(build, build.user(Role.COORDINATOR), 400)
    second = build.user(Role.COORDINATOR)
    head = build.user(Role.DIVISION_HEAD)
    duty = desk.open(person_id=worker.id)
    assert desk.look() == {"looks": 1, "reminders": 1, "raised": 0, "failed": 0}
    for _time in range(8 * 22):
        desk.look(timedelta(hours=3))
    assert desk.told() == [
        ("09 09:00", worker.id),
        ("11 00:00", worker.id),
        ("13 00:00", worker.id),
        # Two office days after Thursday.
        ("16 00:00", first.id),
        *sorted(("17 00:00", each.id) for each in (first, second)),
        ("18 00:00", head.id),
        ("19 00:00", head.id),
        ("20 00:00", head.id),
    ]
    asked = desk.open_duties()
    assert [each.role for each in asked] == [None, Role.COORDINATOR, Role.DIVISION_HEAD]
    assert [each.raised_from for each in asked] == [None, duty.id, asked[1].id]
    assert {each.due_at for each in asked} == {duty.due_at}
    assert [each.next_look_at for each in asked] == [None, None, None]


def test_a_reminder_says_what_until_when_and_leads_there(desk: Desk, build: Builder) -> None:
    worker = build.worker()
    duty = desk.open(person_id=worker.id)
    desk.look()
    (message,) = desk.messages()
    assert (message.kind, message.nature, message.link) == (
        "record_delivery",
        "reminder",
        "/sesi/abc",
    )
    assert (message.subject_id, message.duty_id) == (duty.subject_id, duty.id)
    assert message.facts == {**FACTS, "due_at": duty.due_at.isoformat()}


@on_sqlite
def test_the_next_reminder_stands_in_the_place_of_one_nobody_read(
    desk: Desk, build: Builder
) -> None:
    desk.open(person_id=build.worker().id)
    desk.look()
    desk.at("2026-11-11T08:00")
    (message,) = desk.messages()
    assert f"{message.written_at:%d}" == "11"


@on_sqlite
def test_looking_again_and_again_tells_nobody_twice(desk: Desk, build: Builder) -> None:
    desk.open(person_id=build.worker().id)
    assert [desk.look()["looks"] for _minute in range(3)] == [1, 0, 0]
    with transaction(build.session) as session:
        session.scalars(select(Duty)).one().next_look_at = clock.now()
    assert desk.look() == {"looks": 1, "reminders": 0, "raised": 0, "failed": 0}
    assert len(desk.told()) == 1


def test_what_is_done_reminds_no_more_whoever_was_asked(desk: Desk, build: Builder) -> None:
    build.user(Role.COORDINATOR)
    duty = desk.open(person_id=build.worker().id)
    desk.at("2026-11-16T08:00")
    assert len(desk.open_duties()) == 2
    with transaction(build.session) as session:
        duties.close_duties(session, duty.subject_id, duty.kind)
    told = len(desk.told())
    desk.at("2026-12-01T08:00")
    assert desk.open_duties() == []
    assert len(desk.told()) == told


@on_sqlite
def test_news_reminds_nobody(desk: Desk, build: Builder) -> None:
    desk.open("news_declined", person_id=build.worker().id)
    assert desk.look()["reminders"] == 0
    assert [each.next_look_at for each in desk.open_duties()] == [None]


@on_sqlite
def test_of_a_role_the_longest_serving_who_is_there_hears_first(desk: Desk, build: Builder) -> None:
    oldest = since(build, build.worker(), 900)
    older = since(build, build.worker(), 500)
    build.worker()
    leave = {"first_day": clock.today(), "last_day": clock.today(), "recorded_by": older.id}
    build.save(Leave(user_id=oldest.id, **leave))
    desk.open(role=Role.SOCIAL_WORKER)
    desk.look()
    assert desk.told() == [("09 09:00", older.id)]
    desk.at("2026-11-11T08:00")
    assert len(desk.told()) == 4


@on_sqlite
def test_a_schools_to_do_follows_its_week_and_goes_on_to_the_office(
    desk: Desk, build: Builder
) -> None:
    school = build.school(week_days=6)
    principal = build.user(Role.PRINCIPAL, school)
    build.user(Role.PRINCIPAL, build.school())
    coordinator = build.user(Role.COORDINATOR)
    desk.open(
        "confirm_room",
        role=Role.PRINCIPAL,
        school_id=school.id,
        week=school.week,
        visible_from=MONDAY + timedelta(days=5),
        due_at=MONDAY + timedelta(days=5, hours=3),
    )
    for day in range(14, 21):
        desk.at(f"2026-11-{day}T09:00")
    assert desk.told() == [
        ("14 09:00", principal.id),
        ("16 09:00", principal.id),
        ("17 09:00", coordinator.id),
        ("18 09:00", coordinator.id),
        ("19 09:00", coordinator.id),
    ]
    raised = desk.open_duties()[1]
    assert (raised.role, raised.school_id, raised.week) == (Role.COORDINATOR, None, Week.OFFICE)


def test_where_nobody_is_it_goes_on_at_once(desk: Desk, build: Builder) -> None:
    gone = build.user(Role.SOCIAL_WORKER, ends_on=clock.today() - timedelta(days=1))
    head = build.user(Role.DIVISION_HEAD)
    build.user(Role.ADMIN)
    desk.open(person_id=gone.id)
    desk.look()
    # There is no coordinator either.
    assert desk.told() == [("09 09:00", head.id)]


@on_sqlite
def test_where_nobody_is_at_all_an_admin_learns_of_it(desk: Desk, build: Builder) -> None:
    desk.open("find_worker", role=Role.COORDINATOR)
    desk.look()
    assert desk.told() == []
    admin = build.user(Role.ADMIN)
    desk.open("find_worker", role=Role.COORDINATOR)
    desk.look()
    assert desk.told() == [("09 09:00", admin.id)]


@on_sqlite
def test_who_leaves_is_followed_by_the_next_one_at_once(desk: Desk, build: Builder) -> None:
    admin = build.actor(build.user(Role.ADMIN))
    coordinator = build.user(Role.COORDINATOR)
    head = build.user(Role.DIVISION_HEAD)
    desk.open("answer_request", role=Role.COORDINATOR, link="/permintaan/abc/periksa")
    desk.look()
    with transaction(build.session) as session:
        held = session.scalars(select(Membership).filter_by(user_id=coordinator.id)).one()
        appointments.end_membership(session, admin, held)
    desk.look(timedelta(hours=1))
    assert desk.told() == [("09 09:00", coordinator.id), ("09 10:00", head.id)]
    assert desk.open_duties()[1].link == "/sesi/abc"


@on_sqlite
def test_who_takes_over_is_reminded_anew(desk: Desk, build: Builder) -> None:
    worker, successor = build.worker(), build.worker()
    duty = desk.open(person_id=worker.id)
    desk.look()
    with transaction(build.session) as session:
        duties.hand_over(session, worker.id, successor.id, subject_id=duty.subject_id)
    desk.look(timedelta(hours=1))
    assert desk.told() == [("09 09:00", worker.id), ("09 10:00", successor.id)]


@on_sqlite
def test_who_takes_over_late_hears_of_it_as_well(desk: Desk, build: Builder) -> None:
    worker, successor = build.worker(), build.worker()
    coordinator = build.user(Role.COORDINATOR)
    desk.open(person_id=worker.id)
    for day in range(9, 18):
        desk.at(f"2026-11-{day:02}T09:00")
    with transaction(build.session) as session:
        duties.hand_over(session, worker.id, successor.id)
    before = desk.told()
    assert ("16 09:00", coordinator.id) in before
    desk.look(timedelta(hours=1))
    assert [each for each in desk.told() if each not in before] == [("17 10:00", successor.id)]
    assert len(desk.open_duties()) == 2


@on_sqlite
def test_a_later_deadline_lets_off_who_was_asked_next(desk: Desk, build: Builder) -> None:
    worker, coordinator = build.worker(), build.user(Role.COORDINATOR)
    duty = desk.open(person_id=worker.id)
    desk.at("2026-11-16T08:00")
    # The portal was not looking on the days before, so both hear of it at once.
    heard = sorted(("16 08:00", each.id) for each in (coordinator, worker))
    assert desk.told() == heard
    with transaction(build.session) as session:
        due_at = MONDAY + timedelta(days=14)
        duties.move(session, duty.subject_id, duty.kind, due_at=due_at)
    desk.look()
    assert [each.id for each in desk.open_duties()] == [duty.id]
    assert desk.told() == heard
    desk.at("2026-11-25T00:00")
    assert len(desk.open_duties()) == 2


@on_sqlite
def test_who_holds_two_roles_hears_of_one_thing_once_a_day(desk: Desk, build: Builder) -> None:
    both = build.user(Role.DIVISION_HEAD)
    build.appoint(both, Role.OFFICE_HEAD)
    subject = new_id()
    for role in (Role.DIVISION_HEAD, Role.OFFICE_HEAD):
        desk.open("approve_invitation", role=role, subject_id=subject, facts={})
    desk.look()
    assert desk.told() == [("09 09:00", both.id)]


def test_two_workers_at_once_tell_everybody_once(desk: Desk, build: Builder) -> None:
    workers = [build.worker() for _each in range(4)]
    for number in range(120):
        desk.open(person_id=workers[number % 4].id)
    threads = [threading.Thread(target=desk.look) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    desk.look()
    assert len(desk.told()) == 120
    assert all(each.reminders == 1 for each in desk.open_duties())


def test_an_alarm_rings_until_somebody_takes_care(desk: Desk, build: Builder) -> None:
    # A Saturday night.
    desk.now.move_to(datetime(2026, 11, 14, 22, tzinfo=WIB))
    head, admin = build.user(Role.DIVISION_HEAD), build.user(Role.ADMIN)
    above = build.user(Role.OFFICE_HEAD)
    with transaction(build.session) as session:
        breach = breaches.record_breach(session, build.actor(admin), known())
    for _minute in range(31):
        desk.look()
        desk.now.shift(timedelta(minutes=1))
    rings: dict[str, set[UUID | None]] = {}
    for moment, person in desk.told():
        rings.setdefault(moment, set()).add(person)
    assert rings == {
        "14 22:00": {head.id, admin.id},
        "14 22:10": {head.id, admin.id, above.id},
        "14 22:20": {head.id, admin.id, above.id},
        "14 22:30": {head.id, admin.id, above.id},
    }
    assert len(desk.told()) == 11
    assert {each.nature for each in desk.messages()} == {"alarm"}
    with transaction(build.session) as session:
        alarm = session.scalars(select(Duty).filter_by(role=Role.OFFICE_HEAD)).one()
        duties.acknowledge(session, build.actor(above), alarm)
    desk.look(timedelta(hours=1))
    assert len(desk.told()) == 11
    waiting = desk.open_duties()
    assert {each.acknowledged_by for each in waiting} == {above.id}
    # It is still due, so it reminds as other things do, from Monday on.
    desk.at("2026-11-16T08:00")
    assert {each.nature for each in desk.messages() if each.written_at == clock.now()} == {
        "reminder"
    }
    assert breach.id in {each.subject_id for each in waiting}


@on_sqlite
def test_correcting_a_breach_does_not_ring_again(desk: Desk, build: Builder) -> None:
    admin = build.actor(build.user(Role.ADMIN))
    with transaction(build.session) as session:
        breach = breaches.record_breach(session, admin, known())
    desk.look()
    with transaction(build.session) as session:
        duty = session.scalars(select(Duty).filter_by(role=Role.ADMIN)).one()
        duties.acknowledge(session, admin, duty)
        earlier = known(found_at=clock.now() - timedelta(hours=5))
        breaches.change_breach(session, admin, breach, earlier)
    told = desk.told()
    desk.look(timedelta(minutes=11))
    assert desk.told() == told
    assert {each.due_at for each in desk.open_duties()} == {breach.due_at}


@on_sqlite
def test_whoever_is_asked_next_may_open_what_it_is_about(app: Flask, build: Builder) -> None:
    school = build.school()
    by_role = add_people(build, school)
    add_objects(build, app.config["PORTAL"].data_dir, school, by_role)
    with build.database.reader() as session:
        waiting = list(session.scalars(select(Duty).where(Duty.closed_at.is_(None))))
    asked = 0
    for duty in waiting:
        ladder = ladders.ladder_of(duty.kind)
        for role in ladder.above(duty.role) if ladder else ():
            assert role not in SCHOOL_ROLES
            client = PageClient(app).sign_in(by_role[role])
            assert ladder
            answer = client.get(ladder.seen_at(duty.link))
            assert answer.status_code == 200, (duty.kind, role)
            asked += 1
    assert asked >= 4
