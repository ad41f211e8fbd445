"""Several social workers at one session: cells for each of them, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.db import transaction
from portal.people.models import User
from portal.visits.actions.cells import (
    Stay,
    crew_of,
    give_way,
    hand_over_cells,
    set_crew,
    settle,
    stay_of,
    stay_of_change,
    take,
)
from portal.visits.models import BookingCell, Visit, VisitChange
from portal.visits.queries.slots import crew_size
from portal.visits.states import ChangeState
from tests.visits.conftest import Office, at, together

HALF_HOUR = timedelta(minutes=30)


def cells_of(office: Office, visit: Visit) -> dict[UUID, list[datetime]]:
    """Return the starts of a visit's cells by whose they are."""
    found: dict[UUID, list[datetime]] = {}
    with office.build.database.reader() as reading:
        query = select(BookingCell).where(BookingCell.visit_id == visit.id)
        for cell in reading.scalars(query.order_by(BookingCell.starts_at)):
            found.setdefault(cell.resource_id, []).append(cell.starts_at)
    return found


def halves(first: datetime, count: int) -> list[datetime]:
    """Return so many half hours."""
    return [first + HALF_HOUR * number for number in range(count)]


def asked_change(office: Office, visit: Visit, worker: User, start: datetime) -> VisitChange:
    """Write down a change that waits for its answer."""
    change = VisitChange(
        visit_id=visit.id,
        state=ChangeState.ASKED,
        starts_at=start,
        ends_at=start + timedelta(minutes=90),
        social_worker_id=worker.id,
        grades=[],
        expected_heads=60,
        reason="Ujian",
        asked_by=office.principal.id,
        asked_at=at(3),
        answer_by=at(5),
    )
    office.build.save(change)
    return change


@given(
    st.integers(0, 47),
    st.integers(1, 300),
    st.integers(0, 59),
    st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_the_cells_are_the_half_hours_of_everybody(
    half: int, length: int, crooked: int, people: list[int], travel: bool
) -> None:
    start = datetime(2026, 12, 31, tzinfo=UTC) + HALF_HOUR * half + timedelta(minutes=crooked)
    end = start + timedelta(minutes=length)
    stay = Stay(UUID(int=100), tuple(UUID(int=each) for each in people), start, end, travel)
    touched = {
        (start + timedelta(minutes=number)).replace(
            minute=(start + timedelta(minutes=number)).minute // 30 * 30
        )
        for number in range(length)
    }
    expected = {(who, each, False) for who in (100, *people) for each in touched}
    if travel:
        expected |= {(who, max(touched) + HALF_HOUR, True) for who in people}
    cells = [(row["resource_id"].int, row["starts_at"], row["travel"]) for row in stay.cells()]
    assert len(cells) == len(set(cells))
    assert set(cells) == expected


@pytest.mark.parametrize(
    ("limit", "heads", "size"),
    [(None, 5000, 1), (100, 0, 1), (100, 100, 1), (100, 101, 2), (100, 200, 2), (100, 201, 3)],
)
def test_so_many_people_need_so_many_workers(
    office: Office, limit: int | None, heads: int, size: int
) -> None:
    programme = office.build.programme()
    programme.people_per_worker = limit
    assert crew_size(programme, heads) == size


def test_a_crew_is_taken_all_or_nothing(office: Office) -> None:
    visit = office.requested(at(12))
    other, busy = office.build.worker(), office.worker
    school = office.build.school()
    before = office.count(BookingCell)
    both = Stay(school.id, (other.id, busy.id), at(12, 8, 30), at(12, 9, 30))
    with transaction(office.build.session) as session:
        assert not take(session, both, visit_id=visit.id)
    assert office.count(BookingCell) == before
    office.check_cells()


def test_the_crew_is_written_down_each_once_and_read_back(office: Office) -> None:
    visit = office.requested(at(12))
    second, third = office.build.worker(), office.build.worker()
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        set_crew(session, found, (second.id, third.id, second.id))
        assert stay_of(session, found).worker_ids == (second.id, third.id)
        set_crew(session, found, (third.id, office.worker.id, second.id))
        assert set(crew_of(session, visit.id)) == {office.worker.id, second.id}
        assert found.social_worker_id == third.id


def test_where_one_of_the_crew_is_taken_everything_stays_as_it_was(office: Office) -> None:
    visit = office.requested(at(12))
    second, third = office.build.worker(), office.build.worker()
    elsewhere = office.build.delivered(office.build.school(), second, at(12).date())
    before = cells_of(office, visit)
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        assert not hand_over_cells(session, found, (third.id, second.id), travel=True)
    assert cells_of(office, visit) == before
    assert set(cells_of(office, elsewhere)) == {elsewhere.school_id, second.id}


def test_who_goes_in_spite_of_a_warning_displaces_ways_but_nobodys_session(office: Office) -> None:
    earlier = office.build.delivered(office.build.school(), office.worker, at(12).date())
    visit = office.requested(at(13))
    stay = Stay(office.school.id, (office.worker.id,), at(12, 9, 30), at(12, 10), travel=False)
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        assert settle(session, found, stay)
    assert cells_of(office, visit)[office.worker.id] == [at(12, 9, 30)]
    assert cells_of(office, earlier)[office.worker.id] == halves(at(12), 3)
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        overlapping = Stay(office.school.id, (office.worker.id,), at(12, 9), at(12, 10), False)
        give_way(session, overlapping, but=found)
        assert not settle(session, found, overlapping)
    assert cells_of(office, visit)[office.worker.id] == [at(12, 9, 30)]


def test_an_open_change_keeps_its_new_time_when_somebody_else_goes(office: Office) -> None:
    second, third = office.build.worker(), office.build.worker()
    visit = office.build.delivered(office.school, office.worker, at(12).date())
    # Half an hour later on the same day: both times share cells, which are taken once.
    change = asked_change(office, visit, office.worker, at(12, 8, 30))
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        set_crew(session, found, (office.worker.id, second.id))
        people = (office.worker.id, second.id)
        assert settle(
            session, found, stay_of(session, found), stay_of_change(found, change, people)
        )
    both = cells_of(office, visit)
    assert both[office.school.id] == halves(at(12), 4)
    assert both[office.worker.id] == both[second.id] == halves(at(12), 5)
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        assert hand_over_cells(session, found, (third.id, second.id), travel=True)
    handed = cells_of(office, visit)
    assert handed[third.id] == halves(at(12), 4)
    assert handed[second.id] == halves(at(12), 5)
    # The change still asks for the worker it named.
    assert handed[office.worker.id] == halves(at(12, 8, 30), 4)


def test_a_change_may_let_the_crew_change_places(office: Office) -> None:
    second, third = office.build.worker(), office.build.worker()
    visit = office.build.delivered(office.school, office.worker, at(12).date())
    change = asked_change(office, visit, second, at(13))
    people = (office.worker.id, second.id, third.id)
    swapped = stay_of_change(visit, change, people).worker_ids
    assert (swapped[0], set(swapped)) == (second.id, set(people))
    alone = stay_of_change(visit, change, (office.worker.id, third.id)).worker_ids
    assert alone == (second.id, third.id)


def test_crews_at_the_same_moment_never_share_anybody(office: Office) -> None:
    workers = [office.worker, *(office.build.worker() for _ in range(3))]
    # Every pair in both orders, each for a school of its own, at one time.
    pairs = [pair for two in combinations(workers, 2) for pair in (two, two[::-1])]
    visits = [
        office.build.delivered(office.build.school(), workers[0], at(12).date(), state="declined")
        for _ in pairs
    ]
    with transaction(office.build.session) as session:
        session.query(BookingCell).delete()

    def taking(visit: Visit, pair: tuple[User, User]) -> Callable[[Session], bool]:
        people = tuple(each.id for each in pair)
        stay = Stay(visit.school_id, people, at(12), at(12, 9, 30))
        return lambda session: take(session, stay, visit_id=visit.id)

    results = together(
        office.build.database,
        [taking(visit, pair) for visit, pair in zip(visits, pairs, strict=True)],
    )
    won = [pair for pair, result in zip(pairs, results, strict=True) if result]
    assert 1 <= len(won) <= 2
    taken = [each.id for pair in won for each in pair]
    assert len(taken) == len(set(taken))
    for visit, pair, result in zip(visits, pairs, results, strict=True):
        expected = {visit.school_id, *(each.id for each in pair)} if result else set()
        assert set(cells_of(office, visit)) == expected
