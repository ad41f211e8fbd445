"""The list of sessions and one session: what each role sees there and may do."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from time_machine import Traveller

from portal.core.access import Role
from portal.people.models import User
from portal.visits.actions.deciding import Approval, approve, cancel, decline, withdraw
from portal.visits.models import Visit
from portal.visits.queries.visits import STATUS_STATES, ListFilter, list_visits
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.visits.conftest import Site, at, on_sqlite, refused
from tests.visits.screen import Screen

REPORT = {
    "method": "mixed",
    "heads-0-girls": "41",
    "heads-0-boys": "37",
    "heads_adults": "3",
    "note": "Ramai dan hangat",
}


def get(visitor: PageClient, path: str) -> Screen:
    """Open a page."""
    return Screen(visitor.get(path))


def page_of(site: Site, user: User, visit: Visit) -> Screen:
    """Open a session's page as somebody."""
    return get(site.browser(user), f"/sesi/{visit.public_id}")


def scheduled(site: Site, starts_at: datetime | None = None, **more: Any) -> Visit:
    """Ask for a session and approve it."""
    visit = site.requested(starts_at, **more)
    site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    return site.fresh(visit)


def leaves(screen: Screen, visit: Visit) -> set[str]:
    """Return what can be done with a session on its page."""
    start = f"/sesi/{visit.public_id}/"
    return {action.removeprefix(start) for action in screen.actions() if action.startswith(start)}


def test_a_worker_sees_the_own_schedule_first_and_everybodys_on_request(site: Site) -> None:
    other = site.build.worker("Andi Peksos")
    mine, theirs = site.build.school("SMP Milik Sari"), site.build.school("SMP Milik Andi")
    for school, worker in ((mine, site.worker), (theirs, other)):
        site.build.delivered(school, worker, date(2026, 8, 12), state=VisitState.SCHEDULED)
    visitor = site.browser(site.worker)
    own = get(visitor, "/sesi")
    assert own.has_heading("Jadwal saya")
    assert "SMP Milik Sari" in own.text
    assert "SMP Milik Andi" not in own.text
    assert "/sesi?semua=1" in own.links()
    every = get(visitor, "/sesi?semua=1")
    assert "SMP Milik Sari" in every.text
    assert "SMP Milik Andi" in every.text
    assert "/sesi" in every.links()


def test_a_school_sees_its_own_sessions_only(site: Site) -> None:
    site.requested(own_topic="Topik Sendiri")
    other, principal = site.another_school()
    site.build.requested(principal, other, at(13), own_topic="Topik Tetangga")
    for role in (Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER):
        screen = get(site.browser(site.build.user(role, site.school)), "/sesi")
        assert "Topik Sendiri" in screen.text
        assert "Topik Tetangga" not in screen.text
        assert ("/sesi/baru" in screen.links()) is (role is not Role.TEACHER)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.DIVISION_HEAD])
def test_the_office_sees_all_schools_sessions(site: Site, role: Role) -> None:
    other, principal = site.another_school(name="SMP Tetangga")
    site.requested()
    site.build.requested(principal, other, at(13))
    screen = get(site.browser(site.build.user(role)), "/sesi")
    assert "SMP Contoh Melati" in screen.text
    assert "SMP Tetangga" in screen.text


@on_sqlite
@pytest.mark.parametrize("role", [Role.EDUCATION_OFFICE, Role.VOLUNTEER])
def test_who_has_nothing_to_do_with_sessions_does_not_see_them(site: Site, role: Role) -> None:
    visit = site.requested()
    visitor = site.browser(site.build.user(role))
    assert visitor.get("/sesi").status_code == 403
    assert visitor.get(f"/sesi/{visit.public_id}").status_code == 403
    assert visitor.get(f"/sesi/{visit.public_id}/kalender.ics").status_code == 403


@on_sqlite
def test_a_school_without_sessions_is_invited_to_book(site: Site) -> None:
    screen = get(site.browser(site.principal), "/sesi")
    assert "Belum ada sesi. Pilih waktu untuk sesi pertama sekolah Anda." in screen.text
    assert "Belum ada sesi" in get(site.browser(site.worker), "/sesi").text


def test_sessions_stand_under_what_became_of_them(site: Site) -> None:
    for number, state in enumerate(VisitState):
        day = date(2026, 8, 12) + timedelta(days=7 * number)
        site.build.delivered(site.build.school(f"SMP {state}"), site.worker, day, state=state)
    screen = get(site.browser(site.coordinator), "/sesi")
    for heading in ("Disetujui", "Menunggu jawaban", "Terlaksana", "Tidak jadi"):
        assert screen.has_heading(heading)
    for state in VisitState:
        assert f"SMP {state}" in screen.text


def test_long_lists_go_on_elsewhere(site: Site) -> None:
    for number in range(12):
        day = date(2026, 8, 12) + timedelta(days=number)
        site.build.delivered(
            site.build.school(f"SMP Nomor {number:02d}"),
            site.worker,
            day,
            state=VisitState.SCHEDULED,
        )
    visitor = site.browser(site.coordinator)
    overview = get(visitor, "/sesi")
    assert "SMP Nomor 09" in overview.text
    assert "SMP Nomor 10" not in overview.text
    [whole] = [link for link in overview.links() if link.startswith("/sesi?status=terjadwal")]
    assert "SMP Nomor 11" in get(visitor, whole).text


@pytest.mark.parametrize("status", sorted(STATUS_STATES))
def test_page_by_page_every_session_comes_exactly_once(site: Site, status: str) -> None:
    states = STATUS_STATES[status]
    made = []
    for number in range(10):
        # Several begin at the same moment.
        day = date(2026, 8, 12) + timedelta(days=number // 4)
        school, worker = site.build.school(), site.build.user(Role.SOCIAL_WORKER)
        state = states[number % len(states)]
        made.append(site.build.delivered(school, worker, day, state=state).id)
    seen, starts, after = [], [], None
    with site.build.database.reader() as reading:
        coordinator = site.actor(site.coordinator)
        for _ in range(4):
            found = list_visits(reading, coordinator, ListFilter(states), after=after, limit=3)
            seen += [row.id for row in found.rows]
            starts += [row.starts_at for row in found.rows]
            after = found.after
            if after is None:
                break
    assert sorted(seen) == sorted(made)
    ahead = status in {"menunggu", "ditawarkan", "terjadwal"}
    assert starts == sorted(starts, reverse=not ahead)


def cursor(*parts: str) -> str:
    """Make a position as the address carries it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@on_sqlite
@pytest.mark.parametrize(
    "position",
    [
        "x",
        cursor("2026-08-12T08:00:00", "019fc559-6d00-70b7-b114-980cb7dcbb8e"),
        cursor("2026-08-12", "019fc559-6d00-70b7-b114-980cb7dcbb8e"),
        cursor("0001-01-01T00:00:00+07:00", "019fc559-6d00-70b7-b114-980cb7dcbb8e"),
        cursor("9999-12-31T23:59:59-12:00", "019fc559-6d00-70b7-b114-980cb7dcbb8e"),
        cursor("2026-08-12T01:00:00+00:00", "nobody"),
        cursor("2026-08-12T01:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("path", ["/sesi?status=selesai", "/permintaan?status=selesai"])
def test_a_position_nobody_made_is_no_reason_to_break(site: Site, path: str, position: str) -> None:
    visitor = site.browser(site.coordinator)
    assert visitor.get(f"{path}&setelah={position}").status_code == 200


def test_one_schools_sessions_can_be_listed_alone(site: Site) -> None:
    other, principal = site.another_school(name="SMP Tetangga")
    site.requested()
    site.build.requested(principal, other, at(13))
    screen = get(site.browser(site.coordinator), f"/sesi?sekolah={other.public_id}")
    assert "SMP Tetangga" in screen.text
    assert "SMP Contoh Melati" not in screen.text


WAITING = {
    "principal": {"tarik", "surat"},
    "operator": {"tarik", "surat"},
    "teacher": set(),
    "worker": set(),
    "coordinator": {"belum-bisa"},
    "division_head": set(),
}
SCHEDULED = {
    "principal": {"tarik", "ruang-siap", "surat"},
    "operator": {"tarik", "ruang-siap", "surat"},
    "teacher": set(),
    "worker": {"surat"},
    "coordinator": {"batalkan", "surat"},
    "division_head": set(),
}
BEGUN = {
    **SCHEDULED,
    "worker": {"terlaksana", "tidak-terlaksana", "surat"},
    "coordinator": {"batalkan", "terlaksana", "tidak-terlaksana", "surat"},
}


def somebody(site: Site, who: str) -> User:
    """Return one of the people of the tables above."""
    made = {
        "operator": lambda: site.build.user(Role.SCHOOL_OPERATOR, site.school),
        "teacher": lambda: site.build.user(Role.TEACHER, site.school),
        "division_head": lambda: site.build.user(Role.DIVISION_HEAD),
    }
    return made[who]() if who in made else getattr(site, who)


@on_sqlite
@pytest.mark.parametrize("who", sorted(WAITING))
def test_each_role_finds_what_it_may_do(site: Site, now: Traveller, who: str) -> None:
    user = somebody(site, who)
    visit = site.requested()
    screen = page_of(site, user, visit)
    assert leaves(screen, visit) == WAITING[who]
    answer_link = f"/permintaan/{visit.public_id}/periksa"
    assert (answer_link in screen.links()) is (who == "coordinator")
    assert visit.reference in screen.text
    assert "SMP Contoh Melati" in screen.text
    # Who will come is only said once it is certain.
    assert "Sari Peksos" not in screen.text or who == "worker"

    site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    screen = page_of(site, user, visit)
    assert leaves(screen, visit) == SCHEDULED[who]
    assert "Sari Peksos" in screen.text
    now.move_to(at(12))
    assert leaves(page_of(site, user, visit), visit) == BEGUN[who]


@on_sqlite
def test_nobody_may_do_anything_once_it_is_over(site: Site, now: Traveller) -> None:
    visits = [site.requested(at(day)) for day in (10, 11, 12)]
    site.does(decline, site.coordinator, visits[0], "Semua peksos bertugas hari itu")
    site.does(withdraw, site.principal, visits[1], "Ada ujian")
    site.does(approve, site.coordinator, visits[2], Approval(site.worker.id))
    site.does(cancel, site.coordinator, visits[2], "Peksos sakit")
    for who in sorted(WAITING):
        user = somebody(site, who)
        for visit, reason in zip(
            visits, ("Semua peksos bertugas hari itu", "Ada ujian", "Peksos sakit"), strict=True
        ):
            screen = page_of(site, user, visit)
            # The office may take it up again, and sends the answer of no on paper too.
            office = {"pulihkan", "surat"} if visit is visits[0] else {"pulihkan"}
            assert leaves(screen, visit) == (office if who == "coordinator" else set())
            assert reason in screen.text


@on_sqlite
def test_the_result_stands_on_the_page_of_a_delivered_session(site: Site) -> None:
    visit = site.build.delivered(
        site.school, site.worker, date(2026, 7, 27), girls=41, boys=37, adults=3
    )
    for who in sorted(WAITING):
        screen = page_of(site, somebody(site, who), visit)
        assert screen.has_heading("Hasil sesi")
        for words in ("Campuran: ceramah dan kegiatan", "41", "37"):
            assert words in screen.text


@on_sqlite
@pytest.mark.parametrize("who", sorted(WAITING))
def test_why_a_warning_was_passed_over_is_for_the_office(site: Site, who: str) -> None:
    visit = site.requested()
    site.build.setting("weekly_visit_hours", 1)
    site.does(
        approve, site.coordinator, visit, Approval(site.worker.id, "Pekan depan peksos libur")
    )
    text = page_of(site, somebody(site, who), visit).text
    assert ("Pekan depan peksos libur" in text) is (who == "coordinator")


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER])
def test_another_schools_session_is_not_found(site: Site, role: Role) -> None:
    visit = scheduled(site)
    stranger = site.build.user(role, site.build.school())
    visitor = site.browser(stranger)
    start = f"/sesi/{visit.public_id}"
    assert visitor.get(start).status_code == 404
    assert visitor.get(f"{start}/kalender.ics").status_code == 404
    expected = 403 if role is Role.TEACHER else 404
    assert visitor.post(f"{start}/tarik", {"reason": "Iseng"}).status_code == expected
    assert visitor.post(f"{start}/ruang-siap").status_code == expected
    assert site.fresh(visit).state == VisitState.SCHEDULED
    assert site.fresh(visit).room_ready_at is None


@on_sqlite
@pytest.mark.parametrize("path", ["", "/kalender.ics"])
def test_a_session_that_does_not_exist_is_not_found(site: Site, path: str) -> None:
    visitor = site.browser(site.coordinator)
    assert visitor.get(f"/sesi/{'A' * 22}{path}").status_code == 404
    assert visitor.get(f"/sesi/1{path}").status_code == 404


ENDS = [
    ("tarik", "principal", False, VisitState.WITHDRAWN),
    ("tarik", "principal", True, VisitState.CANCELLED),
    ("batalkan", "coordinator", True, VisitState.CANCELLED),
    ("belum-bisa", "coordinator", False, VisitState.DECLINED),
]


@pytest.mark.parametrize(("leaf", "who", "approved", "state"), ENDS)
def test_an_end_needs_a_reason_and_keeps_it(
    site: Site, leaf: str, who: str, approved: bool, state: VisitState
) -> None:
    visit = scheduled(site) if approved else site.requested()
    visitor = site.browser(getattr(site, who))
    path = f"/sesi/{visit.public_id}/{leaf}"
    for empty in ({}, {"reason": ""}, {"reason": "   "}):
        if state is VisitState.WITHDRAWN:
            break  # nobody has answered yet, so nobody needs to read why
        screen = Screen(visitor.post(path, empty))
        assert screen.status == 422
        assert "Tulis alasan singkat. Pihak lain akan membacanya." in screen.text
    too_long = "a" * 501
    screen = Screen(visitor.post(path, {"reason": too_long}))
    assert screen.status == 422
    assert screen.value("reason") == too_long
    assert site.fresh(visit).state == visit.state

    answer = visitor.post(path, {"reason": " Ada ujian bersama "})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sesi/{visit.public_id}"
    stands = site.fresh(visit)
    assert (stands.state, stands.reason) == (state, "Ada ujian bersama")
    assert "Ada ujian bersama" in get(visitor, answer.headers["Location"]).text
    site.check_cells()


def test_a_waiting_request_is_withdrawn_with_one_press(site: Site) -> None:
    visit = site.requested()
    visitor = site.browser(site.principal)
    assert visitor.post(f"/sesi/{visit.public_id}/tarik").status_code == 303
    assert site.fresh(visit).state == VisitState.WITHDRAWN


def test_the_news_of_a_cancelled_session_waits_at_home_until_it_is_read(site: Site) -> None:
    visit = scheduled(site)
    site.does(cancel, site.coordinator, visit, "Peksos sakit")
    for user in (site.principal, site.worker):
        visitor = site.browser(user)
        path = f"/sesi/{visit.public_id}/sudah-dibaca"
        assert path in get(visitor, "/beranda").actions()
        assert visitor.post(path).status_code == 303
        assert path not in get(visitor, "/beranda").actions()
    stranger = site.browser(site.build.user(Role.PRINCIPAL, site.build.school()))
    assert stranger.post(f"/sesi/{visit.public_id}/sudah-dibaca").status_code == 404


def whatsapp_text(screen: Screen) -> str:
    """Return the one WhatsApp text that is ready on a page."""
    [link] = [link for link in screen.links() if link.startswith("https://wa.me/")]
    [text] = parse_qs(urlsplit(link).query)["text"]
    return text


@on_sqlite
@pytest.mark.parametrize(
    ("action", "words"), [(decline, "belum bisa dijadwalkan"), (cancel, "dibatalkan")]
)
def test_the_office_has_the_news_ready_without_what_was_written(
    site: Site, action: Any, words: str
) -> None:
    visit = site.requested(needs="Kursi roda", own_topic="Topik Sendiri", room="Ruang Mawar")
    if action is cancel:
        site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    site.does(action, site.coordinator, visit, "Alasan yang panjang")
    text = whatsapp_text(page_of(site, site.coordinator, visit))
    assert words in text
    assert "Rabu, 12 Agustus" in text
    assert f"/sesi/{visit.public_id}" in text
    for kept in ("Kursi roda", "Topik Sendiri", "Ruang Mawar", "Alasan yang panjang"):
        assert kept not in text
    assert not [link for link in page_of(site, site.principal, visit).links() if "wa.me" in link]


@on_sqlite
def test_a_school_can_keep_the_essentials_of_its_request_in_whatsapp(site: Site) -> None:
    visit = site.requested(needs="Kursi roda", own_topic="Topik Sendiri", room="Ruang Mawar")
    visitor = site.browser(site.principal)
    text = whatsapp_text(get(visitor, f"/sesi/{visit.public_id}?terkirim=1"))
    for words in ("SMP Contoh Melati", "Rabu, 12 Agustus", "08.00–09.30 WIB", visit.reference):
        assert words in text
    for kept in ("Kursi roda", "Topik Sendiri", "Ruang Mawar"):
        assert kept not in text


def test_ending_what_has_ended_says_so(site: Site) -> None:
    visit = site.requested()
    site.does(withdraw, site.principal, visit, "Ada ujian")
    visitor = site.browser(site.coordinator)
    screen = Screen(visitor.post(f"/sesi/{visit.public_id}/belum-bisa", {"reason": "Penuh"}))
    assert screen.status == 422
    assert "Ibu Kepala sudah menjawab ini" in screen.text
    screen = Screen(visitor.post(f"/sesi/{visit.public_id}/batalkan", {"reason": "Penuh"}))
    assert screen.status == 422
    assert site.fresh(visit).reason == "Ada ujian"


@on_sqlite
@pytest.mark.parametrize(("leaf", "who", "approved", "_state"), ENDS)
def test_a_press_without_its_token_ends_nothing(
    site: Site, leaf: str, who: str, approved: bool, _state: VisitState
) -> None:
    visit = scheduled(site) if approved else site.requested()
    visitor = site.browser(getattr(site, who))
    wrong = {"reason": "Ada ujian", "csrf_token": "palsu"}
    assert visitor.post(f"/sesi/{visit.public_id}/{leaf}", wrong).status_code == 400
    assert site.fresh(visit).state == visit.state


@on_sqlite
@pytest.mark.parametrize(
    ("who", "leaf", "status"),
    [
        ("principal", "batalkan", 403),
        ("principal", "belum-bisa", 403),
        ("principal", "terlaksana", 403),
        ("worker", "batalkan", 403),
        ("worker", "belum-bisa", 403),
        ("worker", "tarik", 403),
        ("worker", "ruang-siap", 403),
        ("teacher", "tarik", 403),
        ("teacher", "ruang-siap", 403),
        ("coordinator", "tarik", 403),
        ("coordinator", "ruang-siap", 403),
        ("division_head", "batalkan", 403),
        ("division_head", "terlaksana", 403),
    ],
)
def test_pages_refuse_what_a_role_may_not(site: Site, who: str, leaf: str, status: int) -> None:
    visit = scheduled(site)
    visitor = site.browser(somebody(site, who))
    answer = visitor.post(f"/sesi/{visit.public_id}/{leaf}", {"reason": "Iseng", **REPORT})
    assert answer.status_code == status
    assert site.fresh(visit).state == VisitState.SCHEDULED


def test_the_school_confirms_the_room_with_one_press(site: Site) -> None:
    visit = scheduled(site, room="Aula")
    visitor = site.browser(site.principal)
    answer = visitor.post(f"/sesi/{visit.public_id}/ruang-siap")
    assert answer.status_code == 303
    assert "Peksos tahu ruangnya sudah siap." in get(visitor, answer.headers["Location"]).text
    assert "sudah dipastikan sekolah" in page_of(site, site.worker, visit).text
    assert "ruang-siap" not in leaves(page_of(site, site.principal, visit), visit)


def test_a_room_for_a_session_that_is_off_is_not_confirmed(site: Site) -> None:
    visit = scheduled(site)
    site.does(cancel, site.coordinator, visit, "Peksos sakit")
    visitor = site.browser(site.principal)
    answer = visitor.post(f"/sesi/{visit.public_id}/ruang-siap")
    assert answer.status_code == 303
    assert site.fresh(visit).room_ready_at is None


def deliver_path(visit: Visit) -> str:
    """Return where the record is sent."""
    return f"/sesi/{visit.public_id}/terlaksana"


def event_of(site: Site, visit: Visit) -> tuple[icalendar.Event, bytes]:
    """Fetch and read the calendar file."""
    answer = site.browser(site.principal).get(f"/sesi/{visit.public_id}/kalender.ics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="sesi-{visit.reference}.ics"'
    )
    [event] = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return event, answer.data


@on_sqlite
def test_the_calendar_file_says_when_and_where_in_utc(site: Site) -> None:
    visit = site.requested(at(12), room="Aula timur", needs="Kursi roda", own_topic="Rahasia")
    event, raw = event_of(site, visit)
    assert event.start == datetime(2026, 8, 12, 1, tzinfo=UTC)
    assert event.end == datetime(2026, 8, 12, 2, 30, tzinfo=UTC)
    assert b"DTSTART:20260812T010000Z\r\n" in raw
    assert b"DTEND:20260812T023000Z\r\n" in raw
    assert event["SUMMARY"] == "Peksos Go to School: SMP Contoh Melati"
    assert event["LOCATION"] == "Aula timur, SMP Contoh Melati"
    assert event["STATUS"] == "TENTATIVE"
    assert event["UID"] == f"{visit.public_id}@portal-mitra-sekolah"
    # What the school wrote for the office does not travel into anybody's calendar.
    assert b"Kursi roda" not in raw
    assert b"Rahasia" not in raw


def test_the_same_entry_grows_with_every_change(site: Site, now: Traveller) -> None:
    visit = site.requested(at(12))
    uids, sequences, states = set(), [], []

    def note() -> None:
        event, _raw = event_of(site, visit)
        uids.add(event["UID"])
        sequences.append(event["SEQUENCE"])
        states.append(event["STATUS"])

    note()
    site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    note()
    visitor = site.browser(site.principal)
    visitor.post(f"/sesi/{visit.public_id}/ruang-siap")
    note()
    now.move_to(at(12, 9, 30))
    site.browser(site.worker).post(deliver_path(visit), REPORT)
    note()
    assert len(uids) == 1
    assert sequences == sorted(set(sequences)), "each change has a higher number"
    assert states == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CONFIRMED"]
    assert b"Ramai" not in event_of(site, visit)[1]


def test_the_rules_agree_with_the_pages_about_who_is_a_stranger(site: Site) -> None:
    visit = site.requested()
    stranger = site.build.user(Role.PRINCIPAL, site.build.school())
    assert refused(lambda: site.does(withdraw, stranger, visit, "Iseng")).code == "not_allowed"
