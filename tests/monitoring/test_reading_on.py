"""A teacher sees the answer to a form, also when somebody else is asked by then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.actions import access as case_access
from portal.cases.models import Case
from portal.config import Settings
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.monitoring.actions import answering, scheduling, watching
from portal.monitoring.models import MonitoringForm
from portal.people.actions import appointments
from portal.people.models import Membership
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.teaching import filled, path_of, versions
from tests.monitoring.test_schedule_rows import MONDAY, change
from tests.monitoring.weeks import Weeks

REPLY = "Terima kasih, tetap dekat dengannya"


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def weeks(room: Classroom, database: Database, settings: Settings, now: Traveller) -> Weeks:
    """Return a child at school."""
    return Weeks(room, database, settings, now)


def answer(weeks: Weeks, form: MonitoringForm) -> None:
    """Let the case manager answer a form."""
    with transaction(weeks.build.session) as session:
        found = session.get_one(MonitoringForm, form.id)
        answering.reply(session, weeks.room.actor("manager"), found, REPLY)


def test_the_answer_reaches_whoever_sent_it_after_the_end(weeks: Weeks, client: PageClient) -> None:
    form, later = weeks.room.form(), weeks.room.form()
    weeks.send(form)
    change(weeks, scheduling.end)
    weeks.now.shift(timedelta(days=9))
    client.sign_in(weeks.room.teacher)
    # Nine days later nobody has answered: there is nothing left to see.
    assert client.get(path_of(form)).status_code == 404
    answer(weeks, form)
    assert client.get(path_of(form)).status_code == 200
    assert REPLY in client.page
    assert REPLY in client.get("/pemantauan").text
    assert client.post(path_of(form, "/balasan")).status_code == 303
    # What they did not send is nothing of theirs any more.
    assert client.get(path_of(later)).status_code == 404
    weeks.now.shift(timedelta(days=8))
    client.sign_in(weeks.room.teacher)
    assert client.get(path_of(form)).status_code == 404


@on_sqlite
def test_whoever_stood_in_can_put_right_what_they_sent(weeks: Weeks, client: PageClient) -> None:
    weeks.name("colleague", substitute=True)
    form, open_one = weeks.room.form(), weeks.room.form()
    weeks.send(form, by="colleague")
    with transaction(weeks.build.session) as session:
        principal, colleague = weeks.room.actor("principal"), weeks.room.colleague
        watching.release_watcher(session, principal, weeks.own(), colleague.id)
    client.sign_in(weeks.room.colleague)
    assert client.get(path_of(form, "/perbaiki")).status_code == 200
    assert client.post(path_of(form, "/perbaiki"), filled(("r1",))).status_code == 303
    assert len(versions(weeks.room, form)) == 2
    assert client.get(path_of(open_one)).status_code == 404


@on_sqlite
def test_whoever_must_not_see_the_case_or_left_reads_nothing_on(
    weeks: Weeks, client: PageClient
) -> None:
    form = weeks.room.form()
    weeks.send(form)
    answer(weeks, form)
    weeks.name("colleague", by="manager")
    client.sign_in(weeks.room.teacher)
    assert client.get(path_of(form)).status_code == 200
    with transaction(weeks.build.session) as session:
        case = session.get_one(Case, weeks.room.case.id)
        manager = weeks.room.actor("manager")
        case_access.keep_away(session, manager, case, weeks.room.teacher.id, "Bibi dari terlapor")
    assert client.get(path_of(form)).status_code == 404
    assert REPLY not in client.get("/pemantauan").text
    other = weeks.room.form()
    weeks.send(other, by="colleague")
    weeks.build.appoint(weeks.room.colleague, Role.TEACHER, weeks.build.school())
    with transaction(weeks.build.session) as session:
        here = Membership.school_id == weeks.room.work.school.id
        mine = Membership.user_id == weeks.room.colleague.id
        held = session.scalars(select(Membership).where(mine, here)).one()
        appointments.end_membership(session, weeks.room.actor("principal"), held)
    client.sign_in(weeks.room.colleague)
    assert client.get(path_of(other)).status_code == 404
