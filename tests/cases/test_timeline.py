"""The timeline: one sentence for each kind, newest first, and notes from those who work on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.notes import Note, add_note
from portal.cases.actions.opening import add_report
from portal.cases.models import Case, CaseEntry
from portal.cases.queries import sentences, timeline
from portal.cases.queries.timeline import Line, Wanted
from portal.cases.states import CaseState, EntryKind
from portal.core import clock, i18n
from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.cases.casework import NAME, WORDS, Casework, send
from tests.cases.test_boards import change
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.incidents.desk import set_up
from tests.statements import all_statements


def write(work: Casework, case: Case, kind: EntryKind, count: int = 1, **more: Any) -> None:
    """Write lines, an hour apart."""
    with transaction(work.build.session) as session:
        begin(session, work.actor("manager"), case)
        for number in range(count):
            at = clock.now() - timedelta(hours=number)
            write_entry(session, work.actor("manager"), case, kind, at=at, **more)


def note(work: Casework, case: Case, text: str, **more: Any) -> None:
    with transaction(work.build.session) as session:
        add_note(session, work.actor("manager"), case, Note(text, **more))


def lines(reading: Session, case: Case, *, named: bool = True, **wanted: Any) -> list[Line]:
    reading.rollback()
    return timeline.read(reading, case, Wanted(**wanted), named=named).lines


def test_every_kind_has_its_words_and_facts_fill_them(work: Casework, reading: Session) -> None:
    assert set(sentences.TITLES) == set(EntryKind)
    case = work.open()
    with i18n.in_language("en"):
        by_kind = {each.kind: each for each in lines(reading, case)}
    assigned = by_kind[EntryKind.ASSIGNED]
    assert assigned.details == (work.manager.full_name, "Case manager")
    assert assigned.writer == work.coordinator.full_name
    assert by_kind[EntryKind.OPENED].details == ("Sent by another body",)


def test_facts_without_a_word_say_nothing() -> None:
    facts = {"kind": "no_such", "state": None, "reached": True, "months": 3, "what": [1], "x": {}}
    with i18n.in_language("en"):
        for kind in EntryKind:
            assert sentences.details_of(kind, facts, {}) == ["reached", "after 3 months"]


def test_a_note_stands_on_the_day_it_happened(work: Casework, reading: Session) -> None:
    case = work.open()
    past = clock.today() - timedelta(days=40)
    note(work, case, WORDS, day=past)
    note(work, case, "Hari ini", day=clock.today())
    newest, *_others, oldest = lines(reading, case)
    assert (newest.text, newest.written_later) == ("Hari ini", None)
    assert (oldest.text, oldest.at.astimezone(clock.WIB).date()) == (WORDS, past)
    assert oldest.written_later is not None
    assert work.build.fresh(Case, case.id).last_entry_at > clock.now() - timedelta(minutes=1)


def test_a_note_needs_a_day_that_was_and_a_case_that_goes_on(work: Casework) -> None:
    case = work.open()
    with pytest.raises(Rejected, match="in_future"):
        note(work, case, WORDS, day=clock.today() + timedelta(days=1))
    for who in ("coordinator", "other", "head"):
        with pytest.raises(Rejected, match="not_allowed"), transaction(work.build.session) as one:
            add_note(one, work.actor(who), case, Note(WORDS))
    change(work, case, state=CaseState.CLOSED)
    with pytest.raises(Rejected, match="case_closed"):
        note(work, case, WORDS)


def test_pages_lead_through_all_lines_once_newest_first(work: Casework, reading: Session) -> None:
    case = work.open()
    write(work, case, EntryKind.FAMILY_CONTACT, 45, facts={"reached": False})
    after, seen = None, list[Line]()
    while True:
        page = timeline.read(reading, case, Wanted(), after, named=True)
        assert len(page.lines) <= timeline.PAGE_SIZE
        seen += page.lines
        if page.after is None:
            break
        after = page.after
    assert len(seen) == len(work.rows(select(CaseEntry).where(CaseEntry.case_id == case.id)))
    assert [each.at for each in seen] == sorted((each.at for each in seen), reverse=True)
    (only,) = lines(reading, case, group="tahap")
    assert only.kind == EntryKind.OPENED
    kinds = {each.kind for each in lines(reading, case, group="kontak")}
    assert kinds == {EntryKind.FAMILY_CONTACT}


def test_words_are_found_in_the_texts_of_one_case(work: Casework, reading: Session) -> None:
    case = work.open()
    note(work, case, WORDS)
    note(work, case, "Sesuatu yang lain")
    write(work, case, EntryKind.IDENTITY, text=f"Nama lengkap {NAME}")
    assert [each.text for each in lines(reading, case, text="KARANGAN ujian")] == [WORDS]
    assert not lines(reading, case, text="karangan kolam")
    assert not lines(reading, case, text="karangan", group="keputusan")
    assert len(lines(reading, case, text="kinasih")) == 1
    assert not lines(reading, case, text="kinasih", named=False)
    closed = next(x for x in lines(reading, case, named=False) if x.kind == EntryKind.IDENTITY)
    assert closed.text == ""


def test_a_search_leads_through_all_its_pages(work: Casework, reading: Session) -> None:
    case = work.open()
    write(work, case, EntryKind.NOTE, 25, text=WORDS)
    first = timeline.read(reading, case, Wanted(text="karangan"), named=True)
    rest = timeline.read(reading, case, Wanted(text="karangan"), first.after, named=True)
    assert (len(first.lines), len(rest.lines), rest.after) == (20, 5, None)


@on_sqlite
def test_a_note_from_the_page(app: Flask, work: Casework) -> None:
    case = work.open()
    address = f"/kasus/{case.public_id}"
    client = PageClient(app).sign_in(work.manager)
    client.get("/beranda?bahasa=en")
    page = client.get(address)
    assert "What happened?" in page.text
    assert "Tasnya dibuang" in page.text
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = send(client, f"{address}/catatan", {"note": WORDS, "day": tomorrow}, status=422)
    assert WORDS in refused.text
    assert "Enter today or a day that is over." in refused.text
    sent = {**client.form(f"{address}/catatan"), "note": WORDS, "day": ""}
    for _twice in range(2):
        send(client, f"{address}/catatan", sent)
    assert len(work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.NOTE))) == 1
    assert WORDS in client.get(f"{address}?jenis=kontak").text
    assert WORDS in client.post(f"{address}/cari", {"cari": "karangan"}).text
    assert WORDS not in client.get(f"{address}?jenis=tahap").text
    assert "<h1" not in client.fragment(f"{address}?jenis=tahap").text
    for words in ("jenis=apa", "setelah=x", "cari=karangan"):
        assert client.get(f"{address}?{words}").status_code == 200


@on_sqlite
def test_a_reader_without_the_name_reads_the_work_and_writes_nothing(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    note(work, case, WORDS)
    address = f"/kasus/{case.public_id}"
    client = PageClient(app).sign_in(work.coordinator)
    page = client.get(address).text
    assert WORDS in page
    assert NAME not in page
    assert "/catatan" not in page
    send(client, f"{address}/catatan", {"note": "x"}, status=422)
    PageClient(app).sign_in(work.other).get(address)
    assert PageClient(app).sign_in(work.other).get(address).status_code == 404


@on_sqlite
def test_reports_lead_where_somebody_may_go(app: Flask, work: Casework) -> None:
    case = work.open()
    report = set_up(work.build).report()
    with transaction(work.build.session) as session:
        add_report(session, work.actor("coordinator"), case, report)
    link = f"/triase/{report.public_id}"
    own = PageClient(app).sign_in(work.manager).get(f"/kasus/{case.public_id}").text
    assert report.locator in own
    assert link not in own
    assert link in PageClient(app).sign_in(work.coordinator).get(f"/kasus/{case.public_id}").text


@on_sqlite
def test_a_long_story_costs_no_more_statements(app: Flask, work: Casework) -> None:
    case = work.open()
    address = f"/kasus/{case.public_id}"
    client = PageClient(app).sign_in(work.manager)
    looks = (
        lambda: client.get(address),
        lambda: client.post(f"{address}/cari", {"cari": "karangan"}),
    )
    for look in looks:
        note(work, case, WORDS)
        look()
        with all_statements(app.extensions["database"]) as few:
            look()
        write(work, case, EntryKind.NOTE, 60, text=WORDS * 5)
        with all_statements(app.extensions["database"]) as many:
            look()
        assert len(many) <= len(few), many
