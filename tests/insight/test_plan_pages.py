"""The pages of semester plans: asking, watching, reading, changing, sending, taking along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import transaction
from portal.insight.actions import proposing
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.policy.planning import solving
from portal.insight.policy.planning.solving import Step
from portal.insight.queries import plan_instance
from portal.insight.states import PlanState
from portal.people.models import User
from portal.visits.models import Visit
from portal.visits.states import Origin
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import read_statements

pytestmark = on_sqlite


@dataclass
class Desk:
    """A coordinator's browser in front of some partner schools."""

    build: Builder
    page: PageClient
    coordinator: User

    def ask(self, **more: str) -> str:
        """Ask for the next semester's plan; return its address."""
        self.page.get("/rencana")
        fields = self.page.form("/rencana")
        return self.page.post("/rencana", {**fields, "semester": "2026-2027-2", **more}).location

    def made(self, **more: str) -> str:
        """Return the address of a plan that is ready."""
        address = self.ask(**more)
        with transaction(self.build.session) as session:
            plan = session.scalars(
                select(SemesterPlan).where(SemesterPlan.public_id == address.rsplit("/", 1)[1])
            ).one()
            reading = plan_instance.read(session, plan)
            proposing.save(session, plan, reading, solving.quickly(reading.instance))
            proposing.finish(session, plan)
        return address

    def items(self, address: str) -> list[PlanItem]:
        """Return the sessions of a plan, by time."""
        plan_id = address.rsplit("/", 1)[1]
        with self.build.database.reader() as reading:
            return list(
                reading.scalars(
                    select(PlanItem)
                    .join(SemesterPlan, SemesterPlan.id == PlanItem.plan_id)
                    .where(SemesterPlan.public_id == plan_id)
                    .order_by(PlanItem.starts_at)
                )
            )

    def press(self, address: str, **more: str) -> str:
        """Press the button that leads to an address; return the page it ends on."""
        fields = {**self.page.form(address), **more}
        answer = self.page.post(address, fields)
        assert answer.status_code == 303, answer.text
        return self.page.get(answer.location).text


@pytest.fixture
def desk(build: Builder, app: Flask) -> Desk:
    """Return the coordinator's desk; four schools, one of them served."""
    worker = build.worker("Andi Contoh")
    schools = [build.school(name) for name in ("SMP Satu", "SMP Dua", "SMP Tiga", "=1+1")]
    for school in schools:
        build.mou(school, valid_until=date(2028, 6, 30))
    build.delivered(schools[0], worker, date(2026, 3, 3))
    coordinator = build.user(Role.COORDINATOR, name="Yuni Contoh")
    return Desk(build, PageClient(app).sign_in(coordinator), coordinator)


def test_a_plan_is_asked_for_and_watched(desk: Desk) -> None:
    assert "No plan yet" in desk.page.get("/rencana?bahasa=en", follow_redirects=True).text
    address = desk.ask()
    page = desk.page.get(address).text
    assert 'hx-trigger="every 2s"' in page
    with transaction(desk.build.session) as session:
        plan = session.scalars(select(SemesterPlan)).one()
        proposing.report(session, plan, Step("days", 0.5), 100)
    piece = desk.page.fragment(address)
    assert 'value="50"' in piece.text
    assert "<html" not in piece.text
    stopped = desk.press(f"{address}/henti")
    assert "flash" in stopped
    with transaction(desk.build.session) as session:
        session.refresh(plan)
        plan.state = PlanState.READY
    # What asks again and again gets the whole page once it is ready.
    assert desk.page.fragment(address).headers["HX-Redirect"] == address


def test_what_was_typed_stays_when_it_cannot_be_asked_for(desk: Desk) -> None:
    desk.page.get("/rencana")
    fields = {**desk.page.form("/rencana"), "gap_weeks": "x", "seconds": "9000", "sessions": "mou"}
    answer = desk.page.post("/rencana", fields)
    assert answer.status_code == 422
    assert 'value="9000"' in answer.text
    assert 'value="mou" checked' in answer.text
    assert answer.text.count("field-error") >= 2


def test_a_plan_is_read_by_week_and_by_school(desk: Desk) -> None:
    address = desk.made()
    page = desk.page.get(f"{address}?bahasa=en", follow_redirects=True).text
    assert "4 of 4 partner schools are reached" in page
    assert "Week of 11 January 2027" in page or "Week of 4 January 2027" in page
    by_school = desk.page.get(f"{address}?tampil=sekolah").text
    assert "The school never had a session." in by_school
    assert "Each week of waiting weighs 80 + 0 = 80." in by_school
    found = desk.page.get(f"{address}?tampil=sekolah&cari=tig").text
    assert "SMP Tiga" in found
    assert "SMP Satu" not in found
    assert "No school of the plan" in desk.page.get(f"{address}?tampil=sekolah&cari=zz").text
    assert "Every session has a time" in desk.page.get(f"{address}?tampil=belum").text


def test_a_page_asks_as_much_for_few_sessions_as_for_many(desk: Desk, app: Flask) -> None:
    database = app.extensions["database"]

    def asked(address: str) -> int:
        desk.page.get(address)
        with read_statements(database) as statements:
            desk.page.get(address)
        return len(statements)

    few = asked(desk.made())
    for number in range(8):
        school = desk.build.school(f"SD Tambah {number}")
        desk.build.mou(school, valid_until=date(2028, 6, 30))
    assert asked(desk.made(sessions="2")) == few


def test_what_has_no_time_tells_hours_from_calendars(desk: Desk) -> None:
    desk.build.setting("weekly_visit_hours", 1)
    address = desk.made()
    page = desk.page.get(f"{address}?tampil=belum&bahasa=en", follow_redirects=True).text
    # Ninety minutes and ten there and back, four times.
    assert "7.3 hours are missing for the rest." in page
    assert "No hours are left: 1.8 hours are missing." in page
    assert "0 of 4 partner schools are reached" in page


def test_a_session_is_locked_moved_and_named_where_it_clashes(desk: Desk) -> None:
    address = desk.made()
    first, second, *_more = desk.items(address)
    one, two = (f"{address}/sesi/{each.public_id}" for each in (first, second))
    desk.page.get(f"{one}?bahasa=en", follow_redirects=True)
    assert "Release it" in desk.press(f"{one}/kunci")
    assert "Keep it at this time" in desk.press(f"{one}/lepas")
    moved = desk.press(one, day="2027-02-16", starts="08:00")
    assert "Tuesday, 16 February" in moved
    assert "Release it" in moved
    desk.page.get(two)
    answer = desk.page.post(two, {**desk.page.form(two), "day": "2027-02-16", "starts": "08:00"})
    assert answer.status_code == 422
    assert " then, on Tuesday, 16 February." in answer.text
    assert 'value="2027-02-16"' in answer.text
    answer = desk.page.post(two, {**desk.page.form(two), "day": "", "starts": "08:00"})
    assert "Choose the day." in answer.text


def test_two_who_move_the_same_session_see_each_other(desk: Desk) -> None:
    address = desk.made()
    page = f"{address}/sesi/{desk.items(address)[0].public_id}"
    desk.page.get(page)
    before = desk.page.form(page)
    desk.press(page, day="2027-02-16", starts="08:00")
    answer = desk.page.post(page, {**before, "day": "2027-02-17", "starts": "08:00"})
    assert answer.status_code == 409


def test_offers_leave_from_the_page_and_not_twice(desk: Desk) -> None:
    address = desk.made()
    desk.page.get(f"{address}?bahasa=en", follow_redirects=True)
    assert "4 offers are sent." in desk.press(f"{address}/kirim", which="semua")
    assert "Every session to come is offered." in desk.page.get(address).text
    with desk.build.database.reader() as reading:
        assert len(reading.scalars(select(Visit).where(Visit.origin == Origin.PLAN)).all()) == 4


def test_a_changed_plan_shows_what_changes_and_is_kept_or_dropped(desk: Desk) -> None:
    address = desk.made()
    desk.page.get(f"{address}?bahasa=en", follow_redirects=True)
    desk.press(f"{address}/ulang")
    with transaction(desk.build.session) as session:
        asked = select(SemesterPlan).where(SemesterPlan.state == PlanState.SOLVING)
        plan = session.scalars(asked).one()
        reading = plan_instance.read(session, plan)
        proposing.save(session, plan, reading, solving.quickly(reading.instance))
        proposing.finish(session, plan)
    again = f"/rencana/{plan.public_id}"
    page = desk.page.get(again).text
    assert "Nothing changes" in page
    assert f"{again}/kirim" not in page
    item = desk.items(again)[0]
    desk.page.get(f"{again}/sesi/{item.public_id}")
    desk.press(f"{again}/sesi/{item.public_id}", day="2027-02-16", starts="08:00")
    page = desk.page.get(again).text
    assert "1 session changes" in page
    assert "Tuesday, 16 February" in page
    assert "flash" in desk.press(f"{again}/pakai")
    assert f"{again}/kirim" in desk.page.get(again).text


def test_a_plan_is_taken_along_as_a_workbook(desk: Desk) -> None:
    address = desk.made()
    answer = desk.page.http.get(f"{address}.xlsx")
    book = load_workbook(BytesIO(answer.data))
    sessions = list(book.worksheets[1].values)
    assert len(sessions) == 5
    assert "=1+1" in {row[1] for row in sessions}


def test_who_may_only_read_finds_no_buttons(desk: Desk, app: Flask) -> None:
    address = desk.made()
    reader = PageClient(app).sign_in(desk.build.user(Role.DIVISION_HEAD))
    page = reader.get(address).text
    assert "/kirim" not in page
    assert "/ulang" not in page
    assert 'method="post" action="/rencana' not in reader.get("/rencana").text
