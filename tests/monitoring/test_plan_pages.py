"""Return-to-school plans on the pages of the case and of the school."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.models import Case, CaseReport
from portal.cases.states import ConsentAnswer
from portal.core import clock, i18n
from portal.core.access import Role
from portal.core.db import transaction
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.states import Door
from portal.monitoring.actions import plans
from portal.monitoring.models import ReturnPlan
from portal.monitoring.queries.plan_words import READY
from portal.monitoring.states import ReaderPart
from portal.people.models import User
from tests.cases.casework import NAME, Casework
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.incidents.desk import code_without_hash
from tests.monitoring.planning import (
    AGREED,
    AVOIDS,
    CONTACTS,
    HELPS,
    QUESTION,
    SAFETY,
    Planning,
    monday,
    planning,
)
from tests.statements import read_statements
from tests.trail import trail

LONG = "Kanjeng Raden Ayu Siti Nurhaliza Wijayakusuma Prawirodirdjo binti Suryaningrat"


@pytest.fixture
def plan(work: Casework) -> Planning:
    """Return a case about whose child the school may be told."""
    return planning(work)


def client_of(app: Flask, user: User, language: str = "en") -> PageClient:
    """Return somebody's client, which reads this language."""
    client = PageClient(app).sign_in(user)
    client.get(f"/tentang?bahasa={language}")
    return client


def typed(plan: Planning, **more: Any) -> dict[str, Any]:
    """Return what a case manager types."""
    return {
        "child_name": NAME,
        "class_name": "7B",
        "returns_on": monday().isoformat(),
        "helps": HELPS,
        "safety_steps": SAFETY,
        "avoids": AVOIDS,
        "agreed": AGREED,
        "contacts": CONTACTS,
        "readers": [plan.teacher.public_id],
        **more,
    }


def school_page(plan: ReturnPlan) -> str:
    """Return the address of a plan at the school."""
    return f"/rencana-kembali/{plan.public_id}"


def newest(plan: Planning) -> ReturnPlan:
    """Return the newest plan of the case."""
    return plan.work.rows(select(ReturnPlan).order_by(ReturnPlan.number.desc()))[0]


def test_from_the_draft_to_the_teachers_word(app: Flask, plan: Planning) -> None:
    manager = client_of(app, plan.work.manager)
    page = manager.get(plan.page).text
    # Only what may leave the office is offered: who it is, and whom to call.
    offered = manager.form(plan.page)
    assert (offered["child_name"], offered["class_name"]) == ([NAME], ["7B"])
    assert plan.work.manager.full_name in offered["contacts"][0]
    assert "129" in offered["contacts"][0]
    assert (offered["helps"], offered["agreed"]) == ([""], [""])
    assert "Write down under Decisions" not in page
    ready = [*READY["helps"]][:2]
    sent = {**offered, **typed(plan, helps_ready=ready)}
    assert manager.post(plan.page, sent).status_code == 303
    checked = manager.get(plan.page).text
    assert "The school will read this" in checked
    with i18n.in_language("en"):
        for code in ready:
            assert str(READY["helps"][code]) in checked
    found = newest(plan)
    assert found.helps.startswith(HELPS)
    teacher = client_of(app, plan.teacher, "id")
    address = school_page(found)
    assert teacher.get(address).status_code == 404
    share = f"{plan.page}/{found.public_id}/bagikan"
    assert manager.post(share, manager.form(share)).status_code == 303
    read = teacher.get(address)
    assert read.headers["Cache-Control"] == "no-store"
    for words in (NAME, HELPS, SAFETY, AVOIDS, AGREED, CONTACTS):
        assert words in read.text
    title = read.text.partition("<title>")[2].partition("</title>")[0]
    assert NAME.split()[0] not in title
    accept = f"{address}/terima"
    sent = {**teacher.form(accept), "words": QUESTION}
    assert teacher.post(accept, sent).status_code == 303
    assert NAME.split()[0] not in teacher.get("/beranda").text
    again = teacher.get(address).text
    assert QUESTION in again
    told = manager.get(plan.page).text
    assert QUESTION in told
    done = f"{plan.page}/pesan-dibaca"
    assert manager.post(done, manager.form(done)).status_code == 303
    assert "I have dealt with it" not in manager.get(plan.page).text
    reads = trail(plan.work.build.database, "return_plan")
    assert [each.action for each in reads].count("return_plan.read") == 2
    assert [each.action for each in reads].count("return_plan.acknowledged") == 1


@on_sqlite
def test_pressing_twice_acknowledges_once(app: Flask, plan: Planning) -> None:
    found = plan.shared()
    teacher = client_of(app, plan.teacher)
    teacher.get(school_page(found))
    accept = f"{school_page(found)}/terima"
    sent = {**teacher.form(accept), "words": QUESTION}
    assert [teacher.post(accept, sent).status_code for _press in range(2)] == [303, 303]
    assert plan.rows(found)["teacher"].words == QUESTION
    assert plan.steps().count("acknowledged") == 1


@on_sqlite
def test_whoever_was_not_asked_finds_nothing(app: Flask, plan: Planning) -> None:
    found = plan.shared()
    elsewhere = plan.work.build.school()
    strangers = [
        plan.colleague,
        plan.counsellor,
        plan.work.build.user(Role.TEACHER, elsewhere),
        plan.work.build.user(Role.PRINCIPAL, elsewhere),
    ]
    for stranger in strangers:
        client = client_of(app, stranger)
        assert client.get(school_page(found)).status_code == 404
        assert client.get(f"{school_page(found)}/cetak.pdf").status_code == 404
        assert client.post(f"{school_page(found)}/terima", {}).status_code == 404
    # The office reads it in the case; this page is the school's.
    for worker in (plan.work.manager, plan.work.coordinator):
        assert client_of(app, worker).get(school_page(found)).status_code == 403
    assert client_of(app, plan.principal).get(school_page(found)).status_code == 200


@on_sqlite
def test_old_plans_are_gone_for_the_school_and_stay_for_the_office(
    app: Flask, plan: Planning
) -> None:
    first = plan.shared()
    manager = client_of(app, plan.work.manager)
    manager.get(plan.page)
    revise = f"{plan.page}/{first.public_id}/perbarui"
    assert manager.post(revise, manager.form(revise)).status_code == 303
    second = newest(plan)
    manager.get(plan.page)
    edit = f"{plan.page}/{second.public_id}/ubah"
    more = {**manager.form(edit), "helps": "Boleh duduk di mana saja"}
    assert manager.post(edit, more).status_code == 303
    marked = manager.get(plan.page).text
    assert marked.count("Changed</span>") == 1
    share = f"{plan.page}/{second.public_id}/bagikan"
    # Somebody fills in the forms already, and is not asked for again.
    assert "teacher" not in manager.form(share)
    assert manager.post(share, manager.form(share)).status_code == 303
    teacher = client_of(app, plan.teacher)
    assert teacher.get(school_page(first)).status_code == 404
    page = teacher.get(school_page(second)).text
    assert "This is a new version" in page
    assert page.count("Changed</span>") == 1
    assert HELPS not in page
    assert HELPS in manager.get(plan.page).text
    end = f"{plan.page}/{second.public_id}/akhiri"
    assert manager.post(end, manager.form(end)).status_code == 303
    assert teacher.get(school_page(second)).status_code == 404
    ended = manager.get(plan.page).text
    assert "Earlier plans" in ended
    assert "Boleh duduk di mana saja" in ended


@on_sqlite
def test_the_coordinator_reads_the_plan_without_the_name(app: Flask, plan: Planning) -> None:
    plan.shared()
    client = client_of(app, plan.work.coordinator)
    page = client.get(plan.page).text
    assert HELPS in page
    assert "Name closed" in page
    assert "Kinasih" not in page
    assert "7B" not in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    found = newest(plan)
    for step in ("ubah", "bagikan", "buang", "perbarui", "akhiri"):
        answer = client.post(f"{plan.page}/{found.public_id}/{step}", {"teacher": "x"})
        assert answer.status_code in (404, 422), step
    assert client_of(app, plan.work.other).get(plan.page).status_code == 404


@on_sqlite
def test_bad_input_says_what_to_do_and_loses_nothing(app: Flask, plan: Planning) -> None:
    client = client_of(app, plan.work.manager)
    client.get(plan.page)
    nothing = client.post(plan.page, {**typed(plan), "returns_on": "", "child_name": " "})
    assert nothing.status_code == 422
    for words in ("Enter the first day back", "Write the child&#39;s name", HELPS, AGREED):
        assert words in nothing.text
    odd = [
        {"returns_on": "31-02-2027"},
        {"returns_on": "9999-12-31"},
        {"review_on": (monday() - timedelta(days=3)).isoformat()},
        {"readers": ["x"]},
        {"readers": [plan.principal.public_id]},
        {"helps": "a" * 1001},
        {"helps_ready": ["x"]},
        {"contacts": ""},
    ]
    for more in odd:
        refused = client.post(plan.page, typed(plan, **more))
        assert refused.status_code == 422, more
        assert SAFETY in refused.text
        assert 'id="error-summary"' in refused.text
    assert plan.work.build.fresh(Case, plan.case.id).state == "open"
    assert client.post(plan.page, typed(plan, child_name=LONG)).status_code == 303
    assert LONG in client.get(plan.page).text


@on_sqlite
def test_the_other_language_keeps_what_was_typed(app: Flask, plan: Planning) -> None:
    found = plan.shared()
    manager = client_of(app, plan.work.manager)
    assert 'form="plan-form"' not in manager.get(plan.page).text
    teacher = client_of(app, plan.teacher)
    teacher.get(school_page(found))
    accept = f"{school_page(found)}/terima"
    switched = teacher.post(accept, {**teacher.form(accept), "words": QUESTION, "bahasa": "id"})
    assert switched.status_code == 200
    assert QUESTION in switched.text
    assert plan.rows(found)["teacher"].acknowledged_at is None
    other = planning(plan.work)
    assert 'form="plan-form"' in manager.get(other.page).text
    typed_once = {**manager.form(other.page), **typed(other), "bahasa": "id"}
    switched = manager.post(other.page, typed_once)
    assert (switched.status_code, HELPS in switched.text) == (200, True)
    assert "<details open>" in switched.text


@on_sqlite
def test_what_a_colleague_wrote_is_not_overwritten_unseen(app: Flask, plan: Planning) -> None:
    found = plan.draft()
    edit = f"{plan.page}/{found.public_id}/ubah"
    clients = [client_of(app, plan.work.manager) for _number in range(2)]
    for client in clients:
        client.get(plan.page)
    sent = [
        {**client.form(edit), "helps": words}
        for client, words in zip(clients, ("Satu", "Dua"), strict=True)
    ]
    assert clients[0].post(edit, sent[0]).status_code == 303
    late = clients[1].post(edit, sent[1])
    assert late.status_code == 409
    assert "Satu" in late.text
    assert "Dua" in late.text
    again = {**clients[1].form(edit)}
    assert clients[1].post(edit, again).status_code == 303
    assert newest(plan).helps == "Dua"


@on_sqlite
def test_the_childs_own_words_are_taken_over_only_when_ticked(app: Flask, plan: Planning) -> None:
    wish = "Aku ingin duduk dekat jendela lagi"
    with transaction(plan.work.build.session) as session:
        session.get_one(Case, plan.case.id).child_view = wish
    client = client_of(app, plan.work.manager)
    assert wish in client.get(plan.page).text
    assert client.post(plan.page, typed(plan)).status_code == 303
    assert newest(plan).agreed == AGREED
    client.get(plan.page)
    edit = f"{plan.page}/{newest(plan).public_id}/ubah"
    ticked = {**client.form(edit), "take_over": "y"}
    assert client.post(edit, ticked).status_code == 303
    assert newest(plan).agreed == f"{AGREED}\n{wish}"
    # Ticked once more, nothing stands there twice.
    client.get(plan.page)
    ticked = {**client.form(edit), "take_over": "y"}
    assert client.post(edit, ticked).status_code == 303
    assert newest(plan).agreed == f"{AGREED}\n{wish}"


@on_sqlite
def test_a_family_that_says_no_bars_the_way(app: Flask, plan: Planning) -> None:
    found = plan.draft()
    plan.consent(ConsentAnswer.REFUSED)
    client = client_of(app, plan.work.manager)
    page = client.get(plan.page).text
    share = f"{plan.page}/{found.public_id}/bagikan"
    assert "The family does not agree" in page
    assert f'action="{share}"' not in page
    sent = {"teacher": plan.teacher.public_id, "version": str(found.version)}
    refused = client.post(share, sent)
    assert refused.status_code == 422
    assert "Talk with them again" in refused.text
    assert f"/kasus/{plan.case.public_id}/keputusan" in refused.text


@on_sqlite
def test_a_report_that_says_not_to_tell_asks_for_a_second_thought(
    app: Flask, plan: Planning, work: Casework
) -> None:
    _add_report(plan, keep_from_school=True)
    found = plan.draft()
    client = client_of(app, work.manager)
    client.get(plan.page)
    share = f"{plan.page}/{found.public_id}/bagikan"
    refused = client.post(share, client.form(share))
    assert refused.status_code == 422
    assert plan.reads(found) == set()
    assert client.post(share, {**client.form(share), "warned": "y"}).status_code == 303
    assert "teacher" in plan.reads(found)


def _add_report(plan: Planning, **more: Any) -> None:
    """Let a report belong to the case."""
    filing = Filing(
        door=Door.STORY_ROOM,
        answers={"what": ["verbal"]},
        story="Cerita",
        school_id=plan.work.school.id,
        **more,
    )
    with transaction(plan.work.build.session) as session:
        report = receive(session, None, filing, code_without_hash())
        session.add(
            CaseReport(
                case_id=plan.case.id,
                report_id=report.id,
                added_by=plan.work.manager.id,
                added_at=clock.now(),
            )
        )


@on_sqlite
def test_a_child_without_school_leads_to_its_page(app: Flask, work: Casework) -> None:
    made = planning(work, school_id=None)
    client = client_of(app, work.manager)
    page = client.get(made.page).text
    assert "goes to no school" in page
    assert f"/kasus/{made.case.public_id}/anak" in page
    refused = client.post(made.page, typed(made, readers=[]))
    assert refused.status_code == 422
    assert HELPS in refused.text or "Write it down first" in refused.text


@on_sqlite
@pytest.mark.parametrize("language", ["id", "en"])
def test_many_readers_cost_no_more_statements(app: Flask, plan: Planning, language: str) -> None:
    build = plan.work.build
    found = plan.shared()
    manager = client_of(app, plan.work.manager, language)
    teacher = client_of(app, plan.teacher, language)

    def cost() -> list[int]:
        counts = []
        for client, address in ((manager, plan.page), (teacher, school_page(found))):
            client.get(address)
            with read_statements(app.extensions["database"]) as seen:
                client.get(address)
            counts.append(len(seen))
        return counts

    few = cost()
    for _number in range(6):
        more = build.user(Role.TEACHER, plan.work.school, name=LONG)
        with transaction(build.session) as session:
            again = session.get_one(ReturnPlan, found.id)
            actor = plan.actor("principal")
            plans.ask_reader(session, actor, again, more.id, ReaderPart.TEACHER)
    assert cost() == few
