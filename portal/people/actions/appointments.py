"""Appointments: beginning, confirming and ending a role."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people import policy
from portal.people.actions import sessions
from portal.people.events import Appointed, AppointmentConfirmed, AppointmentEnded
from portal.people.models import Membership
from portal.people.queries.appointments import appointments_of, successors


def appoint(
    session: Session, actor: Actor | None, user_id: UUID, role: Role, school_id: UUID | None
) -> Membership:
    """Give a person a role from today on; raises Rejected("own_rights") for oneself."""
    if actor is not None and actor.user_id == user_id:
        raise Rejected("own_rights")
    membership = Membership(
        user_id=user_id, role=role, school_id=school_id, starts_on=clock.today()
    )
    session.add(membership)
    session.flush()
    # Rights grew: whoever is signed in proves anew who they are.
    sessions.end_all(session, user_id)
    emit(session, actor, Appointed(membership.id, user_id, role, school_id))
    return membership


def end_membership(
    session: Session, actor: Actor, membership: Membership, successor_id: UUID | None = None
) -> None:
    """End an appointment with yesterday, so that its rights are gone now; also open sessions.

    Open work goes to the successor, who must hold the same role at the same place. Raises
    Rejected("not_allowed"), Rejected("successor_unfit"), or Rejected("state_changed") for one that
    is over: whoever held it may have another role now, and sessions and work that go with that.
    """
    if not policy.may_end(actor, membership):
        raise Rejected("not_allowed")
    yesterday = clock.today() - timedelta(days=1)
    if membership.ends_on is not None and membership.ends_on <= yesterday:
        raise Rejected("state_changed")
    if successor_id is not None and successor_id not in {
        user.id for user in successors(session, membership)
    }:
        raise Rejected("successor_unfit", "successor")
    close(session, actor, membership, successor_id)


def close(
    session: Session,
    actor: Actor | None,
    membership: Membership,
    successor_id: UUID | None = None,
) -> None:
    """End an appointment with yesterday, whoever asks for it; rights and open sessions go."""
    membership.ends_on = max(clock.today(), membership.starts_on) - timedelta(days=1)
    sessions.end_all(session, membership.user_id)
    # Whoever keeps another role keeps what is due there; features hand over what belongs to this
    # one when they hear of its end.
    if successor_id is not None and not appointments_of(session, membership.user_id):
        duties.hand_over(session, membership.user_id, successor_id)
    duties.look_again(session, membership.user_id, Role(membership.role), membership.school_id)
    emit(
        session,
        actor,
        AppointmentEnded(
            membership.id,
            membership.user_id,
            membership.role,
            membership.school_id,
            successor_id,
        ),
    )


def confirm(session: Session, actor: Actor, membership: Membership) -> None:
    """Note in the six-monthly review that somebody still holds a role.

    Raises Rejected("own_rights") for one's own: a colleague confirms that.
    """
    if membership.user_id == actor.user_id:
        raise Rejected("own_rights")
    membership.reviewed_at = clock.now()
    membership.reviewed_by = actor.user_id
    emit(session, actor, AppointmentConfirmed(membership.id))
