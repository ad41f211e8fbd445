"""Taking materials out of the portal as files, and bringing them in."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store, StoredFile
from portal.materials.actions import writing
from portal.materials.events import MaterialMoved
from portal.materials.models import Material, MaterialFile
from portal.materials.policy import exchange
from portal.materials.policy.about import About
from portal.materials.policy.content import Content
from portal.materials.policy.exchange import Carried, CarriedFile
from portal.materials.policy.reading import Malformed
from portal.materials.queries import malformed
from portal.materials.queries.library import Shown

ALLOWED = files.IMAGES | {files.PDF}


def bring_in(session: Session, actor: Actor, store: Store, raw: bytes) -> Material:
    """Begin a material from a file, as a draft, under an address that is still free.

    Raises Rejected("file_malformed") with where and why, and what `files.keep` raises.
    """
    carried = read(raw)
    slug = writing.free_slug(session, carried.about.slug)
    about = replace(carried.about, slug=slug)
    made = writing.begin(session, actor, carried.kind, about, Content(title=carried.content.title))
    writing.save(session, actor, made, attach(session, store, made.id, carried, actor.user_id))
    emit(session, actor, MaterialMoved(made.id, step="imported"))
    return made


def read(raw: bytes) -> Carried:
    """Return what a file holds; raises Rejected("file_malformed")."""
    try:
        return exchange.read_file(raw)
    except Malformed as problem:
        place, reason = problem.path, malformed.sentence(problem)
        raise Rejected("file_malformed", "file", place=place, reason=reason) from problem


def attach(
    session: Session, store: Store, material_id: UUID, carried: Carried, by: UUID | None
) -> Content:
    """Keep the files that come with a material; return its content with their new names."""
    names: dict[str, str] = {}
    for key, file in carried.files.items():
        kept = files.keep(session, store, file.name, file.content, ALLOWED, by)
        session.add(MaterialFile(id=new_id(), material_id=material_id, file_id=kept.id))
        names[key] = kept.public_id
    return exchange.renamed(carried.content, names)


def take_out(session: Session, store: Store, shown: Shown) -> bytes:
    """Return an edition of a material as a file.

    Raises FileNotFoundError, StoreUnavailableError and UndecipherableError over a lost picture.
    """
    named = exchange.files_named(shown.content)
    kept = {
        record.public_id: record
        for record in session.scalars(select(StoredFile).where(StoredFile.public_id.in_(named)))
    }
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
