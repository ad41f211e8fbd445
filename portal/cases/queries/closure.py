"""What speaks for and against closing a case, and what goes on beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.models import (
    Case,
    CaseReport,
    CaseTask,
    Decision,
    FamilyContact,
    Goal,
    Guardian,
    Plan,
)
from portal.cases.states import ENDINGS, DecisionState, PlanState, Progress, Stage
from portal.core import clock, i18n, settings
from portal.core.access import Actor
from portal.incidents.models import Report
from portal.incidents.policy import listed_to, open_to
from portal.incidents.states import OPEN

_ = i18n.lazy


# What a good ending looks like, and the page where it is worked on.
SIGNS: dict[str, tuple[Any, str]] = {
    "stages": (_("All stages before are done or skipped"), "cases.stages"),
    "goals": (_("The goals of the plan are reached"), "cases.plan"),
    "family": (_("The family was reached in the last 30 days"), "cases.family"),
    "child_view": (_("The child's own view is written down"), "cases.child"),
    "referrals": (_("No referral is under way"), "referrals.of_case"),
    "tasks": (_("No task is open"), "cases.show"),
}

# Counts what features above this one still have under way in a case; they register themselves.
_under_way: list[Callable[[Session, UUID], int]] = []


def count_with(counts: Callable[[Session, UUID], int]) -> None:
    """Register what counts the referrals under way in a case."""
    if counts not in _under_way:
        _under_way.append(counts)


# Whatever features above this one find for and against an ending, and heard since; they register.
_found_above: list[Callable[[Session, Case], list[Sign]]] = []
_heard_above: list[Callable[[Session, Case], list[Heard]]] = []


def look_with(
    named: dict[str, tuple[Any, str]], finds: Callable[[Session, Case], list[Sign]]
) -> None:
    """Register further signs: what each says when it is met, its page, and what finds them."""
    SIGNS.update(named)
    if finds not in _found_above:
        _found_above.append(finds)


def hear_with(hears: Callable[[Session, Case], list[Heard]]) -> None:
    """Register what others told of the child after its case was closed."""
    if hears not in _heard_above:
        _heard_above.append(hears)


@dataclass(frozen=True)
class Sign:
    """Something that speaks for closing a case when it is met, and against it when not."""

    code: str
    met: bool
    # How many are missing, where they can be counted.
    left: int = 0

    @property
    def words(self) -> Any:
        """Return what it says when it is met."""
        return SIGNS[self.code][0]

    @property
    def endpoint(self) -> str:
        """Return the page on which it is worked on."""
        return SIGNS[self.code][1]


@dataclass(frozen=True)
class Heard:
    """What a school told, or did not tell, of a child some months after the closure."""

    on: date
    # How it stands ("ok", "warn", "bad" or "neutral") and what that is called.
    kind: str
    words: str
    # What stands out, line by line, and what was noted; the address where all of it is read.
    lines: tuple[str, ...] = ()
    note: str = ""
    link: str = ""


def heard(session: Session, case: Case) -> list[Heard]:
    """Return what was told of the child after the closure, the newest first."""
    told = [each for hears in _heard_above for each in hears(session, case)]
    return sorted(told, key=lambda each: each.on, reverse=True)


def signs(session: Session, case: Case) -> list[Sign]:
    """Return what speaks for and against closing a case; it decides nothing by itself."""
    stages = Stage.TERMINATION.rank - Stage(case.stage).rank
    goals = _goals_left(session, case)
    referrals = sum(counts(session, case.id) for counts in _under_way)
    open_tasks = select(func.count()).where(CaseTask.case_id == case.id, CaseTask.done_at.is_(None))
    tasks = session.scalar(open_tasks) or 0
    return [
        Sign("stages", stages == 0, stages),
        Sign("goals", goals == 0, goals or 0),
        Sign("family", family_reached(session, case)),
        Sign("child_view", bool(case.child_view)),
        Sign("referrals", referrals == 0, referrals),
        Sign("tasks", tasks == 0, tasks),
        *(sign for finds in _found_above for sign in finds(session, case)),
    ]


def _goals_left(session: Session, case: Case) -> int | None:
    """Return how many goals of the approved plan are still open; None without such a plan."""
    rows = session.scalars(
        select(Goal.progress)
        .join(Plan, Plan.id == Goal.plan_id)
        .where(Plan.case_id == case.id, Plan.state == PlanState.APPROVED)
    ).all()
    if not rows:
        return None
    return sum(each not in {Progress.REACHED, Progress.DROPPED} for each in rows)


def family_reached(session: Session, case: Case) -> bool:
    """Say whether the family was reached lately, or must not be contacted at all."""
    since = clock.now() - timedelta(days=settings.read(session)["family_reached_days"])
    lately = select(FamilyContact.id).where(
        FamilyContact.case_id == case.id, FamilyContact.reached, FamilyContact.at > since
    )
    if session.scalars(lately).first() is not None:
        return True
    kept_out = session.scalars(
        select(Guardian.kept_out).where(
            Guardian.child_id == case.child_id, Guardian.ended_at.is_(None)
        )
    ).all()
    return bool(kept_out) and all(kept_out)


def waiting(session: Session, case: Case) -> list[Decision]:
    """Return the proposals to end a case that wait for an answer."""
    return list(
        session.scalars(
            select(Decision)
            .where(
                Decision.case_id == case.id,
                Decision.kind.in_(ENDINGS),
                Decision.state == DecisionState.PROPOSED,
            )
            .order_by(Decision.proposed_at)
        )
    )


def ended_by(session: Session, case: Case) -> Decision | None:
    """Return the decision that ended a case last."""
    return session.scalars(
        select(Decision)
        .where(
            Decision.case_id == case.id,
            Decision.kind.in_(ENDINGS),
            Decision.state == DecisionState.APPROVED,
        )
        .order_by(Decision.decided_at.desc())
    ).first()


def open_reports(session: Session, actor: Actor, case: Case) -> list[tuple[Report, bool]]:
    """Return the reports of a case that nobody finished, and whether the actor may open each.

    None whose conflict list the actor stands on.
    """
    rows = session.execute(
        select(Report, open_to(actor))
        .join(CaseReport, CaseReport.report_id == Report.id)
        .where(CaseReport.case_id == case.id, Report.state.in_(sorted(OPEN)), listed_to(actor))
        .order_by(Report.received_at)
    )
    return [(report, bool(opens)) for report, opens in rows]
