"""Who reads a plan beside the usual: a principal who teaches, whoever stands in, whoever is new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.models import Case, CaseTask
from portal.cases.states import ConsentAnswer
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import Database, transaction
from portal.core.duties import waiting_for
from portal.core.errors import Rejected
from portal.core.schedule import Workshop
from portal.monitoring.actions import plan_drafts, plans, watching
from portal.monitoring.jobs import look_after_forms
from portal.monitoring.models import FollowUp, ReturnPlan
from portal.monitoring.states import PlanState
from portal.notifications.jobs import remind
from portal.people.models import Membership, User
from tests.cases.casework import Casework, client_of
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.planning import QUESTION, Planning, planning, written
from tests.monitoring.test_plans import close_case, end, state

MONDAY = datetime(2026, 11, 9, 9, tzinfo=WIB)


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def plan(work: Casework) -> Planning:
    """Return a case about whose child the school may be told."""
    return planning(work)


def name(plan: Planning, who: str, *, substitute: bool = False, by: str = "principal") -> None:
    """Let somebody be asked for the forms."""
    with transaction(plan.work.build.session) as session:
        follow_up = session.scalars(select(FollowUp)).one()
        user_id = getattr(plan, who).id
        watching.name_watcher(session, plan.actor(by), follow_up, user_id, substitute=substitute)


def release(plan: Planning, who: str) -> None:
    """Let somebody be asked no longer."""
    with transaction(plan.work.build.session) as session:
        follow_up = session.scalars(select(FollowUp)).one()
        user_id = getattr(plan, who).id
        watching.release_watcher(session, plan.actor("principal"), follow_up, user_id)


def kinds(plan: Planning) -> list[str]:
    """Return what waits about plans, by kind."""
    return sorted(each.kind for each in plan.waits())


def test_a_principal_who_teaches_can_be_the_one(plan: Planning) -> None:
    plan.work.build.appoint(plan.principal, Role.TEACHER, plan.work.school)
    found = plan.share(plan.draft("principal"), teacher="principal")
    assert plan.reads(found) == {"principal"}
    assert plan.rows(found)["principal"].part == "principal"
    again = plan.share(plan.revise(found), teacher="principal")
    assert state(plan, again) == PlanState.SHARED


@on_sqlite
def test_a_principal_who_only_leads_cannot(plan: Planning) -> None:
    with pytest.raises(Rejected) as refused:
        plan.share(plan.draft("teacher"), teacher="principal")
    assert refused.value.code == "teacher_chosen"


def test_whoever_stood_in_reads_on_what_was_theirs(plan: Planning, now: Traveller) -> None:
    found = plan.shared("teacher", "counsellor")
    now.shift(timedelta(days=1))
    name(plan, "counsellor", substitute=True)
    release(plan, "counsellor")
    assert "counsellor" in plan.reads(found)
    name(plan, "colleague", substitute=True)
    assert "colleague" in plan.reads(found)
    release(plan, "colleague")
    assert "colleague" not in plan.reads(found)


@on_sqlite
def test_a_new_teacher_who_does_not_read_it_is_noticed(plan: Planning, now: Traveller) -> None:
    found = plan.shared("teacher")
    plan.acknowledge(found, "teacher")
    plan.acknowledge(found, "principal")
    assert kinds(plan) == []
    now.shift(timedelta(days=1))
    name(plan, "colleague")
    assert kinds(plan) == ["plan_unread", "plan_unread_school", "read_plan"]
    # Somebody more changes nothing for those who are asked to see to it.
    name(plan, "counsellor", substitute=True)
    assert kinds(plan) == ["plan_unread", "plan_unread_school", "read_plan", "read_plan"]
    plan.acknowledge(found, "colleague")
    plan.acknowledge(found, "counsellor")
    assert kinds(plan) == []


@on_sqlite
def test_words_of_the_school_outlive_plan_and_case(app: Flask, plan: Planning) -> None:
    found = plan.shared("teacher")
    plan.acknowledge(found, "teacher", QUESTION)
    end(plan, found)
    done = f"{plan.page}/pesan-dibaca"
    office = client_of(app, plan.work)
    page = office.get(plan.page).text
    assert "The school wrote something" in page
    assert QUESTION in page
    close_case(plan)
    # Still to be read, and still something that can be done.
    assert kinds(plan) == ["plan_words"]
    assert f'action="{done}"' in office.get(plan.page).text
    assert f'action="{done}"' not in client_of(app, plan.work, "coordinator").get(plan.page).text
    assert office.post(done, office.form(done)).status_code == 303
    assert kinds(plan) == []
    assert "The school wrote something" not in office.get(plan.page).text


@on_sqlite
def test_a_plan_is_shared_as_it_was_shown(app: Flask, plan: Planning, now: Traveller) -> None:
    found = plan.draft()
    share = f"{plan.page}/{found.public_id}/bagikan"
    office = client_of(app, plan.work)
    office.get(plan.page)
    shown = office.form(share)

    def edit(readers: list[User], **more: Any) -> None:
        now.shift(timedelta(minutes=1))
        with transaction(plan.work.build.session) as session:
            case, draft = session.get_one(Case, plan.case.id), session.get_one(ReturnPlan, found.id)
            ids = [each.id for each in readers]
            plan_drafts.edit(session, plan.actor("manager"), case, draft, written(**more), ids)

    edit([plan.teacher], helps="Kata yang tidak dilihat")
    refused = office.post(share, shown)
    assert refused.status_code == 422
    assert "A colleague changed the draft meanwhile" in refused.text
    assert "Kata yang tidak dilihat" in refused.text
    assert plan.reads(found) == set()
    # Other readers are another plan as well.
    shown = office.form(share)
    edit([plan.teacher, plan.colleague], helps="Kata yang tidak dilihat")
    assert office.post(share, shown).status_code == 422
    assert office.post(share, office.form(share)).status_code == 303
    assert plan.reads(found) == {"teacher", "colleague", "principal"}


@on_sqlite
@pytest.mark.parametrize("plan_goes_on", [True, False])
def test_a_family_that_takes_its_word_back_is_heard_without_a_plan(
    plan: Planning, now: Traveller, *, plan_goes_on: bool
) -> None:
    found = plan.shared("teacher")
    if not plan_goes_on:
        end(plan, found)
    now.shift(timedelta(days=1))
    plan.consent(ConsentAnswer.WITHDRAWN)
    asked = select(CaseTask).where(CaseTask.code == "check_school", CaseTask.done_at.is_(None))
    assert len(plan.work.rows(asked)) == 1


@on_sqlite
def test_a_draft_nobody_shares_is_not_forgotten(plan: Planning) -> None:
    def due() -> list[str]:
        asked = select(CaseTask).where(
            CaseTask.code == "share_return_plan", CaseTask.done_at.is_(None)
        )
        return [str(each.due_on) for each in plan.work.rows(asked)]

    found = plan.draft(returns_on=date(2026, 11, 16))
    # The Friday before that Monday.
    assert due() == ["2026-11-13"]
    plan.share(found)
    assert due() == []
    # What the school reads already is no hurry.
    second = plan.revise(found)
    assert due() == []
    with transaction(plan.work.build.session) as session:
        case, shared = session.get_one(Case, plan.case.id), session.get_one(ReturnPlan, found.id)
        plan_drafts.discard(
            session, plan.actor("manager"), case, session.get_one(ReturnPlan, second.id)
        )
        plans.end(session, plan.actor("manager"), case, shared)
    third = plan.draft(returns_on=date(2026, 11, 2))
    assert due() == ["2026-11-09"]
    with transaction(plan.work.build.session) as session:
        case, draft = session.get_one(Case, plan.case.id), session.get_one(ReturnPlan, third.id)
        plan_drafts.discard(session, plan.actor("manager"), case, draft)
    assert due() == []


@on_sqlite
def test_whoever_runs_out_of_time_reads_no_longer(
    plan: Planning, now: Traveller, database: Database, settings: Settings
) -> None:
    plan.work.build.user(Role.ADMIN)
    shop = Workshop(database, settings)
    found = plan.shared("teacher", "counsellor")
    plan.acknowledge(found, "counsellor")
    with transaction(plan.work.build.session) as session:
        for who in (plan.teacher, plan.principal):
            held = session.scalars(select(Membership).filter_by(user_id=who.id)).one()
            held.ends_on = clock.today()
    assert look_after_forms(shop)["left"] == 0
    now.shift(timedelta(days=1))
    # The teacher of the forms, and with them as a reader; the principal.
    assert look_after_forms(shop)["left"] == 2
    assert {name for name, each in plan.rows(found).items() if each.ended_at} == {
        "teacher",
        "principal",
    }
    # Nobody else is asked to read what was never for them.
    for _day in range(15):
        now.shift(timedelta(days=1))
        look_after_forms(shop)
        remind(shop)
    assert kinds(plan) == []


@on_sqlite
def test_an_admin_is_sent_where_an_admin_can_help(
    app: Flask, plan: Planning, now: Traveller, database: Database, settings: Settings
) -> None:
    admin = plan.work.build.user(Role.ADMIN)
    plan.shared("teacher")
    with transaction(plan.work.build.session) as session:
        session.scalars(
            select(Membership).filter_by(user_id=plan.principal.id)
        ).one().ends_on = clock.today()
    shop = Workshop(database, settings)
    for _day in range(10):
        now.shift(timedelta(days=1))
        look_after_forms(shop)
        remind(shop)
    with database.reader() as reading:
        asked = waiting_for(reading, plan.work.build.actor(admin))
        links = {each.link for each in asked if each.kind == "plan_unread_school"}
    assert links == {"/pengguna"}
    assert PageClient(app).sign_in(admin).get("/pengguna").status_code == 200
