"""Whom the portal asks next about a child's return to school, and what it does by itself."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import i18n, ladders, schedule
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.ladders import Ladder
from portal.core.schedule import Job, Outcome, Workshop
from portal.monitoring.actions import (
    form_waiting,
    overdue,
    plan_waiting,
    plans,
    sentinels,
    settling,
    waiting,
)
from portal.monitoring.queries import later
from portal.monitoring.queries.due import to_look_at
from portal.monitoring.queries.plans import leavers
from portal.visits.queries import urgent

_ = i18n.lazy

logger = logging.getLogger(__name__)

COORDINATOR = (Role.COORDINATOR,)


def _people(_link: str) -> str:
    """Return where an admin sees that nobody is left at a school who could be asked."""
    return "/pengguna"


ladders.register(
    Ladder(plan_waiting.READ, seen_at=_people),
    Ladder(plan_waiting.UNREAD_AT_SCHOOL, seen_at=_people),
    Ladder(plan_waiting.UNREAD, then=COORDINATOR),
    Ladder(plan_waiting.WORDS, then=COORDINATOR),
)
# The division head is asked by `look_at_alarms`, once the office was open for long enough.
HEARING = (Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD)

ladders.register(
    Ladder(waiting.URGENT, rings=HEARING),
    Ladder(waiting.CONTACT, then=COORDINATOR),
    Ladder(waiting.CONFERENCE, then=COORDINATOR),
    Ladder(waiting.SILENT, then=COORDINATOR),
    Ladder(waiting.RELAPSE, then=COORDINATOR),
    Ladder(waiting.ANSWER, then=COORDINATOR),
)
urgent.register_kinds(waiting.URGENT, waiting.CONTACT, waiting.RELAPSE)


def _look_at_alarms(shop: Workshop) -> Outcome:
    with shop.database.writer() as session, transaction(session):
        return {**settling.look_at_alarms(session)}


schedule.register(
    Job(
        "monitoring_alarms",
        _("Asking the next ones about red flags nobody took on"),
        _look_at_alarms,
        every=timedelta(minutes=2),
        figures={"handed_on": _("alerts handed on")},
    )
)


# A teacher's own forms go no further. The office hears of what a principal is asked in its own way.
ladders.register(
    Ladder(form_waiting.FILL, seen_at=_people),
    Ladder(form_waiting.FILL_LATE, seen_at=_people),
    Ladder(form_waiting.LATE_AT_SCHOOL, seen_at=_people),
    Ladder(form_waiting.NAME, seen_at=_people),
    Ladder(form_waiting.LATE, then=COORDINATOR),
    Ladder(form_waiting.NOBODY, then=COORDINATOR),
    Ladder(form_waiting.OVER, then=COORDINATOR),
    Ladder(form_waiting.MOVED, then=COORDINATOR),
)


@contextmanager
def _each_alone(shop: Workshop, total: Counter[str]) -> Iterator[Session]:
    """Do something about one child in a transaction; what fails is counted and holds up no other.

    Trouble with the database itself ends the job.
    """
    try:
        with shop.database.writer() as session, transaction(session):
            yield session
    except OperationalError:
        raise
    except Exception as error:
        logger.warning("monitoring: %s", type(error).__name__)
        total["failed"] += 1


def look_after_forms(shop: Workshop) -> Outcome:
    """Do what the day asks for about forms, one follow-up after the other; trouble with one holds
    up no other.
    """
    with shop.database.reader() as session:
        ids = to_look_at(session)
    total = Counter(looks=len(ids), missed=0, reminded=0, told=0, left=0, failed=0)
    for follow_up_id in ids:
        with _each_alone(shop, total) as session:
            total.update(overdue.look_after(session, follow_up_id))
    with shop.database.writer() as session, transaction(session):
        form_waiting.leave_alone(session)
    total["left"] += _release_readers(shop)
    return dict(total)


def _release_readers(shop: Workshop) -> int:
    """Let those read no plan any more whose time at a school ran out; return how many."""
    with shop.database.reader() as session:
        gone = leavers(session)
    for plan_id, user_id in gone:
        with shop.database.writer() as session, transaction(session):
            plans.release_leaver(session, plan_id, user_id)
    return len(gone)


schedule.register(
    Job(
        "monitoring_forms",
        _("Monitoring forms: making, reminding, asking the next person"),
        look_after_forms,
        every=timedelta(minutes=15),
        figures={
            "looks": _("children looked after"),
            "missed": _("forms missed"),
            "reminded": _("teachers reminded of late forms"),
            "told": _("late forms told to schools and case managers"),
            "left": _("people who left their school"),
            "failed": _("children that could not be looked after"),
        },
    )
)


def ask_later(shop: Workshop) -> Outcome:
    """Ask schools how children are some months after the closure, each on its own."""
    with shop.database.reader() as session:
        near, asked_about = later.near(session), later.to_look_after(session)
    total = Counter(asked=0, failed=0)
    for sentinel_id in near:
        with _each_alone(shop, total) as session:
            total["asked"] += sentinels.ask_school(session, sentinel_id)
    for follow_up_id in asked_about:
        with _each_alone(shop, total) as session:
            sentinels.look_after(session, follow_up_id)
    return dict(total)


schedule.register(
    Job(
        "monitoring_later",
        _("Asking schools how children are some months after a case was closed"),
        ask_later,
        at=time(5, 15),
        figures={
            "asked": _("schools asked"),
            "failed": _("children that could not be looked after"),
        },
    )
)
