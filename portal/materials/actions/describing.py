"""What is about a material, whatever it says: its audience, its licence, its address."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import duties
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.materials.actions import indexing, waiting, writing
from portal.materials.events import MaterialMoved
from portal.materials.models import Material
from portal.materials.policy.about import About
from portal.materials.policy.access import may_describe
from portal.materials.states import MaterialState


def describe(session: Session, actor: Actor, material: Material, about: About) -> None:
    """Change what is about a material; once published, its address stays.

    Raises Rejected("not_allowed"), Rejected("slug_taken") and Rejected("slug_stays").
    """
    if not may_describe(actor, material):
        raise Rejected("not_allowed")
    moved = about.slug != material.slug
    if moved:
        if material.published_at is not None:
            raise Rejected("slug_stays")
        writing.check_slug(session, about.slug, material.id)
    for name, value in about.values().items():
        setattr(material, name, value)
    if material.state == MaterialState.PUBLISHED:
        indexing.narrow(session, material)
    if moved and duties.is_open(session, material.id, waiting.CHECK):
        # Whoever was asked finds the draft under its new address.
        waiting.no_longer_asked(session, material)
        waiting.ask_for_check(session, material)
    emit(session, actor, MaterialMoved(material.id, step="described"))
