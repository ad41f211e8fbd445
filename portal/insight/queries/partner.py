"""One partner school: what was promised, what happened, what waits, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Permission, Role
from portal.core.clock import SchoolYear
from portal.incidents.models import Report
from portal.insight.queries import gap
from portal.insight.queries.gap import Facts
from portal.insight.queries.gap_figures import Share, figures
from portal.insight.queries.periods import Period, Span
from portal.insight.queries.reports import counted
from portal.insight.queries.small_cells import Guarded, guarded
from portal.schools.models import School
from portal.schools.queries import above, contact_log, contacts
from portal.schools.queries import mou as mous
from portal.schools.queries.contact_log import ContactLog
from portal.schools.queries.mou import MouFile
from portal.schools.queries.schools import current_mou
from portal.visits.queries import visits
from portal.visits.queries.visits import ListFilter
from portal.visits.states import VisitState

P = Permission

OPEN = (VisitState.REQUESTED, VisitState.OFFERED)
# What reports of a school are told apart by.
ANSWERED, WAITING = "answered", "waiting"
MOST_OPEN = 10
FEW_TRIES = 3


@dataclass(frozen=True)
class Missing:
    """Something a partnership lacks, by its code; with one of the permissions it can be helped."""

    code: str
    permissions: tuple[Permission, ...]

    def helped_by(self, actor: Actor, school: School) -> bool:
        """Say whether an actor may do something about it."""
        return any(actor.may(each, school.id) for each in self.permissions)


@dataclass(frozen=True)
class Partnership:
    """What a partner page shows; None where its reader may not know."""

    year: SchoolYear
    file: MouFile | None
    delivered: int
    planned: int
    open: Sequence[Row[*tuple[Any, ...]]]
    next: Row[*tuple[Any, ...]] | None
    forms: Share | None
    reports: Guarded | None
    log: ContactLog | None
    missing: Sequence[Missing]


def partnership(session: Session, actor: Actor, school: School) -> Partnership:
    """Return what passes between a school and the office in this school year."""
    today = clock.today()
    year = SchoolYear.of(today)
    mou = current_mou(session, school.id, today) or mous.latest(session, actor, school.id)
    file = mous.read(session, actor, school.id, mou.public_id) if mou else None
    counts = visits.sessions_this_year(session, school.id, year)
    waiting = visits.list_visits(
        session, actor, ListFilter(OPEN, school=school.public_id), limit=MOST_OPEN
    ).rows
    may_log = actor.may(Permission.CONTACT_LOG_READ, school.id)
    log = contact_log.log(session, actor, school, FEW_TRIES) if may_log else None
    delivered = counts.get(VisitState.DELIVERED, 0)
    planned = counts.get(VisitState.SCHEDULED, 0)
    return Partnership(
        year=year,
        file=file,
        delivered=delivered,
        planned=planned,
        open=waiting,
        next=_next(session, actor, school),
        forms=_forms(session, actor, school, today),
        reports=_reports(session, actor, school, year),
        log=log,
        missing=[
            *_of_mou(session, file, today),
            *_of_sessions(file, delivered + planned, waiting),
            *_of_people(session, actor, school, log),
        ],
    )


def _next(session: Session, actor: Actor, school: School) -> Row[*tuple[Any, ...]] | None:
    settled = ListFilter((VisitState.SCHEDULED,), school=school.public_id)
    rows = visits.list_visits(session, actor, settled, limit=MOST_OPEN).rows
    return next((row for row in rows if row.ends_at >= clock.now()), None)


def _forms(session: Session, actor: Actor, school: School, today: date) -> Share | None:
    """Return how many monitoring forms of this school year came in time.

    The office reads it with the gap figures, and a school reads its own punctuality.
    """
    own = actor.may(Permission.SCHOOL_COVERAGE_READ, school.id)
    if not (own or actor.may(Permission.GAP_FIGURES)):
        return None
    period = Period.of(Span.YEAR, today)
    found = gap.facts(session, actor, period)
    due = [each for each in found.forms if each.whose.school_id == school.id]
    return figures(Facts((), due, (), found.moment), period).on_time


def _reports(session: Session, actor: Actor, school: School, year: SchoolYear) -> Guarded | None:
    """Count the reports that name a school, for the office alone; a single one must not show.

    The figures are the same for every reader (`small_cells`).
    """
    if not actor.may(Permission.REPORT_FIGURES_INSIDE):
        return None
    since, until = year.bounds
    row = session.execute(
        select(func.count(), func.count(Report.replied_at)).where(
            Report.school_id == school.id,
            counted(),
            Report.received_at >= since,
            Report.received_at < until,
        )
    ).one()
    every, answered = row
    return guarded({ANSWERED: answered, WAITING: every - answered})


def _of_mou(session: Session, file: MouFile | None, today: date) -> list[Missing]:
    """Return what the MoU lacks."""
    if file is None or not file.mou.in_force(today):
        return [Missing("mou", (P.MOU_WRITE,))]
    mou = file.mou
    soon = today + timedelta(days=settings.read(session)["mou_notice_days"])
    late = [
        each for each in file.obligations if each.due_on and each.due_on < today and not each.met_on
    ]
    lacking = {
        Missing("renewal", (P.MOU_WRITE,)): mou.valid_until <= soon and not file.renewed_by,
        Missing("promise", (P.MOU_READ,)): bool(late),
        Missing("copy", (P.MOU_FILE_WRITE, P.MOU_WRITE)): mou.file_id is None,
        Missing("signers", (P.MOU_WRITE,)): not (mou.school_signer and mou.office_signer),
        Missing("agreement", (P.MOU_APPROVE,)): mou.approved_at is None,
    }
    return [missing for missing, lacks in lacking.items() if lacks]


def _of_sessions(
    file: MouFile | None, settled: int, waiting: Sequence[Row[*tuple[Any, ...]]]
) -> list[Missing]:
    """Return what the sessions of this year lack: an answer, or another one."""
    states = {row.state for row in waiting}
    lacking = []
    if VisitState.REQUESTED in states:
        lacking.append(Missing("answer", (P.VISIT_APPROVE,)))
    if VisitState.OFFERED in states:
        lacking.append(Missing("offer", (P.VISIT_REQUEST,)))
    if file is not None and settled + len(waiting) < file.mou.promised_sessions:
        lacking.append(Missing("session", (P.VISIT_APPROVE, P.VISIT_REQUEST)))
    return lacking


def _of_people(
    session: Session, actor: Actor, school: School, log: ContactLog | None
) -> list[Missing]:
    """Return whom the school lacks, as far as the reader may know."""
    lacking = []
    if actor.may(Permission.SCHOOL_CONTACTS_READ, school.id):
        team = [each for each in above.staff_of(session, school.id) if each.role is Role.FOCAL_TEAM]
        if not team:
            lacking.append(Missing("team", (P.SCHOOL_CONTACTS_READ,)))
        if contacts.main_ones(session, actor, [school.id]).get(school.id) is None:
            lacking.append(Missing("contact", (P.SCHOOL_CONTACTS_WRITE,)))
    if log and log.figures and log.figures.silent:
        lacking.append(Missing("silence", (P.CONTACT_LOG_WRITE,)))
    return lacking
