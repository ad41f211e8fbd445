"""Keeping whom the office speaks to at a school; who left stays readable for some years."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import ContactAdded, ContactChanged, ContactEnded
from portal.schools.models import School, SchoolContact


@dataclass(frozen=True)
class ContactFacts:
    """Somebody at a school as they are reached; phone and e-mail in the form they are kept in."""

    full_name: str
    position: str
    phone: str
    email: str
    main: bool
    note: str


def add_contact(
    session: Session, actor: Actor, school: School, facts: ContactFacts
) -> SchoolContact:
    """Write down somebody who can be reached at a school.

    Raises Rejected("not_allowed"), Rejected("school_inactive"), or Rejected("contact_needed").
    """
    _check(session, actor, school)
    _check_reachable(facts)
    contact = SchoolContact(
        id=new_id(),
        school_id=school.id,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
        **asdict(facts),
    )
    if facts.main:
        _make_room(session, school.id)
    session.add(contact)
    session.flush()
    emit(session, actor, ContactAdded(contact.id, school.id))
    return contact


def change_contact(
    session: Session, actor: Actor, school: School, contact: SchoolContact, facts: ContactFacts
) -> None:
    """Correct how somebody is reached; raises what `add_contact` does, or "contact_over"."""
    _check(session, actor, school)
    _check_reachable(facts)
    if contact.ended_on is not None:
        raise Rejected("contact_over")
    values = asdict(facts)
    changed = sorted(name for name, value in values.items() if value != getattr(contact, name))
    if not changed:
        return
    if facts.main and not contact.main:
        _make_room(session, school.id)
    for name in changed:
        setattr(contact, name, values[name])
    session.flush()
    emit(session, actor, ContactChanged(contact.id, school.id, ",".join(changed)))


def end_contact(
    session: Session, actor: Actor, school: School, contact: SchoolContact, ended_on: date
) -> None:
    """Note the day from which somebody is reached at a school no longer.

    Raises Rejected("not_allowed"), Rejected("contact_over"), or Rejected("contact_day_ahead").
    """
    if not actor.may(Permission.SCHOOL_CONTACTS_WRITE, school.id):
        raise Rejected("not_allowed")
    if contact.ended_on is not None:
        raise Rejected("contact_over")
    if ended_on > clock.today():
        raise Rejected("contact_day_ahead", "ended_on")
    contact.ended_on, contact.main = ended_on, False
    session.flush()
    emit(session, actor, ContactEnded(contact.id, school.id))


def _check(session: Session, actor: Actor, school: School) -> None:
    if not actor.may(Permission.SCHOOL_CONTACTS_WRITE, school.id):
        raise Rejected("not_allowed")
    # Two main contacts named at the same moment: one after the other.
    session.refresh(school, with_for_update=True)
    if not school.active:
        raise Rejected("school_inactive")


def _check_reachable(facts: ContactFacts) -> None:
    if not facts.phone and not facts.email:
        raise Rejected("contact_needed", "phone")


def _make_room(session: Session, school_id: UUID) -> None:
    """Let a school have one main contact only."""
    session.execute(
        update(SchoolContact)
        .where(SchoolContact.school_id == school_id, SchoolContact.main)
        .values(main=False, version=SchoolContact.version + 1)
    )
