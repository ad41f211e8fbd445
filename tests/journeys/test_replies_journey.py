"""Coming back to Ruang Cerita in a real browser: on a small phone, without scripts, and leaving."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.core import clock, codes
from portal.core.access import Role
from portal.core.db import transaction
from portal.incidents.models import ReportEntry
from portal.incidents.states import EntryKind
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.hotline.told import told
from tests.journeys.conftest import PHONE, Opener
from tests.journeys.test_screens import complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]


def replied(build: Builder, text: str) -> str:
    """Tell something that the office answered an hour ago; return the code."""
    report, code = told(build)
    officer = build.user(Role.COORDINATOR)
    moment = report.received_at.replace(minute=0, second=0, microsecond=0)
    with transaction(build.session) as session:
        report.read_at = report.replied_at = clock.now()
        session.add(
            ReportEntry(
                report_id=report.id,
                kind=EntryKind.FROM_OFFICE,
                text=text,
                written_by=officer.id,
                written_at=moment,
                visible_from=moment,
            )
        )
    return code


def enter(page: Page, address: str, code: str) -> None:
    page.goto(f"{address}/cek")
    page.locator("#code").fill(code)
    page.locator("#look button[type=submit]").click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_reply_is_read_and_answered_with_two_taps_without_scripts(
    app: Flask, address: str, build: Builder, open_browser: Opener
) -> None:
    code = replied(build, "Boleh kami bicara dengan wali kelasmu?")
    page = open_browser(viewport=PHONE, scripts=False)
    sent: list[int] = []
    page.on("response", lambda answer: sent.append(int(answer.headers.get("content-length", 0))))
    page.goto(f"{address}/cek")
    assert fits(page)
    # A wrong one first: it stays to be mended.
    page.locator("#code").fill("7K4M 92QX")
    page.locator("#look button[type=submit]").click()
    expect(page.locator("#code")).to_have_value("7K4M 92QX")
    expect(page.locator("#code-error")).to_be_visible()
    page.locator("#code").fill(codes.in_groups(code).lower().replace("-", " "))
    page.locator("#look button[type=submit]").click()
    expect(page.locator("article").first).to_contain_text("wali kelasmu")
    assert fits(page)
    page.locator("button[name=ready]").first.click()
    expect(page.locator("article")).to_have_count(2)
    assert page.url.endswith("/cek/balasan")
    assert sum(sent) < 80 * 1024
    # One cookie of ours, one that keeps forms safe; both end with the browser.
    assert {(each["name"], each["expires"]) for each in page.context.cookies()} == {
        ("balasan", -1),
        ("form", -1),
    }
    page.locator("form[action='/cek/selesai'] button").click()
    assert {each["name"] for each in page.context.cookies()} == {"form"}
    page.go_back()
    page.goto(f"{address}/cek/balasan")
    expect(page.locator("#code")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_has_its_way_out(
    address: str, build: Builder, open_browser: Opener, scheme: Literal["light", "dark"]
) -> None:
    code = replied(build, "Boleh kami bicara dengan wali kelasmu?")
    page = open_browser(viewport=PHONE)
    page.emulate_media(color_scheme=scheme)
    titles = set()

    def look() -> None:
        assert complaints_of_axe(page) == []
        assert fits(page)
        expect(page.locator("header a[href='/keluar-cepat']")).to_be_visible()
        expect(page.get_by_role("link", name=re.compile("^129$"))).to_be_visible()
        titles.add(page.title())

    enter(page, address, "0000-0000-0000-0000")
    look()
    enter(page, address, code)
    look()
    page.goto(f"{address}/cek/tanda-terima")
    look()
    page.goto(f"{address}/cek/selesai")
    look()
    assert all(re.fullmatch(r"[A-Za-z ]{1,16}", title) for title in titles)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("document.cookie") == ""
