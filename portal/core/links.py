"""Short links for paper and chat (/m/<code>); how often each is opened is counted, not by whom."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.codes import new_code
from portal.core.db import Base

# 35 bits: nobody types one by chance, and it stays short on a poster.
CODE_LENGTH = 7


class ShortLink(Base):
    """An address within the portal under a short code that stays."""

    __tablename__ = "short_link"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    # The path, with its query if it has one; never an address outside the portal.
    path: Mapped[str] = mapped_column(String(300))
    # What the link was made for, such as "poster:<id>"; there is one link for each.
    purpose: Mapped[str] = mapped_column(String(120), unique=True)
    made_at: Mapped[datetime]


class LinkDay(Base):
    """How often a short link was opened on a day."""

    __tablename__ = "short_link_day"

    code: Mapped[str] = mapped_column(ForeignKey("short_link.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    opened: Mapped[int]


def link_for(session: Session, purpose: str, path: str) -> ShortLink:
    """Return the link for a purpose, made now if there is none; from now on it leads to `path`.

    Raises ValueError for a path that would lead out of the portal.
    """
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError("not a path within the portal")
    link = session.scalar(select(ShortLink).where(ShortLink.purpose == purpose))
    if link is None:
        link = ShortLink(
            code=new_code(CODE_LENGTH), purpose=purpose, path=path, made_at=clock.now()
        )
        session.add(link)
        session.flush()
    link.path = path
    return link


def find(session: Session, code: str) -> ShortLink | None:
    """Return the link behind a code."""
    return session.get(ShortLink, code)


def codes_for(session: Session, purposes: list[str]) -> dict[str, str]:
    """Return the codes of links by what they were made for."""
    found = select(ShortLink.purpose, ShortLink.code).where(ShortLink.purpose.in_(purposes))
    return {row.purpose: row.code for row in session.execute(found)}


def opened(session: Session, codes: list[str]) -> dict[str, int]:
    """Return how often links were opened since they were made."""
    found = select(LinkDay.code, func.sum(LinkDay.opened)).where(LinkDay.code.in_(codes))
    return {code: int(count) for code, count in session.execute(found.group_by(LinkDay.code))}
