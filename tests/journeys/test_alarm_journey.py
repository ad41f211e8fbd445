"""An alarm in two browsers: it rings without a reload, and stops for both when one takes it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal.auditlog.actions import breaches
from portal.auditlog.models import Breach
from portal.core.access import Role
from portal.core.db import transaction
from portal.people.models import User
from tests.auditlog.registers import known
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, Opener
from tests.journeys.test_screens import complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]
# How long a page waits until it asks again, and a little more.
SOON = 21_000
COUNT_TONES = """
window.tones = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  window.tones += 1;
  return make.call(this);
};
"""


def come_in(page: Page, address: str, build: Builder, user: User) -> None:
    """Open the first page with a session and a clock that the test moves."""
    page.context.add_cookies([{"name": "sid", "value": build.sign_in(user), "url": address}])
    page.add_init_script(COUNT_TONES)
    page.clock.install()
    page.goto(f"{address}/beranda")


def record(build: Builder, recorder: User) -> Breach:
    """Record a data breach, as a colleague does elsewhere."""
    with transaction(build.session) as session:
        return breaches.record_breach(session, build.actor(recorder), known())


def test_it_rings_by_itself_and_stops_for_everybody(
    address: str, build: Builder, open_browser: Opener
) -> None:
    admin = build.user(Role.ADMIN, name="Rizki Ramadhan")
    head = build.user(Role.DIVISION_HEAD, name="Dewi Anggraini")
    phone, desk = open_browser(viewport=PHONE), open_browser(viewport=DESKTOP)
    come_in(phone, address, build, head)
    come_in(desk, address, build, admin)
    expect(phone.locator("[data-ringing]")).to_have_count(0)
    # A touch, without which no browser lets a page be heard.
    phone.locator("h1").click()

    breach = record(build, build.user(Role.ADMIN))
    for page in (phone, desk):
        page.clock.run_for(SOON)
        band = page.get_by_role("alert")
        expect(band).to_contain_text(breach.number)
        expect(band.get_by_role("button")).to_be_visible()
        # Every other second.
        expect(page).to_have_title(re.compile(r"^\(!\) "))
    assert phone.evaluate("window.tones") > 0
    assert complaints_of_axe(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    phone.get_by_role("alert").get_by_role("button").click()
    taken = phone.locator("#alarms [role=status]")
    expect(taken).to_contain_text("Dewi Anggraini")
    expect(taken).to_be_focused()
    expect(phone.get_by_role("alert")).to_have_count(0)
    assert complaints_of_axe(phone) == []
    assert phone.url.endswith("/beranda")

    desk.clock.run_for(SOON)
    expect(desk.locator("#alarms")).to_contain_text("Dewi Anggraini")
    expect(desk.get_by_role("alert")).to_have_count(0)
    heard = phone.evaluate("window.tones")
    for page in (phone, desk):
        page.clock.run_for(6000)
    assert phone.evaluate("window.tones") == heard
    assert "(!)" not in desk.title()


def test_without_a_script_the_band_stands_on_the_page(
    address: str, build: Builder, open_browser: Opener
) -> None:
    admin = build.user(Role.ADMIN)
    breach = record(build, admin)
    page = open_browser(scripts=False)
    page.context.add_cookies([{"name": "sid", "value": build.sign_in(admin), "url": address}])
    page.goto(f"{address}/akun")
    expect(page.get_by_role("alert")).to_contain_text(breach.number)
    page.get_by_role("alert").get_by_role("button").click()
    expect(page).to_have_url(f"{address}/insiden-data/{breach.public_id}")
    expect(page.get_by_role("alert")).to_have_count(0)
