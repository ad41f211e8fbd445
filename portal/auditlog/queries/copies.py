"""Everything the portal keeps about one account, for whoever asks for a copy of their data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from portal.auditlog.models import DataRequest
from portal.core.audit import AuditEntry
from portal.people.models import Invitation, Membership, Passkey, ResetLink, SignInSession, User
from portal.schools.models import PartnershipRequest, School, SchoolClass, SchoolContact
from portal.visits.models import (
    CalendarFeed,
    Leave,
    Programme,
    Visit,
    VisitWorker,
    WorkerTerms,
    WorkingHours,
)


@dataclass(frozen=True)
class Account:
    """An account with all that belongs to it; names of other people are not among it."""

    user: User
    appointments: list[Row[*tuple[Membership, str | None]]]
    sign_ins: list[SignInSession]
    passkeys: list[Passkey]
    reset_links: list[ResetLink]
    invited: list[Row[*tuple[Invitation, str | None]]]
    invitations: list[Row[*tuple[Invitation, str | None]]]
    contacts: list[Row[*tuple[SchoolContact, str]]]
    classes: list[Row[*tuple[SchoolClass, str]]]
    wishes: list[PartnershipRequest]
    feeds: list[CalendarFeed]
    visits: list[Row[*tuple[Visit, str, Programme]]]
    hours: list[WorkingHours]
    terms: list[WorkerTerms]
    leave: list[Leave]
    requests: list[Row[*tuple[str, str, str, datetime, datetime | None]]]
    acts: list[Row[*tuple[datetime, str]]]


def account_of(session: Session, user_id: UUID) -> Account:
    """Return everything about one account, the oldest first."""
    user = session.get_one(User, user_id)
    return Account(
        user=user,
        appointments=_appointments(session, user_id),
        sign_ins=_own(session, SignInSession, user_id, SignInSession.created_at),
        passkeys=_own(session, Passkey, user_id, Passkey.created_at),
        reset_links=_own(session, ResetLink, user_id, ResetLink.created_at),
        invited=_invitations(session, Invitation.invited_by == user_id),
        invitations=_invitations(session, _addressed_to(user, Invitation)),
        contacts=_contacts(session, user),
        classes=_classes(session, user_id),
        wishes=_wishes(session, user),
        feeds=_own(session, CalendarFeed, user_id, CalendarFeed.made_at),
        visits=_visits(session, user_id),
        hours=_own(session, WorkingHours, user_id, WorkingHours.weekday),
        terms=_own(session, WorkerTerms, user_id, WorkerTerms.from_on),
        leave=_own(session, Leave, user_id, Leave.first_day),
        requests=_requests(session, user_id),
        acts=_acts(session, user_id),
    )


def _own(session: Session, model: Any, user_id: UUID, order: Any) -> list[Any]:
    query = select(model).where(model.user_id == user_id).order_by(order, model.id)
    return list(session.scalars(query))


def _appointments(session: Session, user_id: UUID) -> list[Row[*tuple[Membership, str | None]]]:
    return list(
        session.execute(
            select(Membership, School.name)
            .outerjoin(School, School.id == Membership.school_id)
            .where(Membership.user_id == user_id)
            .order_by(Membership.starts_on, Membership.id)
        )
    )


def _addressed_to(
    user: User, model: type[Invitation | SchoolContact | PartnershipRequest]
) -> ColumnElement[bool]:
    """Return the condition for records with one of the account's contacts."""
    # A contact the account lacks would fit every record that lacks it, too.
    contacts: list[ColumnElement[bool]] = [model.id.is_(None)]
    if user.email:
        contacts.append(func.lower(model.email) == user.email)
    if user.phone:
        contacts.append(model.phone == user.phone)
    return or_(*contacts)


def _contacts(session: Session, user: User) -> list[Row[*tuple[SchoolContact, str]]]:
    return list(
        session.execute(
            select(SchoolContact, School.name)
            .join(School, School.id == SchoolContact.school_id)
            .where(_addressed_to(user, SchoolContact))
            .order_by(SchoolContact.recorded_at, SchoolContact.id)
        )
    )


def _classes(session: Session, user_id: UUID) -> list[Row[*tuple[SchoolClass, str]]]:
    return list(
        session.execute(
            select(SchoolClass, School.name)
            .join(School, School.id == SchoolClass.school_id)
            .where(SchoolClass.homeroom_id == user_id)
            .order_by(SchoolClass.start_year, SchoolClass.name, SchoolClass.id)
        )
    )


def _wishes(session: Session, user: User) -> list[PartnershipRequest]:
    mine = select(PartnershipRequest).where(_addressed_to(user, PartnershipRequest))
    return list(session.scalars(mine.order_by(PartnershipRequest.asked_at, PartnershipRequest.id)))


def _invitations(
    session: Session, which: ColumnElement[bool]
) -> list[Row[*tuple[Invitation, str | None]]]:
    return list(
        session.execute(
            select(Invitation, School.name)
            .outerjoin(School, School.id == Invitation.school_id)
            .where(which)
            .order_by(Invitation.created_at, Invitation.id)
        )
    )


def _visits(session: Session, user_id: UUID) -> list[Row[*tuple[Visit, str, Programme]]]:
    part = (
        *(Visit.requested_by, Visit.social_worker_id, Visit.decided_by, Visit.delivered_by),
        *(Visit.offered_by, Visit.school_confirmed_by),
    )
    along = select(VisitWorker.visit_id).where(VisitWorker.user_id == user_id)
    return list(
        session.execute(
            select(Visit, School.name, Programme)
            .join(School, School.id == Visit.school_id)
            .join(Programme, Programme.id == Visit.programme_id)
            .where(or_(*(column == user_id for column in part), Visit.id.in_(along)))
            .order_by(Visit.starts_at, Visit.id)
        )
    )


def _requests(
    session: Session, user_id: UUID
) -> list[Row[*tuple[str, str, str, datetime, datetime | None]]]:
    return list(
        session.execute(
            select(
                DataRequest.number,
                DataRequest.kind,
                DataRequest.state,
                DataRequest.received_at,
                DataRequest.closed_at,
            )
            .where(DataRequest.account_id == user_id)
            .order_by(DataRequest.received_at, DataRequest.id)
        )
    )


def _acts(session: Session, user_id: UUID) -> list[Row[*tuple[datetime, str]]]:
    return list(
        session.execute(
            select(AuditEntry.at, AuditEntry.action)
            .where(AuditEntry.actor_id == user_id)
            .order_by(AuditEntry.seq)
        )
    )
