"""Accounts: invitations, passwords, second proofs, contacts, emergencies, farewells."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.core import clock, i18n, settings
from portal.core.access import Actor, Role
from portal.core.addresses import normal_email
from portal.core.db import new_id
from portal.core.events import on
from portal.core.retention import ErasedAgain
from portal.notifications.actions.writing import (
    NOBODY,
    Outsider,
    Telling,
    forget,
    let_go,
    tell,
    tell_outsider,
    withdraw,
    withdraw_from,
)
from portal.notifications.models import Message
from portal.notifications.queries.kinds import INVITATION, PASSWORD_RESET, UNTIL
from portal.notifications.rules.telling import subject_of, tell_others
from portal.notifications.states import Nature
from portal.people.events import (
    AccountErased,
    AppointmentEnded,
    ContactsChanged,
    EmergencyOpened,
    FactorAdded,
    FactorRemoved,
    InvitationAccepted,
    InvitationApproved,
    InvitationCancelled,
    Invited,
    PasswordChanged,
    ResetAsked,
    ResetLinkMade,
)
from portal.people.models import EmergencyAccess, Invitation, User
from portal.people.queries.appointments import appointments_of, holders
from portal.people.queries.confidential import kept_away

SECURITY = "/akun/keamanan"


@on(Invited)
def send_invitation(session: Session, _actor: Actor | None, happened: Invited) -> None:
    """Send the link to the invited address; if somebody must agree, only after they did."""
    invitation = session.get_one(Invitation, happened.subject_id)
    if not invitation.email:
        return
    facts = {
        "product": settings.read(session)["product_name"],
        UNTIL: invitation.expires_at.isoformat(),
    }
    waits = invitation.expires_at if invitation.needs_approval else None
    what = Telling(
        INVITATION,
        invitation.id,
        "/undangan/",
        facts,
        not_before=waits,
        secret=happened.token,
    )
    tell_outsider(session, Outsider(invitation.email, i18n.DEFAULT), what)


@on(InvitationApproved)
def let_invitation_go(session: Session, _actor: Actor | None, happened: InvitationApproved) -> None:
    """Send an invitation that waited for somebody's word."""
    session.execute(
        update(Message)
        .where(Message.subject_id == happened.subject_id, Message.kind == INVITATION)
        .values(not_before=clock.now())
    )


@on(InvitationAccepted)
@on(InvitationCancelled)
def take_invitation_back(session: Session, _actor: Actor | None, happened: Any) -> None:
    """Send no link that opens nothing any more."""
    withdraw(session, happened.subject_id, INVITATION)


@on(ResetAsked)
def send_reset_link(session: Session, _actor: Actor | None, happened: ResetAsked) -> None:
    """Let the worker make a link to a new password and send it to the account's own address.

    Reads and writes the same whether or not there is an account, so that the answer takes as long.
    The helper's to-do stays, for those who cannot read their mail; using the link ends it.
    """
    user_id = happened.subject_id or new_id()
    person = session.execute(select(User.email, User.language).where(User.id == user_id)).first()
    withdraw(session, user_id, PASSWORD_RESET)
    address = (person.email if person else None) or NOBODY
    whom = Outsider(address, person.language if person else i18n.DEFAULT)
    message = tell_outsider(session, whom, Telling(PASSWORD_RESET, user_id, "/sandi-baru/"))
    if address == NOBODY:
        message.withdrawn_at = clock.now()
        let_go(message)


@on(ResetLinkMade)
def prefer_a_persons_link(session: Session, actor: Actor | None, happened: ResetLinkMade) -> None:
    """Send no link to whom a colleague hands one over."""
    if actor is not None:
        withdraw(session, subject_of(happened), PASSWORD_RESET)


def _warn(session: Session, user_id: UUID, kind: str) -> None:
    # Several at once are one thing to know.
    withdraw(session, user_id, kind)
    tell(session, [user_id], Telling(kind, user_id, SECURITY, nature=Nature.ALARM))


@on(PasswordChanged)
def tell_of_password(session: Session, _actor: Actor | None, happened: PasswordChanged) -> None:
    """Tell somebody that their password is another now."""
    withdraw(session, subject_of(happened), PASSWORD_RESET)
    _warn(session, subject_of(happened), "password_changed")


@on(FactorAdded)
def tell_of_proof(session: Session, _actor: Actor | None, happened: FactorAdded) -> None:
    """Tell somebody that their account has another second proof."""
    _warn(session, subject_of(happened), "factor_added")


@on(FactorRemoved)
def tell_of_lost_proof(session: Session, _actor: Actor | None, happened: FactorRemoved) -> None:
    """Tell somebody that a second proof is gone."""
    _warn(session, subject_of(happened), "factor_removed")


@on(ContactsChanged)
def tell_of_contacts(session: Session, _actor: Actor | None, happened: ContactsChanged) -> None:
    """Tell somebody at the new address and at the one before, which a thief would leave behind."""
    user = session.get_one(User, happened.subject_id)
    withdraw(session, user.id, PASSWORD_RESET)
    _warn(session, user.id, "contacts_changed")
    if happened.former_email and happened.former_email != user.email:
        what = Telling("contacts_changed", user.id, SECURITY, nature=Nature.ALARM)
        tell_outsider(session, Outsider(happened.former_email, user.language), what)


@on(EmergencyOpened)
def tell_of_emergency(session: Session, actor: Actor | None, happened: EmergencyOpened) -> None:
    """Tell the head of the office, the head of the agency and the data protection officer.

    Whoever stands on the record's conflict list is told neither here nor at an address outside.
    """
    access = session.get_one(EmergencyAccess, happened.subject_id)
    facts = {"number": access.label, "review_by": access.review_by.isoformat()}
    link = f"/akses-darurat/{access.public_id}"
    what = Telling("emergency_opened", access.id, link, facts, nature=Nature.ALARM)
    kept = kept_away(session, access.subject_id)
    heads = [each for each in holders(session, Role.OFFICE_HEAD) if each not in kept]
    tell_others(session, actor, heads, what)
    office = settings.read(session)
    outside = [office["head_of_agency_email"], office["privacy_officer_email"]]
    theirs = set(session.scalars(select(User.email).where(User.id.in_(kept))))
    for address in dict.fromkeys(filter(None, outside)):
        if normal_email(address) not in theirs:
            tell_outsider(session, Outsider(address, i18n.DEFAULT), what)


@on(AppointmentEnded)
def stop_telling(session: Session, _actor: Actor | None, happened: AppointmentEnded) -> None:
    """Tell nothing more to somebody who holds no role any longer."""
    if not appointments_of(session, happened.user_id):
        withdraw_from(session, happened.user_id)


@on(AccountErased)
def forget_messages(session: Session, _actor: Actor | None, happened: AccountErased) -> None:
    """Keep no message to or about somebody who was forgotten."""
    forget(session, subject_of(happened))


@on(ErasedAgain)
def forget_again(session: Session, _actor: Actor | None, happened: ErasedAgain) -> None:
    """Keep none either that a restore brought back."""
    if happened.kind == "user":
        forget(session, subject_of(happened))
