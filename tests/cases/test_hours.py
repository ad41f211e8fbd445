"""Work on cases in the weeks of whoever does it: planned, held, given up; and urgent work."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from portal.cases.actions import serving
from portal.cases.actions.opening import assign
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import Case, Service
from portal.cases.states import Barrier, Part, ServiceKind, ServiceState
from portal.core import clock
from portal.core.db import transaction
from portal.visits.models import LedgerEntry, WorkKind
from portal.visits.queries import urgent
from tests.cases.casework import WORDS, Casework

DAY = timedelta(days=1)


def appointment(work: Casework, starts_at: datetime, **more: Any) -> Appointment:
    """Return an appointment of the manager's."""
    values = {
        "kind": ServiceKind.HOME_VISIT,
        "starts_at": starts_at,
        "minutes": 60,
        "held_by": work.manager.id,
    }
    return Appointment(**{**values, **more})


def does(work: Casework, action: Any, case: Case, *more: Any) -> Any:
    """Let the manager do something about appointments."""
    with transaction(work.build.session) as session:
        return action(session, work.actor("manager"), case, *more)


def written(work: Casework) -> list[tuple[UUID, date, int, WorkKind]]:
    """Return the ledger."""
    with work.build.database.reader() as reading:
        rows = reading.scalars(select(LedgerEntry))
        return [(row.user_id, row.day, row.minutes, WorkKind(row.kind)) for row in rows]


def wib_day(moment: datetime) -> date:
    """Return the day of a moment in Metro."""
    return (moment + timedelta(hours=7)).date()


def test_what_is_planned_and_held_fills_the_week_of_its_holder(work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.other.id, Part.COLLEAGUE)
    start = (clock.now() + DAY).replace(hour=17, minute=30, second=0, microsecond=0)
    service: Service = does(work, serving.plan, case, appointment(work, start))
    assert written(work) == [(work.manager.id, wib_day(start), 60, WorkKind.CASEWORK)]
    # At half past midnight in Metro; moved to another day and another holder.
    moved = appointment(work, start + DAY, held_by=work.other.id, minutes=90)
    does(work, serving.change, case, service, moved)
    assert written(work) == [(work.other.id, wib_day(start + DAY), 90, WorkKind.CASEWORK)]
    with time_machine.travel(start + 3 * DAY):
        held = Outcome(ServiceState.HELD, 45, child_came=True, result=WORDS)
        does(work, serving.record, case, service, held)
        assert [row[2] for row in written(work)] == [45]
        missed = Outcome(ServiceState.MISSED, 45, child_came=False, barrier=Barrier.ILLNESS)
        does(work, serving.record, case, service, missed)
        assert written(work) == []


def test_what_was_not_planned_counts_too_and_what_is_cancelled_does_not(work: Casework) -> None:
    case = work.open()
    past = clock.now() - DAY
    held = Outcome(ServiceState.HELD, 30, child_came=True, result=WORDS)
    does(work, serving.record_past, case, appointment(work, past), held)
    assert [row[:3] for row in written(work)] == [(work.manager.id, wib_day(past), 30)]
    coming = does(work, serving.plan, case, appointment(work, clock.now() + DAY))
    assert len(written(work)) == 2
    does(work, serving.cancel, case, coming, "")
    assert len(written(work)) == 1


@pytest.mark.parametrize(("urgency", "counts"), [("same_day", True), ("five_days", False)])
def test_what_waits_in_a_case_with_high_risk_is_urgent(
    work: Casework, urgency: str, counts: bool
) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        session.get_one(Case, case.id).urgency = urgency
    with work.build.database.reader() as reading:
        found = urgent.minutes_by_week(reading, [work.manager.id], 120)
    assert (sum(found.values()) > 0) is counts
