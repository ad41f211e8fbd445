"""Materials from the first draft to what everybody finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.links import link_for
from portal.materials.actions import waiting
from portal.materials.events import MaterialMoved
from portal.materials.models import Edition, Material
from portal.materials.policy import slugs
from portal.materials.policy.about import About
from portal.materials.policy.content import Content
from portal.materials.states import MaterialKind, MaterialState

Made = TypeVar("Made")

# Where a material's short links stand; their opens are counted apart.
MEDIA = ("poster", "share")


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
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        # Somebody else took the same address in the same moment.
        raise Rejected("slug_taken", "slug") from error
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


def begin_near(
    session: Session, actor: Actor, kind: MaterialKind, about: About, content: Content
) -> Material:
    """Begin a material under the address wanted, or under the next one that is free."""

    def attempt() -> Material:
        slug = free_slug(session, about.slug)
        return begin(session, actor, kind, replace(about, slug=slug), content)

    return once_more(attempt)


def once_more(attempt: Callable[[], Made]) -> Made:
    """Make something under a free address, once more where it was taken in the same moment."""
    try:
        return attempt()
    except Rejected as problem:
        if problem.code != "slug_taken":
            raise
    return attempt()


def hold(session: Session, slug: str) -> None:
    """Let others who would write the same material wait until this transaction ends."""
    session.execute(select(Material.id).where(Material.slug == slug).with_for_update())


def draft_of(session: Session, actor: Actor, material: Material) -> Edition:
    """Return the draft of a material, made now from its last edition if there is none.

    Raises Rejected("not_allowed"), and Rejected("state_changed") when somebody else begins one at
    the same moment.
    """
    _check(actor)
    last = newest_edition(session, material)
    if last.published_at is None:
        return last
    hold(session, material.slug)
    if newest_edition(session, material) is not last:
        raise Rejected("state_changed")
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
    """Save what a material says as its draft; what people see stays until it is published.

    What stands there already begins no draft, and takes back no question to look it over. Returns
    the newest edition; raises as `draft_of` does.
    """
    _check(actor)
    newest = newest_edition(session, material)
    if Content.read(newest.content) == content:
        return newest
    draft = draft_of(session, actor, material)
    if draft.written_by != actor.user_id:
        # Once for each writer: a story of twelve pages is saved some thirty times.
        emit(session, actor, MaterialMoved(material.id, step="edited"))
    draft.content = content.dump()
    draft.written_by, draft.written_at = actor.user_id, clock.now()
    if draft.asked_at is not None:
        draft.asked_at = None
        waiting.no_longer_asked(session, material)
    if material.state == MaterialState.DRAFT:
        show(material, content)
    return draft


def check_slug(session: Session, slug: str, besides: UUID | None = None) -> None:
    """Raise Rejected("slug_taken") for an address that leads elsewhere already."""
    if slug in slugs.RESERVED:
        raise Rejected("slug_taken", "slug")
    taken = session.scalar(select(Material.id).where(Material.slug == slug))
    if taken not in (None, besides):
        raise Rejected("slug_taken", "slug")


def free_slug(session: Session, wanted: str) -> str:
    """Return an address that leads nowhere yet: the wanted one, or the next with a number."""
    alike = select(Material.slug).where(Material.slug.startswith(wanted[: slugs.ALIKE]))
    return slugs.free(wanted, set(session.scalars(alike)))


def links_of(session: Session, material: Material) -> None:
    """Make the short links of a material: for its poster, and for passing it on."""
    for medium in MEDIA:
        link_for(session, f"{medium}:{material.id}", path_of(material))


def path_of(material: Material) -> str:
    """Return where short links to a material lead."""
    # Cards for parents are read in large type.
    folder = "orang-tua" if material.kind == MaterialKind.PARENT_CARD else "materi"
    return f"/{folder}/{material.slug}"


def show(material: Material, content: Content) -> None:
    """Let a material bear the title and summary of what it says."""
    material.title_id, material.title_en = content.title.id or content.title.en, content.title.en
    material.summary_id, material.summary_en = content.summary.id, content.summary.en


def newest_edition(session: Session, material: Material) -> Edition:
    """Return the draft of a material, or its last edition where nobody writes one."""
    found = select(Edition).where(Edition.material_id == material.id)
    return session.scalars(found.order_by(Edition.number.desc()).limit(1)).one()


def _check(actor: Actor) -> None:
    if not actor.may(Permission.MATERIAL_WRITE):
        raise Rejected("not_allowed")
