"""Photographs of a session, kept only with consent and only for the office and the school."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.core import clock, files, settings
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store, StoredFile
from portal.visits.actions.deciding import read_anew
from portal.visits.events import PhotoAdded, PhotoRemoved
from portal.visits.models import PhotoConsent, Visit, VisitPhoto
from portal.visits.policy.delivery import may_add_photos, may_record
from portal.visits.queries.delivery import photo_count

# What a photograph is called when it is saved; whoever took it may have named a child.
NEUTRAL_NAME = "foto-sesi"


@dataclass(frozen=True)
class Photo:
    """A picture, why it may be kept, and what it shows."""

    content: bytes
    consent: PhotoConsent
    consent_note: str = ""
    caption: str = ""


def check(photo: Photo) -> Photo:
    """Return a photograph as it is to be kept; raises what `files.check` does.

    Views call it before they ask for the write lock: redrawing a large picture takes a second.
    """
    return replace(photo, content=files.check(photo.content, files.IMAGES))


def add_photo(
    session: Session, store: Store, actor: Actor, visit: Visit, photo: Photo
) -> VisitPhoto:
    """Keep a photograph, redrawn without what the camera wrote into it.

    Raises Rejected("not_allowed"), Rejected("consent_note_needed") where people can be recognised
    and nobody wrote who agreed, Rejected("enough_photos") and what `files.keep` raises.
    """
    if photo.consent != PhotoConsent.NO_FACES and not photo.consent_note:
        raise Rejected("consent_note_needed", "consent_note")
    read_anew(session, visit)
    if not may_add_photos(actor, visit):
        raise Rejected("not_allowed")
    most: int = settings.read(session)["visit_photos"]
    if photo_count(session, visit.id) >= most:
        raise Rejected("enough_photos", most=most)
    kept = files.keep(
        session, store, NEUTRAL_NAME, photo.content, files.IMAGES, stored_by=actor.user_id
    )
    made = VisitPhoto(
        visit_id=visit.id,
        file_id=kept.id,
        caption=photo.caption,
        consent=photo.consent,
        consent_note=photo.consent_note or None,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(made)
    session.flush()
    emit(session, actor, PhotoAdded(visit.id, consent=photo.consent))
    return made


def remove_photo(
    session: Session, store: Store, actor: Actor, visit: Visit, photo: VisitPhoto
) -> None:
    """Forget a photograph for good; raises Rejected("not_allowed")."""
    if not may_record(actor, visit):
        raise Rejected("not_allowed")
    kept = session.get_one(StoredFile, photo.file_id)
    session.delete(photo)
    session.flush()
    files.discard(session, store, kept)
    emit(session, actor, PhotoRemoved(visit.id))
