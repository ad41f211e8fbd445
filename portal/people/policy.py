"""Which people an actor may see and whom an actor may invite."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement

from portal.core.access import SCHOOL_ROLES, Actor, Permission, Role
from portal.people.models import Invitation, Membership

# A principal appoints the staff of the own school; principals are appointed by the office.
SCHOOL_STAFF = (Role.TEACHER, Role.SCHOOL_OPERATOR)
OFFICE_ORDER = (
    Role.PRINCIPAL,
    Role.SCHOOL_OPERATOR,
    Role.TEACHER,
    Role.SOCIAL_WORKER,
    Role.COORDINATOR,
    Role.DIVISION_HEAD,
    Role.EDUCATION_OFFICE,
    Role.VOLUNTEER,
    Role.ADMIN,
)


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
