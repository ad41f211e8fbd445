"""A teacher, one phone, one thumb: the form is filled in with fourteen taps and weighs little."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from portal.core.db import transaction
from portal.monitoring.models import MonitoringForm
from portal.people.models import User
from tests.builders import Builder
from tests.cases.casework import casework
from tests.journeys.conftest import DESKTOP, PHONE, Opener
from tests.journeys.test_screens import (
    FIRST_VIEW_BYTES,
    HTML_BYTES,
    Scales,
    complaints_in_the_dark,
    complaints_of_axe,
)
from tests.monitoring.classroom import CALM, Classroom, classroom
from tests.monitoring.teaching import ROWS, answers, path_of, versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]

FINGER = 44
# 400 kbit/s and 400 ms there and back: slow 3G.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
# Every place a finger meets in the form: what it shows, not the input beneath.
TARGETS = """[...document.querySelectorAll('.answers label:has(input), .answers .btn')]
  .map(each => each.getBoundingClientRect())
  .map(box => [Math.round(box.width), Math.round(box.height)])"""


@pytest.fixture
def room(address: str, build: Builder) -> Classroom:
    """Return a child back at school on a served portal."""
    assert address
    return classroom(casework(build))


def come_in(page: Page, address: str, room: Classroom) -> None:
    """Let the teacher's phone be signed in already, as it is after the first link."""
    token = room.work.build.sign_in(room.teacher)
    room.work.build.close()
    page.context.add_cookies([{"name": "sid", "value": token, "url": address}])


def tap_through(page: Page, first: str = "none") -> int:
    """Answer everything calmly; return how many taps it took."""
    tap(page, f"#flags label:has([value={first}])")
    for row in ROWS:
        tap(page, f"#{row} label:has([value='{CALM[row]}'])")
    return 1 + len(ROWS)


def tap(page: Page, place: str) -> None:
    """Touch or click, whatever this page is looked at with."""
    page.locator(place).click()


def send(page: Page) -> None:
    """Press the one big button."""
    page.get_by_role("button", name="Kirim lembar ini").or_(
        page.get_by_role("button", name="Send this form")
    ).click()
    page.locator(".confirmation, #error-summary").first.wait_for()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_takes_fourteen_taps(
    address: str, room: Classroom, open_browser: Opener, scripts: bool
) -> None:
    form = room.form()
    page = open_browser(scripts=scripts)
    come_in(page, address, room)
    page.goto(address + path_of(form))
    taps = tap_through(page)
    counted = "getComputedStyle(document.querySelector('.progress b'), '::before').content"
    if scripts:
        assert "counter" in page.evaluate(counted)
        assert page.locator(".progress").bounding_box()["y"] < PHONE["height"] / 2  # type: ignore[index]
    send(page)
    assert taps + 1 == 14
    assert page.url == address + path_of(form)
    (version,) = versions(room, form)
    assert answers(version).items == CALM


def test_each_state_is_accessible_and_made_for_fingers(
    address: str, room: Classroom, open_browser: Opener
) -> None:
    form = room.form()
    page = open_browser()
    come_in(page, address, room)
    page.goto(address + path_of(form))
    complaints = complaints_of_axe(page) + complaints_in_the_dark(page)
    for width in (PHONE["width"], 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        small = [box for box in page.evaluate(TARGETS) if min(box) < FINGER]
        assert small == []
    page.set_viewport_size(PHONE)
    send(page)
    # The first thing to put right is one tap away.
    complaints += complaints_of_axe(page)
    page.locator("#error-summary a").first.click()
    assert page.locator("#flags").bounding_box()["y"] < PHONE["height"]  # type: ignore[index]
    tap_through(page, "r2")
    send(page)
    complaints += complaints_of_axe(page) + complaints_in_the_dark(page)
    assert page.locator(".steps-now").is_visible()
    page.set_viewport_size(DESKTOP)
    page.goto(f"{address}{path_of(form, '/perbaiki')}?bahasa=en")
    complaints += complaints_of_axe(page)
    assert complaints == []


def test_the_first_view_is_light(address: str, room: Classroom, open_browser: Opener) -> None:
    form = room.form()
    page = open_browser()
    come_in(page, address, room)
    scales = Scales(page, address)
    page.goto(address + path_of(form), wait_until="networkidle")
    weights = scales.weigh()
    assert weights[path_of(form)] <= HTML_BYTES
    assert sum(weights.values()) <= FIRST_VIEW_BYTES


@pytest.fixture
def slow(open_browser: Opener) -> Page:
    """Return a phone on slow 3G with a slow processor."""
    page = open_browser()
    session: Any = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return page


@pytest.mark.drill
@pytest.mark.parametrize("language", ["id", "en"])
def test_how_long_it_takes_on_slow_3g(
    address: str, room: Classroom, slow: Page, language: str
) -> None:
    """Print the waiting of a first and a later form; a person's reading comes on top."""
    come_in(slow, address, room)
    with transaction(room.work.build.session) as session:
        session.get_one(User, room.teacher.id).language = language
    room.work.build.close()
    forms: list[MonitoringForm] = [room.form(), room.form()]
    for number, form in enumerate(forms, 1):
        begun = time.monotonic()
        slow.goto(address + path_of(form))
        shown = time.monotonic()
        tap_through(slow)
        filled = time.monotonic()
        send(slow)
        sent = time.monotonic()
        print(  # noqa: T201 - a drill tells what it measured
            f"{language}, form {number}: shown {shown - begun:.1f} s, "
            f"tapped {filled - shown:.1f} s, sent {sent - filled:.1f} s"
        )
        assert versions(room, form)
