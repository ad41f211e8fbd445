"""The main job, from a phone: book, approve, deliver, and the board shows the school as reached."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import Opener, Town, sign_in

pytestmark = pytest.mark.browser

WORDS = {
    "id-ID": {
        "choose": "Pilih waktu",
        "send": "Kirim permintaan",
        "sent": "Permintaan terkirim",
        "held": "Slot ini disimpan untuk Anda sampai",
        "approve": "Setujui & tugaskan",
        "approved": "SMP Tunas Harapan disetujui",
        "method": "Interaktif",
        "save": "Simpan: sesi terlaksana",
        "recorded": "kini terhitung sudah dijangkau",
    },
    "en-GB": {
        "choose": "Choose a time",
        "send": "Send request",
        "sent": "Request sent",
        "held": "This time is held for you until",
        "approve": "Approve and assign",
        "approved": "SMP Tunas Harapan approved",
        "method": "Interactive",
        "save": "Save: the session took place",
        "recorded": "now counts as reached",
    },
}
CASES = pytest.mark.parametrize(
    ("settings", "locale", "scripts"),
    [
        pytest.param("sqlite", "en-GB", True, id="en"),
        pytest.param("sqlite", "id-ID", False, id="id-no-script"),
        pytest.param("postgresql", "id-ID", True, id="id-postgresql", marks=pytest.mark.postgres),
    ],
    indirect=["settings"],
)


def reached_on_board(page: Page, town: Town) -> str:
    """Return the figure in the board's sentence."""
    page.goto(f"{town.address}/cakupan")
    return page.locator(".coverage-hero b").first.inner_text()


def book(page: Page, words: dict[str, str], *, scripts: bool) -> None:
    """Book in three taps: choose, slot, send."""
    page.get_by_role("link", name=words["choose"]).click()
    page.locator(".slot").first.click()
    if scripts:
        expect(page.get_by_text(words["held"])).to_be_visible()
    page.get_by_role("button", name=words["send"]).click()
    expect(page.get_by_role("heading", name=re.compile(words["sent"]))).to_be_visible()


def deliver(page: Page, town: Town, words: dict[str, str]) -> None:
    """Record the session from the to-do list."""
    sign_in(page, town, town.worker)
    page.locator(".todo a.btn").first.click()
    page.locator(".choice", has_text=words["method"]).click()
    page.locator("#heads-0-girls").fill("61")
    page.locator("#heads-0-boys").fill("57")
    page.get_by_role("button", name=words["save"]).click()
    expect(page.get_by_text(words["recorded"])).to_be_visible()


@CASES
def test_a_school_books_is_answered_and_counts_as_reached(
    town: Town, build: Builder, open_browser: Opener, locale: str, *, scripts: bool
) -> None:
    words = WORDS[locale]
    for user in (town.principal, town.coordinator, town.worker):
        user.language = locale[:2]
        build.save(user)
    page = open_browser(locale=locale, scripts=scripts)
    office = open_browser(locale=locale, scripts=scripts)
    sign_in(office, town, town.coordinator)
    assert reached_on_board(office, town) == "0"

    sign_in(page, town, town.principal)
    book(page, words, scripts=scripts)

    office.goto(f"{town.address}/permintaan")
    office.get_by_role("button", name=words["approve"]).click()
    expect(office.locator(".receipt")).to_contain_text(words["approved"])

    visit_end = build.first_slot(town.school) + timedelta(days=1)
    with time_machine.travel(visit_end, tick=True):
        worker = open_browser(locale=locale, scripts=scripts)
        deliver(worker, town, words)
        later = open_browser(locale=locale, scripts=scripts)
        sign_in(later, town, town.coordinator)
        assert reached_on_board(later, town) == "1"
    assert page.locator("html").get_attribute("lang") == locale[:2]


@on_sqlite
def test_booking_takes_three_taps_from_the_home_page(town: Town, open_browser: Opener) -> None:
    page = open_browser()
    sign_in(page, town, town.principal)
    taps = 0
    for step in (".cta .btn", ".slot", "#book button.btn-block:not([name])"):
        page.locator(step).first.click()
        page.wait_for_load_state("networkidle")
        taps += 1
    assert taps == 3
    expect(page.locator(".confirmation")).to_be_visible()


def test_two_taps_on_send_make_one_request(
    town: Town, build: Builder, open_browser: Opener
) -> None:
    page = open_browser()
    sign_in(page, town, town.principal)
    page.goto(f"{town.address}/sesi/baru")
    page.locator(".slot").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Kirim permintaan").dblclick()
    expect(page.locator(".confirmation")).to_be_visible()
    page.goto(f"{town.address}/sesi")
    expect(page.locator(".next-card")).to_have_count(1)


@on_sqlite
def test_a_slot_lost_meanwhile_keeps_the_answers_and_offers_the_nearest(
    town: Town, build: Builder, open_browser: Opener
) -> None:
    other = build.school("SMP Lain", district="18.72.04")
    principal = build.user(town_role(), other)
    page = open_browser(scripts=False)
    sign_in(page, town, town.principal)
    page.goto(f"{town.address}/sesi/baru")
    page.locator("summary", has_text="Peserta").click()
    page.locator("#room").fill("Aula besar")
    page.locator(".slot input").first.check(force=True)
    build.requested(principal, other, build.first_slot(other))
    page.get_by_role("button", name="Kirim permintaan").click()
    expect(page.locator("#error-summary")).to_contain_text("baru saja diambil sekolah lain")
    expect(page.locator("#nearest button")).to_have_count(3)
    assert page.locator("#room").input_value() == "Aula besar"
    page.locator("#nearest button").first.click()
    expect(page.locator(".hold")).to_be_visible()
    page.get_by_role("button", name="Kirim permintaan").click()
    expect(page.locator(".confirmation")).to_be_visible()


def town_role() -> str:
    """Return the role of a principal."""
    return "principal"


@on_sqlite
def test_an_approval_can_be_undone_for_some_seconds(
    town: Town, build: Builder, open_browser: Opener
) -> None:
    build.setting("undo_seconds", 4)
    build.requested(town.principal, town.school, build.first_slot(town.school))
    page = open_browser(viewport={"width": 1280, "height": 800})
    sign_in(page, town, town.coordinator)
    page.goto(f"{town.address}/permintaan")
    page.get_by_role("button", name="Setujui & tugaskan").click()
    page.get_by_role("button", name="Urungkan").click()
    expect(page.get_by_role("button", name="Setujui & tugaskan")).to_be_visible()
    page.get_by_role("button", name="Setujui & tugaskan").click()
    expect(page.get_by_role("button", name="Urungkan")).to_be_visible()
    # The button goes by itself when its time is over.
    expect(page.get_by_role("button", name="Urungkan")).to_have_count(0, timeout=8000)


@on_sqlite
def test_a_clash_is_named_at_once_and_mended_in_one_tap(
    town: Town, build: Builder, open_browser: Opener
) -> None:
    second = build.worker("Nia Rahmawati")
    slot = build.first_slot(town.school)
    visit = build.requested(town.principal, town.school, slot)
    other = build.school("SMP Lain", district="18.72.02")
    build.requested(build.user(town_role(), other), other, slot)
    busy, free = (
        (second, town.worker) if visit.social_worker_id == town.worker.id else (town.worker, second)
    )
    page = open_browser(viewport={"width": 1280, "height": 800})
    sign_in(page, town, town.coordinator)
    page.goto(f"{town.address}/permintaan")
    row = page.locator("tr", has_text="SMP Tunas Harapan")
    row.locator("select").select_option(busy.public_id)
    expect(row.locator(".conflict")).to_contain_text("SMP Lain")
    row.get_by_role("button", name=re.compile("Ganti ke")).click()
    expect(row.locator(".conflict")).to_have_count(0)
    assert row.locator("select").input_value() == free.public_id


@on_sqlite
def test_the_language_switch_keeps_page_and_typed_answers(town: Town, open_browser: Opener) -> None:
    page = open_browser()
    sign_in(page, town, town.principal)
    page.goto(f"{town.address}/sesi/baru")
    page.locator("details:has(#needs) > summary").click()
    page.locator("#needs").fill("Proyektor dan 2 mikrofon")
    page.locator(".lang-switch button").click()
    expect(page.get_by_role("heading", name="Book a session")).to_be_visible()
    assert page.locator("#needs").input_value() == "Proyektor dan 2 mikrofon"
