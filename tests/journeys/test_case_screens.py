"""The pages of cases and referrals: accessible, light, narrow, without scripts, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal.cases.actions.identity import GuardianFacts, add_guardian
from portal.cases.actions.opening import ChildFacts, NewCase, open_case
from portal.cases.models import Case
from portal.cases.states import Origin
from portal.core.db import transaction
from portal.schools.models import School
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, UNFOLD, Opener, Town, enter
from tests.journeys.test_screens import LATER_VIEW_BYTES, Scales, check_each

pytestmark = [pytest.mark.browser, on_sqlite]

NARROW = 320
LONG_NAME = "Wirjokoesoemodiningratprawirosoedirdjono"
LONG_SCHOOL = "SMP Pertiwi Nusantara Sejahtera Bersama Adiwiyata ".ljust(160, "x")
ONE_RECORD = re.compile(r"(?<=/)[\w-]{22}")


def hrefs(page: Page, links: str) -> list[str]:
    """Return where some links of a page lead to."""
    found = page.locator(links)
    return [found.nth(number).get_attribute("href") or "" for number in range(found.count())]


def parts_of(page: Page, address: str, case_path: str) -> list[str]:
    """Return the addresses of the parts of a case."""
    page.goto(address + case_path)
    return hrefs(page, "nav[aria-label='Bagian berkas'] a")


def below(page: Page, address: str, parts: list[str]) -> list[str]:
    """Return one page of each kind that the parts of a case lead to."""
    kinds: dict[str, str] = {}
    for part in parts:
        page.goto(address + part)
        for href in hrefs(page, "main a[href^='/kasus/']"):
            path = href.partition("?")[0].partition("#")[0]
            kind = ONE_RECORD.sub("-", path)
            if path not in parts and kind.count("/") > 3 and not path.endswith((".pdf", "/berkas")):
                kinds.setdefault(kind, path)
    return list(kinds.values())


def weigh_each(scales: Scales) -> list[str]:
    """Return which pages of cases are heavier than a later view may be."""
    weights = scales.weigh().items()
    return [path for path, each in weights if "/kasus" in path and each > LATER_VIEW_BYTES]


def test_every_part_of_a_case_is_accessible_and_light(
    full_portal: str, open_browser: Opener
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, "Sari Wulandari")
    page.goto(f"{full_portal}/kasus")
    case = page.locator("th a", has_text="Lintang").get_attribute("href") or ""
    parts = parts_of(page, full_portal, case)
    assert len(parts) == 13
    others = below(page, full_portal, parts)
    # A guardian, an assessment of a domain, a goal, an appointment, a contact, a referral.
    assert len(others) >= 6, others
    scales = Scales(page, full_portal)
    check_each(page, full_portal, [*parts, *others])
    assert weigh_each(scales) == []


def test_what_others_see_of_a_case_is_accessible(full_portal: str, open_browser: Opener) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, "Endang Susilowati")
    page.goto(f"{full_portal}/kasus?tahap=termination")
    waiting = page.locator("th a").first.get_attribute("href") or ""
    page.goto(f"{full_portal}/kasus?tampil=selesai")
    ended = page.locator("th a").last.get_attribute("href") or ""
    page.goto(f"{full_portal}/dasar-hukum")
    basis = page.locator("main a[href^='/dasar-hukum/']").last.get_attribute("href") or ""
    check_each(page, full_portal, [waiting, ended, f"{ended}/buka-lagi", basis])


def long_case(build: Builder, town: Town) -> Case:
    """Open a case in which every name is as long as names get."""
    manager = build.actor(town.worker)
    with transaction(build.session) as session:
        session.get_one(School, town.school.id).name = LONG_SCHOOL
        command = NewCase(
            child=ChildFacts(LONG_NAME, called=LONG_NAME, address=LONG_NAME),
            origin=Origin.REFERRAL_IN,
            origin_words=LONG_NAME,
            school_id=town.school.id,
            class_name=LONG_NAME,
            kinds=("verbal",),
            summary=LONG_NAME * 4,
            manager_id=town.worker.id,
        )
        case = open_case(session, build.actor(town.coordinator), command)
        facts = GuardianFacts(LONG_NAME, LONG_NAME, safe_contact=LONG_NAME)
        add_guardian(session, manager, case, facts)
        return case


def test_long_names_fit_the_narrowest_phone_without_scripts(
    build: Builder, town: Town, open_browser: Opener
) -> None:
    case = f"/kasus/{long_case(build, town).public_id}"
    page = open_browser(viewport={"width": NARROW, "height": 640}, scripts=False)
    cookie = {"name": "sid", "value": build.sign_in(town.worker), "url": town.address}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    parts = parts_of(page, town.address, case)
    assert len(parts) == 13
    others = below(page, town.address, parts)
    for path in ("/kasus", f"{case}/tugas", *parts, *others):
        page.goto(town.address + path)
        page.evaluate(UNFOLD)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, path
    # What is sent without scripts arrives, and what is missing is said.
    page.goto(town.address + case)
    page.locator("#note").fill("Ditemui di kantin")
    page.locator("form[action$='/catatan'] button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("Ditemui di kantin")
    page.goto(f"{town.address}{case}/keputusan")
    page.locator("form[action$='/keputusan'] button[type=submit]").first.evaluate("b => b.click()")
    expect(page.locator("#error-summary")).to_be_visible()


def test_the_keyboard_alone_works_on_a_case(
    build: Builder, town: Town, open_browser: Opener
) -> None:
    case = f"/kasus/{long_case(build, town).public_id}"
    page = open_browser(viewport=DESKTOP)
    cookie = {"name": "sid", "value": build.sign_in(town.worker), "url": town.address}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{town.address}{case}/keluarga")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    # Sent as it is: what is missing is said, and one gets there.
    press_on(page, "form[action$='/keluarga'] button[type=submit]")
    page.wait_for_load_state()
    expect(page.locator("#error-summary")).to_be_visible()
    press_on(page, "#error-summary a")
    assert page.evaluate("document.activeElement.closest('form') !== null")
    # On to another part of the file, and a note written there.
    press_on(page, "nav.tabs a[href$='/tahap']")
    page.wait_for_url("**/tahap")
    press_on(page, "form[action$='/safe_today/centang'] button")
    page.wait_for_load_state()
    expect(page.locator("form[action$='/safe_today/batal']")).to_have_count(1)


def press_on(page: Page, place: str) -> None:
    """Reach something with the Tab key, as somebody without a mouse does, and press Enter."""
    page.locator(place).first.wait_for()
    wanted = page.locator(place).first.element_handle()
    for _step in range(80):
        if page.evaluate("each => each === document.activeElement", wanted):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {place}")
