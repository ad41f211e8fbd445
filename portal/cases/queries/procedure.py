"""The editions of the procedure, and what changed from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.cases.models import SopVersion
from portal.cases.queries.stages import text_of
from portal.cases.queries.words import STAGES
from portal.cases.states import Stage
from portal.core import i18n
from portal.people.models import User


@dataclass(frozen=True)
class Edition:
    """One edition, who wrote and who published it, and what is new in it."""

    version: SopVersion
    maker: str
    publisher: str
    news: tuple[str, ...]


def editions(session: Session) -> list[Edition]:
    """Return all editions, the newest first, each compared with the one before."""
    maker, publisher = aliased(User), aliased(User)
    rows = session.execute(
        select(SopVersion, maker.full_name, publisher.full_name)
        .outerjoin(maker, maker.id == SopVersion.made_by)
        .outerjoin(publisher, publisher.id == SopVersion.published_by)
        .order_by(SopVersion.number.desc())
    ).all()
    older = [row[0] for row in rows[1:]]
    return [
        Edition(row[0], row[1] or "", row[2] or "", _news(before, row[0]))
        for row, before in zip(rows, [*older, None], strict=True)
    ]


def get(session: Session, public_id: str) -> SopVersion | None:
    """Return one edition."""
    return session.scalar(select(SopVersion).where(SopVersion.public_id == public_id))


def _news(before: SopVersion | None, now: SopVersion) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(
        f"{STAGES[stage]}: {each}"
        for stage, old, new in zip(Stage, before.stages, now.stages, strict=True)
        for each in _changes(old, new)
    )


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield what changed in one stage, in words."""
    if old["days"] != new["days"]:
        yield i18n.gettext(
            "%(new)s working days instead of %(old)s", new=new["days"], old=old["days"]
        )
    if old["prompt"] != new["prompt"]:
        yield i18n.gettext("another prompt")
    before = {each["code"]: each for each in old["items"]}
    now = {each["code"]: each for each in new["items"]}
    for code in now.keys() - before.keys():
        yield i18n.gettext("new: “%(item)s”", item=text_of(now[code]))
    for code in before.keys() - now.keys():
        yield i18n.gettext("dropped: “%(item)s”", item=text_of(before[code]))
    kept = [code for code in now if code in before]
    for code in kept:
        if now[code] != before[code]:
            yield i18n.gettext("changed: “%(item)s”", item=text_of(now[code]))
    if kept != [code for code in before if code in now]:
        yield i18n.gettext("another order")
