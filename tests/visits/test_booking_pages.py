"""The booking page: filled in already, real times only, and nothing typed is ever lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from time_machine import Traveller

from portal.core.access import Role
from portal.core.db import transaction
from portal.people.models import User
from portal.schools.models import CalendarEntry, Level, School, SchoolClass
from portal.visits.models import Hold, Leave, Programme, Visit
from tests.client import PageClient
from tests.visits.conftest import Site, at, on_sqlite
from tests.visits.screen import Screen

SLOT = "2026-08-12T08:00:00+07:00"
TYPED: dict[str, Any] = {
    "programme": "pgts",
    "slot": SLOT,
    "topic": "lain",
    "own_topic": "Topik yang diketik",
    "grades": ["8", "9"],
    "expected_heads": "137",
    "room": "Aula timur",
    "needs": "Dua mikrofon",
}


def typed(school: School, **more: Any) -> dict[str, Any]:
    """Return a form somebody filled in by hand."""
    return {"sekolah": school.public_id, **TYPED, **more}


def assert_kept(screen: Screen, **changed: str) -> None:
    """Check that everything typed still stands in the form."""
    expected = {
        "topic": "lain",
        "own_topic": "Topik yang diketik",
        "expected_heads": "137",
        "room": "Aula timur",
        "needs": "Dua mikrofon",
        **changed,
    }
    assert {name: screen.value(name) for name in expected} == expected
    assert screen.checked("programme") == ["pgts"]
    assert screen.checked("grades") == ["8", "9"]


@pytest.fixture
def visitor(site: Site) -> PageClient:
    """Return the principal's visitor."""
    return site.browser(site.principal)


def get(visitor: PageClient, path: str = "/sesi/baru") -> Screen:
    """Open a page."""
    return Screen(visitor.get(path))


def away(site: Site, first: date, last: date) -> None:
    """Send the only worker on leave."""
    site.build.save(
        Leave(user_id=site.worker.id, first_day=first, last_day=last, recorded_by=site.worker.id)
    )


@on_sqlite
@pytest.mark.parametrize(
    ("level", "topic", "grade"),
    [
        (Level.SD, "Berteman tanpa mengejek", "1"),
        (Level.SMP, "Kenali dan cegah perundungan", "7"),
        (Level.SMK, "Cegah perundungan di media sosial", "10"),
        (Level.TK, "Berteman tanpa mengejek", "A"),
    ],
)
def test_topic_and_class_fit_the_school(site: Site, level: Level, topic: str, grade: str) -> None:
    _, principal = site.another_school(level=level)
    screen = get(site.browser(principal))
    assert screen.status == 200
    assert screen.option("topic") == topic
    assert screen.checked("grades") == [grade]


def test_the_class_is_the_next_one_not_reached_this_year(site: Site, visitor: PageClient) -> None:
    # July 2026 belongs to this school year, May to the last.
    site.build.delivered(site.school, site.worker, date(2026, 7, 20))
    site.build.delivered(site.build.school(), site.worker, date(2026, 7, 21))
    assert get(visitor).checked("grades") == ["8"]
    assert "Kelas 7: 20 Jul" in get(visitor).text


def test_last_years_classes_count_as_not_reached(site: Site, visitor: PageClient) -> None:
    site.build.delivered(site.school, site.worker, date(2026, 5, 20))
    assert get(visitor).checked("grades") == ["7"]


def test_where_all_classes_are_reached_it_begins_again(site: Site, visitor: PageClient) -> None:
    for number, grade in enumerate(("7", "8", "9")):
        visit = site.requested(at(12 + number), grades=(grade,))
        assert visit.grades == [grade]
    assert get(visitor).checked("grades") == ["7"]


@on_sqlite
@pytest.mark.parametrize(
    ("pupils", "programme", "heads"),
    [
        (360, "pgts", "120"),
        (100, "pgts", "30"),
        (12, "pgts", "10"),
        (None, "pgts", "100"),
        (5000, "pgts", "320"),
        (360, "tepak", "60"),
    ],
)
def test_the_number_of_people_is_estimated(
    site: Site, pupils: int | None, programme: str, heads: str
) -> None:
    _, principal = site.another_school(pupil_count=pupils)
    screen = get(site.browser(principal), f"/sesi/baru?programme={programme}")
    assert screen.value("expected_heads") == heads


@on_sqlite
def test_other_programmes_ask_other_questions(site: Site, visitor: PageClient) -> None:
    screen = get(visitor, "/sesi/baru?programme=guru")
    assert screen.checked("programme") == ["guru"]
    assert screen.named("grades") == []
    assert "120 menit" in screen.text
    assert screen.option("topic") == "Mengenali tanda anak dirundung"
    assert get(visitor, "/sesi/baru?programme=tidak-ada").checked("programme") == ["pgts"]


def test_only_real_times_are_shown_beginning_with_the_first_week_that_has_one(
    site: Site, visitor: PageClient
) -> None:
    away(site, date(2026, 8, 1), date(2026, 8, 11))
    site.build.delivered(site.build.school(), site.worker, date(2026, 8, 12))
    assert get(visitor).values("slot") == [
        f"2026-08-{day}T{hour}:00:00+07:00"
        for day, hours in {12: ("10", "13"), 13: ("08", "10", "13"), 14: ("08", "10")}.items()
        for hour in hours
    ]


def test_a_slot_held_before_is_still_chosen_when_the_page_opens_again(
    site: Site, visitor: PageClient
) -> None:
    visitor.post("/sesi/baru/tahan", typed(site.school))
    screen = get(visitor)
    assert screen.checked("slot") == [SLOT]
    assert "Slot ini disimpan untuk Anda sampai 09.10." in screen.text


@on_sqlite
@pytest.mark.parametrize(("week_days", "days"), [(5, 5), (6, 6)])
def test_a_week_has_the_schools_days(site: Site, week_days: int, days: int) -> None:
    _, principal = site.another_school(week_days=week_days)
    assert len(get(site.browser(principal)).with_class("day")) == days


@on_sqlite
@pytest.mark.parametrize(
    ("language", "name"),
    [("id", "Hari Kemerdekaan Republik Indonesia"), ("en", "Independence Day")],
)
def test_a_holiday_is_shown_by_its_name(site: Site, language: str, name: str) -> None:
    principal = site.build.user(Role.PRINCIPAL, site.school, language=language)
    screen = get(site.browser(principal), "/sesi/baru?pekan=2026-08-17")
    monday, tuesday, *_ = screen.with_class("day")
    assert name in monday
    assert name not in tuesday
    assert not any(value.startswith("2026-08-17") for value in screen.values("slot"))


@pytest.mark.parametrize("htmx", [False, True])
def test_another_week_keeps_what_was_typed(site: Site, visitor: PageClient, htmx: bool) -> None:
    answer = visitor.post("/sesi/baru", typed(site.school, pekan="2026-08-24"), htmx=htmx)
    screen = Screen(answer)
    assert screen.status == 200
    assert screen.is_fragment is htmx
    assert_kept(screen)
    # The time chosen in another week stays chosen, beside those of the week on show.
    assert screen.checked("slot") == [SLOT]
    others = [value for value in screen.values("slot") if value != SLOT]
    assert {value[:7] for value in others} == {"2026-08"}
    assert min(others) >= "2026-08-24"
    assert max(others) < "2026-08-29"
    assert screen.values("pekan") == ["2026-08-17", "2026-08-31"]
    assert site.count(Visit) == 0


@on_sqlite
def test_a_time_that_is_gone_is_not_shown_as_chosen(site: Site, visitor: PageClient) -> None:
    away(site, date(2026, 8, 12), date(2026, 8, 12))
    screen = Screen(visitor.post("/sesi/baru", typed(site.school, pekan="2026-08-24")))
    assert screen.checked("slot") == []
    assert "12 Agustus" not in " ".join(screen.with_class("booking-summary"))
    assert_kept(screen)


@on_sqlite
def test_another_session_has_room_for_as_many_as_fit_it(site: Site, visitor: PageClient) -> None:
    sent = typed(site.school, programme="tepak", ganti="sesi")
    screen = Screen(visitor.post("/sesi/baru", sent))
    assert (screen.status, screen.value("expected_heads")) == (200, "60")
    assert screen.value("own_topic") == "Topik yang diketik"


@on_sqlite
def test_a_group_too_large_for_the_office_is_told_what_one_worker_can_do(site: Site) -> None:
    with transaction(site.build.session) as session:
        session.execute(update(Programme).values(people_per_worker=100))
    english = site.build.user(Role.PRINCIPAL, site.school, language="en")
    visitor = site.browser(english)
    screen = Screen(visitor.post("/sesi/baru", typed(site.school, ganti="1")))
    assert screen.values("slot") == []
    assert "With at most 100 people one comes." in screen.text
    site.build.worker()
    screen = Screen(visitor.post("/sesi/baru", typed(site.school, ganti="1")))
    assert screen.values("slot") != []
    assert "at most 100 people one" not in screen.text


@on_sqlite
def test_a_hold_is_shown_for_a_session_as_long_as_it(site: Site, visitor: PageClient) -> None:
    held = {"pilih": SLOT, **typed(site.school)}
    assert Screen(visitor.post("/sesi/baru/tahan", held)).with_class("hold")
    # Teachers' training takes longer than the time that was held.
    longer = typed(site.school, programme="guru", ganti="sesi")
    screen = Screen(visitor.post("/sesi/baru", longer))
    assert screen.checked("slot") == [SLOT]
    assert screen.with_class("hold") == []


def test_the_first_and_the_last_week_lead_nowhere_further(site: Site, visitor: PageClient) -> None:
    # Minimum notice ends on Thursday the 6th, the window twelve weeks later.
    assert get(visitor).values("pekan") == ["2026-08-10"]
    assert get(visitor, "/sesi/baru?pekan=2026-10-26").values("pekan") == ["2026-10-19"]


@on_sqlite
def test_a_day_without_lessons_says_why(site: Site, visitor: PageClient) -> None:
    site.build.save(
        CalendarEntry(
            school_id=site.school.id,
            kind="exam",
            name="Ujian praktik",
            first_on=date(2026, 8, 12),
            last_on=date(2026, 8, 12),
            recorded_by=site.principal.id,
            recorded_at=at(3),
        )
    )
    text = get(visitor, "/sesi/baru?pekan=2026-08-10").text
    assert "12 Agu Ujian praktik" in text


@on_sqlite
@pytest.mark.parametrize(("last", "named"), [(13, False), (14, True)])
def test_a_week_that_is_shut_as_a_whole_says_why(
    site: Site, visitor: PageClient, last: int, named: bool
) -> None:
    site.build.save(
        CalendarEntry(
            school_id=site.school.id,
            kind="exam",
            name="Ujian praktik",
            first_on=date(2026, 8, 10),
            last_on=date(2026, 8, last),
            recorded_by=site.principal.id,
            recorded_at=at(3),
        )
    )
    away(site, date(2026, 8, 14), date(2026, 8, 14))
    (week,) = get(visitor, "/sesi/baru?pekan=2026-08-10").with_class("week-nav")
    assert week.endswith(": Ujian praktik") == named


def test_a_full_week_leads_to_the_next_free_one(site: Site, visitor: PageClient) -> None:
    away(site, date(2026, 8, 8), date(2026, 8, 23))
    screen = get(visitor, "/sesi/baru?pekan=2026-08-10")
    assert screen.values("slot") == []
    assert "Ke pekan berikutnya yang ada slot kosong" in screen.text
    assert screen.values("pekan") == ["2026-08-03", "2026-08-17", "2026-08-24"]
    further = Screen(visitor.post("/sesi/baru", typed(site.school, pekan="2026-08-24")))
    assert further.values("slot")[0] == "2026-08-24T08:00:00+07:00"
    assert_kept(further)


def test_without_any_free_time_the_page_still_opens(site: Site, visitor: PageClient) -> None:
    away(site, date(2026, 8, 1), date(2026, 12, 31))
    screen = get(visitor)
    assert screen.status == 200
    assert screen.values("slot") == []


@on_sqlite
@pytest.mark.parametrize(
    "week", ["0001-01-01", "9999-12-31", "2026-13-01", "x", "", "2026-08-12T08:00", "1970-01-01"]
)
@pytest.mark.parametrize("week_days", [5, 6])
def test_a_week_nobody_meant_is_no_reason_to_break(site: Site, week: str, week_days: int) -> None:
    _, principal = site.another_school(week_days=week_days)
    assert get(site.browser(principal), f"/sesi/baru?pekan={week}").status == 200


def test_the_language_switch_keeps_what_was_typed(site: Site, visitor: PageClient) -> None:
    screen = Screen(visitor.post("/sesi/baru", typed(site.school, bahasa="en")))
    assert (screen.status, screen.language) == (200, "en")
    assert screen.has_heading("Book a session")
    assert_kept(screen)
    assert screen.checked("slot") == [SLOT]
    assert site.count(Visit) == 0


@on_sqlite
def test_the_language_switch_says_nothing_about_what_is_still_missing(
    site: Site, visitor: PageClient
) -> None:
    half = typed(site.school, bahasa="en", slot="", expected_heads="banyak")
    screen = Screen(visitor.post("/sesi/baru", half))
    assert screen.status == 200
    assert screen.value("expected_heads") == "banyak"
    assert screen.with_class("error-summary") == []
    back = Screen(visitor.post("/sesi/baru", {**half, "bahasa": "id"}))
    assert back.language == "id"
    assert back.has_heading("Pesan sesi")


def test_choosing_a_slot_holds_it_and_answers_with_the_form_alone(
    site: Site, visitor: PageClient
) -> None:
    screen = Screen(visitor.post("/sesi/baru/tahan", typed(site.school), htmx=True))
    assert screen.status == 200
    assert screen.is_fragment
    assert screen.html.lstrip().startswith('<form id="book"')
    assert "Slot ini disimpan untuk Anda sampai 09.10." in screen.text
    assert screen.checked("slot") == [SLOT]
    assert_kept(screen)
    assert site.count(Hold) == 1
    site.check_cells()


def test_without_scripts_holding_gives_the_whole_page(site: Site, visitor: PageClient) -> None:
    screen = Screen(visitor.post("/sesi/baru/tahan", typed(site.school)))
    assert not screen.is_fragment
    assert "Slot ini disimpan untuk Anda sampai 09.10." in screen.text


def test_a_hold_that_ended_is_no_longer_promised(
    site: Site, visitor: PageClient, now: Traveller
) -> None:
    visitor.post("/sesi/baru/tahan", typed(site.school))
    now.shift(timedelta(minutes=10))
    assert "disimpan untuk Anda" not in get(visitor).text


@on_sqlite
@pytest.mark.parametrize("slot", ["", "x", "besok"])
def test_holding_nothing_is_no_reason_to_break(site: Site, visitor: PageClient, slot: str) -> None:
    screen = Screen(visitor.post("/sesi/baru/tahan", typed(site.school, slot=slot), htmx=True))
    assert screen.status == 422
    assert_kept(screen)


def lost(site: Site, visitor: PageClient, path: str) -> Screen:
    """Let another school take the slot first, then press."""
    other, principal = site.another_school()
    site.build.requested(principal, other, at(12))
    return Screen(visitor.post(path, typed(site.school)))


@pytest.mark.parametrize("path", ["/sesi/baru", "/sesi/baru/tahan"])
def test_a_lost_slot_keeps_everything_and_offers_the_three_nearest(
    site: Site, visitor: PageClient, path: str
) -> None:
    screen = lost(site, visitor, path)
    assert screen.status == 422
    assert "Waktu itu baru saja diambil sekolah lain. Ini tiga waktu terdekat." in screen.text
    nearest = screen.values("pilih")
    assert nearest == [f"2026-08-{each}:00:00+07:00" for each in ("11T13", "12T10", "12T13")]
    assert screen.checked("slot") == []
    assert "Pilih waktu dulu" in screen.text
    assert_kept(screen)
    assert site.count(Hold) == 0


def test_one_of_the_nearest_times_is_held_with_one_tap(site: Site, visitor: PageClient) -> None:
    nearest = lost(site, visitor, "/sesi/baru").values("pilih")[1]
    screen = Screen(
        visitor.post("/sesi/baru/tahan", typed(site.school, slot="", pilih=nearest), htmx=True)
    )
    assert screen.status == 200
    assert screen.checked("slot") == [nearest]
    assert "disimpan untuk Anda sampai" in screen.text
    assert_kept(screen)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("id", "Permintaan terkirim. Kami menjawab paling lambat Rabu, 5 Agustus."),
        ("en", "Request sent. We will answer by Wednesday, 5 August."),
    ],
)
def test_a_sent_request_shows_its_number_and_when_the_answer_comes(
    site: Site, language: str, sentence: str
) -> None:
    principal = site.build.user(Role.PRINCIPAL, site.school, language=language)
    visitor = site.browser(principal)
    answer = visitor.post("/sesi/baru", typed(site.school))
    assert answer.status_code == 303
    screen = get(visitor, answer.headers["Location"])
    assert screen.has_heading(sentence)
    [visit] = visits(site)
    assert visit.reference in screen.text
    assert (visit.own_topic, visit.grades, visit.expected_heads) == (
        "Topik yang diketik",
        ["8", "9"],
        137,
    )
    assert (visit.room, visit.needs, visit.starts_at) == ("Aula timur", "Dua mikrofon", at(12))
    # Later the same page is simply the session's.
    assert not get(visitor, f"/sesi/{visit.public_id}").has_heading(sentence)


def visits(site: Site) -> list[Visit]:
    """Return all visits."""
    with site.build.database.reader() as session:
        return list(session.scalars(select(Visit)))


def test_a_listed_topic_is_kept_as_such(site: Site, visitor: PageClient) -> None:
    topic = get(visitor).value("topic")
    visitor.post("/sesi/baru", typed(site.school, topic=topic, own_topic="tidak dipakai"))
    [visit] = visits(site)
    assert visit.topic_id is not None
    assert visit.own_topic == ""


def test_htmx_is_told_to_go_to_the_new_page(site: Site, visitor: PageClient) -> None:
    answer = visitor.post("/sesi/baru", typed(site.school), htmx=True)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].endswith("?terkirim=1")


def test_sending_twice_leads_to_the_same_page(site: Site, visitor: PageClient) -> None:
    first = visitor.post("/sesi/baru", typed(site.school)).headers["Location"]
    assert visitor.post("/sesi/baru", typed(site.school)).headers["Location"] == first
    assert site.count(Visit) == 1


FIGURE = "Tulis jumlah siswa dengan angka, misalnya 120."


@on_sqlite
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"slot": ""}, "Pilih waktu"),
        ({"slot": "besok pagi"}, "Pilih waktu"),
        ({"expected_heads": ""}, FIGURE),
        ({"expected_heads": "banyak"}, None),
        ({"expected_heads": "0"}, FIGURE),
        ({"expected_heads": "-5"}, FIGURE),
        ({"expected_heads": "2001"}, FIGURE),
        ({"expected_heads": "321"}, "320"),
        ({"own_topic": ""}, None),
        ({"own_topic": "   "}, None),
        ({"own_topic": "x" * 121}, None),
        ({"room": "x" * 121}, None),
        ({"needs": "x" * 501}, None),
        ({"slot": "2026-08-12T09:00:00+07:00"}, None),
        ({"slot": "2026-08-04T08:00:00+07:00"}, None),
        ({"slot": "2030-08-06T08:00:00+07:00"}, None),
        ({"slot": "0001-01-01T00:00:00+07:00"}, None),
        ({"slot": "9999-12-31T23:59:59+00:00"}, None),
        ({"slot": "9999-12-31T23:59:59-12:00"}, None),
        ({"grades": ["13"]}, None),
        ({"topic": "tidak-ada"}, None),
    ],
)
def test_what_does_not_fit_is_named_and_everything_else_stays(
    site: Site, visitor: PageClient, change: dict[str, Any], sentence: str | None
) -> None:
    screen = Screen(visitor.post("/sesi/baru", typed(site.school, **change)))
    assert screen.status == 422
    assert screen.with_class("error-summary") != []
    if sentence:
        assert sentence in screen.with_class("error-summary")[0]
    kept = dict(change)
    if kept.pop("grades", None) is None:
        assert screen.checked("grades") == ["8", "9"]
    kept.pop("slot", None)
    for name in ("own_topic", "expected_heads", "room", "needs"):
        assert screen.value(name) == str(kept.get(name, TYPED[name])).strip()
    assert site.count(Visit) == 0


@on_sqlite
@pytest.mark.parametrize("slot", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00"])
def test_holding_a_time_nobody_meant_is_no_reason_to_break(
    site: Site, visitor: PageClient, slot: str
) -> None:
    assert visitor.post("/sesi/baru/tahan", typed(site.school, slot=slot)).status_code == 422


def test_an_inactive_school_reads_why_it_cannot_book(site: Site) -> None:
    closed, principal = site.another_school(active=False)
    screen = Screen(site.browser(principal).post("/sesi/baru", typed(closed)))
    assert screen.status == 422
    assert screen.with_class("error-summary") != []
    assert_kept(screen)


def test_whoever_leads_two_schools_books_for_the_one_asked_for(site: Site) -> None:
    second = site.build.school("SD Contoh Kedua", level=Level.SD)
    site.build.appoint(site.principal, Role.PRINCIPAL, second)
    visitor = site.browser(site.principal)
    assert get(visitor).value("sekolah") in {site.school.public_id, second.public_id}
    screen = get(visitor, f"/sesi/baru?sekolah={second.public_id}")
    assert "SD Contoh Kedua" in screen.text
    assert screen.value("sekolah") == second.public_id
    visitor.post("/sesi/baru", typed(second, grades=["3"]))
    assert visits(site)[0].school_id == second.id


@on_sqlite
def test_another_school_cannot_be_booked_for(site: Site, visitor: PageClient) -> None:
    other, _ = site.another_school()
    assert visitor.get(f"/sesi/baru?sekolah={other.public_id}").status_code == 404
    assert visitor.post("/sesi/baru", typed(other)).status_code == 404
    assert visitor.post("/sesi/baru/tahan", typed(other)).status_code == 404
    assert site.count(Visit) == site.count(Hold) == 0


@on_sqlite
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRINCIPAL, Role.SCHOOL_OPERATOR}))
def test_other_roles_do_not_book(site: Site, role: Role) -> None:
    somebody = site.build.user(role, site.school if role is Role.TEACHER else None)
    visitor = site.browser(somebody)
    assert visitor.get("/sesi/baru").status_code == 403
    assert visitor.post("/sesi/baru", typed(site.school)).status_code == 403
    assert visitor.post("/sesi/baru/tahan", typed(site.school)).status_code == 403


@on_sqlite
def test_strangers_are_asked_to_sign_in(site: Site) -> None:
    stranger = PageClient(site.app)
    assert stranger.get("/sesi/baru").headers["Location"].startswith("/masuk")
    assert stranger.post("/sesi/baru", typed(site.school)).headers["Location"].startswith("/masuk")


@on_sqlite
def test_a_form_without_its_token_is_not_read(site: Site, visitor: PageClient) -> None:
    answer = visitor.post("/sesi/baru", typed(site.school, csrf_token="falsch"))
    assert answer.status_code == 400
    assert site.count(Visit) == 0


def test_an_operator_books_like_the_principal(site: Site) -> None:
    operator: User = site.build.user(Role.SCHOOL_OPERATOR, site.school)
    assert site.browser(operator).post("/sesi/baru", typed(site.school)).status_code == 303


def class_of(site: Site, name: str, pupils: int | None, year: int = 2026) -> None:
    """Let the usual school keep a class."""
    site.build.save(
        SchoolClass(
            school_id=site.school.id,
            start_year=year,
            grade=name[:-1],
            name=name,
            pupil_count=pupils,
        )
    )


@on_sqlite
def test_where_a_school_keeps_classes_they_are_chosen_by_name(
    site: Site, visitor: PageClient
) -> None:
    for name, pupils in (("7A", 31), ("7B", 29), ("8A", 30)):
        class_of(site, name, pupils)
    class_of(site, "9Z", 30, year=2025)
    screen = get(visitor)
    assert screen.values("classes") == ["7A", "7B", "8A"]
    assert screen.checked("classes") == ["7A", "7B"]
    assert screen.named("expected_heads") == []
    assert "sekitar 60 siswa" in screen.text
    sent = {**visitor.form("/sesi/baru"), "slot": SLOT, "by_class-0-heads": "20"}
    assert visitor.post("/sesi/baru", sent).status_code == 303
    [visit] = visits(site)
    assert (visit.classes, visit.grades) == (["7A", "7B"], ["7"])
    assert (visit.expected_by_class, visit.expected_heads) == ({"7A": 20, "7B": 29}, 49)


@on_sqlite
@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": []},
        {"classes": ["9Z"]},
        {"classes": ["8A"], "by_class-1-heads": ""},
        {"by_class-0-heads": "banyak"},
        {"by_class-0-heads": "0"},
        {"by_class-0-heads": "500"},
    ],
)
def test_classes_that_do_not_fit_are_named(
    site: Site, visitor: PageClient, wrong: dict[str, Any]
) -> None:
    class_of(site, "7A", 31)
    class_of(site, "8A", None)
    get(visitor)
    form = {**visitor.form("/sesi/baru"), "slot": SLOT, "room": "Aula", **wrong}
    screen = Screen(visitor.post("/sesi/baru", form))
    assert screen.status == 422
    assert screen.with_class("error-summary") != []
    assert screen.value("room") == "Aula"
    assert site.count(Visit) == 0


@on_sqlite
def test_another_session_keeps_what_was_typed_and_asks_its_own_questions(
    site: Site, visitor: PageClient
) -> None:
    screen = Screen(
        visitor.post("/sesi/baru", typed(site.school, programme="tepak", ganti="1"), htmx=True)
    )
    assert screen.is_fragment
    assert screen.checked("programme") == ["tepak"]
    assert screen.named("grades") == []
    assert (screen.value("room"), screen.value("needs")) == ("Aula timur", "Dua mikrofon")
    assert site.count(Visit) == 0
    topic = get(visitor).value("topic")
    chosen = {"programme": "tepak", "topic": topic, "ganti": "1"}
    screen = Screen(visitor.post("/sesi/baru", typed(site.school, **chosen)))
    # The topic of the other session does not exist here; its first one is proposed.
    assert screen.option("topic") == "Pengasuhan di dunia digital"


@on_sqlite
def test_a_large_group_is_shown_only_times_when_so_many_are_free(
    site: Site, visitor: PageClient
) -> None:
    session = site.build.session
    with transaction(session):
        programme = session.scalars(select(Programme).where(Programme.code == "pgts")).one()
        programme.people_per_worker = 100
    large = Screen(visitor.post("/sesi/baru", typed(site.school, ganti="1")))
    assert large.values("slot") == []
    small = visitor.post("/sesi/baru", typed(site.school, ganti="1", expected_heads="100"))
    assert len(Screen(small).values("slot")) > 0
    site.build.worker("Andi Peksos")
    again = Screen(visitor.post("/sesi/baru", typed(site.school, ganti="1")))
    assert len(again.values("slot")) > 0


@on_sqlite
def test_what_is_brought_and_ready_is_ticked(site: Site, visitor: PageClient) -> None:
    chosen = {"bring": ["projector", "media"], "ready_with": ["room"], "spoken": "Jawa"}
    assert visitor.post("/sesi/baru", typed(site.school, **chosen)).status_code == 303
    [visit] = visits(site)
    assert (visit.bring, visit.ready_with) == (["projector", "media"], ["room"])
    assert visit.spoken == "Jawa"
    unknown = visitor.post("/sesi/baru", typed(site.school, bring=["drone"]))
    assert unknown.status_code == 422
