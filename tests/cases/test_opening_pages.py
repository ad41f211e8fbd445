"""The pages on which a case is opened: what stands there already, and whom they are for."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.cases.models import Case, CaseEntry, CaseLink, CaseReport, CaseTask, Child, Guardian
from portal.cases.states import EntryKind
from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.incidents.models import Report
from portal.visits.models import Visit
from portal.visits.states import VisitState
from tests.cases.casework import CHILD, NAME, STORY, Casework, client_of, send
from tests.cases.test_opening import SISTER, handled, told
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import read_statements

OPEN = "/kasus/baru"

pytestmark = on_sqlite


def filled(client: PageClient, path: str, **more: Any) -> dict[str, Any]:
    """Return what a browser would send for the form at this address."""
    page = client.get(path)
    assert page.status_code == 200, path
    return {**client.form(path), **more}


def of(report: Report) -> str:
    return f"{OPEN}?laporan={report.public_id}"


def test_nothing_the_report_tells_is_asked_again(app: Flask, work: Casework) -> None:
    report = handled(work, "manager", details={"child": NAME})
    client = client_of(app, work, "manager")
    assert of(report) in client.get(f"/triase/{report.public_id}").text
    sent = filled(client, of(report))
    assert sent["full_name"] == [NAME]
    assert sent["school"] == [work.school.public_id]
    assert sent["summary"] == [STORY]
    assert sent["kinds"] == ["verbal"]
    assert sent["urgency"] == [report.urgency]
    assert sent["manager"] == [work.manager.public_id]
    answer = send(client, of(report), sent)
    (case,) = work.rows(select(Case))
    assert answer.location == f"/kasus/{case.public_id}"
    assert (case.kinds, case.summary, case.school_id) == (["verbal"], STORY, work.school.id)
    shown = unescape(client.get(answer.location).text)
    assert "Contact the child or the family" in shown
    assert NAME in shown
    # Whoever read the report for it left a trace.
    read = work.rows(
        select(AuditEntry).where(AuditEntry.action == "report.read").order_by(AuditEntry.seq)
    )
    assert read[-1].facts == {"case": True}
    assert f"/kasus/{case.public_id}" in client.get(f"/triase/{report.public_id}").text


def test_what_was_typed_stays_while_something_stands_against_it(app: Flask, work: Casework) -> None:
    report = handled(work, "manager")
    client = client_of(app, work, "manager")
    typed = {
        "full_name": NAME,
        "born": "kemarin",
        "nisn": "18720112",
        "guardian_phone": "12",
        "kept_out": "y",
        "task": "Telepon bibinya",
        "task_on": "2020-01-01",
    }
    sent = filled(client, of(report), **typed)
    page = unescape(send(client, of(report), sent, status=422).text)
    for words in (
        NAME,
        "Telepon bibinya",
        "Write a day such as",
        "Write who it is",
        "Write why, for whoever",
        "Check this number",
        "Choose today or a day after it",
    ):
        assert words in page
    assert work.rows(select(Case)) == []
    mended = {"born": "9-3-2014", "guardian_name": "Bu Tirta", "guardian_phone": "0812 3456 7890"}
    mended |= {"kept_out_reason": "Anak takut kepadanya", "task_on": sent["task_on"]}
    later = filled(client, of(report), **{**typed, **mended})
    later["task_on"] = client.form(of(report))["task_on"]
    send(client, of(report), later)
    (guardian,) = work.rows(select(Guardian))
    assert (guardian.phone, guardian.kept_out) == ("+6281234567890", True)
    assert work.rows(select(Child))[0].born == "2014-03-09"
    assert work.rows(select(CaseTask))[0].text == "Telepon bibinya"


def test_the_same_child_is_shown_as_far_as_one_may_know(app: Flask, work: Casework) -> None:
    first = work.open()
    report = handled(work, "other")
    client = client_of(app, work, "other")
    sent = filled(client, of(report), full_name=CHILD.full_name, born="2014")
    page = unescape(send(client, of(report), sent, status=422).text)
    assert "Yes, the same child" in page
    # A colleague's case: it is known, and nothing more.
    assert first.number not in page
    again = {**sent, **client.form(of(report))}
    child = work.build.fresh(Child, first.child_id)
    answer = send(client, of(report), {**again, "same_child": child.public_id})
    assert answer.location == f"/triase/{report.public_id}"
    assert [each.case_id for each in work.rows(select(CaseReport))] == [first.id]
    assert work.rows(select(CaseTask))[0].code == "read_added"
    told_of = work.rows(select(AuditEntry).where(AuditEntry.action == "case.read"))
    assert [(each.subject_id, each.facts["page"]) for each in told_of] == [(first.id, "same_child")]
    # Its manager reads the number, and may say that it is another child.
    second = handled(work, "manager")
    own = client_of(app, work, "manager")
    sent = filled(own, of(second), full_name=CHILD.full_name)
    assert first.number in send(own, of(second), sent, status=422).text
    again = {**sent, **own.form(of(second)), "same_child": "other"}
    send(own, of(second), again)
    assert len(work.rows(select(Case))) == 2


def test_one_for_a_sibling_asks_only_what_differs(app: Flask, work: Casework) -> None:
    report = handled(work, "manager")
    client = client_of(app, work, "manager")
    sent = filled(client, of(report), full_name=NAME, guardian_name="Bu Tirta", next="saudara")
    answer = send(client, of(report), sent)
    (first,) = work.rows(select(Case))
    assert answer.location == f"{of(report)}&saudara={first.public_id}"
    page = client.get(answer.location).text
    assert "Bu Tirta" not in page
    sibling = client.form(unescape(answer.location))
    assert "full_name" not in sibling or sibling["full_name"] == [""]
    assert sibling["school"] == [work.school.public_id]
    send(client, answer.location, {**sibling, "full_name": SISTER.full_name})
    assert len(work.rows(select(CaseLink))) == 1
    assert [each.full_name for each in work.rows(select(Guardian))] == ["Bu Tirta"] * 2


def test_a_coordinator_gives_it_away_and_does_not_keep_the_name(app: Flask, work: Casework) -> None:
    report = told(work)
    client = client_of(app, work, "coordinator")
    work.open(child=SISTER)
    sent = filled(client, of(report), full_name=NAME)
    # The one with fewer cases stands there already.
    assert sent["manager"] == [work.other.public_id]
    answer = send(client, of(report), sent)
    shown = client.get(answer.location).text
    assert NAME not in shown
    kept = work.rows(select(Case).where(Case.manager_id == work.other.id))
    assert len(kept) == 1


def test_a_child_another_body_sends(app: Flask, work: Casework) -> None:
    client = client_of(app, work, "manager")
    sent = filled(client, OPEN, full_name=NAME)
    assert "who sends the child" in send(client, OPEN, sent, status=422).text
    send(client, OPEN, {**sent, "origin_words": STORY})
    (case,) = work.rows(select(Case))
    assert (case.origin, case.origin_words) == ("referral_in", STORY)


def test_a_session_leads_to_a_case_for_whoever_held_it(app: Flask, work: Casework) -> None:
    visit = work.build.delivered(work.school, work.manager)
    path = f"{OPEN}?kunjungan={visit.public_id}"
    client = client_of(app, work, "manager")
    assert path in client.get(f"/sesi/{visit.public_id}").text
    sent = filled(client, path, full_name=NAME)
    assert sent["school"] == [work.school.public_id]
    send(client, path, sent)
    (case,) = work.rows(select(Case))
    assert (case.origin, case.visit_id, case.school_id) == ("visit", visit.id, work.school.id)
    other = client_of(app, work, "other")
    assert path not in other.get(f"/sesi/{visit.public_id}").text
    assert other.get(path).status_code == 404
    coming = work.build.delivered(work.school, work.other, state=VisitState.SCHEDULED)
    assert other.get(f"{OPEN}?kunjungan={coming.public_id}").status_code == 404
    assert work.build.fresh(Visit, visit.id).state == VisitState.DELIVERED


def test_addresses_of_what_is_not_theirs_lead_nowhere(app: Flask, work: Casework) -> None:
    report = handled(work, "manager")
    case = work.open()
    other = client_of(app, work, "other")
    for address in (
        of(report),
        f"{OPEN}?laporan=keliru",
        f"{OPEN}?saudara={case.public_id}",
        f"{OPEN}?kunjungan=keliru",
    ):
        assert other.get(address).status_code == 404
        assert other.post(address, {"full_name": NAME}).status_code == 404
    teacher = PageClient(app).sign_in(work.build.user(Role.TEACHER, work.school))
    assert teacher.get(OPEN).status_code == 403
    assert "/kasus/baru" not in other.get(f"/triase/{report.public_id}").text


def test_whoever_is_second_is_led_to_the_case(app: Flask, work: Casework) -> None:
    report = told(work)
    clients = [client_of(app, work, name) for name in ("coordinator", "second")]
    sent = [
        filled(client, of(report), full_name=f"Anak {place}", manager="")
        for place, client in enumerate(clients)
    ]
    send(clients[0], of(report), sent[0])
    answer = send(clients[1], of(report), sent[1])
    (case,) = work.rows(select(Case))
    assert answer.location == f"/kasus/{case.public_id}"
    assert case.number in clients[1].get(answer.location).text


def test_a_report_is_added_to_a_case_there_is(app: Flask, work: Casework) -> None:
    case = work.open()
    report = handled(work, "manager")
    client = client_of(app, work, "manager")
    assert client.get(of(report)).status_code == 200
    path = f"{OPEN}/tambahkan?laporan={report.public_id}"
    for number in ("", "KS-1999-001"):
        page = send(client, path, {"case_number": number}, status=422).text
        assert number in page
        assert STORY in page
    answer = send(client, path, {"case_number": case.number})
    assert answer.location == f"/kasus/{case.public_id}"
    added = work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.REPORT_ADDED))
    assert [each.record_id for each in added] == [report.id]


def test_the_page_asks_the_database_as_often_whatever_there_is(app: Flask, work: Casework) -> None:
    report = handled(work, "coordinator")
    client = client_of(app, work, "coordinator")

    def statements() -> int:
        with read_statements(app.extensions["database"]) as asked:
            client.get(of(report))
        return len(asked)

    client.get(of(report))
    before = statements()
    for place in range(4):
        person = work.build.worker()
        work.open(manager_id=person.id, child=replace(CHILD, full_name=f"Anak {place}"))
    assert statements() == before <= 30
