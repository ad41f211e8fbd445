"""Who is invited to a case conference, and who could be."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import ConferencePerson
from portal.core import clock, i18n
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force
from portal.people.queries.confidential import kept_away


@dataclass(frozen=True)
class Guest:
    """Somebody invited to a conference.

    A colleague has an account and `account` is their name; others have a name and a capacity of
    their own, which are for those alone who may know who the child is.
    """

    person: ConferencePerson
    account: str

    def label(self, *, named: bool) -> str:
        """Return who it is, for a reader who may know who the child is, or may not."""
        if self.account:
            return self.account
        capacity = self.person.capacity or i18n.gettext("Somebody without an account")
        if not named:
            return capacity
        return (
            f"{self.person.name} ({self.person.capacity})"
            if self.person.capacity
            else (self.person.name)
        )


def guests_of(session: Session, service_id: UUID) -> list[Guest]:
    """Return who is invited, in the order in which they were."""
    rows = session.execute(
        select(ConferencePerson, User.full_name)
        .outerjoin(User, User.id == ConferencePerson.user_id)
        .where(ConferencePerson.service_id == service_id)
        .order_by(ConferencePerson.id)
    )
    return [Guest(person, name or "") for person, name in rows]


def get_guest(session: Session, service_id: UUID, public_id: str) -> ConferencePerson | None:
    """Return one person invited to a conference."""
    return session.scalar(
        select(ConferencePerson).where(
            ConferencePerson.service_id == service_id, ConferencePerson.public_id == public_id
        )
    )


def colleagues_for(session: Session, case_id: UUID, service_id: UUID) -> list[User]:
    """Return the staff of the office who may be invited and are not yet, by name.

    Whoever stands on the conflict list of the case is never among them.
    """
    invited = select(ConferencePerson.user_id).where(
        ConferencePerson.service_id == service_id, ConferencePerson.user_id.is_not(None)
    )
    inside = select(Membership.user_id).where(
        Membership.role.in_(policy.INSIDE), in_force(clock.today())
    )
    return list(
        session.scalars(
            select(User)
            .where(
                User.id.in_(inside),
                User.id.not_in(invited),
                User.id.not_in(kept_away(session, case_id)),
            )
            .order_by(User.full_name, User.id)
        )
    )
