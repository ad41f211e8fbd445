"""A story was played to an end."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.tallies import count
from portal.materials.models import Material, MaterialTally
from portal.materials.states import Mark


def finish(session: Session, story: Material, helped: Mark) -> None:
    """Count that somebody came to an end, and whether the story helped; who it was is not kept."""
    for mark in (Mark.FINISHED, helped):
        key = {"material_id": story.id, "day": clock.today(), "mark": mark}
        count(session, MaterialTally, key, count=1)
