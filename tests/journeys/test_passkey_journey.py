"""A passkey from a phone: made in the account, used at the door, in a real browser."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.config import Settings
from portal.core.access import Role
from portal.people.models import User
from tests.builders import PASSWORD, Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import Opener
from tests.serving import served

pytestmark = [pytest.mark.browser, on_sqlite]

PHONE_THAT_SIGNS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Return a free port, held from the start: the portal must know its own address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def settings(settings: Settings, door: socket.socket) -> Settings:
    """Return settings that name the address; browsers keep passkeys for names only."""
    return replace(settings, base_url=f"http://localhost:{door.getsockname()[1]}")


@pytest.fixture
def address(app: Flask, door: socket.socket) -> Iterator[str]:
    """Serve the application by its name."""
    with served(app, sockets=[door]):
        yield app.config["PORTAL"].base_url


@pytest.fixture
def teacher(build: Builder) -> User:
    """Return somebody who needs no second proof and chooses one."""
    return build.user(Role.TEACHER, build.school(), name="Wulan Sari", language="en")


@pytest.fixture
def page(open_browser: Opener) -> Page:
    """Return a phone whose owner can sign with a finger."""
    phone = open_browser(locale="en-GB")
    tools = phone.context.new_cdp_session(phone)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE_THAT_SIGNS})
    return phone


def enter_password(page: Page, address: str, user: User, to: str = "/akun/keamanan") -> None:
    """Come to the door with the password."""
    page.goto(f"{address}/masuk?lanjut={to}")
    page.locator("#identifier").fill(user.email or "")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in button[type=submit]").click()


def make_passkey(page: Page) -> None:
    """Make one, from the security page."""
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()


def nothing_sticks_out(page: Page) -> bool:
    """Say whether the page is as wide as the phone."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_teacher_makes_a_passkey_and_comes_in_with_it(
    address: str, teacher: User, page: Page
) -> None:
    enter_password(page, address, teacher)
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_text("This browser cannot keep a passkey.")).to_have_count(0)
    assert nothing_sticks_out(page)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)

    page.goto(f"{address}/akun/keamanan")
    expect(page.locator(".people-list").first).to_contain_text("Chrome, Linux")
    assert nothing_sticks_out(page)
    make_passkey(page)
    expect(page.get_by_text("This device already holds a passkey")).to_be_visible()

    page.goto(f"{address}/akun")
    page.locator("form[action='/keluar'] button").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    enter_password(page, address, teacher)
    page.wait_for_url("**/masuk/kode**")
    assert nothing_sticks_out(page)
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/akun/keamanan")
    expect(page.locator(".people-list").first).to_contain_text("Last used")


def test_a_finger_that_does_not_fit_gets_a_calm_sentence_and_another_try(
    address: str, teacher: User, open_browser: Opener
) -> None:
    page = open_browser(locale="en-GB")
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    made = tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**PHONE_THAT_SIGNS, "isUserVerified": False}},
    )
    enter_password(page, address, teacher)
    make_passkey(page)
    expect(page.locator("#passkey [role=status]")).to_have_text(re.compile("Nothing was changed"))
    tools.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": made["authenticatorId"], "isUserVerified": True},
    )
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)


def test_whoever_was_signed_out_meanwhile_is_led_to_the_door(
    address: str, teacher: User, page: Page
) -> None:
    enter_password(page, address, teacher)
    page.get_by_role("link", name="Add a passkey").click()
    page.context.clear_cookies(name="sid")
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/masuk?lanjut=/akun/kunci**")


def test_under_a_number_the_page_names_the_address_that_works(
    address: str, teacher: User, page: Page
) -> None:
    number = f"http://127.0.0.1:{urlsplit(address).port}"
    enter_password(page, number, teacher)
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("link", name=f"Open {address}")).to_be_visible()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()


def test_without_scripts_there_is_no_button_that_could_not_work(
    address: str, teacher: User, open_browser: Opener
) -> None:
    page = open_browser(locale="en-GB", scripts=False)
    enter_password(page, address, teacher)
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_text("This browser cannot keep a passkey.")).to_be_visible()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()
