"""What stands or stood in the way of one case."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Obstacle
from portal.people.models import User


def of_case(session: Session, case: Case) -> list[tuple[Obstacle, User]]:
    """Return a case's obstacles with whoever noted them, those in the way first."""
    rows = session.execute(
        select(Obstacle, User)
        .join(User, User.id == Obstacle.noted_by)
        .where(Obstacle.case_id == case.id)
        .order_by(Obstacle.overcome_on.is_not(None), Obstacle.noted_on.desc(), Obstacle.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def get(session: Session, case: Case, public_id: str) -> Obstacle | None:
    """Return one obstacle of a case."""
    return session.scalar(
        select(Obstacle).where(Obstacle.public_id == public_id, Obstacle.case_id == case.id)
    )
