"""Somebody of the office writes down what a school asks for on the telephone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from portal.core.access import Permission, Role
from portal.schools.models import School
from portal.visits.actions.booking import hold_slot
from portal.visits.models import Hold, Visit
from portal.visits.states import Origin
from tests.client import PageClient
from tests.visits.conftest import Site, at, on_sqlite, refused
from tests.visits.screen import Screen

SLOT = "2026-08-12T08:00:00+07:00"
CALLER = "Ibu Ratna, wakil kepala sekolah"
FORM: dict[str, Any] = {
    "programme": "pgts",
    "slot": SLOT,
    "topic": "lain",
    "own_topic": "Berteman",
    "grades": ["7"],
    "expected_heads": "60",
    "caller": CALLER,
}


def address(school: School, step: str = "") -> str:
    """Return the desk of a school that calls."""
    return f"/sesi/baru/untuk-sekolah/{school.public_id}{step}"


def visits(site: Site) -> list[Visit]:
    """Return all visits."""
    with site.build.database.reader() as session:
        return list(session.scalars(select(Visit)))


def test_a_request_is_written_down_and_the_school_reads_of_it(site: Site) -> None:
    desk: PageClient = site.browser(site.coordinator)
    assert Screen(desk.get(address(site.school))).status == 200
    answer = desk.post(address(site.school), FORM)
    assert answer.status_code == 303
    [visit] = visits(site)
    assert (visit.origin, visit.caller) == (Origin.CALLER, CALLER)
    assert (visit.requested_by, visit.school_id) == (site.coordinator.id, site.school.id)
    [news] = [each for each in site.duties(site.principal) if each.kind == "news_entered"]
    assert news.link == f"/sesi/{visit.public_id}"
    # A second press tells nothing new.
    desk.post(address(site.school), FORM)
    assert len(visits(site)) == 1
    assert len([e for e in site.duties(site.principal) if e.kind == "news_entered"]) == 1
    site.check_cells()


def test_who_called_is_sealed(site: Site) -> None:
    site.browser(site.coordinator).post(address(site.school), FORM)
    with site.build.database.reader() as session:
        sealed = session.scalar(text("SELECT caller FROM visit"))
    assert b"Ratna" not in bytes(sealed)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "status"), [({}, 303), ({"caller": " "}, 422), ({"slot": ""}, 422)]
)
def test_it_asks_who_called_and_loses_nothing(
    site: Site, change: dict[str, str], status: int
) -> None:
    desk = site.browser(site.worker)
    answer = desk.post(address(site.school), {**FORM, **change})
    assert answer.status_code == status
    if status == 422:
        screen = Screen(answer)
        assert screen.value("own_topic") == "Berteman"
        assert screen.value("caller") == {**FORM, **change}["caller"].strip()
        assert site.count(Visit) == 0


@on_sqlite
@pytest.mark.parametrize("role", sorted(Role))
def test_only_those_who_may_write_down_requests_do(site: Site, role: Role) -> None:
    somebody = site.build.user(role, site.school)
    may = site.actor(somebody).may(Permission.VISIT_ENTER, site.school.id)
    visitor = site.browser(somebody)
    for path in ("/sesi/baru/untuk-sekolah", address(site.school)):
        assert (visitor.get(path).status_code == 200) is may
    assert (visitor.post(address(site.school), FORM).status_code == 303) is may
    assert site.count(Visit) == may


@on_sqlite
def test_a_school_is_found_by_its_name(site: Site) -> None:
    desk = site.browser(site.coordinator)
    screen = Screen(desk.get("/sesi/baru/untuk-sekolah?q=melati"))
    assert address(site.school) in screen.links()
    assert address(site.school) not in Screen(desk.get("/sesi/baru/untuk-sekolah")).links()
    assert Screen(desk.get("/sesi/baru/untuk-sekolah?q=zzzz")).status == 200
    assert desk.get("/sesi/baru/untuk-sekolah/" + "A" * 22).status_code == 404


@on_sqlite
def test_a_slot_is_held_while_the_caller_is_on_the_line(site: Site) -> None:
    desk = site.browser(site.coordinator)
    screen = Screen(desk.post(address(site.school, "/tahan"), {**FORM, "pilih": SLOT}, htmx=True))
    assert screen.checked("slot") == [SLOT]
    assert address(site.school, "/tahan") in screen.html
    assert site.count(Hold) == 1
    # Without the right to write down requests, staff hold nothing either.
    teacher = site.build.user(Role.TEACHER, site.school)
    programme = site.build.programme()
    session = site.build.session
    problem = refused(
        lambda: hold_slot(
            session,
            site.actor(teacher),
            site.school,
            programme,
            at(12),
            permission=Permission.VISIT_ENTER,
        )
    )
    assert problem.code == "not_allowed"


@on_sqlite
def test_a_caller_may_go_beyond_the_share_and_the_page_says_so(site: Site) -> None:
    site.build.setting("fair_share_sessions", 1)
    site.build.delivered(site.school, site.worker)
    other, principal = site.another_school()
    site.build.requested(principal, other, at(20, 13))
    english = site.build.user(Role.COORDINATOR, language="en")
    desk = site.browser(english)
    screen = Screen(desk.get(address(site.school)))
    assert "approving it needs a reason" in screen.text
    assert len(screen.values("slot")) > 0
    assert desk.post(address(site.school), FORM).status_code == 303


@pytest.mark.parametrize("typed", ["%25", "_", "%F0%9F%8F%AB", "'--", "x" * 500])
def test_odd_searches_find_nothing_and_break_nothing(site: Site, typed: str) -> None:
    desk = site.browser(site.coordinator)
    assert desk.get(f"/sesi/baru/untuk-sekolah?q={typed}").status_code == 200
