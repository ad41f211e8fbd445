"""The pages of the desk: who sees which report how far, and that reading leaves a trace."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal.config import Settings
from portal.core import clock, duties
from portal.core import settings as office
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.files import PDF, FolderStore, keep
from portal.core.schedule import Workshop
from portal.incidents.actions import conflicts, deciding
from portal.incidents.forms.desk import ready_replies
from portal.incidents.models import Report, ReportFile, Turn
from portal.incidents.queries import conversation
from portal.notifications.jobs import remind
from portal.notifications.models import Message
from portal.people.models import EmergencyAccess, User
from portal.web import paging
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.incidents.desk import CONTACT, PERSON, PLANTED, STORY, URGENT, Desk
from tests.papers import pdf_bytes
from tests.trail import trail


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["database"]
    return found


def page_of(app: Flask, user: User) -> PageClient:
    """Return somebody's client, which reads English."""
    client = PageClient(app).sign_in(user)
    client.get("/beranda?bahasa=en")
    return client


def planted_in(text: str) -> list[str]:
    """Return the words of a report that a page gives away."""
    return [word for word in PLANTED if word in text]


def address(report: Report, rest: str = "") -> str:
    """Return where a report's page, or what belongs to it, is found."""
    return f"/triase/{report.public_id}{rest}"


def handle(desk: Desk, name: str, report: Report) -> None:
    """Let one of the desk handle a report."""
    with transaction(desk.build.session) as session:
        deciding.take_on(session, desk.actor(name), report)


def test_whoever_is_on_duty_opens_every_report_and_that_is_recorded(
    app: Flask, desk: Desk, database: Database
) -> None:
    report = desk.report()
    client = page_of(app, desk.officer)
    assert "SMP Contoh Sekali" in client.get("/triase").text
    page = client.get(address(report)).text
    assert STORY in page
    assert PERSON in page
    assert CONTACT not in page
    assert desk.fresh(report).read_at is not None
    read = [each for each in trail(database, "report") if each.action == "report.read"]
    assert [(each.actor_id, each.subject_id) for each in read] == [(desk.officer.id, report.id)]


@on_sqlite
def test_who_is_not_on_duty_sees_number_state_and_urgency_alone(app: Flask, desk: Desk) -> None:
    report = desk.report(URGENT)
    client = page_of(app, desk.other)
    page = client.get("/triase").text
    assert report.locator in page
    assert "Within the hour" in page
    assert address(report) not in page
    for hidden in ("SMP Contoh Sekali", "Hit, pushed or hurt", "read by", *PLANTED):
        assert hidden not in page, hidden
    page = client.get(address(report)).text
    assert report.locator in page
    assert not planted_in(page)
    assert client.get(address(report, "/kontak")).status_code == 404
    # One's own opens, and no other.
    own = desk.report()
    desk.on_duty(desk.other, days=1)
    handle(desk, "other", own)
    with transaction(desk.build.session) as session:
        session.delete(session.get_one(Turn, desk.turns[-1].id))
    assert STORY in client.get(address(own)).text
    assert not planted_in(client.get(address(report)).text)


def test_the_next_page_goes_on_without_telling_when_a_report_came(app: Flask, desk: Desk) -> None:
    calm = {"danger": ["no"]}
    # More than a page of each, so that one page ends among the urgent and one in the quarantine.
    expected = [
        desk.report(answers, quarantined=quarantined).public_id
        for quarantined in (False, True)
        for answers in (URGENT, calm)
        for _number in range(14)
    ]
    client = page_of(app, desk.coordinator)
    path, seen, cursors = "/triase", [], []
    while path:
        page = client.get(path).text
        seen += re.findall(r'href="/triase/([\w-]{22})"', page)
        found = re.search(r'href="(/triase\?[^"]*setelah=([\w-]+))"', page)
        path = unescape(found[1]) if found else ""
        cursors += [found[2]] if found else []
    assert list(dict.fromkeys(seen)) == expected
    for cursor, last in zip(cursors, (expected[24], expected[49]), strict=True):
        assert base64.urlsafe_b64decode(cursor + "==") == json.dumps([last]).encode()


@on_sqlite
def test_a_page_after_no_report_that_one_may_know_of_is_the_first(app: Flask, desk: Desk) -> None:
    first, hidden = desk.report(), desk.report(quarantined=True)
    with transaction(desk.build.session) as session:
        conflicts.keep_away(session, desk.actor("coordinator"), hidden, desk.officer, "Ipar")
    client = page_of(app, desk.officer)
    for unknown in (hidden.public_id, "x" * 22):
        page = client.get(f"/triase?setelah={paging.encode((unknown,))}").text
        assert first.locator in page
        assert hidden.locator not in page


@on_sqlite
def test_a_turn_ends_with_its_last_day(app: Flask, desk: Desk) -> None:
    report = desk.report()
    desk.on_duty(desk.other, first=clock.today() - timedelta(days=1), days=1)
    desk.on_duty(desk.other, first=clock.today() + timedelta(days=1), days=1)
    assert not planted_in(page_of(app, desk.other).get(address(report)).text)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert planted_in(page_of(app, desk.other).get(address(report)).text)


@on_sqlite
def test_the_heads_see_the_list_without_schools_and_names(app: Flask, desk: Desk) -> None:
    report = desk.report()
    handle(desk, "officer", report)
    for user in (desk.head, desk.build.user(Role.OFFICE_HEAD)):
        client = page_of(app, user)
        for path in ("/triase", address(report)):
            page = client.get(path).text
            assert report.locator in page
            assert "Bu Piket" in page
            assert "SMP Contoh" not in page
            assert not planted_in(page)


def test_the_division_head_opens_a_file_for_an_hour_with_a_reason(
    app: Flask, desk: Desk, database: Database
) -> None:
    report = desk.report()
    client = page_of(app, desk.head)
    client.get(address(report))
    assert client.post(address(report, "/darurat"), {"reason": " "}).status_code == 422
    sent = client.post(address(report, "/darurat"), {"reason": "Polisi bertanya"})
    assert sent.status_code == 303
    page = client.get(address(report)).text
    assert STORY in page
    assert "You opened this file in an emergency." in page
    # Reading it is all that is open.
    assert address(report, "/selesai") not in page
    assert client.post(address(report, "/selesai"), {"outcome": "helped"}).status_code == 403
    assert desk.fresh(report).read_at is None
    last = trail(database, "report")[-1]
    assert (last.action, last.facts["emergency"]) == ("report.read", True)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert not planted_in(page_of(app, desk.head).get(address(report)).text)
    with database.reader() as session:
        assert session.query(EmergencyAccess).one().label == report.locator


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.TEACHER, Role.SCHOOL_OPERATOR, Role.ADMIN])
def test_a_school_sees_nothing_of_a_report_about_its_people(
    app: Flask, desk: Desk, database: Database, settings: Settings, role: Role
) -> None:
    user = desk.build.user(role, None if role is Role.ADMIN else desk.school)
    report = desk.report({"danger": ["yes"], "reported": ["principal"]})
    remind(Workshop(database, settings))
    client = page_of(app, user)
    for path in ("/triase", address(report), "/triase/jadwal"):
        assert client.get(path).status_code == 403
    for path in ("/beranda", "/pesan", f"/sekolah/{desk.school.public_id}"):
        page = client.get(path).text
        assert report.locator not in page
        assert not planted_in(page)


@on_sqlite
@pytest.mark.parametrize("name", ["officer", "second", "head"])
def test_who_stands_on_the_conflict_list_sees_nothing_anywhere(
    app: Flask, desk: Desk, database: Database, settings: Settings, name: str
) -> None:
    """Somebody who was asked to read it, and even rung for it, before the list knew of them."""
    desk.on_duty(desk.other)
    report, beside = desk.report(URGENT), desk.report()
    kept: User = getattr(desk, name)

    def ring(begins: int) -> None:
        """Let the portal look at its to-dos again and again, until those above are asked too."""
        for number in range(4):
            with time_machine.travel(clock.now() + timedelta(minutes=begins + 11 * number)):
                remind(Workshop(database, settings))

    def told() -> int:
        with database.reader() as session:
            return session.query(Message).filter_by(recipient_id=kept.id).count()

    ring(0)
    with transaction(desk.build.session) as session:
        coordinator = desk.actor("coordinator")
        conflicts.keep_away(session, coordinator, report, kept, "Keponakan terlapor")
        # What else waits is none of this.
        duties.close_duties(session, beside.id)
    before = told()
    ring(60)
    assert told() == before
    assert {duty.role for duty in desk.duties(report)} >= {Role.COORDINATOR, Role.DIVISION_HEAD}
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        client = page_of(app, kept)
        lists = ("/triase", "/triase?tampil=menunggu", "/beranda?semua=1", "/pesan", "/siaga")
        for path in (*lists, "/pesan/serahkan", "/akses-darurat", address(beside)):
            assert report.locator not in client.get(path).text, path
        assert report.locator not in client.fragment("/siaga").text
        page = client.get("/triase").text
        assert "Open ones <b>1</b>" in page
        assert client.get(address(report)).status_code == 404
        for rest in ("/kontak", "/bukti/" + "x" * 22):
            assert client.get(address(report, rest)).status_code == 404
        blocked = client.post(address(report, "/darurat"), {"reason": "Ingin tahu"})
        assert blocked.status_code in {403, 404}
        if name != "head":
            client.get(address(beside))
            form = {"number": report.locator, "relation": "related"}
            answer = client.post(address(beside, "/tautan"), form)
            assert answer.status_code == 422
            assert "There is no report with this number" in answer.text
    # For the others it goes on.
    assert desk.duties(report)


@on_sqlite
def test_beside_a_file_stands_its_school_and_not_the_principal_of_a_reported_one(
    app: Flask, desk: Desk
) -> None:
    principal = desk.build.user(Role.PRINCIPAL, desk.school, name="Pak Pemimpin")
    desk.build.mou(desk.school)
    client = page_of(app, desk.officer)
    page = client.get(address(desk.report())).text
    assert "Pak Pemimpin" in page
    assert str(principal.phone) in page
    assert "MoU in force" in page
    for hidden in ({"answers": {"reported": ["teacher"]}}, {"keep_from_school": True}):
        page = client.get(address(desk.report(**hidden))).text  # type: ignore[arg-type]
        assert str(principal.phone) not in page
        assert "SMP Contoh Sekali" in page


@on_sqlite
def test_how_to_reach_the_reporter_is_shown_on_demand_after_the_password(
    app: Flask, desk: Desk, database: Database
) -> None:
    report = desk.report(reporter="Ibu Penutur")
    client = page_of(app, desk.officer)
    page = client.get(address(report, "/kontak")).text
    assert CONTACT in page
    assert "Ibu Penutur" in page
    assert trail(database, "report")[-1].facts["contact"] is True
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        again = client.get(address(report, "/kontak"))
        assert again.status_code == 303
        assert "/akun/pastikan" in again.headers["Location"]
    nothing = desk.report(safe_contact="")
    assert client.get(address(nothing, "/kontak")).status_code == 404


@on_sqlite
def test_evidence_is_saved_and_never_shown(
    app: Flask, desk: Desk, database: Database, store: FolderStore
) -> None:
    report, other = desk.report(), desk.report()
    with transaction(desk.build.session) as session:
        kept = keep(session, store, "bukti.pdf", pdf_bytes(), frozenset({PDF}))
        session.add(ReportFile(report_id=report.id, file_id=kept.id))
    client = page_of(app, desk.officer)
    page = client.get(address(report)).text
    link = address(report, f"/bukti/{kept.public_id}")
    assert link in page
    assert "Not scanned for viruses" in page
    answer = client.get(link)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.startswith(b"%PDF")
    assert trail(database, "report")[-1].facts["evidence"] is True
    assert client.get(address(other, f"/bukti/{kept.public_id}")).status_code == 404
    assert page_of(app, desk.other).get(link).status_code == 404


@on_sqlite
def test_the_deadline_is_said_in_words_and_minutes_only_where_they_count(
    app: Flask, desk: Desk
) -> None:
    moment = clock.at_wib(clock.today() + timedelta(days=7), clock.OFFICE_CLOSES.replace(hour=9))
    with time_machine.travel(moment + timedelta(minutes=47), tick=False) as now:
        desk.report(URGENT)
        desk.report()
        client = page_of(app, desk.officer)
        page = client.get("/triase").text
        assert "Read it by 10:17 WIB" in page
        assert "09:47" not in page
        assert ", 09:00 WIB" in page
        now.shift(timedelta(hours=1))
        client = page_of(app, desk.officer)
        assert "Should have been read by 10:17 WIB" in client.get("/triase").text


def form_of(client: PageClient, report: Report, rest: str, **more: Any) -> dict[str, Any]:
    """Return a form of the report's page, as it stands there, with something typed."""
    client.get(address(report))
    shown = client.form(address(report, rest))
    return {**{name: values[0] for name, values in shown.items()}, **more}


def test_a_report_goes_its_way_through_the_pages(app: Flask, desk: Desk) -> None:
    desk.build.setting("authority_city", "Dinas Pendidikan Contoh")
    report = desk.report()
    client = page_of(app, desk.officer)
    steps: tuple[tuple[str, dict[str, str], str], ...] = (
        ("/ambil", {}, "You handle this report now."),
        ("/balas", {"ready": "thanks", "text": "Boleh tahu kapan?"}, "Sent."),
        ("/catatan", {"note": "Kakaknya satu sekolah"}, "Kakaknya satu sekolah"),
        ("/kegawatan", {"urgency": "same_day"}, "Same day"),
        ("/tindak-lanjut", {"plan": "Berkunjung Rabu"}, "Berkunjung Rabu"),
        ("/sekolah", {"school_told": "Jaga kantin"}, "Jaga kantin"),
        ("/serahkan", {}, "Dinas Pendidikan Contoh"),
        (
            "/tanda-terima",
            {"receipt_number": "45/X", "receipt_on": "2026-11-20"},
            "Receipt 45/X",
        ),
        ("/selesai", {"outcome": "helped", "outcome_words": "Sudah aman."}, "Sudah aman."),
        ("/buka-lagi", {"again": "Terjadi lagi"}, "Terjadi lagi"),
    )
    for rest, typed, shown in steps:
        sent = client.post(address(report, rest), form_of(client, report, rest, **typed))
        assert sent.status_code == 303, (rest, sent.text)
        assert shown in client.get(address(report)).text, rest
    # Ready sentences leave in the language that reporters read, whatever the officer's is.
    with desk.build.database.reader() as session:
        written = conversation.for_office(session, report.id)
        ready = ready_replies(office.read(session))["thanks"]
    assert written[0].text == f"{ready}\n\nBoleh tahu kapan?"


@on_sqlite
def test_what_was_typed_stays_when_a_colleague_was_faster(app: Flask, desk: Desk) -> None:
    report = desk.report()
    client = page_of(app, desk.officer)
    words = "Kami sudah bicara dengan keluarganya."
    typed = form_of(client, report, "/selesai", outcome="helped", outcome_words=words)
    with transaction(desk.build.session) as session:
        deciding.follow_up(session, desk.actor("coordinator"), report, "Sudah dijadwalkan")
        deciding.take_on(session, desk.actor("officer"), report)
    answer = client.post(address(report, "/selesai"), typed)
    assert answer.status_code == 409
    assert words in answer.text
    assert "Sudah dijadwalkan" in answer.text
    again = {name: values[0] for name, values in client.form(address(report, "/selesai")).items()}
    assert again["outcome_words"] == words
    assert client.post(address(report, "/selesai"), again).status_code == 303


@on_sqlite
def test_a_form_says_what_is_missing_and_loses_nothing(app: Flask, desk: Desk) -> None:
    desk.build.setting("authority_city", "Dinas Pendidikan Contoh")
    report = desk.report()
    client = page_of(app, desk.officer)
    for rest, typed, said in (
        ("/balas", {"text": " "}, "Choose a sentence or write your own."),
        ("/catatan", {"note": ""}, "Write what your colleagues should know."),
        ("/selesai", {"outcome": "helped"}, "the reporter reads them as the result"),
        ("/tautan", {"number": "abc", "relation": "related"}, "There is no report"),
        ("/serahkan", {"body": "", "receipt": "45/X"}, "Choose the body that is responsible."),
        ("/kegawatan", {"urgency": "nonsense", "urgency_reason": "Sebab itu"}, "valid choice"),
        ("/konflik", {"person": "x", "why": "Ipar"}, "valid choice"),
    ):
        answer = client.post(address(report, rest), form_of(client, report, rest, **typed))
        assert answer.status_code == 422, rest
        assert said in answer.text, rest
        for name in {"text", "note", "number", "receipt", "urgency_reason", "why"} & typed.keys():
            assert typed[name].strip() in answer.text, rest


@on_sqlite
def test_the_menu_counts_what_waits(app: Flask, desk: Desk) -> None:
    desk.report()
    page = page_of(app, desk.officer).get("/beranda").text
    assert 'href="/triase"' in page
    assert "urgent_report read_report" in page
    assert "Open the report" in page
    assert not planted_in(page)
