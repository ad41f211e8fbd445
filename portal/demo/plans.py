"""An invented semester plan, made the quick way, and a school that is put off."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal.core import clock
from portal.demo import programmes
from portal.insight.actions import plans, proposing, suggestions
from portal.insight.actions.plans import Wanted
from portal.insight.actions.suggestions import Decision
from portal.insight.models import Verdict
from portal.insight.policy.planning import solving
from portal.insight.queries import plan_instance
from portal.insight.queries.periods import Period, Span
from portal.insight.queries.plans import items_of
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School

PUT_OFF, PUT_OFF_DAYS = "SMA Jala Mutiara", 28


def add_plans(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
    """Add a plan for the next semester that waits to be looked at, with one session locked."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    reason = "Sekolah sedang direnovasi; kepala sekolah minta dihubungi lagi bulan depan."
    until = clock.today() + timedelta(days=PUT_OFF_DAYS)
    decision = Decision(Verdict.LATER, until, reason)
    suggestions.decide(session, coordinator, schools[PUT_OFF], decision)
    semester = Period.of(Span.SEMESTER, clock.today())
    following = Period.of(Span.SEMESTER, semester.last + timedelta(days=1))
    wanted = Wanted(
        programme=programmes.by_code(session)["pgts"],
        first_on=following.first,
        last_on=following.last,
        sessions="1",
        gap_weeks=6,
        travel=2,
        balance=1,
        seconds=5,
    )
    plan = plans.ask(session, coordinator, wanted)
    reading = plan_instance.read(session, plan)
    found = solving.quickly(reading.instance)
    proposing.save(session, plan, reading, found)
    plan.greedy_cost = found.total
    proposing.finish(session, plan)
    placed = next(each for each in items_of(session, plan) if each.starts_at)
    plans.set_locked(session, coordinator, plan, placed, locked=True)
