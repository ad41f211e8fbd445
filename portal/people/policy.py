"""Which people an actor may see and whom an actor may invite."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, or_, select, union

from portal.core.access import SCHOOL_ROLES, Actor, Appointment, Permission, Role
from portal.core.prepared import NOW
from portal.people.models import Conflict, EmergencyAccess, Invitation, Membership

# A principal appoints the staff of the own school; principals are appointed by the office.
SCHOOL_STAFF = (Role.TEACHER, Role.SCHOOL_OPERATOR, Role.FOCAL_TEAM)
OFFICE_ORDER = (
    Role.PRINCIPAL,
    Role.SCHOOL_OPERATOR,
    Role.TEACHER,
    Role.FOCAL_TEAM,
    Role.SOCIAL_WORKER,
    Role.COORDINATOR,
    Role.DIVISION_HEAD,
    Role.OFFICE_HEAD,
    Role.EDUCATION_OFFICE,
    Role.VOLUNTEER,
    Role.ADMIN,
)


# Roles that open children's files, and who vouches for their holders.
APPROVED_ROLES = frozenset(
    {Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD, Role.OFFICE_HEAD}
)
HEADS = (Role.DIVISION_HEAD, Role.OFFICE_HEAD)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the memberships an actor may see."""
    return actor.within(Permission.PEOPLE_READ, Membership.school_id)


def invitations_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the invitations an actor may see."""
    return actor.within(Permission.PEOPLE_READ, Invitation.school_id)


def roles_to_invite(actor: Actor) -> tuple[Role, ...]:
    """Return the roles an actor may appoint somebody to."""
    if actor.may(Permission.INVITE_ANYONE):
        return OFFICE_ORDER
    return SCHOOL_STAFF if actor.may_somewhere(Permission.INVITE_SCHOOL_STAFF) else ()


def may_invite(actor: Actor, role: Role, school_id: UUID | None) -> bool:
    """Say whether an actor may appoint this role at this school (None: at the office)."""
    if (role in SCHOOL_ROLES) != (school_id is not None):
        return False
    if actor.may(Permission.INVITE_ANYONE):
        return True
    return role in SCHOOL_STAFF and actor.may(Permission.INVITE_SCHOOL_STAFF, school_id)


def may_end(actor: Actor, membership: Membership) -> bool:
    """Say whether an actor may end an appointment; never one's own."""
    return membership.user_id != actor.user_id and may_invite(
        actor, Role(membership.role), membership.school_id
    )


def may_help(actor: Actor, membership: Membership) -> bool:
    """Say whether an actor may get somebody back in: by a link, or by taking the proof off.

    Whether it really goes, all roles of the person decide: `may_reset`, `may_clear_factor`.
    """
    held = (Appointment(Role(membership.role), membership.school_id),)
    return may_reset(actor, membership.user_id, held) or may_clear_factor(
        actor, membership.user_id, held
    )


def may_approve(actor: Actor, invitation: Invitation) -> bool:
    """Say whether this invitation waits for this actor's word; never for the inviter's own."""
    return (
        invitation.needs_approval
        and invitation.approved_at is None
        and invitation.invited_by != actor.user_id
        and actor.may(Permission.STAFF_APPROVE)
    )


def may_review(actor: Actor, access: EmergencyAccess) -> bool:
    """Say whether an actor may judge an emergency access; never one's own."""
    return actor.may(Permission.EMERGENCY_REVIEW) and access.user_id != actor.user_id


def may_reset(actor: Actor, user_id: UUID, held: tuple[Appointment, ...]) -> bool:
    """Say whether an actor may hand a link to a new password over to whoever holds these roles."""
    return _vouches(actor, Permission.RESET_LINK_MAKE, user_id, held)


def may_clear_factor(actor: Actor, user_id: UUID, held: tuple[Appointment, ...]) -> bool:
    """Say whether an actor may take the second proof off an account; never off one's own."""
    return _vouches(actor, Permission.FACTOR_CLEAR, user_id, held)


def _vouches(
    actor: Actor, permission: Permission, user_id: UUID, held: tuple[Appointment, ...]
) -> bool:
    if actor.user_id == user_id or not held:
        return False
    if actor.may(permission):
        return True
    # A principal answers for the own staff, and not for somebody who is also more than that.
    return all(each.role in SCHOOL_STAFF and actor.may(permission, each.school_id) for each in held)


def may_stay(held: tuple[Appointment, ...]) -> bool:
    """Say whether somebody may stay signed in for days on their own phone: school roles only."""
    return all(each.role in SCHOOL_ROLES for each in held)


def conflicts_of(actor: Actor) -> Select[Any]:
    """Return the query for the records an actor must never see."""
    return select(Conflict.subject_id).where(
        Conflict.user_id == actor.user_id, Conflict.lifted_at.is_(None)
    )


def kept_from(actor: Actor) -> CompoundSelect[Any]:
    """Return the query for all an actor must hear nothing of: the records on whose conflict lists
    they stand, and the emergency accesses to these.
    """
    records = conflicts_of(actor)
    accesses = select(EmergencyAccess.id).where(EmergencyAccess.subject_id.in_(records))
    return union(records, accesses)


def opened_in_emergency(actor: Actor, subject_column: Any) -> ColumnElement[bool]:
    """Return the condition for what an actor opened in an emergency that is not over yet."""
    if not actor.may(Permission.EMERGENCY_ACCESS):
        return false()
    opened = select(EmergencyAccess.subject_id).where(
        EmergencyAccess.user_id == actor.user_id, EmergencyAccess.expires_at > NOW
    )
    in_time: ColumnElement[bool] = subject_column.in_(opened)
    return in_time


def confidential(
    actor: Actor,
    permission: Permission,
    subject_column: Any,
    *,
    school_column: Any = None,
    assignee_column: Any = None,
) -> ColumnElement[bool]:
    """Return the condition for confidential records: what the grants reach, or what was opened in
    an emergency; but never one on whose conflict list the actor stands.
    """
    reached = actor.within(permission, school_column, assignee_column)
    opened = opened_in_emergency(actor, subject_column)
    return and_(or_(reached, opened), subject_column.not_in(conflicts_of(actor)))
