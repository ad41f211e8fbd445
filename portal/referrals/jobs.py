"""Whom the portal reminds of referrals, and what ends by itself."""

from __future__ import annotations

from datetime import time

from portal.core import i18n, ladders, schedule
from portal.core.db import transaction
from portal.core.ladders import Ladder
from portal.core.schedule import Job, Outcome, Workshop
from portal.referrals.actions.ending import end_handed_over
from portal.referrals.actions.waiting import ASK, HEARD

_ = i18n.lazy

ladders.register(Ladder(ASK), Ladder(HEARD))


def _end_handed_over(shop: Workshop) -> Outcome:
    with shop.database.writer() as session, transaction(session):
        return {"ended": end_handed_over(session)}


schedule.register(
    Job(
        "referrals_handed_over",
        _("Ending what providers could still read of cases that were handed over"),
        _end_handed_over,
        at=time(1, 45),
        figures={"ended": _("referrals ended")},
    )
)
