"""The roster: turns of duty officers, days without anybody, leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.incidents.actions import roster as actions
from portal.incidents.actions.roster import NewTurn
from portal.incidents.models import Turn
from portal.incidents.queries import roster
from portal.visits.models import Leave
from tests.conftest import on_sqlite
from tests.incidents.desk import Desk
from tests.incidents.test_desk_pages import page_of
from tests.trail import trail


def day(offset: int) -> date:
    """Return a day counted from today."""
    return clock.today() + timedelta(days=offset)


def wanted(desk: Desk, first: int, last: int, name: str = "other") -> NewTurn:
    """Return a turn of one of the desk."""
    return NewTurn(getattr(desk, name).id, day(first), day(last))


def test_both_ends_of_a_turn_belong_to_it(desk: Desk, database: Database) -> None:
    with transaction(desk.build.session) as session:
        actions.add_turn(session, desk.actor("coordinator"), wanted(desk, 2, 4))
    with database.reader() as session:
        found = [desk.other.id in roster.on_duty(session, day(offset)) for offset in range(1, 6)]
    assert found == [False, True, True, True, False]


@on_sqlite
@pytest.mark.parametrize(
    ("first", "last", "name", "code"),
    [
        (3, 2, "other", "turn_order"),
        (-3, -1, "other", "turn_over"),
        (0, 92, "other", "turn_long"),
        (1, 2, "coordinator", "worker_unknown"),
        (29, 40, "officer", "turn_twice"),
        (-5, 0, "officer", "turn_twice"),
    ],
)
def test_what_is_no_turn(desk: Desk, first: int, last: int, name: str, code: str) -> None:
    with pytest.raises(Rejected) as problem, transaction(desk.build.session) as session:
        actions.add_turn(session, desk.actor("coordinator"), wanted(desk, first, last, name))
    assert problem.value.code == code


@on_sqlite
def test_a_turn_is_changed_and_removed(desk: Desk, database: Database) -> None:
    coordinator = desk.actor("coordinator")
    with transaction(desk.build.session) as session:
        turn = actions.add_turn(session, coordinator, wanted(desk, 2, 4))
        # Overlapping itself is no matter.
        actions.change_turn(session, coordinator, turn, wanted(desk, 3, 6))
        actions.remove_turn(session, coordinator, turn)
        begun = session.get_one(Turn, desk.turns[0].id)
        begun.first_day = day(-3)
        actions.remove_turn(session, coordinator, begun)
    with database.reader() as session:
        # What took place stays.
        assert [each.last_day for each in session.query(Turn)] == [day(-1)]
        assert roster.on_duty(session, day(0)) == []
    told = [each.action for each in trail(database, "duty_turn")]
    assert told == ["duty_turn.added", "duty_turn.changed", *["duty_turn.removed"] * 2]


@on_sqlite
def test_leave_counts_as_not_there(desk: Desk, database: Database) -> None:
    by = desk.coordinator.id
    leave = Leave(user_id=desk.officer.id, first_day=day(1), last_day=day(2), recorded_by=by)
    desk.build.save(leave)
    with database.reader() as session:
        days = list(roster.coming_days(session))
    assert len(days) == 14
    assert [each.present for each in days[:4]] == [("Bu Piket",), (), (), ("Bu Piket",)]
    assert days[1].away == ("Bu Piket",)


@on_sqlite
def test_the_page_warns_of_days_without_anybody_and_of_leave(app: Flask, desk: Desk) -> None:
    client = page_of(app, desk.coordinator)
    with transaction(desk.build.session) as session:
        session.get_one(Turn, desk.turns[0].id).last_day = day(3)
        by = desk.coordinator.id
        session.add(Leave(user_id=desk.other.id, first_day=day(6), last_day=day(6), recorded_by=by))
    page = client.get("/triase/jadwal").text
    assert "10 of the next 14 days have nobody on duty." in page
    form = {
        "person": desk.other.public_id,
        "first_day": day(4).isoformat(),
        "last_day": day(13).isoformat(),
    }
    assert client.post("/triase/jadwal", form).status_code == 303
    page = client.get("/triase/jadwal").text
    assert "Pak Lain is on leave on some of these days" in page
    assert "1 of the next 14 days has nobody on duty." in page
    wrong = client.post("/triase/jadwal", {**form, "last_day": "2026-02-30"})
    assert wrong.status_code == 422
    assert day(4).isoformat() in wrong.text


@on_sqlite
def test_social_workers_read_the_roster_and_coordinators_write_it(app: Flask, desk: Desk) -> None:
    client = page_of(app, desk.officer)
    page = client.get("/triase/jadwal").text
    assert "Bu Piket" in page
    assert 'action="/triase/jadwal"' not in page
    assert client.post("/triase/jadwal", {}).status_code == 403
    assert client.get(f"/triase/jadwal/{desk.turns[0].public_id}").status_code == 403
    volunteer = page_of(app, desk.build.user(Role.VOLUNTEER))
    assert volunteer.get("/triase/jadwal").status_code == 403
