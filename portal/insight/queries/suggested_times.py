"""The nearest free times for suggested schools, from one reading of the diary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.settings import Office
from portal.insight.queries.plan_reasons import heads_of
from portal.schools.models import School
from portal.visits.models import Programme
from portal.visits.queries.slots import Place, Slot, booking_window, crew_size, load_diary

# Further ahead nobody looks for the nearest time.
WEEKS = 6
CHOICE = 3


def usual_programme(session: Session) -> Programme | None:
    """Return the programme suggestions are about: the office's first of those that count."""
    return session.scalars(
        select(Programme)
        .where(Programme.active, Programme.counts_for_coverage)
        .order_by(Programme.position, Programme.id)
        .limit(1)
    ).first()


class FreeTimes:
    """Free times of the next weeks for any school, each start proposed to one school only."""

    def __init__(self, session: Session, office: Office) -> None:
        self.programme = usual_programme(session)
        self.office = office
        notice = self.programme.notice_working_days if self.programme else None
        self.first, latest = booking_window(office, notice)
        self.last = min(latest, self.first + timedelta(weeks=WEEKS))
        self.diary = load_diary(session, office, self.first, self.last)

    def nearest(self, schools: Iterable[School]) -> dict[UUID, Slot]:
        """Return a time for each school, as long as there is one that no other was given."""
        found: dict[UUID, Slot] = {}
        for school in schools:
            taken = {slot.starts_at for slot in found.values()}
            slot = next((s for s in self._of(school) if s.starts_at not in taken), None)
            if slot:
                found[school.id] = slot
        return found

    def choice(self, school: School) -> list[Slot]:
        """Return the first free times of one school."""
        return list(islice(self._of(school), CHOICE))

    def _of(self, school: School) -> Iterator[Slot]:
        if self.programme is None:
            return iter(())
        place = Place.of(school, programme=self.programme)
        crew = crew_size(self.programme, heads_of(school, self.programme, self.office))
        minutes = self.programme.minutes
        return self.diary.slots(place, minutes, self.first, self.last, crew=crew)
