"""The first page of each role: what waits, what stands beside it, and how it greets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock, duties
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import Database, new_id, transaction
from portal.core.duties import Due
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import deciding
from portal.visits.models import Programme, Visit
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

# A Monday, 09.41 in Metro.
NOW = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)
PANEL = re.compile(r'id="h-(cta|mou|people|coverage|setup)"')
# Each role sees these beside what is due, and nothing else.
PANELS = {
    Role.PRINCIPAL: {"cta", "mou", "people"},
    Role.SCHOOL_OPERATOR: {"cta", "mou"},
    Role.TEACHER: set(),
    Role.SOCIAL_WORKER: {"coverage"},
    Role.COORDINATOR: {"coverage"},
    Role.DIVISION_HEAD: {"coverage"},
    Role.ADMIN: {"coverage", "setup"},
    Role.EDUCATION_OFFICE: {"coverage"},
    Role.VOLUNTEER: set(),
    Role.FOCAL_TEAM: set(),
    Role.OFFICE_HEAD: {"coverage"},
}


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def school(build: Builder) -> School:
    """Return a partner school, of which one session is behind it."""
    school = build.school("SMP Melati")
    build.mou(school, promised=2, valid_until=date(2027, 6, 30))
    build.delivered(school, build.worker("Sari Peksos"), date(2026, 9, 8))
    return school


def home(client: PageClient, user: User, path: str = "/beranda") -> str:
    """Return somebody's first page as text."""
    response = client.sign_in(user).get(path)
    assert response.status_code == 200
    return unescape(response.text)


def words(html: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def wait_for(build: Builder, due: timedelta, name: str) -> None:
    """Let a request of a school wait for the coordinators."""
    starts_at = clock.now() + timedelta(days=9)
    facts = {
        "school": name,
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=90)).isoformat(),
    }
    what = Due(
        "answer_request",
        new_id(),
        "/permintaan",
        clock.now() + due,
        facts,
        role=Role.COORDINATOR,
    )
    with transaction(build.session) as session:
        duties.open_duty(session, what)


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_own_panels(
    client: PageClient, build: Builder, school: School, role: Role
) -> None:
    html = home(client, build.user(role, school if role in SCHOOL_ROLES else None))
    assert set(PANEL.findall(html)) == PANELS[role]
    # An administrator's list is what the portal still needs.
    calm = "Semua beres. Tidak ada yang menunggu Anda hari ini." in html
    assert calm == (role is not Role.ADMIN)
    assert ("SMP Melati" in html) == (role in SCHOOL_ROLES)


def test_a_volunteer_sees_that_nothing_waits_and_no_figures(
    client: PageClient, build: Builder, school: School
) -> None:
    html = home(client, build.user(Role.VOLUNTEER))
    assert "Semua beres." in html
    assert "/cakupan" not in html
    assert "/sekolah" not in html


def test_a_principal_is_called_to_book_the_nearest_time(
    client: PageClient, build: Builder, school: School
) -> None:
    slot = build.first_slot(school)
    day = slot.astimezone(clock.WIB)
    text = words(home(client, build.user(Role.PRINCIPAL, school)))
    assert "Pesan sesi untuk sekolah Anda" in text
    assert f"{day.day} November" in text
    assert f"{day:%H.%M} WIB" in text


def test_where_no_time_is_free_the_waiting_list_is_open(client: PageClient, build: Builder) -> None:
    school = build.school()
    html = home(client, build.user(Role.PRINCIPAL, school)).partition('id="h-cta"')[2]
    assert f'href="/sesi/baru/usulkan?sekolah={school.public_id}"' in html
    assert "Slot kosong terdekat" not in html


@on_sqlite
def test_a_school_that_is_closed_asks_the_office(client: PageClient, build: Builder) -> None:
    school = build.school()
    school.active = False
    build.save(school)
    html = home(client, build.user(Role.PRINCIPAL, school)).partition('id="h-cta"')[2]
    assert 'href="/tentang#kontak"' in html
    assert "/sesi/baru" not in html


@on_sqlite
def test_a_school_with_its_share_is_led_to_the_waiting_list(
    client: PageClient, build: Builder, school: School
) -> None:
    build.setting("fair_share_sessions", 1)
    other = build.school()
    build.requested(build.user(Role.PRINCIPAL, other), other, build.first_slot(other))
    html = home(client, build.user(Role.PRINCIPAL, school)).partition('id="h-cta"')[2]
    assert f'href="/sesi/baru/usulkan?sekolah={school.public_id}"' in html
    assert '/sesi/baru"' not in html


@on_sqlite
def test_the_nearest_time_is_one_of_the_first_programme(
    client: PageClient, build: Builder, school: School
) -> None:
    slot = build.first_slot(school).astimezone(clock.WIB)
    with transaction(build.session) as session:
        programme = session.scalars(select(Programme).order_by(Programme.position)).first()
        assert programme
        programme.notice_working_days = 10
    text = words(home(client, build.user(Role.PRINCIPAL, school)))
    assert f"{slot.day} November, {slot:%H.%M} WIB" not in text
    assert "7 Desember" in text


def test_a_principal_sees_what_the_agreement_promises(
    client: PageClient, build: Builder, school: School
) -> None:
    principal = build.user(Role.PRINCIPAL, school)
    text = words(home(client, principal))
    assert "1 dari 2" in text
    assert "30 Juni 2027" in text
    assert "2026/2027" in text
    # A session of the school year before does not count.
    build.delivered(school, build.worker(), date(2026, 6, 9))
    assert "1 dari 2" in words(home(client, principal))
    build.delivered(school, build.worker(), date(2026, 10, 6))
    text = words(home(client, principal))
    assert "2 dari 2" in text
    assert "Semua sesi yang disepakati sudah" in text


def test_without_an_agreement_in_force_there_is_no_promise(
    client: PageClient, build: Builder
) -> None:
    school = build.school()
    build.mou(school, signed_on=date(2024, 7, 1), valid_until=date(2026, 6, 30))
    assert "h-mou" not in home(client, build.user(Role.PRINCIPAL, school))


def test_a_principal_sees_how_many_people_can_sign_in(
    client: PageClient, build: Builder, school: School
) -> None:
    principal = build.user(Role.PRINCIPAL, school)
    twice = build.user(Role.TEACHER, school)
    build.appoint(twice, Role.SCHOOL_OPERATOR, school)
    build.user(Role.TEACHER, school, ends_on=clock.today() - timedelta(days=1))
    build.user(Role.TEACHER, build.school())
    panel = home(client, principal).partition('id="h-people"')[2]
    assert re.search(r"\b2 orang\b", panel)


def test_a_request_waits_for_the_coordinator_and_its_visit_for_others(
    app: Flask, build: Builder, school: School, database: Database, now: Traveller
) -> None:
    principal, coordinator = build.user(Role.PRINCIPAL, school), build.user(Role.COORDINATOR)
    visit = build.requested(principal, school, build.first_slot(school))
    clients = {
        user.id: PageClient(app).sign_in(user)
        for user in (principal, coordinator, build.user(Role.DIVISION_HEAD))
    }
    pages = {who: unescape(client.get("/beranda").text) for who, client in clients.items()}
    (asks,) = (who for who, page in pages.items() if "SMP Melati meminta sesi" in page)
    assert asks == coordinator.id

    actor = build.actor(coordinator)
    with database.writer() as session, transaction(session):
        found = session.get_one(Visit, visit.id)
        at = session.get_one(School, school.id)
        deciding.approve(session, actor, found, at, deciding.Approval(found.social_worker_id))
    assert "Semua beres." in unescape(clients[coordinator.id].get("/beranda").text)

    now.move_to(visit.starts_at - timedelta(hours=2))
    html = home(PageClient(app), principal)
    assert "Pastikan ruang untuk sesi" in html
    assert f'action="/sesi/{visit.public_id}/ruang-siap"' in html
    with database.reader() as session:
        worker = session.get_one(User, visit.social_worker_id)
    assert "Catat sesi" not in home(PageClient(app), worker)

    now.move_to(visit.ends_at + timedelta(minutes=1))
    html = home(PageClient(app), worker)
    assert "Catat sesi di SMP Melati" in html
    assert f'href="/sesi/{visit.public_id}#catat"' in html
    other = build.worker()
    assert "Catat sesi" not in home(PageClient(app), other)


def test_overdue_comes_first_and_no_more_than_five_are_shown(
    client: PageClient, build: Builder
) -> None:
    coordinator = build.user(Role.COORDINATOR)
    days = [8, -1, 3, -4, 20, 1, 7]
    for day in days:
        wait_for(build, timedelta(days=day), f"SMP {day} <b>")
    html = client.sign_in(coordinator).get("/beranda").text
    order = [f"SMP {day} &lt;b&gt; meminta sesi" for day in sorted(days)]
    assert re.findall(r"SMP -?\d+ &lt;b&gt; meminta sesi", html) == order[:5]
    tags = re.findall(r"(Terlambat sejak|Paling lambat|Sebelum|Sampai)", html)
    assert tags[:2] == ["Terlambat sejak"] * 2
    assert html.count("Terlambat sejak") == 2
    assert "Lihat semua (7)" in html
    for page in (client.get("/beranda?semua=1"), client.fragment("/beranda?semua=1")):
        assert re.findall(r"SMP -?\d+ &lt;b&gt; meminta sesi", page.text) == order
        assert "Lihat semua" not in page.text
    assert "<html" not in client.fragment("/beranda").text


def test_five_are_shown_without_a_way_to_more(client: PageClient, build: Builder) -> None:
    for day in range(5):
        wait_for(build, timedelta(days=day + 1), f"SMP {day}")
    html = home(client, build.user(Role.COORDINATOR))
    assert html.count("meminta sesi") == 5
    assert "Lihat semua (" not in html


@pytest.mark.parametrize("role", [Role.DIVISION_HEAD, Role.EDUCATION_OFFICE])
def test_the_coverage_sentence_counts_active_schools_and_partners(
    client: PageClient, build: Builder, school: School, role: Role
) -> None:
    build.school()
    build.mou(build.school())
    build.school(active=False)
    panel = words(home(client, build.user(role)).partition('id="h-coverage"')[2])
    assert "1 dari 3 sekolah aktif" in panel
    assert "1 dari 2 sekolah mitra" in panel


def test_the_administrator_sees_what_the_portal_still_needs(
    client: PageClient, build: Builder
) -> None:
    admin = build.user(Role.ADMIN)

    def done() -> list[bool]:
        panel = home(client, admin).partition('id="h-setup"')[2].partition("</ol>")[0]
        return [each == "done" for each in re.findall(r'<li class="(done|now)"', panel)]

    state = [False] * 5
    assert done() == state
    school = build.school()
    state[0] = True
    assert done() == state
    build.user(Role.COORDINATOR)
    state[1] = True
    assert done() == state
    build.worker()
    state[2] = True
    assert done() == state
    build.user(Role.SOCIAL_WORKER)
    state[2] = False
    assert done() == state
    build.user(Role.PRINCIPAL, school)
    state[3] = True
    assert done() == state
    build.setting("office_phone", "0725 41234")
    assert done() == [True, True, False, True, True]


@on_sqlite
@pytest.mark.parametrize(
    ("hour", "indonesian", "english"),
    [
        (time(0), "Selamat pagi", "Good morning"),
        (time(10, 59), "Selamat pagi", "Good morning"),
        (time(11), "Selamat siang", "Good day"),
        (time(14, 59), "Selamat siang", "Good day"),
        (time(15), "Selamat sore", "Good afternoon"),
        (time(17, 59), "Selamat sore", "Good afternoon"),
        (time(18), "Selamat malam", "Good evening"),
        (time(23, 59), "Selamat malam", "Good evening"),
    ],
)
def test_the_greeting_follows_the_clock_in_metro(
    app: Flask, build: Builder, now: Traveller, hour: time, indonesian: str, english: str
) -> None:
    now.move_to(clock.at_wib(date(2026, 11, 23), hour))
    for language, greeting in (("id", indonesian), ("en", english)):
        user = build.user(Role.VOLUNTEER, called="Bu <Putri>", language=language)
        html = PageClient(app).sign_in(user).get("/beranda").text
        assert f"<h1>{greeting}, Bu &lt;Putri&gt;</h1>" in html
        assert ("Senin, 23 November 2026" if language == "id" else "23 November 2026") in html


def test_who_chose_no_form_of_address_is_greeted_by_the_first_name(
    client: PageClient, build: Builder
) -> None:
    html = home(client, build.user(Role.VOLUNTEER, name="Putri Anggraini"))
    assert "<h1>Selamat pagi, Putri</h1>" in html


def test_a_person_of_two_roles_sees_both(
    client: PageClient, build: Builder, school: School
) -> None:
    user = build.user(Role.COORDINATOR)
    build.appoint(user, Role.TEACHER, school)
    wait_for(build, timedelta(days=1), "SMP Melati")
    html = home(client, user)
    assert set(PANEL.findall(html)) == {"coverage", "mou"}
    assert "SMP Melati meminta sesi" in html


@on_sqlite
def test_every_first_page_reads_in_english_too(app: Flask, build: Builder, school: School) -> None:
    for role in Role:
        user = build.user(role, school if role in SCHOOL_ROLES else None, language="en")
        html = home(PageClient(app), user)
        first = (
            "Getting the portal ready"
            if role is Role.ADMIN
            else "All done. Nothing is waiting for you today."
        )
        assert first in html
        assert "Selamat" not in html
