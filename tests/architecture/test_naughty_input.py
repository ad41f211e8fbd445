"""Whatever somebody puts into a form or an address, the portal answers calmly and safely."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from flask import url_for
from html5lib import HTMLParser
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import create_app
from portal.config import Settings
from portal.core.db import connect
from portal.core.settings import REGISTRY
from portal.referrals.routes.door import COOKIE
from portal.web.forms import PortalForm
from tests.architecture.casefiles import BROWSER
from tests.architecture.test_access_matrix import ANONYMOUS, OPEN_TO, Stage
from tests.architecture.town import add_objects, add_people
from tests.builders import Builder
from tests.client import PageClient, forms_of
from tests.conftest import settings_for
from tests.web.test_forms import descendants

# A tag and an attribute that no page of ours has; wherever they turn up as such, something leaked.
TAG = "nakal"
# What a template would make of it; long enough not to stand in a token by chance.
SUM, CARRIED_OUT = "7919*104729", str(7919 * 104729)
MARKUP = f"<{TAG} onx=1>\"'><{TAG}>{{{{{SUM}}}}}"

ELSEWHERE = ("javascript:", "//", "\\")
# Whatever the tree of a page may hold of these, its text holds as well.
HINTS = re.compile(rf"<{TAG}|onx|<script(?! defer src=\"/static/)", re.IGNORECASE)
ADDRESS = re.compile(
    r"""(?:href|action|src)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>][^\s>]*)""", re.IGNORECASE
)

# As raw bytes, so that also what is no UTF-8 can be sent.
NAUGHTY: dict[str, bytes] = {
    "markup": MARKUP.encode(),
    "script": b"<script>alert(1)</script>",
    "long": b"x" * 100_000,
    "long wide": "é漢".encode() * 20_000,
    "NUL": b"a\x00b",
    "surrogate": b"a\xed\xa0\x80b",
    "broken UTF-8": b"a\xff\xfeb\xc3",
    "bidi": "a\u202etxt.exe\u2066b".encode(),
    "invisible": "\u200b\ufeff\u2028\u0085".encode(),
    "CRLF": b"a\r\nSet-Cookie: nakal=1\r\n\r\n<html>",
    "formula": b'=HYPERLINK("http://luar.example";"x")',
    "template": f"{{{{{SUM}}}}}{{% raw %}}${{{SUM}}}%(nama)s%s%n{{0}}".encode(),
    "SQL": b"' OR 1=1 --",
    "huge": b"1" + b"0" * 30,
    "very huge": b"9" * 5000,
    "negative": b"-1",
    "not a number": b"NaN",
    "infinite": b"1e999",
    "other digits": "٣²".encode(),
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈".encode(),
    "path": b"../../../../etc/passwd\x2500",
    "elsewhere": b"//luar.example/\\luar.example",
    "early": b"0001-01-01",
    "late": b"9999-12-31T23:59:59.999999-23:59",
    "no day": b"2026-02-30",
    "no choice": b"tidak-ada",
    "blank": b" \t ",
}
# Names a form may carry without showing them.
EXTRA = ("bahasa", "lanjut", "pekan", "pilih", "version", "idempotency_key", "csrf_token", "isian")
# Words an address may carry; the names of all fields join them.
WORDS = (
    *("bahasa", "cari", "dasar", "disetujui", "hari", "isian", "jenjang", "kecamatan", "lanjut"),
    "kunjungan",
    *("mitra", "pekan", "programme", "sebelum", "sekolah", "semua", "setelah", "status", "tahun"),
    *("terkirim", "urut", "worker", "v", "orang", "jenis", "tindakan", "dari", "sampai", "aktor"),
    *("tampil", "laporan", "saudara", "tahap", "manajer", "periode"),
)
# Where whoever leaves Ruang Cerita quickly is led to.
NEUTRAL = REGISTRY["quick_exit_url"].default
CALM = {200, 204, 303, 400, 404, 405, 409, 410, 413, 422, 429}
# A provider is known by the browser it opened its link in.
WITH_PROVIDER = {"referrals.answer", "referrals.packet"}
# Says by its status that no worker runs in the town.
TELLS_BY_STATUS = "/siap"

# What one field alone may do, with the others as they were shown.
ALONE = ("markup", "NUL", "huge", "late", "no choice")
# What also goes into fields that the page does not show.
SURPRISING = (*ALONE, "CRLF", "elsewhere", "surrogate", "early", "path")
# What PostgreSQL takes harder than SQLite.
HARD = ("NUL", "surrogate", "very huge", "early")
MOST_BYTES = 60_000
# How many turns the values take: each view bears a part of them, and all of them in a drill.
FORM_TURNS, PAGE_TURNS = 8, 16
ENDPOINTS = pytest.mark.parametrize("endpoint", sorted(OPEN_TO))


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("naughty") / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "portal.db")
    stage = set_up(settings_for(folder, f"sqlite:///{folder / 'portal.db'}"))
    shutil.copytree(folder, stage.saved)
    yield stage
    stage.app.extensions["database"].dispose()


def set_up(settings: Settings) -> Stage:
    """Put the town into a fresh database and return it with its application."""
    folder = settings.data_dir
    database = connect(settings.database_url)
    build = Builder(database)
    school = build.school()
    by_role = add_people(build, school)
    objects = add_objects(build, folder, school, by_role)
    sessions = {role: build.sign_in(user) for role, user in by_role.items()}
    build.close()
    database.dispose()
    return Stage(create_app(settings), folder, folder.with_name("saved"), objects, sessions)


def rule_of(stage: Stage, endpoint: str, method: str) -> Rule | None:
    """Return where a view answers to a method; None when it does not."""
    found = stage.app.url_map.iter_rules(endpoint)
    return next((rule for rule in found if method in (rule.methods or ())), None)


def somebody(endpoint: str) -> str:
    """Return who may open a view; a stranger where it is open to everybody."""
    allowed = OPEN_TO.get(endpoint) or frozenset({ANONYMOUS})
    return ANONYMOUS if ANONYMOUS in allowed else sorted(allowed)[0]


# Many fields get the same value, some of them a very long one.
quoted = lru_cache(maxsize=1000)(quote_from_bytes)


def encoded(pairs: list[tuple[str, bytes]]) -> bytes:
    """Return a form as it goes over the line."""
    return "&".join(f"{quoted(name.encode())}={quoted(value)}" for name, value in pairs).encode()


def check(response: TestResponse, what: str) -> None:
    """Check that an answer is calm, and that nothing of the input became part of the page."""
    asked = response.request.path
    assert response.status_code in CALM or asked == TELLS_BY_STATUS, (
        f"{what}: {response.status_code}"
    )
    for name, value in response.headers:
        assert not re.search(r"[\r\n]", name + value), f"{what}: {name}"
        assert not (name.lower() == "set-cookie" and "nakal" in value), what
    for name in ("Location", "HX-Redirect"):
        target = response.headers.get(name, "/")
        local = re.match(r"/(?![/\\])", target)
        assert local or target == NEUTRAL, f"{what}: {name} {target[:80]}"
    if response.mimetype == "text/html" and response.get_data():
        html = response.get_data(as_text=True)
        assert CARRIED_OUT not in html, f"{what}: a template was carried out"
        if not needs_a_look(html):
            return
        for element in HTMLParser(namespaceHTMLElements=False).parse(html).iter():
            assert element.tag != TAG, f"{what}: markup came back as markup"
            assert "onx" not in element.attrib, f"{what}: an attribute came back as one"
            assert element.tag != "script" or element.get("src"), f"{what}: a script came back"
            for attribute in ("href", "action", "src"):
                value = (element.get(attribute) or "").strip().lower()
                assert not value.startswith(ELSEWHERE), f"{what}: {value[:80]}"


def needs_a_look(html: str) -> bool:
    """Say whether a page could hold what the check looks for; parsing every page takes minutes."""
    addresses = (unescape(found.strip("\"'")).strip().lower() for found in ADDRESS.findall(html))
    return bool(HINTS.search(html)) or any(each.startswith(ELSEWHERE) for each in addresses)


def form_fields(stage: Stage, endpoint: str, client: PageClient, path: str) -> dict[str, list[str]]:
    """Return the fields of a form that somebody finds on the page it belongs to, if any."""
    page, reader = path, somebody(endpoint) + COOKIE * (endpoint in WITH_PROVIDER)
    while True:
        # Many forms stand on the same page.
        seen = page, reader
        if seen not in stage.forms:
            response = client.http.get(page)
            fine = response.status_code == 200 and response.mimetype == "text/html"
            stage.forms[seen] = dict(reversed([*forms_of(response.text)])) if fine else {}
        if path in stage.forms[seen]:
            return stage.forms[seen][path]
        if page == "/":
            return {}
        page = page.rpartition("/")[0] or "/"


@cache
def declared_fields() -> list[str]:
    """Return the names of the fields of all forms."""
    names = {
        name
        for form in descendants(PortalForm)
        if form.__module__.startswith("portal.")
        for name in dir(form)
        if hasattr(getattr(form, name), "field_class")
    }
    return sorted(names - set(EXTRA))


@dataclass
class Attempt:
    """Somebody who may open a view, its address, and what its form shows."""

    rule: Rule
    client: PageClient
    path: str
    shown: dict[str, list[str]]

    def send(self, pairs: list[tuple[str, bytes]], what: str, *, htmx: bool = False) -> None:
        """Send a form with a fitting token from a page of our own, and look at the answer."""
        headers = {"Origin": "http://localhost", "Referer": f"http://localhost{self.path}"}
        response = self.client.http.post(
            self.path,
            data=encoded([*pairs, ("csrf_token", self.client.csrf().encode())]),
            content_type="application/x-www-form-urlencoded",
            headers={**headers, **({"HX-Request": "true"} if htmx else {})},
        )
        check(response, f"{self.rule.endpoint}: {what}")

    def get(self, address: str, what: str, *, htmx: bool = False) -> None:
        """Ask for a page, and look at the answer."""
        headers = {"HX-Request": "true"} if htmx else {}
        response = self.client.http.get(address, headers=headers, buffered=True)
        check(response, f"{self.rule.endpoint}: {what}")


def begin(stage: Stage, rule: Rule) -> Attempt:
    """Return somebody who may open a view."""
    with stage.app.test_request_context():
        path = url_for(rule.endpoint, **stage.objects.arguments(rule))
    client = stage.writer(somebody(rule.endpoint))
    if rule.endpoint in WITH_PROVIDER:
        client.http.set_cookie(COOKIE, BROWSER)
    posted = "POST" in (rule.methods or ())
    if posted and rule.endpoint not in stage.shown:
        # Everybody begins in the same town, so the form shows the same each time.
        stage.shown[rule.endpoint] = form_fields(stage, rule.endpoint, client, path)
    return Attempt(rule, client, path, stage.shown[rule.endpoint] if posted else {})


def fill_every_field(attempt: Attempt, what: str, *, htmx: bool) -> None:
    """Send a view's form with the same value in every field, also in those it does not show."""
    names = [name for name in attempt.shown if name not in EXTRA] or declared_fields()
    value = NAUGHTY[what][: MOST_BYTES // len(names)]
    pairs = [(name, value) for name in names]
    attempt.send(pairs, what, htmx=htmx)
    if what not in SURPRISING:
        return
    more = [(name, NAUGHTY[what][:3000]) for name in EXTRA if name != "csrf_token"]
    attempt.send([*pairs, *more], what, htmx=not htmx)


def fill_one_field(attempt: Attempt, what: str, name: str) -> None:
    """Send a view's form with the value in one field and the others as they were shown."""
    pairs = [
        (other, NAUGHTY[what] if other == name else text.encode())
        for other, texts in attempt.shown.items()
        for text in texts
        if other not in {"csrf_token", "idempotency_key"}
    ]
    attempt.send(pairs, f"{what} in {name}")


def ask_everything(stage: Stage, attempt: Attempt, what: str) -> None:
    """Ask for a page with the value in every word of its address, and in the place of its ids."""
    value, path = NAUGHTY[what][:1500], attempt.path
    words = encoded([(name, value) for name in WORDS if name != "bahasa"]).decode()
    attempt.get(f"{path}?{words}", what, htmx=what in ALONE)
    if what in ALONE:
        attempt.get(f"{path}?bahasa={quote_from_bytes(value)}", what)
    for text in stage.objects.arguments(attempt.rule).values():
        attempt.get(path.replace(text, quote_from_bytes(value, safe="")), what)


def hard(rule: Rule, method: str, *, strict: bool) -> tuple[str, ...]:
    """Return which of the hardest ones a view bears on the stricter database, or on the other.

    Forms write, so there they bear half of them in turn; pages the one it refuses.
    """
    turn = sorted(OPEN_TO).index(rule.endpoint) % 2
    there = HARD[turn::2] if method == "POST" else HARD[:1]
    return there if strict else tuple(what for what in HARD if what not in there)


def in_turn(rule: Rule, method: str, turns: int) -> list[str]:
    """Return what a view bears: markup, the hardest ones, and in turn a part of the others."""
    others = [what for what in NAUGHTY if what not in ("markup", *HARD)]
    number = sorted(OPEN_TO).index(rule.endpoint)
    return ["markup", *hard(rule, method, strict=False), *others[number % turns :: turns]]


@ENDPOINTS
def test_a_form_bears_anything_in_all_its_fields(stage: Stage, endpoint: str) -> None:
    rule = rule_of(stage, endpoint, "POST")
    if rule is None:
        return
    send_all(stage, rule, in_turn(rule, "POST", FORM_TURNS))


def send_all(stage: Stage, rule: Rule, values: Iterable[str]) -> None:
    """Send a view's form with each of the values in all its fields."""
    for number, what in enumerate(values):
        if number % 9 == 0:
            # Whoever was signed out, or tried too often, begins again.
            stage.reset()
            attempt = begin(stage, rule)
        fill_every_field(attempt, what, htmx=number % 2 == 1)


@ENDPOINTS
def test_a_form_bears_anything_in_one_of_its_fields(stage: Stage, endpoint: str) -> None:
    rule = rule_of(stage, endpoint, "POST")
    if rule is None:
        return
    stage.reset()
    names = [name for name in begin(stage, rule).shown if name != "csrf_token"]
    turn = sorted(OPEN_TO).index(endpoint)
    for number, what in enumerate(ALONE):
        # Each field bears one of the values.
        borne = names[(number + turn) % len(ALONE) :: len(ALONE)]
        if borne:
            stage.reset()
            attempt = begin(stage, rule)
        for name in borne:
            fill_one_field(attempt, what, name)


@ENDPOINTS
def test_a_page_bears_anything_in_its_address(stage: Stage, endpoint: str) -> None:
    rule = rule_of(stage, endpoint, "GET")
    if rule is None or endpoint == "static":
        return
    stage.reset()
    attempt = begin(stage, rule)
    for what in in_turn(rule, "GET", PAGE_TURNS):
        ask_everything(stage, attempt, what)


@pytest.mark.drill
@ENDPOINTS
def test_every_view_bears_everything(stage: Stage, endpoint: str) -> None:
    posted, shown = (rule_of(stage, endpoint, method) for method in ("POST", "GET"))
    if posted is not None:
        send_all(stage, posted, NAUGHTY)
        for what in ALONE:
            stage.reset()
            attempt = begin(stage, posted)
            for name in attempt.shown:
                if name != "csrf_token":
                    fill_one_field(attempt, what, name)
    if shown is not None and endpoint != "static":
        stage.reset()
        attempt = begin(stage, shown)
        for what in NAUGHTY:
            ask_everything(stage, attempt, what)


@pytest.fixture
def strict(settings: Settings) -> Iterator[Stage]:
    stage = set_up(settings)
    yield stage
    stage.app.extensions["database"].dispose()


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_the_stricter_database_bears_it_too(strict: Stage) -> None:
    for endpoint in sorted(set(OPEN_TO) - {"static"}):
        for method in ("POST", "GET"):
            rule = rule_of(strict, endpoint, method)
            if rule is None:
                continue
            attempt = begin(strict, rule)
            for what in hard(rule, method, strict=True):
                if method == "POST":
                    fill_every_field(attempt, what, htmx=False)
                else:
                    ask_everything(strict, attempt, what)


def test_every_view_bears_the_hardest_ones_on_one_database_or_the_other(stage: Stage) -> None:
    for endpoint in OPEN_TO:
        for method in ("POST", "GET"):
            rule = rule_of(stage, endpoint, method)
            if rule is not None:
                borne = [*hard(rule, method, strict=True), *in_turn(rule, method, FORM_TURNS)]
                assert set(HARD) <= set(borne)
