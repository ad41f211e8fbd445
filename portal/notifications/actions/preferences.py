"""What somebody wants to be told by e-mail, and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.events import emit
from portal.core.settings import Office
from portal.notifications.events import PreferenceChanged
from portal.notifications.models import Preference
from portal.notifications.states import Rhythm


@dataclass(frozen=True)
class Wishes:
    """How somebody wants to be told; hours are full hours in WIB."""

    news_by_mail: bool
    reminders: Rhythm
    quiet_from: int
    quiet_until: int


def wishes_of(session: Session, office: Office, actor: Actor) -> Wishes:
    """Return how an actor wants to be told, by the office's defaults where nothing was chosen."""
    return as_chosen(session.get(Preference, actor.user_id), office)


def as_chosen(kept: Preference | None, office: Office) -> Wishes:
    """Return what somebody chose, or the office's defaults."""
    if kept is None:
        return Wishes(True, Rhythm.DAILY, office["quiet_from"], office["quiet_until"])
    return Wishes(kept.news_by_mail, Rhythm(kept.reminders), kept.quiet_from, kept.quiet_until)


def change_preference(session: Session, actor: Actor, wishes: Wishes) -> None:
    """Keep how an actor wants to be told from now on."""
    kept = session.get(Preference, actor.user_id) or Preference(user_id=actor.user_id)
    chosen = asdict(wishes)
    if all(getattr(kept, name) == value for name, value in chosen.items()):
        return
    for name, value in chosen.items():
        setattr(kept, name, value)
    kept.changed_at = clock.now()
    session.add(kept)
    emit(
        session,
        actor,
        PreferenceChanged(
            actor.user_id,
            wishes.news_by_mail,
            wishes.reminders,
            wishes.quiet_from,
            wishes.quiet_until,
        ),
    )
