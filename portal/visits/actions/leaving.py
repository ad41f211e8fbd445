"""When a social worker leaves: what the successor can take over."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.schools.models import School
from portal.visits.actions import about, pending
from portal.visits.actions.booking import sweep_expired_holds
from portal.visits.actions.cells import crew_of, hand_over_cells, has_way, people_of, set_crew
from portal.visits.models import Programme, Visit
from portal.visits.queries.slots import Place, load_diary


def take_over(session: Session, visit: Visit, school: School, worker_id: UUID) -> bool:
    """Give a session to another worker whose calendar has room for it, or return False."""
    others = (each for each in crew_of(session, visit.id) if each != worker_id)
    return _go_instead(session, visit, school, worker_id, (worker_id, *others))


def go_along_instead(
    session: Session, visit: Visit, school: School, leaver: UUID, worker_id: UUID | None
) -> bool:
    """Let another worker go along in somebody's place; without one there is one less, and False."""
    people = [each for each in people_of(session, visit) if each != leaver]
    if worker_id is not None and worker_id not in people:
        instead = (*people, worker_id)
        if _go_instead(session, visit, school, worker_id, instead):
            return True
    if hand_over_cells(session, visit, people, travel=has_way(session, visit)):
        set_crew(session, visit, people)
    return False


def _go_instead(
    session: Session, visit: Visit, school: School, worker_id: UUID, people: Sequence[UUID]
) -> bool:
    sweep_expired_holds(session)
    day = clock.day_of(visit.starts_at)
    diary = load_diary(session, settings.read(session), day, day)
    worker = diary.worker(worker_id)
    if worker is None:
        return False
    programme = session.get_one(Programme, visit.programme_id)
    place = Place.of(school, visit.id, programme)
    if diary.problems(worker, place, visit.starts_at, visit.ends_at):
        return False
    # Where it is taken at this very moment, the time stays with whoever leaves.
    if not hand_over_cells(session, visit, people, travel=True):
        return False
    set_crew(session, visit, people)
    return True


def drop_change_of(session: Session, actor: Actor | None, visit: Visit, leaver: UUID) -> None:
    """End an open change that counted on whoever leaves, and tell whoever asked for it."""
    change = pending.open_change(session, visit)
    if change is None or leaver not in (
        change.social_worker_id,
        *people_of(session, visit),
    ):
        return
    pending.drop(session, actor, visit)
    about.tell_asker(session, visit, change)
