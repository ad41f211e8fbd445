"""What tests of monitoring begin with is what the portal's conditions know."""

from __future__ import annotations

from sqlalchemy import select

from portal.monitoring.models import FollowUp, MonitoringForm, ReturnPlan
from portal.monitoring.policy import access
from tests.monitoring.classroom import Classroom


def test_who_sees_what_of_a_child_back_at_school(room: Classroom) -> None:
    """The teacher asked sees the form, the principal that there is one, a colleague nothing."""
    sent, waiting = room.sent(), room.form()

    def seen(name: str) -> tuple[set[object], set[object], set[object]]:
        actor, rows = room.actor(name), room.work.rows
        return (
            set(rows(select(MonitoringForm.id).where(access.filled_by(actor)))),
            set(rows(select(FollowUp.id).where(access.counted_by(actor)))),
            set(rows(select(ReturnPlan.id).where(access.plans_read_by(actor)))),
        )

    assert seen("teacher") == ({sent.id, waiting.id}, set(), {room.plan.id})
    assert seen("colleague") == (set(), set(), set())
    assert seen("principal") == (set(), {room.follow_up.id}, {room.plan.id})
    assert seen("manager") == (set(), set(), set())
