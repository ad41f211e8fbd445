"""Requests of data subjects: recording, assigning, handling, closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.auditlog import policy
from portal.auditlog.events import (
    RequestAssigned,
    RequestClosed,
    RequesterIdentified,
    RequestRecorded,
    RequestReleased,
)
from portal.auditlog.models import DataRequest, Relation, RequestKind
from portal.auditlog.queries.requests import possible_handlers
from portal.auditlog.states import OPEN_REQUESTS, RequestState
from portal.core import clock, crypto, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.numbering import add_numbered
from portal.people.actions import erasure
from portal.people.actions.confidential import Record, record_conflict
from portal.people.models import User
from portal.people.queries.accounts import find_by_identifier
from portal.people.queries.confidential import in_conflict

SUBJECT = "data_request"
ANSWER = "answer_data_request"
PREFIX = "PD"
SUBJECT_INDEX = "data_subject"
# A letter may have lain on a desk, but the clock of the law runs from the day it came.
MOST_DAYS_AGO = 30


@dataclass(frozen=True)
class NewRequest:
    """What somebody asks for; `account` is the e-mail or phone they sign in with, if they do."""

    kind: RequestKind
    relation: Relation
    requester: str
    contact: str
    data_subject: str
    wish: str
    received_at: datetime
    account: str = ""


def record_of(request: DataRequest) -> Record:
    """Return a request as conflict lists and emergency accesses name it."""
    return Record(SUBJECT, request.id, request.number, link_of(request))


def link_of(request: DataRequest) -> str:
    """Return the address of a request's page."""
    return f"/permintaan-data/{request.public_id}"


def record_request(session: Session, actor: Actor, wanted: NewRequest) -> DataRequest:
    """Write down a request, which then waits for a handler.

    Raises Rejected("not_allowed"), Rejected("received_later"), Rejected("received_long_ago") or
    Rejected("account_unknown").
    """
    if not actor.may(Permission.DATA_REQUEST_ASSIGN):
        raise Rejected("not_allowed")
    _check_received(wanted.received_at)
    subject = wanted.data_subject if wanted.relation is not Relation.SELF else wanted.requester
    hours = settings.read(session)["data_request_hours"]
    request = DataRequest(
        id=new_id(),
        kind=wanted.kind,
        relation=wanted.relation,
        state=RequestState.RECEIVED,
        requester=wanted.requester,
        contact=wanted.contact,
        data_subject=subject,
        subject_index=crypto.blind_index(SUBJECT_INDEX, subject),
        account_id=_account(session, wanted.account),
        wish=wanted.wish,
        received_at=wanted.received_at,
        due_at=wanted.received_at + timedelta(hours=hours),
        recorded_by=actor.user_id,
    )
    add_numbered(session, PREFIX, request)
    _wait_for_answer(session, request)
    happened = RequestRecorded(request.id, request.number, request.kind, request.due_at)
    emit(session, actor, happened)
    return request


def _check_received(received_at: datetime) -> None:
    moment = clock.now()
    if received_at > moment:
        raise Rejected("received_later", "received_on")
    if received_at < moment - timedelta(days=MOST_DAYS_AGO):
        raise Rejected("received_long_ago", "received_on", days=MOST_DAYS_AGO)


def _account(session: Session, identifier: str) -> UUID | None:
    if not identifier:
        return None
    account = find_by_identifier(session, identifier)
    if account is None:
        raise Rejected("account_unknown", "account")
    return account.id


def _wait_for_answer(session: Session, request: DataRequest) -> None:
    """Let the answer wait for the handler, or for the division head while there is none."""
    duties.close_duties(session, request.id, ANSWER)
    duties.open_duty(
        session,
        Due(
            kind=ANSWER,
            subject_id=request.id,
            link=link_of(request),
            due_at=request.due_at,
            facts={"number": request.number},
            person_id=request.handler_id,
            role=None if request.handler_id else Role.DIVISION_HEAD,
        ),
    )


def assign(session: Session, actor: Actor, request: DataRequest, handler_id: UUID) -> None:
    """Let somebody handle a request.

    Raises Rejected("not_allowed"), Rejected("state_changed") once it is closed, or
    Rejected("own_request") and Rejected("handler_unfit") for whoever may not.
    """
    _check_may_assign(session, actor, request)
    if handler_id == request.account_id:
        raise Rejected("own_request", "handler")
    fit = possible_handlers(session, actor, request.id)
    if handler_id not in {person.id for person in fit}:
        raise Rejected("handler_unfit", "handler")
    request.handler_id = handler_id
    _wait_for_answer(session, request)
    emit(session, actor, RequestAssigned(request.id, handler_id))


def _check_may_assign(session: Session, actor: Actor, request: DataRequest) -> None:
    if not actor.may(Permission.DATA_REQUEST_ASSIGN) or in_conflict(session, actor, request.id):
        raise Rejected("not_allowed")
    if request.state not in OPEN_REQUESTS:
        raise Rejected("state_changed")


def release(session: Session, actor: Actor | None, request: DataRequest) -> None:
    """Take a request from its handler, who left or must not see it; the division head assigns."""
    request.handler_id = None
    if request.state in OPEN_REQUESTS:
        _wait_for_answer(session, request)
    emit(session, actor, RequestReleased(request.id))


def keep_away(
    session: Session, actor: Actor, request: DataRequest, person: User, reason: str
) -> None:
    """Keep somebody away from a request, also its handler, who then no longer handles it.

    Raises Rejected("not_allowed"), Rejected("conflict_known"), or Rejected("handler_first") for
    oneself while nobody handles the request: nobody could assign it afterwards.
    """
    if not actor.may(Permission.DATA_REQUEST_ASSIGN) or in_conflict(session, actor, request.id):
        raise Rejected("not_allowed")
    if person.id == actor.user_id and request.handler_id in {None, actor.user_id}:
        raise Rejected("handler_first", "person")
    record_conflict(session, actor, record_of(request), person.id, reason)
    if request.handler_id == person.id:
        release(session, actor, request)


def identify(session: Session, actor: Actor, request: DataRequest, how: str) -> None:
    """Note how the office made sure who asks; raises what `_check_may_handle` and moves raise."""
    _check_may_handle(session, actor, request)
    request.move(actor, "identify")
    request.identity_note, request.identity_checked_at = how, clock.now()
    emit(session, actor, RequesterIdentified(request.id))


def fulfil(session: Session, actor: Actor, request: DataRequest, answer: str) -> None:
    """Do what was asked for; erasing a person who has an account erases the account.

    Raises what `identify` raises and what `erase_account` raises.
    """
    _check_may_handle(session, actor, request)
    request.move(actor, "fulfil")
    if request.kind == RequestKind.ERASURE and request.account_id is not None:
        erasure.erase_account(session, actor, session.get_one(User, request.account_id))
    _close(session, actor, request, answer)


def refuse(session: Session, actor: Actor, request: DataRequest, reason: str) -> None:
    """Answer that it cannot be done, and why; raises what `identify` raises."""
    _check_may_handle(session, actor, request)
    request.move(actor, "refuse")
    _close(session, actor, request, reason)


def withdraw(session: Session, actor: Actor, request: DataRequest, note: str) -> None:
    """Note that whoever asked took it back; raises what `identify` raises."""
    _check_may_handle(session, actor, request)
    request.move(actor, "withdraw")
    _close(session, actor, request, note)


def _check_may_handle(session: Session, actor: Actor, request: DataRequest) -> None:
    if policy.about_oneself(actor, request):
        raise Rejected("own_request")
    if in_conflict(session, actor, request.id):
        raise Rejected("not_allowed")


def _close(session: Session, actor: Actor, request: DataRequest, answer: str) -> None:
    request.answer, request.closed_at = answer, clock.now()
    duties.close_duties(session, request.id, ANSWER)
    in_time = request.closed_at <= request.due_at
    emit(session, actor, RequestClosed(request.id, request.state, in_time))
