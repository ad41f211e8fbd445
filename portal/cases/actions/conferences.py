"""Case conferences: who is invited, who came, and what is decided there.

Being invited opens nothing: whoever comes hears in the room what they need to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.cases.actions import deciding, serving
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.serving import Outcome
from portal.cases.models import Case, ConferencePerson, Decision, Service
from portal.cases.queries import conferences as queries
from portal.cases.states import DecisionKind, EntryKind, ServiceKind, ServiceState
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected


@dataclass(frozen=True)
class Guests:
    """Colleagues by their accounts, and one person without an account by name and capacity."""

    colleagues: frozenset[UUID] = frozenset()
    name: str = ""
    capacity: str = ""


def invite(session: Session, actor: Actor, case: Case, service: Service, guests: Guests) -> None:
    """Write down who is invited; whoever is already stays so.

    Raises what `file.begin` and `_begin` raise, Rejected("guest_needed") for nobody,
    Rejected("guest_name") for a capacity alone, or Rejected("in_conflict") for somebody who must
    not see the case or is no staff of the office.
    """
    _begin(session, actor, case, service)
    if not guests.colleagues and not guests.name:
        raise Rejected("guest_name" if guests.capacity else "guest_needed", "name")
    there = {each.person.user_id for each in queries.guests_of(session, service.id)}
    fit = {each.id for each in queries.colleagues_for(session, case.id, service.id)}
    new = guests.colleagues - there
    if not new <= fit:
        raise Rejected("in_conflict", "colleagues")
    people = [ConferencePerson(id=new_id(), user_id=each) for each in sorted(new)]
    if guests.name:
        people.append(ConferencePerson(id=new_id(), name=guests.name, capacity=guests.capacity))
    for person in people:
        person.service_id = service.id
    session.add_all(people)
    _note(session, actor, case, service, invited=len(people))


def uninvite(
    session: Session, actor: Actor, case: Case, service: Service, person: ConferencePerson
) -> None:
    """Take somebody off the list; raises what `file.begin` and `_begin` raise."""
    _begin(session, actor, case, service)
    session.delete(person)
    _note(session, actor, case, service, uninvited=1)


def leave_out(session: Session, case: Case, user_id: UUID) -> None:
    """Invite somebody who must not see a case to none of its conferences to come."""
    coming = select(Service.id).where(
        Service.case_id == case.id, Service.state == ServiceState.PLANNED
    )
    session.execute(
        delete(ConferencePerson).where(
            ConferencePerson.user_id == user_id, ConferencePerson.service_id.in_(coming)
        )
    )


def record(
    session: Session,
    actor: Actor,
    case: Case,
    service: Service,
    outcome: Outcome,
    came: frozenset[UUID],
) -> None:
    """Write down what came of a conference and who of those invited came (ids of their places).

    Raises what `serving.record` raises.
    """
    serving.record(session, actor, case, service, outcome)
    held = outcome.state is ServiceState.HELD
    for guest in queries.guests_of(session, service.id):
        guest.person.came = held and guest.person.id in came


def decide(
    session: Session, actor: Actor, case: Case, service: Service, reasons: Reasons
) -> Decision:
    """Write down what a conference decided.

    Raises what `file.begin`, `_begin` and `deciding.decide` raise, or Rejected("record_first")
    before it is recorded as held.
    """
    _begin(session, actor, case, service)
    if service.state != ServiceState.HELD:
        raise Rejected("record_first")
    return deciding.decide(
        session, actor, case, DecisionKind.CONFERENCE, reasons, record_id=service.id
    )


def _begin(session: Session, actor: Actor, case: Case, service: Service) -> None:
    """Raises Rejected("state_changed") for what was cancelled or is no conference any more."""
    begin(session, actor, case)
    conference = service.kind == ServiceKind.CONFERENCE
    if not conference or service.state == ServiceState.CANCELLED:
        raise Rejected("state_changed")


def _note(session: Session, actor: Actor, case: Case, service: Service, **figures: int) -> None:
    facts = {"kind": str(service.kind), "state": str(service.state), **figures}
    write_entry(session, actor, case, EntryKind.CONFERENCE, facts=facts, record_id=service.id)
