"""A new password for whoever lost theirs: by e-mail, or handed over by somebody known."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Appointment, Role
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.tokens import new_token, token_hash
from portal.people import policy
from portal.people.actions import sessions
from portal.people.events import PasswordChanged, ResetAsked, ResetLinkMade
from portal.people.models import Membership, ResetLink, User
from portal.people.queries.appointments import appointments_of, in_force
from portal.people.queries.resets import find_reset

PATIENCE = timedelta(days=2)


def ask(session: Session, user: User | None) -> None:
    """Tell whoever may help that somebody cannot get in.

    Does and writes the same whether or not the account exists, so that the answer takes as long: a
    wish nobody can meet is written down as met already.
    """
    subject_id = user.id if user else new_id()
    membership = _membership(session, subject_id)
    waits = duties.is_open(session, subject_id, sessions.RESET_WANTED)
    whom = _helper(session, appointments_of(session, subject_id))
    moment = clock.now()
    duty = duties.open_duty(
        session,
        Due(
            kind=sessions.RESET_WANTED,
            subject_id=subject_id,
            role=whom.role,
            school_id=whom.school_id,
            link=f"/pengguna/{membership.public_id}/tautan" if membership else "/pengguna",
            due_at=moment + PATIENCE,
            facts={"name": user.full_name if user else ""},
        ),
    )
    if membership is None or waits:
        duty.closed_at, duty.next_look_at = moment, None
    emit(session, None, ResetAsked(user.id if user else None))


def _membership(session: Session, user_id: UUID) -> Membership | None:
    return session.scalars(
        select(Membership)
        .where(Membership.user_id == user_id, in_force(clock.today()))
        .order_by(Membership.starts_on, Membership.id)
    ).first()


def _helper(session: Session, held: tuple[Appointment, ...]) -> Appointment:
    """Return who may hand the link over: the principal of the own staff, of others the admin.

    Of somebody who is also more than that, or whose school has no principal now, the admin too.
    """
    schools = {each.school_id for each in held}
    school_id = schools.pop() if len(schools) == 1 else None
    leads = select(
        exists().where(
            Membership.role == Role.PRINCIPAL,
            Membership.school_id == school_id,
            in_force(clock.today()),
        )
    )
    staff = all(each.role in policy.SCHOOL_STAFF for each in held)
    if session.scalar(leads) and staff and school_id:
        return Appointment(Role.PRINCIPAL, school_id)
    return Appointment(Role.ADMIN)


def make_link(session: Session, actor: Actor, membership: Membership) -> tuple[ResetLink, str]:
    """Make a link to a new password and return it with its secret token, which is never stored.

    An older link of the same person ends. Raises Rejected("not_allowed").
    """
    held = appointments_of(session, membership.user_id)
    if not policy.may_reset(actor, membership.user_id, held):
        raise Rejected("not_allowed")
    _end_links(session, membership.user_id)
    link, token = _new_link(session, membership.user_id, actor.user_id)
    duties.close_duties(session, membership.user_id, sessions.RESET_WANTED)
    emit(session, actor, ResetLinkMade(membership.user_id))
    return link, token


def link_by_mail(session: Session, user_id: UUID) -> tuple[ResetLink, str]:
    """Make the link that goes to somebody's own address, with its token.

    It ends an older one of this kind; what a colleague has handed over meanwhile goes on working.
    """
    _end_links(session, user_id, ResetLink.made_by.is_(None))
    made = _new_link(session, user_id, None)
    emit(session, None, ResetLinkMade(user_id))
    return made


def _new_link(session: Session, user_id: UUID, made_by: UUID | None) -> tuple[ResetLink, str]:
    token, moment = new_token(), clock.now()
    link = ResetLink(
        token_hash=token_hash(token),
        user_id=user_id,
        made_by=made_by,
        created_at=moment,
        expires_at=moment + timedelta(hours=settings.read(session)["reset_hours"]),
    )
    session.add(link)
    session.flush()
    return link, token


def _end_links(session: Session, user_id: UUID, *which: ColumnElement[bool]) -> None:
    unused = (ResetLink.used_at.is_(None), ResetLink.cancelled_at.is_(None))
    session.execute(
        update(ResetLink)
        .where(ResetLink.user_id == user_id, *unused, *which)
        .values(cancelled_at=clock.now())
    )


def use_link(session: Session, token: str, password_hash: str) -> User:
    """Set the new password, once, and end every session; raises Rejected("reset_over")."""
    link = find_reset(session, token, lock=True)
    if link is None:
        raise Rejected("reset_over")
    user = session.get_one(User, link.user_id)
    actor = Actor(user.id, user.full_name, ())
    user.password_hash = password_hash
    user.password_changed_at = link.used_at = clock.now()
    session.flush()
    _end_links(session, user.id)
    sessions.end_all(session, user.id)
    duties.close_duties(session, user.id, sessions.RESET_WANTED)
    emit(session, actor, PasswordChanged(user.id, by_link=True))
    return user
