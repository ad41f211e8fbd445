"""E-mails reach only whom they are still meant for, and what is damaged holds up nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from time_machine import Traveller, travel

from portal.config import Settings, asset_folder
from portal.core import clock, duties, i18n
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import new_id, transaction
from portal.core.duties import Due, Duty
from portal.core.schedule import Workshop
from portal.notifications import jobs
from portal.notifications.actions import sending
from portal.notifications.actions.sending import Trouble
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Mailing
from portal.people.actions import appointments
from portal.people.models import Conflict, Membership, User
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.notifications.test_rules import invite
from tests.notifications.test_sending import claim, claimed, collect, note, text_of
from tests.notifications.told import told, visit_facts

pytestmark = on_sqlite

MONDAY = datetime(2026, 11, 9, 9, tzinfo=WIB)
NEXT_MORNING = datetime(2026, 11, 10, 7, 1, tzinfo=WIB)


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine."""
    i18n.load(asset_folder("translations"))
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


def due(build: Builder, **whom: object) -> Duty:
    """Let something be due on Thursday."""
    values = {"kind": "record_delivery", "subject_id": new_id(), "link": "/sesi/abc", **whom}
    with transaction(build.session) as session:
        at = MONDAY + timedelta(days=3)
        return duties.open_duty(session, Due(due_at=at, facts=visit_facts(), **values))  # type: ignore[arg-type]


def look(build: Builder, settings: Settings) -> dict[str, int]:
    """Remind, as the worker does."""
    return jobs.remind(Workshop(build.database, settings))


def leaving(build: Builder) -> list[str]:
    """Send all that is due and return where it went."""
    went = []
    while (parcel := claim(build)) is not None:
        went.append(parcel.address)
        note(build, parcel)
    return went


def end_role(build: Builder, user: User, role: Role) -> None:
    """Let somebody hold a role no more."""
    admin = build.actor(build.user(Role.ADMIN))
    with transaction(build.session) as session:
        held = session.scalars(select(Membership).filter_by(user_id=user.id, role=role)).one()
        appointments.end_membership(session, admin, held)


def conflict(build: Builder, user: User, duty: Duty) -> None:
    """Put somebody on a conflict list."""
    recorded = {"recorded_by": build.user(Role.ADMIN).id, "recorded_at": clock.now()}
    build.save(
        Conflict(
            subject="report", subject_id=duty.subject_id, user_id=user.id, reason="x", **recorded
        )
    )


@pytest.mark.parametrize("when", ["before collecting", "before sending"])
@pytest.mark.parametrize("why", ["nothing", "hand-over", "role", "conflict"])
def test_an_email_leaves_only_to_whom_it_is_still_meant_for(
    build: Builder, settings: Settings, now: Traveller, why: str, when: str
) -> None:
    one = build.worker()
    build.appoint(one, Role.COORDINATOR)
    duty = due(build, **({"role": Role.COORDINATOR} if why == "role" else {"person_id": one.id}))
    look(build, settings)
    now.move_to(NEXT_MORNING)
    if when == "before sending":
        collect(build)
    if why == "role":
        end_role(build, one, Role.COORDINATOR)
    elif why == "conflict":
        conflict(build, one, duty)
    elif why == "hand-over":
        with transaction(build.session) as session:
            duties.hand_over(session, one.id, build.worker().id)
    collect(build)
    assert leaving(build) == ([one.email] if why == "nothing" else [])


def spoil(build: Builder, model: type, column: str, record: object) -> None:
    """Damage a sealed text."""
    with build.database.writing.begin() as connection:
        table = sa.table(model.__tablename__, sa.column("id"), sa.column(column))  # type: ignore[attr-defined]
        key = record.id.hex  # type: ignore[attr-defined]
        connection.execute(sa.update(table).where(table.c.id == key).values({column: b"v1|rusak"}))


def test_a_damaged_message_waits_and_holds_up_no_other(build: Builder) -> None:
    people = [build.worker() for _each in range(3)]
    kept = [told(build, each) for each in people]
    spoil(build, Message, "address", kept[1])
    collect(build)
    # Two people are told at the same moment; nobody has to come first.
    assert sorted(leaving(build)) == sorted(str(people[each].email) for each in (0, 2))
    with build.database.reader() as session:
        states = session.scalars(select(Message.mailing).order_by(Message.id)).all()
    assert states.count(Mailing.WAITING) == 1


def test_a_damaged_email_is_given_up_alone(build: Builder) -> None:
    one, other = build.worker(), build.worker()
    told(build, one)
    told(build, other)
    collect(build)
    spoil(build, User, "email", one)
    assert leaving(build) == [other.email]
    with build.database.reader() as session:
        found = select(Delivery.state, Delivery.problem).order_by(Delivery.state)
        assert [tuple(row) for row in session.execute(found)] == [
            (DeliveryState.GIVEN_UP, "unreadable"),
            (DeliveryState.SENT, ""),
        ]


def test_a_to_do_that_cannot_be_looked_at_is_skipped_for_an_hour(
    build: Builder, settings: Settings
) -> None:
    odd = due(build, kind="answer_request", role=Role.COORDINATOR)
    with transaction(build.session) as session:
        session.get_one(Duty, odd.id).role = "tidak-dikenal"
    due(build, person_id=build.worker().id)
    assert look(build, settings) == {"looks": 2, "reminders": 1, "raised": 0, "failed": 1}
    assert build.fresh(Duty, odd.id).next_look_at == clock.now() + timedelta(hours=1)


def test_an_invitation_tried_again_still_opens(build: Builder, now: Traveller) -> None:
    admin = build.user(Role.ADMIN)
    _invitation, token = invite(build, admin, Role.VOLUNTEER)
    collect(build)
    note(build, claimed(build), Trouble("refused 552", final=True))
    now.shift(timedelta(minutes=5))
    with build.database.writer() as session, transaction(session):
        sending.retry(session, build.actor(admin), session.scalars(select(Delivery)).one())
    assert f"/undangan/{token}" in text_of(claimed(build))


def test_a_successor_in_a_role_hears_of_it(
    build: Builder, settings: Settings, now: Traveller
) -> None:
    before = build.user(Role.COORDINATOR)
    duty = due(build, kind="answer_request", role=Role.COORDINATOR)
    look(build, settings)
    with transaction(build.session) as session:
        session.get_one(Duty, duty.id).reminders = 3
    successor = build.user(Role.COORDINATOR)
    now.shift(timedelta(hours=1))
    end_role(build, before, Role.COORDINATOR)
    look(build, settings)
    with build.database.reader() as session:
        heard = session.scalars(select(Message.recipient_id).filter_by(duty_id=duty.id)).all()
    assert sorted(map(str, heard)) == sorted(map(str, [before.id, successor.id]))
    assert build.fresh(Duty, duty.id).reminders == 1
