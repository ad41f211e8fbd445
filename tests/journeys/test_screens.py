"""Every screen, full and empty, as a phone shows it: accessible, light, and never sideways."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Response

from tests.journeys.conftest import DESKTOP, PHONE, Opener, enter

# What a screen looks like does not depend on the engine.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]

FIRST_VIEW_BYTES = 60 * 1024
HTML_BYTES = 12 * 1024
CSS_BYTES = 12 * 1024
SCRIPT_BYTES = 22 * 1024
LATER_VIEW_BYTES = 12 * 1024

SCREENS: dict[str, tuple[str, ...]] = {
    "": (
        "/",
        "/masuk",
        "/lupa-sandi",
        "/lupa-sandi/terkirim",
        "/sandi-baru/lama",
        "/privasi",
        "/tentang",
        "/luring",
        "/tidak-ada",
        "/undangan/lama",
    ),
    "Ratna Dewi": (
        "/beranda",
        "/sesi",
        "/sesi/baru",
        "/sekolah",
        "/pengguna",
        "/undangan/baru",
        "/akun",
        "/akun/keamanan",
        "/akun/kontak",
        "/akun/sandi",
        "/akun/kode-cadangan",
        "/akun/pastikan",
        "/akun/pesan",
        "/pesan",
        "/tata-laku",
        "/permintaan",
        "/laporan",
        "/laporan/baru",
    ),
    "Dedi Kurniawan": ("/beranda", "/sesi", "/sekolah", "/akun/kode"),
    "Yuni Astuti": (
        "/beranda",
        "/permintaan",
        "/permintaan?status=terjadwal",
        "/permintaan?status=selesai",
        "/permintaan?kecamatan=metro-barat&jenjang=SLB",
        "/cakupan",
        "/cakupan?dasar=mitra&kecamatan=metro-utara",
        "/sekolah",
        "/sekolah?kecamatan=metro-selatan",
        "/sekolah?q=tidak-ada",
        "/peksos",
        "/pesan/serahkan",
        "/laporan/catat",
        "/laporan/angka",
        "/triase",
        "/triase?tampil=karantina",
        "/triase?tampil=saya",
        "/triase/jadwal",
        "/kasus",
        "/kasus/baru",
    ),
    "Sari Wulandari": ("/beranda", "/sesi", "/sesi?semua=1", "/kasus?tampil=selesai"),
    "Endang Susilowati": (
        "/beranda",
        "/cakupan",
        "/akun",
        "/pengguna",
        "/permintaan-data",
        "/permintaan-data/baru",
        "/insiden-data",
        "/insiden-data/baru",
        "/akses-darurat",
        "/retensi",
        "/kasus",
        "/kasus/angka",
        "/kasus/kendala",
        "/kasus/kesesuaian",
        "/rujukan",
        "/rujukan/biaya",
        "/rujukan/penyedia",
        "/rujukan/penyedia/baru",
        "/prosedur",
        "/dasar-hukum",
        "/dasar-hukum/baru",
    ),
    "Hartati Ningsih": ("/beranda", "/akses-darurat", "/jejak"),
    "Rizki Ramadhan": (
        "/beranda",
        "/pengguna",
        "/pengguna/tinjau",
        "/pengaturan",
        "/sekolah/impor",
        "/jejak",
        "/retensi",
        "/operasi",
        "/operasi/surel",
    ),
    "Tri Wahyuni": ("/beranda", "/cakupan", "/laporan/angka", "/kasus/angka", "/sekolah"),
    "Putri Anggraini": ("/beranda",),
}


EVERYTHING = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")
# All that the dark colours can change, and more than half of axe's work.
COLOURS = "color-contrast"
# Only what is wrong: to gather all that is well takes three times as long.
VIOLATIONS = "options => axe.run(options).then(found => found.violations)"
# How each text of a page stands out, by all that axe asks: colours, what lies behind, large or not.
CONTRASTS = """() => {
    const behind = (each) => {
        const found = [];
        for (; each; each = each.parentElement) {
            const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(each);
            if (backgroundColor !== "rgba(0, 0, 0, 0)") found.push(backgroundColor);
            if (backgroundImage !== "none") found.push(backgroundImage);
            if (opacity !== "1") found.push(opacity);
            // What is put elsewhere than where it stands may lie on anything.
            if (["absolute", "fixed"].includes(position)) found.push(String(each.className));
            if (backgroundColor.startsWith("rgb(")) break;
        }
        return found;
    };
    const told = (each) => {
        const { color, fill, fontSize, fontWeight, textShadow } = getComputedStyle(each);
        const size = parseFloat(fontSize);
        const large = size >= 24 || (size >= 18.66 && fontWeight >= 700);
        return [color, fill, large, textShadow, ...behind(each)].join(" ");
    };
    const speaks = (each) => each.matches("input, select, textarea")
        || [...each.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    // What only a screen reader finds is a point.
    const seen = (each) => each.checkVisibility() && each.getBoundingClientRect().width > 1;
    const every = [...document.body.querySelectorAll("*:not(option)")];
    return every.filter(speaks).filter(seen).map(told);
}"""
_looked_at: set[str] = set()


def shows_new_contrasts(page: Page) -> bool:
    """Say whether a text of a page stands out as none did that axe has looked at."""
    contrasts = set(page.evaluate(CONTRASTS))
    new = not contrasts <= _looked_at
    _looked_at.update(contrasts)
    return new


def run_axe(page: Page, options: dict[str, object]) -> list[str]:
    """Return what axe finds, each as rule and place."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    return [
        f"{page.url}: {violation['id']} at {node['target']}"
        for violation in page.evaluate(VIOLATIONS, {**options, "resultTypes": ["violations"]})
        for node in violation["nodes"]
    ]


def complaints_of_axe(page: Page) -> list[str]:
    """Return what axe finds; at colours it has seen it looks no second time."""
    colours = {COLOURS: {"enabled": shows_new_contrasts(page)}}
    return run_axe(page, {"runOnly": list(EVERYTHING), "rules": colours})


def complaints_in_the_dark(page: Page) -> list[str]:
    """Return what axe finds when the phone turns dark; colours change at once, not by and by."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found = run_axe(page, {"runOnly": [COLOURS]}) if shows_new_contrasts(page) else []
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return [f"dark: {each}" for each in found]


@pytest.mark.parametrize("persona", SCREENS)
def test_every_screen_is_accessible_and_fits_a_phone(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, persona)
    complaints: list[str] = []
    for path in SCREENS[persona]:
        page.goto(full_portal + path)
        complaints += complaints_of_axe(page)
        complaints += complaints_in_the_dark(page)
        for width in (PHONE["width"], 320):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                complaints.append(f"{path} scrolls sideways at {width}")
        page.set_viewport_size(PHONE)
    assert complaints == []


# One of each kind: a home, a form, a list, a table, a board, settings, what a machine tells.
IN_ENGLISH = {
    "Ratna Dewi": ("/beranda", "/sesi/baru", "/pengguna", "/akun/keamanan", "/laporan/baru"),
    "Yuni Astuti": ("/permintaan", "/cakupan", "/triase", "/kasus/baru"),
    "Rizki Ramadhan": ("/pengaturan", "/jejak", "/operasi"),
}


@pytest.mark.parametrize("persona", IN_ENGLISH)
def test_screens_are_accessible_on_a_desktop_in_english(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=DESKTOP)
    enter(page, full_portal, persona)
    page.goto(f"{full_portal}/beranda?bahasa=en")
    complaints: list[str] = []
    for path in IN_ENGLISH[persona]:
        page.goto(full_portal + path)
        assert page.locator("html").get_attribute("lang") == "en"
        complaints += complaints_of_axe(page)
    assert complaints == []


def visit_pages(page: Page, address: str) -> list[str]:
    """Return the addresses of one visit in each state the demonstration holds."""
    page.goto(f"{address}/permintaan")
    waiting = page.locator("th a").first.get_attribute("href")
    found = [waiting]
    for status in ("terjadwal", "selesai", "tidak-jadi"):
        page.goto(f"{address}/permintaan?status={status}")
        found.append(page.locator("th a").first.get_attribute("href"))
    return [path for path in found if path]


def test_the_pages_of_one_record_are_accessible(full_portal: str, open_browser: Opener) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, "Yuni Astuti")
    paths = visit_pages(page, full_portal)
    page.goto(f"{full_portal}/sekolah")
    paths.append(page.locator("#school-list th a").first.get_attribute("href") or "")
    page.goto(f"{full_portal}/peksos")
    paths.append(page.locator(".people-list a").first.get_attribute("href") or "")
    assert len(paths) == 6
    check_each(page, full_portal, paths)


def test_the_pages_about_one_person_are_accessible(full_portal: str, open_browser: Opener) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, "Ratna Dewi")
    page.goto(f"{full_portal}/pengguna")
    links = page.locator(".people-list a")
    paths = [links.nth(number).get_attribute("href") or "" for number in range(2)]
    assert [path.rpartition("/")[2] for path in paths] == ["tautan", "akhiri"]
    check_each(page, full_portal, paths)
    page.goto(f"{full_portal}/akun/kode-cadangan")
    page.locator("main form button[type=submit]").click()
    assert page.locator("#recovery-codes li").count() == 10
    assert complaints_of_axe(page) == []


def test_the_pages_of_a_report_are_accessible(full_portal: str, open_browser: Opener) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, "Sari Wulandari")
    paths = []
    for tab in ("saya", "karantina", "selesai"):
        page.goto(f"{full_portal}/triase?tampil={tab}")
        links = page.locator(".data-table th a")
        every = range(links.count())
        paths += [links.nth(number).get_attribute("href") or "" for number in every]
    assert len(paths) == 5
    check_each(page, full_portal, paths)


def check_each(page: Page, address: str, paths: list[str]) -> None:
    """Look at some pages as axe and a narrow phone do."""
    complaints: list[str] = []
    for path in paths:
        page.goto(address + path)
        assert page.locator("h1").count() == 1
        complaints += complaints_of_axe(page)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            complaints.append(f"{path} scrolls sideways")
    assert complaints == []


class Scales:
    """Weighs what a page fetches, compressed, as it comes over the line."""

    def __init__(self, page: Page, address: str) -> None:
        self.address = address
        self.responses: list[Response] = []
        page.on("response", lambda response: self.responses.append(response))

    def weigh(self) -> dict[str, int]:
        """Return bytes by path and forget them."""
        weights = {}
        for response in self.responses:
            assert response.url.startswith(self.address), f"foreign request: {response.url}"
            path = re.sub(r"[?].*", "", response.url.removeprefix(self.address))
            sizes = response.request.sizes()
            weights[path] = sizes["responseBodySize"] + sizes["responseHeadersSize"]
        self.responses.clear()
        return weights


@pytest.mark.parametrize("path", ["/", "/masuk"])
def test_the_first_view_stays_within_its_weight(
    full_portal: str, open_browser: Opener, path: str
) -> None:
    page = open_browser()
    scales = Scales(page, full_portal)
    page.goto(full_portal + path, wait_until="networkidle")
    weights = scales.weigh()
    assert weights[path] <= HTML_BYTES
    assert weights["/static/vendor/portal.css"] <= CSS_BYTES + 512
    assert weights["/static/vendor/app.js"] <= SCRIPT_BYTES
    assert sum(weights.values()) <= FIRST_VIEW_BYTES


def test_later_views_and_fragments_are_light(full_portal: str, open_browser: Opener) -> None:
    page = open_browser()
    enter(page, full_portal, "Ratna Dewi")
    scales = Scales(page, full_portal)
    for path in ("/beranda", "/sesi", "/sesi/baru"):
        page.goto(full_portal + path, wait_until="networkidle")
        weights = scales.weigh()
        assert weights[path] <= LATER_VIEW_BYTES
    with page.expect_response("**/tahan"):
        page.locator(".slot").first.click()
    page.wait_for_load_state("networkidle")
    assert scales.weigh()["/sesi/baru/tahan"] <= 6 * 1024


def test_offline_shows_the_offline_page(full_portal: str, browser: object) -> None:
    context = browser.new_context(viewport=PHONE, locale="id-ID")  # type: ignore[attr-defined]
    try:
        page = context.new_page()
        page.goto(f"{full_portal}/tentang")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        context.set_offline(True)
        page.goto(f"{full_portal}/privasi")
        assert "Portal belum bisa dihubungi" in page.inner_text("main")
    finally:
        context.close()


def test_the_keyboard_alone_can_book(full_portal: str, open_browser: Opener) -> None:
    page = open_browser(viewport=DESKTOP)
    enter(page, full_portal, "Ratna Dewi")
    page.goto(f"{full_portal}/sesi/baru")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.locator(".slot input").first.focus()
    with page.expect_response("**/tahan"):
        page.keyboard.press("Space")
    page.get_by_role("button", name="Kirim permintaan").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sesi/*terkirim=1")
