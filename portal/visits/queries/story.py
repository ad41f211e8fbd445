"""What happened to a session so far, and what of it waits: its changes, its crew, its series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from portal.core.access import Actor
from portal.people.models import User
from portal.schools.models import School
from portal.visits import policy
from portal.visits.models import Visit, VisitChange, VisitNeed, VisitSeries, VisitWorker
from portal.visits.queries.visits import VisitFile
from portal.visits.states import ChangeState, VisitState

MOST_CHANGES = 50


@dataclass(frozen=True)
class Change:
    """A change of a session, with whoever asked for it, answered it and would come."""

    change: VisitChange
    asker: User
    answerer: User | None
    worker: User


@dataclass(frozen=True)
class Story:
    """What belongs to a session's page beside the visit itself."""

    changes: Sequence[Change]
    along: Sequence[User]
    offerer: User | None
    series_id: str | None
    needs: dict[str, VisitNeed]

    @property
    def open_change(self) -> Change | None:
        """Return the change that waits for an answer."""
        waiting = (each for each in self.changes if each.change.state == ChangeState.ASKED)
        return next(waiting, None)


def story_of(session: Session, found: VisitFile) -> Story:
    """Return the story of one visit."""
    visit = found.visit
    codes = {*visit.bring, *visit.ready_with}
    along = (
        select(User)
        .join(VisitWorker, VisitWorker.user_id == User.id)
        .where(VisitWorker.visit_id == visit.id)
        .order_by(User.full_name, User.id)
    )
    needs = select(VisitNeed).where(VisitNeed.code.in_(codes)).order_by(VisitNeed.position)
    series = select(VisitSeries.public_id).where(VisitSeries.id == visit.series_id)
    return Story(
        changes=_changes_of(session, visit),
        along=list(session.scalars(along)),
        offerer=session.get(User, visit.offered_by) if visit.offered_by else None,
        series_id=session.scalar(series) if visit.series_id else None,
        needs={need.code: need for need in session.scalars(needs)} if codes else {},
    )


def _changes_of(session: Session, visit: Visit) -> list[Change]:
    asker, answerer, worker = aliased(User), aliased(User), aliased(User)
    rows = session.execute(
        select(VisitChange, asker, answerer, worker)
        .join(asker, asker.id == VisitChange.asked_by)
        .join(worker, worker.id == VisitChange.social_worker_id)
        .outerjoin(answerer, answerer.id == VisitChange.answered_by)
        .where(VisitChange.visit_id == visit.id)
        .order_by(VisitChange.asked_at, VisitChange.id)
    )
    return [Change(*row) for row in rows]


def open_changes(session: Session, actor: Actor) -> list[Row[*tuple[Any, ...]]]:
    """Return the sessions an actor may see whose change waits for an answer, the nearest first."""
    return list(
        session.execute(
            select(
                Visit.public_id,
                Visit.starts_at,
                School.name.label("school_name"),
                VisitChange.starts_at.label("wanted_at"),
                VisitChange.answer_by,
                VisitChange.by_office,
            )
            .join(Visit, Visit.id == VisitChange.visit_id)
            .join(School, School.id == Visit.school_id)
            .where(
                VisitChange.state == ChangeState.ASKED,
                Visit.state == VisitState.SCHEDULED,
                policy.visible_to(actor),
            )
            .order_by(VisitChange.answer_by, VisitChange.id)
            .limit(MOST_CHANGES)
        )
    )
