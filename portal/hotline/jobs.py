"""What was begun or opened and left: forgotten within minutes, even if nobody comes by."""

from __future__ import annotations

from datetime import timedelta

from portal.core import i18n, schedule
from portal.core.db import transaction
from portal.core.files import store_from
from portal.core.schedule import Job, Outcome, Workshop
from portal.hotline.actions import opening, stories

_ = i18n.lazy


def _forget_idle(shop: Workshop) -> Outcome:
    store = store_from(shop.settings.storage_url, shop.settings.data_dir)
    with shop.database.writer() as session, transaction(session):
        return {"gone": stories.forget_idle(session, store) + opening.forget_idle(session)}


schedule.register(
    Job(
        "stories",
        _("Forgetting what was left open in Ruang Cerita"),
        _forget_idle,
        every=timedelta(minutes=2),
        figures={"gone": _("records gone")},
    )
)
