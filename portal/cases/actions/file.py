"""What every step on a case shares: its lock, its timeline, the trace of reading it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.cases.events import CaseChanged, CaseExported
from portal.cases.models import Case, CaseEntry
from portal.cases.queries import files
from portal.cases.states import CaseState, EntryKind
from portal.core import audit, clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people.actions.confidential import Record

SUBJECT = "case"
# A day without an hour stands at noon on the timeline, the same day in every language.
NOON = time(12)


def link_of(case: Case) -> str:
    """Return the address of a case's page."""
    return f"/kasus/{case.public_id}"


def record_of(case: Case) -> Record:
    """Return a case as conflict lists and emergency accesses name it."""
    return Record(SUBJECT, case.id, case.number, link_of(case))


def lock(session: Session, case: Case) -> None:
    """Lock a case and read it as it stands."""
    session.refresh(case, with_for_update=True)


def begin(session: Session, actor: Actor, case: Case) -> None:
    """Lock a case and make sure that this person works on it and that it is open.

    Raises Rejected("not_allowed") or Rejected("case_closed").
    """
    lock(session, case)
    if not files.works_on(session, actor, case.id):
        raise Rejected("not_allowed")
    if case.state != CaseState.OPEN:
        raise Rejected("case_closed")


def check_past(day: date, field: str) -> None:
    """Make sure that a day came already; raises Rejected("in_future") at the field."""
    if day > clock.today():
        raise Rejected("in_future", field)


def moment_of(day: date) -> datetime | None:
    """Return when something of an earlier day stands on the timeline: at its noon; today now."""
    return clock.at_wib(day, NOON) if day < clock.today() else None


def write_entry(
    session: Session,
    actor: Actor | None,
    case: Case,
    kind: EntryKind,
    *,
    text: str = "",
    at: datetime | None = None,
    facts: dict[str, Any] | None = None,
    record_id: UUID | None = None,
) -> CaseEntry:
    """Write a line of the timeline; `facts` hold codes and figures only, `at` when it happened."""
    moment = clock.now()
    entry = CaseEntry(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        stage=case.stage,
        at=at or moment,
        written_at=moment,
        written_by=actor.user_id if actor else None,
        facts=facts or {},
        text=text,
        record_id=record_id,
    )
    session.add(entry)
    # Around the record's version: a line written meanwhile must not refuse somebody's form.
    session.execute(
        update(Case)
        .where(Case.id == case.id)
        .values(last_entry_at=moment)
        .execution_options(synchronize_session=False)
    )
    set_committed_value(case, "last_entry_at", moment)
    emit(session, actor, CaseChanged(case.id, kind))
    return entry


def record_reading(session: Session, actor: Actor, case_id: UUID, **facts: str | bool) -> None:
    """Write down who reads a case; this comes before anything of it is shown."""
    audit.record_read(session, actor, SUBJECT, case_id, **facts)


def record_export(session: Session, actor: Actor, case: Case, form: str) -> None:
    """Write down who takes a case's record out of the portal; this comes before it leaves."""
    emit(session, actor, CaseExported(case.id, form))
