"""A school that has its share leaves the free times to schools that never had a session."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock
from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.schools.models import School
from portal.visits.actions.answering import withdraw
from portal.visits.actions.changing import Wanted, ask
from portal.visits.actions.deciding import Approval, approve, reassign
from portal.visits.models import Programme, Visit, Wish
from portal.visits.queries.share import Share, beyond_share, share_of
from portal.visits.states import VisitState, WishState
from tests.visits.conftest import Office, Site, at, on_sqlite, refused
from tests.visits.screen import Screen


def change(office: Office, code: str, **values: Any) -> Programme:
    """Change a programme as the office would."""
    session = office.build.session
    with transaction(session):
        programme = session.scalars(select(Programme).where(Programme.code == code)).one()
        for name, value in values.items():
            setattr(programme, name, value)
    return office.build.programme(code)


def had(office: Office, number: int = 2, state: VisitState = VisitState.SCHEDULED) -> list[Visit]:
    """Let the usual school have sessions this school year."""
    return [
        office.build.delivered(office.school, office.worker, date(2026, 7, 20 + each), state=state)
        for each in range(number)
    ]


def never_served(office: Office, *, asks: bool = True) -> School:
    """Let a school that never had a session wait for one."""
    school, principal = office.another_school()
    if asks:
        office.build.requested(principal, school, at(20, 13))
        return school
    wish = Wish(
        school_id=school.id,
        programme_id=office.build.programme().id,
        grades=["7"],
        expected_heads=60,
        earliest_on=date(2026, 8, 10),
        latest_on=date(2026, 9, 10),
        state=WishState.WAITING,
        asked_by=principal.id,
        asked_at=clock.now(),
    )
    office.build.save(wish)
    return school


def share(office: Office, code: str = "pgts", *, month: int = 8) -> Share:
    """Return the usual school's share."""
    with office.build.database.reader() as session:
        rules = office_settings.read(session)
        programme = office.build.programme(code)
        return share_of(session, rules, office.school.id, programme, at(12, month=month))


@pytest.mark.parametrize("asks", [True, False], ids=["request", "wish"])
def test_a_school_with_its_share_waits_while_a_never_served_one_asks(
    office: Office, asks: bool
) -> None:
    had(office)
    waiting = never_served(office, asks=asks)
    problem = refused(lambda: office.requested(at(12)))
    assert problem.code == "share_used"
    assert (problem.facts["used"], problem.facts["most"], problem.facts["waiting"]) == (2, 2, 1)
    assert problem.field is None
    # The one that waits may book, of course.
    principal = office.build.user(Role.PRINCIPAL, waiting)
    assert office.build.requested(principal, waiting, at(12)).state == VisitState.REQUESTED


@pytest.mark.parametrize("number", [1, 2])
def test_the_share_is_no_limit_where_nobody_else_waits_or_it_is_not_reached(
    office: Office, number: int
) -> None:
    had(office, number)
    if number == 1:
        never_served(office)
    assert office.requested(at(12)).state == VisitState.REQUESTED


@on_sqlite
@pytest.mark.parametrize("state", list(VisitState))
def test_what_counts_is_asked_for_offered_scheduled_or_delivered(
    office: Office, state: VisitState
) -> None:
    had(office, 3, state)
    held = {"requested", "offered", "scheduled", "delivered"}
    assert share(office).used == (3 if state in held else 0)
    # Another school year begins anew.
    assert share(office, month=6).used == 0


@on_sqlite
def test_schools_served_before_closed_or_too_late_keep_nobody_waiting(office: Office) -> None:
    had(office)
    served = never_served(office)
    office.build.delivered(served, office.worker, date(2025, 9, 1))
    closed = never_served(office, asks=False)
    session = office.build.session
    with transaction(session):
        session.get_one(School, closed.id).active = False
    assert share(office) == Share(2, 2, 0)
    never_served(office, asks=False)
    assert share(office) == Share(2, 2, 1)
    assert share(office).used_up


@on_sqlite
def test_a_programme_may_have_a_share_of_its_own_or_none(office: Office) -> None:
    assert share(office).most == 2
    assert share(office, "tepak").most is None
    office.build.setting("fair_share_sessions", 5)
    assert share(office).most == 5
    change(office, "pgts", yearly_share=1)
    change(office, "tepak", yearly_share=3)
    assert (share(office).most, share(office, "tepak").most) == (1, 3)


def test_approving_more_than_the_share_needs_a_reason(office: Office, now: Traveller) -> None:
    had(office, 1)
    in_time = office.requested(at(12))
    now.shift(timedelta(seconds=1))
    beyond = office.requested(at(13))
    never_served(office)
    with office.build.database.reader() as session:
        both = [session.get_one(Visit, each.id) for each in (in_time, beyond)]
        assert list(beyond_share(session, office_settings.read(session), both)) == [beyond.id]
    approval = Approval(office.worker.id)
    office.does(approve, office.coordinator, in_time, approval)
    problem = refused(lambda: office.does(approve, office.coordinator, beyond, approval))
    assert (problem.code, problem.field) == ("reason_needed", "reason")
    office.does(approve, office.coordinator, beyond, Approval(office.worker.id, "Ada kejadian"))
    settled = office.fresh(beyond)
    assert (settled.state, settled.override_reason) == (VisitState.SCHEDULED, "Ada kejadian")
    # Nobody has less time for the way because a school has had much.
    office.check_cells()
    # Who goes is another question; nobody is asked for the reason again.
    second = office.build.worker("Nia Peksos")
    office.does(reassign, office.coordinator, beyond, Approval(second.id))
    assert office.fresh(beyond).social_worker_id == second.id
    office.check_cells()


def test_the_way_stays_where_only_the_share_was_passed_over_and_a_change_comes_to_nothing(
    office: Office,
) -> None:
    had(office)
    never_served(office, asks=False)
    office.build.setting("fair_share_sessions", 50)
    visit = office.requested(at(12))
    office.build.setting("fair_share_sessions", 2)
    approval = Approval(office.worker.id, "Ada kejadian")
    office.does(approve, office.coordinator, visit, approval)
    asked = Wanted(at(13), tuple(visit.grades), visit.expected_heads, "", "Ujian")
    session, school = office.build.session, office.school
    with transaction(session):
        found = session.get_one(Visit, visit.id)
        ask(session, office.actor(office.principal), found, school, asked)
    office.check_cells()
    office.does(withdraw, office.principal, visit)
    office.check_cells()


@on_sqlite
def test_the_page_says_why_and_leads_to_the_waiting_list(site: Site) -> None:
    had(site)
    never_served(site)
    principal = site.build.user(Role.PRINCIPAL, site.school, language="en")
    screen = Screen(site.browser(principal).get("/sesi/baru"))
    assert screen.status == 200
    assert "2 of 2 sessions this school year" in screen.text
    assert "1 school that never had this session waits" in screen.text
    assert any(link.startswith("/sesi/baru/usulkan") for link in screen.links())
    assert screen.values("slot") == []
    assert "Send request" not in screen.text
    # Another session of the office is open to the school.
    families = Screen(site.browser(principal).get("/sesi/baru?programme=tepak"))
    assert len(families.values("slot")) > 0


@on_sqlite
def test_the_queue_says_so_and_leaves_it_out_of_the_bulk(site: Site) -> None:
    had(site)
    beyond = site.requested(at(12))
    waiting = never_served(site)
    coordinator = site.build.user(Role.COORDINATOR, language="en")
    screen = Screen(site.browser(coordinator).get("/permintaan"))
    assert "2 of 2 sessions this school year already" in screen.text
    assert [each for each in screen.values("pilih") if each.startswith(beyond.public_id)] == []
    assert waiting.name in screen.text


@on_sqlite
def test_a_wish_for_days_nobody_can_book_yet_keeps_nobody_waiting(office: Office) -> None:
    had(office)
    far = never_served(office, asks=False)
    session = office.build.session
    with transaction(session):
        wish = session.scalars(select(Wish).where(Wish.school_id == far.id)).one()
        wish.earliest_on, wish.latest_on = date(2027, 2, 1), date(2027, 3, 1)
    assert share(office).waiting == 0
    with transaction(session):
        # The last day that can be booked.
        session.get_one(Wish, wish.id).earliest_on = date(2026, 10, 26)
    assert share(office).waiting == 1


@on_sqlite
def test_at_the_end_of_a_school_year_the_next_one_is_open(site: Site, now: Traveller) -> None:
    had(site)
    now.move_to(at(1, month=6) + timedelta(days=365))
    never_served_in_june(site)
    start = at(17, month=6) + timedelta(days=365)
    for number in range(2):
        site.build.delivered(site.school, site.worker, start.date() + timedelta(days=number))
    visitor = site.browser(site.principal)
    screen = Screen(visitor.get("/sesi/baru"))
    free = screen.values("slot")
    assert free
    assert min(free) >= "2027-07-01"
    assert any(link.startswith("/sesi/baru/usulkan") for link in screen.links())
    assert (
        refused(lambda: site.requested(at(14, month=6) + timedelta(days=365))).code == "share_used"
    )


def never_served_in_june(office: Office) -> None:
    """Let a school that never had a session ask for one at the end of the school year."""
    school, principal = office.another_school()
    office.build.requested(principal, school, at(16, 13, month=6) + timedelta(days=365))


def test_a_request_from_before_the_holidays_is_of_the_year_it_takes_place_in(
    office: Office,
) -> None:
    had(office)
    assert share(office).used == 2
    next_year = at(12) + timedelta(days=365)
    with office.build.database.reader() as session:
        programme = office.build.programme()
        rules = office_settings.read(session)
        assert share_of(session, rules, office.school.id, programme, next_year).used == 0
