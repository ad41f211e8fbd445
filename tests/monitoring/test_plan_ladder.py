"""Who is reminded of a plan nobody has read yet, and who is asked next, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from time_machine import Traveller

from portal.config import Settings
from portal.core.clock import WIB
from portal.core.schedule import Workshop
from portal.monitoring.models import ReturnPlan
from portal.notifications.jobs import remind
from portal.notifications.models import Message
from tests.cases.casework import Casework
from tests.conftest import on_sqlite
from tests.monitoring.planning import Planning, planning
from tests.monitoring.test_plans import keep_away

# A Monday, 09.00 WIB; no holiday in the weeks that follow.
MONDAY = datetime(2026, 11, 9, 2, tzinfo=UTC)
Told = set[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test moves it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def plan(work: Casework, now: Traveller) -> Planning:
    """Return a case about whose child the school may be told."""
    return planning(work)


def days(plan: Planning, settings: Settings, now: Traveller, count: int) -> Told:
    """Let so many days pass, with the real reminding at 09.00 each day; return who was told."""
    shop = Workshop(plan.work.build.database, settings)
    for _day in range(count):
        while remind(shop)["looks"]:
            pass
        now.shift(timedelta(days=1))
    people = ("teacher", "colleague", "principal")
    names = {getattr(plan, name).id: name for name in people}
    names[plan.work.manager.id] = "manager"
    # One of the two is told, whichever began first.
    names |= dict.fromkeys([plan.work.coordinator.id, plan.work.second.id], "coordinator")
    told = plan.work.rows(select(Message))
    return {
        (f"{each.written_at.astimezone(WIB):%d}", names[each.recipient_id], each.kind)
        for each in told
        if each.recipient_id in names and "plan" in each.kind
    }


def test_reader_then_principal_then_case_manager(
    plan: Planning, settings: Settings, now: Traveller
) -> None:
    found = plan.shared()
    plan.acknowledge(found, "principal")
    told = days(plan, settings, now, 12)
    assert told == {
        # At once, the day before it is due (Thursday 12th), and the day after.
        ("09", "teacher", "read_plan"),
        ("11", "teacher", "read_plan"),
        ("13", "teacher", "read_plan"),
        # From the day after the deadline the principal is asked; two school days later, on the
        # next morning, the case manager, and in the end a coordinator.
        ("13", "principal", "plan_unread_school"),
        ("17", "principal", "plan_unread_school"),
        ("18", "principal", "plan_unread_school"),
        ("17", "manager", "plan_unread"),
        ("19", "manager", "plan_unread"),
        ("20", "coordinator", "plan_unread"),
    }
    pages = {each.kind: each.link for each in plan.waits()}
    assert pages["plan_unread"] == plan.page
    assert pages["plan_unread_school"] == f"/rencana-kembali/{found.public_id}"
    plan.acknowledge(found, "teacher")
    assert plan.waits() == []
    assert days(plan, settings, now, 5) == told


@on_sqlite
def test_nothing_is_handed_on_once_everybody_has_read_it(
    plan: Planning, settings: Settings, now: Traveller
) -> None:
    found = plan.shared("teacher", "colleague")
    for name in ("teacher", "colleague", "principal"):
        plan.acknowledge(found, name)
    assert days(plan, settings, now, 12) == set()


@on_sqlite
def test_only_the_principal_is_late(plan: Planning, settings: Settings, now: Traveller) -> None:
    found = plan.shared()
    plan.acknowledge(found, "teacher")
    kinds = {kind for _day, _name, kind in days(plan, settings, now, 12)}
    assert kinds == {"read_plan", "plan_unread"}


@on_sqlite
def test_whoever_must_not_see_the_case_hears_of_nothing(
    plan: Planning, settings: Settings, now: Traveller
) -> None:
    found: ReturnPlan = plan.shared()
    keep_away(plan, "principal")
    told = days(plan, settings, now, 12)
    assert "principal" not in {name for _day, name, _kind in told}
    assert found.public_id not in {each.link for each in plan.waits("plan_unread")}


@on_sqlite
def test_a_new_version_begins_the_days_anew(
    plan: Planning, settings: Settings, now: Traveller
) -> None:
    first = plan.shared()
    days(plan, settings, now, 3)
    plan.share(plan.revise(first))
    told = days(plan, settings, now, 3)
    # Thursday 12th to Saturday: the day on which the first one was due has no meaning any more.
    assert ("12", "teacher", "read_plan") in told
    assert "plan_unread_school" not in {kind for _day, _name, kind in told}
