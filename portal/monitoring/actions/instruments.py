"""The form as the office changes it: a draft is edited, and once published stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.events import InstrumentChanged
from portal.monitoring.models import Instrument
from portal.monitoring.policy import editions


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    indonesian: str
    english: str


@dataclass(frozen=True)
class Change:
    """What is to be different in a draft; what it does not name stays as it is."""

    # By what they are called in `policy.editions.words_of`.
    texts: Mapping[str, Words] = field(default_factory=dict)
    # Working hours of red flags, by code; None for "as other alerts".
    hours: Mapping[str, int | None] = field(default_factory=dict)
    thresholds: Mapping[str, int] = field(default_factory=dict)
    # Weeks between forms, and how many forms.
    rhythm: tuple[tuple[int, int], ...] | None = None
    source: str | None = None


def draft(session: Session, actor: Actor) -> Instrument:
    """Begin the next edition as a copy of the newest; raises Rejected("draft_exists")."""
    _check_permission(actor)
    # Locked together, so that two people do not number two drafts alike.
    known = session.scalars(select(Instrument).order_by(Instrument.number).with_for_update()).all()
    if any(each.published_at is None for each in known):
        raise Rejected("draft_exists")
    newest = known[-1]
    edition = Instrument(
        id=new_id(),
        number=newest.number + 1,
        content=deepcopy(newest.content),
        thresholds=deepcopy(newest.thresholds),
        rhythm=deepcopy(newest.rhythm),
        source=newest.source,
        written_by=actor.user_id,
        written_at=clock.now(),
    )
    session.add(edition)
    _tell(session, actor, edition, "drafted")
    return edition


def edit(session: Session, actor: Actor, edition: Instrument, change: Change) -> None:
    """Change a draft; raises what `_begin` and `policy.editions.check` raise."""
    _begin(session, actor, edition)
    content = deepcopy(edition.content)
    words = editions.words_of(content)
    for name in change.texts.keys() & words.keys():
        text = change.texts[name]
        words[name].update({"id": text.indonesian, "en": text.english})
    for flag in content["flags"]:
        flag["hours"] = change.hours.get(flag["code"], flag["hours"])
    thresholds = {**edition.thresholds, **change.thresholds}
    rhythm = edition.rhythm if change.rhythm is None else [list(each) for each in change.rhythm]
    editions.check(content, thresholds, rhythm)
    edition.content, edition.thresholds, edition.rhythm = content, thresholds, rhythm
    if change.source is not None:
        edition.source = change.source
    _tell(session, actor, edition, "edited")


def publish(session: Session, actor: Actor, edition: Instrument) -> None:
    """Let new forms be made with a draft, which nobody changes any more.

    Forms that are there keep their edition. Raises what `edit` raises.
    """
    _begin(session, actor, edition)
    editions.check(edition.content, edition.thresholds, edition.rhythm)
    edition.published_at = clock.now()
    _tell(session, actor, edition, "published")


def discard(session: Session, actor: Actor, edition: Instrument) -> None:
    """Delete a draft; raises what `_begin` raises."""
    _begin(session, actor, edition)
    _tell(session, actor, edition, "discarded")
    session.delete(edition)


def _begin(session: Session, actor: Actor, edition: Instrument) -> None:
    """Lock a draft; raises Rejected("not_allowed") or Rejected("edition_published")."""
    _check_permission(actor)
    session.refresh(edition, with_for_update=True)
    if edition.published_at is not None:
        raise Rejected("edition_published")


def _check_permission(actor: Actor) -> None:
    if not actor.may(Permission.SOP_WRITE):
        raise Rejected("not_allowed")


def _tell(session: Session, actor: Actor, edition: Instrument, step: str) -> None:
    emit(session, actor, InstrumentChanged(edition.id, edition.number, step))
