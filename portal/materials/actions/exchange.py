"""Taking materials out of the portal as files, and bringing them in."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import files
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store
from portal.materials.actions import attachments, writing
from portal.materials.events import MaterialMoved
from portal.materials.models import Material, MaterialFile
from portal.materials.policy import exchange
from portal.materials.policy.about import About
from portal.materials.policy.content import MOST_PICTURES, Content
from portal.materials.policy.exchange import Carried, CarriedFile
from portal.materials.policy.reading import Malformed
from portal.materials.queries import attached, malformed
from portal.materials.queries.library import Shown

# Of all pictures of one file: as many as those of the longest story have once they are kept.
MOST_POINTS = MOST_PICTURES * files.LONGEST_SIDE**2


def bring_in(session: Session, actor: Actor, store: Store, carried: Carried) -> Material:
    """Begin a material from what was read, as a draft, under an address that is still free."""
    begun = Content(title=carried.content.title)
    made = writing.begin_near(session, actor, carried.kind, carried.about, begun)
    writing.save(session, actor, made, attach(session, store, made.id, carried, actor.user_id))
    emit(session, actor, MaterialMoved(made.id, step="imported"))
    return made


def read(raw: bytes) -> Carried:
    """Return what a file holds, its pictures and documents as they are to be kept.

    This takes seconds for many large pictures: views do it before they ask for the write lock.
    Raises Rejected("file_malformed") with where and why, and what `files.check` raises.
    """
    try:
        carried = exchange.read_file(raw)
        _check_points(carried)
    except Malformed as problem:
        place, reason = problem.path, malformed.sentence(problem)
        raise Rejected("file_malformed", "file", place=place, reason=reason) from problem
    allowed = attachments.allowed(carried.kind)
    checked = {
        key: replace(file, content=files.check(file.content, allowed))
        for key, file in carried.files.items()
    }
    return replace(carried, files=checked)


def _check_points(carried: Carried) -> None:
    """Refuse more than the portal draws anew while somebody waits."""
    if sum(files.points_of(file.content) for file in carried.files.values()) > MOST_POINTS:
        raise Malformed("files", "too_many_points", most=MOST_POINTS // 1_000_000)


def attach(
    session: Session, store: Store, material_id: UUID, carried: Carried, by: UUID | None
) -> Content:
    """Keep the files that come with a material; return its content with their new names."""
    names: dict[str, str] = {}
    allowed = attachments.allowed(carried.kind)
    for key, file in carried.files.items():
        kept = files.keep(session, store, file.name, file.content, allowed, by)
        session.add(MaterialFile(id=new_id(), material_id=material_id, file_id=kept.id))
        names[key] = kept.public_id
    return exchange.renamed(carried.content, names)


def take_out(session: Session, store: Store, shown: Shown) -> bytes:
    """Return an edition of a material as a file.

    Raises FileNotFoundError, StoreUnavailableError and UndecipherableError over a lost picture.
    """
    named = exchange.files_named(shown.content)
    kept = attached.kept_of(session, shown.material.id, named)
    # Named by their order: ids of this portal mean nothing elsewhere.
    names = {old: f"f{number}" for number, old in enumerate(named, start=1) if old in kept}
    carried = {
        names[old]: CarriedFile(record.name, files.read(store, record))
        for old in named
        if (record := kept.get(old))
    }
    said = exchange.renamed(shown.content, names)
    about = About.of(shown.material)
    return exchange.write_file(Carried(shown.material.kind, about, said, carried))
