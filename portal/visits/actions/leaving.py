"""When a social worker leaves: what the successor can take over."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.schools.models import School
from portal.visits.actions.booking import hand_over_cells, sweep_expired_holds
from portal.visits.models import Visit
from portal.visits.queries.slots import Place, load_diary


def take_over(session: Session, visit: Visit, school: School, worker_id: UUID) -> bool:
    """Give a session to another worker whose calendar has room for it, or return False."""
    sweep_expired_holds(session)
    day = visit.starts_at.astimezone(clock.WIB).date()
    diary = load_diary(session, settings.read(session), day, day)
    worker = diary.worker(worker_id)
    if worker is None:
        return False
    place = Place.of(school, visit.id)
    if diary.problems(worker, place, visit.starts_at, visit.ends_at):
        return False
    if not hand_over_cells(session, visit, worker_id, travel=True):
        # Taken at this very moment; the time stays with whoever leaves until somebody is found.
        hand_over_cells(session, visit, visit.social_worker_id, travel=False)
        return False
    visit.social_worker_id = worker_id
    return True
