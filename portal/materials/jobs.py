"""Whom the portal asks about materials, and when it reminds of reviews."""

from __future__ import annotations

from datetime import time

from portal.core import i18n, ladders, schedule
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.ladders import Ladder
from portal.core.schedule import Job, Outcome, Workshop
from portal.materials.actions import post_waiting, waiting

_ = i18n.lazy

MONDAY = 0

# Nobody above the coordinators publishes materials.
ladders.register(
    Ladder(waiting.CHECK),
    Ladder(waiting.REVIEW),
    Ladder(post_waiting.APPROVE),
    Ladder(post_waiting.POST, then=(Role.COORDINATOR,)),
)


def look_at_reviews(shop: Workshop) -> Outcome:
    """Let the materials whose review is due wait as one to-do."""
    with shop.database.writer() as session, transaction(session):
        return {"due": waiting.look_at_reviews(session)}


schedule.register(
    Job(
        "material_reviews",
        _("Reminding of materials to be reviewed"),
        look_at_reviews,
        at=time(5, 30),
        weekday=MONDAY,
        figures={"due": _("materials to be reviewed")},
    )
)
