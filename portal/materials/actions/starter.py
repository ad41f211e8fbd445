"""The materials that come with the portal: published at once, waiting for the office's review."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import new_id
from portal.core.files import Store
from portal.materials.actions import exchange, groups, publishing, writing
from portal.materials.models import Edition, GroupItem, Material, MaterialGroup
from portal.materials.policy.exchange import Carried
from portal.materials.states import GroupKind, MaterialState

FOLDER = Path(__file__).parent.parent / "starter"
GROUPS = "groups.json"


@dataclass(frozen=True)
class LaidIn:
    """How many materials and groups came in now."""

    materials: int
    groups: int


def lay_in(session: Session, store: Store) -> LaidIn:
    """Lay in what was never laid in before; what the office changed or withdrew stays so."""
    there = set(session.scalars(select(Material.starter).where(Material.starter.is_not(None))))
    fresh = [path for path in sorted(FOLDER.glob("*.json")) if path.name != GROUPS]
    fresh = [path for path in fresh if path.stem not in there]
    for path in fresh:
        _lay_in(session, store, path.stem, exchange.read(path.read_bytes()))
    return LaidIn(len(fresh), _lay_in_groups(session))


def _lay_in(session: Session, store: Store, name: str, carried: Carried) -> None:
    now = clock.now()
    about = {**carried.about.values(), "slug": writing.free_slug(session, carried.about.slug)}
    made = Material(
        id=new_id(),
        kind=carried.kind,
        state=MaterialState.PUBLISHED,
        starter=name,
        created_at=now,
        published_at=now,
        **about,
    )
    writing.show(made, carried.content)
    session.add(made)
    session.flush()
    content = exchange.attach(session, store, made.id, carried, None)
    edition = Edition(
        id=new_id(),
        material_id=made.id,
        number=1,
        content=content.dump(),
        written_at=now,
        published_at=now,
    )
    session.add(edition)
    session.flush()
    publishing.let_be_found(session, made, content)


def _lay_in_groups(session: Session) -> int:
    there = set(session.scalars(select(MaterialGroup.starter)))
    told: list[dict[str, Any]] = json.loads((FOLDER / GROUPS).read_text(encoding="utf-8"))
    fresh = [group for group in told if group["slug"] not in there]
    ids = {
        row.starter: row.id
        for row in session.execute(select(Material.starter, Material.id))
        if row.starter
    }
    for group in fresh:
        made = MaterialGroup(
            id=new_id(),
            slug=groups.free_slug(session, group["slug"]),
            kind=GroupKind(group["kind"]),
            title_id=group["title"]["id"],
            title_en=group["title"]["en"],
            text_id=group["text"]["id"],
            text_en=group["text"]["en"],
            position=told.index(group),
            shown=True,
            starter=group["slug"],
        )
        session.add(made)
        session.flush()
        session.add_all(
            GroupItem(id=new_id(), group_id=made.id, material_id=ids[slug], position=place)
            for place, slug in enumerate(group["materials"], start=1)
        )
    return len(fresh)
