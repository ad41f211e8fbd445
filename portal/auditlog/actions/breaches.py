"""Breaches of personal data: recording, changing, telling, closing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.auditlog import policy
from portal.auditlog.events import (
    BreachChanged,
    BreachClosed,
    BreachContained,
    BreachRecorded,
    BreachReported,
)
from portal.auditlog.models import Breach
from portal.auditlog.states import BreachState
from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.numbering import add_numbered

SUBJECT = "breach"
REPORT = "report_breach"
PREFIX = "KD"
# Who keeps this register, and is reminded of the deadline.
KEEPERS = (Role.DIVISION_HEAD, Role.ADMIN)


@dataclass(frozen=True)
class BreachFacts:
    """What is known of a breach so far."""

    title: str
    what_happened: str
    data_kinds: tuple[str, ...]
    people_affected: int | None
    children_affected: bool
    started_at: datetime | None
    found_at: datetime
    measures: str


@dataclass(frozen=True)
class Told:
    """Who was told of a breach and when, or why the people were not."""

    authority_at: datetime
    people_at: datetime | None
    not_told_reason: str


def link_of(breach: Breach) -> str:
    """Return the address of a breach's page."""
    return f"/insiden-data/{breach.public_id}"


def record_breach(session: Session, actor: Actor, known: BreachFacts) -> Breach:
    """Write a breach down, which from then on waits to be reported.

    Raises Rejected("not_allowed"), Rejected("found_later") or Rejected("started_after_found").
    """
    if not actor.may(Permission.BREACH_WRITE):
        raise Rejected("not_allowed")
    _check_moments(known)
    breach = Breach(id=new_id(), state=BreachState.FOUND, recorded_by=actor.user_id)
    _write(session, breach, known)
    add_numbered(session, PREFIX, breach)
    _wait_for_report(session, breach)
    emit(session, actor, BreachRecorded(breach.id, breach.number, breach.due_at))
    return breach


def change_breach(session: Session, actor: Actor, breach: Breach, known: BreachFacts) -> None:
    """Correct or complete what is known; raises what `record_breach` raises.

    Raises Rejected("state_changed") once the breach is closed.
    """
    if not actor.may(Permission.BREACH_WRITE):
        raise Rejected("not_allowed")
    if not policy.may_change(actor, breach):
        raise Rejected("state_changed")
    _check_moments(known)
    names = _changed(breach, known)
    _write(session, breach, known)
    duties.move(session, breach.id, REPORT, due_at=breach.due_at)
    emit(session, actor, BreachChanged(breach.id, names))


def _check_moments(known: BreachFacts) -> None:
    if known.found_at > clock.now():
        raise Rejected("found_later", "found_on")
    if known.started_at is not None and known.started_at > known.found_at:
        raise Rejected("started_after_found", "started_on")


def _changed(breach: Breach, known: BreachFacts) -> str:
    def plain(value: object) -> object:
        return list(value) if isinstance(value, tuple) else value

    names = [each.name for each in fields(known)]
    return ",".join(
        sorted(name for name in names if getattr(breach, name) != plain(getattr(known, name)))
    )


def _write(session: Session, breach: Breach, known: BreachFacts) -> None:
    breach.title, breach.what_happened = known.title, known.what_happened
    breach.data_kinds = list(known.data_kinds)
    breach.people_affected = known.people_affected
    breach.children_affected = known.children_affected
    breach.started_at, breach.found_at = known.started_at, known.found_at
    breach.measures = known.measures
    hours = settings.read(session)["breach_hours"]
    breach.due_at = known.found_at + timedelta(hours=hours)


def _wait_for_report(session: Session, breach: Breach) -> None:
    """Let the keepers know at once: the clock of the law runs, whatever the hour."""
    for role in KEEPERS:
        duties.open_duty(
            session,
            Due(
                kind=REPORT,
                subject_id=breach.id,
                link=link_of(breach),
                due_at=breach.due_at,
                facts={"number": breach.number},
                role=role,
                alarm=True,
            ),
        )


def contain(session: Session, actor: Actor, breach: Breach) -> None:
    """Note that it goes on no longer; raises what a move raises."""
    breach.move(actor, "contain")
    emit(session, actor, BreachContained(breach.id))


def report(session: Session, actor: Actor, breach: Breach, told: Told) -> None:
    """Note when the authority and the people were told.

    Raises what a move raises, Rejected("told_later"), Rejected("told_before_found"), or
    Rejected("people_or_reason") without a moment for the people and without a reason.
    """
    breach.move(actor, "report")
    if told.people_at is None and not told.not_told_reason:
        raise Rejected("people_or_reason", "not_told_reason")
    moments = {"authority": told.authority_at, "people": told.people_at}
    for field, moment in moments.items():
        if moment is not None and moment > clock.now():
            raise Rejected("told_later", f"{field}_on")
        if moment is not None and moment < breach.found_at:
            raise Rejected("told_before_found", f"{field}_on")
    breach.authority_told_at, breach.people_told_at = told.authority_at, told.people_at
    breach.not_told_reason = told.not_told_reason
    duties.close_duties(session, breach.id, REPORT)
    emit(
        session,
        actor,
        BreachReported(
            breach.id,
            authority_told_at=told.authority_at,
            people_told=told.people_at is not None,
            in_time=told.authority_at <= breach.due_at,
        ),
    )


def close(
    session: Session, actor: Actor, breach: Breach, lessons: str, not_told_reason: str = ""
) -> None:
    """Finish the work on a breach.

    Raises what a move raises, and Rejected("reason_not_reported") when nobody was told and no
    reason says why.
    """
    told = breach.state == BreachState.REPORTED
    breach.move(actor, "close")
    if not told and not not_told_reason:
        raise Rejected("reason_not_reported", "unreported")
    if not told:
        breach.not_told_reason = not_told_reason
    breach.lessons, breach.closed_at = lessons, clock.now()
    duties.close_duties(session, breach.id, REPORT)
    emit(session, actor, BreachClosed(breach.id))
