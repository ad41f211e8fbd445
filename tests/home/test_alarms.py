"""The band that rings: whom it concerns, how it stops, and what polling costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.auditlog.actions import breaches
from portal.auditlog.models import Breach
from portal.core import clock, duties, ladders
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.audit import AuditEntry
from portal.core.db import new_id, transaction
from portal.core.duties import Due, Duty
from portal.people.models import SignInSession, User
from tests.auditlog.registers import known
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import all_statements

pytestmark = on_sqlite
# A Saturday, 22.00 WIB.
NIGHT = datetime(2026, 11, 14, 15, tzinfo=UTC)
POLL = re.compile(r'hx-get="(/siaga[^"]*)"')
TAKE = re.compile(r'action="(/siaga/[^"]+/terima)"')


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(build: Builder) -> User:
    """Return one of the keepers."""
    return build.user(Role.ADMIN, name="Rizki Ramadhan")


@pytest.fixture
def head(build: Builder) -> User:
    """Return the other keeper."""
    return build.user(Role.DIVISION_HEAD, name="Dewi Anggraini")


def breach_by(build: Builder, recorder: User) -> Breach:
    """Record a breach."""
    with transaction(build.session) as session:
        return breaches.record_breach(session, build.actor(recorder), known())


def polled(client: PageClient, page: str) -> str:
    """Return the address that a page asks by itself."""
    address = POLL.search(page)
    assert address
    return address[1].replace("&amp;", "&")


def take(page: str) -> str:
    """Return the address of the button that stops the ringing."""
    address = TAKE.search(page)
    assert address
    return address[1]


@pytest.mark.parametrize(
    "role",
    [Role.PRINCIPAL, Role.COORDINATOR, Role.DIVISION_HEAD, Role.OFFICE_HEAD, Role.ADMIN],
)
def test_it_rings_on_every_page_of_those_it_concerns(
    client: PageClient, build: Builder, admin: User, role: Role
) -> None:
    user = build.user(role, build.school() if role in SCHOOL_ROLES else None)
    breach = breach_by(build, admin)
    client.sign_in(user)
    for path in ("/beranda", "/akun"):
        page = client.get(path).get_data(as_text=True)
        rings = role in {Role.ADMIN, Role.DIVISION_HEAD}
        assert ("data-ringing" in page) == rings
        assert (f"insiden data {breach.number}" in page) == rings
        # Only pages of those whom an alarm may reach ask whether something rings.
        assert bool(POLL.search(page)) == (role in ladders.listening_roles())


def test_an_open_page_hears_of_it_and_hears_when_somebody_takes_care(
    app: Flask, client: PageClient, build: Builder, admin: User, head: User
) -> None:
    page = client.sign_in(admin).get("/beranda").get_data(as_text=True)
    quiet = polled(client, page)
    assert client.fragment(quiet).status_code == 204
    breach_by(build, head)
    band = client.fragment(quiet).get_data(as_text=True)
    assert 'role="alert"' in band
    ringing = polled(client, band)
    assert ringing != quiet
    assert client.fragment(ringing).status_code == 204

    other = PageClient(app).sign_in(head)
    answer = other.post(take(other.get("/akun").get_data(as_text=True)), htmx=True)
    assert answer.status_code == 200
    assert "Dewi Anggraini menanganinya" in answer.get_data(as_text=True)

    band = client.fragment(ringing).get_data(as_text=True)
    assert "data-ringing" not in band
    assert "Dewi Anggraini menanganinya" in band
    assert client.fragment(polled(client, band)).status_code == 204
    # The page of a stranger to it stays as it is.
    stranger = PageClient(app).sign_in(build.user(Role.OFFICE_HEAD))
    assert stranger.fragment("/siaga").status_code == 204


def test_who_took_it_is_told_for_a_while_and_stays_on_the_list(
    client: PageClient, build: Builder, admin: User, head: User, now: Traveller
) -> None:
    breach_by(build, head)
    take_it(build, admin)
    client.sign_in(head)
    assert client.get("/akun").get_data(as_text=True).count("Rizki Ramadhan menanganinya") == 1
    now.shift(timedelta(minutes=16))
    assert "Rizki Ramadhan menanganinya" not in client.get("/akun").get_data(as_text=True)
    assert "Rizki Ramadhan menanganinya" in client.get("/beranda").get_data(as_text=True)


def take_it(build: Builder, user: User) -> None:
    """Let somebody take care of the only alarm."""
    with transaction(build.session) as session:
        alarm = session.scalars(select(Duty).where(Duty.alarm)).first()
        assert alarm
        duties.acknowledge(session, build.actor(user), alarm)


def test_without_a_script_the_button_leads_to_what_it_is_about(
    client: PageClient, build: Builder, admin: User, head: User
) -> None:
    breach = breach_by(build, head)
    page = client.sign_in(admin).get("/beranda").get_data(as_text=True)
    answer = client.post(take(page))
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/insiden-data/{breach.public_id}",
    )
    with build.database.reader() as session:
        found = session.scalars(select(Duty).filter_by(kind="report_breach")).all()
        told = session.scalars(select(AuditEntry).filter_by(action="duty.acknowledged")).one()
    assert {each.acknowledged_by for each in found} == {admin.id}
    assert {each.closed_at for each in found} == {None}
    assert told.facts == {"kind": "report_breach"}


def test_of_two_who_press_the_first_one_has_it(
    app: Flask, build: Builder, admin: User, head: User
) -> None:
    breach_by(build, head)
    first, second = PageClient(app).sign_in(admin), PageClient(app).sign_in(head)
    buttons = [take(each.get("/akun").get_data(as_text=True)) for each in (first, second)]
    first.post(buttons[0], htmx=True)
    answer = second.post(buttons[1], htmx=True).get_data(as_text=True)
    assert "Rizki Ramadhan menanganinya" in answer


def test_nobody_takes_what_does_not_concern_them(
    client: PageClient, build: Builder, head: User
) -> None:
    breach_by(build, head)
    with build.database.reader() as session:
        alarm = session.scalars(select(Duty).where(Duty.alarm)).first()
    assert alarm
    coordinator = build.user(Role.COORDINATOR)
    other = Due("find_worker", new_id(), "/sesi", clock.now(), {}, role=Role.COORDINATOR)
    with transaction(build.session) as session:
        no_alarm = duties.open_duty(session, other)
    client.sign_in(coordinator)
    for duty_id in (alarm.id, no_alarm.id, new_id()):
        assert client.post(f"/siaga/{duty_id}/terima").status_code == 404
    assert build.fresh(Duty, alarm.id).acknowledged_at is None


def test_what_is_over_rings_no_more(
    client: PageClient, build: Builder, admin: User, head: User
) -> None:
    breach = breach_by(build, head)
    page = client.sign_in(admin).get("/beranda").get_data(as_text=True)
    with transaction(build.session) as session:
        duties.close_duties(session, breach.id)
    assert "data-ringing" not in client.fragment(polled(client, page)).get_data(as_text=True)
    # A press that comes too late does no harm.
    assert client.post(take(page), htmx=True).status_code == 200


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    client: PageClient, build: Builder, admin: User, now: Traveller
) -> None:
    page = client.sign_in(admin).get("/beranda").get_data(as_text=True)
    quiet = polled(client, page)
    for _time in range(29):
        now.shift(timedelta(minutes=1))
        assert client.fragment(quiet).status_code == 204
    with build.database.reader() as session:
        assert session.scalars(select(SignInSession.last_seen_at)).one() == NIGHT
    now.shift(timedelta(minutes=2))
    # Whoever types here is not carried to the door: the page says so, and asks no more.
    answer = client.fragment(quiet)
    band = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "HX-Redirect" not in answer.headers
    assert "siaga tidak berbunyi" in band
    assert not POLL.search(band)
    assert client.get("/beranda").status_code == 303


def test_a_person_who_comes_back_in_time_stays_signed_in(
    client: PageClient, admin: User, now: Traveller
) -> None:
    client.sign_in(admin)
    for _time in range(3):
        now.shift(timedelta(minutes=20))
        assert client.get("/beranda").status_code == 200


def test_asking_is_cheap(app: Flask, client: PageClient, admin: User, build: Builder) -> None:
    client.sign_in(admin)
    with all_statements(app.extensions["database"]) as idle:
        client.fragment("/siaga")
    # The settings, the session with its roles, and one for the alarms.
    assert sum(each.startswith("SELECT") for each in idle) == 3
    breach_by(build, admin)
    take_it(build, admin)
    with all_statements(app.extensions["database"]) as taken:
        client.fragment("/siaga")
    assert sum(each.startswith("SELECT") for each in taken) == 4


def test_who_must_do_something_else_first_hears_nothing(
    client: PageClient, build: Builder, head: User
) -> None:
    breach_by(build, head)
    newcomer = build.user(Role.ADMIN, conduct_edition=None)
    client.sign_in(newcomer)
    assert 'id="alarms"' not in client.get("/tata-laku").get_data(as_text=True)
    assert client.fragment("/siaga").status_code == 204


def test_the_address_by_itself_leads_home(client: PageClient, admin: User) -> None:
    assert client.get("/siaga").headers["Location"] == "/beranda"
    assert client.sign_in(admin).get("/siaga").headers["Location"] == "/beranda"


def test_the_list_begins_with_alarms_then_what_is_late(
    client: PageClient, build: Builder, admin: User
) -> None:
    late = Due(
        "reset_wanted",
        new_id(),
        "/pengguna",
        clock.now() - timedelta(days=9),
        {"name": "Bu Lupa"},
        role=Role.ADMIN,
    )
    with transaction(build.session) as session:
        duty = duties.open_duty(session, late)
        session.flush()
        raised = duties.open_duty(session, replace(late, due_at=late.due_at + timedelta(hours=1)))
        raised.raised_from = duty.id
    breach_by(build, admin)
    page = client.sign_in(admin).get("/beranda").get_data(as_text=True)
    found = re.findall(r"</svg>(Siaga|Diteruskan[^<]*|Terlambat[^<]*)</span>", page)
    assert found == [
        "Siaga",
        "Terlambat sejak Kam, 5 Nov",
        "Diteruskan kepada Anda: terlambat sejak Kam, 5 Nov",
    ]
