"""What a broken rule of a plan means to people: whom it is about, and when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.errors import Rejected
from portal.insight.models import SemesterPlan
from portal.insight.policy.planning.checking import Rule, Violation
from portal.people.models import User
from portal.schools.models import School

REFUSED = {
    Rule.UNKNOWN: "plan_unknown",
    Rule.CALENDAR: "plan_calendar",
    Rule.START: "plan_start",
    Rule.CREW: "plan_crew",
    Rule.HOURS: "plan_hours",
    Rule.LEAVE: "plan_leave",
    Rule.OVERLAP: "plan_overlap",
    Rule.TRAVEL: "plan_travel",
    Rule.WEEK: "plan_week",
    Rule.GAP: "plan_gap",
    Rule.ORDER: "plan_order",
    Rule.LOCK: "plan_lock",
}
# What ended a plan before it was there.
ENDED = {"plan_broken": "plan_broken", "plan_stopped": "plan_stopped"}


def refusal(session: Session, found: Violation) -> Rejected:
    """Return a broken rule as what it means to people, with the names it is about."""
    ids = [UUID(each) for each in (found.school, found.other) if each]
    rows = session.execute(select(School.id, School.name).where(School.id.in_(ids)))
    schools = {str(row.id): row.name for row in rows}
    person = session.get(User, UUID(found.worker)) if found.worker else None
    elsewhere = i18n.gettext("another school")
    return Rejected(
        REFUSED[found.rule],
        "day",
        school=schools.get(found.school, "?"),
        other=schools.get(found.other or "", elsewhere),
        worker=person.full_name if person else "?",
        day=i18n.day_date(found.day) if found.day else "?",
    )


def problems(session: Session, plan: SemesterPlan) -> list[Rejected]:
    """Return why there is no plan: what keeps its locks from holding, or what ended it."""
    return [
        Rejected(ENDED[each["code"]])
        if "code" in each
        else refusal(
            session,
            Violation(
                Rule(each["rule"]),
                each["school"],
                each["ordinal"],
                each["worker"],
                date.fromisoformat(each["day"]) if each["day"] else None,
                each["other"],
            ),
        )
        for each in plan.problems
    ]
