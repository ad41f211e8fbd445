"""Recording the memoranda that make a school a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, files
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.files import StoredFile
from portal.schools.models import Mou, School


@dataclass(frozen=True)
class Upload:
    """A file as it was handed in."""

    name: str
    content: bytes


@dataclass(frozen=True)
class MouTerms:
    """What an MoU says: number, period, promised sessions per school year, scope, signed copy."""

    number: str
    signed_on: date
    valid_until: date
    promised_sessions: int
    scope: str
    file: Upload | None = None


def record_mou(
    session: Session, actor: Actor, folder: Path, school_id: UUID, terms: MouTerms
) -> Mou:
    """Write down a new MoU of a school.

    Raises Rejected("not_allowed"), Rejected("mou_dates"), Rejected("mou_overlaps") or what
    `core.files.store` raises.
    """
    _check(session, actor, school_id, terms, None)
    mou = Mou(school_id=school_id, file_id=None, recorded_by=actor.user_id)
    _write(session, actor, folder, mou, terms)
    session.add(mou)
    session.flush()
    return mou


def change_mou(session: Session, actor: Actor, folder: Path, mou: Mou, terms: MouTerms) -> None:
    """Correct an MoU; without a new file the present one stays.

    Raises what `record_mou` raises.
    """
    _check(session, actor, mou.school_id, terms, mou)
    replaced = session.get(StoredFile, mou.file_id) if mou.file_id and terms.file else None
    _write(session, actor, folder, mou, terms)
    session.flush()
    if replaced is not None:
        files.discard(session, folder, replaced)
        session.flush()


def _check(
    session: Session, actor: Actor, school_id: UUID, terms: MouTerms, itself: Mou | None
) -> None:
    if not actor.may(Permission.MOU_WRITE, school_id):
        raise Rejected("not_allowed")
    if terms.valid_until < terms.signed_on:
        raise Rejected("mou_dates", "valid_until")
    # Two coordinators who write for the same school wait for each other here.
    session.execute(select(School.id).where(School.id == school_id).with_for_update())
    others = select(Mou.number).where(
        Mou.school_id == school_id,
        Mou.signed_on <= terms.valid_until,
        Mou.valid_until >= terms.signed_on,
    )
    if itself is not None:
        others = others.where(Mou.id != itself.id)
    number = session.scalar(others.order_by(Mou.signed_on).limit(1))
    if number is not None:
        raise Rejected("mou_overlaps", "signed_on", number=number)


def _write(session: Session, actor: Actor, folder: Path, mou: Mou, terms: MouTerms) -> None:
    mou.number = terms.number
    mou.signed_on = terms.signed_on
    mou.valid_until = terms.valid_until
    mou.promised_sessions = terms.promised_sessions
    mou.scope = terms.scope
    mou.recorded_at = clock.now()
    if terms.file is not None:
        kept = files.store(
            session,
            folder,
            terms.file.name,
            terms.file.content,
            frozenset({files.PDF}),
            actor.user_id,
        )
        mou.file_id = kept.id
