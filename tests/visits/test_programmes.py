"""What the office offers: programmes, topics, needs, days without sessions, and answers at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.visits.models import Blackout, NeedSide, Programme, Topic, Visit, VisitNeed
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.visits.conftest import Office, Site, at, on_sqlite, refused
from tests.visits.screen import Screen


def change(office: Office, code: str = "pgts", **values: Any) -> None:
    """Change a programme as the office would."""
    session = office.build.session
    with transaction(session):
        programme = session.scalars(select(Programme).where(Programme.code == code)).one()
        for name, value in values.items():
            setattr(programme, name, value)


@pytest.fixture
def desk(site: Site) -> PageClient:
    """Return the coordinator's browser, in English."""
    return site.browser(site.build.user(Role.COORDINATOR, language="en"))


def send(desk: PageClient, address: str, **more: Any) -> Screen:
    """Send a form as it stands on its page, but for what is named."""
    sent = {**desk.form(address), **more}
    return Screen(desk.post(address, {name: value for name, value in sent.items() if value}))


def read(site: Site, model: Any) -> list[Any]:
    """Return all rows of a table."""
    with site.build.database.reader() as session:
        return list(session.scalars(select(model)))


@on_sqlite
def test_a_programme_is_changed_with_its_limits_and_topics(site: Site, desk: PageClient) -> None:
    address = f"/program/{site.build.programme().public_id}"
    assert address in Screen(desk.get("/program")).links()
    screen = Screen(desk.get(address))
    before = len(read(site, Topic))
    last = len([name for name in desk.form(address) if name.endswith("title_id")]) - 1
    answer = send(
        desk,
        address,
        minutes="60",
        most_classes="3",
        people_per_worker="120",
        yearly_share="",
        auto_accept="y",
        **{f"topics-{last}-title_id": "Berani menolong", "topics-0-title_id": "Judul baru"},
    )
    assert screen.status == 200
    assert answer.status == 303
    programme = site.build.programme()
    assert (programme.minutes, programme.most_classes, programme.people_per_worker) == (60, 3, 120)
    assert (programme.auto_accept, programme.yearly_share) == (True, None)
    topics = {topic.title_id: topic for topic in read(site, Topic)}
    assert len(topics) == before + 1
    assert topics["Berani menolong"].title_en == "Berani menolong"
    assert "Judul baru" in topics


@on_sqlite
def test_two_editors_see_each_others_words(site: Site, desk: PageClient) -> None:
    address = f"/program/{site.build.programme().public_id}"
    other = site.browser(site.build.user(Role.COORDINATOR, language="en"))
    desk.get(address)
    other.get(address)
    assert send(other, address, name_en="Colleague").status == 303
    mine = send(desk, address, name_en="Mine")
    assert mine.status == 409
    assert "Colleague" in mine.text
    assert mine.value("name_en") == "Mine"
    assert send(desk, address).status == 303
    assert site.build.programme().name_en == "Mine"


@on_sqlite
@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": "5"},
        {"minutes": "lama"},
        {"most_people": ""},
        {"most_people": "99999999999"},
        {"name_id": " "},
        {"position": ""},
        {"yearly_share": "0"},
        {"topics-0-title_id": "x" * 121},
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_lost(
    site: Site, desk: PageClient, wrong: dict[str, str]
) -> None:
    address = f"/program/{site.build.programme().public_id}"
    desk.get(address)
    sent = {**desk.form(address), "summary_en": "Typed by hand", **wrong}
    screen = Screen(desk.post(address, sent))
    assert screen.status == 422
    assert screen.with_class("error-summary") != []
    assert screen.value("summary_en") == "Typed by hand"
    assert site.build.programme().minutes == 90


@on_sqlite
def test_a_topic_sessions_are_about_keeps_its_title(site: Site, desk: PageClient) -> None:
    topics = sorted(read(site, Topic), key=lambda each: each.position)
    used = next(each for each in topics if each.programme_id == site.build.programme().id)
    site.requested(at(12), topic_id=used.id)
    address = f"/program/{site.build.programme().public_id}"
    desk.get(address)
    row = next(
        name.removesuffix("public_id") + "title_id"
        for name, values in desk.form(address).items()
        if values == [used.public_id]
    )
    assert send(desk, address, **{row: ""}).status == 422
    assert len(read(site, Topic)) == len(topics)
    free = next(n for n in desk.form(address) if n.endswith("title_id") and n != row)
    assert send(desk, address, **{free: "", row: used.title_id}).status == 303
    assert len(read(site, Topic)) == len(topics) - 1


@on_sqlite
def test_a_new_programme_is_offered_and_the_last_one_stays(site: Site, desk: PageClient) -> None:
    desk.get("/program/baru")
    assert send(desk, "/program/baru").status == 422
    values = {"name_id": "Sapa wali", "name_en": "Guardians", "minutes": "45", "most_people": "30"}
    assert send(desk, "/program/baru", audience="families", **values).status == 303
    [made] = [each for each in read(site, Programme) if each.name_id == "Sapa wali"]
    assert (made.audience, made.active, made.position) == ("families", True, 3)
    principal = site.browser(site.principal)
    screen = Screen(principal.get(f"/sesi/baru?programme={made.code}"))
    assert screen.checked("programme") == [made.code]
    for code in ("tepak", "guru", made.code):
        change(site, code, active=False)
    address = f"/program/{site.build.programme().public_id}"
    desk.get(address)
    assert send(desk, address, active="").status == 422
    assert site.build.programme().active


@on_sqlite
def test_needs_are_renamed_added_and_marked_as_not_available(site: Site, desk: PageClient) -> None:
    address = "/program/kebutuhan"
    desk.get(address)
    form = desk.form(address)
    first = next(name.removesuffix("name_id") for name in form if name.endswith("name_id"))
    new = max(
        (name.removesuffix("name_id") for name in form if name.endswith("name_id")),
        key=lambda prefix: int(prefix.split("-")[1]),
    )
    changed = {f"{first}name_id": "Proyektor besar", f"{first}active": "", f"{new}name_id": "Kursi"}
    assert send(desk, address, **changed).status == 303
    needs = {need.name_id: need for need in read(site, VisitNeed)}
    assert not needs["Proyektor besar"].active
    assert needs["Kursi"].side == NeedSide.SCHOOL
    offered = Screen(site.browser(site.principal).get("/sesi/baru"))
    assert needs["Proyektor besar"].code not in offered.values("bring")
    assert needs["Kursi"].code in offered.values("ready_with")
    # Somebody whose list is older than that sees both.
    assert Screen(desk.post(address, {**form, f"{first}name_id": "Lain"})).status == 409
    desk.get(address)
    assert send(desk, address, **{f"{first}name_id": ""}).status == 422


@on_sqlite
def test_days_without_sessions_close_the_calendar_and_list_what_is_settled(
    site: Site, desk: PageClient
) -> None:
    visit = site.requested(at(12))
    address = "/hari-tanpa-sesi"
    desk.get(address)
    days = {"name": "Rapat kerja", "first_on": "2026-08-12", "last_on": "2026-08-13"}
    assert send(desk, address, **days).status == 303
    screen = Screen(desk.get(address))
    assert f"/sesi/{visit.public_id}" in screen.links()
    assert site.fresh(visit).state == VisitState.REQUESTED
    page = Screen(site.browser(site.principal).get("/sesi/baru?pekan=2026-08-10"))
    assert "Rapat kerja" in page.text
    [blackout] = read(site, Blackout)
    desk.get(address)
    removal = f"{address}/{blackout.public_id}/hapus"
    assert desk.post(removal, desk.form(removal)).status_code == 303
    assert site.count(Blackout) == 0
    assert desk.post(removal).status_code == 404


def test_nobody_books_a_day_without_sessions(office: Office) -> None:
    office.build.save(
        Blackout(
            first_on=date(2026, 8, 13),
            last_on=date(2026, 8, 13),
            name="Rapat kerja",
            recorded_by=office.coordinator.id,
            recorded_at=clock.now(),
        )
    )
    assert office.requested(at(12)).state == VisitState.REQUESTED
    assert refused(lambda: office.requested(at(13))).code == "slot_taken"


@on_sqlite
@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("2026-08-12", "2026-08-11", 422),
        ("2026-08-12", "2027-08-12", 422),
        ("2026-07-01", "2026-07-02", 422),
        ("kapan", "", 422),
        ("", "", 422),
        ("2026-08-12", "", 303),
    ],
)
def test_odd_days_are_named(
    site: Site, desk: PageClient, first: str, last: str, status: int
) -> None:
    desk.get("/hari-tanpa-sesi")
    screen = send(desk, "/hari-tanpa-sesi", name="Rapat", first_on=first, last_on=last)
    assert screen.status == status
    if status == 422:
        assert screen.value("name") == "Rapat"
    assert site.count(Blackout) == (status == 303)


@on_sqlite
@pytest.mark.parametrize("other", [{"programme": "tepak"}, {"levels": ["SD"]}])
def test_days_of_other_programmes_or_levels_close_nothing_here(
    site: Site, desk: PageClient, other: dict[str, Any]
) -> None:
    desk.get("/hari-tanpa-sesi")
    days = {"name": "Rapat", "first_on": "2026-08-12"}
    assert send(desk, "/hari-tanpa-sesi", **days, **other).status == 303
    assert site.requested(at(12)).state == VisitState.REQUESTED


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.SOCIAL_WORKER, Role.DIVISION_HEAD])
def test_others_do_not_change_what_is_offered(site: Site, role: Role) -> None:
    visitor = site.browser(site.build.user(role, site.school))
    for path in ("/program", "/program/baru", "/program/kebutuhan", "/hari-tanpa-sesi"):
        assert visitor.get(path).status_code == 403
    assert visitor.post("/hari-tanpa-sesi").status_code == 403


def test_a_request_nothing_speaks_against_is_scheduled_at_once(office: Office) -> None:
    change(office, auto_accept=True)
    visit = office.fresh(office.requested(at(12)))
    assert (visit.state, visit.decided_by) == (VisitState.SCHEDULED, None)
    assert visit.decided_at is not None
    kinds = {each.kind for each in office.duties(office.coordinator)}
    assert "answer_request" not in kinds
    # A second press finds it.
    assert office.requested(at(12)).id == visit.id
    assert office.count(Visit) == 1
    office.check_cells()


@pytest.mark.parametrize("why", ["needs", "crew", "share", "lacking", "off"])
def test_what_the_office_must_look_at_waits(office: Office, why: str) -> None:
    office.build.worker("Nia Peksos")
    change(office, auto_accept=why != "off", people_per_worker=80 if why == "crew" else None)
    more: dict[str, Any] = {}
    if why == "needs":
        more = {"needs": "Kursi roda"}
    if why == "share":
        change(office, yearly_share=1)
        office.build.delivered(office.school, office.worker, date(2026, 7, 20))
    if why == "lacking":
        more = {"bring": ("drone",)}
    visit = office.fresh(office.requested(at(12), **more))
    assert visit.state == VisitState.REQUESTED


@on_sqlite
def test_what_has_everything_is_brought_at_once(office: Office) -> None:
    change(office, auto_accept=True)
    visit = office.requested(at(12), bring=("projector",), ready_with=("room",))
    assert office.fresh(visit).state == VisitState.SCHEDULED
