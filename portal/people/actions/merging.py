"""When a school becomes part of another: its staff goes on there, its principal's role ends."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Role
from portal.core.events import emit
from portal.people.actions import sessions
from portal.people.actions.appointments import close
from portal.people.events import AppointmentMoved, InvitationCancelled
from portal.people.models import Invitation, Membership, User
from portal.people.policy import SCHOOL_STAFF
from portal.people.queries.appointments import in_force
from portal.people.queries.invitations import open_invitation
from portal.schools.models import School
from portal.schools.queries.above import Effect, Foresight


def foresee(session: Session, school: School, _successor: School) -> Foresight:
    """Return whose appointments a merger moves, and whose it ends."""
    rows = session.execute(
        select(Membership.role, User.full_name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.school_id == school.id, in_force(clock.today()))
        .order_by(User.full_name)
    ).all()
    leaving = tuple(row.full_name for row in rows if row.role == Role.PRINCIPAL)
    invited = select(func.count()).where(
        Invitation.school_id == school.id, Invitation.role.in_(SCHOOL_STAFF), open_invitation()
    )
    return Foresight(
        {
            Effect.STAFF_MOVE: len(rows) - len(leaving),
            Effect.PRINCIPALS_END: len(leaving),
            Effect.INVITATIONS_MOVE: session.scalar(invited) or 0,
        },
        leaving=leaving,
    )


def follow_merger(
    session: Session, actor: Actor | None, school_id: UUID, successor_id: UUID
) -> None:
    """Let a school's staff hold the same roles at its successor from today on."""
    held = session.scalars(
        select(Membership)
        .where(Membership.school_id == school_id, in_force(clock.today()))
        .order_by(Membership.id)
    ).all()
    there = _holders_at(session, successor_id)
    for membership in held:
        if membership.role not in SCHOOL_STAFF:
            close(session, actor, membership)
            continue
        _move(session, actor, membership, successor_id, there)
    _move_invitations(session, actor, school_id, successor_id)


def _holders_at(session: Session, school_id: UUID) -> set[tuple[UUID, str]]:
    rows = session.execute(
        select(Membership.user_id, Membership.role).where(
            Membership.school_id == school_id, in_force(clock.today())
        )
    )
    return {(user_id, role) for user_id, role in rows}


def _move(
    session: Session,
    actor: Actor | None,
    membership: Membership,
    successor_id: UUID,
    there: set[tuple[UUID, str]],
) -> None:
    today = clock.today()
    membership.ends_on = max(today, membership.starts_on) - timedelta(days=1)
    if (membership.user_id, membership.role) not in there:
        session.add(
            Membership(
                user_id=membership.user_id,
                role=membership.role,
                school_id=successor_id,
                starts_on=today,
            )
        )
    session.flush()
    # Rights changed: whoever is signed in proves anew who they are.
    sessions.end_all(session, membership.user_id)
    duties.look_again(session, membership.user_id, Role(membership.role), membership.school_id)
    moved = AppointmentMoved(
        membership.id, membership.user_id, membership.role, membership.school_id, successor_id
    )
    emit(session, actor, moved)


def _move_invitations(
    session: Session, actor: Actor | None, school_id: UUID, successor_id: UUID
) -> None:
    waiting = session.scalars(
        select(Invitation).where(Invitation.school_id == school_id, open_invitation())
    ).all()
    for invitation in waiting:
        if invitation.role in SCHOOL_STAFF:
            invitation.school_id = successor_id
        else:
            invitation.cancelled_at = clock.now()
            emit(session, actor, InvitationCancelled(invitation.id))
