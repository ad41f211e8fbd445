"""The office's queue: who waits for an answer, and who could go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.settings import Office
from portal.visits import policy
from portal.visits.models import NeedSide, Programme, Visit, VisitNeed, VisitWorker
from portal.visits.queries.history import never_served
from portal.visits.queries.share import Share, beyond_share
from portal.visits.queries.slots import Clash, Diary, Place, Problem, Worker, crew_size, load_diary
from portal.visits.queries.visits import (
    LIST_LIMIT,
    STATUS_STATES,
    VisitFile,
    get_visits,
    listed,
    narrowed,
)
from portal.visits.states import VisitState

RECEIPT_LASTS = timedelta(minutes=2)


@dataclass(frozen=True)
class QueueFilter:
    """What the office narrows the queue to."""

    status: str = "menunggu"
    district: str = ""
    levels: str = ""
    order: str = "umur"


@dataclass(frozen=True)
class Offer:
    """A worker for a request, with what speaks against them."""

    worker: Worker
    problems: list[Problem]


@dataclass(frozen=True)
class Crew:
    """Who is to go: the leader's public id first, then those of whoever goes along."""

    leader: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class QueueRow:
    """A waiting request with the workers who could go, the best first, and those chosen.

    `needed` is how many workers its people ask for; `others` go along with the one chosen.
    `unmet` is what the school asked for and the office does not have now; `share` is there where
    the school has its share already while others wait; `shut` names what keeps lessons from that
    day by now, as far as it has a name.
    """

    row: Row[*tuple[Any, ...]]
    never_served: bool
    offers: list[Offer]
    chosen: Offer | None
    needed: int = 1
    others: tuple[Offer, ...] = ()
    unmet: tuple[VisitNeed, ...] = ()
    share: Share | None = None
    shut: str | None = None

    @property
    def team(self) -> tuple[Offer, ...]:
        """Return everybody chosen, the leader first."""
        return (self.chosen, *self.others) if self.chosen else ()

    @property
    def troubles(self) -> list[tuple[Offer, Problem]]:
        """Return what speaks against those chosen, and about whom: an overlap before all.

        What is said of the time itself (no sessions then, short notice) is said once.
        """
        found: dict[object, tuple[Offer, Problem]] = {}
        for offer in self.team:
            for problem in offer.problems:
                of_time = problem.kind in {Clash.BLACKOUT, Clash.NOTICE}
                found.setdefault(
                    problem if of_time else (offer.worker.id, problem), (offer, problem)
                )
        return sorted(found.values(), key=lambda each: each[1].kind is not Clash.OVERLAP)

    @property
    def short(self) -> bool:
        """Say whether fewer workers are chosen than its people ask for."""
        return len(self.team) < self.needed

    @property
    def clear(self) -> bool:
        """Say whether nothing speaks against approving it as it stands, together with others."""
        return not (self.troubles or self.short or self.share) and self.shut is None


def queue(session: Session, actor: Actor, wanted: QueueFilter) -> list[Row[*tuple[Any, ...]]]:
    """Return the most urgent requests that wait for the office, the ones overdue first."""
    query = (
        listed()
        .add_columns(never_served(Visit.school_id).label("never_served"))
        .where(policy.visible_to(actor), Visit.state == VisitState.REQUESTED)
    )
    query = narrowed(query, wanted.district, wanted.levels)
    if wanted.order == "belum-pernah":
        query = query.order_by(never_served(Visit.school_id).desc())
    query = query.order_by(Visit.answer_by, Visit.requested_at, Visit.id)
    return list(session.execute(query.limit(LIST_LIMIT)))


def queue_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many visits stand under each tab."""
    rows = session.execute(
        select(Visit.state, func.count()).where(policy.visible_to(actor)).group_by(Visit.state)
    )
    counts = {row.state: row[1] for row in rows}
    return {
        status: sum(counts.get(state, 0) for state in states)
        for status, states in STATUS_STATES.items()
    }


def with_offers(
    session: Session,
    office: Office,
    rows: list[Row[*tuple[Any, ...]]],
    chosen: dict[UUID, Crew] | None = None,
) -> list[QueueRow]:
    """Add to waiting requests who could go; `chosen` overrides the preselection per visit."""
    if not rows:
        return []
    days = [clock.day_of(row.starts_at) for row in rows]
    desk = _Desk(
        diary=load_diary(session, office, min(days), max(days)),
        crews=_crews_of(session, [row.id for row in rows]),
        programmes=_programmes(session, {row.programme_id for row in rows}),
        lacking=_lacking(session),
        shares=beyond_share(session, office, rows),
    )
    return [desk.row(row, (chosen or {}).get(row.id)) for row in rows]


def _crews_of(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    crews: dict[UUID, list[UUID]] = defaultdict(list)
    asked = select(VisitWorker.visit_id, VisitWorker.user_id).where(
        VisitWorker.visit_id.in_(visit_ids)
    )
    for row in session.execute(asked.order_by(VisitWorker.user_id)):
        crews[row.visit_id].append(row.user_id)
    return crews


def _programmes(session: Session, ids: Collection[UUID]) -> dict[UUID, Programme]:
    found = session.scalars(select(Programme).where(Programme.id.in_(ids)))
    return {programme.id: programme for programme in found}


def _lacking(session: Session) -> dict[str, VisitNeed]:
    """Return by code what the office brings usually, and does not have now."""
    lacking = select(VisitNeed).where(VisitNeed.side == NeedSide.OFFICE, ~VisitNeed.active)
    return {need.code: need for need in session.scalars(lacking)}


@dataclass(frozen=True)
class _Desk:
    """What is known about all rows of the queue together."""

    diary: Diary
    crews: dict[UUID, list[UUID]]
    programmes: dict[UUID, Programme]
    lacking: dict[str, VisitNeed]
    shares: dict[UUID, Share]

    def row(self, row: Row[*tuple[Any, ...]], chosen: Crew | None) -> QueueRow:
        """Return a request with its workers, the chosen ones or the best."""
        place = self._place(row)
        offers = self._offers(row, place)
        pick = _pick(offers, row.social_worker_id, chosen)
        needed = crew_size(self.programmes[row.programme_id], row.expected_heads)
        return QueueRow(
            row,
            row.never_served,
            offers,
            pick,
            needed,
            _companions(offers, pick, needed, self.crews[row.id], chosen),
            tuple(self.lacking[code] for code in row.bring if code in self.lacking),
            self.shares.get(row.id),
            self._shut(row, place),
        )

    def _place(self, row: Row[*tuple[Any, ...]]) -> Place:
        return Place(
            row.school_id,
            row.district_code,
            visit_id=row.id,
            level=row.level,
            programme_id=row.programme_id,
            notice=self.programmes[row.programme_id].notice_working_days,
            week_days=row.week_days,
        )

    def _shut(self, row: Row[*tuple[Any, ...]], place: Place) -> str | None:
        day = clock.day_of(row.starts_at)
        if self.diary.days.has_lessons(place, day):
            return None
        return self.diary.days.why_shut(place, day) or ""

    def _offers(self, row: Row[*tuple[Any, ...]], place: Place) -> list[Offer]:
        free = self.diary.free_workers(place, row.starts_at, row.ends_at)
        return [
            *(Offer(worker, []) for worker in free),
            *(
                Offer(worker, self.diary.problems(worker, place, row.starts_at, row.ends_at))
                for worker in self.diary.workers
                if worker not in free
            ),
        ]


def _pick(offers: list[Offer], taken: UUID, chosen: Crew | None) -> Offer | None:
    """Return who leads: the one chosen, else the one taken at the request while still free."""
    wanted = chosen.leader if chosen else ""
    if wanted:
        found = next((offer for offer in offers if offer.worker.public_id == wanted), None)
    else:
        found = next((offer for offer in offers if offer.worker.id == taken), None)
        if (found is None or found.problems) and offers and not offers[0].problems:
            found = offers[0]
    return found or (offers[0] if offers else None)


def _companions(
    offers: list[Offer], leader: Offer | None, needed: int, taken: list[UUID], chosen: Crew | None
) -> tuple[Offer, ...]:
    """Return who goes along: those chosen, else those taken at the request, then the best free."""
    others = [offer for offer in offers if offer is not leader]
    if chosen and chosen.others:
        return tuple(offer for offer in others if offer.worker.public_id in chosen.others)
    before = [offer for offer in others if offer.worker.id in taken and not offer.problems]
    # Who is free comes first in the list; of the others whoever least speaks against.
    rest = sorted(
        (offer for offer in others if offer not in before), key=lambda offer: len(offer.problems)
    )
    return tuple([*before, *rest][: max(needed - 1, len(before))])


def queue_row(session: Session, actor: Actor, visit_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """Return one visit as the queue lists it."""
    return session.execute(
        listed()
        .add_columns(never_served(Visit.school_id).label("never_served"))
        .where(policy.visible_to(actor), Visit.id == visit_id)
    ).one_or_none()


def fresh_receipts(session: Session, actor: Actor, public_ids: Collection[str]) -> list[VisitFile]:
    """Return those of these visits the actor approved a moment ago, for the receipt on top."""
    found = get_visits(session, actor, public_ids)
    return [each for each in found if each.visit.decided_by == actor.user_id and _is_fresh(each)]


def _is_fresh(found: VisitFile) -> bool:
    decided_at = found.visit.decided_at
    fresh = decided_at is not None and clock.now() - decided_at < RECEIPT_LASTS
    return fresh and found.visit.state == VisitState.SCHEDULED
