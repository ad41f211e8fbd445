"""Quizzes that fit a class."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.materials.models import Material
from portal.materials.policy.access import PUBLISHED
from portal.materials.states import Audience, MaterialKind

# More quizzes than anybody would choose from in one list.
MOST = 300


def for_level(session: Session, level_group: str | None) -> list[Row[*tuple[Any, ...]]]:
    """Return the quizzes (slug, titles) for pupils of a level, or of any, by title.

    `level_group` is a name of `schools.models.LEVEL_GROUPS`.
    """
    found = select(
        Material.slug, Material.title_id, Material.title_en, Material.audiences, Material.levels
    ).where(PUBLISHED, Material.kind == MaterialKind.QUIZ)
    return [
        row
        for row in session.execute(found.order_by(Material.title_id, Material.id).limit(MOST))
        if Audience.PUPIL in row.audiences and (not row.levels or level_group in row.levels)
    ]
