"""One's own account: name, contacts, language, and two pages of it open at once."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions import accounts
from portal.people.actions.accounts import Contacts
from portal.people.models import User
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import come_in, knock
from tests.trail import last
from tests.visits.screen import Screen

VERSION = re.compile(r'name="version"[^>]*value="(\d+)"')


def version_on(page: TestResponse) -> str:
    """Return which version of the account a page shows."""
    found = VERSION.search(page.text)
    assert found
    return found[1]


def rename(client: PageClient, full_name: str, called: str, **more: str) -> TestResponse:
    """Open the account page, change it and press the button."""
    version = version_on(client.get("/akun"))
    sent = {"full_name": full_name, "called": called, "version": version, **more}
    return client.post("/akun", sent)


def test_the_account_page_changes_name_and_form_of_address(
    client: PageClient, build: Builder, school: School
) -> None:
    user = build.user(Role.TEACHER, school, name="Dedi Lama", phone="+6281234567890")
    build.appoint(user, Role.VOLUNTEER)
    page = client.sign_in(user).get("/akun").text
    for text in ("Dedi Lama", "Guru, SMP Sendiri", "Relawan", user.email, "0812-3456-7890"):
        assert str(text) in page
    answer = rename(client, "  Dedi <Baru> ", "Pak D'di", email="lain@uji.example")
    assert answer.status_code == 303
    page = client.get("/akun").text
    assert "Tersimpan." in page
    assert 'value="Dedi &lt;Baru&gt;"' in page
    kept = build.fresh(User, user.id)
    assert (kept.full_name, kept.called) == ("Dedi <Baru>", "Pak D'di")
    assert (kept.email, kept.phone) == (user.email, user.phone)
    assert "Pak D'di" in unescape(client.get("/beranda").text)
    rename(client, "Dedi Baru", "")
    assert "Dedi" in client.get("/beranda").text.partition("<h1>")[2].partition("</h1>")[0]


@on_sqlite
@pytest.mark.parametrize(
    "sent",
    [
        {"full_name": " ", "called": "Pak Dedi"},
        {"full_name": "x" * 161, "called": "Pak Dedi"},
        {"full_name": "Nama Lain", "called": "x" * 61},
    ],
)
def test_a_slip_on_the_account_page_changes_nothing(
    client: PageClient, build: Builder, sent: dict[str, str]
) -> None:
    user = build.user(Role.COORDINATOR, name="Dedi Lama")
    response = rename(client.sign_in(user), **sent)
    assert response.status_code == 422
    assert f'value="{sent["called"]}"' in response.text
    kept = build.fresh(User, user.id)
    assert (kept.full_name, kept.called) == ("Dedi Lama", "")


@pytest.mark.parametrize("name", ["full_name", "called"])
def test_an_invisible_character_in_a_name_breaks_nothing(
    client: PageClient, build: Builder, name: str
) -> None:
    client.sign_in(build.user(Role.COORDINATOR))
    sent = {"full_name": "Dedi", "called": "Dedi", name: "De\x00di"}
    assert rename(client, **sent).status_code in {303, 422}


def test_the_language_of_a_choice_stays_with_the_account(app: Flask, build: Builder) -> None:
    user = build.user(Role.COORDINATOR)
    PageClient(app).sign_in(user).get("/akun?bahasa=en")
    assert build.fresh(User, user.id).language == "en"
    page = PageClient(app).sign_in(user).get("/akun", headers={"Accept-Language": "id"})
    assert "My account" in page.text


def test_an_account_needs_a_contact_nobody_else_has(session: Session, build: Builder) -> None:
    taken = build.user(Role.COORDINATOR)
    for email, phone, code in (
        (None, None, "contact_needed"),
        (taken.email, None, "contact_taken"),
        ("baru@uji.example", taken.phone, "contact_taken"),
    ):
        with pytest.raises(Rejected, match=code), transaction(session):
            accounts.create_admin(session, "Admin", Contacts(email, phone), PASSWORD)


def test_from_then_on_one_signs_in_with_the_new_contacts(
    app: Flask, build: Builder, teacher: User
) -> None:
    client = PageClient(app).sign_in(teacher)
    page = Screen(client.get("/akun/kontak"))
    assert (page.value("email"), page.value("phone")) == (teacher.email, teacher.phone)
    sent = {"email": " Dedi.Baru@UJI.example", "phone": "0813 1111 2222"}
    assert client.post("/akun/kontak", sent).status_code == 303
    kept = build.fresh(User, teacher.id)
    assert (kept.email, kept.phone) == ("dedi.baru@uji.example", "+6281311112222")
    entry = last(build.database, "user")
    assert (entry.action, entry.facts) == ("user.contacts_changed", {})
    assert knock(PageClient(app), teacher.email).status_code == 422
    assert knock(PageClient(app), "081311112222").status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "", "phone": ""}, "email"),
        ({"email": "bukan alamat", "phone": ""}, "email"),
        ({"email": "", "phone": "12"}, "phone"),
        ({"email": "lain@uji.example", "phone": ""}, "email"),
        ({"email": "baru@uji.example", "phone": "0812 0000 1111"}, "phone"),
    ],
)
def test_contacts_of_nobody_or_of_another_are_refused_and_stand_in_the_form(
    client: PageClient, build: Builder, teacher: User, sent: dict[str, str], field: str
) -> None:
    build.user(Role.VOLUNTEER, email="lain@uji.example", phone="+6281200001111")
    response = client.sign_in(teacher).post("/akun/kontak", sent)
    page = Screen(response)
    assert response.status_code == 422
    assert page.named(field)[0].get("aria-invalid") == "true"
    assert {name: page.value(name) for name in sent} == sent
    assert build.fresh(User, teacher.id).email == teacher.email


def test_of_two_open_pages_the_second_sees_both_versions_and_may_then_go_on(
    app: Flask, build: Builder, teacher: User
) -> None:
    first, second = PageClient(app).sign_in(teacher), PageClient(app).sign_in(teacher)
    old = version_on(second.get("/akun"))
    assert rename(first, "Dedi Satu", "Pak Satu").status_code == 303
    sent = {"full_name": "Dedi Dua", "called": "Pak Dua", "version": old}
    response = second.post("/akun", sent)
    page = Screen(response)
    assert response.status_code == 409
    rows = [" ".join("".join(row.itertext()).split()) for row in page.tree.iter("tr")]
    assert any("Dedi Satu" in row and "Dedi Dua" in row for row in rows)
    assert any("Pak Satu" in row and "Pak Dua" in row for row in rows)
    assert (page.value("full_name"), page.value("called")) == ("Dedi Dua", "Pak Dua")
    assert build.fresh(User, teacher.id).full_name == "Dedi Satu"
    again = {**sent, "version": page.value("version")}
    assert second.post("/akun", again).status_code == 303
    assert build.fresh(User, teacher.id).full_name == "Dedi Dua"


def test_a_sign_in_elsewhere_is_no_change_of_the_account_page(
    app: Flask, build: Builder, principal: User
) -> None:
    client = PageClient(app).sign_in(principal)
    shown = version_on(client.get("/akun"))
    come_in(PageClient(app), principal)
    sent = {"full_name": "Ibu Kepala", "called": "Bu Ratna", "version": shown}
    assert client.post("/akun", sent).status_code == 303
    assert build.fresh(User, principal.id).called == "Bu Ratna"
