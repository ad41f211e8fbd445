"""What somebody tells by phone, in a chat, in person or during a visit, written down for them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database
from portal.core.errors import Rejected
from portal.hotline.actions import opening
from portal.incidents.actions.filing import write_down
from portal.incidents.actions.receiving import Filing, new_tracking_code
from portal.incidents.models import Report, ReportFile
from portal.incidents.states import Door
from portal.people.models import User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.incidents.test_filing import hand_in, photo

CODE = "code-groups"
ADDRESS = "/laporan/catat"
USUAL = {
    "door": "phone",
    "teller": "parent",
    "purpose": "report",
    "story": "Ibu itu bercerita, anaknya tidak mau berangkat sekolah lagi.",
    "danger": "no",
    "naming": "anonymous",
}


@pytest.fixture
def worker(build: Builder) -> User:
    return build.worker("Sari Contoh")


@pytest.fixture
def at_the_phone(app: Flask, worker: User) -> PageClient:
    return PageClient(app).sign_in(worker)


def only(build: Builder) -> Report:
    with build.database.reader() as session:
        return session.scalars(select(Report)).one()


def code_on(page: str) -> str:
    """Return the code a page shows."""
    return " ".join(re.findall(r"<b>(\w{4})</b>", page.partition('id="code"')[2]))


def words(page: str) -> str:
    return unescape(page.partition("<main")[2])


@on_sqlite
@pytest.mark.parametrize("door", ["phone", "whatsapp", "walk_in"])
def test_what_is_written_down_opens_with_the_code_read_out(
    build: Builder, database: Database, at_the_phone: PageClient, worker: User, door: str
) -> None:
    school = build.school()
    more = {
        "door": door,
        "school": school.public_id,
        "naming": "confidential",
        "reporter": "Bu Tini",
        "keep_from_school": "y",
        "signs": ["avoids_school"],
        "safe_way": "0812, hanya pagi",
    }
    kept = at_the_phone.post(ADDRESS, {**USUAL, **more})
    assert kept.status_code == 200
    report = only(build)
    assert (report.door, report.school_id, report.filed_by) == (door, school.id, worker.id)
    assert (report.naming, report.reporter) == ("confidential", "Bu Tini")
    assert (report.keep_from_school, report.story) == (True, USUAL["story"])
    assert json.loads(report.answers)["teller"] == ["parent"]
    code = code_on(kept.get_data(as_text=True))
    assert len(code.replace(" ", "")) == 16
    assert opening.open_with(database, code, None) == report.id


@on_sqlite
def test_the_code_is_shown_once(build: Builder, at_the_phone: PageClient) -> None:
    at_the_phone.get(ADDRESS)
    form = {**at_the_phone.form(ADDRESS), **USUAL}
    code = code_on(at_the_phone.post(ADDRESS, form).get_data(as_text=True))
    again = at_the_phone.post(ADDRESS, form, follow_redirects=True).get_data(as_text=True)
    assert CODE not in again
    assert code not in again
    report = only(build)
    page = at_the_phone.get(f"{ADDRESS}/{report.public_id}/berkas").get_data(as_text=True)
    assert report.locator in page
    assert code.split()[-1] not in page


@on_sqlite
@pytest.mark.parametrize(
    ("more", "urgency"),
    [
        ({"danger": "yes"}, "same_hour"),
        ({"danger": "unsure"}, "same_day"),
        ({"often": "daily"}, "two_days"),
        ({}, "five_days"),
    ],
)
def test_how_soon_somebody_must_act_shows_at_once(
    build: Builder, at_the_phone: PageClient, more: dict[str, str], urgency: str
) -> None:
    at_the_phone.get(f"{ADDRESS}?bahasa=en")
    page = words(at_the_phone.post(ADDRESS, {**USUAL, **more}).get_data(as_text=True))
    assert only(build).urgency == urgency
    advice = {
        "same_hour": "while they are still there",
        "same_day": "must act on it today",
        "two_days": "within two working days",
        "five_days": "within five working days",
    }
    assert [name for name, words in advice.items() if words in page] == [urgency]


@on_sqlite
def test_nothing_typed_is_lost_and_a_name_needs_consent(
    build: Builder, at_the_phone: PageClient
) -> None:
    typed: dict[str, Any] = {**USUAL, "reporter": "Bu Tini", "child": "Kelas delapan"}
    refused = at_the_phone.post(ADDRESS, typed)
    assert refused.status_code == 422
    kept = at_the_phone.form(ADDRESS)
    assert (kept["reporter"], kept["child"]) == (["Bu Tini"], ["Kelas delapan"])
    assert kept["story"] == [USUAL["story"]]
    for name in ("door", "teller", "story", "danger", "naming"):
        missing = {**USUAL, name: ""}
        assert at_the_phone.post(ADDRESS, missing).status_code == 422
    with build.database.reader() as session:
        assert session.scalars(select(Report)).all() == []


@on_sqlite
def test_a_school_nobody_knows_stays_in_the_callers_words(
    build: Builder, at_the_phone: PageClient
) -> None:
    at_the_phone.post(ADDRESS, {**USUAL, "school": "", "school_typed": "SMP dekat pasar"})
    report = only(build)
    assert report.school_id is None
    assert json.loads(report.details) == {"school_typed": "SMP dekat pasar"}


def test_a_concern_from_a_visit_brings_the_school_along(
    build: Builder, app: Flask, worker: User, at_the_phone: PageClient
) -> None:
    school, other = build.school(), build.school()
    visit = build.delivered(school, worker)
    page = at_the_phone.get(f"/sesi/{visit.public_id}").get_data(as_text=True)
    address = f"{ADDRESS}?kunjungan={visit.public_id}"
    assert f'href="{address}"' in page
    assert school.name in at_the_phone.get(address).get_data(as_text=True)
    # Whatever is sent along, the visit decides.
    sent = {**USUAL, "door": "phone", "school": other.public_id}
    assert at_the_phone.post(address, sent).status_code == 200
    report = only(build)
    assert (report.door, report.school_id) == ("visit", school.id)
    for foreign in (build.worker(), build.user(Role.COORDINATOR)):
        client = PageClient(app).sign_in(foreign)
        assert client.get(address).status_code == 404
        assert client.post(address, USUAL).status_code == 404
        assert ADDRESS not in client.get(f"/sesi/{visit.public_id}").get_data(as_text=True)
    assert at_the_phone.get(f"{ADDRESS}?kunjungan=tidak-ada").status_code == 404


@on_sqlite
def test_before_a_visit_there_is_nothing_to_note(
    build: Builder, worker: User, at_the_phone: PageClient
) -> None:
    visit = build.delivered(build.school(), worker, clock.today() + timedelta(days=7))
    page = at_the_phone.get(f"/sesi/{visit.public_id}").get_data(as_text=True)
    assert ADDRESS not in page


@on_sqlite
def test_photos_are_added_by_whoever_wrote_it_down(
    build: Builder, app: Flask, at_the_phone: PageClient
) -> None:
    at_the_phone.post(ADDRESS, USUAL)
    address = f"{ADDRESS}/{only(build).public_id}/berkas"
    assert hand_in(at_the_phone, address, photo()).status_code == 303
    colleague = PageClient(app).sign_in(build.worker())
    assert hand_in(colleague, address, photo()).status_code == 404
    assert colleague.get(address).status_code == 404
    with build.database.reader() as session:
        assert len(session.scalars(select(ReportFile)).all()) == 1


@on_sqlite
def test_schools_do_not_write_down_for_others(build: Builder, app: Flask) -> None:
    teacher = build.user(Role.TEACHER, build.school())
    assert PageClient(app).sign_in(teacher).get(ADDRESS).status_code == 403
    with pytest.raises(Rejected, match="not_allowed"):
        write_down(build.session, build.actor(teacher), Filing(Door.PHONE, {}), new_tracking_code())
