"""A served portal and browsers as people use them: a phone, a desktop, with and without scripts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.people.actions.factors import STEP_SECONDS
from portal.people.models import User
from portal.schools.models import School
from tests.builders import PASSWORD, TOTP_SECRET, Builder
from tests.serving import served

EXPECTED = re.compile(r"status of (403|404|409|410|422|429)")
PHONE = ViewportSize(width=360, height=800)
DESKTOP = ViewportSize(width=1280, height=800)
# Every folded form of a page, as whoever needs one unfolds it.
UNFOLD = "document.querySelectorAll('main details').forEach(each => { each.open = true })"


@dataclass
class Town:
    """A small town with one school, its principal, and the office."""

    address: str
    school: School
    principal: User
    coordinator: User
    worker: User
    admin: User


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the application as `portal run` does, on a free port."""
    with served(app, host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def town(address: str, build: Builder) -> Town:
    """Return a town in which a session can be booked."""
    school = build.school("SMP Tunas Harapan", district="18.72.04")
    build.mou(school)
    return Town(
        address=address,
        school=school,
        principal=build.user(Role.PRINCIPAL, school, name="Ratna Dewi"),
        coordinator=build.user(Role.COORDINATOR, name="Yuni Astuti"),
        worker=build.worker("Sari Wulandari"),
        admin=build.user(Role.ADMIN, name="Rizki Ramadhan"),
    )


Opener = Callable[..., Page]


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Opener]:
    """Return a function that opens a browser of one's own and fails on anything it complains of."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(
        *,
        viewport: ViewportSize = PHONE,
        locale: str = "id-ID",
        scripts: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport=viewport,
            locale=locale,
            java_script_enabled=scripts,
            color_scheme="light",
            service_workers="block",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                # Refusals are pages of their own; the browser notes their status as an error.
                if message.type == "error" and not EXPECTED.search(message.text)
                else None
            ),
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


def sign_in(page: Page, town: Town, user: User) -> None:
    """Sign in by the form, as everybody does."""
    page.goto(f"{town.address}/masuk")
    page.locator("#identifier").fill(user.email or "")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in button[type=submit]").click()
    page.wait_for_url(re.compile(r"/(beranda|masuk/kode)"))
    if "/masuk/kode" in page.url:
        show_second_proof(page)


def show_second_proof(page: Page, inside: str = "/beranda") -> None:
    """Enter the code of the phone; whoever came in a moment ago enters the next one."""
    now = clock.now()
    for moment in (now, now + timedelta(seconds=STEP_SECONDS)):
        page.locator("#code").fill(pyotp.TOTP(TOTP_SECRET).at(moment))
        page.locator("#second-proof button[type=submit]").click()
        page.wait_for_load_state()
        if inside in page.url and "/masuk" not in page.url:
            return
    raise AssertionError("no code was accepted")


@pytest.fixture
def full_portal(demonstration: Path, settings: Settings, address: str) -> str:
    """Serve a demonstration."""
    shutil.copytree(demonstration, settings.data_dir, dirs_exist_ok=True)
    return address


def enter(page: Page, address: str, persona: str) -> None:
    """Sign in through the demonstration's door."""
    page.goto(f"{address}/masuk")
    if persona:
        page.get_by_role("button", name=f"Masuk sebagai {persona}").click()
        page.wait_for_url("**/beranda")
