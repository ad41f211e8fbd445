"""What was done already: one row for each form that was sent and carried out.

A double tap, a retry on a bad signal or the Back button sends the same form again. The row is
written as the first thing of the transaction that does the work, so that a second one waits for the
first and then learns that everything is done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, event, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from portal.core import clock
from portal.core.db import Base

_CLAIM = "form being carried out"
_WRITTEN = "receipt written"
_DONE = "form carried out"


class Receipt(Base):
    """A form that was carried out, written in the transaction that did it."""

    __tablename__ = "form_receipt"

    # Of key, person and path.
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    # Keyed with the form's own key, which is kept nowhere: nobody can guess passwords from it.
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Where the first answer sent the browser; empty until that answer was made.
    location: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Claim:
    """A form about to be carried out: what it is known by, what it says, and where it leads, as
    far as that is known before.
    """

    digest: bytes
    body_hash: bytes
    location: str = ""


class AlreadyDoneError(Exception):
    """Another request is carrying out, or has carried out, the very same form."""


def digest_of(key: str, user_id: UUID | None, path: str) -> bytes:
    """Return what a form is known by: its key, whoever sends it, and where to."""
    return hashlib.sha256("\n".join((key, str(user_id), path)).encode()).digest()


def claim(session: Session, form: Claim) -> None:
    """Let the next transaction of this session stand for a form."""
    session.info[_CLAIM] = form


def is_done(session: Session) -> bool:
    """Say whether the claimed form was carried out."""
    return bool(session.info.get(_DONE))


@event.listens_for(Session, "after_begin")
def _write(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    form: Claim | None = session.info.get(_CLAIM)
    # A savepoint begins within the transaction that wrote the receipt already.
    if form is None or transaction.nested:
        return
    try:
        connection.execute(
            insert(Receipt).values(
                digest=form.digest,
                body_hash=form.body_hash,
                location=form.location,
                done_at=clock.now(),
            )
        )
    except IntegrityError as error:
        raise AlreadyDoneError from error
    session.info[_WRITTEN] = True


@event.listens_for(Session, "after_commit")
def _note_done(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.pop(_WRITTEN, False):
        return
    session.info.pop(_CLAIM)
    session.info[_DONE] = True


@event.listens_for(Session, "after_rollback")
def _note_undone(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_WRITTEN, None)


def note_location(session: Session, digest: bytes, location: str) -> None:
    """Note where the first answer sent the browser."""
    session.execute(update(Receipt).where(Receipt.digest == digest).values(location=location))
