"""The pages about children back at school: accessible in both lights, light, and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, UNFOLD, Opener, enter
from tests.journeys.test_case_screens import NARROW, hrefs
from tests.journeys.test_screens import (
    LATER_VIEW_BYTES,
    Scales,
    complaints_in_the_dark,
    complaints_of_axe,
)

pytestmark = [pytest.mark.browser, on_sqlite]

PLACES = ("/pemantauan", "/peringatan", "/rencana-kembali", "/kasus", "/kesenjangan", "/kalender")
# Who looks, where they begin, and which further pages are a link away from there.
WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "Dedi Kurniawan": {
        "/pemantauan": ("a[href^='/pemantauan/']", "a[href^='/rencana-kembali/']"),
    },
    "Lestari Handayani": {
        "/pemantauan": ("a[href^='/rencana-kembali/']", "li a[href^='/pemantauan/'] >> nth=0"),
    },
    "Mulyono": {"/pemantauan": ("a[href^='/rencana-kembali/'] >> nth=0",)},
    "Sari Wulandari": {
        "/pemantauan": ("a[href$='/pemantauan'] >> nth=-1",),
        "/pemantauan/antrean": ("a[href^='/peringatan/']", "a[href$='/baca']"),
    },
    "Yuni Astuti": {"/pemantauan": (), "/kalender": (), "/kesenjangan": ()},
    "Endang Susilowati": {
        "/kesenjangan": (),
        "/pemantauan/instrumen": (),
        "/pemantauan/jawaban-siap": (),
    },
}


def pages(page: Page, address: str, ways: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the addresses somebody gets to."""
    found: dict[str, None] = {}
    for start, links in ways.items():
        page.goto(address + start)
        found[start] = None
        for link in links:
            there = [each.partition("#")[0] for each in hrefs(page, f"main {link}")]
            assert there, f"no {link} on {start}"
            # Of many of a kind, two are enough.
            found.update(dict.fromkeys(there[:2]))
    return list(found)


def complaints_about(page: Page, path: str) -> list[str]:
    """Return what axe and a narrow phone find on a page, with all that is folded open."""
    page.evaluate(UNFOLD)
    complaints = complaints_of_axe(page) + complaints_in_the_dark(page)
    for width in (PHONE["width"], NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            complaints.append(f"{path} scrolls sideways at {width}")
    page.set_viewport_size(PHONE)
    return complaints


@pytest.mark.parametrize("persona", WAYS)
def test_every_page_of_back_at_school_is_accessible_and_light(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, persona)
    paths = pages(page, full_portal, WAYS[persona])
    scales = Scales(page, full_portal)
    complaints: list[str] = []
    for path in paths:
        page.goto(full_portal + path)
        assert page.locator("h1").count() == 1, path
        complaints += complaints_about(page, path)
    weights = scales.weigh()
    complaints += [
        f"{path} weighs {each}"
        for path, each in weights.items()
        if path.startswith(PLACES) and each > LATER_VIEW_BYTES
    ]
    assert complaints == []


def test_the_office_reads_a_child_on_a_desktop_in_english(
    full_portal: str, open_browser: Opener
) -> None:
    page = open_browser(viewport=DESKTOP)
    enter(page, full_portal, "Nia Rahmawati")
    page.goto(f"{full_portal}/pemantauan?bahasa=en")
    complaints: list[str] = []
    case = hrefs(page, "main a[href^='/kasus/']")[0].rpartition("/")[0]
    for part in ("pemantauan", "kembali-sekolah"):
        page.goto(f"{full_portal}{case}/{part}")
        assert page.locator("html").get_attribute("lang") == "en"
        complaints += complaints_of_axe(page)
    assert complaints == []
