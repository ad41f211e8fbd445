"""Social workers' hours and leave: rules and pages."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from time_machine import Traveller

from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.people.models import User
from portal.visits.actions.ledger import record
from portal.visits.actions.workers import add_leave, remove_leave, set_hours
from portal.visits.models import Leave, VisitWorker, WorkerTerms, WorkingHours, WorkKind
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.visits.conftest import Office, Site, at, on_sqlite, refused
from tests.visits.screen import Screen

WEEK = {f"{end}_{day}": "" for day in range(6) for end in ("starts", "ends")}


def hours_of(office: Office, user: User) -> dict[int, tuple[time, time]]:
    """Return what is stored of somebody's hours."""
    with office.build.database.reader() as reading:
        rows = reading.scalars(select(WorkingHours).where(WorkingHours.user_id == user.id))
        return {row.weekday: (row.starts, row.ends) for row in rows}


def leave_of(office: Office, user: User) -> list[Leave]:
    """Return somebody's leave, in order."""
    with office.build.database.reader() as reading:
        rows = reading.scalars(
            select(Leave).where(Leave.user_id == user.id).order_by(Leave.first_day)
        )
        return list(rows)


def take_leave(office: Office, first: date, last: date) -> Leave:
    """Write down leave of the usual worker."""
    actor = office.actor(office.coordinator)
    with office.build.database.writer() as session, transaction(session):
        return add_leave(session, actor, office.worker.id, first, last)


def test_new_hours_replace_the_old_ones(office: Office) -> None:
    new = {0: (time(8), time(12)), 5: (time(9), time(11))}
    actor = office.actor(office.coordinator)
    with office.build.database.writer() as session, transaction(session):
        set_hours(session, actor, office.worker.id, new)
    assert hours_of(office, office.worker) == new


@pytest.mark.parametrize("pair", [(time(12), time(8)), (time(8), time(8))])
def test_a_day_ends_after_it_begins(office: Office, pair: tuple[time, time]) -> None:
    before = hours_of(office, office.worker)
    actor = office.actor(office.coordinator)

    def change() -> None:
        with office.build.database.writer() as session, transaction(session):
            set_hours(session, actor, office.worker.id, {0: (time(8), time(12)), 3: pair})

    problem = refused(change)
    assert (problem.code, problem.field) == ("hours_order", "ends_3")
    assert hours_of(office, office.worker) == before


def test_leave_ends_on_or_after_its_first_day(office: Office) -> None:
    problem = refused(lambda: take_leave(office, date(2026, 8, 12), date(2026, 8, 11)))
    assert (problem.code, problem.field) == ("leave_order", "last_day")
    take_leave(office, date(2026, 8, 12), date(2026, 8, 12))


@pytest.mark.parametrize(
    ("first", "last", "fine"),
    [
        (8, 9, True),
        (8, 10, False),
        (12, 12, False),
        (14, 20, False),
        (15, 20, True),
        (1, 30, False),
    ],
)
def test_no_day_is_taken_off_twice(office: Office, first: int, last: int, fine: bool) -> None:
    take_leave(office, date(2026, 8, 10), date(2026, 8, 14))
    if fine:
        take_leave(office, date(2026, 8, first), date(2026, 8, last))
    else:
        problem = refused(lambda: take_leave(office, date(2026, 8, first), date(2026, 8, last)))
        assert (problem.code, problem.field) == ("leave_twice", "first_day")
    assert len(leave_of(office, office.worker)) == 1 + fine


def test_colleagues_may_be_away_on_the_same_days(office: Office) -> None:
    take_leave(office, date(2026, 8, 10), date(2026, 8, 14))
    other = office.build.worker()
    actor = office.actor(office.coordinator)
    with office.build.database.writer() as session, transaction(session):
        entry = add_leave(session, actor, other.id, date(2026, 8, 10), date(2026, 8, 14))
    assert entry.recorded_by == office.coordinator.id


def test_leave_taken_back_is_gone(office: Office) -> None:
    leave = take_leave(office, date(2026, 8, 10), date(2026, 8, 14))
    actor = office.actor(office.coordinator)
    with office.build.database.writer() as session, transaction(session):
        remove_leave(session, actor, session.get_one(Leave, leave.id))
    assert leave_of(office, office.worker) == []


def path_of(user: User) -> str:
    """Return the address of a worker's page."""
    return f"/peksos/{user.public_id}"


@pytest.fixture
def visitor(site: Site) -> PageClient:
    """Return the coordinator's browser."""
    return site.browser(site.coordinator)


def get(visitor: PageClient, path: str) -> Screen:
    """Open a page."""
    return Screen(visitor.get(path))


def test_the_list_names_workers_their_load_and_their_leave(site: Site, visitor: PageClient) -> None:
    day = date(2026, 8, 5)
    site.build.delivered(site.school, site.worker, day, state=VisitState.SCHEDULED)
    resting = site.build.worker("Rina Cuti")
    site.build.save(
        Leave(
            user_id=resting.id,
            first_day=date(2026, 8, 1),
            last_day=date(2026, 8, 9),
            recorded_by=resting.id,
        )
    )
    site.build.user(Role.SOCIAL_WORKER, name="Baru Tanpa Jam")
    text = get(visitor, "/peksos").text
    assert "3–7 Agustus 2026: 1,5 dari 12 jam sesi" in text
    assert "Cuti sampai 9 Agu" in text
    assert "Belum ada jam kerja" in text
    for name in ("Sari Peksos", "Rina Cuti", "Baru Tanpa Jam"):
        assert name in text


@on_sqlite
@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (Role.COORDINATOR, True, True),
        (Role.SOCIAL_WORKER, True, False),
        (Role.DIVISION_HEAD, True, False),
        (Role.ADMIN, False, False),
        (Role.PRINCIPAL, False, False),
        (Role.TEACHER, False, False),
        (Role.EDUCATION_OFFICE, False, False),
    ],
)
def test_hours_and_leave_are_the_coordinators_to_change(
    site: Site, role: Role, reads: bool, writes: bool
) -> None:
    leave = take_leave(site, date(2026, 8, 20), date(2026, 8, 21))
    visitor = site.browser(site.build.user(role, site.school))
    answer = visitor.get("/peksos")
    assert answer.status_code == (200 if reads else 403)
    start = path_of(site.worker)
    assert (start in Screen(answer).links()) is writes
    assert visitor.get(start).status_code == (200 if writes else 403)
    if not writes:
        for leaf in ("jam-kerja", "waktu-kerja", "cuti", f"cuti/{leave.public_id}/hapus"):
            assert visitor.post(f"{start}/{leaf}", WEEK).status_code == 403
        assert len(leave_of(site, site.worker)) == 1


def test_the_page_shows_the_hours_as_they_stand(site: Site, visitor: PageClient) -> None:
    screen = get(visitor, path_of(site.worker))
    assert (screen.value("starts_0"), screen.value("ends_4")) == ("07:30", "15:30")
    assert (screen.value("starts_5"), screen.value("ends_5")) == ("", "")
    assert "Belum ada rencana cuti." in screen.text


def test_hours_are_saved(site: Site, visitor: PageClient) -> None:
    form = {**WEEK, "starts_0": "08:00", "ends_0": "14:30", "starts_5": "08:00", "ends_5": "11:00"}
    answer = visitor.post(f"{path_of(site.worker)}/jam-kerja", form)
    assert answer.status_code == 303
    assert hours_of(site, site.worker) == {
        0: (time(8), time(14, 30)),
        5: (time(8), time(11)),
    }
    assert "Tersimpan." in get(visitor, answer.headers["Location"]).text


@on_sqlite
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"starts_2": "14:00", "ends_2": "08:00"}, "Waktu selesai perlu sesudah waktu mulai."),
        ({"starts_2": "08:00", "ends_2": "08:00"}, "Waktu selesai perlu sesudah waktu mulai."),
        ({"starts_2": "08:00", "ends_2": ""}, "Isi kedua waktunya, atau kosongkan keduanya."),
        ({"starts_2": "", "ends_2": "12:00"}, "Isi kedua waktunya, atau kosongkan keduanya."),
        ({"starts_2": "pagi", "ends_2": "12:00"}, None),
        ({"starts_2": "25:00", "ends_2": "26:00"}, None),
    ],
)
def test_hours_that_do_not_fit_are_named_and_kept(
    site: Site, visitor: PageClient, change: dict[str, str], sentence: str | None
) -> None:
    before = hours_of(site, site.worker)
    form = {**WEEK, "starts_0": "08:00", "ends_0": "14:30", **change}
    screen = Screen(visitor.post(f"{path_of(site.worker)}/jam-kerja", form))
    assert screen.status == 422
    assert screen.with_class("error-summary") != []
    if sentence:
        assert sentence in screen.text
    for name in ("starts_0", "ends_0", "starts_2", "ends_2"):
        assert screen.value(name) == form[name]
    assert hours_of(site, site.worker) == before


def test_the_language_switch_keeps_half_written_hours(site: Site, visitor: PageClient) -> None:
    form = {**WEEK, "starts_0": "09:15", "bahasa": "en"}
    screen = Screen(visitor.post(f"{path_of(site.worker)}/jam-kerja", form))
    assert (screen.status, screen.language) == (200, "en")
    assert screen.value("starts_0") == "09:15"
    assert screen.with_class("error-summary") == []


def test_leave_is_added_shown_and_removed(site: Site, visitor: PageClient) -> None:
    start = path_of(site.worker)
    form = {"first_day": "2026-08-12", "last_day": "2026-08-14"}
    answer = visitor.post(f"{start}/cuti", form)
    assert answer.status_code == 303
    screen = get(visitor, answer.headers["Location"])
    assert "12–14 Agustus 2026" in screen.text
    [leave] = leave_of(site, site.worker)
    assert leave.recorded_by == site.coordinator.id
    path = f"{start}/cuti/{leave.public_id}/hapus"
    assert path in screen.actions()
    assert visitor.post(path).status_code == 303
    assert leave_of(site, site.worker) == []
    assert visitor.post(path).status_code == 404, "the second press finds nothing"


@on_sqlite
@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"first_day": "", "last_day": ""}, "Tulis hari pertama cuti."),
        ({"first_day": "2026-08-12", "last_day": ""}, "Tulis hari terakhir cuti."),
        (
            {"first_day": "2026-08-12", "last_day": "2026-08-11"},
            "Pilih hari terakhir yang tidak mendahului hari pertama.",
        ),
        (
            {"first_day": "2026-08-20", "last_day": "2026-08-25"},
            "Sudah ada cuti pada hari-hari ini.",
        ),
        ({"first_day": "12/08/2026", "last_day": "2026-08-13"}, None),
    ],
)
def test_leave_that_does_not_fit_is_named_and_kept(
    site: Site, visitor: PageClient, form: dict[str, str], sentence: str | None
) -> None:
    take_leave(site, date(2026, 8, 24), date(2026, 8, 26))
    screen = Screen(visitor.post(f"{path_of(site.worker)}/cuti", form))
    assert screen.status == 422
    assert screen.with_class("error-summary") != []
    if sentence:
        assert sentence in screen.text
    assert (screen.value("first_day"), screen.value("last_day")) == tuple(form.values())
    assert len(leave_of(site, site.worker)) == 1


def test_leave_names_the_sessions_that_now_need_somebody_else(
    site: Site, visitor: PageClient
) -> None:
    for day, name, state in (
        (12, "SMP Terjadwal", VisitState.SCHEDULED),
        (13, "SMP Menunggu", VisitState.REQUESTED),
        (17, "SMP Sesudahnya", VisitState.SCHEDULED),
    ):
        site.build.delivered(site.build.school(name), site.worker, date(2026, 8, day), state=state)
    form = {"first_day": "2026-08-10", "last_day": "2026-08-14"}
    answer = visitor.post(f"{path_of(site.worker)}/cuti", form)
    text = get(visitor, answer.headers["Location"]).text
    assert "SMP Terjadwal (Rabu, 12 Agustus)" in text
    assert "SMP Menunggu" not in text
    assert "SMP Sesudahnya" not in text
    assert len(leave_of(site, site.worker)) == 1


def test_leave_that_is_over_is_no_longer_listed(
    site: Site, visitor: PageClient, now: Traveller
) -> None:
    take_leave(site, date(2026, 8, 4), date(2026, 8, 5))
    assert "4–5 Agustus 2026" in get(visitor, path_of(site.worker)).text
    now.shift(timedelta(days=2))
    assert "4–5 Agustus 2026" in get(site.browser(site.coordinator), path_of(site.worker)).text
    now.shift(timedelta(days=1))
    assert "4–5 Agustus" not in get(site.browser(site.coordinator), path_of(site.worker)).text


def test_leave_is_only_removed_from_its_own_worker(site: Site, visitor: PageClient) -> None:
    leave = take_leave(site, date(2026, 8, 24), date(2026, 8, 26))
    other = site.build.worker()
    answer = visitor.post(f"{path_of(other)}/cuti/{leave.public_id}/hapus")
    assert answer.status_code == 404
    assert len(leave_of(site, site.worker)) == 1


@pytest.mark.parametrize("who", ["nobody", "coordinator"])
def test_only_social_workers_have_such_a_page(site: Site, visitor: PageClient, who: str) -> None:
    public_id = "A" * 22 if who == "nobody" else site.coordinator.public_id
    assert visitor.get(f"/peksos/{public_id}").status_code == 404
    assert visitor.post(f"/peksos/{public_id}/jam-kerja", WEEK).status_code == 404


def test_leave_closes_the_days_for_schools(site: Site, visitor: PageClient) -> None:
    form = {"first_day": "2026-08-10", "last_day": "2026-08-14"}
    visitor.post(f"{path_of(site.worker)}/cuti", form)
    assert refused(lambda: site.requested(at(12))).code == "slot_taken"
    assert site.requested(at(18))


TERMS = {"from_on": "2026-08-10", "weekly_hours": "20", "visit_hours": "7,5"}


def terms_of(office: Office) -> list[tuple[date, int, int]]:
    """Return what is stored of the usual worker's terms, in order."""
    with office.build.database.reader() as reading:
        rows = reading.scalars(select(WorkerTerms).order_by(WorkerTerms.from_on))
        return [(row.from_on, row.weekly_minutes, row.visit_minutes) for row in rows]


def test_working_time_is_kept_with_its_history(site: Site, visitor: PageClient) -> None:
    start = path_of(site.worker)
    screen = get(visitor, start)
    # What holds is suggested, from next Monday on.
    assert screen.value("from_on") == "2026-08-10"
    assert (screen.value("weekly_hours"), screen.value("visit_hours")) == ("37,5", "12")
    for form in (TERMS, {**TERMS, "from_on": "2026-09-07", "weekly_hours": "30.5"}, TERMS):
        assert visitor.post(f"{start}/waktu-kerja", form).status_code == 303
    assert terms_of(site) == [(date(2026, 8, 10), 1200, 450), (date(2026, 9, 7), 1830, 450)]
    changed = {**TERMS, "visit_hours": "5"}
    assert visitor.post(f"{start}/waktu-kerja", changed).status_code == 303
    assert terms_of(site)[0] == (date(2026, 8, 10), 1200, 300)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from_on": ""}, "from_on"),
        ({"from_on": "kemarin"}, "from_on"),
        ({"from_on": "9999-12-31"}, "from_on"),
        ({"weekly_hours": ""}, "weekly_hours"),
        ({"weekly_hours": "banyak"}, "weekly_hours"),
        ({"weekly_hours": "NaN"}, "weekly_hours"),
        ({"weekly_hours": "Infinity"}, "weekly_hours"),
        ({"weekly_hours": "61"}, "weekly_hours"),
        ({"weekly_hours": "0"}, "weekly_hours"),
        ({"visit_hours": "-1"}, "visit_hours"),
        ({"visit_hours": "20,5"}, "visit_hours"),
        ({"visit_hours": "1,2,3"}, "visit_hours"),
    ],
)
def test_working_time_that_does_not_fit_is_named_and_kept(
    site: Site, visitor: PageClient, change: dict[str, str], field: str
) -> None:
    form = {**TERMS, **change}
    answer = visitor.post(f"{path_of(site.worker)}/waktu-kerja", form)
    screen = Screen(answer)
    assert screen.status == 422
    assert f'id="{field}-error"' in answer.text
    assert screen.value(field) == form[field]
    assert terms_of(site) == []


@on_sqlite
def test_the_weeks_of_all_workers_stand_side_by_side(site: Site, visitor: PageClient) -> None:
    site.build.delivered(site.school, site.worker, date(2026, 8, 11), state=VisitState.SCHEDULED)
    take_leave(site, date(2026, 8, 24), date(2026, 8, 28))
    site.build.worker("Rina Paruh Waktu")
    with transaction(site.build.session) as session:
        record(session, site.worker.id, date(2026, 8, 12), 2250, WorkKind.CASEWORK, new_id())
    visitor.post(f"{path_of(site.worker)}/waktu-kerja", {**TERMS, "from_on": "2026-08-03"})
    # A session of an hour and a half, two ways of ten minutes, and all of a week of casework.
    table = visitor.get("/peksos").text.partition("<tbody>")[2]
    row = table.partition("<b>Sari Peksos</b>")[2].partition("</tr>")[0]
    assert "39,3" in row
    assert row.count('class="bar bad"') == 1


@on_sqlite
def test_sessions_in_the_leave_are_listed_until_somebody_goes(
    site: Site, visitor: PageClient
) -> None:
    within = site.build.delivered(
        site.school, site.worker, date(2026, 8, 12), state=VisitState.SCHEDULED
    )
    beside = site.build.delivered(
        site.build.school(), site.worker, date(2026, 8, 18), state=VisitState.SCHEDULED
    )
    start = path_of(site.worker)
    assert f"/sesi/{within.public_id}" not in get(visitor, start).links()
    offered = site.build.delivered(
        site.build.school(), site.worker, date(2026, 8, 13), state=VisitState.OFFERED
    )
    leader = site.build.worker("Andi Peksos")
    along = site.build.delivered(
        site.build.school(), leader, date(2026, 8, 20), state=VisitState.SCHEDULED
    )
    site.build.save(VisitWorker(visit_id=along.id, user_id=site.worker.id))
    take_leave(site, date(2026, 8, 12), date(2026, 8, 13))
    take_leave(site, date(2026, 8, 20), date(2026, 8, 21))
    links = get(visitor, start).links()
    for visit in (within, offered, along):
        assert f"/sesi/{visit.public_id}" in links
    assert f"/sesi/{beside.public_id}" not in links


@on_sqlite
@pytest.mark.parametrize(
    "hours", ["NaN", "sNaN", "-Infinity", "1e9999", "-1", "", "x", "0x10", "9" * 400, "37,5,1"]
)
def test_odd_hours_are_named_and_kept(site: Site, visitor: PageClient, hours: str) -> None:
    path = f"{path_of(site.worker)}/waktu-kerja"
    sent = {"from_on": "2026-08-10", "weekly_hours": hours, "visit_hours": "10"}
    screen = Screen(visitor.post(path, sent))
    assert (screen.status, screen.value("weekly_hours")) == (422, hours)
    assert site.count(WorkerTerms) == 0
