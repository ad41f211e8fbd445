"""The request's database session: read-only for GET, writing for POST."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app, g, request
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, UOWTransaction

from portal.core import receipts
from portal.core.db import OUTAGES, Database
from portal.core.settings import Office, read

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class UncommittedChangesError(RuntimeError):
    """A view changed records and ended without a transaction that committed them."""


def database() -> Database:
    """Return the application's database."""
    return cast(Database, current_app.extensions["database"])


def db() -> Session:
    """Return this request's session; a GET gets one that cannot write."""
    if "session" not in g:
        g.session = reader() if request.method in SAFE_METHODS else database().writer()
        if "claim" in g and g.session is not g.get("reader"):
            receipts.claim(g.session, g.claim)
    return cast(Session, g.session)


def reader() -> Session:
    """Return this request's read-only session, which never takes the write lock."""
    if "reader" not in g:
        g.reader = database().reader()
    return cast(Session, g.reader)


def office() -> Office:
    """Return the office settings, read once per request."""
    if "office" not in g:
        g.office = read(reader())
    return cast(Office, g.office)


def demo() -> bool:
    """Say whether this is a demonstration database (a mark `portal demo` leaves in it)."""
    return office().demo


def stop_reading() -> bool:
    """End a transaction in which this request's session only read; it would keep others waiting.

    Returns False where the session holds changes that nobody committed.
    """
    session: Session | None = g.get("session")
    if session is not None:
        if _holds_changes(session):
            return False
        _undo(session)
    return True


@contextmanager
def write_if_possible() -> Iterator[Session]:
    """Open the door for what may also be missed, such as when somebody was last seen."""
    try:
        with database().side_write() as session:
            yield session
    except OUTAGES as error:
        cause = getattr(error, "orig", None) or error
        current_app.logger.warning("not written: %s", type(cause).__name__)


def let_go() -> None:
    """Undo whatever this request began, also on connections that are dead by now."""
    for name in ("session", "reader"):
        session: Session | None = g.get(name)
        if session is not None:
            _undo(session)


def _undo(session: Session) -> None:
    try:
        session.rollback()
    except SQLAlchemyError:
        # The connection died meanwhile, and with it whatever there was to undo.
        session.invalidate()


def _close(session: Session) -> None:
    try:
        session.close()
    except SQLAlchemyError:
        # The answer is ready; that a connection died after its last question takes nothing from it.
        session.invalidate()


def _holds_changes(session: Session) -> bool:
    return bool(session.info.get("flushed") or session.new or session.dirty or session.deleted)


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: UOWTransaction) -> None:
    session.info["flushed"] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _note_end(session: Session) -> None:
    session.info.pop("flushed", None)


def init_app(app: Flask) -> None:
    """Close sessions after each request, and refuse to lose changes in silence."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        lost = False
        for name in ("session", "reader"):
            session: Session | None = g.pop(name, None)
            if session is not None:
                lost |= _holds_changes(session)
                _close(session)
        if lost and _error is None:
            app.logger.error("uncommitted changes were dropped")
            if app.testing:
                raise UncommittedChangesError
