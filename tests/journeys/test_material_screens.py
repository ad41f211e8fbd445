"""The pages of materials, full as in use: accessible in both lights, light, and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from portal.materials.policy.channels import LINK
from portal.materials.states import PostState
from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, Opener, enter
from tests.journeys.test_case_screens import hrefs
from tests.journeys.test_monitoring_screens import complaints_about, pages
from tests.journeys.test_screens import LATER_VIEW_BYTES, Scales, complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]

# Who looks, where they begin, and which further pages are a link away from there.
WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "": {
        "/materi": (),
        "/materi?cari=perundungn+chat": (),
        f"/materi?cari={'perundungan' * 18}&bentuk=kuis": (),
        "/materi/koleksi/untuk-wali-kelas": (),
        "/materi/apa-itu-perundungan": (),
        "/materi/kursi-kosong-di-kantin/main": ("a[href*='pilih=1']",),
        "/materi/kursi-kosong-di-kantin/main/akhir-teman": (),
        "/materi/kursi-kosong-di-kantin/selesai": (),
        "/materi/tes-mini-teman-yang-menolong/kuis": (),
        "/materi/poster-kamu-tidak-sendirian/poster": (),
        "/materi/tersimpan": (),
        "/orang-tua": (),
        "/orang-tua/jalur/10-hari-pengasuhan-digital": (),
        "/orang-tua/minta-izin-sebelum-melihat-hp": (),
    },
    "Dedi Kurniawan": {
        "/materi?favorit=1": (),
        "/materi/foto-di-grup-kelas": (),
        "/materi/tes": ("a[href^='/materi/tes/'] >> nth=0", "a[href^='/materi/tes/'] >> nth=1"),
    },
    "Sari Wulandari": {
        "/materi/baru": (),
        "/materi/impor": (),
        "/materi/namanya-raka/ubah": (),
        "/materi/namanya-raka/tentang": (),
        "/materi/namanya-raka/cerita": (),
        "/materi/namanya-raka/cerita/lapangan": (),
        "/materi/namanya-raka/terjemahan": (),
        "/materi/namanya-raka/pratinjau": (),
        "/materi/tes-mini-teman-yang-menolong/soal": (),
        "/materi/kelola/koleksi": ("a[href^='/materi/kelola/koleksi/'] >> nth=-1",),
        "/materi/kelola/sinonim": (),
    },
    "Yuni Astuti": {
        "/materi/kursi-kosong-di-kantin": (),
        "/materi/kelola": (),
        "/materi/kelola?tampil=tinjau": (),
        "/materi/namanya-raka/terbitan": ("a[href*='/terbitan/']",),
    },
}
IN_ENGLISH = (
    "/materi",
    "/materi/foto-di-grup-kelas",
    "/materi/foto-di-grup-kelas/main",
    "/materi/foto-di-grup-kelas/main/akhir-bk",
    "/orang-tua/dengarkan-dulu",
    "/materi/tes",
)


@pytest.mark.parametrize("persona", WAYS)
def test_every_page_of_materials_is_accessible_and_light(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, persona)
    look_at(page, full_portal, pages(page, full_portal, WAYS[persona]))


def test_the_pages_of_a_campaign_are_accessible_and_light(
    full_portal: str, open_browser: Opener
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, "Nia Rahmawati")
    page.goto(f"{full_portal}/kampanye")
    running, over = hrefs(page, "main .people-list a")
    page.goto(f"{full_portal}{running}?tampilan=daftar")
    assert LINK not in page.inner_text("main")
    # Of every step the first one: planned, approved, posted, dropped.
    posts = hrefs(page, "main .people-list li:first-child a")
    assert len(posts) == len(PostState)
    others = (f"{running}/kiriman/baru", f"{posts[1]}/ubah", "/kampanye/baru", over)
    look_at(page, full_portal, [running, page.url.removeprefix(full_portal), *posts, *others])


def test_what_pupils_and_teachers_read_is_accessible_on_a_desktop_in_english(
    full_portal: str, open_browser: Opener
) -> None:
    page = open_browser(viewport=DESKTOP)
    enter(page, full_portal, "Dedi Kurniawan")
    page.goto(f"{full_portal}/materi?bahasa=en")
    complaints: list[str] = []
    for path in IN_ENGLISH:
        page.goto(full_portal + path)
        assert page.locator("html").get_attribute("lang") == "en"
        complaints += complaints_of_axe(page)
    assert complaints == []


def test_typing_a_search_adds_no_steps_to_back(full_portal: str, open_browser: Opener) -> None:
    page = open_browser(viewport=PHONE)
    page.goto(f"{full_portal}/orang-tua")
    page.goto(f"{full_portal}/materi")
    for typed in ("kantin", "kantin teman"):
        page.locator("#cari").fill(typed)
        page.wait_for_url(f"**cari={typed.replace(' ', '*')}*")
    page.go_back()
    page.wait_for_url("**/orang-tua")


def look_at(page: Page, address: str, paths: list[str]) -> None:
    """Look at some pages as axe and narrow phones do, and weigh them."""
    scales = Scales(page, address)
    complaints: list[str] = []
    for path in paths:
        page.goto(address + path)
        assert page.locator("h1").count() == 1, path
        complaints += complaints_about(page, path)
    # Cards and posters beside a page are pictures, and fetched after it.
    seen = {path.partition("?")[0] for path in paths}
    complaints += [
        f"{path} weighs {each}"
        for path, each in scales.weigh().items()
        if path in seen and each > LATER_VIEW_BYTES
    ]
    assert complaints == []
