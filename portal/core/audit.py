"""The trail of who did and read what: append-only, each entry sealed with the one before it.

An entry names records by their ids; it never repeats what they say. The seal is an HMAC under a key
outside the database: whoever changes, removes or slips in a row without that key breaks the chain,
and `verify` says where. Removing the newest entries and the head together shows only against a head
that was noted elsewhere, so `head` is there to be carried off the machine every day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Index,
    LargeBinary,
    String,
    delete,
    event,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from portal.core import clock, crypto
from portal.core.access import Actor
from portal.core.db import Base

PURGED = "audit.purged"
BATCH = 1000
_WAITING = "audit entries of this transaction"
# Both engines know this sentence; of two first writers the second finds the row of the first.
_FIRST_HEAD = text(
    "INSERT INTO audit_head (id, seq, seal) VALUES (1, 0, :seal) ON CONFLICT DO NOTHING"
).bindparams(seal=b"")

Facts = dict[str, str | int | bool | None]


class AuditEntry(Base):
    """One thing that happened; the database refuses to change it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "subject_id", "seq"),
        Index(None, "actor_id", "seq"),
        Index(None, "action", "seq"),
        Index(None, "at"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    # Whoever did it; empty for the portal itself, the command line and people without an account.
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    facts: Mapped[Facts] = mapped_column(JSON)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """Where the chain ends: one row, locked by whoever appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True)
class Note:
    """An entry before it has its place in the chain."""

    action: str
    subject: str
    subject_id: UUID | None
    actor_id: UUID | None
    facts: Facts


@dataclass(frozen=True)
class Break:
    """Where the chain no longer holds: at which entry, and how."""

    seq: int
    kind: str


def note(session: Session, entry: Note) -> None:
    """Write an entry when this transaction commits, or not at all.

    The chain's head is locked as the last thing before the commit, so that nobody waits for it
    longer than needed and no two transactions wait for each other. What is noted within a savepoint
    is forgotten when the savepoint is undone.
    """
    if not session.in_transaction():
        session.begin()
    within = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(_WAITING, []).append((within, entry))


def record_read(
    session: Session, actor: Actor, subject: str, subject_id: UUID, **facts: str | int | bool | None
) -> None:
    """Write down that somebody read a confidential record."""
    note(session, Note(f"{subject}.read", subject, subject_id, actor.user_id, facts))


@event.listens_for(Session, "before_commit")
def _append(session: Session) -> None:
    # The end of a savepoint is no commit yet.
    if session.in_nested_transaction() or not session.info.get(_WAITING):
        return
    # What the action changed is written first: no row may be waited for behind the head's lock.
    session.flush()
    head = _locked_head(session)
    moment = clock.now()
    for _within, each in session.info.pop(_WAITING):
        entry = AuditEntry(
            seq=head.seq + 1,
            at=moment,
            actor_id=each.actor_id,
            action=each.action,
            subject=each.subject,
            subject_id=each.subject_id,
            facts=each.facts,
        )
        entry.seal = _seal_of(entry, head.seal)
        session.add(entry)
        head.seq, head.seal = entry.seq, entry.seal
    session.flush()


def _locked_head(session: Session) -> AuditHead:
    locked = select(AuditHead).with_for_update().execution_options(populate_existing=True)
    found = session.scalars(locked).one_or_none()
    if found is None:
        session.execute(_FIRST_HEAD)
        found = session.scalars(locked).one()
    return found


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    waiting = session.info.get(_WAITING, [])
    waiting[:] = [each for each in waiting if not _lies_within(each[0], undone)]


def _lies_within(made_in: SessionTransaction | None, undone: SessionTransaction) -> bool:
    while made_in is not None and made_in is not undone:
        made_in = made_in.parent
    return made_in is undone


@event.listens_for(Session, "after_transaction_end")
def _begin_anew(session: Session, ended: SessionTransaction) -> None:
    # A session that is closed without a commit ends here as well.
    if ended.parent is None:
        session.info.pop(_WAITING, None)


def _seal_of(entry: AuditEntry, before: bytes) -> bytes:
    content = json.dumps(
        [
            entry.seq,
            entry.at.astimezone(UTC).isoformat(),
            entry.actor_id.hex if entry.actor_id else None,
            entry.action,
            entry.subject,
            entry.subject_id.hex if entry.subject_id else None,
            entry.facts,
        ],
        sort_keys=True,
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return crypto.ring().seal("audit", before + content.encode("ascii"))


def head(session: Session) -> str:
    """Return where the chain ends, as `number:seal`, to be kept somewhere else."""
    seq, seal = _end(session)
    return f"{seq}:{seal.hex()}"


def _end(session: Session) -> tuple[int, bytes]:
    row = session.execute(select(AuditHead.seq, AuditHead.seal)).one_or_none()
    return (row.seq, row.seal) if row else (0, b"")


def verify(session: Session, noted: str | None = None) -> Break | None:
    """Return the first place where the chain does not hold, or None.

    `noted` is a head that was kept elsewhere; the chain must still contain it. Kinds of breaks:
    `missing` (entries before this one were removed), `changed` (an entry does not fit its seal or
    what stands before it), `cut` (the end is missing), `head` (the noted head is not in the chain).
    """
    noted_seq, _, noted_seal = (noted or "0:").partition(":")
    walk = _Walk(int(noted_seq), noted_seal)
    while True:
        reached, end = walk.seq, _end(session)
        broken = walk.on(session)
        if broken:
            return broken
        if (walk.seq, walk.seal) == end:
            return None if walk.passed_noted else Break(walk.noted_seq, "head")
        # Whoever comes beyond the end may have met entries that were added meanwhile: look again.
        if walk.seq <= end[0] or walk.seq == reached:
            return Break(walk.seq + 1, "cut")


@dataclass
class _Walk:
    """How far a check of the chain has come."""

    noted_seq: int
    noted_seal: str
    seq: int = 0
    seal: bytes = b""
    passed_noted: bool = field(init=False)

    def __post_init__(self) -> None:
        self.passed_noted = self.noted_seq == 0

    def on(self, session: Session) -> Break | None:
        """Walk over all further entries; return the first that does not hold."""
        # At the beginning also whatever somebody may have put before the first entry.
        for entry in entries(session, after=self.seq or None):
            if self.seq == 0 and entry.seq > 1:
                # Old entries may have gone by the rules of retention, which leaves a sealed mark.
                self.seal = _purged_before(session, entry.seq)
                self.seq = entry.seq - 1 if self.seal else 0
            if entry.seq > self.seq + 1:
                return Break(entry.seq, "missing")
            if entry.seq <= self.seq or entry.seal != _seal_of(entry, self.seal):
                return Break(entry.seq, "changed")
            self.seq, self.seal = entry.seq, entry.seal
            if (entry.seq, entry.seal.hex()) == (self.noted_seq, self.noted_seal):
                self.passed_noted = True
        return None


def entries(session: Session, after: int | None = None) -> Iterator[AuditEntry]:
    """Yield the whole trail (behind a number), oldest first, without holding it in memory."""
    query = select(AuditEntry).order_by(AuditEntry.seq).limit(BATCH)
    while True:
        behind = query.where(AuditEntry.seq > after) if after is not None else query
        batch = session.scalars(behind.execution_options(populate_existing=True)).all()
        for entry in batch:
            session.expunge(entry)
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1].seq


def _purged_before(session: Session, first: int) -> bytes:
    """Return the seal of the entry that stood before the first one kept, as the mark noted it."""
    marks = session.scalars(
        select(AuditEntry).where(AuditEntry.action == PURGED).order_by(AuditEntry.seq.desc())
    )
    for mark in marks:
        if mark.facts.get("first_kept") == first:
            return bytes.fromhex(str(mark.facts.get("seal_before") or ""))
    return b""


def purge(session: Session, before: datetime) -> int:
    """Remove entries older than the office must keep and leave a sealed mark; return how many.

    The database lets go only of entries that are older than five years.
    """
    end_seq, _ = _end(session)
    # Only from the beginning on, whatever a clock once said; the newest entry always stays, or
    # there would be nothing to chain the mark to.
    first_kept = session.scalar(
        select(func.min(AuditEntry.seq)).where(
            or_(AuditEntry.at >= before, AuditEntry.seq == end_seq)
        )
    )
    gone = select(AuditEntry.seal).where(AuditEntry.seq < (first_kept or 0))
    seals = session.scalars(gone.order_by(AuditEntry.seq)).all()
    if not seals:
        return 0
    session.execute(delete(AuditEntry).where(AuditEntry.seq < first_kept))
    facts: Facts = {"first_kept": first_kept, "seal_before": seals[-1].hex()}
    note(session, Note(PURGED, "audit", None, None, facts))
    return len(seals)
