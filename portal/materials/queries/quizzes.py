"""Quizzes that fit a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.materials.models import Material
from portal.materials.policy.access import PUBLISHED
from portal.materials.queries.search import Wanted
from portal.materials.states import Audience, MaterialKind

# More quizzes than anybody would choose from in one list.
MOST = 300


def for_level(session: Session, level_group: str | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the quizzes (slug, titles) for pupils of a level, by title.

    `level_group` is a name of `schools.models.LEVEL_GROUPS`; None stands for every level.
    """
    wanted = Wanted(audience=Audience.PUPIL, level=level_group or "", kind=MaterialKind.QUIZ)
    found = (
        select(Material.slug, Material.title_id, Material.title_en)
        .where(PUBLISHED, *wanted.conditions())
        .order_by(Material.title_id, Material.id)
    )
    return session.execute(found.limit(MOST)).all()
