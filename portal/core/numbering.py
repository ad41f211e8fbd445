"""Numbers of the registers: by year, without gaps, also when two people record at once."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock

# Each failed try means that somebody else got the number, so nobody needs more than a few.
MOST_TRIES = 20


class Numbered(Protocol):
    """A record that people call by its number, which is unique."""

    number: str


def add_numbered(session: Session, prefix: str, record: Numbered) -> None:
    """Write a new record under the next number of the year, such as `PD-2026-001`.

    On PostgreSQL two transactions may want the same number: the second waits for the first, learns
    from the unique key that it is taken, and looks again. A rollback leaves no gap.
    """
    for tries_left in reversed(range(MOST_TRIES)):
        record.number = _next_number(session, prefix, type(record))
        try:
            with session.begin_nested():
                session.add(record)
        except IntegrityError:
            if not tries_left:
                raise
        else:
            return


def _next_number(session: Session, prefix: str, model: Any) -> str:
    beginning = f"{prefix}-{clock.today().year}-"
    last = session.scalars(
        select(model.number)
        .where(model.number.startswith(beginning, autoescape=True))
        # Behind 999 the numbers grow longer.
        .order_by(func.length(model.number).desc(), model.number.desc())
        .limit(1)
    ).first()
    return f"{beginning}{int(last.removeprefix(beginning)) + 1 if last else 1:03d}"
