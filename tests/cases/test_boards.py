"""The boards: who finds which cases where, in what order, and what a page costs."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.cases import jobs
from portal.cases.actions.due import keep_due_day
from portal.cases.actions.file import record_of
from portal.cases.actions.notes import Note, add_note
from portal.cases.actions.opening import ChildFacts
from portal.cases.models import Case, CaseTask
from portal.cases.queries import boards, caseload
from portal.cases.queries.boards import Filter, Line
from portal.cases.queries.caseload import ENDED, LATE, MINE, SILENT, TEAM, UNMANAGED
from portal.cases.states import CaseState, Stage
from portal.core import clock, schedule
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.people.actions.confidential import record_conflict
from portal.people.models import User
from tests.cases.casework import CHILD, NAME, STORY, Casework
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import all_statements
from tools.bench.many import Archive, fill

SILENT_DAYS = 14


def board(reading: Session, actor: Actor, tab: str, **more: Any) -> list[Line]:
    """Return the first page of a board, read anew."""
    reading.rollback()
    return boards.list_cases(reading, actor, Filter(tab, **more), SILENT_DAYS).lines


def numbers(lines: list[Line]) -> list[str]:
    return [each.number for each in lines]


def change(work: Casework, case: Case, **values: Any) -> None:
    """Put a case into some condition, around the procedure; its day follows its clock."""
    with transaction(work.build.session) as session:
        session.execute(update(Case).where(Case.id == case.id).values(**values))
        session.expire_all()
        keep_due_day(session, session.get_one(Case, case.id))


def several(work: Casework, count: int, **more: Any) -> list[Case]:
    """Open cases of different children."""
    return [work.open(child=ChildFacts(f"Anak {each}"), **more) for each in range(count)]


def archive(work: Casework, cases: int, *, managers: list[User] | None = None) -> None:
    people = [each.id for each in managers or [work.manager]]
    fill(work.build.database, Archive(cases, 1, people, [work.school.id]))


def test_only_whoever_works_on_a_case_reads_the_name(work: Casework, reading: Session) -> None:
    work.open()
    (mine,) = board(reading, work.actor("manager"), MINE)
    assert (mine.child, mine.school, mine.mine) == (NAME, work.school.name, True)
    (watched,) = board(reading, work.actor("coordinator"), TEAM)
    assert (watched.child, watched.school, watched.mine) == ("", work.school.name, False)
    (counted_only,) = board(reading, work.actor("head"), TEAM)
    assert (counted_only.child, counted_only.school) == ("", "")
    assert not board(reading, work.actor("other"), MINE)


def test_a_conflict_takes_a_case_off_the_list_and_out_of_the_counts(
    work: Casework, reading: Session
) -> None:
    case = work.open()
    actor = work.actor("coordinator")
    assert caseload.figures(reading, actor, SILENT_DAYS).count(TEAM) == 1
    reading.rollback()
    with transaction(work.build.session) as writing:
        record_conflict(
            writing, work.actor("head"), record_of(case), work.coordinator.id, "Paman anak ini"
        )
    assert not board(reading, actor, TEAM)
    assert caseload.figures(reading, actor, SILENT_DAYS).count(TEAM) == 0


def test_danger_comes_first_then_what_is_late_then_what_is_due(
    work: Casework, reading: Session
) -> None:
    today = clock.today()
    later, sooner, late_task, danger = several(work, 4)
    for case, days in ((later, 20), (sooner, 10), (late_task, 30), (danger, 40)):
        change(work, case, stage_due_on=today + timedelta(days=days))
    change(work, danger, urgency="same_hour")
    task = CaseTask(
        case_id=late_task.id,
        text="Telepon",
        due_on=today - timedelta(days=1),
        person_id=work.manager.id,
        set_at=clock.now(),
    )
    work.build.save(task)
    with transaction(work.build.session) as session:
        keep_due_day(session, late_task)
    lines = board(reading, work.actor("manager"), MINE)
    assert numbers(lines) == [each.number for each in (danger, late_task, sooner, later)]
    assert [each.overdue for each in lines] == [False, True, False, False]
    assert lines[1].next_task is not None
    assert lines[1].next_task.words == "Telepon"


def test_each_tab_holds_what_its_name_says_and_its_count_agrees(
    work: Casework, reading: Session
) -> None:
    on_time, late, silent, closed = several(work, 4)
    unmanaged = work.open(child=CHILD, manager_id=None)
    change(work, late, stage_due_on=clock.today() - timedelta(days=1))
    change(work, silent, last_entry_at=clock.now() - timedelta(days=SILENT_DAYS + 1))
    change(work, closed, state=CaseState.CLOSED, closed_on=clock.today())
    going_on = {each.number for each in (on_time, late, silent, unmanaged)}
    expected = {
        TEAM: going_on,
        LATE: {late.number},
        SILENT: {silent.number},
        UNMANAGED: {unmanaged.number},
        ENDED: {closed.number},
        MINE: going_on - {unmanaged.number},
    }
    for who in ("coordinator", "manager", "head"):
        actor = work.actor(who)
        reading.rollback()
        figures = caseload.figures(reading, actor, SILENT_DAYS)
        for tab in caseload.tabs_of(actor):
            found = set(numbers(board(reading, actor, tab)))
            watched = expected[tab] if who != "coordinator" or tab != MINE else set()
            assert found == (watched if who != "manager" else watched - {unmanaged.number}), tab
            assert tab == ENDED or figures.count(tab) == len(found), (who, tab)


def test_figures_tell_stages_and_managers_apart(work: Casework, reading: Session) -> None:
    _first, second, third = several(work, 3)
    change(work, second, stage=Stage.PLAN)
    change(work, third, manager_id=work.other.id, stage=Stage.PLAN)
    coordinator = work.actor("coordinator")
    figures = caseload.figures(reading, coordinator, SILENT_DAYS)
    assert (figures.count(TEAM), figures.managed) == (3, 0)
    assert figures.count(TEAM, Stage.PLAN) == 2
    assert figures.count(TEAM, Stage.SERVICE) == 0
    theirs = caseload.figures(reading, coordinator, SILENT_DAYS, work.other.public_id)
    assert (theirs.count(TEAM), theirs.count(TEAM, Stage.PLAN)) == (1, 1)
    people = {work.manager.public_id, work.other.public_id}
    assert set(caseload.managers(reading, coordinator)) == people
    assert caseload.figures(reading, work.actor("manager"), SILENT_DAYS).managed == 2
    chosen = Filter(TEAM, stage=Stage.PLAN, manager=work.manager.public_id)
    page = boards.list_cases(reading, coordinator, chosen, SILENT_DAYS)
    assert numbers(page.lines) == [second.number]


@pytest.mark.parametrize("tab", [TEAM, ENDED])
def test_paging_leads_through_every_case_once(work: Casework, reading: Session, tab: str) -> None:
    archive(work, 300 if tab == TEAM else 66)
    actor, after, seen = work.actor("coordinator"), None, list[Line]()
    while True:
        page = boards.list_cases(reading, actor, Filter(tab), SILENT_DAYS, after)
        seen += page.lines
        if page.after is None:
            break
        after = page.after
    is_open = Case.state == CaseState.OPEN
    held = select(Case.number).where(is_open if tab == TEAM else ~is_open)
    assert len(seen) > boards.PAGE_SIZE
    assert sorted(numbers(seen)) == sorted(reading.scalars(held))
    if tab == ENDED:
        days = [each.closed_on for each in seen if each.closed_on]
        assert all(later >= sooner for later, sooner in pairwise(days))


@on_sqlite
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("manager", "/kasus"),
        ("manager", "anak"),
        ("coordinator", "/kasus"),
        ("coordinator", "/kasus?tampil=terlambat"),
        ("coordinator", "/kasus?tampil=selesai"),
        ("coordinator", "contoh"),
    ],
)
def test_a_long_board_costs_no_more_statements(
    app: Flask, work: Casework, who: str, path: str
) -> None:
    archive(work, 20)
    client = PageClient(app).sign_in(getattr(work, who))

    def look() -> TestResponse:
        if path.startswith("/"):
            return client.get(path)
        return client.post("/kasus/cari", {"cari": path})

    look()
    with all_statements(app.extensions["database"]) as few:
        look()
    with transaction(work.build.session) as writing:
        # Twenty more, of which all go on.
        writing.execute(update(Case).values(number="L" + Case.number))
    archive(work, 200)
    with all_statements(app.extensions["database"]) as many:
        answer = look()
    assert answer.status_code == 200
    assert len(many) <= len(few) + 1, many
    assert len(many) <= 11, many


@on_sqlite
def test_my_cases_as_a_page(app: Flask, work: Casework) -> None:
    client = PageClient(app).sign_in(work.manager)
    client.get("/beranda?bahasa=en")
    assert "You work on no open case." in client.get("/kasus").text
    case = work.open()
    with transaction(work.build.session):
        case.abh, case.urgency = "Menunggu sidang", "same_day"
        case.due_on = clock.today() - timedelta(days=3)
    page = client.get("/kasus").text
    assert NAME in page
    assert f"/kasus/{case.public_id}" in page
    assert "You manage 1 of at most 15 open cases." in page
    for tag in ("Overdue", "In conflict with the law", "Same day"):
        assert tag in page, tag
    assert "Menunggu sidang" not in page
    fragment = client.fragment("/kasus?tampil=terlambat").text
    assert case.number in fragment
    assert "<h1" not in fragment


@on_sqlite
@pytest.mark.parametrize("who", ["coordinator", "head"])
def test_whoever_watches_reads_no_name(app: Flask, work: Casework, who: str) -> None:
    case = work.open()
    client = PageClient(app).sign_in(getattr(work, who))
    pages = [client.get("/kasus").text]
    pages += [client.post("/kasus/cari", {"cari": each}).text for each in ("kinasih", case.number)]
    for page in pages:
        assert not [word for word in (NAME, STORY) if word in page]
    assert case.number in page
    assert (work.school.name in page) == (who == "coordinator")


@on_sqlite
@pytest.mark.parametrize(
    "words",
    [
        "tampil=apa&tahap=apa&manajer=apa",
        "setelah=WyJ4Il0",
        "tampil=selesai&tahap=intake",
        "cari=kinasih",
    ],
)
def test_addresses_nobody_offers_show_a_board(app: Flask, work: Casework, words: str) -> None:
    work.open()
    client = PageClient(app).sign_in(work.coordinator)
    assert client.get(f"/kasus?{words}").status_code == 200


@on_sqlite
@pytest.mark.parametrize("typed", ["", "%_'", "x" * 5000, "\x00"])
def test_whatever_is_looked_for_a_board_answers(app: Flask, work: Casework, typed: str) -> None:
    work.open()
    client = PageClient(app).sign_in(work.coordinator)
    assert client.post("/kasus/cari", {"cari": typed}).status_code == 200
    # Coming back to the results, or changing their language, leads to a board.
    assert client.get("/kasus/cari").headers["Location"].endswith("/kasus")


@on_sqlite
def test_what_is_looked_for_stands_in_no_address(app: Flask, work: Casework) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.manager)
    page = client.post("/kasus/cari", {"cari": "kinasih"}).text
    assert case.number in page
    found = client.post(f"/kasus/{case.public_id}/cari", {"cari": "kinasih"}).text
    for html in (page, found):
        assert not re.findall(r'(?:href|action|hx-get|hx-post)="[^"]*kinasih', html)


def ask_about_silence(work: Casework) -> schedule.Outcome:
    """Do what the job does every morning."""
    work.build.session.rollback()
    with transaction(work.build.session) as session:
        return {**jobs.ask_about_silence(session)}


def test_a_silent_case_asks_its_manager_once_until_somebody_writes(work: Casework) -> None:
    case = work.open()
    left = work.open(child=ChildFacts("Anak Lain"), manager_id=None)
    assert ask_about_silence(work) == {"asked": 0, "settled": 0}
    with time_machine.travel(clock.now() + timedelta(days=SILENT_DAYS + 1), tick=True):
        assert ask_about_silence(work) == {"asked": 2, "settled": 0}
        assert ask_about_silence(work) == {"asked": 0, "settled": 0}
        (duty,) = work.waiting(case, "case_silent")
        assert duty.person_id == work.manager.id
        (duty,) = work.waiting(left, "case_silent")
        assert (duty.person_id, duty.role) == (None, Role.COORDINATOR)
        # What was written around the usual way is noticed by the next round.
        change(work, left, last_entry_at=clock.now())
        assert ask_about_silence(work) == {"asked": 0, "settled": 1}
        assert not work.waiting(left, "case_silent")
        with transaction(work.build.session) as session:
            add_note(session, work.actor("manager"), case, Note("Sudah ditelepon"))
        assert not work.waiting(case, "case_silent")
