"""Appointments with a child and a family: planned, recorded, put right, cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import family
from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.models import Case, Service
from portal.cases.queries import files
from portal.cases.queries import services as queries
from portal.cases.states import Barrier, EntryKind, ServiceKind, ServiceState
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.visits.actions import ledger
from portal.visits.models import WorkKind


@dataclass(frozen=True)
class Appointment:
    """What is planned, or took place: when, for how many minutes, who holds it, what for."""

    kind: ServiceKind
    starts_at: datetime
    minutes: int
    held_by: UUID
    goal_id: UUID | None = None
    place: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of it: held or missed, and who came; None for whoever was not expected."""

    state: ServiceState
    minutes: int
    child_came: bool | None = None
    family_came: bool | None = None
    result: str = ""
    barrier: Barrier | None = None


def plan(session: Session, actor: Actor, case: Case, wanted: Appointment) -> Service:
    """Plan an appointment; raises what `file.begin` and `_settle` raise.

    Rejected("already_over") for a time that has passed: that is recorded, not planned.
    """
    begin(session, actor, case)
    if wanted.starts_at <= clock.now():
        raise Rejected("already_over", "day")
    service = _new(session, actor, case, wanted)
    _note(session, actor, case, service)
    return service


def change(
    session: Session, actor: Actor, case: Case, service: Service, wanted: Appointment
) -> None:
    """Move an appointment, or put right what it is; raises what `plan` and `record` raise."""
    begin(session, actor, case)
    _refuse_cancelled(service)
    over = wanted.starts_at <= clock.now()
    if service.state != ServiceState.PLANNED and not over:
        raise Rejected("still_to_come", "day")
    if service.state == ServiceState.PLANNED and over and wanted.starts_at != service.starts_at:
        raise Rejected("already_over", "day")
    _settle(session, actor, case, service, wanted)
    _note(session, actor, case, service, changed=True)
    family.watch(session, actor, case)


def record(session: Session, actor: Actor, case: Case, service: Service, outcome: Outcome) -> None:
    """Write down what came of an appointment, or put that right.

    Raises what `file.begin` raises, Rejected("state_changed") for a cancelled one,
    Rejected("still_to_come") before it begins, and what `_check` raises.
    """
    begin(session, actor, case)
    _refuse_cancelled(service)
    if service.starts_at > clock.now():
        raise Rejected("still_to_come")
    before = service.recorded_at is not None
    _write_down(actor, service, outcome)
    _note(session, actor, case, service, changed=before)
    family.watch(session, actor, case)


def record_past(
    session: Session, actor: Actor, case: Case, held: Appointment, outcome: Outcome
) -> Service:
    """Write down something that happened without having been planned here.

    Raises what `file.begin`, `_settle` and `_check` raise, and Rejected("still_to_come").
    """
    begin(session, actor, case)
    if held.starts_at > clock.now():
        raise Rejected("still_to_come", "day")
    service = _new(session, actor, case, held)
    _write_down(actor, service, outcome)
    _note(session, actor, case, service)
    family.watch(session, actor, case)
    return service


def cancel(session: Session, actor: Actor, case: Case, service: Service, reason: str) -> None:
    """Cancel what was planned; raises what `file.begin` and moving raise."""
    begin(session, actor, case)
    service.move(actor, "cancel")
    _end(session, actor, case, service, reason)


def cancel_planned(session: Session, actor: Actor, case: Case) -> None:
    """Cancel everything planned, because the case ends; raises what moving raises."""
    waiting = select(Service).where(
        Service.case_id == case.id, Service.state == ServiceState.PLANNED
    )
    for service in session.scalars(waiting).all():
        service.move(actor, "drop")
        _end(session, actor, case, service, "")


def hand_over(session: Session, case: Case) -> None:
    """Let the manager hold what is still to come of whoever works on the case no longer."""
    if case.manager_id is None:
        return
    coming = select(Service).where(
        Service.case_id == case.id,
        Service.state == ServiceState.PLANNED,
        Service.starts_at > clock.now(),
        Service.held_by.not_in(files.workers_of(session, case.id)),
    )
    for service in session.scalars(coming).all():
        service.held_by = case.manager_id
        _keep_hours(session, service)


def _end(session: Session, actor: Actor, case: Case, service: Service, reason: str) -> None:
    service.result, service.recorded_at = reason, clock.now()
    _note(session, actor, case, service)


def _new(session: Session, actor: Actor, case: Case, wanted: Appointment) -> Service:
    service = Service(id=new_id(), case_id=case.id, state=ServiceState.PLANNED)
    _settle(session, actor, case, service, wanted)
    session.add(service)
    return service


def _settle(
    session: Session, actor: Actor, case: Case, service: Service, wanted: Appointment
) -> None:
    """Write what an appointment is.

    A home visit without a place goes to the child's address. Raises Rejected("not_on_case") for a
    holder who does not work on the case, Rejected("no_goal") for a goal of another case, or what
    `check_peace` raises.
    """
    workers = files.workers_of(session, case.id)
    if wanted.held_by not in workers and wanted.held_by != service.held_by:
        raise Rejected("not_on_case", "holder")
    goals = {each.id for each in queries.goals_for(session, case.id, service.goal_id)}
    if wanted.goal_id not in goals | {None}:
        raise Rejected("no_goal", "goal")
    check_peace(case, wanted.purpose)
    service.kind, service.starts_at = wanted.kind, wanted.starts_at
    service.minutes, service.held_by = wanted.minutes, wanted.held_by
    service.goal_id, service.purpose = wanted.goal_id, wanted.purpose
    service.place_words = wanted.place
    home = wanted.kind is ServiceKind.HOME_VISIT and not wanted.place
    if home and files.knows_name(session, actor, case.id):
        service.place_words = files.child_of(session, case).address


def _refuse_cancelled(service: Service) -> None:
    if service.state == ServiceState.CANCELLED:
        raise Rejected("state_changed")


def _check(outcome: Outcome) -> None:
    """Raises Rejected with the field of the form it belongs to."""
    came = (outcome.child_came, outcome.family_came)
    if outcome.state is ServiceState.MISSED and True in came:
        raise Rejected("somebody_came", "took_place")
    if outcome.state is ServiceState.HELD and not outcome.result:
        raise Rejected("result_needed", "result")
    if False in came and outcome.barrier is None:
        raise Rejected("barrier_needed", "barrier")


def _write_down(actor: Actor, service: Service, outcome: Outcome) -> None:
    _check(outcome)
    if service.state != outcome.state:
        service.move(actor, "hold" if outcome.state is ServiceState.HELD else "miss")
    service.minutes = outcome.minutes
    service.child_came, service.family_came = outcome.child_came, outcome.family_came
    missed = False in (outcome.child_came, outcome.family_came)
    service.barrier = outcome.barrier if missed else None
    service.result = outcome.result
    service.recorded_at = clock.now()


def _note(
    session: Session, actor: Actor, case: Case, service: Service, *, changed: bool = False
) -> None:
    """Write the line of the timeline, and the holder's hours.

    What is planned stands in the timeline on the day it was planned.
    """
    recorded = service.state in {ServiceState.HELD, ServiceState.MISSED}
    facts: dict[str, Any] = {"kind": str(service.kind), "state": str(service.state)}
    if recorded:
        came = {"child_came": service.child_came, "family_came": service.family_came}
        facts |= {who: answer for who, answer in came.items() if answer is not None}
    if service.state == ServiceState.HELD:
        facts["minutes"] = service.minutes
    if changed:
        facts["corrected"] = True
    _keep_hours(session, service)
    conference = service.kind == ServiceKind.CONFERENCE
    write_entry(
        session,
        actor,
        case,
        EntryKind.CONFERENCE if conference else EntryKind.SERVICE,
        text=service.result or service.purpose,
        at=service.starts_at if recorded else None,
        facts=facts,
        record_id=service.id,
    )


def _keep_hours(session: Session, service: Service) -> None:
    """Let what is planned or was held take its minutes of the holder's week."""
    ledger.forget(session, service.id)
    if service.state in {ServiceState.PLANNED, ServiceState.HELD}:
        day = clock.day_of(service.starts_at)
        ledger.record(session, service.held_by, day, service.minutes, WorkKind.CASEWORK, service.id)
