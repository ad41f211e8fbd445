"""Telling in Ruang Cerita: one question on each page, and every one may be skipped."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from jinja2 import Environment

from portal import create_app
from portal.config import Settings
from portal.core import clock
from portal.home.forms import QUICK_EXIT
from portal.hotline.forms.labels import LABELS
from portal.hotline.models import Telling
from portal.incidents import policy
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.hotline.storyteller import ANSWERS, STORY, begin, every, reports, told

pytestmark = on_sqlite

PAGES = (
    *("/cerita", "/cerita/hakmu", "/cerita/1", "/cerita/2", "/cerita/3", "/cerita/4", "/cerita/5"),
    *("/cerita/bantuan", "/cerita/rincian", "/cerita/berkas", "/cerita/periksa"),
)


@pytest.mark.usefixtures("settings")
def test_every_answer_of_the_rules_can_be_given_and_no_other() -> None:
    assert {name: set(labels) for name, labels in LABELS.items()} == {
        name: set(codes) for name, codes in policy.QUESTIONS.items()
    }


def test_every_page_offers_the_way_out_and_tells_nothing_in_its_title(app: Flask) -> None:
    client = told(app)
    for path in PAGES:
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.text.count('href="/keluar-cepat" data-leave') >= 2, path
        title = re.search(r"<title>(.*?)</title>", page.text)
        assert title, path
        assert not re.search(r"Portal|Mitra|Ruang|Cerita|Dinas|report|lapor", title[1]), path
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "vendor/app.js" not in page.text
        assert "/masuk" not in page.text


def test_pages_that_do_not_exist_keep_as_quiet(app: Flask) -> None:
    client = PageClient(app)
    client.builder.close()
    page = client.get("/cerita/tidak-ada")
    assert page.status_code == 404
    assert "Portal Mitra Sekolah" not in page.text
    assert 'href="/keluar-cepat"' in page.text


def test_going_back_and_forth_keeps_every_answer(app: Flask) -> None:
    client = begin(app)
    client.post("/cerita/1", {"teller": "witness"})
    answer = client.post("/cerita/2", {"what": ["verbal", "online"], "kembali": "1"})
    assert answer.headers["Location"] == "/cerita/1"
    assert re.search(r'value="witness" checked', client.get("/cerita/1").text)
    page = client.get("/cerita/2").text
    assert re.findall(r'value="(\w+)" checked', page) == ["verbal", "online"]


def test_the_other_language_keeps_what_was_typed(app: Flask) -> None:
    client = begin(app)
    page = client.post("/cerita/4", {"words": STORY, "bahasa": "en"})
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert STORY in page.text
    # Kept until the browser is closed, not for a year.
    (cookie,) = [each for each in page.headers.getlist("Set-Cookie") if "bahasa" in each]
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


def test_skipping_takes_an_answer_back(app: Flask) -> None:
    client = begin(app)
    client.post("/cerita/1", {"teller": "pupil"})
    answer = client.post("/cerita/1", {"teller": "pupil", "lewati": "1"})
    assert answer.headers["Location"] == "/cerita/2"
    assert "checked" not in client.get("/cerita/1").text


def test_nothing_has_to_be_answered_but_something_has_to_be_there(
    app: Flask, build: Builder
) -> None:
    client = told(app, *({} for _each in ANSWERS))
    assert client.post("/cerita/kirim").status_code == 422
    assert reports(app) == []
    client.post("/cerita/2", {"what": "hate"})
    assert client.post("/cerita/kirim").headers["Location"] == "/cerita/kode"
    assert [report.kinds for report in reports(app)] == [["hate"]]


@pytest.mark.parametrize("danger", ["yes", "unsure"])
def test_whoever_is_in_danger_sees_whom_to_call_before_anything_else(
    app: Flask, build: Builder, danger: str
) -> None:
    build.setting("help_phone", "112233")
    client = told(app)
    answer = client.post("/cerita/5", {"danger": danger})
    assert answer.headers["Location"] == "/cerita/bantuan"
    page = client.get("/cerita/bantuan")
    assert 'href="tel:112233"' in page.text
    assert 'href="/cerita/periksa"' in page.text


def test_a_change_from_the_last_page_leads_back_to_it(app: Flask) -> None:
    client = told(app)
    assert 'href="/cerita/2?periksa=1"' in client.get("/cerita/periksa").text
    assert 'action="/cerita/2?periksa=1"' in client.get("/cerita/2?periksa=1").text
    answer = client.post("/cerita/2?periksa=1", {"what": "other"})
    assert answer.headers["Location"] == "/cerita/periksa"


def test_who_only_asks_is_not_asked_what_happened(app: Flask, build: Builder) -> None:
    client = begin(app, "consultation")
    assert client.get("/cerita/4").status_code == 404
    for number, answer in enumerate(({"teller": "parent"}, {"words": STORY}, {"danger": "no"}), 1):
        last = client.post(f"/cerita/{number}", answer)
    assert last.headers["Location"] == "/cerita/periksa"
    client.post("/cerita/kirim")
    (report,) = reports(app)
    assert report.purpose == "consultation"
    assert report.story == STORY


def test_a_school_is_found_by_part_of_its_name_without_a_script(app: Flask, build: Builder) -> None:
    third, _fourth = build.school("SMP NEGERI 3 CONTOH"), build.school("SMP NEGERI 4 CONTOH")
    client = begin(app)
    # Several fit: the page comes back once with them, and what was answered.
    answer = client.post("/cerita/3", {"where": "class", "school_typed": "smpn"})
    assert answer.headers["Location"] == "/cerita/3#find-school"
    page = client.get("/cerita/3").text
    assert "SMP NEGERI 3 CONTOH" in page
    assert 'value="class" checked' in page
    assert third.public_id not in answer.headers["Location"]
    # Who would rather not say is not asked again.
    assert client.post("/cerita/3", {"school_typed": "smpn"}).headers["Location"] == "/cerita/4"
    # The only one that fits is the one that was meant.
    client.post("/cerita/3", {"school_typed": "smpn 3"})
    assert "SMP NEGERI 3 CONTOH" in client.get("/cerita/periksa").text
    client.post("/cerita/kirim")
    assert reports(app)[0].school_id == third.id


def test_a_school_of_no_register_is_kept_as_it_was_typed(app: Flask, build: Builder) -> None:
    client = begin(app)
    answer = client.post("/cerita/3", {"school_typed": "Sekolah Awan", "school": "x" * 500})
    assert answer.headers["Location"] == "/cerita/4"
    client.post("/cerita/kirim")
    (report,) = reports(app)
    assert report.school_id is None
    assert "Sekolah Awan" in report.details


def test_too_many_words_come_back_whole(app: Flask) -> None:
    client = begin(app)
    long = "kata " * 2_100
    page = client.post("/cerita/4", {"words": long})
    assert page.status_code == 422
    assert long.strip() in page.text


def test_an_idle_story_is_gone_and_its_page_tells_nothing(app: Flask, build: Builder) -> None:
    client = told(app)
    assert client.get("/cerita/periksa").headers["Refresh"] == "1200; url=/cerita/berakhir"
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        assert client.get("/cerita/4").headers["Location"] == "/cerita/berakhir"
        assert client.post("/cerita/kirim").headers["Location"] == "/cerita/berakhir"
        page = client.get("/cerita/berakhir")
        assert page.status_code == 200
        assert "Ruang Cerita" not in page.text
        begin(app)
    # The next one who came by swept it away.
    assert len(every(app, Telling)) == 1


def test_who_writes_for_longer_than_that_keeps_what_they_wrote(app: Flask) -> None:
    client = told(app)
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        answer = client.post("/cerita/4", {"words": STORY})
        assert answer.headers["Location"] == "/cerita/5"
        assert STORY in client.get("/cerita/periksa").text


@pytest.mark.parametrize("asked", ["consultation", "report"])
def test_whatever_it_was_begun_for_nothing_written_for_too_long_is_lost(
    app: Flask, build: Builder, asked: str
) -> None:
    client = begin(app, asked)
    address = {"consultation": "/cerita/2", "report": "/cerita/4"}[asked]
    client.get(address)
    form = {**client.form(address), "words": STORY}
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        # The page in the other language is still the same page.
        assert STORY in client.post(address, {**form, "bahasa": "en"}).text
        form = client.form(address)
        following = f"/cerita/{int(address[-1]) + 1}"
        assert client.post(address, form).headers["Location"] == following
        assert STORY in client.get("/cerita/periksa").text
        client.post("/cerita/kirim")
    (report,) = reports(app)
    assert (report.purpose, report.story) == (asked, STORY)


def test_details_written_for_too_long_begin_the_same_kind_of_story(app: Flask) -> None:
    client = begin(app, "consultation")
    client.get("/cerita/rincian")
    form = {**client.form("/cerita/rincian"), "person": "Pak Anu"}
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        assert client.post("/cerita/rincian", form).headers["Location"] == "/cerita/periksa"
        assert "Pak Anu" in client.get("/cerita/periksa").text
        assert client.get("/cerita/4").status_code == 404


def test_a_page_that_was_open_too_long_comes_back_with_its_words(app: Flask) -> None:
    client = begin(app)
    client.http.delete_cookie("form")
    page = client.post("/cerita/4", {"words": STORY})
    assert page.status_code == 422
    assert STORY in page.text
    assert client.post("/cerita/4", {"words": STORY}).status_code == 303


def test_leaving_forgets_the_story_the_cookies_and_the_copies(app: Flask, build: Builder) -> None:
    build.setting("quick_exit_url", "https://cuaca.example/")
    client = told(app)
    answer = client.get("/keluar-cepat")
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://cuaca.example/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert client.http.get_cookie("cerita") is None
    assert client.http.get_cookie("form") is None
    assert every(app, Telling) == []
    assert client.get("/cerita/periksa").headers["Location"] == "/cerita/berakhir"


def test_with_https_the_cookie_is_bound_to_this_host_and_no_referrer_is_asked_for(
    settings: Settings,
) -> None:
    app = create_app(replace(settings, base_url="https://portal.example"))
    client = app.test_client()
    page = client.get("/cerita", base_url="https://portal.example")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    answer = client.post(
        "/cerita",
        base_url="https://portal.example",
        data={"csrf_token": token[1], "purpose": "report"},
        headers={"Origin": "null"},
    )
    app.extensions["database"].dispose()
    assert answer.headers["Location"] == "/cerita/1"
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "cerita" in each]
    assert cookie.startswith("__Host-cerita=")
    assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Strict")


def test_the_usual_word_leads_here(client: PageClient) -> None:
    assert client.get("/lapor").headers["Location"] == "/cerita"


def sentences(environment: Environment, name: str) -> dict[str, str]:
    """Return the sentences of one voice."""
    module = environment.get_template(name).make_module()
    return {key: str(text) for key, text in vars(module).items() if not key.startswith("_")}


def test_children_and_adults_are_told_the_same_in_their_own_words(app: Flask) -> None:
    child, adult = (
        sentences(app.jinja_env, f"hotline/_to_{whom}.html") for whom in ("child", "adult")
    )
    assert set(child) == set(adult)
    assert not [key for key, text in child.items() if re.search(r"\b[Aa]nda\b", text)]
    formal = [key for key, text in adult.items() if re.search(r"\bkamu\b|\w{3}mu\b", text, re.I)]
    assert formal == []


@pytest.mark.parametrize(
    ("teller", "as_child"),
    [("pupil", True), ("witness", True), ("parent", False), ("school_staff", False), (None, False)],
)
def test_the_first_answer_decides_how_one_is_spoken_to(
    app: Flask, teller: str | None, *, as_child: bool
) -> None:
    client = begin(app)
    client.post("/cerita/1", {"teller": teller} if teller else {"lewati": "1"})
    page = client.get("/cerita/4").text
    whom = "child" if as_child else "adult"
    assert sentences(app.jinja_env, f"hotline/_to_{whom}.html")["safe_device"] in page


@pytest.mark.usefixtures("settings")
def test_the_way_out_leads_only_to_a_full_address_elsewhere() -> None:
    assert QUICK_EXIT.fullmatch("https://id.wikipedia.org/wiki/Cuaca?a=1")
    for address in ("", "id.wikipedia.org", "http://a.example/", "javascript:alert(1)", "/masuk"):
        assert not QUICK_EXIT.fullmatch(address)
