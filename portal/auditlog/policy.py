"""Who may know of a request or a breach, and who may open the file of a request."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from portal.auditlog.models import Breach, DataRequest, RequestKind
from portal.auditlog.states import OPEN_BREACHES
from portal.core.access import Actor, Permission
from portal.people.policy import confidential, conflicts_of

# What can be answered with a copy of an account's data.
COPY_KINDS = frozenset({RequestKind.ACCESS, RequestKind.INFORMATION})


def requests_listed_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the requests an actor may know of, without the names in them."""
    return and_(
        or_(
            actor.within(Permission.DATA_REQUEST_ASSIGN),
            actor.within(Permission.DATA_REQUEST_READ, assignee_column=DataRequest.handler_id),
        ),
        DataRequest.id.not_in(conflicts_of(actor)),
    )


def requests_open_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the requests whose full file an actor may read now."""
    return confidential(
        actor,
        Permission.DATA_REQUEST_READ,
        DataRequest.id,
        assignee_column=DataRequest.handler_id,
    )


def breaches_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the breaches an actor may see."""
    return actor.within(Permission.BREACH_READ)


def may_change(actor: Actor, breach: Breach) -> bool:
    """Say whether an actor may still correct what is known of a breach."""
    return actor.may(Permission.BREACH_WRITE) and breach.state in OPEN_BREACHES


def about_oneself(actor: Actor, request: DataRequest) -> bool:
    """Say whether a request is about the actor's own account; nobody handles that themselves."""
    return request.account_id == actor.user_id


def gives_copy(request: DataRequest) -> bool:
    """Say whether a copy of an account belongs to this request: only once it is known who asks."""
    return (
        request.kind in COPY_KINDS
        and request.account_id is not None
        and request.identity_checked_at is not None
    )
