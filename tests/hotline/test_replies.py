"""Coming back with a code: the pages, as a browser without scripts sees them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal import create_app
from portal.config import Settings
from portal.core import clock, codes
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.hotline.actions import opening
from portal.hotline.models import Opened
from portal.incidents.actions.conversing import mark_read_by_office
from portal.incidents.models import Report, ReportEntry
from portal.incidents.states import Door, EntryKind
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.hotline.told import STORY, answered, told

pytestmark = on_sqlite

# Monday, 23 November 2026, 10.20 WIB.
MORNING = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOCK_TIME = re.compile(r"\b\d\d[.:]\d\d\b")


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def officer(build: Builder) -> Actor:
    return build.actor(build.user(Role.COORDINATOR))


Open = Callable[..., PageClient]


@pytest.fixture
def come_back(app: Flask) -> Open:
    """Return a function that types a code and follows to the conversation."""

    def open_one(code: str) -> PageClient:
        client = PageClient(app)
        client.get("/cek")
        answer = client.post("/cek", {"code": code})
        assert (answer.status_code, answer.location) == (303, "/cek/balasan")
        client.get("/cek/balasan")
        return client

    return open_one


def words(client: PageClient) -> str:
    """Return what stands on the last page, without its tags."""
    main = client.page.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def count(build: Builder, model: type) -> int:
    with build.database.reader() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_code_opens_the_report_and_leaves_one_cookie(app: Flask, build: Builder) -> None:
    _report, code = told(build)
    client = PageClient(app)
    client.get("/cek")
    answer = client.post("/cek", {"code": codes.in_groups(code).lower().replace("-", " ")})
    assert answer.location == "/cek/balasan"
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "balasan" in each]
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert not re.search("expires|max-age|domain", cookie, re.IGNORECASE)
    # Only a hash of it is kept.
    token = cookie.partition("=")[2].partition(";")[0]
    with build.database.reader() as session:
        assert session.scalars(select(Opened)).one().token_hash != token.encode()
    page = client.get("/cek/balasan")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/cek").location == "/cek/balasan"


def test_with_https_the_cookie_is_bound_to_this_host(settings: Settings, build: Builder) -> None:
    app = create_app(replace(settings, base_url="https://localhost", trusted_proxies=0))
    _report, code = told(build)
    client = PageClient(app)
    # A local address with HTTPS is a web server in front, and so tells nothing about networks.
    secure = {"base_url": "https://localhost"}
    client.get("/cek", **secure)
    answer = client.post(
        "/cek", {"code": code}, headers={"Referer": "https://localhost/cek"}, **secure
    )
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "balasan" in each]
    assert cookie.startswith("__Host-balasan=")
    assert "Secure" in cookie
    app.extensions["database"].dispose()


def test_every_wrong_code_gets_the_same_answer(app: Flask, build: Builder) -> None:
    _report, code = told(build)
    staffs, _code = told(build, door=Door.STAFF)
    with transaction(build.session):
        staffs.secret_hash = ""
    wrong = {
        "number": codes.new_code(6) + code[6:],
        "secret": code[:6] + codes.new_code(10),
        "short": code[:15],
        "long": code + "7",
        "number only": code[:6],
        "unknown letters": code[:14] + "U*",
        "without a code": staffs.locator + codes.new_code(10),
        "words": "tidak ingat lagi",
    }
    pages = set()
    for number, (what, typed) in enumerate(wrong.items()):
        client = PageClient(app)
        client.get("/cek")
        # From networks of their own: too many from one are told to wait.
        network = {"REMOTE_ADDR": f"10.1.1.{number}"}
        answer = client.post("/cek", {"code": typed}, environ_base=network)
        assert answer.status_code == 422, what
        assert "Set-Cookie" not in answer.headers, what
        pages.add(re.sub(r'value="[^"]*"', "", client.page))
        # What was typed is still there to be mended.
        assert f'value="{typed}"' in unescape(client.page)
    assert len(pages) == 1
    assert count(build, Opened) == 0


def test_an_empty_code_is_asked_for(client: PageClient) -> None:
    client.get("/cek")
    assert client.post("/cek", {"code": " "}).status_code == 422
    assert "16" in words(client)


def test_nothing_written_anywhere_names_code_or_story(
    app: Flask, build: Builder, officer: Actor, come_back: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    report, code = told(build)
    answered(build, officer, report, "Terima kasih.")
    client = come_back(code)
    kept = [client.page]
    for path in ("/cek/tanda-terima", "/cek/selesai"):
        page = client.get(path)
        kept += [client.page, str(page.headers)]
    for text in (*kept, caplog.text):
        assert code not in text
        assert codes.in_groups(code) not in text
        assert report.locator not in text
        assert STORY not in text
    titles = {re.search("<title>(.*)</title>", page)[1] for page in kept if "<title>" in page}  # type: ignore[index]
    assert titles <= {"Pesan", "Tanda terima", "Ditutup"}
    assert "cek" not in caplog.text
    # Nothing that could tell whose device it was.
    with build.database.reader() as session:
        opened = session.scalars(select(Opened)).one()
    assert set(vars(opened)) - {"_sa_instance_state"} == {
        "id",
        "token_hash",
        "report_id",
        "expires_at",
    }


def test_a_reply_shows_at_the_full_hour_with_its_day_only(
    build: Builder, officer: Actor, come_back: Open, time: time_machine.Traveller
) -> None:
    report, code = told(build)
    answered(build, officer, report, "Apakah wali kelas boleh tahu?")
    client = come_back(code)
    assert "Belum ada balasan" in words(client)
    assert "wali kelas" not in words(client)
    time.move_to(MORNING + timedelta(minutes=40))
    client = come_back(code)
    said = words(client)
    assert "Ada balasan" in said
    assert said.index("Apakah wali kelas boleh tahu?") < said.index("Sampai di mana")
    assert "Senin, 23 November" in said
    assert not CLOCK_TIME.search(said)
    for ready in ("Ya, boleh hubungi wali kelas", "Jangan dulu", "Aku mau bicara langsung"):
        assert ready in said
    # Opening it was reading it.
    with build.database.reader() as session:
        assert session.scalars(select(ReportEntry)).one().read_at == clock.now()


def test_a_ready_answer_goes_with_a_tap_and_takes_typed_words_along(
    build: Builder, officer: Actor, come_back: Open, time: time_machine.Traveller
) -> None:
    report, code = told(build)
    answered(build, officer, report, "Boleh?")
    time.move_to(MORNING + HOUR)
    client = come_back(code)
    form = client.form("/cek/balasan")
    sent = client.post("/cek/balasan", {**form, "ready": "jangan_dulu"})
    assert (sent.status_code, sent.location) == (303, "/cek/balasan")
    client.get("/cek/balasan")
    assert "Pesannya sudah sampai" in words(client)
    # Ready answers are for questions, and there is none just now.
    assert 'name="ready"' not in client.page
    answered(build, officer, report, "Kapan kita bicara?")
    time.move_to(MORNING + 2 * HOUR)
    # More than a quarter of an hour went by.
    client = come_back(code)
    form = {**client.form("/cek/balasan"), "ready": "bicara", "text": "Hari Jumat."}
    client.post("/cek/balasan", form)
    with build.database.reader() as session:
        own = session.scalars(select(ReportEntry).where(ReportEntry.kind == "from_reporter")).all()
        assert [each.text for each in own] == [
            "Jangan dulu",
            "Aku mau bicara langsung\n\nHari Jumat.",
        ]


def test_pressed_twice_it_is_sent_once(build: Builder, come_back: Open) -> None:
    _report, code = told(build)
    client = come_back(code)
    form = {**client.form("/cek/balasan"), "text": "Masih terjadi."}
    for _press in range(2):
        assert client.post("/cek/balasan", form).location == "/cek/balasan"
    assert count(build, ReportEntry) == 1


def test_an_empty_or_endless_message_is_not_sent_and_not_lost(
    build: Builder, come_back: Open
) -> None:
    _report, code = told(build)
    client = come_back(code)
    assert client.post("/cek/balasan", {"text": "  ", "ready": "apa saja"}).status_code == 422
    assert "Tulis" in words(client)
    endless = "a" * 4001
    assert client.post("/cek/balasan", {"text": endless}).status_code == 422
    assert endless in client.page
    assert count(build, ReportEntry) == 0


def test_a_message_too_many_today_is_kindly_put_off(build: Builder, come_back: Open) -> None:
    report, code = told(build)
    for _number in range(20):
        build.save(
            ReportEntry(
                report_id=report.id,
                kind=EntryKind.FROM_REPORTER,
                text="Lagi",
                written_at=MORNING,
                visible_from=MORNING,
            )
        )
    client = come_back(code)
    assert client.post("/cek/balasan", {"text": "Dan lagi"}).status_code == 422
    assert "besok" in words(client)
    assert "Dan lagi</textarea>" in client.page


def test_it_closes_by_itself_unless_somebody_is_there(
    build: Builder, come_back: Open, time: time_machine.Traveller
) -> None:
    _report, code = told(build)
    client = come_back(code)
    for _step in range(3):
        time.shift(timedelta(minutes=14))
        assert client.get("/cek/balasan").status_code == 200
    time.shift(timedelta(minutes=15))
    for path in ("/cek/balasan", "/cek/tanda-terima"):
        assert client.get(path).location == "/cek"
    assert count(build, Opened) == 1
    with transaction(build.session) as session:
        assert opening.forget_idle(session) == 1
    assert count(build, Opened) == 0


@pytest.mark.parametrize("most", [20, 0])
def test_what_was_written_for_too_long_goes_along_with_the_code(
    build: Builder, come_back: Open, time: time_machine.Traveller, most: int
) -> None:
    report, code = told(build)
    client = come_back(code)
    form = {**client.form("/cek/balasan"), "text": "Ceritanya panjang."}
    time.shift(timedelta(minutes=16))
    assert client.post("/cek/balasan", {**form, "ready": "ya"}).status_code == 422
    again = client.form("/cek")
    assert again["text"] == ["Ya, boleh hubungi wali kelas\n\nCeritanya panjang."]
    # A wrong code loses nothing either.
    assert client.post("/cek", {**again, "code": "salah"}).status_code == 422
    again = client.form("/cek")
    for _number in range(20 - most):
        build.save(
            ReportEntry(
                report_id=report.id,
                kind=EntryKind.FROM_REPORTER,
                text="Lagi",
                written_at=clock.now(),
                visible_from=clock.now(),
            )
        )
    sent = client.post("/cek", {**again, "code": code})
    if most:
        assert sent.location == "/cek/balasan"
        client.get("/cek/balasan")
    else:
        assert sent.status_code == 422
    assert "Ceritanya panjang." in words(client)
    assert count(build, ReportEntry) == (1 if most else 20)


def test_a_code_sent_twice_with_words_sends_them_once(
    build: Builder, come_back: Open, time: time_machine.Traveller
) -> None:
    _report, code = told(build)
    client = come_back(code)
    client.get("/cek/selesai")
    for text, messages in (("Lagi", 1), ("Lagi", 1), ("Tadi pagi", 2), ("Lagi", 3)):
        sent = client.post("/cek", {"code": code, "text": text})
        assert (sent.status_code, sent.location) == (303, "/cek/balasan")
        assert count(build, ReportEntry) == messages
        time.shift(timedelta(seconds=1))
    # Later the same words are news.
    time.shift(timedelta(minutes=11))
    client.post("/cek", {"code": code, "text": "Lagi"})
    assert count(build, ReportEntry) == 4


@pytest.mark.parametrize("way", ["/cek/selesai", "/keluar-cepat"])
def test_ending_and_leaving_close_it_here(build: Builder, come_back: Open, way: str) -> None:
    _report, code = told(build)
    client = come_back(code)
    assert f'"{way}"' in client.page
    answer = client.post(way) if way == "/cek/selesai" else client.get(way)
    assert answer.status_code == 303
    assert client.http.get_cookie("balasan") is None
    assert count(build, Opened) == 0
    assert client.get("/cek/balasan").location == "/cek"
    if way == "/cek/selesai":
        assert client.get(answer.location).status_code == 200


def test_a_second_code_in_the_same_browser_closes_the_first(
    build: Builder, come_back: Open
) -> None:
    _first, code = told(build)
    _second, other = told(build)
    client = come_back(code)
    client.get("/cek/selesai")
    client.post("/cek", {"code": other})
    assert count(build, Opened) == 1


MOVES = {
    "received": ((), "Diterima", "paling lambat Selasa, 24 November"),
    "reviewing": (("review",), "Sedang ditinjau", "paling lambat Selasa, 24 November"),
    "followed_up": (("review", "follow_up"), "Ditindaklanjuti", "Selasa, 24 November"),
    "referred": (("refer",), "Dirujuk", "Selasa, 24 November"),
    "closed": (("close",), "Selesai", "sampai 22 Mei 2027"),
}


@pytest.mark.parametrize("state", MOVES)
def test_each_state_is_said_in_plain_words_with_what_comes_next(
    build: Builder, officer: Actor, come_back: Open, state: str
) -> None:
    moves, label, next_day = MOVES[state]
    report, code = told(build)
    with transaction(build.session):
        for move in moves:
            report.move(officer, move)
        report.read_at = MORNING if moves else None
        report.closed_at = MORNING if state == "closed" else None
        report.outcome_words = "Kami sudah bicara dengan sekolah." if state == "closed" else ""
    said = words(come_back(code))
    assert label in said
    assert next_day in said
    assert state != "closed" or "Kami sudah bicara dengan sekolah." in said


def test_being_late_is_admitted(
    build: Builder, come_back: Open, time: time_machine.Traveller
) -> None:
    report, code = told(build)
    time.shift(timedelta(days=2))
    assert "Maaf" in words(come_back(code))
    with transaction(build.session):
        report.read_at = MORNING
    assert "Maaf" in words(come_back(code))


def test_a_message_is_promised_to_be_read_by_a_day_that_stays(
    build: Builder, come_back: Open, time: time_machine.Traveller
) -> None:
    report, code = told(build)
    client = come_back(code)
    client.post("/cek/balasan", {**client.form("/cek/balasan"), "text": "Terjadi lagi."})
    for _day in range(2):
        assert "Kami membacanya paling lambat Selasa, 24 November" in words(come_back(code))
        time.shift(timedelta(hours=23))
    assert "Maaf" in words(come_back(code)).partition("Terjadi lagi")[0]
    with transaction(build.session) as session:
        mark_read_by_office(session, report.id)
    assert "Kami sudah membacanya" in words(come_back(code))


@pytest.mark.parametrize(("teller", "called"), [("pupil", "kamu"), ("parent", "Anda")])
def test_children_and_adults_are_spoken_to_in_their_own_way(
    build: Builder, come_back: Open, teller: str, called: str
) -> None:
    _report, code = told(build, answers={"teller": [teller], "danger": ["no"]})
    said = words(come_back(code))
    other = {"kamu": r"\bAnda\b", "Anda": r"\b[Kk]amu\b"}[called]
    assert called in said
    assert not re.search(other, said)


def test_in_english_no_word_is_left_in_indonesian(build: Builder, app: Flask) -> None:
    _report, code = told(build)
    client = PageClient(app)
    english = {"Accept-Language": "en"}
    client.get("/cek", headers=english)
    client.post("/cek", {"code": code}, headers=english)
    client.get("/cek/balasan", headers=english)
    assert "There is no reply yet" in words(client)
    assert not re.search(r"\b(dan|yang|paling|lambat)\b", words(client))


def test_a_finished_report_stays_readable_for_its_time(
    build: Builder, officer: Actor, come_back: Open, app: Flask, time: time_machine.Traveller
) -> None:
    report, code = told(build)
    with transaction(build.session):
        report.move(officer, "close")
        report.closed_at = MORNING
    time.move_to(MORNING + timedelta(days=179, hours=23))
    client = come_back(code)
    client.post("/cek/balasan", {**client.form("/cek/balasan"), "text": "Terjadi lagi."})
    assert count(build, ReportEntry) == 1
    time.move_to(MORNING + timedelta(days=180))
    later = PageClient(app)
    later.get("/cek")
    assert later.post("/cek", {"code": code}).status_code == 422


def test_the_acknowledgement_says_when_and_nothing_else(
    build: Builder, officer: Actor, come_back: Open
) -> None:
    school = build.school("SMP Tunas Harapan")
    report, code = told(build, school_id=school.id)
    client = come_back(code)
    client.get("/cek/tanda-terima")
    said = words(client)
    assert "Senin, 23 November 2026" in said
    assert "Dinas Sosial Kota Metro" in said
    assert not CLOCK_TIME.search(said)
    for secret in (STORY, school.name, report.locator, code, report.public_id):
        assert secret not in said


def test_notes_of_the_office_are_on_no_page(build: Builder, come_back: Open) -> None:
    report, code = told(build)
    build.save(
        ReportEntry(
            report_id=report.id,
            kind=EntryKind.NOTE,
            text="Catatan petugas",
            written_at=MORNING,
            visible_from=MORNING,
        )
    )
    assert "Catatan petugas" not in come_back(code).page


def test_the_other_language_keeps_what_was_typed(client: PageClient) -> None:
    client.get("/cek")
    switched = client.post("/cek", {"code": "7K4M", "bahasa": "en"})
    assert switched.status_code == 200
    assert "Look for a reply" in words(client)
    assert client.form("/cek")["code"] == ["7K4M"]


def test_a_report_is_only_ever_read_with_its_own_code(build: Builder, come_back: Open) -> None:
    _mine, code = told(build, story="Punyaku")
    other, _code = told(build)
    build.save(
        ReportEntry(
            report_id=other.id,
            kind=EntryKind.FROM_REPORTER,
            text="Punya orang lain",
            written_at=MORNING,
            visible_from=MORNING,
        )
    )
    client = come_back(code)
    assert "Punya orang lain" not in client.page
    with build.database.reader() as session:
        assert session.scalars(select(Opened.report_id)).one() != other.id
    assert count(build, Report) == 2
