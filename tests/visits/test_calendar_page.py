"""The calendar of sessions: four weeks, a week, a month, for whoever looks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.event import listen, remove

from portal.core import clock
from portal.core.access import Role
from portal.people.models import User
from portal.schools.models import CalendarEntry, CalendarKind
from portal.visits.models import Blackout, Leave, Visit, VisitWorker
from portal.visits.states import HOLDING_TIME, VisitState
from tests.visits.conftest import Site, on_sqlite
from tests.visits.screen import Screen

VIEWS = ("agenda", "pekan", "bulan")
S = VisitState


def look(site: Site, user: User, **asked: str) -> Screen:
    """Open the calendar as somebody."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return Screen(site.browser(user).get(f"/kalender-sesi?{query}"))


def shows(screen: Screen, visit: Visit) -> bool:
    """Say whether a session is on the page."""
    return f"/sesi/{visit.public_id}" in screen.links()


def visit_on(site: Site, day: date, state: VisitState = S.SCHEDULED, **more: object) -> Visit:
    """Make a session of the office's school."""
    values = {"school": site.school, "worker": site.worker, **more}
    return site.build.delivered(values["school"], values["worker"], day, state=state)  # type: ignore[arg-type]


@on_sqlite
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_what_holds_its_time_and_nothing_else(site: Site, view: str) -> None:
    visits = {
        state: visit_on(site, date(2026, 8, 12), state, school=site.build.school())
        if state is S.SCHEDULED
        else visit_on(
            site,
            date(2026, 8, 12),
            state,
            school=site.build.school(),
            worker=site.build.worker(),
        )
        for state in VisitState
    }
    screen = look(site, site.coordinator, tampilan=view, tanggal="2026-08-12")
    for state, visit in visits.items():
        assert shows(screen, visit) is (state in HOLDING_TIME), state


@on_sqlite
def test_a_worker_looks_at_the_own_sessions_first(site: Site) -> None:
    andi = site.build.worker("Andi Peksos")
    mine = visit_on(site, date(2026, 8, 12))
    theirs = visit_on(site, date(2026, 8, 13), worker=andi)
    along = visit_on(site, date(2026, 8, 14), worker=andi)
    site.build.save(VisitWorker(visit_id=along.id, user_id=site.worker.id))
    own, every = look(site, site.worker), look(site, site.worker, siapa="semua")
    assert [shows(own, each) for each in (mine, theirs, along)] == [True, False, True]
    assert [shows(every, each) for each in (mine, theirs, along)] == [True, True, True]


@on_sqlite
def test_a_school_sees_its_own_alone_whatever_the_address_asks(site: Site) -> None:
    other = site.build.school()
    mine = visit_on(site, date(2026, 8, 12))
    theirs = visit_on(site, date(2026, 8, 13), school=other)
    for asked in ({}, {"sekolah": other.public_id}, {"siapa": "semua"}):
        screen = look(site, site.principal, **asked)
        assert not shows(screen, theirs)
        assert shows(screen, mine) is ("sekolah" not in asked)


@on_sqlite
def test_a_district_or_a_school_narrows_it(site: Site) -> None:
    far = site.build.school(district="18.72.05")
    near, away = visit_on(site, date(2026, 8, 12)), visit_on(site, date(2026, 8, 13), school=far)
    with site.build.database.reader() as reading:
        slug = reading.get_one(type(far), far.id).district_code
    assert slug == "18.72.05"
    screen = look(site, site.coordinator)
    slugs = [option.get("value") for option in screen.named("kecamatan")[0].iter("option")]
    found = [look(site, site.coordinator, kecamatan=str(each)) for each in slugs if each]
    assert sum(shows(each, near) for each in found) == 1
    assert not any(shows(each, near) and shows(each, away) for each in found)
    only = look(site, site.coordinator, sekolah=far.public_id)
    assert (shows(only, near), shows(only, away)) == (False, True)


@on_sqlite
def test_days_say_why_they_are_not_like_others(site: Site) -> None:
    monday = date(2026, 8, 17)
    for kind, title in ((CalendarKind.EXAM, "Ujian sekolah ini"), (CalendarKind.OPEN, "Masuk")):
        site.build.save(
            CalendarEntry(
                school_id=site.school.id,
                kind=kind,
                name=title,
                first_on=monday + timedelta(days=1),
                last_on=monday + timedelta(days=2),
                recorded_at=clock.now(),
            )
        )
    site.build.save(
        Blackout(
            first_on=monday + timedelta(days=3),
            last_on=monday + timedelta(days=3),
            name="Rapat kerja dinas",
            recorded_by=site.coordinator.id,
            recorded_at=clock.now(),
        )
    )
    day = monday + timedelta(days=4)
    site.build.save(
        Leave(user_id=site.worker.id, first_day=day, last_day=day, recorded_by=site.coordinator.id)
    )
    for view in VIEWS:
        school = look(site, site.principal, tampilan=view, tanggal="2026-08-17").text
        worker = look(site, site.worker, tampilan=view, tanggal="2026-08-17").text
        for words in (str(clock.holiday_name(monday)), "Rapat kerja dinas"):
            assert words in school
            assert words in worker
        assert ("Ujian sekolah ini" in school, "Ujian sekolah ini" in worker) == (True, False)
        assert "Masuk" not in school
        leave = ("Cuti Anda", "Your leave")
        assert any(each in worker for each in leave)
        assert not any(each in school for each in leave)


@on_sqlite
@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ({"tampilan": "pekan", "tanggal": "2026-12-31"}, ("53", "28 Desember 2026–3 Januari 2027")),
        ({"tampilan": "pekan", "tanggal": "2027-01-03"}, ("53", "28 Desember 2026–3 Januari 2027")),
        ({"tampilan": "pekan", "tanggal": "2027-01-04"}, ("1", "4–10 Januari 2027")),
        ({"tampilan": "bulan", "tanggal": "2026-12-15"}, ("Desember 2026",)),
        ({"tampilan": "agenda", "tanggal": "2026-12-20"}, ("20 Desember 2026–16 Januari 2027",)),
    ],
)
def test_the_year_ends_in_the_middle_of_a_week(
    site: Site, asked: dict[str, str], title: tuple[str, ...]
) -> None:
    last = visit_on(site, date(2026, 12, 31))
    screen = look(site, site.coordinator, **asked)
    headings = " ".join("".join(each.itertext()) for each in screen.tree.iter("h2"))
    for words in title:
        assert words in headings
    assert shows(screen, last) is (asked["tanggal"] != "2027-01-04")


@on_sqlite
@pytest.mark.parametrize("view", VIEWS)
def test_going_forth_and_back_leads_to_the_same_days(site: Site, view: str) -> None:
    here = look(
        site, site.coordinator, tampilan=view, tanggal="2026-12-31", kecamatan="metro-utara"
    )
    links = [each for each in here.links() if f"tampilan={view}" in each and "tanggal=" in each]
    assert links
    assert all("kecamatan=metro-utara" in each for each in links)
    later = next(each for each in here.tree.iter("a") if each.get("rel") == "next").get("href")
    there = Screen(site.browser(site.coordinator).get(str(later)))
    back = next(each for each in there.tree.iter("a") if each.get("rel") == "prev").get("href")
    again = Screen(site.browser(site.coordinator).get(str(back)))
    headings = [["".join(h.itertext()) for h in each.tree.iter("h2")] for each in (here, again)]
    assert headings[0] == headings[1]


@on_sqlite
@pytest.mark.parametrize(
    "asked",
    [
        {"tanggal": "bukan-tanggal"},
        {"tanggal": "0001-01-01"},
        {"tanggal": "9999-12-31", "tampilan": "bulan"},
        {"tanggal": "2099-12-31", "tampilan": "bulan"},
        {"tanggal": "2000-01-01", "tampilan": "pekan"},
        {"tampilan": "abad"},
        {"sekolah": "%27"},
    ],
)
def test_a_strange_address_still_shows_a_calendar(site: Site, asked: dict[str, str]) -> None:
    assert look(site, site.coordinator, **asked).status == 200


@on_sqlite
@pytest.mark.parametrize("role", [Role.EDUCATION_OFFICE, Role.VOLUNTEER])
def test_who_sees_no_sessions_sees_no_calendar(site: Site, role: Role) -> None:
    assert look(site, site.build.user(role)).status == 403


@on_sqlite
def test_statements_do_not_grow_with_sessions(site: Site) -> None:
    def count() -> int:
        seen: list[str] = []

        def note(*args: object) -> None:
            seen.append(str(args[2]))

        engine = site.app.extensions["database"].reading
        listen(engine, "before_cursor_execute", note)
        look(site, site.coordinator, tampilan="bulan", tanggal="2026-08-12")
        remove(engine, "before_cursor_execute", note)
        return len(seen)

    visit_on(site, date(2026, 8, 12))
    few = count()
    for day in (13, 14, 18, 19, 20):
        visit_on(site, date(2026, 8, day), school=site.build.school())
    assert count() == few


@on_sqlite
def test_times_are_those_of_metro(site: Site) -> None:
    visit = visit_on(site, date(2026, 8, 12))
    assert visit.starts_at == datetime(2026, 8, 12, 1, tzinfo=visit.starts_at.tzinfo)
    assert "08.00–09.30" in look(site, site.coordinator).text
