"""The cells of half an hour that make double booking impossible, and whose time a visit takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.visits.models import BookingCell, Resource, Visit, VisitChange, VisitWorker
from portal.visits.states import ChangeState

CELL = timedelta(minutes=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stay:
    """A stretch of time at a school with its workers, the leader first.

    `travel` adds the way afterwards, for each of them.
    """

    school_id: UUID
    worker_ids: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime
    travel: bool = True

    def cells(self) -> Iterator[dict[str, Any]]:
        """Yield the cells it takes, on the half hours, so that crooked times meet in them too."""
        moment = self.starts_at - (self.starts_at - EPOCH) % CELL
        while moment < self.ends_at:
            yield _cell(Resource.SCHOOL, self.school_id, moment, travel=False)
            for worker_id in self.worker_ids:
                yield _cell(Resource.WORKER, worker_id, moment, travel=False)
            moment += CELL
        if self.travel:
            for worker_id in self.worker_ids:
                yield _cell(Resource.WORKER, worker_id, moment, travel=True)


def _cell(resource: Resource, owner: UUID, moment: datetime, *, travel: bool) -> dict[str, Any]:
    return {"resource": resource, "resource_id": owner, "starts_at": moment, "travel": travel}


Key = tuple[Resource, UUID, datetime]


def _key(row: dict[str, Any]) -> Key:
    return row["resource"], row["resource_id"], row["starts_at"]


def _once(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return cells of one owner, each once, in sorted order.

    Where time at a school meets the way after another stay, it counts as time at the school.
    """
    once: dict[tuple[str, str, datetime], dict[str, Any]] = {}
    for row in rows:
        key = (row["resource"], str(row["resource_id"]), row["starts_at"])
        if key not in once or not row["travel"]:
            once[key] = row
    return [once[key] for key in sorted(once)]


def take(session: Session, stay: Stay, **owner: object) -> bool:
    """Take the cells of a stay for a visit or a hold; False when one of them is taken.

    Cells go in sorted order, so two transactions never wait for each other in a circle.
    """
    try:
        with session.begin_nested():
            _insert(session, _once(stay.cells()), **owner)
    except IntegrityError:
        return False
    return True


def _insert(session: Session, rows: Iterable[dict[str, Any]], **owner: object) -> None:
    session.execute(
        insert(BookingCell),
        [{"visit_id": None, "hold_id": None, "expires_at": None, **row, **owner} for row in rows],
    )


def settle(session: Session, visit: Visit, *stays: Stay) -> bool:
    """Let a visit take exactly the time of these stays, all or nothing.

    False when one of their cells is taken; the visit then keeps the cells it had. A stay without
    a way was approved in spite of a warning, and drops the ways of others that stand in it.
    """
    held = _held_by(session, visit)
    wanted = _once(row for stay in stays for row in _but_given_ways(stay, held))
    missing = [row for row in wanted if _key(row) not in held]
    try:
        with session.begin_nested():
            for stay in stays:
                if not stay.travel:
                    give_way(session, stay, but=visit)
            if missing:
                _insert(session, missing, visit_id=visit.id)
    except IntegrityError:
        return False
    # Given back only now: who lets go first and takes afterwards can wait for others in a circle.
    _keep(session, visit, {_key(row): row["travel"] for row in wanted}, held)
    return True


def _held_by(session: Session, visit: Visit) -> dict[Key, bool]:
    """Return the cells a visit has, and whether each is for a way."""
    rows = session.execute(
        select(
            BookingCell.resource, BookingCell.resource_id, BookingCell.starts_at, BookingCell.travel
        ).where(BookingCell.visit_id == visit.id)
    )
    return {(Resource(row[0]), row[1], row[2]): row[3] for row in rows}


def _but_given_ways(stay: Stay, held: dict[Key, bool]) -> Iterator[dict[str, Any]]:
    """Yield the cells of a stay; whoever is on it already does not ask for a way given up again."""
    cells = list(stay.cells())
    # A half hour it has for the way alone is not yet one at the school.
    there = {key for key, travel in held.items() if not travel}
    new = {row["resource_id"] for row in cells if not row["travel"] and _key(row) not in there}
    for row in cells:
        if not row["travel"] or row["resource_id"] in new or _key(row) in held:
            yield row


def _keep(session: Session, visit: Visit, wanted: dict[Key, bool], held: dict[Key, bool]) -> None:
    """Give back what a visit holds beyond the wanted cells, and say which of them are for ways."""
    for key, travel in held.items():
        if wanted.get(key) == travel:
            continue
        resource, resource_id, moment = key
        this = (
            BookingCell.resource == resource,
            BookingCell.resource_id == resource_id,
            BookingCell.starts_at == moment,
            BookingCell.visit_id == visit.id,
        )
        if key in wanted:
            session.execute(update(BookingCell).where(*this).values(travel=wanted[key]))
        else:
            session.execute(delete(BookingCell).where(*this))


def release(session: Session, visit: Visit) -> None:
    """Give back the time of a visit, also what an open change of it takes."""
    session.execute(delete(BookingCell).where(BookingCell.visit_id == visit.id))


def give_way(session: Session, stay: Stay, *, but: Visit) -> None:
    """Drop the travel cells of others that stand in the way of a time approved in spite of them."""
    moments = {row["starts_at"] for row in stay.cells()}
    session.execute(
        delete(BookingCell).where(
            BookingCell.resource == Resource.WORKER,
            BookingCell.resource_id.in_(stay.worker_ids),
            BookingCell.starts_at.in_(moments),
            BookingCell.travel,
            BookingCell.visit_id.is_distinct_from(but.id),
        )
    )


def crew_of(session: Session, visit_id: UUID) -> tuple[UUID, ...]:
    """Return who goes along to a visit beside its leader, in an order that stays."""
    rows = select(VisitWorker.user_id).where(VisitWorker.visit_id == visit_id)
    return tuple(sorted(session.scalars(rows), key=str))


def people_of(session: Session, visit: Visit) -> tuple[UUID, ...]:
    """Return who goes to a visit, the leader first."""
    return (visit.social_worker_id, *crew_of(session, visit.id))


def led_by(people: Sequence[UUID], leader: UUID) -> tuple[UUID, ...]:
    """Return who goes where somebody leads: instead of the leader of today, or out of the crew."""
    others = people if leader in people else people[1:]
    return tuple(dict.fromkeys((leader, *others)))


def set_crew(session: Session, visit: Visit, worker_ids: Sequence[UUID]) -> None:
    """Write down who goes: the leader first, then whoever goes along (each once)."""
    leader, *others = dict.fromkeys(worker_ids)
    visit.social_worker_id = leader
    session.execute(delete(VisitWorker).where(VisitWorker.visit_id == visit.id))
    session.add_all(VisitWorker(visit_id=visit.id, user_id=user_id) for user_id in others)
    session.flush()
    session.expire(visit, ["crew"])


def stay_of(session: Session, visit: Visit) -> Stay:
    """Return the time a visit takes, of everybody who goes."""
    people, travel = people_of(session, visit), has_way(session, visit)
    return Stay(visit.school_id, people, visit.starts_at, visit.ends_at, travel=travel)


def has_way(session: Session, visit: Visit) -> bool:
    """Say whether a visit takes time for the way; without, it was approved in spite of a warning.

    A reason that was needed for the school's share alone leaves the way as it was.
    """
    if not visit.override_reason:
        return True
    way = select(BookingCell.starts_at).where(
        BookingCell.visit_id == visit.id,
        BookingCell.travel,
        BookingCell.starts_at >= visit.ends_at,
        BookingCell.starts_at < visit.ends_at + CELL,
    )
    return session.scalars(way).first() is not None


def stay_of_change(visit: Visit, change: VisitChange, people: Sequence[UUID]) -> Stay:
    """Return the new time a change asks for: its worker, and whoever goes along today.

    `people` are the visit's own, the leader first. Where the change makes somebody of the crew the
    leader, the leader of today goes along.
    """
    everybody = led_by(people, change.social_worker_id)
    return Stay(visit.school_id, everybody, change.starts_at, change.ends_at)


def hand_over_cells(
    session: Session, visit: Visit, worker_ids: Sequence[UUID], *, travel: bool
) -> bool:
    """Move a visit's time to its workers (leader first); False when one of them is taken.

    The time an open change asks for stays taken; after False everything is as it was.
    """
    people = tuple(dict.fromkeys(worker_ids))
    stays = [Stay(visit.school_id, people, visit.starts_at, visit.ends_at, travel=travel)]
    open_change = session.scalars(
        select(VisitChange).where(
            VisitChange.visit_id == visit.id, VisitChange.state == ChangeState.ASKED
        )
    ).first()
    if open_change:
        stays.append(stay_of_change(visit, open_change, people))
    return settle(session, visit, *stays)
