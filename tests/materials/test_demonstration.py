"""A demonstration of a portal without the materials that come with it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.db import transaction
from portal.demo.materials import add_materials
from portal.materials.models import Campaign, Material
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf


@on_sqlite
def test_without_the_materials_that_come_with_the_portal_nothing_is_told(
    session: Session, shelf: Shelf
) -> None:
    shelf.material()
    with transaction(session):
        add_materials(session, {}, {})
    for table, there in ((Material, 1), (Campaign, 0)):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == there
