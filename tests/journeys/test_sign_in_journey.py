"""Coming in from a phone: password and code, and setting the code up from nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal.core.access import Role
from portal.people.models import User
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.journeys.conftest import PHONE, Opener
from tests.journeys.test_screens import complaints_in_the_dark, complaints_of_axe
from tests.people.doors import code_now

# What a screen looks like does not depend on the engine; what the door asks of the database is
# asked on both in tests/people.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]
RECOVERY_CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school."""
    return build.school("SMP Tunas Harapan")


@pytest.fixture
def newcomer(build: Builder, school: School) -> User:
    """Return a principal who has neither promised anything nor set up a second proof."""
    return build.user(
        Role.PRINCIPAL, school, name="Ratna Dewi", totp_secret=None, conduct_edition=None
    )


def show_password(page: Page, address: str, user: User) -> None:
    """Fill in the door's form."""
    page.goto(f"{address}/masuk")
    page.locator("#identifier").fill(user.email or "")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in button[type=submit]").click()


def complaints_about(page: Page) -> list[str]:
    """Return what is wrong with a page as a phone shows it."""
    complaints = [*complaints_of_axe(page), *complaints_in_the_dark(page)]
    if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
        complaints.append(f"{page.url} scrolls sideways")
    return complaints


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_principal_comes_in_with_password_and_code(
    address: str, build: Builder, school: School, open_browser: Opener, *, scripts: bool
) -> None:
    user = build.user(Role.PRINCIPAL, school)
    page = open_browser(scripts=scripts)
    show_password(page, address, user)
    page.wait_for_url("**/masuk/kode")
    page.locator("#code").fill("000000")
    page.locator("#second-proof button[type=submit]").click()
    expect(page.locator("#error-summary")).to_be_visible()
    page.goto(f"{address}/beranda")
    page.wait_for_url("**/masuk?lanjut=/beranda")
    page.goto(f"{address}/masuk/kode")
    page.locator("#code").fill(code_now())
    page.locator("#second-proof button[type=submit]").click()
    page.wait_for_url("**/beranda")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_newcomer_promises_sets_the_code_up_and_comes_in_with_a_paper_code(
    address: str, newcomer: User, open_browser: Opener, *, scripts: bool
) -> None:
    page = open_browser(scripts=scripts)
    show_password(page, address, newcomer)
    page.wait_for_url("**/tata-laku?lanjut=/beranda")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/akun/kode?lanjut=/beranda")
    expect(page.locator(".qr-box svg")).to_be_visible()
    secret = page.locator(".code-key").inner_text().replace(" ", "")
    page.locator("#code").fill(code_now(secret=secret))
    page.locator("#factor button[type=submit]").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    codes = RECOVERY_CODE.findall(page.locator("#recovery-codes").inner_text())
    assert len(set(codes)) == 10
    page.locator("main a.btn").click()
    page.wait_for_url("**/beranda")
    # Another day the phone is lost.
    other = open_browser(scripts=scripts)
    show_password(other, address, newcomer)
    other.wait_for_url("**/masuk/kode")
    other.locator("#code").fill(codes[3].lower())
    other.locator("#second-proof button[type=submit]").click()
    other.wait_for_url("**/beranda")


def test_the_pages_at_the_door_are_accessible_on_a_phone(
    address: str, newcomer: User, open_browser: Opener
) -> None:
    page = open_browser()
    complaints: list[str] = []
    for path in ("/masuk", "/lupa-sandi", "/lupa-sandi/terkirim", "/sandi-baru/lama"):
        page.goto(address + path)
        complaints += complaints_about(page)
    show_password(page, address, newcomer)
    complaints += complaints_about(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/akun/kode?lanjut=/beranda")
    complaints += complaints_about(page)
    secret = page.locator(".code-key").inner_text().replace(" ", "")
    page.locator("#code").fill(code_now(secret=secret))
    page.locator("#factor button[type=submit]").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    complaints += complaints_about(page)
    other = open_browser()
    show_password(other, address, newcomer)
    other.wait_for_url("**/masuk/kode")
    complaints += complaints_about(other)
    assert complaints == []


def test_the_pages_about_people_are_accessible_on_a_phone(
    address: str, build: Builder, school: School, open_browser: Opener
) -> None:
    user = build.user(Role.PRINCIPAL, school)
    teacher = build.user(Role.TEACHER, school)
    build.user(Role.TEACHER, school)
    page = open_browser()
    page.context.add_cookies([{"name": "sid", "value": build.sign_in(user), "url": address}])
    complaints: list[str] = []
    page.goto(f"{address}/pengguna")
    leaves = re.compile(r"/pengguna/[\w-]{22}/(akhiri|tautan)")
    links = [each.get_attribute("href") or "" for each in page.locator("main a").all()]
    own = sorted({each for each in links if leaves.fullmatch(each)})[:4]
    assert teacher.id
    assert own
    for path in (
        "/pengguna",
        *own,
        "/akun",
        "/akun/kontak",
        "/akun/sandi",
        "/akun/keamanan",
        "/akun/kode-cadangan",
        "/akun/pastikan",
        "/tata-laku",
    ):
        page.goto(address + path)
        assert page.locator("h1").count() == 1
        complaints += complaints_about(page)
    assert complaints == []
