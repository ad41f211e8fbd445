"""Who at a school can be asked to look after a child."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import GRANTS, Permission
from portal.monitoring.models import Watcher
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force

# Who fills in forms at a school: whoever teaches there.
WATCHING_ROLES = frozenset(
    role for role, granted in GRANTS.items() if Permission.MONITORING_FILL in granted
)


def teaching_at(school_id: UUID) -> Select[UUID]:
    """Return the query for the ids of those who teach at a school today."""
    return select(Membership.user_id).where(
        Membership.school_id == school_id,
        Membership.role.in_(sorted(WATCHING_ROLES)),
        in_force(clock.today()),
    )


def teachers_at(session: Session, school_id: UUID) -> list[User]:
    """Return who can be asked for forms at a school: its teachers and focal team, by name."""
    people = select(User).where(User.id.in_(teaching_at(school_id)))
    return list(session.scalars(people.order_by(User.full_name, User.id)))


def asked_now(session: Session, follow_up_id: UUID) -> list[tuple[Watcher, User]]:
    """Return who fills in the forms about a child now; a substitute comes first."""
    rows = session.execute(
        select(Watcher, User)
        .join(User, User.id == Watcher.user_id)
        .where(Watcher.follow_up_id == follow_up_id, Watcher.ended_at.is_(None))
        .order_by(Watcher.substitute.desc(), Watcher.since)
    )
    return [(row[0], row[1]) for row in rows]
