"""The pages of materials, full as in use: accessible in both lights, light, and narrow."""

from __future__ import annotations

import pytest

from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, Opener, enter
from tests.journeys.test_monitoring_screens import complaints_about, pages
from tests.journeys.test_screens import LATER_VIEW_BYTES, Scales, complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]

PLACES = ("/materi", "/orang-tua", "/kampanye")
# Who looks, where they begin, and which further pages are a link away from there.
WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "": {
        "/materi": (),
        "/materi?q=perundungn+chat": (),
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
        "/materi/kelola": (),
        "/materi/kelola?tampil=tinjau": (),
        "/materi/namanya-raka/terbitan": ("a[href*='/terbitan/']",),
        "/kampanye": ("a[href^='/kampanye/'] >> nth=-2",),
    },
    "Endang Susilowati": {"/materi/kursi-kosong-di-kantin": ()},
}


@pytest.mark.parametrize("persona", WAYS)
def test_every_page_of_materials_is_accessible_and_light(
    full_portal: str, open_browser: Opener, persona: str
) -> None:
    page = open_browser(viewport=PHONE)
    enter(page, full_portal, persona)
    paths = pages(page, full_portal, WAYS[persona])
    print(paths)
    scales = Scales(page, full_portal)
    complaints: list[str] = []
    for path in paths:
        page.goto(full_portal + path)
        assert page.locator("h1").count() == 1, path
        complaints += complaints_about(page, path)
    complaints += [
        f"{path} weighs {each}"
        for path, each in scales.weigh().items()
        if path.startswith(PLACES) and each > LATER_VIEW_BYTES
    ]
    print(complaints)
    assert complaints == []
