"""Offers of the office: invitations and other times, taken, let go, taken back, or not answered."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core import schedule
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.schedule import Workshop
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions.booking import request_visit
from portal.visits.actions.deciding import Approval, approve, cancel
from portal.visits.actions.lapsing import restore
from portal.visits.actions.offering import (
    CounterOffer,
    Invitation,
    accept,
    counter,
    invite,
    take_back,
    turn_down,
)
from portal.visits.models import Programme, Visit, VisitWorker
from portal.visits.states import Origin, VisitState
from tests.conftest import settings_for
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


def offered(
    office: Office, starts_at: datetime | None = None, school: School | None = None, **more: Any
) -> Visit:
    """Invite the usual school, as the coordinator."""
    values = {"own_topic": "Berteman", "grades": ("7",), "expected_heads": 80, **more}
    invitation = Invitation(office.build.programme(), starts_at or at(12), **values)
    actor = office.actor(office.coordinator)
    with office.build.database.writer() as session, transaction(session):
        return invite(session, actor, school or office.school, invitation)


def with_school(office: Office, action: Any, user: User, visit: Visit, *more: Any) -> Any:
    """Let somebody do what needs the school as well."""
    actor = office.actor(user)
    with office.build.database.writer() as session, transaction(session):
        found = session.get_one(Visit, visit.id)
        return action(session, actor, found, session.get_one(School, found.school_id), *more)


def books(office: Office, user: User, school: School, starts_at: datetime) -> Visit:
    """Ask for a session in a transaction of its own, which a refusal leaves nothing of."""
    actor, wanted = office.actor(user), office.build.request(starts_at)
    with office.build.database.writer() as session, transaction(session):
        return request_visit(session, actor, school, wanted)


def kinds(office: Office, user: User) -> list[str]:
    """Return the kinds of what waits for somebody."""
    return sorted(duty.kind for duty in office.duties(user))


def run_job(office: Office, name: str) -> dict[str, Any]:
    """Let the portal do something by itself, as its worker would."""
    url = office.build.database.writing.url.render_as_string(hide_password=False)
    shop = Workshop(office.build.database, settings_for(Path(), url))
    return schedule.jobs[name].run(shop)


def two_go(office: Office, people: int = 60) -> User:
    """Let two social workers come to more than so many people; return another worker."""
    with office.build.database.writer() as session, transaction(session):
        programme = session.get_one(Programme, office.build.programme().id)
        programme.people_per_worker = people
    return office.build.worker("Andi Peksos")


def test_an_offer_keeps_its_time_and_waits_for_the_school(office: Office) -> None:
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    visit = offered(office, note="Bersama dua sekolah tetangga")
    assert (visit.state, visit.origin) == (VisitState.OFFERED, Origin.INVITATION)
    assert visit.offer_note == "Bersama dua sekolah tetangga"
    office.check_cells()
    for user in (office.principal, operator):
        [duty] = office.duties(user)
        assert (duty.kind, duty.due_at) == ("answer_offer", visit.answer_by)
    # Three working days after Monday.
    assert visit.answer_by == at(6, 16)
    other, principal = office.another_school()
    problem = refused(lambda: books(office, principal, other, at(12)))
    assert problem.code == "slot_taken"


def test_one_press_takes_an_offer_and_a_second_changes_nothing(office: Office) -> None:
    visit = offered(office)
    with_school(office, accept, office.principal, visit)
    taken = office.fresh(visit)
    assert (taken.state, taken.decided_by) == (VisitState.SCHEDULED, office.principal.id)
    with_school(office, accept, office.principal, visit)
    assert office.fresh(visit).version == taken.version
    assert "answer_offer" not in kinds(office, office.principal)
    assert kinds(office, office.worker) == []
    office.check_cells()


def test_an_offer_needs_a_coordinator_and_a_possible_time(office: Office) -> None:
    invitation = Invitation(office.build.programme(), at(12), expected_heads=80)
    with office.build.database.writer() as session:
        for user in (office.principal, office.worker):
            actor = office.actor(user)
            problem = refused(lambda: invite(session, actor, office.school, invitation))  # noqa: B023
            assert problem.code == "not_allowed"
    assert refused(lambda: offered(office, at(16))).code == "slot_outside"
    assert refused(lambda: offered(office, at(17))).code == "slot_outside"
    assert refused(lambda: offered(office, at(31, 8, month=7))).code == "slot_outside"
    # Too soon, and outside the worker's hours: only with a reason, which is kept.
    for moment in (at(4), at(12, 17)):
        problem = refused(lambda: offered(office, moment, worker_id=office.worker.id))  # noqa: B023
        assert problem.code == "reason_needed"
    soon = offered(office, at(4), worker_id=office.worker.id, reason="Diminta lewat telepon")
    assert soon.override_reason == "Diminta lewat telepon"
    # Nobody is ever booked twice, whatever the reason.
    other, _principal = office.another_school()
    twice = refused(lambda: offered(office, at(4), other, worker_id=office.worker.id, reason="Ya"))
    assert twice.code == "worker_busy"
    busy = refused(lambda: offered(office, at(4), reason="Ya"))
    assert busy.code == "school_busy"
    office.check_cells(soon)


def test_another_time_frees_the_one_asked_for(office: Office) -> None:
    asked = office.requested(at(12))
    with_school(office, counter, office.coordinator, asked, CounterOffer(at(13), note="Hari Kamis"))
    moved = office.fresh(asked)
    assert (moved.state, moved.starts_at, moved.ends_at) == (
        VisitState.OFFERED,
        at(13),
        at(13, 9, 30),
    )
    assert kinds(office, office.coordinator) == []
    office.check_cells()
    other, principal = office.another_school()
    assert office.build.requested(principal, other, at(12)).state == VisitState.REQUESTED
    with_school(office, accept, office.principal, asked)
    assert office.fresh(asked).state == VisitState.SCHEDULED


def test_the_time_asked_for_is_no_other_time(office: Office) -> None:
    asked = office.requested(at(12))
    act = (counter, office.coordinator, asked, CounterOffer(at(12)))
    assert refused(lambda: with_school(office, *act)).code == "same_time"


def test_letting_an_offer_go_tells_whoever_made_it(office: Office) -> None:
    visit = offered(office)
    office.does(turn_down, office.principal, visit, "Ada ujian")
    ended = office.fresh(visit)
    assert (ended.state, ended.reason) == (VisitState.WITHDRAWN, "Ada ujian")
    assert kinds(office, office.coordinator) == ["news_offer_over"]
    assert kinds(office, office.principal) == []
    office.check_cells()


def test_an_offer_taken_back_tells_the_school(office: Office) -> None:
    visit = offered(office)
    office.does(take_back, office.coordinator, visit, "Peksos bertugas di tempat lain")
    assert office.fresh(visit).state == VisitState.CANCELLED
    assert kinds(office, office.principal) == ["news_offer_over"]
    office.check_cells()


def test_what_nobody_answers_is_let_go_and_both_sides_hear(office: Office, now: Traveller) -> None:
    offer, request = offered(office, at(13)), office.requested(at(18))
    assert run_job(office, "visit_deadlines")["lapsed"] == 0
    now.move_to(at(7))
    assert run_job(office, "visit_deadlines") == {"changes": 0, "lapsed": 1, "wishes": 0}
    assert office.fresh(offer).state == VisitState.LAPSED
    assert kinds(office, office.principal) == ["news_offer_over"]
    # The request is overdue, but there is time left to answer it.
    assert office.fresh(request).state == VisitState.REQUESTED
    now.move_to(at(14, 9))
    assert run_job(office, "visit_deadlines")["lapsed"] == 1
    assert office.fresh(request).state == VisitState.LAPSED
    assert "news_lapsed" in kinds(office, office.coordinator)
    office.check_cells()


@on_sqlite
def test_the_office_may_keep_requests_until_their_time(office: Office, now: Traveller) -> None:
    office.build.setting("release_unanswered", 0)
    request = office.requested(at(18))
    now.move_to(at(14, 9))
    assert run_job(office, "visit_deadlines")["lapsed"] == 0
    now.move_to(at(18, 8))
    assert run_job(office, "visit_deadlines")["lapsed"] == 1
    assert office.fresh(request).state == VisitState.LAPSED


def test_what_ended_is_taken_up_again_while_its_time_is_free(office: Office) -> None:
    visit = office.requested(at(12))
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    office.does(cancel, office.coordinator, visit, "Banjir")
    with_school(office, restore, office.coordinator, visit)
    again = office.fresh(visit)
    assert (again.state, again.reason, again.decided_by) == (VisitState.REQUESTED, "", None)
    assert kinds(office, office.coordinator) == ["answer_request"]
    office.check_cells()
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    office.does(cancel, office.coordinator, visit, "Banjir")
    other, principal = office.another_school()
    office.build.requested(principal, other, at(12))
    problem = refused(lambda: with_school(office, restore, office.coordinator, visit))
    assert problem.code == "slot_taken"
    office.check_cells()


@on_sqlite
def test_many_people_are_offered_two_workers(office: Office) -> None:
    along = two_go(office)
    visit = offered(office, expected_heads=100)
    crew = {visit.social_worker_id}
    with office.build.database.reader() as session:
        crew |= {row.user_id for row in session.query(VisitWorker)}
    assert crew == {office.worker.id, along.id}
    office.check_cells()
    office.does(turn_down, office.principal, visit, "")
    office.check_cells()


def accepts(office: Office, visit: Visit) -> Any:
    actor = office.actor(office.principal)

    def job(session: Session) -> str:
        found = session.get_one(Visit, visit.id)
        accept(session, actor, found, session.get_one(School, found.school_id))
        return "accepted"

    return job


def test_taking_and_taking_back_at_once_leaves_one_of_both(office: Office) -> None:
    for day in (12, 13, 14):
        visit = offered(office, at(day))
        coordinator = office.actor(office.coordinator)

        def back(session: Session, visit: Visit = visit, who: Any = coordinator) -> str:
            take_back(session, who, session.get_one(Visit, visit.id), "Alasan")
            return "taken back"

        results = together(office.build.database, [accepts(office, visit), back])
        assert codes(results) == ["state_changed"]
        ended = {"accepted": VisitState.SCHEDULED, "taken back": VisitState.CANCELLED}
        assert office.fresh(visit).state == ended[winners(results)[0]]
    office.check_cells()


def test_an_invitation_and_a_booking_of_the_same_time(office: Office) -> None:
    other, principal = office.another_school()
    for day in (12, 13, 14):
        asked = office.build.request(at(day))
        invitation = Invitation(office.build.programme(), at(day), expected_heads=80)
        who, asks = office.actor(office.coordinator), office.actor(principal)

        def invites(session: Session, what: Invitation = invitation, who: Any = who) -> Visit:
            return invite(session, who, office.school, what)

        def books(session: Session, what: Any = asked, who: Any = asks) -> Visit:
            return request_visit(session, who, other, what)

        results = together(office.build.database, [invites, books])
        assert codes(results) == ["slot_taken"]
        assert len(winners(results)) == 1
    office.check_cells()


# Pages.


@on_sqlite
def test_the_school_sees_an_offer_first_and_takes_it_with_one_press(site: Site) -> None:
    visit = offered(site, note="Kami di dekat sana")
    visitor = site.browser(site.principal)
    screen = Screen(visitor.get(f"/sesi/{visit.public_id}"))
    assert "Kami di dekat sana" in screen.text
    assert f"/sesi/{visit.public_id}/terima" in screen.actions()
    overview = Screen(visitor.get("/sesi"))
    assert f"/sesi/{visit.public_id}/terima" in overview.actions()
    answer = visitor.post(f"/sesi/{visit.public_id}/terima", {})
    assert answer.status_code == 303
    assert site.fresh(visit).state == VisitState.SCHEDULED


@on_sqlite
def test_the_office_offers_from_the_free_times(site: Site) -> None:
    visitor = site.browser(site.coordinator)
    page = Screen(visitor.get(f"/sesi/undang?sekolah={site.school.public_id}"))
    assert at(6).isoformat()[:10] in page.values("slot")[0]
    fields = {
        "sekolah": site.school.public_id,
        "programme": "pgts",
        "topic": page.value("topic"),
        "grades": "7",
        "expected_heads": "80",
        "worker": "",
        "slot": page.values("slot")[1],
        "note": "Senang berjumpa",
    }
    turned = visitor.post("/sesi/undang", {**fields, "pekan": "2026-08-17"})
    assert turned.status_code == 200
    assert "Senang berjumpa" in turned.get_data(as_text=True)
    # Too many people: what was typed stays.
    crowd = visitor.post("/sesi/undang", {**fields, "expected_heads": "1999"})
    assert crowd.status_code == 422
    assert Screen(crowd).value("note") == "Senang berjumpa"
    made = visitor.post("/sesi/undang", fields)
    assert made.status_code == 303
    assert visitor.get(made.headers["Location"]).status_code == 200
    assert visitor.get("/sesi/undang?cari=Melati").status_code == 200


@on_sqlite
def test_the_office_answers_a_request_with_another_time(site: Site) -> None:
    visit = site.requested(at(12))
    visitor = site.browser(site.coordinator)
    where = f"/sesi/{visit.public_id}/tawarkan"
    assert where in Screen(visitor.get(f"/sesi/{visit.public_id}")).links()
    page = Screen(visitor.get(where))
    own = {"own_day": "2026-08-15", "own_time": "08:00", "worker": site.worker.public_id}
    saturday = visitor.post(where, own)
    assert saturday.status_code == 422
    late = {**own, "own_day": "2026-08-14", "own_time": "15:00"}
    assert visitor.post(where, late).status_code == 422
    assert visitor.post(where, {**late, "reason": "Guru meminta"}).status_code == 303
    assert site.fresh(visit).starts_at == at(14, 15)
    assert page.values("slot")
    # Once answered, there is nothing to offer any more.
    assert visitor.get(where).status_code == 404


@on_sqlite
def test_nothing_chosen_is_said_in_words(site: Site) -> None:
    visit = site.requested(at(12))
    answer = site.browser(site.coordinator).post(f"/sesi/{visit.public_id}/tawarkan", {})
    assert answer.status_code == 422
    assert "Pilih waktu untuk sesi ini." in Screen(answer).text


@on_sqlite
@pytest.mark.parametrize("leaf", ["terima", "lewatkan"])
def test_another_school_finds_no_offer(site: Site, leaf: str) -> None:
    visit = offered(site)
    _school, stranger = site.another_school()
    answer = site.browser(stranger).post(f"/sesi/{visit.public_id}/{leaf}", {})
    assert answer.status_code == 404
    assert site.fresh(visit).state == VisitState.OFFERED


@on_sqlite
def test_an_invitation_without_a_school_asks_for_one(site: Site) -> None:
    desk = site.browser(site.coordinator)
    page = Screen(desk.post("/sesi/undang", {"programme": "pgts"}))
    assert page.status == 422
    assert page.named("cari")
