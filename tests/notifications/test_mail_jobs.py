"""The trail's daily seal by e-mail, and how long messages and their e-mails are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from time_machine import Traveller, travel

from portal.config import Settings
from portal.core import audit, clock, retention, schedule
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.schedule import Workshop
from portal.notifications import jobs
from portal.notifications.actions import collecting
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Mailing
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.notifications.told import told
from tests.visits.conftest import MONDAY, at


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine."""
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


@on_sqlite
def test_the_seal_goes_to_whoever_keeps_it(build: Builder, settings: Settings) -> None:
    shop = Workshop(build.database, settings)
    assert jobs.mail_seal(shop) == {"sent": 0}
    build.setting("trail_head_email", "segel@luar.example")
    assert jobs.mail_seal(shop) == {"sent": 1}
    with build.database.reader() as session:
        [message] = session.scalars(select(Message))
        assert f"{message.facts['entry']}:{message.facts['seal']}" == audit.head(session)
    assert (message.address, message.facts["valid_on"]) == ("segel@luar.example", "2026-08-03")


def test_the_seal_is_sent_before_the_office_opens() -> None:
    assert schedule.jobs["trail_seal"].next_after(clock.now()) == at(4, 6)


def counts(build: Builder) -> tuple[int, int]:
    """Return how many messages and e-mails are kept."""
    with build.database.reader() as session:
        counted = [
            session.scalar(select(func.count()).select_from(each)) or 0
            for each in (Message, Delivery)
        ]
    return counted[0], counted[1]


def test_messages_go_after_half_a_year_and_their_emails_with_them(
    build: Builder, now: Traveller
) -> None:
    user = build.user(Role.TEACHER, build.school())
    told(build, user)
    with transaction(build.session) as session:
        collecting.collect(session)
        for delivery in session.scalars(select(Delivery)):
            delivery.state = DeliveryState.SENT
    now.shift(timedelta(days=179))
    told(build, user, mailing=Mailing.NONE)
    retention.run(build.database, None)
    assert counts(build) == (2, 1)
    now.shift(timedelta(days=1, seconds=1))
    retention.run(build.database, None)
    assert counts(build) == (1, 0)
