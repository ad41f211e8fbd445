"""The pages of visits, partners and plans: accessible in both lights, light, and narrow.

Of each kind of page one is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, Opener, enter
from tests.journeys.test_case_screens import hrefs
from tests.journeys.test_monitoring_screens import complaints_about
from tests.journeys.test_screens import LATER_VIEW_BYTES, Scales, complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]

ID = "[A-Za-z0-9_-]{22}"


@dataclass(frozen=True)
class Way:
    """How somebody gets to a record: a page, a link on it, and the record's own further pages."""

    start: str
    link: str
    parts: tuple[str, ...] = ()
    number: int = 0

    def pages(self, page: Page, address: str) -> list[str]:
        """Return the addresses of the record and its parts."""
        page.goto(address + self.start)
        wanted = re.compile(self.link.replace("ID", ID))
        every = (each.partition("#")[0] for each in hrefs(page, "main a"))
        found = list(dict.fromkeys(each for each in every if wanted.fullmatch(each)))
        assert found, f"no {self.link} on {self.start}"
        record = found[self.number]
        return [record, *(record + part for part in self.parts)]


# Who looks, and at what.
PLACES: dict[str, tuple[str | Way, ...]] = {
    "": ("/jadi-mitra", "/jadi-mitra/terkirim"),
    "Ratna Dewi": (
        "/kalender-sesi?tampilan=bulan",
        "/kalender-sesi?tampilan=agenda",
        "/sesi/baru/usulkan",
        "/sesi/harapan",
        # The session that is to come, and the one that is over.
        Way("/sesi", "/sesi/ID", ("/surat",)),
        Way("/sesi", "/sesi/ID", ("/umpan-balik",), number=-1),
        Way("/sekolah", "/sekolah/ID/mou/ID"),
        Way("/sekolah", "/sekolah/ID/kelas"),
        Way("/sekolah", "/sekolah/ID/kontak"),
    ),
    "Mulyono": (Way("/sesi", "/sesi/ID"), Way("/sekolah", "/sekolah/ID/kelas")),
    "Yuni Astuti": (
        "/permintaan?status=ditawarkan",
        "/sesi/undang",
        "/sesi/baru/untuk-sekolah",
        "/sesi/harapan",
        "/program",
        "/program/kebutuhan",
        "/hari-tanpa-sesi",
        "/surat/format/duty/id",
        "/mitra",
        "/rencana",
        "/saran",
        Way("/permintaan?status=menunggu", "/sesi/ID", ("/tawarkan",)),
        Way("/permintaan?status=terjadwal", "/sesi/ID", ("/pindahkan",)),
        Way("/program", "/program/ID"),
        Way("/mitra", "/mitra/ID"),
        Way("/saran", "/saran/ID"),
        Way("/permintaan-mitra", "/permintaan-mitra/ID"),
        Way("/rencana", "/rencana/ID"),
    ),
    "Sari Wulandari": (
        Way("/beranda", "/sesi/ID", ("/terlaksana", "/biaya", "/foto", "/umpan-balik")),
    ),
    "Rizki Ramadhan": (Way("/sekolah", "/sekolah/ID", ("/nama", "/gabung"), number=1),),
}
IN_ENGLISH: dict[str, tuple[str | Way, ...]] = {
    "Ratna Dewi": (Way("/sesi", "/sesi/ID", number=-1), "/kalender-sesi?tampilan=bulan"),
    "Yuni Astuti": ("/mitra", Way("/rencana", "/rencana/ID")),
}


def pages(page: Page, address: str, places: tuple[str | Way, ...]) -> list[str]:
    """Return the addresses of these places."""
    found: list[str] = []
    for each in places:
        found += [each] if isinstance(each, str) else each.pages(page, address)
    return found


@pytest.mark.parametrize("persona", PLACES)
def test_every_page_of_visits_and_partners_is_accessible_and_light(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, persona)
    paths = pages(page, full_portal, PLACES[persona])
    scales = Scales(page, full_portal)
    complaints: list[str] = []
    for path in paths:
        page.goto(full_portal + path)
        assert page.locator("h1").count() == 1, path
        complaints += complaints_about(page, path)
    bare = {path.partition("?")[0] for path in paths}
    weights = scales.weigh()
    heavy = (each for each in bare if weights[each] > LATER_VIEW_BYTES)
    complaints += [f"{path} weighs {weights[path]}" for path in heavy]
    assert complaints == []


@pytest.mark.parametrize("persona", IN_ENGLISH)
def test_visits_and_partners_are_accessible_on_a_desktop_in_english(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=DESKTOP)
    enter(page, full_portal, persona)
    page.goto(f"{full_portal}/beranda?bahasa=en")
    complaints: list[str] = []
    for path in pages(page, full_portal, IN_ENGLISH[persona]):
        page.goto(full_portal + path)
        assert page.locator("html").get_attribute("lang") == "en"
        complaints += complaints_of_axe(page)
    assert complaints == []
