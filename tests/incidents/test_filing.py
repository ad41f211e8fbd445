"""What school staff report: the form, what follows, and who else may know of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.incidents.actions import conversing, filing
from portal.incidents.actions.receiving import Filing
from portal.incidents.models import Report, ReportEntry, ReportFile
from portal.incidents.states import Door, EntryKind, Naming, Purpose
from portal.people.actions.confidential import Record, record_conflict
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import last

STORY = "Anak kelas tujuh itu menangis lagi di belakang kantin."
USUAL = {"purpose": "report", "naming": "named", "story": STORY, "danger": "no"}


@dataclass(frozen=True)
class Staff:
    """People of a school, the principal of another one, and a social worker."""

    build: Builder
    app: Flask
    school: School
    principal: User
    teacher: User
    colleague: User
    stranger: User
    worker: User

    def client(self, user: User) -> PageClient:
        """Return a client of one of them."""
        return PageClient(self.app).sign_in(user)

    def filed(self, by: User | None = None, **more: Any) -> Report:
        """File a report by name, as the teacher unless said otherwise."""
        plain = Filing(
            Door.STAFF,
            {"teller": ["school_staff"], "danger": ["no"]},
            story=STORY,
            school_id=self.school.id,
            naming=Naming.NAMED,
        )
        actor = self.build.actor(by or self.teacher)
        with transaction(self.build.session) as session:
            return filing.file_report(session, actor, replace(plain, **more))


@pytest.fixture
def staff(build: Builder, app: Flask) -> Staff:
    school = build.school("SMP Tunas Harapan")
    return Staff(
        build,
        app,
        school,
        principal=build.user(Role.PRINCIPAL, school),
        teacher=build.user(Role.TEACHER, school, name="Dedi Contoh"),
        colleague=build.user(Role.TEACHER, school),
        stranger=build.user(Role.PRINCIPAL, build.school()),
        worker=build.worker(),
    )


def only(build: Builder) -> Report:
    with build.database.reader() as session:
        return session.scalars(select(Report)).one()


def count(build: Builder, model: type) -> int:
    with build.database.reader() as session:
        return len(session.scalars(select(model)).all())


def test_what_was_answered_arrives_as_it_was_answered(staff: Staff) -> None:
    client = staff.client(staff.teacher)
    client.get("/laporan/baru")
    blank = client.form("/laporan/baru")
    # Privacy is what whoever changes nothing gets.
    assert (blank["purpose"], blank["naming"]) == (["report"], ["confidential"])
    more = {
        "naming": "confidential",
        "what": ["social", "physical"],
        "when": "this_week",
        "where": ["yard"],
        "often": "several",
        "age": "13_to_15",
        "child": "Duduk paling depan",
        "reported": "teacher",
        "reported_person": "Pak Anu",
        "injury": "light",
        "signs": ["group"],
        "known_by": "Belum ada",
        "safe_way": "Lewat ruang BK",
        "safe_time": "Sesudah pukul dua",
    }
    sent = client.post("/laporan/baru", {**blank, **USUAL, **more})
    report = only(staff.build)
    assert sent.headers["Location"] == f"/laporan/{report.public_id}?terkirim=1"
    assert json.loads(report.answers) == {
        "teller": ["school_staff"],
        "what": ["physical", "social"],
        "when": ["this_week"],
        "where": ["yard"],
        "often": ["several"],
        "age": ["13_to_15"],
        "reported": ["teacher"],
        "injury": ["light"],
        "signs": ["group"],
        "danger": ["no"],
    }
    assert json.loads(report.details) == {
        "child": "Duduk paling depan",
        "reported_person": "Pak Anu",
        "known_by": "Belum ada",
    }
    assert json.loads(report.safe_contact) == {
        "way": "Lewat ruang BK",
        "time": "Sesudah pukul dua",
    }
    assert (report.door, report.naming, report.reporter) == ("staff", "confidential", "Dedi Contoh")
    assert (report.school_id, report.filed_by) == (staff.school.id, staff.teacher.id)
    assert (report.story, report.secret_hash, report.bypass_school) == (STORY, "", True)
    assert report.person_index is not None
    page = client.get(sent.headers["Location"]).get_data(as_text=True)
    assert report.locator in page
    assert "Paling lambat" in page or "At the latest" in page


@on_sqlite
def test_nothing_typed_is_lost_when_something_is_missing(staff: Staff) -> None:
    client = staff.client(staff.teacher)
    client.get("/laporan/baru")
    typed = {
        "story": "Terlalu pendek",
        "child": "Anak berkacamata",
        "signs": ["group"],
        "naming": "named",
        "danger": "tidak-ada",
    }
    refused = client.post("/laporan/baru", {**client.form("/laporan/baru"), **typed})
    assert refused.status_code == 422
    kept = client.form("/laporan/baru")
    assert (kept["story"], kept["child"]) == (["Terlalu pendek"], ["Anak berkacamata"])
    assert (kept["signs"], kept["naming"]) == (["group"], ["named"])
    assert "danger" not in kept
    # What was folded away and answered stays in sight.
    assert '<details class="card" open>' in client.page
    assert count(staff.build, Report) == 0


@on_sqlite
def test_whoever_belongs_to_two_schools_chooses_one_and_nobody_a_foreign_one(staff: Staff) -> None:
    second = staff.build.school("SMP Dua")
    staff.build.appoint(staff.teacher, Role.TEACHER, second)
    foreign = staff.build.school("SMP Asing")
    client = staff.client(staff.teacher)
    page = client.get("/laporan/baru").get_data(as_text=True)
    assert "SMP Asing" not in page
    assert client.post("/laporan/baru", USUAL).status_code == 422
    assert client.post("/laporan/baru", {**USUAL, "school": foreign.public_id}).status_code == 422
    client.post("/laporan/baru", {**USUAL, "school": second.public_id})
    assert only(staff.build).school_id == second.id
    with pytest.raises(Rejected, match="not_allowed"):
        staff.filed(school_id=foreign.id)


@on_sqlite
@pytest.mark.parametrize(("danger", "shown"), [("yes", True), ("unsure", True), ("no", False)])
def test_the_help_line_stands_on_top_again_where_there_is_danger(
    staff: Staff, danger: str, *, shown: bool
) -> None:
    client = staff.client(staff.teacher)
    assert 'href="tel:129"' in client.get("/laporan/baru").get_data(as_text=True)
    sent = client.post("/laporan/baru", {**USUAL, "danger": danger})
    page = client.get(sent.headers["Location"]).get_data(as_text=True)
    assert ('href="tel:129"' in page) is shown


@on_sqlite
def test_pressed_twice_it_is_filed_once(staff: Staff) -> None:
    client = staff.client(staff.teacher)
    client.get("/laporan/baru")
    form = {**client.form("/laporan/baru"), **USUAL}
    first, second = (client.post("/laporan/baru", form) for _time in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert count(staff.build, Report) == 1


def test_reporter_and_office_write_to_each_other(staff: Staff) -> None:
    begun = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as traveller:
        report = staff.filed()
        coordinator = staff.build.actor(staff.build.user(Role.COORDINATOR))
        with transaction(staff.build.session) as session:
            mine = session.get_one(Report, report.id)
            conversing.answer(session, coordinator, mine, "Siapa namanya?")
        address = f"/laporan/{report.public_id}"
        client = staff.client(staff.teacher)
        assert "Siapa namanya?" not in client.get(address).get_data(as_text=True)
        traveller.move_to(begun + timedelta(minutes=41))
        client = staff.client(staff.teacher)
        assert "Siapa namanya?" in client.get(address).get_data(as_text=True)
        empty = client.post(f"{address}/pesan", {"text": " "})
        assert empty.status_code == 422
        sent = client.post(f"{address}/pesan", {"text": "Belum tahu namanya."})
        assert sent.headers["Location"] == address
        assert "Belum tahu namanya." in client.get(address).get_data(as_text=True)
    with staff.build.database.reader() as session:
        [answer, entry] = session.scalars(select(ReportEntry).order_by(ReportEntry.id)).all()
        assert (entry.kind, entry.written_by) == (EntryKind.FROM_REPORTER, staff.teacher.id)
        assert answer.read_at is not None
        asked = select(Duty.kind).where(Duty.subject_id == report.id, Duty.closed_at.is_(None))
        assert conversing.READ_REPLY in session.scalars(asked).all()


@on_sqlite
def test_reading_it_is_written_down(staff: Staff, database: Database) -> None:
    report = staff.filed()
    staff.client(staff.teacher).get(f"/laporan/{report.public_id}")
    entry = last(database, "report")
    assert (entry.action, entry.actor_id) == ("report.read", staff.teacher.id)
    assert (entry.subject_id, entry.facts) == (report.id, {"own": True})


HIDDEN: dict[str, dict[str, Any]] = {
    "confidential": {"naming": Naming.CONFIDENTIAL},
    "teacher reported": {"answers": {"danger": ["no"], "reported": ["teacher"]}},
    "principal reported": {"answers": {"danger": ["no"], "reported": ["principal"]}},
    "employee reported": {"answers": {"danger": ["no"], "reported": ["other_staff", "pupil"]}},
    "a question": {"purpose": Purpose.CONSULTATION},
    "kept from school": {"keep_from_school": True},
}


@on_sqlite
@pytest.mark.parametrize("more", HIDDEN.values(), ids=HIDDEN)
def test_a_principal_sees_nothing_of_what_must_stay_hidden(
    staff: Staff, more: dict[str, Any]
) -> None:
    before = staff.client(staff.principal).get("/laporan").get_data(as_text=True)
    report = staff.filed(**more)
    client = staff.client(staff.principal)
    assert client.get("/laporan").get_data(as_text=True) == before
    for address in ("/beranda", f"/sekolah/{staff.school.public_id}", "/pesan"):
        page = client.get(address, follow_redirects=True).get_data(as_text=True)
        assert report.locator not in page
        assert report.public_id not in page
    assert client.get(f"/laporan/{report.public_id}").status_code == 404


def test_a_principal_sees_how_far_named_reports_of_the_staff_are_and_no_more(staff: Staff) -> None:
    report = staff.filed(details={"child": "Anak berkacamata"})
    # Only the office's reading tells whom it is about.
    page = staff.client(staff.principal).get("/laporan").get_data(as_text=True)
    assert report.locator not in page
    with transaction(staff.build.session) as session:
        session.get_one(Report, report.id).read_at = clock.now()
    page = staff.client(staff.principal).get("/laporan").get_data(as_text=True)
    assert report.locator in page
    assert "Diterima" in page or "Received" in page
    for word in (STORY, "berkacamata", "Dedi", report.public_id):
        assert word not in page
    for user in (staff.colleague, staff.stranger):
        assert report.locator not in staff.client(user).get("/laporan").get_data(as_text=True)
    # One's own stands in its own list, once.
    own = staff.filed(staff.principal)
    page = staff.client(staff.principal).get("/laporan").get_data(as_text=True)
    assert page.count(own.locator) == 1


@pytest.mark.parametrize("kept_away", ["principal", "teacher"])
def test_whoever_stands_on_the_conflict_list_sees_nothing_not_even_their_own(
    staff: Staff, kept_away: str
) -> None:
    person: User = getattr(staff, kept_away)
    report = staff.filed()
    coordinator = staff.build.actor(staff.build.user(Role.COORDINATOR))
    record = Record("report", report.id, report.locator, "/triase")
    with transaction(staff.build.session) as session:
        record_conflict(session, coordinator, record, person.id, "Orang tua yang dilaporkan")
    client = staff.client(person)
    assert report.locator not in client.get("/laporan").get_data(as_text=True)
    assert client.get(f"/laporan/{report.public_id}").status_code == 404


@on_sqlite
def test_foreign_reports_do_not_exist(staff: Staff) -> None:
    report = staff.filed()
    for user in (staff.principal, staff.colleague, staff.stranger):
        client = staff.client(user)
        for way in ("", "/pesan", "/berkas"):
            address = f"/laporan/{report.public_id}{way}"
            answer = client.post(address, {"text": "Halo"}) if way else client.get(address)
            assert answer.status_code == 404
    assert count(staff.build, ReportEntry) == 0


def photo() -> bytes:
    made = BytesIO()
    Image.new("RGB", (60, 40), "green").save(made, "JPEG", comment=b"RAHASIA")
    return made.getvalue()


def hand_in(client: PageClient, address: str, *contents: bytes) -> Any:
    files = [(BytesIO(each), f"IMG_{number}.jpg") for number, each in enumerate(contents)]
    return client.post(address, {"files": files}, content_type="multipart/form-data")


def test_evidence_is_added_afterwards_up_to_five(staff: Staff) -> None:
    report = staff.filed()
    client = staff.client(staff.teacher)
    address = f"/laporan/{report.public_id}/berkas"
    assert hand_in(client, address, photo(), photo()).status_code == 303
    refused = hand_in(client, address, b"bukan gambar", photo())
    assert refused.status_code == 422
    assert "IMG_0.jpg" in refused.get_data(as_text=True)
    assert count(staff.build, ReportFile) == 3
    assert hand_in(client, address, *[photo()] * 3).status_code == 422
    assert count(staff.build, ReportFile) == 3
    page = client.get(f"/laporan/{report.public_id}").get_data(as_text=True)
    assert "IMG_" not in page
