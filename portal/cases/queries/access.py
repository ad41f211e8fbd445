"""Who works on a case, who could, who must not see it, and who read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.events import CaseExported
from portal.cases.models import Case, CaseReport, CaseReveal
from portal.cases.queries import opening
from portal.cases.queries.opening import Candidate
from portal.core import clock
from portal.core.audit import AuditEntry
from portal.core.duties import Duty
from portal.incidents.models import Report
from portal.people.models import Conflict, EmergencyAccess, Membership, User
from portal.people.queries.accounts import get_user
from portal.people.queries.appointments import in_force
from portal.people.queries.confidential import kept_away

READING = ("case.read", CaseExported.action)
EXPORT = "export"
ENTRIES = 200
MOST_OPENINGS = 50


@dataclass(frozen=True)
class Reading:
    """What one person looked at on one day."""

    day: date
    name: str
    # Keys of the tabs, in the order in which they were first opened; `EXPORT` where the record left
    # the portal.
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Readings:
    """A stretch of who read a case, newest day first, and the entry behind which it goes on."""

    rows: list[Reading]
    after: int | None


@dataclass(frozen=True)
class Opening:
    """Somebody who opened a case for a while, and why."""

    name: str
    at: datetime
    reason: str
    emergency: bool


def candidates(session: Session, case: Case) -> list[Candidate]:
    """Return who may be given a case, by name; nobody who must not see it."""
    kept = kept_away(session, case.id)
    return [each for each in opening.candidates(session) if each.user.id not in kept]


def possible_conflicts(session: Session, case: Case) -> list[User]:
    """Return who may be kept away from a case: the office's staff, and its school's."""
    concerned: ColumnElement[bool] = Membership.role.in_(policy.INSIDE)
    if case.school_id is not None:
        concerned = or_(concerned, Membership.school_id == case.school_id)
    holding = select(Membership.user_id).where(in_force(clock.today()), concerned)
    return list(
        session.scalars(select(User).where(User.id.in_(holding)).order_by(User.full_name, User.id))
    )


def person_to_keep_away(session: Session, case: Case, public_id: str) -> User | None:
    """Return one of `possible_conflicts`."""
    person = get_user(session, public_id)
    return person if person in possible_conflicts(session, case) else None


def beside(session: Session, record_id: UUID) -> tuple[list[Case], list[Report]]:
    """Return the other cases of the same child, and the reports, of a case; or a report's cases."""
    of_report = select(CaseReport.case_id).where(CaseReport.report_id == record_id)
    children = select(Case.child_id).where(Case.id.in_(of_report) | (Case.id == record_id))
    others = select(Case).where(Case.child_id.in_(children), Case.id != record_id)
    told = select(CaseReport.report_id).where(CaseReport.case_id == record_id)
    reports = select(Report).where(Report.id.in_(told)).order_by(Report.id)
    return list(session.scalars(others.order_by(Case.id))), list(session.scalars(reports))


def conflicts_beside(session: Session, case: Case, user_id: UUID) -> list[Conflict]:
    """Return what keeps somebody away from the cases of a child."""
    cases = select(Case.id).where(Case.child_id == case.child_id)
    return list(
        session.scalars(
            select(Conflict).where(
                Conflict.subject_id.in_(cases),
                Conflict.user_id == user_id,
                Conflict.lifted_at.is_(None),
            )
        )
    )


def held_by(session: Session, user_id: UUID) -> list[Case]:
    """Return the cases somebody works on, open or closed, locked in their order."""
    works = policy.held_by(user_id)
    return list(
        session.scalars(
            select(Case)
            .where(or_(Case.manager_id == user_id, Case.id.in_(works)))
            .order_by(Case.id)
            .with_for_update()
        )
    )


def asked_by_name(session: Session, case_id: UUID, kinds: Sequence[str]) -> set[UUID]:
    """Return for whom by name something of some kinds waits about a case."""
    asked = select(Duty.person_id).where(
        Duty.subject_id == case_id, Duty.closed_at.is_(None), Duty.kind.in_(kinds)
    )
    return {each for each in session.scalars(asked) if each is not None}


def openings(session: Session, case_id: UUID) -> list[Opening]:
    """Return who opened a case with a reason or in an emergency, the last `MOST_OPENINGS`."""
    revealed = _opened(session, CaseReveal, CaseReveal.case_id == case_id)
    in_emergency = _opened(session, EmergencyAccess, EmergencyAccess.subject_id == case_id)
    return sorted([*revealed, *in_emergency], key=lambda each: each.at, reverse=True)[
        :MOST_OPENINGS
    ]


def _opened(session: Session, model: Any, condition: ColumnElement[bool]) -> list[Opening]:
    rows = session.execute(
        select(model, User.full_name)
        .join(User, User.id == model.user_id)
        .where(condition)
        .order_by(model.opened_at.desc())
        .limit(MOST_OPENINGS)
    )
    emergency = model is EmergencyAccess
    return [Opening(name, each.opened_at, each.reason, emergency) for each, name in rows]


def readings(session: Session, case_id: UUID, after: int | None = None) -> Readings:
    """Return who read a case and what of it, by person and day, newest first.

    `after` is the number of the entry of the trail behind which the stretch begins.
    """
    found = select(AuditEntry).where(
        AuditEntry.subject_id == case_id, AuditEntry.action.in_(READING)
    )
    if after is not None:
        found = found.where(AuditEntry.seq < after)
    entries = session.scalars(found.order_by(AuditEntry.seq.desc()).limit(ENTRIES + 1)).all()
    shown = _whole_days(entries)
    people = {each.actor_id for each in shown}
    names: dict[UUID | None, str] = {
        row.id: row.full_name
        for row in session.execute(select(User.id, User.full_name).where(User.id.in_(people)))
    }
    grouped: dict[tuple[date, UUID | None], list[str]] = {}
    for entry in shown:
        page = EXPORT if entry.action == CaseExported.action else str(entry.facts.get("page"))
        grouped.setdefault((clock.day_of(entry.at), entry.actor_id), []).append(page)
    rows = [
        # Newest first they came; the first opened stands first.
        Reading(day, names.get(person, ""), tuple(dict.fromkeys(reversed(pages))))
        for (day, person), pages in grouped.items()
    ]
    return Readings(rows, shown[-1].seq if len(shown) < len(entries) else None)


def _whole_days(entries: Sequence[AuditEntry]) -> Sequence[AuditEntry]:
    """Return the entries a stretch shows: without the day it would break off, if it can."""
    if len(entries) <= ENTRIES:
        return entries
    last = clock.day_of(entries[-1].at)
    whole = [each for each in entries if clock.day_of(each.at) != last]
    return whole or entries[:ENTRIES]
