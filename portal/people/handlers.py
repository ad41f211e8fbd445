"""What people do when something happens to schools: staff follows a merger."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.events import on
from portal.people.actions import merging
from portal.people.queries import appointments
from portal.schools.events import SchoolMerged
from portal.schools.queries import above

above.know_staff_with(appointments.staff_at)
above.foresee_with(merging.foresee)


@on(SchoolMerged)
def follow_merger(session: Session, actor: Actor | None, merged: SchoolMerged) -> None:
    """Let the staff of a school go on at the one it became part of."""
    if merged.subject_id is not None:
        merging.follow_merger(session, actor, merged.subject_id, merged.successor_id)
