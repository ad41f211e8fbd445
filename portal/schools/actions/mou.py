"""Recording the memoranda that make a school a partner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, files
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store, StoredFile
from portal.schools.events import MouChanged, MouRecorded
from portal.schools.models import Mou, School

# People photograph paper more often than they scan it.
SIGNED_COPY = files.IMAGES | {files.PDF}


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


def check_copy(terms: MouTerms) -> MouTerms:
    """Return the terms with their signed copy as it is to be kept; raises what `files.check` does.

    This takes a second for a large picture: views do it before they ask for the write lock.
    """
    if terms.file is None:
        return terms
    checked = files.check(terms.file.content, SIGNED_COPY)
    return replace(terms, file=replace(terms.file, content=checked))


def record_mou(
    session: Session, actor: Actor, store: Store, school_id: UUID, terms: MouTerms
) -> Mou:
    """Write down a new MoU of a school.

    Raises Rejected("not_allowed"), Rejected("mou_dates"), Rejected("mou_overlaps") or what
    `core.files.keep` raises.
    """
    _check(session, actor, school_id, terms, None)
    mou = Mou(school_id=school_id, file_id=None, recorded_by=actor.user_id)
    _write(session, actor, store, mou, terms)
    session.add(mou)
    session.flush()
    emit(
        session,
        actor,
        MouRecorded(
            mou.id,
            school_id=school_id,
            signed_on=mou.signed_on,
            valid_until=mou.valid_until,
            promised_sessions=mou.promised_sessions,
            with_copy=mou.file_id is not None,
        ),
    )
    return mou


def change_mou(session: Session, actor: Actor, store: Store, mou: Mou, terms: MouTerms) -> None:
    """Correct an MoU; without a new file the present one stays.

    Raises what `record_mou` raises.
    """
    _check(session, actor, mou.school_id, terms, mou)
    fields = _changed(mou, terms)
    replaced = session.get(StoredFile, mou.file_id) if mou.file_id and terms.file else None
    _write(session, actor, store, mou, terms)
    session.flush()
    if replaced is not None:
        files.discard(session, store, replaced)
        session.flush()
    emit(session, actor, MouChanged(mou.id, mou.school_id, fields))


def _changed(mou: Mou, terms: MouTerms) -> str:
    written = ("number", "promised_sessions", "scope", "signed_on", "valid_until")
    names = [name for name in written if getattr(mou, name) != getattr(terms, name)]
    return ",".join(sorted([*names, "file"] if terms.file else names))


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


def _write(session: Session, actor: Actor, store: Store, mou: Mou, terms: MouTerms) -> None:
    mou.number = terms.number
    mou.signed_on = terms.signed_on
    mou.valid_until = terms.valid_until
    mou.promised_sessions = terms.promised_sessions
    mou.scope = terms.scope
    mou.recorded_at = clock.now()
    if terms.file is not None:
        kept = files.keep(
            session,
            store,
            terms.file.name,
            terms.file.content,
            SIGNED_COPY,
            actor.user_id,
        )
        mou.file_id = kept.id
