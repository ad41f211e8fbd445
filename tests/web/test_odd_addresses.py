"""Whatever stands behind the question mark, a page answers; mostly people's old links."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core.access import SCHOOL_ROLES, Role
from tests.builders import Builder
from tests.client import PageClient

# Every word an address of a page may carry.
WORDS = {
    "bahasa",
    "cari",
    "dasar",
    "disetujui",
    "hari",
    "jenjang",
    "kecamatan",
    "lanjut",
    "mitra",
    "pekan",
    "programme",
    "sebelum",
    "sekolah",
    "semua",
    "setelah",
    "status",
    "tahun",
    "terkirim",
    "urut",
    "worker",
}
ODD = [
    "\x00",
    "a\x00b",
    "x" * 3000,
    "é",
    "-1",
    "9" * 40,
    "0",
    "9999-10000",
    "2026-13-45",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "%",
    "'\"<b>",
    "null",
    "W10",
    "\u202e",
    " ",
]
# What PostgreSQL takes harder than SQLite.
HARD = ["a\x00b", "-1", "9" * 40, "9999-10000", "9999-12-31", "0001-01-01", "\u202e"]
PAGES = {
    Role.COORDINATOR: ["/permintaan", "/sekolah", "/cakupan", "/cakupan.xlsx", "/peksos", "/sesi"],
    Role.PRINCIPAL: ["/beranda", "/sesi", "/sesi/baru", "/pengguna", "/undangan/baru"],
    Role.ADMIN: ["/sekolah", "/undangan/baru", "/pengguna"],
}


@pytest.mark.parametrize("role", PAGES)
def test_odd_words_in_an_address_break_no_page(app: Flask, role: Role) -> None:
    build = Builder(app.extensions["database"])
    school = build.school()
    build.worker()
    build.mou(school)
    user = build.user(role, school if role in SCHOOL_ROLES else None)
    build.close()
    client = PageClient(app).sign_in(user)
    values = ODD if app.config["PORTAL"].database_url.startswith("sqlite") else HARD
    for path in PAGES[role]:
        for value in values:
            response = client.get(path, query_string=dict.fromkeys(sorted(WORDS), value))
            understood = {400} if "\x00" in value else {200, 303, 404}
            assert response.status_code in understood, (path, value)


@pytest.mark.parametrize("role", PAGES)
def test_words_nobody_knows_change_nothing(app: Flask, role: Role) -> None:
    build = Builder(app.extensions["database"])
    school = build.school()
    user = build.user(role, school if role in SCHOOL_ROLES else None)
    build.close()
    client = PageClient(app).sign_in(user)
    for path in PAGES[role]:
        if path != "/cakupan.xlsx":
            plain = client.get(path)
            assert client.get(f"{path}?utm_source=wa&x=1").status_code == plain.status_code
