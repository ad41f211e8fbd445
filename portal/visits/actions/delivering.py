"""Recording that a session took place."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.visits.actions.deciding import read_anew
from portal.visits.events import VisitDelivered
from portal.visits.models import Method, Visit


@dataclass(frozen=True)
class Delivery:
    """How it went: the method and the heads make a session "delivered"."""

    method: Method
    heads_girls: int
    heads_boys: int
    heads_adults: int
    note: str = ""


def deliver(session: Session, actor: Actor, visit: Visit, report: Delivery) -> None:
    """Mark a session as delivered.

    Raises Rejected("too_early") before it begins and Rejected("nobody_there") without any heads.
    """
    read_anew(session, visit)
    if clock.now() < visit.starts_at:
        raise Rejected("too_early", starts_at=visit.starts_at)
    if report.heads_girls + report.heads_boys + report.heads_adults < 1:
        raise Rejected("nobody_there", "heads_girls")
    visit.move(actor, "deliver")
    visit.method = report.method
    visit.heads_girls = report.heads_girls
    visit.heads_boys = report.heads_boys
    visit.heads_adults = report.heads_adults
    visit.delivery_note = report.note
    visit.delivered_by = actor.user_id
    visit.delivered_at = clock.now()
    duties.close_duties(session, visit.id)
    emit(
        session,
        actor,
        VisitDelivered(
            visit.id,
            worker_id=visit.social_worker_id,
            method=report.method,
            heads_girls=report.heads_girls,
            heads_boys=report.heads_boys,
            heads_adults=report.heads_adults,
        ),
    )
