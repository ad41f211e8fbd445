"""Confidential records: who reaches one, worked out a second time, and the emergency door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core import clock, duties
from portal.core.access import SCHOOL_ROLES, Actor, Appointment, Permission, Role
from portal.core.db import Database, connect, new_id, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.people import policy
from portal.people.actions import confidential as actions
from portal.people.actions.confidential import Record
from portal.people.models import Conflict, EmergencyAccess, User
from portal.people.queries import confidential as queries
from portal.visits.models import Visit
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import NOW
from tests.trail import last
from tests.visits.screen import Screen

MINUTE = timedelta(minutes=1)


# Of three permissions: who has it for everything, at the own school, and for what is assigned.
EVERYTHING = {
    Permission.VISIT_READ: {
        Role.SOCIAL_WORKER,
        Role.COORDINATOR,
        Role.DIVISION_HEAD,
        Role.OFFICE_HEAD,
        Role.ADMIN,
    },
    Permission.DATA_REQUEST_READ: set(),
    Permission.VISIT_DELIVER: {Role.COORDINATOR},
}
AT_THE_OWN_SCHOOL = {
    Permission.VISIT_READ: set(SCHOOL_ROLES),
    Permission.DATA_REQUEST_READ: set(),
    Permission.VISIT_DELIVER: set(),
}
ASSIGNED = {
    Permission.VISIT_READ: set(),
    Permission.DATA_REQUEST_READ: {Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD},
    Permission.VISIT_DELIVER: {Role.SOCIAL_WORKER},
}


@dataclass
class World:
    """Two schools with two records each, one of them in somebody's own hands."""

    database: Database
    schools: list[UUID]
    me: User
    other: User
    records: list[Visit]


@pytest.fixture(scope="module")
def world(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return a small world, made once; what an example adds is undone."""
    path = tmp_path_factory.mktemp("confidential") / "portal.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = connect(f"sqlite:///{path}")
    build = Builder(database)
    with time_machine.travel(NOW, tick=False):
        schools = [build.school(), build.school()]
        me, other = build.worker(), build.worker()
        records = [
            build.delivered(school, worker, clock.today() - timedelta(days=7 + number))
            for number, (school, worker) in enumerate(
                (school, worker) for school in schools for worker in (me, other)
            )
        ]
    yield World(database, [school.id for school in schools], me, other, records)
    build.close()
    database.dispose()


# A role, and at which of the two schools it is held.
HELD = st.lists(st.tuples(st.sampled_from(Role), st.integers(0, 1)), max_size=3)
# Of one record: which conflicts stand (mine open, mine lifted, another's), and which emergency
# accesses there are (mine running, mine over, another's running).
ABOUT = st.fixed_dictionaries(
    {
        "conflicts": st.sets(st.sampled_from(["mine", "lifted", "another's"])),
        "emergencies": st.sets(st.sampled_from(["mine", "just over", "over", "another's"])),
    }
)


def add(session: Session, world: World, record: Visit, about: dict[str, set[str]]) -> None:
    """Write the conflicts and emergency accesses of a record."""
    for kind in about["conflicts"]:
        session.add(
            Conflict(
                subject="visit",
                subject_id=record.id,
                user_id=(world.other if kind == "another's" else world.me).id,
                reason="Saudara",
                recorded_by=world.other.id,
                recorded_at=clock.now(),
                lifted_at=clock.now() if kind == "lifted" else None,
            )
        )
    left = {"just over": timedelta(0), "over": -MINUTE}
    for kind in about["emergencies"]:
        session.add(
            EmergencyAccess(
                subject="visit",
                subject_id=record.id,
                label="U1",
                link="/",
                user_id=(world.other if kind == "another's" else world.me).id,
                reason="Bahaya",
                opened_at=clock.now() - 60 * MINUTE,
                expires_at=clock.now() + left.get(kind, MINUTE),
                review_by=clock.now(),
            )
        )


def expected(
    world: World,
    permission: Permission,
    held: tuple[Appointment, ...],
    record: Visit,
    about: dict[str, set[str]],
) -> bool:
    """Say in plain words whether a record may be seen."""
    if "mine" in about["conflicts"]:
        return False
    for each in held:
        if each.role in EVERYTHING[permission]:
            return True
        if each.role in AT_THE_OWN_SCHOOL[permission] and each.school_id == record.school_id:
            return True
        if each.role in ASSIGNED[permission] and record.social_worker_id == world.me.id:
            return True
    is_head = Role.DIVISION_HEAD in {each.role for each in held}
    return is_head and "mine" in about["emergencies"]


@hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    permission=st.sampled_from(sorted(EVERYTHING)),
    roles=HELD,
    abouts=st.lists(ABOUT, min_size=4, max_size=4),
)
def test_the_condition_reaches_exactly_these_records(
    world: World,
    permission: Permission,
    roles: list[tuple[Role, int]],
    abouts: list[dict[str, set[str]]],
) -> None:
    held = tuple(
        Appointment(role, world.schools[where] if role in SCHOOL_ROLES else None)
        for role, where in roles
    )
    actor = Actor(world.me.id, "", held)
    columns = {"school_column": Visit.school_id, "assignee_column": Visit.social_worker_id}
    with time_machine.travel(NOW, tick=False), world.database.writer() as session:
        for record, about in zip(world.records, abouts, strict=True):
            add(session, world, record, about)
        session.flush()
        condition = policy.confidential(actor, permission, Visit.id, **columns)
        found = set(session.scalars(select(Visit.id).where(condition)))
        session.rollback()
    assert found == {
        record.id
        for record, about in zip(world.records, abouts, strict=True)
        if expected(world, permission, held, record, about)
    }


@pytest.fixture
def head(build: Builder) -> User:
    """Return the head of the division."""
    return build.user(Role.DIVISION_HEAD, name="Bu Kabid")


@pytest.fixture
def chief(build: Builder) -> User:
    """Return the head of the office."""
    return build.user(Role.OFFICE_HEAD, name="Pak Kadis")


@pytest.fixture
def record(now: Traveller) -> Record:
    """Return a record as people name it."""
    return Record("data_request", new_id(), "PD-00007", "/beranda")


def does(build: Builder, action: Callable[..., Any], user: User, *more: Any, **named: Any) -> Any:
    """Let somebody do something, by the portal's own rules."""
    actor = build.actor(user)
    with build.database.writer() as session, transaction(session):
        found = [
            session.merge(each) if isinstance(each, EmergencyAccess | Conflict) else each
            for each in more
        ]
        return action(session, actor, *found, **named)


def opened(build: Builder, user: User, record: Record) -> EmergencyAccess:
    """Open a record in an emergency."""
    access: EmergencyAccess = does(
        build, actions.open_in_emergency, user, record, "Anak dalam bahaya"
    )
    return access


def running(build: Builder, user: User, record: Record) -> bool:
    """Say whether somebody has a record open."""
    with build.database.reader() as session:
        actor = build.actor(user)
        return queries.running_emergency(session, actor, record.subject_id) is not None


@on_sqlite
@pytest.mark.parametrize("role", Role)
def test_only_the_division_head_opens_in_an_emergency(
    build: Builder, record: Record, role: Role
) -> None:
    user = build.user(role, build.school() if role in SCHOOL_ROLES else None)
    if role is Role.DIVISION_HEAD:
        assert opened(build, user, record)
    else:
        with pytest.raises(Rejected, match="not_allowed"):
            opened(build, user, record)


def test_it_lasts_an_hour_and_waits_for_a_review(
    build: Builder, record: Record, head: User, chief: User, now: Traveller
) -> None:
    access = opened(build, head, record)
    assert access.expires_at == clock.now() + 60 * MINUTE
    assert access.review_by == clock.at_wib(
        clock.add_working_days(clock.today(), 3), clock.OFFICE_CLOSES
    )
    entry = last(build.database)
    assert (entry.action, entry.facts) == ("emergency.opened", {"record_id": record.subject_id.hex})
    with build.database.reader() as session:
        (duty,) = session.scalars(select(Duty).where(Duty.subject_id == access.id))
    assert (duty.kind, duty.role, duty.facts) == (
        "review_emergency",
        "office_head",
        {"number": "PD-00007"},
    )
    now.shift(59 * MINUTE)
    assert running(build, head, record)
    assert not running(build, chief, record)
    now.shift(MINUTE)
    assert not running(build, head, record)


def test_a_conflict_beats_the_emergency(build: Builder, record: Record, head: User) -> None:
    clerk = build.user(Role.COORDINATOR)
    conflict = does(build, actions.record_conflict, clerk, record, head.id, "Saudara")
    with pytest.raises(Rejected, match="conflict_known"):
        does(build, actions.record_conflict, clerk, record, head.id, "Saudara")
    with pytest.raises(Rejected, match="not_allowed"):
        opened(build, head, record)
    with pytest.raises(Rejected, match="own_rights"):
        does(build, actions.lift_conflict, head, conflict)
    does(build, actions.lift_conflict, clerk, conflict)
    assert opened(build, head, record)


def test_whoever_stands_on_the_conflict_list_reads_no_reason_either(
    app: Flask, build: Builder, record: Record, head: User, chief: User
) -> None:
    access = opened(build, head, record)
    address = f"/akses-darurat/{access.public_id}"
    desk = PageClient(app).sign_in(chief)
    assert "Anak dalam bahaya" in desk.get(address).text
    clerk = build.user(Role.COORDINATOR)
    does(build, actions.record_conflict, clerk, record, chief.id, "Tetangga")
    assert desk.get(address).status_code == 404
    assert "PD-00007" not in desk.get("/akses-darurat").text


def test_nothing_waits_for_whoever_stands_on_the_conflict_list(
    build: Builder, record: Record, head: User, chief: User
) -> None:
    deputy, clerk = build.user(Role.OFFICE_HEAD), build.user(Role.COORDINATOR)
    does(build, actions.record_conflict, clerk, record, chief.id, "Tetangga")
    opened(build, head, record)
    other = opened(build, head, Record("data_request", new_id(), "PD-00008", "/beranda"))
    with build.database.reader() as session:
        waiting = {
            user.id: {each.facts["number"] for each in duties.waiting_for(session, actor)}
            for user in (chief, deputy)
            for actor in [build.actor(user)]
        }
        assert waiting == {chief.id: {"PD-00008"}, deputy.id: {"PD-00007", "PD-00008"}}
        assert queries.kept_away(session, other.id) == frozenset()


@on_sqlite
@pytest.mark.parametrize("role", Role)
def test_only_the_office_head_reviews(
    build: Builder, record: Record, head: User, role: Role
) -> None:
    access = opened(build, head, record)
    user = build.user(role, build.school() if role in SCHOOL_ROLES else None)
    if role is Role.OFFICE_HEAD:
        does(build, actions.review_emergency, user, access, justified=True, finding="Perlu")
    else:
        with pytest.raises(Rejected, match="not_allowed"):
            does(build, actions.review_emergency, user, access, justified=True, finding="Perlu")


def test_nobody_reviews_what_they_opened(build: Builder, record: Record, head: User) -> None:
    access = opened(build, head, record)
    build.appoint(head, Role.OFFICE_HEAD)
    with pytest.raises(Rejected, match="not_allowed"):
        does(build, actions.review_emergency, head, access, justified=True, finding="Perlu")


@pytest.mark.parametrize("justified", [True, False])
def test_a_review_is_written_once_and_ends_what_was_not_justified(
    app: Flask, build: Builder, record: Record, head: User, chief: User, *, justified: bool
) -> None:
    access = opened(build, head, record)
    desk, own = PageClient(app).sign_in(chief), PageClient(app).sign_in(head)
    address = f"/akses-darurat/{access.public_id}"
    assert "PD-00007" in desk.get("/akses-darurat").text
    assert address not in Screen(own.get(address)).actions()
    assert own.post(address).status_code == 403
    assert address in Screen(desk.get(address)).actions()
    assert desk.post(address, {"justified": "", "finding": "Perlu"}).status_code == 422
    sent = {"justified": "yes" if justified else "no", "finding": "Sudah saya baca"}
    assert desk.post(address, sent).status_code == 303
    kept = build.fresh(EmergencyAccess, access.id)
    assert (kept.justified, kept.finding, kept.reviewed_by) == (
        justified,
        "Sudah saya baca",
        chief.id,
    )
    assert running(build, head, record) is justified
    with build.database.reader() as session:
        assert session.scalars(select(Duty)).one().closed_at
    assert address not in Screen(desk.get(address)).actions()
    assert desk.post(address, {**sent, "finding": "Sekali lagi"}).status_code == 422
    assert build.fresh(EmergencyAccess, access.id).finding == "Sudah saya baca"
    # Whoever opened it reads how that was judged; others know nothing of it.
    assert "Sudah saya baca" in own.get(address).text
    other = PageClient(app).sign_in(build.user(Role.DIVISION_HEAD))
    assert other.get(address).status_code == 404
    assert "PD-00007" not in other.get("/akses-darurat").text


def test_reasons_are_kept_encrypted(build: Builder, record: Record, head: User) -> None:
    access = opened(build, head, record)
    with build.database.reader() as session:
        (kept,) = session.execute(select(EmergencyAccess.reason)).one()
    assert "bahaya" not in repr(kept)
    assert build.fresh(EmergencyAccess, access.id).reason == "Anak dalam bahaya"
