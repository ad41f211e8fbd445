"""Finding materials, and one of them with what it says."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.materials.models import Edition, Material
from portal.materials.policy.access import PUBLISHED, seen_by
from portal.materials.policy.content import Content
from portal.materials.states import MaterialState


@dataclass(frozen=True)
class Shown:
    """A material with one of its editions, read."""

    material: Material
    edition: Edition
    content: Content

    @property
    def is_public(self) -> bool:
        """Say whether it is an edition for everybody, of a material on the shelf."""
        published = self.material.state == MaterialState.PUBLISHED
        return published and self.edition.published_at is not None


def _editions(*, published: bool) -> Select[Material, Edition]:
    found = select(Material, Edition).join(Edition, Edition.material_id == Material.id)
    if published:
        found = found.where(Edition.published_at.is_not(None))
    return found.order_by(Edition.number.desc()).limit(1)


def published(session: Session, slug: str) -> Shown | None:
    """Return what everybody sees under an address."""
    return _shown(session, _editions(published=True).where(PUBLISHED, Material.slug == slug))


def published_of(session: Session, material_id: UUID) -> Shown | None:
    """Return what everybody sees of a material."""
    return _shown(session, _editions(published=True).where(PUBLISHED, Material.id == material_id))


def newest(session: Session, actor: Actor, slug: str) -> Shown | None:
    """Return a material as it will be: its draft, or its last edition where nobody writes one."""
    return _shown(session, _editions(published=False).where(seen_by(actor), Material.slug == slug))


def edition(session: Session, slug: str, number: int) -> Shown | None:
    """Return one edition of a material, also one of long ago."""
    found = _editions(published=False).where(Material.slug == slug, Edition.number == number)
    return _shown(session, found)


def get(session: Session, actor: Actor | None, slug: str) -> Material | None:
    """Return the material under an address, if the actor may see it."""
    return session.scalar(select(Material).where(seen_by(actor), Material.slug == slug))


def is_withdrawn(session: Session, slug: str) -> bool:
    """Say whether what everybody found under an address was taken off the shelf."""
    withdrawn = Material.state == MaterialState.WITHDRAWN
    return session.scalar(select(Material.id).where(withdrawn, Material.slug == slug)) is not None


def titled(typed: str) -> ColumnElement[bool]:
    """Return the condition for materials in whose title, in either language, this stands."""
    if not typed:
        return true()
    titles = (Material.title_id, Material.title_en)
    return or_(*(each.icontains(typed, autoescape=True) for each in titles))


def _shown(session: Session, found: Select[Material, Edition]) -> Shown | None:
    row = session.execute(found).first()
    if row is None:
        return None
    return Shown(row.Material, row.Edition, Content.read(row.Edition.content))
