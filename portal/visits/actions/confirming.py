"""The school's word on a session that was recorded as delivered."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.visits.actions import about
from portal.visits.actions.deciding import read_anew
from portal.visits.events import DeliveryConfirmed, DeliveryDoubted, DeliverySettled
from portal.visits.models import Visit
from portal.visits.policy.delivery import may_confirm
from portal.visits.states import VisitState


def confirm(session: Session, actor: Actor, visit: Visit, note: str = "") -> None:
    """Note that the school says the session took place as recorded.

    Raises Rejected("state_changed") when somebody at the school said so before, and
    Rejected("not_allowed").
    """
    _check(session, actor, visit)
    if visit.school_confirmed_at is not None:
        raise Rejected("state_changed")
    visit.school_confirmed_at = clock.now()
    visit.school_confirmed_by = actor.user_id
    visit.school_note = note or None
    for kind in (about.CONFIRM_SESSION, about.CHECK_DELIVERY):
        duties.close_duties(session, visit.id, kind)
    emit(session, actor, DeliveryConfirmed(visit.id, visit.school_id))


def doubt(session: Session, actor: Actor, visit: Visit, note: str) -> None:
    """Note what the school remembers otherwise; a coordinator looks into it.

    Raises Rejected("state_changed") and Rejected("not_allowed").
    """
    _check(session, actor, visit)
    visit.school_confirmed_at = None
    visit.school_confirmed_by = actor.user_id
    visit.school_note = note
    duties.close_duties(session, visit.id, about.CONFIRM_SESSION)
    if not duties.is_open(session, visit.id, about.CHECK_DELIVERY):
        school = session.get_one(School, visit.school_id)
        days: int = settings.read(session)["report_working_days"]
        day = clock.add_working_days(clock.today(), days)
        about.open_duty(
            session,
            visit,
            school,
            about.CHECK_DELIVERY,
            about.Whom(role=Role.COORDINATOR),
            due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
        )
    emit(session, actor, DeliveryDoubted(visit.id, visit.school_id))


def settle(session: Session, actor: Actor, visit: Visit) -> None:
    """Note that a coordinator looked into it and the record stays as it is.

    Raises Rejected("state_changed") when nothing waits for that, and Rejected("not_allowed").
    """
    read_anew(session, visit)
    if not actor.may(Permission.VISIT_APPROVE):
        raise Rejected("not_allowed")
    if not duties.is_open(session, visit.id, about.CHECK_DELIVERY):
        raise Rejected("state_changed")
    duties.close_duties(session, visit.id, about.CHECK_DELIVERY)
    emit(session, actor, DeliverySettled(visit.id, visit.school_id))


def _check(session: Session, actor: Actor, visit: Visit) -> None:
    read_anew(session, visit)
    if visit.state != VisitState.DELIVERED:
        raise Rejected("state_changed")
    if not may_confirm(actor, visit):
        raise Rejected("not_allowed")
