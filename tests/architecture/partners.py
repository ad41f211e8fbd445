"""One of everything that addresses of schools, memoranda and plans name, for the town."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.insight.models import PlanItem, SemesterPlan, SuggestionChoice, Verdict
from portal.insight.states import PlanState
from portal.people.models import User
from portal.schools.models import (
    Mou,
    MouObligation,
    PartnershipRequest,
    School,
    SchoolClass,
    SchoolContact,
    Side,
)
from portal.schools.states import RequestState
from portal.visits.models import Programme
from tests.builders import Builder

WANTED = {"sessions": "1", "gap_weeks": 6, "travel": 2, "balance": 1, "seconds": 5}


def add_partner(
    build: Builder, school: School, mou: Mou, by_role: dict[Role, User]
) -> dict[str, str]:
    """Add a class, a contact, an obligation, a request, a plan and a choice; return their ids."""
    coordinator = by_role[Role.COORDINATOR].id
    noted = {"recorded_by": coordinator, "recorded_at": clock.now()}
    year = SchoolYear.of(clock.today())
    room = SchoolClass(
        school_id=school.id,
        start_year=year.start_year,
        grade=school.grades[0],
        name=f"{school.grades[0]}A",
    )
    contact = SchoolContact(
        school_id=school.id, full_name="Pak Penjaga", phone="+628120000001", **noted
    )
    obligation = MouObligation(mou_id=mou.id, side=Side.SCHOOL, text="Menyiapkan ruang", position=9)
    wish = PartnershipRequest(
        school_name=school.name,
        full_name="Ibu Peminat",
        phone="+628120000002",
        state=RequestState.NEW,
        asked_at=clock.now(),
        answer_by=clock.now() + timedelta(days=5),
    )
    choice = SuggestionChoice(
        id=new_id(),
        school_id=school.id,
        verdict=Verdict.LATER,
        reason="Sedang direnovasi",
        until=clock.today() + timedelta(days=30),
        made_by=coordinator,
        made_at=clock.now(),
    )
    plan, item = _plan(build, school, by_role[Role.COORDINATOR])
    build.session.add_all([room, contact, obligation, wish, choice])
    build.session.flush()
    return {
        "class_id": room.public_id,
        "contact_id": contact.public_id,
        "obligation_id": obligation.public_id,
        "partnership_id": wish.public_id,
        "choice_id": choice.public_id,
        "plan_id": plan.public_id,
        "item_id": item.public_id,
    }


def _plan(build: Builder, school: School, coordinator: User) -> tuple[SemesterPlan, PlanItem]:
    session = build.session
    programme = session.scalars(select(Programme).order_by(Programme.position).limit(1)).one()
    first = clock.monday_of(clock.today()) + timedelta(weeks=20)
    plan = SemesterPlan(
        id=new_id(),
        first_on=first,
        last_on=first + timedelta(weeks=20),
        programme_id=programme.id,
        state=PlanState.READY,
        made_by=coordinator.id,
        made_at=clock.now(),
        wanted=WANTED,
        solver="greedy",
        cost=100,
        greedy_cost=100,
        solved_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    item = PlanItem(plan_id=plan.id, school_id=school.id, ordinal=1, worker_ids=[])
    session.add(item)
    session.flush()
    return plan, item
