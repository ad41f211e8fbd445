"""Who works on a case: given, shared, taken away; and that access ends with it at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import access, revealing, tasks
from portal.cases.actions.deciding import send_back
from portal.cases.actions.file import record_of, record_reading
from portal.cases.actions.opening import assign
from portal.cases.models import Case, CaseAssignment, CaseTask
from portal.cases.queries import access as queries
from portal.cases.queries import files
from portal.cases.routes.blueprint import TABS
from portal.cases.states import Part
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.people.actions import confidential
from portal.people.actions.appointments import end_membership
from portal.people.models import Conflict, Membership, User
from tests.cases.casework import CHILD, PLANTED, Casework, client_of, propose, send
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import read_statements

CLASS = "Kelas Anggrek Bulan"


def tab(case: Case, rest: str = "") -> str:
    return f"/kasus/{case.public_id}/akses{rest}"


def give(work: Casework, case: Case, to: User, instead_of: User | None) -> None:
    """Let the coordinator give a case to somebody."""
    before = instead_of.id if instead_of else None
    with transaction(work.build.session) as session:
        access.give(session, work.actor("coordinator"), case, to.id, instead_of=before)


def ask_along(work: Casework, case: Case, who: User) -> None:
    with transaction(work.build.session) as session:
        access.ask_along(session, work.actor("manager"), case, who.id)


def keep_away(work: Casework, case: Case, who: User, by: str = "coordinator") -> None:
    with transaction(work.build.session) as session:
        access.keep_away(session, work.actor(by), case, who.id, "Ipar anak")


def end_role(work: Casework, who: User, successor: User | None = None) -> None:
    """End the appointment of somebody, as the office does it."""
    admin = work.build.actor(work.build.user(Role.ADMIN))
    with transaction(work.build.session) as session:
        held = session.scalars(select(Membership).where(Membership.user_id == who.id)).one()
        end_membership(session, admin, held, successor.id if successor else None)


def now_on(work: Casework, case: Case) -> dict[Any, str]:
    """Return who works on a case now, and why."""
    held = select(CaseAssignment).where(
        CaseAssignment.case_id == case.id, CaseAssignment.ended_at.is_(None)
    )
    return {each.user_id: each.part for each in work.rows(held)}


def asked(work: Casework, case: Case, kind: str) -> set[Any]:
    return {each.person_id or each.role for each in work.waiting(case, kind)}


def test_access_goes_with_the_case_to_its_next_manager(app: Flask, work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        actor = work.actor("manager")
        task = tasks.add(session, actor, case, "Telepon bibi", clock.today(), work.manager.id)
    decision = propose(work, case, kind="plan")
    with transaction(work.build.session) as session:
        send_back(session, work.actor("second"), case, decision, "Belum jelas")
    before, after = client_of(app, work, "manager"), client_of(app, work, "other")
    page = f"/kasus/{case.public_id}"
    assert before.get(page).status_code == 200
    assert after.get(page).status_code == 404
    give(work, case, work.other, work.manager)
    assert before.get(page).status_code == 404
    assert before.post(f"{page}/anak", {"full_name": "X"}).status_code == 404
    assert after.get(page).status_code == 200
    assert now_on(work, case) == {work.other.id: "manager"}
    for kind in ("case_stage", "decision_returned", "case_given"):
        assert asked(work, case, kind) == {work.other.id}, kind
    assert work.build.fresh(CaseTask, task.id).person_id == work.other.id
    waiting = select(Duty.person_id).where(Duty.subject_id == task.id, Duty.closed_at.is_(None))
    assert work.rows(waiting) == [work.other.id]
    # The first line the new manager writes ends the news.
    with transaction(work.build.session) as session:
        tasks.finish(session, work.actor("other"), case, session.get_one(CaseTask, task.id), "Ya")
    assert not asked(work, case, "case_given")


@on_sqlite
def test_a_coordinator_gives_a_case_to_whom_has_room(app: Flask, work: Casework) -> None:
    case = work.open()
    work.open(child=replace(CHILD, full_name="Anak Lain"), manager_id=work.other.id)
    work.build.setting("caseload_limit", 1)
    client = client_of(app, work, "coordinator")
    page = client.get(tab(case)).text
    assert f"{work.other.full_name} (1 of 1)" in page
    assert f"{work.second.full_name} (0 of 1)" in page
    sent = {**client.form(tab(case, "/manajer")), "manager": work.other.public_id}
    refused = send(client, tab(case, "/manajer"), sent, status=422).text
    assert "They manage 1 cases already." in refused
    # What stood on the page before a colleague was faster is not carried out.
    give(work, case, work.coordinator, work.manager)
    sent["manager"] = work.second.public_id
    stale = send(client, tab(case, "/manajer"), sent, status=422)
    assert "already gone on with this" in stale.text
    sent = {**client.form(tab(case, "/manajer")), "manager": work.second.public_id}
    send(client, tab(case, "/manajer"), sent)
    assert now_on(work, case) == {work.second.id: "manager"}


@on_sqlite
def test_a_coordinator_takes_what_nobody_manages_and_a_social_worker_does_not(
    app: Flask, work: Casework
) -> None:
    case = work.open(manager_id=None)
    worker = client_of(app, work, "manager")
    assert worker.get(tab(case)).status_code == 404
    assert worker.post(tab(case, "/ambil")).status_code == 403
    client = client_of(app, work, "coordinator")
    client.get(tab(case))
    send(client, tab(case, "/ambil"), client.form(tab(case, "/ambil")))
    assert now_on(work, case) == {work.coordinator.id: "manager"}
    assert not work.waiting(case, "take_case", "case_given")
    assert PLANTED[0] in client.get(f"/kasus/{case.public_id}").text


def test_a_colleague_sees_everything_until_their_help_ends(app: Flask, work: Casework) -> None:
    case = work.open()
    manager, helper = client_of(app, work, "manager"), client_of(app, work, "other")
    manager.get(tab(case))
    send(manager, tab(case, "/rekan"), {"colleague": work.other.public_id})
    assert PLANTED[0] in helper.get(f"/kasus/{case.public_id}/anak").text
    # A helper asks nobody else, and ends nobody's work but the own.
    third = work.build.worker()
    send(helper, tab(case, "/rekan"), {"colleague": third.public_id}, status=422)
    send(manager, tab(case, f"/rekan/{work.manager.public_id}/selesai"), status=422)
    assert now_on(work, case) == {work.manager.id: "manager", work.other.id: "colleague"}
    send(manager, tab(case, f"/rekan/{work.other.public_id}/selesai"))
    assert helper.get(f"/kasus/{case.public_id}/anak").status_code == 404
    assert "Earlier" in manager.get(tab(case)).text
    ask_along(work, case, work.other)
    left = send(helper, tab(case, f"/rekan/{work.other.public_id}/selesai"))
    assert left.headers["Location"] == "/kasus"
    assert helper.get(tab(case)).status_code == 404
    assert now_on(work, case) == {work.manager.id: "manager"}


def test_whoever_lands_on_the_conflict_list_is_out_at_once(app: Flask, work: Casework) -> None:
    case = work.open()
    ask_along(work, case, work.other)
    with transaction(work.build.session) as session:
        actor = work.actor("manager")
        task = tasks.add(session, actor, case, "Telepon bibi", clock.today(), work.other.id)
    helper, manager = client_of(app, work, "other"), client_of(app, work, "manager")
    keep_away(work, case, work.other, by="manager")
    assert helper.get(tab(case)).status_code == 404
    assert work.build.fresh(CaseTask, task.id).person_id == work.manager.id
    # The manager who declares it themselves steps back with it.
    manager.get(tab(case))
    sent = {"person": work.manager.public_id, "why": "Anak tetangga saya"}
    answer = send(manager, tab(case, "/konflik"), sent)
    assert answer.headers["Location"] == "/kasus"
    assert manager.get(f"/kasus/{case.public_id}").status_code == 404
    assert now_on(work, case) == {}
    assert asked(work, case, "take_case") == {Role.COORDINATOR}
    page = client_of(app, work, "coordinator").get(tab(case)).text
    assert f"{work.second.full_name} (0 of" in page
    assert f"{work.manager.full_name} (0 of" not in page
    with pytest.raises(Rejected, match="in_conflict"):
        give(work, case, work.manager, None)


@on_sqlite
def test_a_conflict_closes_what_was_opened_with_a_reason(app: Flask, work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        revealing.reveal(session, work.actor("second"), case, "Menelepon keluarganya")
    client = client_of(app, work, "second")
    assert CHILD.full_name in client.get(f"/kasus/{case.public_id}").text
    keep_away(work, case, work.second)
    assert client.get(f"/kasus/{case.public_id}").status_code == 404
    with work.build.database.reader() as reading:
        assert not files.knows_name(reading, work.actor("second"), case.id)


def test_a_word_is_asked_of_others_once_somebody_may_give_it_no_longer(work: Casework) -> None:
    case = work.open()
    propose(work, case, kind="plan")
    assert asked(work, case, "approve_plan") == {work.coordinator.id, work.second.id}
    ask_along(work, case, work.coordinator)
    assert asked(work, case, "approve_plan") == {work.second.id}
    keep_away(work, case, work.second)
    assert asked(work, case, "approve_plan") == {work.head.id}
    with transaction(work.build.session) as session:
        kept = session.scalars(select(Conflict)).one()
        access.lift(session, work.actor("coordinator"), case, kept)
    assert asked(work, case, "approve_plan") == {work.second.id}
    with transaction(work.build.session) as session:
        access.end_help(session, work.actor("manager"), case, work.coordinator.id)
    # Whoever had a hand in it does not become its judge by stepping aside.
    assert asked(work, case, "approve_plan") == {work.second.id}


@on_sqlite
def test_one_coordinator_must_be_left_and_only_they_lift_entries(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    keep_away(work, case, work.second, by="manager")
    client = client_of(app, work, "manager")
    sent = {"person": work.coordinator.public_id, "why": "Ipar"}
    refused = send(client, tab(case, "/konflik"), sent, status=422)
    assert "no coordinator could open this case" in refused.text
    (kept,) = work.rows(select(Conflict))
    lift = tab(case, f"/konflik/{kept.public_id}/cabut")
    assert client.post(lift).status_code == 403
    assert client_of(app, work, "second").post(lift).status_code == 404
    send(client_of(app, work, "coordinator"), lift)
    assert client_of(app, work, "second").get(tab(case)).status_code == 200
    teacher = work.build.user(Role.TEACHER, work.school, name="Guru Sekolahnya")
    stranger = work.build.user(Role.TEACHER, work.build.school(), name="Guru Lain")
    page = client.get(tab(case)).text
    assert teacher.full_name in page
    assert stranger.full_name not in page
    send(client, tab(case, "/konflik"), {"person": stranger.public_id, "why": "X"}, status=422)


def test_a_successor_goes_on_with_the_cases_of_somebody_who_leaves(work: Casework) -> None:
    first = work.open()
    helped = work.open(child=replace(CHILD, full_name="Dua"), manager_id=work.coordinator.id)
    kept = work.open(child=replace(CHILD, full_name="Tiga"))
    ask_along_by_coordinator(work, helped, work.manager)
    keep_away(work, kept, work.other)
    end_role(work, work.manager, successor=work.other)
    assert now_on(work, first) == {work.other.id: "manager"}
    assert asked(work, first, "case_stage") == {work.other.id}
    assert now_on(work, helped) == {work.coordinator.id: "manager"}
    assert now_on(work, kept) == {}
    assert asked(work, kept, "take_case") == {Role.COORDINATOR}
    assert asked(work, kept, "case_stage") == {Role.COORDINATOR}


def ask_along_by_coordinator(work: Casework, case: Case, who: User) -> None:
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, who.id, Part.COLLEAGUE)


@on_sqlite
def test_without_a_successor_with_room_the_coordinators_are_asked(work: Casework) -> None:
    case = work.open()
    work.open(child=replace(CHILD, full_name="Dua"), manager_id=work.other.id)
    work.build.setting("caseload_limit", 1)
    end_role(work, work.manager, successor=work.other)
    assert now_on(work, case) == {}
    assert asked(work, case, "take_case") == {Role.COORDINATOR}
    assert not files.works_on(work.build.session, work.actor("manager"), case.id)


@on_sqlite
def test_whoever_keeps_another_role_keeps_the_cases(app: Flask, work: Casework) -> None:
    case = work.open()
    work.build.appoint(work.manager, Role.COORDINATOR)
    admin = work.build.actor(work.build.user(Role.ADMIN))
    with transaction(work.build.session) as session:
        held = session.scalars(
            select(Membership).where(
                Membership.user_id == work.manager.id, Membership.role == Role.SOCIAL_WORKER
            )
        ).one()
        end_membership(session, admin, held)
    assert now_on(work, case) == {work.manager.id: "manager"}
    assert PLANTED[0] in client_of(app, work, "manager").get(f"/kasus/{case.public_id}").text


@on_sqlite
def test_each_role_sees_of_a_case_what_it_may(app: Flask, work: Casework) -> None:
    case = work.open(class_name=CLASS)
    pages = [f"/kasus/{case.public_id}{rest}" for rest in ("", "/anak", "/akses")]
    with app.test_request_context():
        known = [endpoint for _key, endpoint, _label in TABS if endpoint in app.view_functions]
        pages += [app.url_for(endpoint, case_id=case.public_id) for endpoint in known]
    secrets = [*PLANTED, CHILD.address, CLASS]
    for user in (work.head, work.build.user(Role.OFFICE_HEAD)):
        client = PageClient(app).sign_in(user)
        for page in dict.fromkeys(pages):
            text = client.get(page, follow_redirects=True).text
            assert case.number in text
            assert not [word for word in secrets if word in text], page
            assert work.school.name not in text
    nobody = [work.build.user(role) for role in (Role.ADMIN, Role.EDUCATION_OFFICE, Role.VOLUNTEER)]
    nobody += [
        work.build.user(role, work.school)
        for role in (Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER, Role.FOCAL_TEAM)
    ]
    for user in nobody:
        client = PageClient(app).sign_in(user)
        assert {client.get(page).status_code for page in pages} == {403}, user.memberships
    coordinator = PageClient(app).sign_in(work.coordinator)
    secrets = [*(word for word in PLANTED[:2]), CHILD.address, CLASS]
    for page in dict.fromkeys(pages):
        answer = coordinator.get(page)
        assert answer.status_code == 200
        assert not [word for word in secrets if word in answer.text], page


@on_sqlite
def test_who_read_it_is_told_by_person_and_day(app: Flask, work: Casework) -> None:
    case = work.open()
    with time_machine.travel(clock.now() - timedelta(days=3), tick=False) as traveller:
        client = client_of(app, work, "manager")
        for part in ("anak", "akses", "anak"):
            client.get(f"/kasus/{case.public_id}/{part}")
        traveller.shift(timedelta(days=1))
        client_of(app, work, "coordinator").get(f"/kasus/{case.public_id}/anak")
        traveller.shift(timedelta(days=1))
        page = client_of(app, work, "manager").get(tab(case)).text
        with work.build.database.reader() as reading:
            rows = queries.readings(reading, case.id).rows
    assert [(each.name, each.pages) for each in rows] == [
        (work.manager.full_name, ("access",)),
        (work.coordinator.full_name, ("child",)),
        (work.manager.full_name, ("child", "access")),
    ]
    assert page.count(f"<strong>{work.manager.full_name}</strong>: ") == 2
    assert "Child, Access" in page


@on_sqlite
def test_the_trail_of_a_much_read_case_comes_by_page(app: Flask, work: Casework) -> None:
    case = work.open()
    with time_machine.travel(clock.now() - timedelta(days=9), tick=False) as traveller:
        for _day in range(9):
            with transaction(work.build.session) as session:
                for page in range(30):
                    record_reading(session, work.actor("manager"), case.id, page=f"s{page}")
            traveller.shift(timedelta(days=1))
    with work.build.database.reader() as reading:
        first = queries.readings(reading, case.id)
        rest = queries.readings(reading, case.id, first.after)
    assert [len(first.rows), len(rest.rows)] == [6, 3]
    assert all(len(each.pages) == 30 for each in (*first.rows, *rest.rows))
    assert rest.after is None
    client = client_of(app, work, "manager")
    assert "setelah=" in client.get(tab(case)).text
    assert client.get(f"{tab(case)}?setelah=apasaja").status_code == 200


@on_sqlite
def test_who_opened_it_with_a_reason_shows_to_those_who_work_on_it_alone(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    propose(work, case)
    with transaction(work.build.session) as session:
        revealing.reveal(session, work.actor("head"), case, "Memutuskan penutupan")
        confidential.open_in_emergency(
            session, work.actor("head"), record_of(case), "Anak hilang semalam"
        )
    for name in ("manager", "coordinator"):
        page = client_of(app, work, name).get(tab(case)).text
        assert "Memutuskan penutupan" in page
        assert "Anak hilang semalam" in page
    page = client_of(app, work, "head").get(tab(case)).text
    assert work.manager.full_name in page
    assert "Who read this" not in page
    assert "Anak hilang semalam" not in page


@on_sqlite
def test_a_long_list_costs_no_more_statements(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    client.get(tab(case))

    def cost() -> int:
        with read_statements(app.extensions["database"]) as seen:
            client.get(tab(case))
        return len(seen)

    few = cost()
    for _number in range(6):
        somebody = work.build.worker()
        ask_along(work, case, somebody)
        with transaction(work.build.session) as session:
            record_reading(session, work.build.actor(somebody), case.id, page="child")
    assert cost() == few
