"""Recording the memoranda that make a school a partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, files
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store, StoredFile
from portal.schools.actions import agreement, obligations, partnership
from portal.schools.actions.obligations import Promise
from portal.schools.events import MouChanged, MouCopyKept, MouRecorded
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
    """What an MoU says: number, period, promised sessions per school year, who signed, the copy."""

    number: str
    signed_on: date
    valid_until: date
    promised_sessions: int
    scope: str
    file: Upload | None = None
    school_signer: str = ""
    school_signer_position: str = ""
    office_signer: str = ""
    office_signer_position: str = ""


WRITTEN = tuple(name for name in MouTerms.__dataclass_fields__ if name != "file")


def check_copy(terms: MouTerms) -> MouTerms:
    """Return the terms with their signed copy as it is to be kept; raises what `files.check` does.

    This takes a second for a large picture: views do it before they ask for the write lock.
    """
    return replace(terms, file=checked_copy(terms.file)) if terms.file else terms


def checked_copy(copy: Upload) -> Upload:
    """Return a signed copy as it is to be kept; raises what `files.check` does."""
    return replace(copy, content=files.check(copy.content, SIGNED_COPY))


def record_mou(
    session: Session,
    actor: Actor,
    store: Store,
    school_id: UUID,
    terms: MouTerms,
    *,
    promises: Sequence[Promise] = (),
    renews: Mou | None = None,
) -> Mou:
    """Write down a new MoU of a school, perhaps one that carries an earlier one on.

    Raises Rejected("not_allowed"), Rejected("mou_dates"), Rejected("mou_overlaps"),
    Rejected("mou_renewed") where another one carries on the same, or what `core.files.keep` raises.
    """
    _check(session, actor, school_id, terms, None)
    if renews is not None:
        _check_chain(session, renews, terms)
    mou = Mou(id=new_id(), school_id=school_id, file_id=None, recorded_by=actor.user_id)
    mou.renews_id = renews.id if renews else None
    _write(session, actor, store, mou, terms)
    session.add(mou)
    session.flush()
    obligations.write_down(session, mou, promises)
    agreement.ask(session, mou)
    partnership.settle(session, actor, mou)
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
            renews_id=mou.renews_id,
        ),
    )
    return mou


def change_mou(session: Session, actor: Actor, store: Store, mou: Mou, terms: MouTerms) -> None:
    """Correct an MoU; without a new file the present one stays.

    Another text than the division head agreed to is put before them again; a first signed copy
    is not. Raises what `record_mou` raises.
    """
    _check(session, actor, mou.school_id, terms, mou)
    fields = _changed(mou, terms)
    replaced = session.get(StoredFile, mou.file_id) if mou.file_id and terms.file else None
    _write(session, actor, store, mou, terms)
    session.flush()
    _let_go(session, store, replaced)
    if replaced or fields not in ("", "file"):
        agreement.ask_again(session, mou)
    emit(session, actor, MouChanged(mou.id, mou.school_id, fields))


def keep_copy(session: Session, actor: Actor, store: Store, mou: Mou, copy: Upload) -> None:
    """Keep the signed copy of an MoU, in the place of the one before.

    Raises Rejected("not_allowed"), or what `core.files.keep` raises.
    """
    place = mou.school_id
    if not (actor.may(Permission.MOU_FILE_WRITE, place) or actor.may(Permission.MOU_WRITE, place)):
        raise Rejected("not_allowed")
    replaced = session.get(StoredFile, mou.file_id) if mou.file_id else None
    _keep(session, actor, store, mou, copy)
    session.flush()
    _let_go(session, store, replaced)
    if replaced:
        agreement.ask_again(session, mou)
    emit(session, actor, MouCopyKept(mou.id, mou.school_id, replaced=replaced is not None))


def _let_go(session: Session, store: Store, replaced: StoredFile | None) -> None:
    if replaced is not None:
        files.discard(session, store, replaced)
        session.flush()


def _changed(mou: Mou, terms: MouTerms) -> str:
    names = [name for name in WRITTEN if getattr(mou, name) != getattr(terms, name)]
    return ",".join(sorted([*names, "file"] if terms.file else names))


def _check_chain(session: Session, renews: Mou, terms: MouTerms) -> None:
    if terms.signed_on <= renews.valid_until:
        raise Rejected("mou_overlaps", "signed_on", number=renews.number)
    later = select(Mou.number).where(Mou.renews_id == renews.id).limit(1)
    number = session.scalar(later)
    if number is not None:
        raise Rejected("mou_renewed", number=number)


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
    for name in WRITTEN:
        setattr(mou, name, getattr(terms, name))
    mou.recorded_at = clock.now()
    if terms.file is not None:
        _keep(session, actor, store, mou, terms.file)


def _keep(session: Session, actor: Actor, store: Store, mou: Mou, copy: Upload) -> None:
    kept = files.keep(session, store, copy.name, copy.content, SIGNED_COPY, actor.user_id)
    mou.file_id = kept.id
