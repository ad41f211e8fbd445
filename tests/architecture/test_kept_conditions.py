"""Conditions of the policies are the same in a statement that is kept as for the very person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import ColumnElement, Select, event, literal, select
from sqlalchemy.orm import Session

from portal import features
from portal.cases import policy as cases
from portal.core import duties
from portal.core.access import SCHOOL_ROLES, Actor, Appointment, Role
from portal.core.prepared import prepared
from portal.incidents import policy as incidents
from portal.monitoring.policy import access as monitoring
from portal.notifications import policy as notifications
from portal.people import policy as people
from portal.visits import policy as visits
from tests.conftest import on_sqlite

features.load()

POLICIES: list[Callable[[Actor], ColumnElement[bool]]] = [
    cases.listed_to,
    cases.open_to,
    cases.worked_on_by,
    cases.named_to,
    incidents.listed_to,
    incidents.handled_by,
    incidents.open_to,
    incidents.filed_by,
    incidents.status_visible_to,
    incidents.written_down_by,
    monitoring.shown_to,
    monitoring.filled_by,
    monitoring.plans_read_by,
    notifications.visible_to,
    notifications.own,
    notifications.may_hand_over,
    notifications.deliveries_visible_to,
    people.visible_to,
    people.invitations_visible_to,
    visits.visible_to,
    duties._meant_for,
]


def _appointed(role: Role, school: int) -> Appointment:
    return Appointment(role, UUID(int=school) if role in SCHOOL_ROLES else None)


ACTORS = [
    Actor(UUID(int=7), "Uji", appointments)
    for appointments in (
        (),
        *((_appointed(role, 1),) for role in Role),
        *((_appointed(one, 1), _appointed(two, 2)) for one, two in combinations(Role, 2)),
        (_appointed(Role.PRINCIPAL, 1), _appointed(Role.PRINCIPAL, 2)),
    )
]


@on_sqlite
@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: f"{p.__module__}.{p.__name__}")
def test_a_kept_condition_is_that_of_the_person(session: Session, policy: Any) -> None:
    def asked(actor: Actor) -> Select[int]:
        return select(literal(1)).where(policy(actor))

    kept = prepared(asked)
    ran: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        ran.append((statement, values))

    event.listen(session.connection(), "before_cursor_execute", note)
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        for actor in ACTORS:
            session.execute(asked(actor))
            session.execute(*kept(actor))
    assert len(ran) == 2 * len(ACTORS)
    assert ran[::2] == ran[1::2]
