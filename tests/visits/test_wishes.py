"""The waiting list: what schools wish for, and free times that are offered to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core.db import transaction
from portal.core.schedule import JobRecord, enrol
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import wishing
from portal.visits.actions.deciding import withdraw
from portal.visits.actions.lapsing import restore
from portal.visits.actions.offering import (
    CounterOffer,
    accept,
    counter,
    take_back,
    turn_down,
)
from portal.visits.models import Visit, Wish
from portal.visits.states import Origin, VisitState, WishState
from tests.statements import read_statements
from tests.visits.conftest import (
    Office,
    Site,
    at,
    codes,
    on_sqlite,
    refused,
    together,
    winners,
)
from tests.visits.screen import Screen
from tests.visits.test_offers import kinds, run_job, with_school

ONE_DAY = date(2026, 8, 12)


def wish(
    office: Office, user: User | None = None, school: School | None = None, **more: Any
) -> Wish:
    """Put a school on the waiting list, for one morning unless told otherwise."""
    values: dict[str, Any] = {
        "programme": office.build.programme(),
        "earliest_on": ONE_DAY,
        "latest_on": ONE_DAY,
        "weekdays": (),
        "starts": ("08:00",),
        "grades": ("7",),
        "expected_heads": 80,
        "own_topic": "Berteman",
    }
    actor = office.actor(user or office.principal)
    with office.build.database.writer() as session, transaction(session):
        return wishing.wish(
            session, actor, school or office.school, wishing.Wanted(**{**values, **more})
        )


def offers(office: Office, school: School) -> list[Visit]:
    """Return what a school was offered."""
    with office.build.database.reader() as session:
        query = select(Visit).where(Visit.school_id == school.id, Visit.origin == Origin.WISH)
        return list(session.scalars(query))


def serve(office: Office) -> int:
    """Let the portal offer what is free."""
    number: int = run_job(office, "visit_wishes")["offered"]
    return number


def full(office: Office) -> tuple[Visit, User]:
    """Let another school have the morning everybody wants."""
    other, principal = office.another_school()
    return office.build.requested(principal, other, at(12)), principal


def test_freed_time_is_offered_to_whoever_waits(office: Office) -> None:
    taken, principal = full(office)
    waiting = wish(office)
    assert kinds(office, office.coordinator) == ["answer_request", "answer_wish"]
    assert serve(office) == 0
    office.does(withdraw, principal, taken, "")
    assert serve(office) == 1
    [offer] = offers(office, office.school)
    assert (offer.state, offer.starts_at, offer.offered_by) == (VisitState.OFFERED, at(12), None)
    assert (offer.requested_by, offer.own_topic) == (office.principal.id, "Berteman")
    assert office.fresh(waiting).state == WishState.OFFERED
    assert kinds(office, office.principal) == ["answer_offer"]
    assert kinds(office, office.coordinator) == []
    office.check_cells()
    with_school(office, accept, office.principal, offer)
    assert office.fresh(waiting).state == WishState.MET


def test_cancelling_only_makes_the_job_due(office: Office) -> None:
    taken, principal = full(office)
    wish(office)
    with office.build.database.writer() as session, transaction(session):
        enrol(session)
    office.does(withdraw, principal, taken, "")
    assert offers(office, office.school) == []
    with office.build.database.reader() as session:
        assert session.get_one(JobRecord, "visit_wishes").due_at <= at(3, 9)


def test_never_served_first_then_whoever_waits_longest(office: Office, now: Traveller) -> None:
    taken, principal = full(office)
    office.build.delivered(office.school, office.worker, date(2026, 7, 20))
    wish(office)
    now.shift(60)
    second, second_principal = office.another_school()
    wish(office, second_principal, second)
    now.shift(60)
    third, third_principal = office.another_school()
    wish(office, third_principal, third)
    office.does(withdraw, principal, taken, "")
    assert serve(office) == 1
    assert [bool(offers(office, each)) for each in (office.school, second, third)] == [
        False,
        True,
        False,
    ]


def test_what_was_let_go_is_not_offered_again(office: Office) -> None:
    waiting = wish(office, starts=("08:00", "10:00"))
    assert serve(office) == 1
    [first] = offers(office, office.school)
    office.does(turn_down, office.principal, first, "Ada upacara")
    assert office.fresh(waiting).state == WishState.WAITING
    assert "answer_wish" in kinds(office, office.coordinator)
    assert serve(office) == 1
    [second] = [each for each in offers(office, office.school) if each.id != first.id]
    assert {first.starts_at, second.starts_at} == {at(12, 8), at(12, 10)}
    office.does(turn_down, office.principal, second, "")
    assert serve(office) == 0


def test_a_wish_whose_offer_nobody_answers_ends_with_it(office: Office, now: Traveller) -> None:
    waiting = wish(office)
    serve(office)
    now.move_to(at(6, 17))
    run_job(office, "visit_deadlines")
    assert office.fresh(waiting).state == WishState.LAPSED
    assert offers(office, office.school)[0].state == VisitState.LAPSED
    office.check_cells()


@on_sqlite
def test_a_wish_follows_an_offer_taken_up_again_at_another_time(office: Office) -> None:
    waiting = wish(office)
    assert serve(office) == 1
    [offer] = offers(office, office.school)
    office.does(take_back, office.coordinator, offer, "Rapat")
    with_school(office, restore, office.coordinator, offer)
    assert office.fresh(waiting).state == WishState.WAITING
    with_school(office, counter, office.coordinator, offer, CounterOffer(at(13)))
    assert office.fresh(waiting).state == WishState.OFFERED
    assert "answer_wish" not in kinds(office, office.coordinator)
    assert serve(office) == 0
    with_school(office, accept, office.principal, offer)
    assert office.fresh(waiting).state == WishState.MET


def test_a_wish_ends_after_its_last_day(office: Office, now: Traveller) -> None:
    full(office)
    waiting = wish(office)
    now.move_to(at(12, 9))
    assert run_job(office, "visit_deadlines")["wishes"] == 0
    now.move_to(at(13, 9))
    assert run_job(office, "visit_deadlines")["wishes"] == 1
    assert office.fresh(waiting).state == WishState.LAPSED


@on_sqlite
def test_the_office_may_offer_by_hand_alone(office: Office) -> None:
    office.build.setting("offer_freed_slots", 0)
    wish(office)
    assert serve(office) == 0


@on_sqlite
def test_only_what_suits_is_offered(office: Office) -> None:
    # The 12th is a Wednesday; the school would like Thursdays at ten.
    wish(office, latest_on=date(2026, 8, 14), weekdays=(3,), starts=("10:00",))
    assert serve(office) == 1
    assert offers(office, office.school)[0].starts_at == at(13, 10)


@on_sqlite
def test_a_school_waits_once_for_each_programme(office: Office) -> None:
    wish(office)
    assert refused(lambda: wish(office)).code == "wish_twice"
    wish(office, programme=office.build.programme("tepak"), expected_heads=20)
    assert refused(lambda: wish(office, latest_on=date(2026, 8, 11))).code == "wish_order"
    past = {"earliest_on": date(2026, 7, 1), "latest_on": date(2026, 7, 2)}
    assert refused(lambda: wish(office, **past)).code == "wish_over"


def test_two_wishes_and_one_time(office: Office) -> None:
    other, principal = office.another_school()
    wishes = [wish(office), wish(office, principal, other)]

    def offering(each: Wish) -> Any:
        def job(session: Session) -> Visit:
            return wishing.offer(session, None, session.get_one(Wish, each.id), at(12))

        return job

    results = together(office.build.database, [offering(each) for each in wishes])
    assert codes(results) == ["slot_taken"]
    assert len(winners(results)) == 1
    states = sorted(office.fresh(each).state for each in wishes)
    assert states == [WishState.OFFERED, WishState.WAITING]
    office.check_cells()


def test_the_same_wish_offered_twice_at_once(office: Office) -> None:
    waiting = wish(office, latest_on=date(2026, 8, 13))

    def offering(day: int) -> Any:
        def job(session: Session) -> Visit:
            return wishing.offer(session, None, session.get_one(Wish, waiting.id), at(day))

        return job

    results = together(office.build.database, [offering(12), offering(13)])
    assert codes(results) == ["state_changed"]
    assert len(offers(office, office.school)) == 1
    office.check_cells()


# Pages.


@on_sqlite
def test_a_school_says_what_would_suit(site: Site) -> None:
    visitor = site.browser(site.principal)
    where = f"/sesi/baru/usulkan?sekolah={site.school.public_id}&programme=pgts"
    page = Screen(visitor.get(where))
    fields = {
        "sekolah": site.school.public_id,
        "programme": "pgts",
        "earliest_on": page.value("earliest_on"),
        "latest_on": page.value("latest_on"),
        "weekdays": ["1", "3"],
        "starts": ["08:00"],
        "topic": page.value("topic"),
        "grades": page.checked("grades"),
        "expected_heads": page.value("expected_heads"),
        "room": "Aula",
        "needs": "",
    }
    wrong = visitor.post("/sesi/baru/usulkan", {**fields, "latest_on": ""})
    assert wrong.status_code == 422
    assert Screen(wrong).value("room") == "Aula"
    assert Screen(wrong).checked("weekdays") == ["1", "3"]
    assert visitor.post("/sesi/baru/usulkan", fields).status_code == 303
    again = visitor.post("/sesi/baru/usulkan", {**fields, "room": "Lapangan"})
    assert again.status_code == 422
    listed = Screen(visitor.get("/sesi/harapan"))
    [leave] = [action for action in listed.actions() if action.endswith("/tarik")]
    assert visitor.post(leave, {}).status_code == 303
    assert "/tarik" not in " ".join(Screen(visitor.get("/sesi/harapan")).actions())


@on_sqlite
def test_the_office_offers_a_free_time_with_one_press(site: Site) -> None:
    waiting = wish(site)
    visitor = site.browser(site.coordinator)
    page = Screen(visitor.get("/sesi/harapan"))
    assert "SMP Contoh Melati" in page.text
    where = f"/sesi/harapan/{waiting.public_id}/tawarkan"
    assert where in page.actions()
    assert visitor.post(where, {"slot": "kapan saja"}).status_code == 303
    assert site.fresh(waiting).state == WishState.WAITING
    [slot] = page.values("slot")
    answer = visitor.post(where, {"slot": slot})
    assert answer.headers["Location"].startswith("/sesi/")
    assert site.fresh(waiting).state == WishState.OFFERED
    assert "Ditawarkan" in Screen(visitor.get("/sesi/harapan")).text or site.fresh(waiting).visit_id


@on_sqlite
def test_other_schools_wishes_are_nobodys_business(site: Site) -> None:
    waiting = wish(site)
    _other, stranger = site.another_school()
    visitor = site.browser(stranger)
    assert "Berteman" not in Screen(visitor.get("/sesi/harapan")).text
    assert visitor.post(f"/sesi/harapan/{waiting.public_id}/tarik", {}).status_code == 404


@on_sqlite
def test_the_list_asks_as_much_for_many_as_for_few(site: Site) -> None:
    wish(site)
    visitor = site.browser(site.coordinator)
    visitor.get("/sesi/harapan")
    with read_statements(site.app.extensions["database"]) as few:
        visitor.get("/sesi/harapan")
    for _number in range(4):
        school, principal = site.another_school()
        wish(site, principal, school)
    with read_statements(site.app.extensions["database"]) as many:
        visitor.get("/sesi/harapan")
    assert len(many) == len(few)
