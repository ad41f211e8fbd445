"""Reading the trail: newest first, narrowed down, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from portal.auditlog.events import TrailChecked
from portal.auditlog.queries import records
from portal.core import audit, clock
from portal.core.access import Actor
from portal.core.audit import AuditEntry
from portal.people.policy import conflicts_of, kept_from

PAGE_SIZE = 50
MOST_EXPORTED = 10_000
# What whoever tells the office something does themselves: who it was and when exactly is for those
# alone who may read the report.
TOLD = ("report.received", "report.reporter_wrote", "report.evidence_added")
READ = "report.read"
# The facts that name a record beside the one an entry is about.
NAMING = ("record_id", "other_id")


@dataclass(frozen=True)
class Filter:
    """What the trail is narrowed to; None means all."""

    first_day: date | None = None
    last_day: date | None = None
    actions: tuple[str, ...] | None = None
    person_id: UUID | None = None
    kind: str | None = None
    record_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True)
class Row:
    """One entry with what its ids stand for."""

    entry: AuditEntry
    # Empty for the portal itself, whoever was not signed in, and whoever told in confidence.
    actor: str
    # The record's number or, of an account, its name; empty where there is neither.
    record: str
    # Told in confidence: no name, and of its moment only the day.
    veiled: bool


@dataclass(frozen=True)
class Page:
    """One page of the trail, and the numbers from which it goes on."""

    rows: Sequence[Row]
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Check:
    """The last time somebody looked the chain through."""

    at: datetime
    by: str
    up_to: int
    broken_at: int | None
    kind: str | None


def _conditions(session: Session, actor: Actor, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions = _open_to(session, actor)
    if chosen.first_day:
        conditions.append(AuditEntry.at >= clock.day_bounds(chosen.first_day, chosen.first_day)[0])
    if chosen.last_day:
        conditions.append(AuditEntry.at < clock.day_bounds(chosen.last_day, chosen.last_day)[1])
    if chosen.actions is not None:
        conditions.append(AuditEntry.action.in_(chosen.actions))
    if chosen.person_id:
        # Narrowed to one person, the list would name whoever told in confidence.
        conditions += [AuditEntry.actor_id == chosen.person_id, not_(_told_in_confidence())]
    if chosen.kind:
        conditions.append(AuditEntry.subject == chosen.kind)
    if chosen.record_ids is not None:
        conditions.append(AuditEntry.subject_id.in_(chosen.record_ids))
    return conditions


def _open_to(session: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions for what says nothing of a record whose conflict list names a reader.

    Facts hold ids as text, so the few records of the list are looked up first.
    """
    kept = [each.hex for each in session.scalars(conflicts_of(actor))]
    if not kept:
        return []
    subject = AuditEntry.subject_id
    return [
        or_(subject.is_(None), subject.not_in(kept_from(actor))),
        *(func.coalesce(AuditEntry.facts[name].as_string(), "").not_in(kept) for name in NAMING),
    ]


def _told_in_confidence() -> ColumnElement[bool]:
    own = AuditEntry.facts["own"].as_boolean().is_(True)
    return or_(AuditEntry.action.in_(TOLD), and_(AuditEntry.action == READ, own))


def _veiled(entry: AuditEntry) -> bool:
    return entry.action in TOLD or (entry.action == READ and entry.facts.get("own") is True)


def search(
    session: Session,
    actor: Actor,
    chosen: Filter,
    *,
    after: int | None = None,
    before: int | None = None,
) -> Page:
    """Return a page of what an actor may read of the trail, newest first.

    `after` and `before` are numbers of entries.
    """
    backwards = before is not None and after is None
    found = select(AuditEntry).where(*_conditions(session, actor, chosen))
    if after is not None:
        found = found.where(AuditEntry.seq < after)
    elif before is not None:
        found = found.where(AuditEntry.seq > before)
    order = AuditEntry.seq if backwards else AuditEntry.seq.desc()
    entries = session.scalars(found.order_by(order).limit(PAGE_SIZE + 1)).all()
    more, entries = len(entries) > PAGE_SIZE, entries[:PAGE_SIZE]
    if backwards:
        entries = entries[::-1]
    earlier, later = (more if backwards else after is not None), backwards or more
    return Page(
        rows=_with_names(session, entries),
        before=entries[0].seq if entries and earlier else None,
        after=entries[-1].seq if entries and later else None,
    )


def export(session: Session, actor: Actor, chosen: Filter) -> Iterator[Row]:
    """Yield the newest entries that fit and an actor may read, at most `MOST_EXPORTED` + 1."""
    last, left = None, MOST_EXPORTED + 1
    fitting = select(AuditEntry).where(*_conditions(session, actor, chosen))
    while left > 0:
        found = fitting.order_by(AuditEntry.seq.desc())
        if last is not None:
            found = found.where(AuditEntry.seq < last)
        entries = session.scalars(found.limit(min(left, audit.BATCH))).all()
        yield from _with_names(session, entries)
        if len(entries) < audit.BATCH:
            return
        last, left = entries[-1].seq, left - len(entries)


def _with_names(session: Session, entries: Sequence[AuditEntry]) -> list[Row]:
    accounts = (each.subject_id for each in entries if each.subject == "user")
    actors = (each.actor_id for each in entries if not _veiled(each))
    called = records.names(session, [*actors, *accounts])
    numbered = records.numbers(session, ((each.subject, each.subject_id) for each in entries))
    known = {**called, **numbered}
    return [
        Row(
            each,
            _actor(each, called),
            known.get(each.subject_id, "") if each.subject_id else "",
            _veiled(each),
        )
        for each in entries
    ]


def _actor(entry: AuditEntry, called: dict[UUID, str]) -> str:
    if entry.actor_id is None or _veiled(entry):
        return ""
    return called.get(entry.actor_id, entry.actor_id.hex)


def last_check(session: Session) -> Check | None:
    """Return when the chain was last looked through, and what was found."""
    entry = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == TrailChecked.action)
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    ).first()
    if entry is None:
        return None
    broken_at, kind = entry.facts.get("broken_at"), entry.facts.get("kind")
    return Check(
        at=entry.at,
        by=records.names(session, [entry.actor_id]).get(entry.actor_id or UUID(int=0), ""),
        up_to=int(entry.facts.get("up_to") or 0),
        broken_at=int(broken_at) if broken_at is not None else None,
        kind=str(kind) if kind is not None else None,
    )
