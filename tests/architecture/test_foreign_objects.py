"""What belongs to another school does not exist, for whoever belongs to this one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import Database, connect, transaction
from portal.insight.models import SuggestionChoice
from portal.materials.models import MaterialUse, QuizRound
from portal.monitoring.models import (
    FollowUp,
    FormAnswers,
    MonitoringForm,
    PlanReader,
    ReturnPlan,
    Watcher,
)
from portal.people.models import Invitation, Membership, User
from portal.schools.models import (
    CalendarEntry,
    Mou,
    MouObligation,
    School,
    SchoolClass,
    SchoolContact,
    SchoolImport,
)
from portal.visits.models import (
    CalendarFeed,
    Letter,
    Visit,
    VisitChange,
    VisitCost,
    VisitPhoto,
    VisitSeries,
    Wish,
)
from tests.architecture.test_access_matrix import ANONYMOUS, OPEN_TO
from tests.architecture.town import Objects, add_objects, add_people
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

# The parameters of addresses that name something a school owns.
OWNED = {
    *("school_id", "mou_id", "visit_id", "membership_id", "invitation_id"),
    *("entry_id", "plan_id", "form_id", "follow_up_id", "round_id", "use_id"),
    *("series_id", "wish_id", "feed_id"),
}
# The parameters that name something within what an earlier one names.
WITHIN = {
    *("mou_id", "obligation_id", "contact_id", "class_id", "choice_id", "item_id"),
    *("photo_id", "cost_id", "letter_id"),
}
# Whoever did not send a form is led to its page, where nothing is corrected.
LEADS_ELSEWHERE = {"monitoring.correct_form"}
RECORDS = (
    *(School, Mou, Visit, Membership, Invitation),
    *(CalendarEntry, ReturnPlan, PlanReader, FollowUp, Watcher, MonitoringForm, FormAnswers),
    *(QuizRound, MaterialUse, SchoolClass, SchoolContact, MouObligation, SuggestionChoice),
    *(VisitChange, VisitSeries, Wish, VisitPhoto, VisitCost, Letter, CalendarFeed),
)


@dataclass(frozen=True)
class Towns:
    """People of one school, and the objects of two."""

    app: Flask
    build: Builder
    by_role: dict[Role, User]
    own: Objects
    foreign: Objects

    def client(self, role: Role) -> PageClient:
        """Return a client of somebody at the first school, or at the office."""
        return PageClient(self.app).sign_in(self.by_role[role])


Settled = tuple[dict[Role, User], Objects, Objects]


def settle(database: Database, folder: Path) -> Settled:
    """Put both schools into a fresh database, and return the people and what each school owns."""
    build = Builder(database)
    school, other = build.school(), build.school()
    by_role = add_people(build, school)
    own = add_objects(build, folder, school, by_role)
    foreign = add_objects(build, folder, other, by_role, skip=4)
    build.close()
    return by_role, own, foreign


@pytest.fixture(scope="module")
def saved(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settled]:
    """Return a folder with both schools, copied for each test: they take a second to settle."""
    folder = tmp_path_factory.mktemp("towns") / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "portal.db")
    database = connect(f"sqlite:///{folder / 'portal.db'}")
    settled = settle(database, folder)
    # The last one to close the file brings everything into it.
    database.dispose()
    return folder, settled


@pytest.fixture
def towns(app: Flask, request: pytest.FixtureRequest) -> Iterator[Towns]:
    database: Database = app.extensions["database"]
    folder = app.config["PORTAL"].data_dir
    if database.writing.dialect.name == "sqlite":
        before, settled = request.getfixturevalue("saved")
        shutil.copytree(before, folder, dirs_exist_ok=True)
    else:
        settled = settle(database, folder)
    build = Builder(database)
    yield Towns(app, build, *settled)
    build.close()


def state_of(towns: Towns) -> dict[Any, Any]:
    """Return everything both schools own, column by column."""
    with towns.build.database.reader() as session:
        return {
            (model.__tablename__, record.id): {
                column.key: getattr(record, column.key) for column in model.__table__.columns
            }
            for model in RECORDS
            for record in session.query(model)
        }


def addresses(app: Flask, objects: Objects) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and address of every view that names something a school owns."""
    with app.test_request_context():
        rules: list[Rule] = sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
        for rule in rules:
            # What pupils of every school answer is behind a code, and belongs to no reader.
            if OWNED & set(rule.arguments) and ANONYMOUS not in OPEN_TO[rule.endpoint]:
                address = url_for(rule.endpoint, **objects.arguments(rule))
                yield rule.endpoint, "POST" if "POST" in (rule.methods or ()) else "GET", address


def crossed(towns: Towns) -> Iterator[tuple[str, str, str, str]]:
    """Yield addresses in which one part, by this name, is another school's than the rest."""
    with towns.app.test_request_context():
        for rule in sorted(towns.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            # A case asks for a reason before it says what is a part of it.
            if rule.endpoint.startswith("cases."):
                continue
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            own, foreign = (each.arguments(rule) for each in (towns.own, towns.foreign))
            for name in sorted(WITHIN & set(rule.arguments)):
                address = url_for(rule.endpoint, **{**own, name: foreign[name]})
                yield rule.endpoint, name, method, address


@pytest.mark.parametrize(
    ("settings", "htmx"),
    [
        pytest.param("sqlite", False, id="sqlite-page"),
        pytest.param("sqlite", True, id="sqlite-fragment"),
        pytest.param("postgresql", False, id="postgresql-page", marks=pytest.mark.postgres),
    ],
    indirect=["settings"],
)
def test_nobody_of_a_school_reaches_what_another_school_owns(towns: Towns, *, htmx: bool) -> None:
    before = state_of(towns)
    for role in sorted(SCHOOL_ROLES):
        client = towns.client(role)
        found, due = {}, {}
        for endpoint, method, address in addresses(towns.app, towns.foreign):
            if method == "POST":
                response = client.post(address, {"reason": "Tidak jadi"}, htmx=htmx)
            else:
                response = client.fragment(address) if htmx else client.get(address)
            found[endpoint] = response.status_code
            due[endpoint] = 404 if role in OPEN_TO[endpoint] else 403
        assert (role, found) == (role, due)
        assert list(due.values()).count(404) >= 2
    assert state_of(towns) == before


def test_the_same_addresses_open_with_what_the_own_school_owns(towns: Towns) -> None:
    for role in sorted(SCHOOL_ROLES):
        client = towns.client(role)
        found = {
            endpoint: client.get(address).status_code
            for endpoint, method, address in addresses(towns.app, towns.own)
            if method == "GET" and role in OPEN_TO[endpoint] and endpoint not in LEADS_ELSEWHERE
        }
        assert (role, set(found.values())) == (role, {200})


def asked(client: PageClient, method: str, address: str) -> int:
    """Return the status with which a view answers."""
    response = client.post(address) if method == "POST" else client.get(address)
    return response.status_code


def test_nothing_is_reached_by_way_of_what_it_is_no_part_of(towns: Towns) -> None:
    before = state_of(towns)
    for role in sorted(Role):
        client = towns.client(role)
        found = {
            (endpoint, name): asked(client, method, address)
            for endpoint, name, method, address in crossed(towns)
            if role in OPEN_TO[endpoint]
        }
        assert (role, set(found.values()) - {404}) == (role, set()), found
    assert state_of(towns) == before


def test_no_page_of_a_school_names_the_other_school(towns: Towns) -> None:
    named = f"sekolah={towns.foreign.school.public_id}"
    for role in sorted(SCHOOL_ROLES):
        client = towns.client(role)
        for address in (
            *("/beranda", "/sesi", "/sekolah", "/pengguna", "/akun", "/sesi/baru"),
            *("/kalender-sesi", "/sesi/harapan", f"/sesi?{named}", f"/kalender-sesi?{named}"),
        ):
            page = client.get(address, follow_redirects=True).get_data(as_text=True)
            assert towns.foreign.school.name not in page
            assert towns.foreign.visit.public_id not in page


@on_sqlite
def test_an_mou_cannot_be_reached_through_another_school(towns: Towns) -> None:
    client = towns.client(Role.COORDINATOR)
    path = f"/sekolah/{towns.own.school.public_id}/mou/{towns.foreign.mou.public_id}"
    assert client.get(f"{path}/ubah").status_code == 404
    assert client.get(f"{path}/berkas").status_code == 404
    assert client.post(f"{path}/ubah").status_code == 404


@on_sqlite
def test_a_school_cannot_be_booked_for_by_another_one(towns: Towns) -> None:
    client = towns.client(Role.PRINCIPAL)
    other = towns.foreign.school.public_id
    assert client.get("/sesi/baru", query_string={"sekolah": other}).status_code == 404
    assert client.post("/sesi/baru", {"sekolah": other}).status_code == 404
    assert client.post("/sesi/baru/tahan", {"sekolah": other}).status_code == 404


@on_sqlite
def test_no_wish_and_no_calendar_address_is_made_for_another_school(towns: Towns) -> None:
    client = towns.client(Role.PRINCIPAL)
    other = {"sekolah": towns.foreign.school.public_id}
    before = state_of(towns)
    assert client.get("/sesi/baru/usulkan", query_string=other).status_code == 404
    for address in ("/sesi/baru/usulkan", "/kalender-sesi/alamat"):
        assert client.post(address, other).status_code == 404
    assert state_of(towns) == before


@on_sqlite
def test_a_waiting_import_belongs_to_whoever_uploaded_it(towns: Towns) -> None:
    other_admin = towns.build.user(Role.ADMIN)
    client = PageClient(towns.app).sign_in(other_admin)
    path = f"/sekolah/impor/{towns.foreign.waiting_import.public_id}"
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/terapkan").status_code == 404
    assert client.post(f"{path}/batal").status_code == 404
    with towns.build.database.reader() as session:
        assert session.get(SchoolImport, towns.foreign.waiting_import.id) is not None


@on_sqlite
def test_a_worker_cannot_record_the_session_of_a_colleague(towns: Towns) -> None:
    build = towns.build
    worker, colleague = build.worker(), build.worker()
    visit = build.delivered(towns.own.school, colleague, state="scheduled")
    report = {"method": "mixed", "heads-0-girls": "10", "heads-0-boys": "12", "heads_adults": "1"}
    refused = (
        PageClient(towns.app).sign_in(worker).post(f"/sesi/{visit.public_id}/terlaksana", report)
    )
    assert refused.status_code == 422
    assert build.fresh(Visit, visit.id).state == "scheduled"
    done = (
        PageClient(towns.app).sign_in(colleague).post(f"/sesi/{visit.public_id}/terlaksana", report)
    )
    assert done.status_code == 303
    assert build.fresh(Visit, visit.id).state == "delivered"


def test_an_appointment_that_ended_takes_the_access_with_it(towns: Towns) -> None:
    for role in sorted(Role):
        client = towns.client(role)
        assert client.get("/akun").status_code == 200, role
        _end_appointments(towns.build, towns.by_role[role])
        assert client.get("/beranda").headers["Location"].startswith("/masuk"), role
        assert client.fragment("/beranda").headers["HX-Redirect"].startswith("/masuk"), role
        sent = client.post("/akun", {"full_name": "Masih di sini"})
        assert sent.headers["Location"] == "/masuk", role
        assert towns.build.fresh(User, towns.by_role[role].id).full_name != "Masih di sini"


def test_an_appointment_that_ended_leaves_the_other_one_alone(towns: Towns) -> None:
    principal = towns.by_role[Role.PRINCIPAL]
    towns.build.appoint(principal, Role.TEACHER, towns.foreign.school)
    client = towns.client(Role.PRINCIPAL)
    here, there = (f"/sekolah/{objects.school.public_id}" for objects in (towns.own, towns.foreign))
    assert [client.get(address).status_code for address in (here, there)] == [200, 200]
    _end_appointments(towns.build, principal, role=Role.PRINCIPAL)
    assert [client.get(address).status_code for address in (here, there)] == [404, 200]


@on_sqlite
def test_nobody_signs_in_without_an_appointment(towns: Towns) -> None:
    teacher = towns.by_role[Role.TEACHER]
    _end_appointments(towns.build, teacher)
    client = PageClient(towns.app)
    answer = client.post("/masuk", {"identifier": teacher.email, "password": PASSWORD})
    assert answer.status_code == 422
    assert client.http.get_cookie("sid") is None


def _end_appointments(build: Builder, user: User, *, role: Role | None = None) -> None:
    with transaction(build.session) as session:
        for held in session.query(Membership).filter_by(user_id=user.id):
            if role in (None, held.role):
                held.ends_on = clock.today() - timedelta(days=1)
