"""Calendar addresses: what they tell of, to whom, and how calendars follow what changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.event import listen, remove
from time_machine import Traveller

from portal.core import clock
from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.people.actions import appointments
from portal.people.models import Membership, User
from portal.visits.models import CalendarFeed, Visit, VisitChange, VisitWorker
from portal.visits.states import ChangeState, VisitState
from tests.client import PageClient
from tests.visits.conftest import MONDAY, Site, at, on_sqlite
from tests.visits.screen import Screen

S = VisitState
ADDRESS = re.compile(r"http://localhost:8000(/kalender/([\w-]{43})\.ics)")


def make_feed(site: Site, user: User, school: str = "") -> str:
    """Make a calendar address on its page and return its path."""
    visitor = site.browser(user)
    visitor.get("/kalender-sesi")
    made = visitor.post("/kalender-sesi/alamat", {"sekolah": school} if school else {})
    assert made.status_code == 200
    found = ADDRESS.search(made.get_data(as_text=True))
    assert found
    return found[1]


def fetch(site: Site, path: str, **headers: str) -> Any:
    """Fetch an address as a calendar program does: without a session."""
    return PageClient(site.app).http.get(path, headers=headers)


def told(site: Site, path: str) -> dict[str, icalendar.Event]:
    """Return the entries of an address by their UID."""
    raw = fetch(site, path).get_data()
    book = icalendar.Calendar.from_ical(raw)
    assert book.to_ical() == raw
    check_lines(raw)
    return {str(entry["UID"]): entry for entry in book.walk("VEVENT")}


def check_lines(raw: bytes) -> None:
    """Read a calendar by the letter of RFC 5545, without the library that wrote it."""
    assert raw.endswith(b"\r\n")
    lines = raw.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    whole = raw.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    open_parts: list[str] = []
    for line in whole:
        name, _colon, value = line.partition(":")
        assert re.fullmatch(r"[A-Z-]+(;[A-Z-]+=[^;:]+)*", name), line
        if name == "BEGIN":
            open_parts.append(value)
        elif name == "END":
            assert open_parts.pop() == value
        elif name in {"SUMMARY", "LOCATION"}:
            # Commas, semicolons and backslashes stand behind a backslash.
            assert re.fullmatch(r"([^\\;,]|\\[\\;,nN])*", value), line
        elif name in {"DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED"}:
            assert re.fullmatch(r"\d{8}T\d{6}Z", value)
    assert not open_parts
    needed = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY"}
    for part in "\n".join(whole).split("BEGIN:VEVENT")[1:]:
        entry = part.partition("END:VEVENT")[0]
        names = [line.partition(":")[0] for line in entry.splitlines() if line]
        assert needed <= set(names)
        assert len(names) == len(set(names))


def uid(visit: Visit) -> str:
    """Return under which name calendars know a session."""
    return f"{visit.public_id}@portal-mitra-sekolah"


def visit_at(
    site: Site, starts_at: datetime, state: VisitState = S.SCHEDULED, **more: Any
) -> Visit:
    """Make a session of the office's school at a moment."""
    local = starts_at.astimezone(clock.WIB)
    values = {"school": site.school, "worker": site.worker, **more}
    return site.build.delivered(
        values["school"], values["worker"], local.date(), state=state, at=local.time()
    )


@on_sqlite
def test_a_worker_is_told_of_own_sessions_and_those_they_go_along_to(site: Site) -> None:
    andi = site.build.worker("Andi Peksos")
    mine = visit_at(site, at(12))
    theirs = visit_at(site, at(13), worker=andi, school=site.build.school("SMP Lain"))
    along = visit_at(site, at(14), worker=andi, school=site.build.school("SMP Besar"))
    site.build.save(VisitWorker(visit_id=along.id, user_id=site.worker.id))
    assert set(told(site, make_feed(site, site.worker))) == {uid(mine), uid(along)}
    assert set(told(site, make_feed(site, andi))) == {uid(theirs), uid(along)}
    assert len(told(site, make_feed(site, site.coordinator))) == 3


@on_sqlite
def test_a_school_is_told_of_its_own_sessions(site: Site) -> None:
    mine = visit_at(site, at(12))
    visit_at(site, at(13), school=site.build.school())
    path = make_feed(site, site.principal, site.school.public_id)
    assert set(told(site, path)) == {uid(mine)}
    assert set(told(site, make_feed(site, site.principal))) == {uid(mine)}
    teacher = site.build.user(Role.TEACHER, site.school)
    assert set(told(site, make_feed(site, teacher))) == {uid(mine)}


@on_sqlite
def test_nobody_makes_the_address_of_a_school_that_is_not_theirs(site: Site) -> None:
    teacher = site.build.user(Role.TEACHER, site.school)
    _school, stranger = site.another_school()
    for user, status in ((teacher, 303), (site.coordinator, 303), (stranger, 404)):
        visitor = site.browser(user)
        visitor.get("/kalender-sesi")
        sent = visitor.post("/kalender-sesi/alamat", {"sekolah": site.school.public_id})
        assert sent.status_code == status
    assert site.count(CalendarFeed) == 0


@on_sqlite
def test_an_entry_says_when_where_and_what_and_no_more(site: Site) -> None:
    visit = visit_at(site, at(12))
    with transaction(site.build.session) as writing:
        found = writing.get_one(Visit, visit.id)
        found.room, found.needs, found.reason = "Aula, lantai 2", "Rahasia", "Rahasia"
    path = make_feed(site, site.worker)
    raw = fetch(site, path).get_data(as_text=True)
    assert "Rahasia" not in raw
    entry = told(site, path)[uid(visit)]
    assert entry["SUMMARY"] == "Peksos Go to School: SMP Contoh Melati"
    assert entry["LOCATION"] == "Aula, lantai 2, SMP Contoh Melati"
    assert entry.start == datetime(2026, 8, 12, 1, tzinfo=UTC)
    assert str(entry["URL"]).endswith(f"/sesi/{visit.public_id}")
    book = icalendar.Calendar.from_ical(raw)
    assert book["METHOD"] == "PUBLISH"
    assert "Sari Peksos" in book["X-WR-CALNAME"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (S.REQUESTED, "TENTATIVE"),
        (S.OFFERED, "TENTATIVE"),
        (S.SCHEDULED, "CONFIRMED"),
        (S.DELIVERED, "CONFIRMED"),
        (S.CANCELLED, "CANCELLED"),
        (S.DECLINED, "CANCELLED"),
        (S.WITHDRAWN, "CANCELLED"),
        (S.LAPSED, "CANCELLED"),
        (S.NOT_DELIVERED, "CANCELLED"),
    ],
)
@on_sqlite
def test_each_state_has_its_word(site: Site, state: VisitState, status: str) -> None:
    visit = visit_at(site, at(12), state)
    assert told(site, make_feed(site, site.worker))[uid(visit)]["STATUS"] == status


@on_sqlite
def test_what_was_cancelled_is_told_for_a_while(site: Site, now: Traveller) -> None:
    gone = visit_at(site, at(12, month=10), S.CANCELLED)
    path = make_feed(site, site.worker)
    decided = site.fresh(gone).decided_at
    assert decided
    now.move_to(decided + timedelta(days=29))
    assert set(told(site, path)) == {uid(gone)}
    now.move_to(decided + timedelta(days=31))
    assert told(site, path) == {}


@on_sqlite
def test_what_fell_through_is_told_however_long_ago_it_was_settled(
    site: Site, now: Traveller
) -> None:
    visit = visit_at(site, at(12, month=10), S.NOT_DELIVERED)
    with transaction(site.build.session) as writing:
        writing.get_one(Visit, visit.id).decided_at = clock.now()
    path = make_feed(site, site.worker)
    now.move_to(at(13, month=10))
    assert told(site, path)[uid(visit)]["STATUS"] == "CANCELLED"
    now.move_to(at(13, month=11))
    assert told(site, path) == {}


@on_sqlite
def test_a_session_that_moved_says_since_when(site: Site, now: Traveller) -> None:
    visit = visit_at(site, at(12))
    path = make_feed(site, site.worker)
    now.move_to(at(5))
    site.build.save(
        VisitChange(
            visit_id=visit.id,
            state=ChangeState.ACCEPTED,
            starts_at=at(12),
            ends_at=at(12, 9, 30),
            social_worker_id=site.worker.id,
            grades=[],
            expected_heads=30,
            reason="Ujian",
            asked_by=site.principal.id,
            asked_at=clock.now(),
            answer_by=at(11),
            answered_at=clock.now(),
        )
    )
    entry = told(site, path)[uid(visit)]
    assert entry["LAST-MODIFIED"].dt == entry["DTSTAMP"].dt == at(5)


@on_sqlite
def test_a_change_keeps_the_uid_and_raises_the_sequence(site: Site) -> None:
    visit = visit_at(site, at(12))
    path = make_feed(site, site.worker)
    before = told(site, path)[uid(visit)]
    with transaction(site.build.session) as writing:
        found = writing.get_one(Visit, visit.id)
        found.starts_at, found.ends_at = at(13), at(13, 9, 30)
    [(name, after)] = told(site, path).items()
    assert name == uid(visit)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.start == at(13)


@on_sqlite
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 8, 11, 16, 59, tzinfo=UTC), "2026-08-11"),
        (datetime(2026, 8, 11, 17, 0, tzinfo=UTC), "2026-08-12"),
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "2026-12-31"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), "2027-01-01"),
    ],
)
def test_midnight_is_that_of_metro(site: Site, moment: datetime, day: str) -> None:
    visit = visit_at(site, moment)
    entry = told(site, make_feed(site, site.worker))[uid(visit)]
    assert entry.start == moment
    assert entry.start.astimezone(clock.WIB).date().isoformat() == day
    # The page shows the session on the same day.
    for view in ("pekan", "bulan", "agenda"):
        path = f"/kalender-sesi?tampilan={view}&tanggal={day}"
        html = site.browser(site.worker).get(path).get_data(as_text=True)
        assert f"/sesi/{visit.public_id}" in html


@on_sqlite
def test_a_feed_tells_of_sixty_days_back_and_four_hundred_ahead(site: Site) -> None:
    days = {-61: False, -59: True, 399: True, 401: False}
    visits = {
        day: visit_at(site, at(3) + timedelta(days=day, hours=2), school=site.build.school())
        for day in days
    }
    found = told(site, make_feed(site, site.worker))
    assert {day: uid(visit) in found for day, visit in visits.items()} == days


@on_sqlite
def test_what_did_not_change_is_not_sent_again(site: Site) -> None:
    visit = visit_at(site, at(12))
    path = make_feed(site, site.worker)
    first = fetch(site, path)
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = fetch(site, path, **tag)
    assert (again.status_code, again.get_data()) == (304, b"")
    with transaction(site.build.session) as writing:
        writing.get_one(Visit, visit.id).room = "Perpustakaan"
    assert fetch(site, path, **tag).status_code == 200


@on_sqlite
def test_fetching_changes_nothing(site: Site) -> None:
    visit_at(site, at(12))
    path = make_feed(site, site.worker)
    before = [site.count(model) for model in (AuditEntry, Visit, CalendarFeed)]
    fetch(site, path)
    assert [site.count(model) for model in (AuditEntry, Visit, CalendarFeed)] == before


@on_sqlite
def test_the_token_is_kept_nowhere(site: Site) -> None:
    path = make_feed(site, site.worker)
    token = path.removeprefix("/kalender/").removesuffix(".ics")
    [feed] = all_feeds(site)
    assert token.encode() not in feed.token_hash
    assert len(feed.token_hash) == 32
    assert token not in Screen(site.browser(site.worker).get("/kalender-sesi")).html


def all_feeds(site: Site) -> list[CalendarFeed]:
    """Return every calendar address."""
    with site.build.database.reader() as reading:
        return list(reading.scalars(select(CalendarFeed).order_by(CalendarFeed.made_at)))


def test_an_ended_address_opens_nothing(site: Site) -> None:
    path = make_feed(site, site.worker)
    assert fetch(site, path).status_code == 200
    visitor = site.browser(site.worker)
    visitor.get("/kalender-sesi")
    [feed] = all_feeds(site)
    stranger = site.browser(site.build.worker())
    assert stranger.post(f"/kalender-sesi/alamat/{feed.public_id}/akhiri").status_code == 404
    assert fetch(site, path).status_code == 200
    assert visitor.post(f"/kalender-sesi/alamat/{feed.public_id}/akhiri").status_code == 303
    assert fetch(site, path).status_code == 404
    assert all_feeds(site)[0].revoked_at == MONDAY


@on_sqlite
def test_a_new_address_ends_the_one_before(site: Site) -> None:
    first, second = (make_feed(site, site.worker) for _press in range(2))
    assert fetch(site, first).status_code == 404
    assert fetch(site, second).status_code == 200


@on_sqlite
@pytest.mark.parametrize("of_school", [False, True])
def test_an_address_ends_with_the_rights_of_its_maker(site: Site, of_school: bool) -> None:
    path = make_feed(site, site.principal, site.school.public_id if of_school else "")
    assert fetch(site, path).status_code == 200
    with transaction(site.build.session) as writing:
        held = select(Membership).where(Membership.user_id == site.principal.id)
        writing.scalars(held).one().ends_on = clock.today() - timedelta(days=1)
    assert fetch(site, path).status_code == 404


@on_sqlite
def test_the_addresses_of_whoever_leaves_a_post_never_work_again(site: Site) -> None:
    own, of_school = make_feed(site, site.principal), ""
    of_school = make_feed(site, site.principal, site.school.public_id)
    with transaction(site.build.session) as writing:
        held = select(Membership).where(Membership.user_id == site.principal.id)
        appointments.close(writing, site.actor(site.coordinator), writing.scalars(held).one())
    site.build.appoint(site.principal, Role.PRINCIPAL, site.school)
    assert {fetch(site, path).status_code for path in (own, of_school)} == {404}
    assert all(feed.revoked_at for feed in all_feeds(site))


@on_sqlite
@pytest.mark.parametrize("token", ["x", "A" * 43, "..%2F..", "é" * 43])
def test_what_is_no_address_of_ours_opens_nothing(site: Site, token: str) -> None:
    assert fetch(site, f"/kalender/{token}.ics").status_code == 404


@on_sqlite
def test_the_file_of_one_session_says_the_same(site: Site) -> None:
    visit = visit_at(site, at(12))
    answer = site.browser(site.worker).get(f"/sesi/{visit.public_id}/kalender.ics")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="sesi-{visit.reference}.ics"'
    )
    check_lines(answer.get_data())
    [entry] = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    [same] = told(site, make_feed(site, site.worker)).values()
    assert entry == same


@on_sqlite
def test_statements_do_not_grow_with_sessions(site: Site) -> None:
    def count() -> int:
        seen: list[str] = []

        def note(*args: Any) -> None:
            seen.append(args[2])

        engine = site.app.extensions["database"].reading
        listen(engine, "before_cursor_execute", note)
        fetch(site, path)
        remove(engine, "before_cursor_execute", note)
        return len(seen)

    path = make_feed(site, site.worker)
    visit_at(site, at(12))
    few = count()
    for day in (13, 14, 18, 19):
        visit_at(site, at(day))
    assert count() == few
