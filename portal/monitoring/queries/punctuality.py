"""How many forms of a school came in time, to encourage it: nothing about a single child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.clock import SchoolYear
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.monitoring.states import FormState

SECOND_SEMESTER_MONTH = 1


@dataclass(frozen=True)
class Punctuality:
    """The forms of this semester that came, or should have come, and those in time."""

    came_due: int
    in_time: int

    @property
    def share(self) -> float:
        """Return the share in time, from 0 to 1."""
        return self.in_time / self.came_due if self.came_due else 0.0


def semester_start(day: date) -> date:
    """Return the first day of the semester a day lies in."""
    first = SchoolYear.of(day).first_day
    return first if day.year == first.year else date(day.year, SECOND_SEMESTER_MONTH, 1)


def of_schools(session: Session, actor: Actor) -> Punctuality:
    """Return how the actor's schools keep the days of forms since the semester began.

    A form counts once it was sent or its day is over.
    """
    today = clock.today()
    rows = session.execute(
        select(MonitoringForm.due_on, MonitoringForm.sent_at)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .where(
            FollowUp.school_id.in_(actor.schools_with(Permission.MONITORING_STATUS)),
            MonitoringForm.state != FormState.CANCELLED,
            MonitoringForm.due_on >= semester_start(today),
        )
    ).all()
    counted = [(due_on, sent_at) for due_on, sent_at in rows if sent_at or due_on < today]
    in_time = sum(
        sent_at is not None and clock.day_of(sent_at) <= due_on for due_on, sent_at in counted
    )
    return Punctuality(len(counted), in_time)
