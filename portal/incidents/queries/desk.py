"""The triage desk: the queue in its order, by page, and how many stand under each tab."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, not_, or_, select
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session, aliased

from portal.core.access import Actor
from portal.core.prepared import prepared
from portal.incidents import policy
from portal.incidents.models import Report, ReportEntry
from portal.incidents.states import OPEN, EntryKind, ReportState, Urgency
from portal.people.models import User
from portal.schools.models import School

PAGE_SIZE = 25
RANK = case({each.value: each.rank for each in Urgency}, value=Report.urgency)
# Quarantined ones come last, whatever they say; among them the most urgent comes first as well.
LAST = case((Report.quarantined, 1), else_=0)
IS_OPEN = Report.state.in_(sorted(OPEN))


@dataclass(frozen=True)
class Entry:
    """What somebody may know of a report in a list.

    The day and the deadline are None, and the rest empty, for whoever sees number, state and
    urgency alone; school and kinds are for those who may open the file (`opens`).
    """

    id: UUID
    public_id: str
    number: str
    state: ReportState
    urgency: Urgency
    quarantined: bool
    received_at: datetime | None
    # None once it was read.
    read_until: datetime | None
    handler: str
    mine: bool
    opens: bool
    school: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A stretch of the queue, and the public id after which it goes on."""

    entries: list[Entry]
    after: str | None


def _waits_for_us() -> ColumnElement[bool]:
    """Return the condition for reports whose reporter had the last word."""
    later = aliased(ReportEntry)
    answered_since = (
        select(later.id)
        .where(
            later.report_id == ReportEntry.report_id,
            later.kind == EntryKind.FROM_OFFICE,
            later.written_at > ReportEntry.written_at,
        )
        .exists()
    )
    unanswered = (
        select(ReportEntry.id)
        .where(
            ReportEntry.report_id == Report.id,
            ReportEntry.kind == EntryKind.FROM_REPORTER,
            not_(answered_since),
        )
        .exists()
    )
    return or_(Report.replied_at.is_(None), unanswered)


def _tabs(actor: Actor) -> dict[str, ColumnElement[bool]]:
    return {
        "terbuka": IS_OPEN,
        "saya": and_(IS_OPEN, Report.handler_id == actor.user_id),
        "menunggu": and_(IS_OPEN, not_(Report.quarantined), _waits_for_us()),
        "selesai": Report.state == ReportState.CLOSED,
        "karantina": and_(IS_OPEN, Report.quarantined),
    }


TABS = ("terbuka", "saya", "menunggu", "selesai", "karantina")


def entries(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the reports an actor may know of, with what `entry_of` makes of them."""
    return (
        select(
            Report.id,
            Report.public_id,
            Report.locator,
            Report.state,
            Report.urgency,
            Report.quarantined,
            Report.received_at,
            Report.read_until,
            Report.read_at,
            Report.handler_id,
            Report.kinds,
            policy.open_to(actor).label("opens"),
            User.full_name.label("handler_name"),
            School.name.label("school_name"),
        )
        .outerjoin(User, User.id == Report.handler_id)
        .outerjoin(School, School.id == Report.school_id)
        .where(policy.listed_to(actor))
    )


def entry_of(actor: Actor, row: Row[*tuple[Any, ...]]) -> Entry:
    """Return what this actor may know of a listed report."""
    opens = bool(row.opens)
    follows = opens or policy.supervises(actor)
    return Entry(
        id=row.id,
        public_id=row.public_id,
        number=row.locator,
        state=ReportState(row.state),
        urgency=Urgency(row.urgency),
        quarantined=row.quarantined,
        received_at=row.received_at if follows else None,
        read_until=row.read_until if follows and row.read_at is None else None,
        handler=(row.handler_name or "") if follows else "",
        mine=row.handler_id == actor.user_id,
        opens=opens,
        school=(row.school_name or "") if opens else "",
        kinds=tuple(row.kinds) if opens else (),
    )


def list_reports(session: Session, actor: Actor, tab: str, after: str | None = None) -> Page:
    """Return a page of a tab: the most urgent and oldest first, quarantined ones at the end.

    Finished ones come the other way round, the last received first. The page begins behind the
    report with the public id `after`; with an id the actor may not know of, at the start.
    """
    query, values = _tab(actor, tab)
    columns, finished = _order(tab)
    end_before = select(*columns).where(Report.public_id == after, policy.listed_to(actor))
    key = session.execute(end_before).one_or_none() if after else None
    if key:
        there = row_of(*map(literal, key, (column.type for column in columns)))
        here = row_of(*columns)
        query = query.where(here < there if finished else here > there)
    rows = session.execute(query, values).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page([entry_of(actor, row) for row in rows], rows[-1].public_id if more else None)


@prepared
def _tab(actor: Actor, tab: str) -> Select[*tuple[Any, ...]]:
    columns, finished = _order(tab)
    order = [column.desc() for column in columns] if finished else columns
    return entries(actor).where(_tabs(actor)[tab]).order_by(*order).limit(PAGE_SIZE + 1)


def _order(tab: str) -> tuple[list[Any], bool]:
    """Return what a tab is sorted by, and whether the other way round."""
    newest: list[Any] = [Report.received_at, Report.id]
    return (newest, True) if tab == "selesai" else ([LAST, RANK, *newest], False)


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many reports stand under each tab, for this actor."""
    row = session.execute(*_sums(actor)).one()
    return {tab: int(figure or 0) for tab, figure in zip(TABS, row, strict=True)}


@prepared
def _sums(actor: Actor) -> Select[*tuple[Any, ...]]:
    sums = [func.sum(case((condition, 1), else_=0)) for condition in _tabs(actor).values()]
    return select(*sums).where(policy.listed_to(actor))


def get_entry(session: Session, actor: Actor, public_id: str) -> Entry | None:
    """Return what the list says of one report, if the actor may know of it."""
    row = session.execute(entries(actor).where(Report.public_id == public_id)).one_or_none()
    return entry_of(actor, row) if row else None


def get_listed(session: Session, actor: Actor, public_id: str) -> Report | None:
    """Return the record behind an entry; pages show entries and files only."""
    return session.scalar(
        select(Report).where(Report.public_id == public_id, policy.listed_to(actor))
    )


def find_number(session: Session, actor: Actor, number: str) -> Report | None:
    """Return the record of a number, if the actor may know of it."""
    return session.scalar(select(Report).where(Report.locator == number, policy.listed_to(actor)))


def some(
    session: Session, actor: Actor, *conditions: ColumnElement[bool], most: int = PAGE_SIZE
) -> list[Entry]:
    """Return reports that fulfil conditions and that the actor may know of, newest first."""
    newest = (Report.received_at.desc(), Report.id.desc())
    query = entries(actor).where(*conditions).order_by(*newest).limit(most)
    return [entry_of(actor, row) for row in session.execute(query)]


def quarantine_until(session: Session) -> datetime | None:
    """Return the first deadline of what nobody has read in the quarantine; None for nothing."""
    return session.scalar(
        select(func.min(Report.read_until)).where(
            IS_OPEN, Report.quarantined, Report.read_at.is_(None)
        )
    )
