"""Coming back with a code: a guesser is slowed down, and nobody is ever locked out.

The first half of a code is its lane. A number has 1,024 of them, and in each a network may try five
times, then after 2, 4, 8 .. 60 seconds. Whoever knows their code is alone in their lane, however
busy others of the same school are guessing.

Wrong codes also slow down the network they come from, and the number they name. While one of these
has to wait, a wrong code is told to wait and nothing else; a right one in a free lane opens.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.core import clock, codes, hashing, limits, settings, tokens
from portal.core.db import Database, new_id
from portal.core.errors import Rejected
from portal.hotline.models import Opened
from portal.hotline.queries import replies
from portal.incidents.actions.conversing import mark_read_by_reporter
from portal.incidents.actions.receiving import CODE_LENGTH, LOCATOR_LENGTH, peppered

WRONG_CODE = "tracking_code"
LANE_LENGTH = CODE_LENGTH // 2
# A network that cannot be told from others has its lanes in common with them.
ANYWHERE = "anywhere"


def open_with(database: Database, typed: str, network: str | None) -> UUID:
    """Return the report that a code opens; call it before any transaction is open.

    Raises Rejected("code_unknown"), or Rejected("code_wait") after too many wrong ones; both, and
    the time they take, are the same whatever is wrong with a code.
    """
    code = codes.normal_code(typed)
    locator, secret = code[:LOCATOR_LENGTH], code[LOCATOR_LENGTH:]
    with database.reader() as session:
        kept = replies.kept_under(session, locator)
    right = hashing.fits(kept.secret_hash if kept else None, peppered(locator, secret))
    lane = ("lane", code[:LANE_LENGTH], network or ANYWHERE)
    seconds = limits.wait_for(database, WRONG_CODE, *lane)
    if seconds:
        # A right code would hear the same, so this says nothing about the code.
        raise Rejected("wait", "code", seconds=seconds)
    if kept and right:
        # Only this: a guesser could have a report too, and begin at zero with it again and again.
        limits.forget_failures(database, WRONG_CODE, *lane)
        found: UUID = kept.id
        return found
    limits.note_failure(database, WRONG_CODE, *lane)
    _slow_down(database, locator, network)
    raise Rejected("code_unknown", "code")


def _slow_down(database: Database, locator: str, network: str | None) -> None:
    brakes = [("number", locator)] + ([("network", network)] if network else [])
    seconds = max(limits.wait_for(database, WRONG_CODE, *each) for each in brakes)
    if seconds:
        # Not counted: a delay ends when it was said to end.
        raise Rejected("code_wait", "code", seconds=seconds)
    for each in brakes:
        limits.note_failure(database, WRONG_CODE, *each)


def begin(session: Session, report_id: UUID) -> str:
    """Let a browser read a report for some minutes; return the token that leads to it."""
    token = tokens.new_token()
    opened = Opened(
        id=new_id(),
        token_hash=tokens.token_hash(token),
        report_id=report_id,
        expires_at=_over_at(session),
    )
    session.add(opened)
    mark_read_by_reporter(session, report_id)
    return token


def renew(session: Session, opened_id: UUID) -> None:
    """Let it stay open for the full time again, since somebody is there."""
    still = update(Opened).where(Opened.id == opened_id)
    session.execute(still.values(expires_at=_over_at(session)))


def _over_at(session: Session) -> datetime:
    minutes: int = settings.read(session)["reply_minutes"]
    return clock.now() + timedelta(minutes=minutes)


def end(session: Session, token: str | None) -> None:
    """Close what a token opens."""
    if token:
        session.execute(delete(Opened).where(Opened.token_hash == tokens.token_hash(token)))


def forget_idle(session: Session) -> int:
    """Forget what was opened and left; return how many."""
    idle = delete(Opened).where(Opened.expires_at <= clock.now()).returning(Opened.id)
    return len(session.execute(idle).all())
