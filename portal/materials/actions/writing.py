"""Materials from the first draft to what everybody finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.links import link_for
from portal.materials.events import MaterialMoved
from portal.materials.models import Edition, Material
from portal.materials.policy.content import Content
from portal.materials.states import Licence, MaterialKind, MaterialState, Strategy


@dataclass(frozen=True)
class About:
    """What is about a material, whatever it says."""

    slug: str
    strategy: Strategy
    audiences: tuple[str, ...]
    levels: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    minutes: int | None = None
    licence: Licence = Licence.CC_BY_SA
    author: str = ""
    source: str = ""
    source_url: str = ""

    def values(self) -> dict[str, Any]:
        """Return the columns of a material."""
        return {**asdict(self), "audiences": [*self.audiences], "levels": [*self.levels]}


def begin(
    session: Session, actor: Actor, kind: MaterialKind, about: About, content: Content
) -> Material:
    """Begin a material with its first draft; raises Rejected("slug_taken")."""
    _check(actor)
    check_slug(session, about.slug)
    now = clock.now()
    made = Material(
        id=new_id(),
        kind=kind,
        state=MaterialState.DRAFT,
        created_by=actor.user_id,
        created_at=now,
        **about.values(),
    )
    show(made, content)
    session.add(made)
    session.flush()
    session.add(
        Edition(
            id=new_id(),
            material_id=made.id,
            number=1,
            content=content.dump(),
            written_by=actor.user_id,
            written_at=now,
        )
    )
    emit(session, actor, MaterialMoved(made.id, step="drafted"))
    return made


def draft_of(session: Session, actor: Actor, material: Material) -> Edition:
    """Return the draft of a material, made now from its last edition if there is none."""
    _check(actor)
    found = select(Edition).where(Edition.material_id == material.id)
    last = session.scalars(found.order_by(Edition.number.desc()).limit(1)).one()
    if last.published_at is None:
        return last
    draft = Edition(
        id=new_id(),
        material_id=material.id,
        number=last.number + 1,
        content=last.content,
        written_by=actor.user_id,
        written_at=clock.now(),
    )
    session.add(draft)
    session.flush()
    emit(session, actor, MaterialMoved(material.id, step="edited"))
    return draft


def save(session: Session, actor: Actor, material: Material, content: Content) -> Edition:
    """Save what a material says as its draft; what people see stays until it is published."""
    draft = draft_of(session, actor, material)
    if draft.written_by != actor.user_id:
        # Once for each writer: a story of twelve pages is saved some thirty times.
        emit(session, actor, MaterialMoved(material.id, step="edited"))
    draft.content = content.dump()
    draft.written_by, draft.written_at = actor.user_id, clock.now()
    draft.asked_at = None
    if material.state == MaterialState.DRAFT:
        show(material, content)
    return draft


def check_slug(session: Session, slug: str, besides: UUID | None = None) -> None:
    """Raise Rejected("slug_taken") for an address that leads elsewhere already."""
    taken = session.scalar(select(Material.id).where(Material.slug == slug))
    if taken not in (None, besides):
        raise Rejected("slug_taken", "slug")


def links_of(session: Session, material: Material) -> None:
    """Make the short links of a material: for its poster, and for passing it on."""
    for medium in MEDIA:
        link_for(session, f"{medium}:{material.id}", f"/materi/{material.slug}")


# Where a material's short links stand; their opens are counted apart.
MEDIA = ("poster", "share")


def show(material: Material, content: Content) -> None:
    """Let a material bear the title, summary and size of what it says."""
    material.title_id, material.title_en = content.title.id or content.title.en, content.title.en
    material.summary_id, material.summary_en = content.summary.id, content.summary.en


def _check(actor: Actor) -> None:
    if not actor.may(Permission.MATERIAL_WRITE):
        raise Rejected("not_allowed")
