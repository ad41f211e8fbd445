"""Reading the trail: newest first, narrowed down, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.auditlog.events import TrailChecked
from portal.auditlog.queries import records
from portal.core import audit, clock
from portal.core.audit import AuditEntry

PAGE_SIZE = 50
MOST_EXPORTED = 10_000


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
    # Empty for the portal itself and whoever was not signed in.
    actor: str
    # The record's number or, of an account, its name; empty where there is neither.
    record: str


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


def _conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.first_day:
        conditions.append(AuditEntry.at >= clock.day_bounds(chosen.first_day, chosen.first_day)[0])
    if chosen.last_day:
        conditions.append(AuditEntry.at < clock.day_bounds(chosen.last_day, chosen.last_day)[1])
    if chosen.actions is not None:
        conditions.append(AuditEntry.action.in_(chosen.actions))
    if chosen.person_id:
        conditions.append(AuditEntry.actor_id == chosen.person_id)
    if chosen.kind:
        conditions.append(AuditEntry.subject == chosen.kind)
    if chosen.record_ids is not None:
        conditions.append(AuditEntry.subject_id.in_(chosen.record_ids))
    return conditions


def search(
    session: Session, chosen: Filter, *, after: int | None = None, before: int | None = None
) -> Page:
    """Return a page of entries, newest first; `after` and `before` are numbers of entries."""
    backwards = before is not None and after is None
    found = select(AuditEntry).where(*_conditions(chosen))
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


def export(session: Session, chosen: Filter) -> Iterator[Row]:
    """Yield the newest entries that fit, at most `MOST_EXPORTED` + 1."""
    last, left = None, MOST_EXPORTED + 1
    while left > 0:
        found = select(AuditEntry).where(*_conditions(chosen)).order_by(AuditEntry.seq.desc())
        if last is not None:
            found = found.where(AuditEntry.seq < last)
        entries = session.scalars(found.limit(min(left, audit.BATCH))).all()
        yield from _with_names(session, entries)
        if len(entries) < audit.BATCH:
            return
        last, left = entries[-1].seq, left - len(entries)


def _with_names(session: Session, entries: Sequence[AuditEntry]) -> list[Row]:
    accounts = (each.subject_id for each in entries if each.subject == "user")
    called = records.names(session, [*(each.actor_id for each in entries), *accounts])
    numbered = records.numbers(session, ((each.subject, each.subject_id) for each in entries))
    known = {**called, **numbered}
    return [
        Row(
            each,
            called.get(each.actor_id, each.actor_id.hex) if each.actor_id else "",
            known.get(each.subject_id, "") if each.subject_id else "",
        )
        for each in entries
    ]


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
