"""Who fills in the forms: named, standing in, leaving, kept away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.actions import access as case_access
from portal.cases.models import Case
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import watching
from portal.monitoring.models import MonitoringForm, PlanReader, Watcher
from portal.monitoring.policy import access
from portal.monitoring.queries.staff import teachers_at
from portal.people.actions import appointments
from portal.people.models import Membership, User
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.weeks import Weeks

MONDAY = datetime(2026, 11, 9, 7, tzinfo=WIB)


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def weeks(room: Classroom, database: Database, settings: Settings, now: Traveller) -> Weeks:
    """Return a child whose next form is due on Friday."""
    weeks = Weeks(room, database, settings, now)
    weeks.look()
    return weeks


def sees(weeks: Weeks, name: str) -> set[str]:
    """Return the days of the forms somebody may open."""
    mine = select(MonitoringForm).where(access.filled_by(weeks.room.actor(name)))
    return {str(each.due_on) for each in weeks.room.work.rows(mine)}


def reads_plan(weeks: Weeks, name: str) -> bool:
    """Say whether somebody at the school is asked to read the plan."""
    person: User = getattr(weeks.room, name)
    asked = select(PlanReader).filter_by(user_id=person.id, ended_at=None)
    return bool(weeks.room.work.rows(asked))


def release(weeks: Weeks, name: str, by: str = "principal") -> None:
    """Let somebody be asked no longer."""
    with transaction(weeks.build.session) as session:
        person: User = getattr(weeks.room, name)
        watching.release_watcher(session, weeks.room.actor(by), weeks.own(), person.id)


def leave(weeks: Weeks, person: User, role: Role = Role.TEACHER) -> None:
    """Let the principal end somebody's role."""
    with transaction(weeks.build.session) as session:
        held = session.scalars(select(Membership).filter_by(user_id=person.id, role=role)).one()
        appointments.end_membership(session, weeks.room.actor("principal"), held)


def test_a_substitute_is_asked_first_and_hands_back(weeks: Weeks) -> None:
    weeks.at("2026-11-12")
    weeks.send()
    weeks.at("2026-11-19")
    weeks.name("colleague", substitute=True)
    # The substitute sees what is asked for now, and nothing the teacher sent before.
    assert sees(weeks, "colleague") == {"2026-11-20"}
    assert sees(weeks, "teacher") == {"2026-11-13", "2026-11-20"}
    assert weeks.asked() == [("fill_form", "colleague")]
    assert reads_plan(weeks, "colleague")
    weeks.look()
    assert weeks.messages("fill_form") == [
        "12 07 fill_form teacher",
        "19 07 fill_form teacher",
        "19 07 fill_form colleague",
    ]
    weeks.send(by="colleague")
    assert sees(weeks, "teacher") == {"2026-11-13", "2026-11-27"}
    assert weeks.asked() == [("fill_form", "colleague")]
    release(weeks, "colleague")
    # For a week they see what they sent, to correct it and to read the answer.
    assert (sees(weeks, "colleague"), reads_plan(weeks, "colleague")) == ({"2026-11-20"}, False)
    assert weeks.asked() == [("fill_form", "teacher")]


def test_another_teacher_takes_the_place(weeks: Weeks) -> None:
    first = weeks.name("colleague", by="manager")
    assert sees(weeks, "teacher") == set()
    assert not reads_plan(weeks, "teacher")
    assert weeks.asked() == [("fill_form", "colleague")]
    assert weeks.name("colleague").id == first.id
    rows = weeks.room.work.rows(select(Watcher).order_by(Watcher.since))
    assert [each.ended_at is None for each in rows].count(True) == 1


@on_sqlite
def test_who_names_and_who_can_be_named(weeks: Weeks) -> None:
    room, build = weeks.room, weeks.build
    with build.database.reader() as reading:
        found = {each.id for each in teachers_at(reading, room.work.school.id)}
    assert found == {room.teacher.id, room.colleague.id}
    focal = build.user(Role.FOCAL_TEAM, room.work.school)
    stranger = build.user(Role.TEACHER, build.school())
    room.work.second = build.user(Role.PRINCIPAL, build.school())
    for by in ("teacher", "colleague", "coordinator", "other", "second"):
        with pytest.raises(Rejected) as refused:
            weeks.name("colleague", by=by)
        assert refused.value.code == "not_allowed"
        with pytest.raises(Rejected) as refused:
            release(weeks, "teacher", by=by)
        assert refused.value.code == "not_allowed"
    for person in (stranger, room.principal, room.work.manager):
        room.colleague = person
        with pytest.raises(Rejected) as refused:
            weeks.name("colleague")
        assert (refused.value.code, refused.value.field) == ("teacher_unfit", "teacher")
    room.colleague = focal
    weeks.name("colleague")
    assert sees(weeks, "colleague") == {"2026-11-13"}


def test_a_teacher_who_leaves_is_asked_no_longer(weeks: Weeks) -> None:
    weeks.build.appoint(weeks.room.teacher, Role.FOCAL_TEAM, weeks.room.work.school)
    leave(weeks, weeks.room.teacher)
    # Still in the focal team: still at the school.
    assert weeks.asked() == [("fill_form", "teacher")]
    leave(weeks, weeks.room.teacher, Role.FOCAL_TEAM)
    assert weeks.asked() == [("name_teacher", "principal")]
    assert sees(weeks, "teacher") == set()
    weeks.at("2026-11-13")
    # Three school days later the case manager hears of it.
    assert weeks.asked() == [("case_without_teacher", "manager"), ("name_teacher", "principal")]
    weeks.name("colleague")
    assert weeks.asked() == [("fill_form", "colleague")]
    weeks.look()
    assert weeks.messages("fill_form") == ["13 07 fill_form colleague"]


def test_an_appointment_that_runs_out_is_noticed(weeks: Weeks) -> None:
    with transaction(weeks.build.session) as session:
        held = session.scalars(
            select(Membership).filter_by(user_id=weeks.room.teacher.id, role=Role.TEACHER)
        ).one()
        held.ends_on = clock.today()
    assert weeks.look() == {}
    assert weeks.at("2026-11-10") == {"looks": 1, "left": 1}
    assert weeks.asked() == [("name_teacher", "principal")]
    # The principal is asked anew each day, the job does it once.
    assert weeks.look() == {"looks": 1}
    assert weeks.asked() == [("name_teacher", "principal")]


def test_whoever_must_not_see_the_case_is_not_asked(weeks: Weeks) -> None:
    weeks.name("colleague", substitute=True)

    def keep_away(person: User) -> None:
        with transaction(weeks.build.session) as session:
            case = session.get_one(Case, weeks.room.case.id)
            manager = weeks.room.actor("manager")
            case_access.keep_away(session, manager, case, person.id, "Bibi dari terlapor")

    keep_away(weeks.room.colleague)
    assert weeks.asked() == [("fill_form", "teacher")]
    assert sees(weeks, "colleague") == set()
    with pytest.raises(Rejected) as refused:
        weeks.name("colleague")
    assert refused.value.code == "teacher_unfit"
    keep_away(weeks.room.teacher)
    assert weeks.asked() == [("name_teacher", "principal")]
    # The principal as well: then nobody of the school is told, and the manager learns of it.
    keep_away(weeks.room.principal)
    weeks.now.shift(timedelta(days=7))
    weeks.look()
    assert ("case_without_teacher", "manager") in weeks.asked()
    assert weeks.messages("name_teacher") == []
