"""Forgetting a person: name and contacts go, what they did stays without them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from portal.core import clock, retention
from portal.core.access import Actor
from portal.core.drafts import Draft
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import OfficeSetting
from portal.people.events import AccountErased
from portal.people.models import (
    Invitation,
    Membership,
    Passkey,
    RecoveryCode,
    ResetLink,
    SignInSession,
    User,
)
from portal.people.queries.appointments import appointments_of
from portal.schools.models import ContactAttempt, PartnershipRequest, SchoolClass, SchoolContact

SUBJECT = "user"
NAMELESS = "–"
# A hash nothing fits.
NO_PASSWORD = "!"  # noqa: S105 - the mark of an account without a password


def erase_account(session: Session, actor: Actor, user: User) -> None:
    """Anonymise an account, as its person asked; their past work stays, without a name.

    Raises Rejected("still_appointed") while the person holds a role, and Rejected("under_hold")
    while a court or an inquiry needs the account.
    """
    if appointments_of(session, user.id):
        raise Rejected("still_appointed")
    if retention.is_held(session, user.id):
        raise Rejected("under_hold")
    forget_person(session, user.id)
    retention.erased(session, SUBJECT, user.id)
    emit(session, actor, AccountErased(user.id))


@retention.eraser(SUBJECT)
def forget_person(session: Session, user_id: UUID) -> None:
    """Take name, contacts, devices and secrets off an account; also after a restore."""
    user = session.get(User, user_id)
    if user is None:
        return
    _forget_traces(session, user)
    _forget_at_schools(session, user)
    for model in (Passkey, RecoveryCode, ResetLink, SignInSession, Draft):
        session.execute(delete(model).where(model.user_id == user_id))
    # A to-do may carry the name of whoever it is about.
    session.execute(delete(Duty).where(or_(Duty.subject_id == user_id, Duty.person_id == user_id)))
    user.full_name, user.called = NAMELESS, ""
    # An account needs one contact; this domain can never exist (RFC 2606).
    user.email, user.phone = f"{user.public_id.lower()}@erased.invalid", None
    user.password_hash = NO_PASSWORD
    user.totp_secret = user.totp_used_step = None
    user.erased_at = user.erased_at or clock.now()


def _forget_traces(session: Session, user: User) -> None:
    """Take name and contacts off invitations, and the name off changed settings."""
    # A contact somebody does not have must not meet every invitation that lacks it, too.
    contacts = [
        column == value
        for column, value in ((Invitation.email, user.email), (Invitation.phone, user.phone))
        if value
    ]
    session.execute(
        update(Invitation)
        .where(or_(*contacts))
        .values(full_name=NAMELESS, email=None, phone=None, cancelled_at=clock.now())
    )
    session.execute(
        update(OfficeSetting)
        .where(OfficeSetting.changed_by == user.full_name)
        .values(changed_by="")
    )


def _forget_at_schools(session: Session, user: User) -> None:
    """Take name and contacts off what schools and those who speak to them wrote down."""
    session.execute(
        update(SchoolClass).where(SchoolClass.homeroom_id == user.id).values(homeroom_name=NAMELESS)
    )
    # Elsewhere, the same name is somebody else's.
    at_school = select(Membership.school_id).where(Membership.user_id == user.id)
    contact_of = select(SchoolContact.school_id).where(_may_go(SchoolContact, user))
    session.execute(
        update(ContactAttempt)
        .where(
            ContactAttempt.spoke_with == user.full_name,
            or_(ContactAttempt.school_id.in_(at_school), ContactAttempt.school_id.in_(contact_of)),
            not_(retention.held(ContactAttempt.school_id)),
        )
        .values(spoke_with=NAMELESS)
    )
    for contact in session.scalars(select(SchoolContact).where(_may_go(SchoolContact, user))):
        if _take_off(contact, user):
            contact.note, contact.main = "", False
            contact.ended_on = contact.ended_on or clock.today()
    asked = select(PartnershipRequest).where(_may_go(PartnershipRequest, user))
    for wish in session.scalars(asked):
        if _take_off(wish, user):
            wish.message, wish.note = "", None


def _may_go(model: type[SchoolContact | PartnershipRequest], user: User) -> ColumnElement[bool]:
    """Return the condition for what has one of the account's contacts, at no school under hold."""
    reached = or_(
        and_(model.email != "", func.lower(model.email) == user.email),
        and_(model.phone != "", model.phone == user.phone),
    )
    return and_(reached, not_(retention.held(model.school_id)))


def _take_off(record: SchoolContact | PartnershipRequest, user: User) -> bool:
    """Take the account's contacts off a record; say whether the name went with them.

    A school's own number may be the contact of several people: they keep what is theirs.
    """
    if record.email.lower() == user.email:
        record.email = ""
    if record.phone == user.phone:
        record.phone = ""
    if (record.email or record.phone) and record.full_name != user.full_name:
        return False
    record.full_name, record.position, record.email, record.phone = NAMELESS, "", "", ""
    return True
