"""What the registers do when something happens elsewhere: a handler of requests leaves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.auditlog.actions.requests import release
from portal.auditlog.models import DataRequest
from portal.auditlog.states import OPEN_REQUESTS
from portal.core.access import Actor, Permission
from portal.core.events import on
from portal.people.events import AppointmentEnded
from portal.people.queries.appointments import appointments_of


@on(AppointmentEnded)
def give_requests_back(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """Give the open requests of somebody who may no longer handle them to the division head.

    A successor does not inherit them: who may see a request is decided for each one.
    """
    leaving = Actor(ended.user_id, "", appointments_of(session, ended.user_id))
    if leaving.may_somewhere(Permission.DATA_REQUEST_WRITE):
        return
    held = select(DataRequest).where(
        DataRequest.handler_id == ended.user_id, DataRequest.state.in_(OPEN_REQUESTS)
    )
    for request in session.scalars(held):
        release(session, actor, request)
