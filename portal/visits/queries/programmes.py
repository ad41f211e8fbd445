"""Programmes, their topics, and what sessions may need."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.visits.models import NeedSide, Programme, Topic, Visit, VisitNeed, Wish


def every(session: Session) -> list[Programme]:
    """Return all programmes, those on offer first, in the office's order."""
    order = (Programme.active.desc(), Programme.position, Programme.id)
    return list(session.scalars(select(Programme).order_by(*order)))


def get(session: Session, public_id: str) -> Programme | None:
    """Return a programme."""
    return session.scalar(select(Programme).where(Programme.public_id == public_id))


def topics_of(session: Session, programmes: list[Programme]) -> dict[UUID, list[Topic]]:
    """Return the topics of programmes, in the office's order; one statement for all."""
    found: dict[UUID, list[Topic]] = defaultdict(list)
    ids = [programme.id for programme in programmes]
    rows = select(Topic).where(Topic.programme_id.in_(ids)).order_by(Topic.position, Topic.id)
    for topic in session.scalars(rows):
        found[topic.programme_id].append(topic)
    return found


def is_used(session: Session, topic: Topic) -> bool:
    """Say whether a session or a wish is about a topic."""
    used = or_(
        exists().where(Visit.topic_id == topic.id), exists().where(Wish.topic_id == topic.id)
    )
    return bool(session.scalar(select(used)))


@dataclass(frozen=True)
class Needs:
    """What sessions may need, as a record that several people may edit."""

    rows: list[VisitNeed]

    @property
    def version(self) -> str:
        """Return a mark that changes with what any of them says."""
        told = [
            (need.public_id, need.name_id, need.name_en, need.active, need.position)
            for need in self.rows
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def offered(self, side: NeedSide) -> list[VisitNeed]:
        """Return those of one side that can be had now."""
        return [need for need in self.rows if need.side == side and need.active]


def needs(session: Session) -> Needs:
    """Return what sessions may need: what the office brings, then what the school has ready."""
    order = (VisitNeed.side, VisitNeed.position, VisitNeed.id)
    return Needs(list(session.scalars(select(VisitNeed).order_by(*order))))
