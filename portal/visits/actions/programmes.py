"""What the office offers: its programmes with their topics, and what sessions may need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.core import codes
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.visits.events import NeedsChanged, ProgrammeAdded, ProgrammeChanged
from portal.visits.models import NeedSide, Programme, Topic, VisitNeed
from portal.visits.queries import programmes as queries

CODE_LENGTH = 8


@dataclass(frozen=True)
class Terms:
    """What a programme is, by the names of its columns."""

    name_id: str
    name_en: str
    summary_id: str
    summary_en: str
    minutes: int
    most_people: int
    most_classes: int | None
    people_per_worker: int | None
    notice_working_days: int | None
    yearly_share: int | None
    counts_for_coverage: bool
    auto_accept: bool
    active: bool
    position: int


@dataclass(frozen=True)
class TopicWords:
    """A topic as somebody wants it: a new one has no id, one to be removed no title."""

    public_id: str
    title_id: str
    title_en: str
    levels: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class NeedWords:
    """Something a session may need, as somebody wants it; a new one has no id."""

    public_id: str
    side: NeedSide
    name_id: str
    name_en: str
    active: bool
    position: int


def add(session: Session, actor: Actor, audience: str, terms: Terms) -> Programme:
    """Offer another programme; raises Rejected("not_allowed")."""
    _check_right(actor)
    programme = Programme(
        id=new_id(), code=codes.new_code(CODE_LENGTH), audience=audience, **asdict(terms)
    )
    session.add(programme)
    session.flush()
    emit(session, actor, ProgrammeAdded(programme.id))
    return programme


def change(
    session: Session,
    actor: Actor,
    programme: Programme,
    terms: Terms,
    topics: Sequence[TopicWords],
) -> None:
    """Change a programme and its topics; sessions already asked for keep their length.

    Raises Rejected("not_allowed"), "last_programme" when nothing would be on offer any more,
    "topic_in_use" for a topic without a title that sessions are about.
    """
    _check_right(actor)
    others = select(Programme.id).where(Programme.active, Programme.id != programme.id)
    if not terms.active and session.scalars(others).first() is None:
        raise Rejected("last_programme", "active")
    changed = [name for name, value in asdict(terms).items() if getattr(programme, name) != value]
    for name in changed:
        setattr(programme, name, getattr(terms, name))
    if _change_topics(session, programme, topics):
        changed.append("topics")
        # Two people who change its topics alone must notice each other too.
        flag_modified(programme, "position")
    session.flush()
    if changed:
        emit(session, actor, ProgrammeChanged(programme.id, ", ".join(changed)))


def _change_topics(session: Session, programme: Programme, wanted: Sequence[TopicWords]) -> bool:
    known = {
        topic.public_id: topic for topic in queries.topics_of(session, [programme])[programme.id]
    }
    changed = False
    for words in wanted:
        topic = known.get(words.public_id)
        if not words.title_id:
            changed |= topic is not None and _drop(session, topic)
            continue
        if topic is None:
            topic = Topic(programme_id=programme.id)
            session.add(topic)
        changed |= _write(
            topic,
            title_id=words.title_id,
            title_en=words.title_en,
            levels=list(words.levels),
            position=words.position,
        )
    return changed


def _drop(session: Session, topic: Topic) -> bool:
    if queries.is_used(session, topic):
        raise Rejected("topic_in_use", title=topic.title_id)
    session.delete(topic)
    return True


def _write(record: Topic | VisitNeed, **values: Any) -> bool:
    """Write values into a record; False when it says all of that already."""
    changed = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in changed.items():
        setattr(record, name, value)
    return bool(changed)


def change_needs(session: Session, actor: Actor, wanted: Sequence[NeedWords]) -> None:
    """Change what sessions may need; what nobody has now is asked for no more, and stays listed.

    Raises Rejected("not_allowed").
    """
    _check_right(actor)
    known = {need.public_id: need for need in queries.needs(session).rows}
    changed = 0
    for words in wanted:
        need = known.get(words.public_id)
        if not words.name_id:
            continue
        if need is None:
            need = VisitNeed(code=codes.new_code(CODE_LENGTH), side=words.side)
            session.add(need)
        changed += _write(
            need,
            name_id=words.name_id,
            name_en=words.name_en,
            active=words.active,
            position=words.position,
        )
    session.flush()
    if changed:
        emit(session, actor, NeedsChanged(None, changed))


def _check_right(actor: Actor) -> None:
    if not actor.may(Permission.PROGRAMME_WRITE):
        raise Rejected("not_allowed")
