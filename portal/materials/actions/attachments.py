"""Pictures and documents of materials: kept, named by editions, and let go when none names them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.files import Store, StoredFile
from portal.materials.models import Edition, Material, MaterialFile
from portal.materials.policy import kinds
from portal.materials.policy.content import Attachment, Content, Words
from portal.materials.policy.exchange import files_named
from portal.materials.states import MaterialKind

DOCUMENTS = files.IMAGES | {files.PDF}


@dataclass(frozen=True)
class Upload:
    """A file as it was handed in, what it is, and for readers of which language (empty: both)."""

    name: str
    content: bytes
    label: Words
    language: str = ""


def allowed(kind: MaterialKind) -> frozenset[str]:
    """Return the kinds of files a material may have: a story pictures, any other documents too."""
    return files.IMAGES if kind == MaterialKind.SCENARIO else DOCUMENTS


def has_room(kind: MaterialKind, content: Content) -> bool:
    """Say whether a material may have one more file, besides all it names."""
    return len(files_named(content)) < kinds.most_files(kind)


def check(kind: MaterialKind, upload: Upload) -> Upload:
    """Return a file as it is to be kept; raises what `files.check` does.

    This takes a second for a large picture: views do it before they ask for the write lock.
    """
    return replace(upload, content=files.check(upload.content, allowed(kind)))


def attach(
    session: Session,
    store: Store,
    actor: Actor,
    material: Material,
    content: Content,
    upload: Upload,
) -> Content:
    """Keep a file and return the content that names it last.

    Raises Rejected("enough_material_files") and what `core.files.keep` raises.
    """
    if not has_room(material.kind, content):
        raise Rejected("enough_material_files", most=kinds.most_files(material.kind))
    kept = files.keep(
        session, store, upload.name, upload.content, allowed(material.kind), actor.user_id
    )
    session.add(MaterialFile(id=new_id(), material_id=material.id, file_id=kept.id))
    named = Attachment(kept.public_id, upload.label, upload.language)
    return replace(content, files=(*content.files, named))


def sizes(session: Session, material: Material) -> dict[str, int]:
    """Return the bytes of each file of a material, by the name its content knows it by."""
    found = (
        select(StoredFile.public_id, StoredFile.size)
        .join(MaterialFile, MaterialFile.file_id == StoredFile.id)
        .where(MaterialFile.material_id == material.id)
    )
    return {row.public_id: row.size for row in session.execute(found)}


def discard_unused(session: Session, store: Store, material: Material) -> None:
    """Let go of the files that no edition of a material names, also no earlier one."""
    session.flush()
    contents = select(Edition.content).where(Edition.material_id == material.id)
    named = {name for raw in session.scalars(contents) for name in files_named(Content.read(raw))}
    found = (
        select(MaterialFile, StoredFile)
        .join(StoredFile, StoredFile.id == MaterialFile.file_id)
        .where(MaterialFile.material_id == material.id)
    )
    for row in session.execute(found).all():
        if row.StoredFile.public_id not in named:
            session.delete(row.MaterialFile)
            session.flush()
            files.discard(session, store, row.StoredFile)
