"""The files and pictures of a material."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.files import StoredFile
from portal.materials.models import MaterialFile


def kept_of(session: Session, material_id: UUID, names: Collection[str]) -> dict[str, StoredFile]:
    """Return the files of a material among those named, by public id; asks nothing for none."""
    if not names:
        return {}
    found = session.scalars(
        select(StoredFile)
        .join(MaterialFile, MaterialFile.file_id == StoredFile.id)
        .where(MaterialFile.material_id == material_id, StoredFile.public_id.in_(names))
    )
    return {kept.public_id: kept for kept in found}
