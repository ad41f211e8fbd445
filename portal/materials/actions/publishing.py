"""Materials on their way to everybody: looked over, published, taken back, reviewed."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store
from portal.materials.actions import attachments, indexing, waiting, writing
from portal.materials.events import MaterialMoved
from portal.materials.models import Edition, GroupItem, Material
from portal.materials.policy import sizes
from portal.materials.policy.access import may_throw_away
from portal.materials.policy.content import Content
from portal.materials.policy.stories import faults
from portal.materials.states import MaterialState

# What changed is the first line of an edition's note. Why it was taken back follows, the last time
# first; of earlier ones as many as there is room for.
NOTE_LENGTH, NOTES_LENGTH = 140, 300


def ask(session: Session, actor: Actor, material: Material) -> None:
    """Ask the coordinators to look a draft over; raises as `publish` does."""
    _check_writes(actor)
    draft = _draft(session, material)
    _complete(material, draft)
    draft.asked_at = clock.now()
    waiting.ask_for_check(session, material)
    emit(session, actor, MaterialMoved(material.id, step="asked"))


def publish(session: Session, actor: Actor, material: Material, note: str = "") -> None:
    """Let everybody see a draft; the edition before stays on record.

    Raises Rejected("not_allowed"), Rejected("state_changed"), Rejected("nothing_to_publish") and
    Rejected("material_faults").
    """
    material.move(actor, "publish")
    draft = _draft(session, material)
    content = _complete(material, draft)
    now = clock.now()
    draft.note, draft.published_at, draft.published_by = _one_line(note), now, actor.user_id
    material.published_at = material.published_at or now
    writing.show(material, content)
    let_be_found(session, material, content)
    waiting.no_longer_asked(session, material)
    # Whoever publishes it has read it.
    _review(session, actor, material)
    emit(session, actor, MaterialMoved(material.id, step="published"))


def let_be_found(session: Session, material: Material, content: Content) -> None:
    """Give a published material its size, its short links and its place in the search."""
    material.size = sizes.size_of(content, attachments.sizes(session, material))
    writing.links_of(session, material)
    indexing.index(session, material, content)


def withdraw(session: Session, actor: Actor, material: Material, reason: str) -> None:
    """Take a material off the shelf; its address leads nowhere until it is restored."""
    material.move(actor, "withdraw")
    seen = _seen(session, material)
    changed, *earlier = seen.note.split("\n")
    notes = [changed, _one_line(reason), *earlier]
    while len("\n".join(notes)) > NOTES_LENGTH:
        notes.pop()
    seen.note = "\n".join(notes)
    indexing.forget(session, material.id)
    waiting.reviewed(session)
    emit(session, actor, MaterialMoved(material.id, step="withdrawn"))


def restore(session: Session, actor: Actor, material: Material) -> None:
    """Put a material back on the shelf, as it was."""
    material.move(actor, "restore")
    indexing.index(session, material, Content.read(_seen(session, material).content))
    emit(session, actor, MaterialMoved(material.id, step="restored"))


def review(session: Session, actor: Actor, material: Material) -> None:
    """Note that somebody found today that a material is right.

    Raises Rejected("not_allowed"), and Rejected("state_changed") for what nobody sees.
    """
    if not actor.may(Permission.MATERIAL_PUBLISH):
        raise Rejected("not_allowed")
    if material.state != MaterialState.PUBLISHED:
        raise Rejected("state_changed")
    _review(session, actor, material)
    emit(session, actor, MaterialMoved(material.id, step="reviewed"))


def take_up(session: Session, actor: Actor, material: Material, number: int) -> None:
    """Begin a draft with what an earlier edition said.

    Raises Rejected("not_allowed"), Rejected("draft_in_hand") while somebody writes one, and
    Rejected("state_changed") for an edition that never was.
    """
    _check_writes(actor)
    if writing.newest_edition(session, material).published_at is None:
        raise Rejected("draft_in_hand")
    found = select(Edition).where(Edition.material_id == material.id, Edition.number == number)
    edition = session.scalar(found)
    if edition is None:
        raise Rejected("state_changed")
    writing.draft_of(session, actor, material)
    writing.save(session, actor, material, Content.read(edition.content))


def discard_draft(session: Session, actor: Actor, material: Material) -> None:
    """Throw away a draft; what people see stays.

    Raises Rejected("not_allowed"), and Rejected("nothing_to_publish") without a draft or where
    there is nothing but one.
    """
    _check_writes(actor)
    draft = _draft(session, material)
    if material.published_at is None:
        raise Rejected("nothing_to_publish")
    session.delete(draft)
    waiting.no_longer_asked(session, material)
    emit(session, actor, MaterialMoved(material.id, step="discarded"))


def throw_away(session: Session, store: Store, actor: Actor, material: Material) -> None:
    """Throw away a material that nobody but its writers ever saw, with its files.

    Raises Rejected("not_allowed") for what others began or people saw.
    """
    writing.hold(session, material.slug)
    if not may_throw_away(actor, material):
        raise Rejected("not_allowed")
    waiting.no_longer_asked(session, material)
    session.execute(delete(GroupItem).where(GroupItem.material_id == material.id))
    session.delete(_draft(session, material))
    attachments.discard_unused(session, store, material)
    session.delete(material)
    emit(session, actor, MaterialMoved(material.id, step="discarded"))


def _check_writes(actor: Actor) -> None:
    if not actor.may(Permission.MATERIAL_WRITE):
        raise Rejected("not_allowed")


def _review(session: Session, actor: Actor, material: Material) -> None:
    material.reviewed_on, material.reviewed_by = clock.today(), actor.user_id
    waiting.reviewed(session)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _complete(material: Material, draft: Edition) -> Content:
    """Return what a draft says; raises Rejected("material_faults")."""
    content = Content.read(draft.content)
    missing = faults(content, material.kind)
    if missing:
        raise Rejected("material_faults", count=len(missing))
    return content


def _draft(session: Session, material: Material) -> Edition:
    newest = writing.newest_edition(session, material)
    if newest.published_at is not None:
        raise Rejected("nothing_to_publish")
    return newest


def _seen(session: Session, material: Material) -> Edition:
    seen = select(Edition).where(
        Edition.material_id == material.id, Edition.published_at.is_not(None)
    )
    return session.scalars(seen.order_by(Edition.number.desc()).limit(1)).one()
