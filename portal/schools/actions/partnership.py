"""A school asks on a public page to become a partner, and the office answers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import (
    PartnershipAnswered,
    PartnershipAsked,
    PartnershipPlaced,
)
from portal.schools.models import Mou, PartnershipRequest, School
from portal.schools.states import AGREEABLE, RequestState

ANSWER_PARTNERSHIP = "answer_partnership"


@dataclass(frozen=True)
class Asked:
    """Who asks for which school; phone and e-mail in the form they are kept in."""

    school_id: UUID | None
    school_name: str
    full_name: str
    position: str
    phone: str
    email: str
    message: str


def ask(session: Session, asked: Asked) -> PartnershipRequest:
    """Keep a school's wish to become a partner, for the coordinators to answer.

    Raises Rejected("contact_needed") where nobody could be answered.
    """
    if not asked.phone and not asked.email:
        raise Rejected("contact_needed", "phone")
    days = settings.read(session)["partnership_working_days"]
    day = clock.add_working_days(clock.today(), days)
    request = PartnershipRequest(
        id=new_id(),
        school_id=asked.school_id,
        school_name=asked.school_name,
        full_name=asked.full_name,
        position=asked.position,
        phone=asked.phone,
        email=asked.email,
        message=asked.message,
        state=RequestState.NEW,
        asked_at=clock.now(),
        answer_by=clock.at_wib(day, clock.OFFICE_CLOSES),
    )
    session.add(request)
    session.flush()
    duties.open_duty(
        session,
        Due(
            kind=ANSWER_PARTNERSHIP,
            subject_id=request.id,
            role=Role.COORDINATOR,
            link=f"/permintaan-mitra/{request.public_id}",
            due_at=request.answer_by,
            facts={"school": request.school_name},
        ),
    )
    emit(session, None, PartnershipAsked(request.id, request.school_id))
    return request


def place(session: Session, actor: Actor, request: PartnershipRequest, school: School) -> None:
    """Say which school of the register asks; raises Rejected("not_allowed")."""
    if not actor.may(Permission.PARTNERSHIP_WRITE):
        raise Rejected("not_allowed")
    if request.school_id == school.id:
        return
    request.school_id, request.school_name = school.id, school.name
    session.flush()
    emit(session, actor, PartnershipPlaced(request.id, school.id))


def note_contact(session: Session, actor: Actor, request: PartnershipRequest, note: str) -> None:
    """Note that the school was spoken to; it still waits for what comes of it.

    Raises what `Stateful.move` raises.
    """
    _go_on(session, actor, request, "contact", note)


def agree(session: Session, actor: Actor, request: PartnershipRequest, note: str) -> None:
    """Agree to a partnership; the MoU can be recorded next.

    Raises what `Stateful.move` raises, or Rejected("partnership_place") while nobody has said which
    school it is.
    """
    if request.school_id is None:
        raise Rejected("partnership_place")
    _go_on(session, actor, request, "agree", note)
    duties.close_duties(session, request.id, ANSWER_PARTNERSHIP)


def put_off(session: Session, actor: Actor, request: PartnershipRequest, note: str) -> None:
    """Say why it cannot be now.

    Raises what `Stateful.move` raises, or Rejected("partnership_reason") without a reason.
    """
    if not note:
        raise Rejected("partnership_reason", "note")
    _go_on(session, actor, request, "put_off", note)
    duties.close_duties(session, request.id, ANSWER_PARTNERSHIP)


def _go_on(
    session: Session, actor: Actor, request: PartnershipRequest, name: str, note: str
) -> None:
    request.move(actor, name)
    request.note = note or request.note
    request.handled_by, request.handled_at = actor.user_id, clock.now()
    session.flush()
    emit(session, actor, PartnershipAnswered(request.id, request.state))


def settle(session: Session, actor: Actor | None, mou: Mou) -> None:
    """Let an MoU be what came of the wishes of its school."""
    asked = session.scalars(
        select(PartnershipRequest)
        .where(PartnershipRequest.school_id == mou.school_id, PartnershipRequest.mou_id.is_(None))
        .order_by(PartnershipRequest.asked_at)
    )
    for request in asked.all():
        if request.state in AGREEABLE:
            request.follow(AGREEABLE, RequestState.AGREED)
            emit(session, actor, PartnershipAnswered(request.id, request.state))
        request.mou_id = mou.id
        duties.close_duties(session, request.id, ANSWER_PARTNERSHIP)
    session.flush()
