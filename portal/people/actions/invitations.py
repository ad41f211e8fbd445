"""Invitations: writing, withdrawing and accepting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Appointment, Permission, Role
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.tokens import new_token, token_hash
from portal.people import policy
from portal.people.actions import passwords
from portal.people.actions.accounts import Contacts, new_user
from portal.people.actions.appointments import appoint
from portal.people.events import (
    InvitationAccepted,
    InvitationApproved,
    InvitationCancelled,
    Invited,
)
from portal.people.models import Invitation, User
from portal.people.queries.accounts import holding, people_with_role
from portal.people.queries.appointments import appointments_of
from portal.people.queries.invitations import find_invitation

APPROVE = "approve_invitation"


@dataclass(frozen=True)
class Invite:
    """Whom to invite, to what."""

    role: Role
    school_id: UUID | None
    full_name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class NewPerson:
    """Who accepts an invitation."""

    full_name: str
    called: str
    password: str
    language: str


@dataclass(frozen=True)
class Proof:
    """What the slow check of a password found, before any transaction was open."""

    # Of somebody new: the hash to keep. Of somebody with an account: whose password it was.
    password_hash: str = ""
    account_id: UUID | None = None


def invite(session: Session, actor: Actor, command: Invite) -> tuple[Invitation, str]:
    """Write an invitation and return it with its secret token, which is never stored.

    Raises Rejected("not_allowed"), Rejected("contact_needed") or, for an address of one's own,
    Rejected("own_rights").
    """
    if not policy.may_invite(actor, command.role, command.school_id):
        raise Rejected("not_allowed", "role")
    if not command.email and not command.phone:
        raise Rejected("contact_needed", "email")
    holders = session.scalars(holding(None, command.email, command.phone))
    if actor.user_id in {user.id for user in holders}:
        raise Rejected("own_rights", "email")
    token = new_token()
    moment = clock.now()
    hours = settings.read(session)["invitation_hours"]
    invitation = Invitation(
        token_hash=token_hash(token),
        role=command.role,
        school_id=command.school_id,
        full_name=command.full_name,
        email=command.email,
        phone=command.phone,
        invited_by=actor.user_id,
        created_at=moment,
        needs_approval=_needs_approval(session, actor, command.role),
        expires_at=moment + timedelta(hours=hours),
    )
    session.add(invitation)
    session.flush()
    if invitation.needs_approval:
        _ask_heads(session, invitation)
    emit(session, actor, Invited(invitation.id, command.role, command.school_id, token))
    return invitation, token


def _ask_heads(session: Session, invitation: Invitation) -> None:
    for head in policy.HEADS:
        duties.open_duty(
            session,
            Due(
                kind=APPROVE,
                subject_id=invitation.id,
                role=head,
                link="/pengguna",
                due_at=invitation.expires_at,
                facts={},
            ),
        )


def _needs_approval(session: Session, actor: Actor, role: Role) -> bool:
    """Say whether the division's head has to agree; nobody can before the first one is there."""
    if role not in policy.APPROVED_ROLES or actor.may(Permission.STAFF_APPROVE):
        return False
    return any(people_with_role(session, head) for head in policy.HEADS)


def approve(session: Session, actor: Actor, invitation: Invitation) -> None:
    """Let an invitation to the office's staff work.

    Raises Rejected("not_allowed") or, when the role is for oneself, Rejected("own_rights").
    """
    if not policy.may_approve(actor, invitation):
        raise Rejected("not_allowed")
    holders = session.scalars(holding(None, invitation.email, invitation.phone))
    if actor.user_id in {user.id for user in holders}:
        raise Rejected("own_rights")
    duties.close_duties(session, invitation.id, APPROVE)
    invitation.approved_by, invitation.approved_at = actor.user_id, clock.now()
    emit(session, actor, InvitationApproved(invitation.id))


def cancel_invitation(session: Session, actor: Actor, invitation: Invitation) -> None:
    """Withdraw an invitation that nobody has used."""
    if not policy.may_invite(actor, Role(invitation.role), invitation.school_id):
        raise Rejected("not_allowed")
    invitation.cancelled_at = clock.now()
    duties.close_duties(session, invitation.id, APPROVE)
    emit(session, actor, InvitationCancelled(invitation.id))


def prove(session: Session, token: str, person: NewPerson, *about: str) -> Proof:
    """Check or hash the password of whoever accepts, while no transaction holds a lock.

    Raises Rejected("invitation_over"), ("contact_taken"), ("password_of_account"),
    ("password_length") or ("password_common").
    """
    invitation = find_invitation(session, token)
    if invitation is None:
        raise Rejected("invitation_over")
    user = holder_of(session, invitation)
    if user is None:
        contacts = (invitation.email, invitation.phone)
        office = settings.read(session)
        passwords.check_strength(office, person.password, person.full_name, *contacts, *about)
        return Proof(password_hash=passwords.hash_password(person.password))
    if not passwords.password_fits(user, person.password):
        raise Rejected("password_of_account", "password")
    return Proof(account_id=user.id)


def holder_of(session: Session, invitation: Invitation) -> User | None:
    """Return who has an account with an invitation's contacts; raises Rejected("contact_taken")."""
    holders = session.scalars(holding(None, invitation.email, invitation.phone)).all()
    if len(holders) > 1:
        # The address belongs to one account and the number to another; nobody can be both.
        raise Rejected("contact_taken")
    return holders[0] if holders else None


def accept_invitation(session: Session, token: str, person: NewPerson, proof: Proof) -> User:
    """Make the account (or use the one that exists) and the appointment.

    Raises Rejected("invitation_over") for a token that is unknown, used or too old,
    Rejected("own_rights") for one's own invitation, and Rejected("state_changed") when the account
    came or went since the password was checked.
    """
    invitation = find_invitation(session, token, lock=True)
    if invitation is None:
        raise Rejected("invitation_over")
    user = holder_of(session, invitation)
    if (user.id if user else None) != proof.account_id:
        raise Rejected("state_changed")
    if user is None:
        contacts = Contacts(invitation.email, invitation.phone)
        user = new_user(session, person.full_name, contacts, proof.password_hash)
        user.called = person.called
        user.language = person.language
    if invitation.invited_by == user.id:
        raise Rejected("own_rights")
    held = Appointment(Role(invitation.role), invitation.school_id)
    inviter = Actor(invitation.invited_by, "", ())
    if held not in appointments_of(session, user.id):
        appoint(session, inviter, user.id, held.role, held.school_id)
    invitation.used_at = clock.now()
    emit(session, Actor(user.id, user.full_name, ()), InvitationAccepted(invitation.id, user.id))
    return user
