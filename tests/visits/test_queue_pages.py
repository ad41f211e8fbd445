"""The office's queue: who waits, who could go, what clashes, and one press to answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from time_machine import Traveller

from portal.core.access import Role
from portal.core.db import transaction
from portal.people.models import User
from portal.schools.models import CalendarEntry, Level
from portal.visits.actions.cells import crew_of
from portal.visits.actions.deciding import Approval, approve, decline, undo_approval
from portal.visits.actions.workers import set_hours
from portal.visits.models import Blackout, Leave, Programme, Visit, VisitNeed, WorkerTerms
from portal.visits.queries.slots import load_workers
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.visits.conftest import Site, at, at_once, on_sqlite
from tests.visits.screen import Screen, words_of

QUEUE = "/permintaan"


@pytest.fixture
def desk(site: Site) -> PageClient:
    """Return the coordinator's browser."""
    return site.browser(site.coordinator)


def get(visitor: PageClient, path: str = QUEUE) -> Screen:
    """Open a page."""
    return Screen(visitor.get(path))


def fragment(visitor: PageClient, path: str) -> Screen:
    """Fetch what htmx would."""
    return Screen(visitor.fragment(path))


def schools_shown(screen: Screen) -> list[str]:
    """Return the names of the schools in the list, in order."""
    rows = [each for each in screen.tree.iter("th") if each.get("scope") == "row"]
    return [words_of(next(row.iter("a"))) for row in rows]


def asks(site: Site, name: str, *when: Any, **more: Any) -> Visit:
    """Let a new school ask for a session."""
    school, principal = site.another_school(name=name, **more)
    return site.build.requested(principal, school, at(*when))


def check_path(visit: Visit, worker: User | None = None) -> str:
    """Return the address that checks a worker for a request."""
    return f"{QUEUE}/{visit.public_id}/periksa" + (f"?worker={worker.public_id}" if worker else "")


def press(
    visitor: PageClient, visit: Visit, worker: User, *, htmx: bool = False, **more: str
) -> Screen:
    """Press "approve and assign"."""
    answer = visitor.post(
        f"{QUEUE}/{visit.public_id}/setujui", {"worker": worker.public_id, **more}, htmx=htmx
    )
    return Screen(answer)


def test_a_row_says_who_asks_for_what_and_proposes_somebody(site: Site, desk: PageClient) -> None:
    site.requested(at(12), own_topic="Berani bercerita", expected_heads=120)
    screen = get(desk)
    assert screen.has_heading("Permintaan sesi")
    [row] = [r for r in screen.tree.iter("tr") if (r.get("id") or "").startswith("row-")]
    for words in (
        "SMP Contoh Melati",
        "Metro Pusat · SMP · Berani bercerita",
        "Belum pernah ada sesi",
        "Rab, 12 Agu",
        "08.00–09.30",
        "120 orang",
        "Setujui & tugaskan",
    ):
        assert words in words_of(row)
    assert screen.options("worker") == ["Sari · kosong"]


def test_a_school_that_had_a_session_is_not_called_never_served(
    site: Site, desk: PageClient
) -> None:
    site.build.delivered(site.school, site.worker, date(2026, 5, 4))
    site.requested(at(12))
    assert "Belum pernah ada sesi" not in get(desk).with_class("queue")[0]


@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.SCHEDULED])
def test_a_session_that_was_not_delivered_does_not_count(
    site: Site, desk: PageClient, state: VisitState
) -> None:
    site.build.delivered(site.school, site.worker, date(2026, 5, 4), state=state)
    site.requested(at(12))
    assert "Belum pernah ada sesi" in get(desk).with_class("queue")[0]


def test_a_programme_that_does_not_count_leaves_a_school_never_served(
    site: Site, desk: PageClient
) -> None:
    families = site.build.programme("tepak")
    site.build.delivered(site.school, site.worker, date(2026, 5, 4), programme=families)
    site.requested(at(12))
    assert "Belum pernah ada sesi" in get(desk).with_class("queue")[0]


def test_whoever_waits_longest_stands_first_and_overdue_is_marked(
    site: Site, now: Traveller
) -> None:
    asks(site, "SMP Pertama", 26)
    now.shift(timedelta(hours=5))
    asks(site, "SMP Kedua", 20)
    now.move_to(at(5, 9))
    asks(site, "SMP Ketiga", 19)
    visitor = site.browser(site.coordinator)
    assert schools_shown(get(visitor)) == ["SMP Pertama", "SMP Kedua", "SMP Ketiga"]
    assert "Jawaban terlambat" not in get(visitor).text
    now.move_to(at(5, 16, 1))
    visitor = site.browser(site.coordinator)
    tags = [words for words in get(visitor).with_class("tag") if "terlambat" in words]
    assert tags == ["Jawaban terlambat sejak Rab, 5 Agu"] * 2
    assert schools_shown(get(visitor)) == ["SMP Pertama", "SMP Kedua", "SMP Ketiga"]


def test_schools_never_served_can_stand_first(site: Site, desk: PageClient, now: Traveller) -> None:
    served, principal = site.another_school(name="SMP Sudah")
    site.build.delivered(served, site.worker, date(2026, 5, 4))
    site.build.requested(principal, served, at(12))
    now.shift(timedelta(minutes=1))
    asks(site, "SMP Belum", 13)
    assert schools_shown(get(desk)) == ["SMP Sudah", "SMP Belum"]
    assert schools_shown(get(desk, f"{QUEUE}?urut=belum-pernah")) == ["SMP Belum", "SMP Sudah"]


@on_sqlite
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["SMP Pusat", "SD Utara", "MTs Utara", "SLB Barat"]),
        ("?kecamatan=metro-utara", ["SD Utara", "MTs Utara"]),
        ("?jenjang=SMP/MTs", ["SMP Pusat", "MTs Utara"]),
        ("?kecamatan=metro-utara&jenjang=SMP/MTs", ["MTs Utara"]),
        ("?jenjang=SLB", ["SLB Barat"]),
        ("?kecamatan=metro-selatan", []),
        ("?kecamatan=tidak-ada", []),
        ("?jenjang=tidak-ada", ["SMP Pusat", "SD Utara", "MTs Utara", "SLB Barat"]),
        ("?status=tidak-ada", ["SMP Pusat", "SD Utara", "MTs Utara", "SLB Barat"]),
        ("?urut=tidak-ada", ["SMP Pusat", "SD Utara", "MTs Utara", "SLB Barat"]),
    ],
)
def test_filters_narrow_the_list(
    site: Site, desk: PageClient, now: Traveller, query: str, names: list[str]
) -> None:
    for number, (name, district, level) in enumerate(
        (
            ("SMP Pusat", "18.72.01", Level.SMP),
            ("SD Utara", "18.72.02", Level.SD),
            ("MTs Utara", "18.72.02", Level.MTS),
            ("SLB Barat", "18.72.03", Level.SLB),
        )
    ):
        asks(site, name, 12 + number % 3, 8 + number // 3 * 2, district=district, level=level)
        now.shift(timedelta(seconds=1))
    screen = get(desk, QUEUE + query)
    assert schools_shown(screen) == names
    part = fragment(desk, QUEUE + query)
    assert part.is_fragment
    assert part.html.lstrip().startswith('<div id="queue">')
    assert schools_shown(part) == names
    if not names:
        assert "Tidak ada hasil untuk saringan ini." in screen.text


def test_each_tab_shows_its_state_and_all_their_numbers(site: Site, desk: PageClient) -> None:
    for number, state in enumerate(VisitState):
        school = site.build.school(f"Sekolah {state}")
        day = date(2026, 8, 12) + timedelta(days=7 * number)
        site.build.delivered(school, site.worker, day, state=state)
    expected = {
        "menunggu": ["Sekolah requested"],
        "ditawarkan": ["Sekolah offered"],
        "terjadwal": ["Sekolah scheduled"],
        "selesai": ["Sekolah delivered"],
        # The past ones newest first.
        "tidak-jadi": [
            "Sekolah lapsed",
            "Sekolah cancelled",
            "Sekolah withdrawn",
            "Sekolah declined",
            "Sekolah not_delivered",
        ],
    }
    for status, names in expected.items():
        screen = get(desk, f"{QUEUE}?status={status}")
        assert schools_shown(screen) == names
        [tabs] = screen.with_class("tabs")
        assert tabs == "Menunggu 1 Ditawarkan 1 Terjadwal 1 Selesai 1 Tidak jadi 5"


@on_sqlite
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("menunggu", "Tidak ada permintaan menunggu"),
        ("terjadwal", "Belum ada apa-apa di sini"),
        ("selesai", "Belum ada apa-apa di sini"),
    ],
)
def test_an_empty_list_says_so(site: Site, desk: PageClient, status: str, words: str) -> None:
    assert words in get(desk, f"{QUEUE}?status={status}").text


def test_the_reason_stands_with_what_did_not_happen(site: Site, desk: PageClient) -> None:
    visit = site.requested()
    site.does(decline, site.coordinator, visit, "Semua peksos rapat")
    assert "Semua peksos rapat" in get(desk, f"{QUEUE}?status=tidak-jadi").text


def test_the_load_of_the_week_stands_beside_the_list(site: Site, desk: PageClient) -> None:
    site.build.delivered(site.school, site.worker, date(2026, 8, 5), state=VisitState.SCHEDULED)
    resting = site.build.worker("Rina Cuti")
    site.build.save(
        Leave(
            user_id=resting.id,
            first_day=date(2026, 8, 3),
            last_day=date(2026, 8, 7),
            recorded_by=resting.id,
        )
    )
    text = get(desk).text
    assert "3–7 Agustus 2026" in text
    assert "1,5 dari 12 jam" in text
    assert "cuti sampai 7 Agu" in text


@on_sqlite
def test_the_load_is_measured_by_what_each_worker_has(site: Site, desk: PageClient) -> None:
    site.build.delivered(site.school, site.worker, date(2026, 8, 5), state=VisitState.SCHEDULED)
    terms = {"weekly_minutes": 600, "visit_minutes": 180, "recorded_by": site.coordinator.id}
    site.build.save(
        WorkerTerms(
            user_id=site.worker.id,
            from_on=date(2026, 8, 3),
            recorded_at=at(3),
            **terms,
        )
    )
    assert "1,5 dari 3 jam" in get(desk).text
    none = site.build.worker("Tanpa Sesi")
    site.build.save(
        WorkerTerms(
            user_id=none.id,
            from_on=date(2026, 8, 3),
            recorded_at=at(3),
            **{**terms, "visit_minutes": 0},
        )
    )
    assert "0 dari 0 jam" in get(desk).text


@on_sqlite
def test_everything_that_speaks_against_somebody_is_said(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    gap, leave = tight(site, andi), on_leave(site, andi)
    row = fragment(desk, check_path(visit, andi))
    assert gap in row.text
    assert leave in row.text


@on_sqlite
def test_a_day_that_lost_its_lessons_since_is_marked_and_not_ticked(
    site: Site, desk: PageClient
) -> None:
    visit, other = site.requested(at(12)), site.requested(at(13))
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
    asks(site, "SMP Lain", 14)
    screen = get(desk)
    assert screen.text.count("Ujian praktik") == 1
    ids = {box.partition(".")[0] for box in ticked(screen)}
    assert visit.public_id not in ids
    assert other.public_id in ids


@on_sqlite
def test_what_holds_for_everybody_who_goes_is_said_once(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    nia = site.build.worker("Nia Peksos")
    day = date(2026, 8, 12)
    site.build.save(
        Blackout(
            first_on=day,
            last_on=day,
            name="Rapat kerja",
            recorded_by=site.coordinator.id,
            recorded_at=at(3),
        )
    )
    both = f"{check_path(visit, site.worker)}&others={nia.public_id}"
    assert fragment(desk, both).text.count("Rapat kerja") == 1


@on_sqlite
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR}))
def test_the_queue_is_the_coordinators(site: Site, role: Role) -> None:
    visit = site.requested()
    visitor = site.browser(site.build.user(role, site.school))
    assert visitor.get(QUEUE).status_code == 403
    assert visitor.get(check_path(visit)).status_code == 403
    assert press(visitor, visit, site.worker).status == 403
    assert visitor.post(f"{QUEUE}/{visit.public_id}/ganti-peksos").status_code == 403
    assert visitor.post(f"{QUEUE}/{visit.public_id}/urungkan").status_code == 403
    assert site.fresh(visit).state == VisitState.REQUESTED


def test_the_worker_taken_at_the_request_is_proposed_and_others_are_at_hand(
    site: Site, desk: PageClient
) -> None:
    names = {site.worker.id: "Sari"}
    for name in ("Andi", "Nia"):
        names[site.build.worker(f"{name} Peksos").id] = name
    visit = site.requested(at(12))
    screen = get(desk)
    assert screen.option("worker") == f"{names[visit.social_worker_id]} · kosong"
    assert sorted(screen.options("worker")) == sorted(f"{name} · kosong" for name in names.values())


def test_when_that_worker_fell_ill_the_next_best_is_proposed(site: Site, desk: PageClient) -> None:
    site.requested(at(12))
    site.build.worker("Andi Peksos")
    site.build.save(
        Leave(
            user_id=site.worker.id,
            first_day=date(2026, 8, 12),
            last_day=date(2026, 8, 14),
            recorded_by=site.worker.id,
        )
    )
    screen = get(desk)
    assert screen.option("worker") == "Andi · kosong"
    assert "Sari · cuti" in screen.options("worker")


def overlapping(site: Site, worker: User) -> str:
    """Let a worker be at another school then."""
    other = site.build.school("SD Contoh Kenanga", district="18.72.02")
    site.build.delivered(other, worker, date(2026, 8, 12), state=VisitState.SCHEDULED)
    return "Bentrok. Andi bertugas 08.00–09.30 di SD Contoh Kenanga."


def tight(site: Site, worker: User) -> str:
    """Let a worker be in another kecamatan right before."""
    other = site.build.school("SD Contoh Kenanga", district="18.72.02")
    at_half_past_six = {"state": VisitState.SCHEDULED, "at": time(6, 30)}
    site.build.delivered(other, worker, date(2026, 8, 12), **at_half_past_six)
    return (
        "Jeda sempit. Andi juga bertugas 06.30–08.00 di SD Contoh Kenanga. "
        "Jeda 0 menit, perjalanan 20 menit."
    )


def on_leave(site: Site, worker: User) -> str:
    """Let a worker be away."""
    first, last = date(2026, 8, 10), date(2026, 8, 14)
    site.build.save(Leave(user_id=worker.id, first_day=first, last_day=last, recorded_by=worker.id))
    return "Sedang cuti. Andi cuti sampai Jumat, 14 Agustus."


def not_working(site: Site, worker: User) -> str:
    """Let a worker have no hours that day."""
    actor = site.actor(site.coordinator)
    with site.build.database.writer() as session, transaction(session):
        set_hours(session, actor, worker.id, {0: (time(8), time(15))})
    return "Di luar jam kerja. Andi biasanya tidak bertugas pada waktu itu."


def full_week(site: Site, worker: User) -> str:
    """Let a worker have a full week."""
    for day in range(10, 15):
        if day != 12:
            for hour in (8, 11):
                site.build.delivered(site.build.school(), worker, date(2026, 8, day), at=time(hour))
    return "Pekan penuh. Dengan sesi ini Andi melewati jam sepekan."


WARNINGS: dict[Callable[[Site, User], str], str] = {
    overlapping: "bentrok",
    tight: "jeda sempit",
    on_leave: "cuti",
    not_working: "di luar jam kerja",
    full_week: "pekan penuh",
}


@pytest.mark.parametrize("warning", list(WARNINGS))
def test_choosing_another_worker_says_at_once_what_clashes(
    site: Site, desk: PageClient, warning: Callable[[Site, User], str]
) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    sentence = warning(site, andi)
    row = fragment(desk, check_path(visit, andi))
    assert row.is_fragment
    assert row.html.lstrip().startswith(f'<tr id="row-{visit.public_id}"')
    assert row.option("worker") == f"Andi · {WARNINGS[warning]}"
    assert sentence in row.text
    hard = warning is overlapping
    assert ("Setujui dengan alasan" in row.text) is not hard
    # One tap leads to somebody who is free.
    assert ("Ganti ke Sari (kosong)" in row.text) is hard
    # The same address is a page of its own for those without scripts.
    whole = get(desk, check_path(visit, andi))
    assert not whole.is_fragment
    assert sentence in whole.text


@on_sqlite
def test_checking_somebody_free_offers_the_plain_button(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    row = fragment(desk, check_path(visit, andi))
    assert row.option("worker") == "Andi · kosong"
    assert "Setujui & tugaskan" in row.text
    assert row.with_class("conflict") == []
    assert get(desk, check_path(visit)).option("worker") == "Sari · kosong"


@on_sqlite
@pytest.mark.parametrize("query", ["?worker=", "?worker=tidak-ada"])
def test_checking_somebody_unknown_falls_back_to_the_proposal(
    site: Site, desk: PageClient, query: str
) -> None:
    visit = site.requested(at(12))
    assert get(desk, check_path(visit) + query).option("worker") == "Sari · kosong"


def test_without_social_workers_the_row_still_opens(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    from sqlalchemy import update

    from portal.people.models import Membership

    with site.build.database.writer() as session, transaction(session):
        ended = date(2026, 8, 2)
        session.execute(
            update(Membership).where(Membership.user_id == site.worker.id).values(ends_on=ended)
        )
    assert get(desk).status == 200
    assert get(desk, check_path(visit)).status == 200


def test_approving_without_scripts_leads_to_the_list_with_a_receipt(
    site: Site, desk: PageClient
) -> None:
    visit = site.requested(at(12))
    answer = desk.post(f"{QUEUE}/{visit.public_id}/setujui", {"worker": site.worker.public_id})
    assert answer.status_code == 303
    screen = get(desk, answer.headers["Location"])
    assert "SMP Contoh Melati disetujui. Sari: Rabu, 12 Agustus, 08.00." in screen.text
    assert f"{QUEUE}/{visit.public_id}/urungkan" in screen.actions()
    assert site.fresh(visit).state == VisitState.SCHEDULED


def test_approving_with_htmx_turns_the_row_into_a_receipt(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    receipt = press(desk, visit, site.worker, htmx=True)
    assert receipt.status == 200
    assert receipt.is_fragment
    assert receipt.html.lstrip().startswith(f'<tr class="receipt" id="row-{visit.public_id}"')
    assert "SMP Contoh Melati disetujui." in receipt.text
    assert "Urungkan" in receipt.text
    [form] = list(receipt.tree.iter("form"))
    assert form.get("data-countdown-remove") == "10"


@on_sqlite
def test_the_receipt_names_whoever_goes(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    assert "Andi: Rabu, 12 Agustus" in press(desk, visit, andi, htmx=True).text


def test_the_receipt_is_for_the_one_who_approved_and_for_a_short_while(
    site: Site, desk: PageClient, now: Traveller
) -> None:
    visit = site.requested(at(12))
    press(desk, visit, site.worker)
    path = f"{QUEUE}?disetujui={visit.public_id}"
    assert "disetujui." in get(desk, path).text
    colleague = site.browser(site.build.user(Role.COORDINATOR))
    assert "disetujui." not in get(colleague, path).text
    now.shift(timedelta(seconds=11))
    later = get(desk, path)
    assert "disetujui." in later.text
    assert "Urungkan" not in later.text
    now.shift(timedelta(minutes=2))
    assert "disetujui." not in get(desk, path).text
    assert get(desk, f"{QUEUE}?disetujui=tidak-ada").status == 200


@on_sqlite
@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("warning", list(WARNINGS))
def test_a_warning_is_shown_with_a_place_for_the_reason(
    site: Site, desk: PageClient, warning: Callable[[Site, User], str], htmx: bool
) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    sentence = warning(site, andi)
    screen = press(desk, visit, andi, htmx=htmx)
    assert screen.status == 422
    assert screen.is_fragment is htmx
    assert sentence in screen.text
    assert screen.option("worker").startswith("Andi")
    if warning is not overlapping:
        assert "Tulis mengapa tetap bisa; alasan ini ikut tercatat." in screen.text
        assert screen.values("reason") == [""]
    assert site.fresh(visit).state == VisitState.REQUESTED


@on_sqlite
def test_an_overlap_stays_refused_and_a_long_reason_stays_written(
    site: Site, desk: PageClient
) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    sentence = overlapping(site, andi)
    screen = press(desk, visit, andi, reason="Tetap saja")
    assert screen.status == 422
    assert sentence in screen.text
    nia = site.build.worker("Nia Peksos")
    on_leave(site, nia)
    long = press(desk, visit, nia, reason="x" * 301)
    assert long.status == 422
    assert long.values("reason") == ["x" * 301]


def test_with_a_reason_it_goes_through(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    tight(site, andi)
    screen = press(desk, visit, andi, htmx=True, reason="  Sekolahnya bersebelahan ")
    assert screen.status == 200
    assert site.fresh(visit).override_reason == "Sekolahnya bersebelahan"


@on_sqlite
@pytest.mark.parametrize("worker", ["", "tidak-ada"])
def test_a_press_without_a_worker_is_refused(site: Site, desk: PageClient, worker: str) -> None:
    visit = site.requested(at(12))
    answer = desk.post(f"{QUEUE}/{visit.public_id}/setujui", {"worker": worker})
    assert answer.status_code == 422
    assert "Pilih peksos." in Screen(answer).text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_request_answered_by_a_colleague_names_them_and_the_time(
    site: Site, desk: PageClient, htmx: bool
) -> None:
    visit = site.requested(at(12))
    colleague = site.build.user(Role.COORDINATOR, name="Bu Cepat")
    site.does(approve, colleague, visit, Approval(site.worker.id))
    screen = press(desk, visit, site.worker, htmx=htmx)
    assert screen.status == 422
    assert "Bu Cepat sudah menjawab ini pada Senin, 3 Agustus, 09.00." in screen.text
    assert site.fresh(visit).decided_by == colleague.id


def test_an_ended_request_can_still_be_looked_at(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    site.does(decline, site.coordinator, visit, "Semua peksos rapat")
    screen = get(desk, check_path(visit))
    assert screen.status == 200
    assert "Permintaan ini sudah dijawab." in screen.text


def test_a_worker_kept_for_another_request_is_said_to_be(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    andi = site.build.worker("Andi Peksos")
    other = asks(site, "SD Contoh Kenanga", 12)
    assert other.social_worker_id == andi.id
    row = fragment(desk, check_path(visit, andi))
    assert "SD Contoh Kenanga" in row.text
    assert "menunggu jawaban" in row.text.split("Bentrok.")[1]


def settled(site: Site) -> Visit:
    """Ask for a session and approve it."""
    visit = site.requested(at(12))
    site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    return visit


@pytest.mark.parametrize("htmx", [False, True])
def test_another_worker_is_sent_from_the_sessions_page(
    site: Site, desk: PageClient, htmx: bool
) -> None:
    visit = settled(site)
    andi = site.build.worker("Andi Peksos")
    assert check_path(visit) in get(desk, f"/sesi/{visit.public_id}").links()
    path = f"{QUEUE}/{visit.public_id}/ganti-peksos"
    assert path in get(desk, check_path(visit, andi)).actions()
    answer = desk.post(path, {"worker": andi.public_id}, htmx=htmx)
    target = answer.headers["HX-Redirect" if htmx else "Location"]
    assert "Andi Peksos" in get(desk, target).text
    assert site.fresh(visit).social_worker_id == andi.id
    site.check_cells()


@on_sqlite
@pytest.mark.parametrize("warning", list(WARNINGS))
def test_what_clashes_is_said_for_a_settled_session_too(
    site: Site, desk: PageClient, warning: Callable[[Site, User], str]
) -> None:
    visit = settled(site)
    andi = site.build.worker("Andi Peksos")
    sentence = warning(site, andi)
    path = f"{QUEUE}/{visit.public_id}/ganti-peksos"
    screen = Screen(desk.post(path, {"worker": andi.public_id}))
    assert screen.status == 422
    assert sentence in screen.text
    assert path in screen.actions()
    with_reason = desk.post(path, {"worker": andi.public_id, "reason": "Sudah disepakati"})
    assert with_reason.status_code == (422 if warning is overlapping else 303)


@on_sqlite
@pytest.mark.parametrize("path", ["periksa", "setujui", "urungkan"])
def test_a_request_that_does_not_exist_is_not_found(desk: PageClient, path: str) -> None:
    address = f"{QUEUE}/{'A' * 22}/{path}"
    answer = desk.get(address) if path == "periksa" else desk.post(address)
    assert answer.status_code == 404


def test_undoing_brings_the_request_back(site: Site, desk: PageClient) -> None:
    visit = site.requested(at(12))
    press(desk, visit, site.worker)
    answer = desk.post(f"{QUEUE}/{visit.public_id}/urungkan")
    assert answer.status_code == 303
    screen = get(desk, answer.headers["Location"])
    assert "Sudah diurungkan. Permintaan kembali menunggu." in screen.text
    assert schools_shown(screen) == ["SMP Contoh Melati"]
    site.check_cells()


def test_undoing_too_late_says_what_to_do_instead(
    site: Site, desk: PageClient, now: Traveller
) -> None:
    visit = site.requested(at(12))
    press(desk, visit, site.worker)
    now.shift(timedelta(seconds=16))
    answer = desk.post(f"{QUEUE}/{visit.public_id}/urungkan")
    screen = get(desk, answer.headers["Location"])
    assert "Waktu untuk mengurungkan sudah lewat." in screen.text
    assert site.fresh(visit).state == VisitState.SCHEDULED


@on_sqlite
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ("Peksos Go to School", "Rabu, 12 Agustus", "08.00 WIB", "Sari")),
        ("en", ("Social Workers in School", "Wednesday, 12 August", "08:00 WIB", "Sari")),
    ],
)
def test_the_news_is_ready_to_send_in_the_schools_language(
    site: Site, desk: PageClient, language: str, words: tuple[str, ...]
) -> None:
    asker = site.build.user(Role.PRINCIPAL, site.school, language=language, phone="+6281234567890")
    visit = site.build.requested(
        asker, site.school, at(12), needs="Kursi roda untuk siswa", room="Ruang Mawar"
    )
    receipt = press(desk, visit, site.worker, htmx=True)
    [link] = [link for link in receipt.links() if "wa.me" in link]
    parts = urlsplit(link)
    assert (parts.netloc, parts.path) == ("wa.me", "/6281234567890")
    [text] = parse_qs(parts.query)["text"]
    for each in words:
        assert each in text
    assert re.search(rf"https?://\S+/sesi/{visit.public_id}", text)
    # No more than that something is confirmed: what a school wrote stays behind the sign-in.
    for kept in ("Kursi roda", "Ruang Mawar", "Berteman"):
        assert kept not in text


@on_sqlite
def test_without_a_number_there_is_nothing_to_send(site: Site, desk: PageClient) -> None:
    asker = site.build.user(Role.PRINCIPAL, site.school, phone=None)
    visit = site.build.requested(asker, site.school, at(12))
    receipt = press(desk, visit, site.worker, htmx=True)
    assert not [link for link in receipt.links() if "wa.me" in link]


def ticked(screen: Screen) -> list[str]:
    """Return what can be ticked on a page."""
    return screen.values("pilih")


def test_ticked_requests_are_approved_together_and_undone_together(
    site: Site, desk: PageClient, now: Traveller
) -> None:
    visits = [asks(site, f"SMP Bersama {number}", 12 + number) for number in range(3)]
    boxes = ticked(get(desk))
    assert {box.partition(".")[0] for box in boxes} == {visit.public_id for visit in visits}
    assert get(desk, f"{QUEUE}?pilih=semua").checked("pilih") == boxes
    answer = desk.post(f"{QUEUE}/setujui", {"pilih": boxes})
    assert answer.status_code == 303
    assert {site.fresh(visit).state for visit in visits} == {VisitState.SCHEDULED}
    [receipt] = get(desk, answer.headers["Location"]).with_class("receipt")
    assert all(f"SMP Bersama {number}" in receipt for number in range(3))
    now.shift(timedelta(seconds=8))
    undo = desk.form(f"{QUEUE}/urungkan")
    assert desk.post(f"{QUEUE}/urungkan", undo).status_code == 303
    assert {site.fresh(visit).state for visit in visits} == {VisitState.REQUESTED}
    site.check_cells()


@on_sqlite
def test_what_was_approved_together_stays_once_the_seconds_are_over(
    site: Site, desk: PageClient, now: Traveller
) -> None:
    visits = [asks(site, f"SMP Lambat {number}", 12 + number) for number in range(2)]
    desk.post(f"{QUEUE}/setujui", {"pilih": ticked(get(desk))})
    now.shift(timedelta(seconds=16))
    desk.post(f"{QUEUE}/urungkan", {"pilih": [visit.public_id for visit in visits]})
    assert {site.fresh(visit).state for visit in visits} == {VisitState.SCHEDULED}


def test_one_clash_does_not_undo_the_others_and_says_why(site: Site, desk: PageClient) -> None:
    site.build.worker("Andi Peksos")
    first, second, third = (asks(site, f"SMP Ragu {number}", 12 + number) for number in range(3))
    boxes = ticked(get(desk))
    # Meanwhile the worker the second row showed is sent elsewhere, and the third is withdrawn.
    taken = site.fresh(second).social_worker_id
    other = next(w for w in (site.worker.id, *site_workers(site)) if w != taken)
    site.does(approve, site.coordinator, second, Approval(other))
    site.does(undo_approval, site.coordinator, second)
    clash = site.build.school("SD Bentrok", district="18.72.02")
    worker = site.build.session.get_one(User, taken)
    site.build.delivered(clash, worker, date(2026, 8, 13), state=VisitState.SCHEDULED)
    site.does(decline, site.coordinator, third, "Rapat")
    answer = desk.post(f"{QUEUE}/setujui", {"pilih": boxes})
    assert site.fresh(first).state == VisitState.SCHEDULED
    assert site.fresh(second).state == VisitState.REQUESTED
    assert site.fresh(third).state == VisitState.DECLINED
    text = get(desk, answer.headers["Location"]).text
    assert "SMP Ragu 1: " in text
    assert "SMP Ragu 2: " in text


def site_workers(site: Site) -> list[Any]:
    """Return the ids of all social workers."""
    with site.build.database.reader() as session:
        return [worker.id for worker in load_workers(session, date(2026, 8, 3))]


@on_sqlite
def test_what_has_a_conflict_cannot_be_ticked(site: Site, desk: PageClient) -> None:
    visit = asks(site, "SMP Cuti", 12)
    asks(site, "SMP Lain", 13)
    asks(site, "SMP Lagi", 14)
    on_leave_then = Leave(
        user_id=site.worker.id,
        first_day=date(2026, 8, 12),
        last_day=date(2026, 8, 12),
        recorded_by=site.worker.id,
    )
    site.build.save(on_leave_then)
    boxes = ticked(get(desk))
    assert len(boxes) == 2
    assert not any(box.startswith(visit.public_id) for box in boxes)
    # Ticked all the same, it stays waiting: nobody wrote a reason.
    desk.post(f"{QUEUE}/setujui", {"pilih": f"{visit.public_id}.{site.worker.public_id}"})
    assert site.fresh(visit).state == VisitState.REQUESTED


@on_sqlite
@pytest.mark.parametrize("ticks", [[], ["x"], ["A" * 22], ["A" * 22 + ".nobody"]])
def test_odd_ticks_approve_nothing(site: Site, desk: PageClient, ticks: list[str]) -> None:
    visit = site.requested()
    for step in ("setujui", "urungkan"):
        assert desk.post(f"{QUEUE}/{step}", {"pilih": ticks}).status_code == 303
    assert site.fresh(visit).state == VisitState.REQUESTED
    assert desk.get(f"{QUEUE}?disetujui={','.join(ticks)}").status_code == 200


def test_two_coordinators_ticking_the_same_approve_each_once(site: Site) -> None:
    visits = [asks(site, f"SMP Serentak {number}", 12 + number) for number in range(3)]
    desks = [site.browser(site.build.user(Role.COORDINATOR)) for _ in range(2)]
    boxes = [ticked(get(each)) for each in desks]
    assert boxes[0] == boxes[1]
    answers = at_once(
        [
            partial(each.post, f"{QUEUE}/setujui", {"pilih": box})
            for each, box in zip(desks, boxes, strict=True)
        ]
    )
    assert {answer.status_code for answer in answers} == {303}
    settled = [site.fresh(visit) for visit in visits]
    assert {visit.state for visit in settled} == {VisitState.SCHEDULED}
    approved = [
        parse_qs(urlsplit(answer.headers["Location"]).query).get("disetujui", [""])[0].split(",")
        for answer in answers
    ]
    told = [each for ids in approved for each in ids if each]
    assert sorted(told) == sorted(visit.public_id for visit in visits)
    site.check_cells()


@on_sqlite
def test_a_large_group_shows_who_goes_along_and_what_is_lacking(site: Site) -> None:
    second = site.build.worker("Andi Peksos")
    session = site.build.session
    with transaction(session):
        programme = session.scalars(select(Programme).where(Programme.code == "pgts")).one()
        programme.people_per_worker = 100
        for need in session.scalars(select(VisitNeed).where(VisitNeed.code == "projector")):
            need.active = False
    visit = site.requested(at(12), expected_heads=150, bring=("projector", "speaker"))
    coordinator = site.build.user(Role.COORDINATOR, language="en")
    screen = get(site.browser(coordinator))
    assert "2 social workers" in screen.text
    assert "Not available: Projector" in screen.text
    leads, along = screen.value("worker"), screen.value("others")
    assert {leads, along} == {site.worker.public_id, second.public_id}
    press(site.browser(coordinator), visit, site.worker, others=second.public_id)
    assert site.fresh(visit).social_worker_id == site.worker.id
    with site.build.database.reader() as reading:
        assert crew_of(reading, visit.id) == (second.id,)
