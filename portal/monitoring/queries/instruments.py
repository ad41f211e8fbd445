"""The editions of the teacher's form, and their words in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from portal.core import i18n
from portal.monitoring.models import Instrument, MonitoringForm
from portal.monitoring.policy.editions import words_of
from portal.monitoring.states import UNSENT
from portal.people.models import User


def newest_id() -> ScalarSelect[UUID]:
    """Return the query for the edition of new forms: the published one of the highest number."""
    published = aliased(Instrument)
    return (
        select(published.id)
        .where(published.published_at.is_not(None))
        .order_by(published.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def newest(session: Session) -> Instrument:
    """Return the edition that new forms are made with."""
    return session.scalars(select(Instrument).where(Instrument.id == newest_id())).one()


def by_id(session: Session, ids: Collection[UUID]) -> dict[UUID, Instrument]:
    """Return editions by their id, with one statement."""
    found = session.scalars(select(Instrument).where(Instrument.id.in_(ids)))
    return {each.id: each for each in found}


def text_of(words: Mapping[str, str]) -> str:
    """Return what an edition says, in the reader's language."""
    other = "id" if i18n.language() == "en" else "en"
    return str(words.get(i18n.language()) or words.get(other) or "")


def items_of(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the items of an edition's content in the order of the form."""
    for group in content["groups"]:
        yield from group["items"]


def texts_of(instrument: Instrument) -> dict[str, str]:
    """Return what flags and items ask in one edition, by code, in the reader's language."""
    content = instrument.content
    return {each["code"]: text_of(each["text"]) for each in (*content["flags"], *items_of(content))}


def answer_text(instrument: Instrument, answer: int | None) -> str:
    """Return what a point of the scale is called in one edition; None is "not observed"."""
    if answer is None:
        return i18n.gettext("Not observed")
    return text_of(instrument.content["scale"][answer])


@dataclass(frozen=True)
class Edition:
    """One edition, who drafted it, and what is new in it."""

    instrument: Instrument
    writer: str
    news: tuple[str, ...]


def editions(session: Session) -> list[Edition]:
    """Return all editions, the newest first, each compared with the one before."""
    rows = session.execute(
        select(Instrument, User.full_name)
        .outerjoin(User, User.id == Instrument.written_by)
        .order_by(Instrument.number.desc())
    ).all()
    older = [row[0] for row in rows[1:]]
    return [
        Edition(row[0], row[1] or "", _news(before, row[0]) if before else ())
        for row, before in zip(rows, [*older, None], strict=True)
    ]


def get(session: Session, public_id: str) -> Instrument | None:
    """Return one edition."""
    return session.scalar(select(Instrument).where(Instrument.public_id == public_id))


def forms_waiting(session: Session) -> int:
    """Return how many forms wait to be filled in, whatever their edition."""
    count = select(func.count()).where(MonitoringForm.state.in_(sorted(UNSENT)))
    return session.scalar(count) or 0


def _news(before: Instrument, now: Instrument) -> tuple[str, ...]:
    old, new = words_of(before.content), words_of(now.content)
    reworded = [
        i18n.gettext("reworded: “%(text)s”", text=text_of(words))
        for name, words in new.items()
        if words != old.get(name)
    ]
    hours = {each["code"]: each["hours"] for each in before.content["flags"]}
    hastened = [
        i18n.gettext("other hours: “%(text)s”", text=text_of(each["text"]))
        for each in now.content["flags"]
        if each["hours"] != hours.get(each["code"])
    ]
    figures = [i18n.gettext("other thresholds")] if before.thresholds != now.thresholds else []
    rhythm = [i18n.gettext("another rhythm")] if before.rhythm != now.rhythm else []
    return (*figures, *rhythm, *hastened, *reworded)
