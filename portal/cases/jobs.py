"""Whom the portal asks next about cases, and when it forgets who a child was."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from portal.cases.actions.forgetting import discard_papers, forget_cases
from portal.cases.actions.silence import ask_about_silence
from portal.cases.actions.waiting import (
    GIVEN,
    RETURNED,
    SCHOOL_MERGED,
    SENTINEL,
    SILENT,
    STAGE,
    TAKE,
    TASK,
)
from portal.cases.models import Case, CaseTask, Child
from portal.cases.states import ASKING_FOR, CaseState, DecisionKind
from portal.core import i18n, ladders, schedule
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.files import store_from
from portal.core.ladders import Ladder
from portal.core.retention import Rule, register
from portal.core.schedule import Job, Outcome, Workshop
from portal.incidents.states import Urgency
from portal.visits.queries import urgent

_ = i18n.lazy

COORDINATOR = (Role.COORDINATOR,)
UPWARDS = (Role.COORDINATOR, Role.DIVISION_HEAD)

ladders.register(
    Ladder(TAKE, then=(Role.DIVISION_HEAD,)),
    Ladder(STAGE, then=COORDINATOR),
    Ladder(TASK),
    Ladder(SILENT, then=UPWARDS),
    Ladder(SENTINEL, then=COORDINATOR),
    Ladder(RETURNED, then=COORDINATOR),
    Ladder(SCHOOL_MERGED, then=COORDINATOR),
    Ladder(ASKING_FOR[DecisionKind.PLAN], then=(Role.DIVISION_HEAD,)),
    Ladder(ASKING_FOR[DecisionKind.REFERRAL], then=(Role.DIVISION_HEAD,)),
    Ladder(ASKING_FOR[DecisionKind.CLOSURE]),
    Ladder(ASKING_FOR[DecisionKind.TRANSFER]),
)
ladders.register_news(GIVEN)

IN_DANGER = (Urgency.SAME_HOUR, Urgency.SAME_DAY)


def _cases_in_danger() -> Select[UUID]:
    """Return the ids of open cases with high risk."""
    return select(Case.id).where(Case.state == CaseState.OPEN, Case.urgency.in_(IN_DANGER))


def _tasks_in_danger() -> Select[UUID]:
    """Return the ids of the tasks in such cases; they wait under their own ids."""
    return select(CaseTask.id).where(CaseTask.case_id.in_(_cases_in_danger()))


urgent.register_records(_cases_in_danger)
urgent.register_records(_tasks_in_danger)


def _old_cases(before: datetime) -> Select[*tuple[Any, ...]]:
    """Return the newest case of each child whose cases are all closed that long."""
    day = before.date()
    other = aliased(Case)
    later = (
        other.closed_on.is_(None)
        | (other.closed_on >= day)
        | ((other.closed_on == Case.closed_on) & (other.id > Case.id))
        | (other.closed_on > Case.closed_on)
    )
    known = exists().where(Child.id == Case.child_id, Child.forgotten_at.is_(None))
    return select(Case.id, Case.closed_on).where(
        Case.closed_on < day, known, ~exists().where(other.child_id == Case.child_id, later)
    )


register(
    Rule(
        "case_identities",
        _("Who children were and what was told, after their cases are closed"),
        "keep_cases_years",
        _old_cases,
        forget_cases,
        (Case.id, Case.child_id),
        batch=50,
    )
)


def _discard_papers(shop: Workshop) -> Outcome:
    store = store_from(shop.settings.storage_url, shop.settings.data_dir)
    with shop.database.writer() as session, transaction(session):
        return {"gone": discard_papers(session, store)}


schedule.register(
    Job(
        "case_papers",
        _("Deleting files of children who were forgotten"),
        _discard_papers,
        # After the rules of retention.
        at=time(1, 40),
        figures={"gone": _("records gone")},
    )
)


def _ask_about_silence(shop: Workshop) -> Outcome:
    with shop.database.writer() as session, transaction(session):
        return {**ask_about_silence(session)}


schedule.register(
    Job(
        "silent_cases",
        _("Asking about cases in which nobody wrote for long"),
        _ask_about_silence,
        at=time(5, 30),
        figures={"asked": _("cases asked about"), "settled": _("cases heard of again")},
    )
)
