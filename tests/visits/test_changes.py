"""Changes of a scheduled session: asked for, agreed to or not, and what ends them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core.access import Role
from portal.core.db import transaction
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import answering, changing
from portal.visits.actions.answering import Answer
from portal.visits.actions.booking import hold_slot
from portal.visits.actions.cells import crew_of
from portal.visits.actions.changing import Wanted
from portal.visits.actions.deciding import Approval, approve, cancel, reassign
from portal.visits.models import Visit, VisitChange
from portal.visits.states import ChangeState, VisitState
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
from tests.visits.ledger import check_cells
from tests.visits.screen import Screen
from tests.visits.test_leaving import leaves
from tests.visits.test_offers import books, kinds, offered, run_job, two_go, with_school


def scheduled(office: Office, starts_at: datetime | None = None, **more: Any) -> Visit:
    """Ask for a session and approve it."""
    visit = office.requested(starts_at or at(12), **more)
    office.does(approve, office.coordinator, visit, Approval(visit.social_worker_id))
    return visit


def wanted(starts_at: datetime, **more: Any) -> Wanted:
    """Return another time, and a reason."""
    values = {"grades": ("7",), "expected_heads": 100, "room": "", "reason": "Ada ujian", **more}
    return Wanted(starts_at, **values)


def ask(office: Office, visit: Visit, starts_at: datetime, **more: Any) -> VisitChange | None:
    """Ask for a change, as the principal."""
    command = wanted(starts_at, **more)
    result: VisitChange | None = with_school(office, changing.ask, office.principal, visit, command)
    return result


def propose(office: Office, visit: Visit, starts_at: datetime, **more: Any) -> VisitChange | None:
    """Propose a change, as the coordinator."""
    act = (changing.propose, office.coordinator, visit, wanted(starts_at, **more))
    result: VisitChange | None = with_school(office, *act)
    return result


def answer(office: Office, visit: Visit, user: User, **more: Any) -> None:
    """Agree to the change that waits."""
    with_school(office, answering.accept, user, visit, Answer(**more))


def state_of(office: Office, visit: Visit) -> list[str]:
    """Return the states of a session's changes, by name: here all begin at the same moment."""
    with office.build.database.reader() as session:
        query = select(VisitChange.state).where(VisitChange.visit_id == visit.id)
        return sorted(session.scalars(query))


def check_but(office: Office, *ways: tuple[Visit, datetime]) -> None:
    """Compare the cells, but for ways of the usual worker that were passed over."""
    given = {(visit.id, office.worker.id, moment) for visit, moment in ways}
    check_cells(office.build.database, frozenset(given))


def test_the_old_time_stays_and_the_new_one_is_taken_too(office: Office) -> None:
    visit = scheduled(office)
    change = ask(office, visit, at(13))
    assert change is not None
    assert office.fresh(visit).starts_at == at(12)
    office.check_cells()
    assert kinds(office, office.coordinator) == ["answer_change"]
    for moment in (at(12), at(13)):
        other, principal = office.another_school()
        problem = refused(lambda: books(office, principal, other, moment))  # noqa: B023
        assert problem.code == "slot_taken"
    answer(office, visit, office.coordinator)
    moved = office.fresh(visit)
    assert (moved.starts_at, moved.ends_at) == (at(13), at(13, 9, 30))
    assert moved.version > visit.version
    office.check_cells()
    assert "news_change_answered" in kinds(office, office.principal)
    assert kinds(office, office.worker) == ["news_changed"]
    other, principal = office.another_school()
    assert office.build.requested(principal, other, at(12)).state == VisitState.REQUESTED


def test_a_time_that_overlaps_the_old_one_moves_too(office: Office) -> None:
    office.build.setting("visit_starts", ["08:00", "09:00"])
    visit = scheduled(office)
    ask(office, visit, at(12, 9))
    office.check_cells()
    answer(office, visit, office.coordinator)
    office.check_cells()
    ask(office, visit, at(12, 8))
    office.does(answering.decline, office.coordinator, visit, "Ada sesi lain")
    office.check_cells()
    assert office.fresh(visit).starts_at == at(12, 9)


def test_a_no_leaves_everything_as_it_was(office: Office) -> None:
    visit = scheduled(office)
    ask(office, visit, at(13))
    problem = refused(lambda: office.does(answering.decline, office.coordinator, visit, ""))
    assert problem.code == "reason_for_other"
    office.does(answering.decline, office.coordinator, visit, "Semua bertugas")
    assert state_of(office, visit) == [ChangeState.DECLINED]
    assert office.fresh(visit).starts_at == at(12)
    office.check_cells()
    assert "news_change_answered" in kinds(office, office.principal)


def test_one_change_at_a_time(office: Office) -> None:
    visit = scheduled(office)
    ask(office, visit, at(13))
    assert refused(lambda: ask(office, visit, at(14))).code == "change_open"
    office.does(answering.withdraw, office.principal, visit)
    office.check_cells()
    ask(office, visit, at(14))
    assert state_of(office, visit) == [ChangeState.ASKED, ChangeState.WITHDRAWN]
    office.check_cells()


def test_each_side_answers_the_other_and_not_itself(office: Office) -> None:
    visit = scheduled(office)
    ask(office, visit, at(13))
    assert refused(lambda: answer(office, visit, office.principal)).code == "not_allowed"
    wrong = refused(lambda: office.does(answering.withdraw, office.coordinator, visit))
    assert wrong.code == "not_allowed"
    office.does(answering.withdraw, office.principal, visit)
    propose(office, visit, at(14))
    assert "answer_change" in kinds(office, office.principal)
    assert refused(lambda: answer(office, visit, office.coordinator)).code == "not_allowed"
    answer(office, visit, office.principal)
    assert office.fresh(visit).starts_at == at(14)
    office.check_cells()


def test_small_changes_need_nobodys_word(office: Office) -> None:
    visit = scheduled(office)
    assert ask(office, visit, at(12), expected_heads=80, room="Aula", reason="") is None
    fresh = office.fresh(visit)
    assert (fresh.expected_heads, fresh.room, fresh.starts_at) == (80, "Aula", at(12))
    assert kinds(office, office.worker) == ["news_changed"]
    assert state_of(office, visit) == []
    # Nothing differs: nothing is told.
    version = fresh.version
    ask(office, visit, at(12), expected_heads=80, room="Aula", reason="")
    assert office.fresh(visit).version == version


@on_sqlite
def test_too_many_people_are_too_many(office: Office) -> None:
    visit = scheduled(office)
    most = office.build.programme().most_people
    problem = refused(lambda: ask(office, visit, at(12), expected_heads=most + 1))
    assert problem.code == "audience_too_large"


@on_sqlite
def test_more_people_than_who_comes_can_serve_wait_for_an_answer(office: Office) -> None:
    along = two_go(office)
    visit = scheduled(office, expected_heads=50)
    change = ask(office, visit, at(12), expected_heads=100)
    assert change is not None
    office.check_cells()
    answer(office, visit, office.coordinator)
    fresh = office.fresh(visit)
    with office.build.database.reader() as session:
        crew = {fresh.social_worker_id, *crew_of(session, visit.id)}
    assert crew == {office.worker.id, along.id}
    office.check_cells()


@on_sqlite
def test_whoever_goes_along_goes_to_the_new_time_too(office: Office) -> None:
    along = two_go(office)
    visit = scheduled(office, expected_heads=100)
    ask(office, visit, at(13))
    office.check_cells()
    answer(office, visit, office.coordinator)
    office.check_cells()
    # One of the two is elsewhere on Friday, and nobody else could come instead.
    other, principal = office.another_school()
    there = office.build.requested(principal, other, at(14), expected_heads=50)
    office.does(approve, office.coordinator, there, Approval(along.id))
    assert refused(lambda: ask(office, visit, at(14))).code in {"slot_taken", "crew_elsewhere"}


@on_sqlite
def test_notice_counts_for_the_old_time_and_the_new(office: Office, now: Traveller) -> None:
    visit = scheduled(office, at(12))
    # From Wednesday on only Monday and later can be asked for.
    now.move_to(at(5, 9))
    assert refused(lambda: ask(office, visit, at(7))).code == "too_late_to_change"
    now.move_to(at(11, 9))
    problem = refused(lambda: ask(office, visit, at(21)))
    assert (problem.code, problem.facts) == ("too_late_to_change", {"days": 3})
    # The office can, and its reason is kept where notice is short.
    change = propose(office, visit, at(13))
    assert change is not None
    assert office.fresh(change).reason == "Ada ujian"
    check_but(office, (visit, at(13, 9, 30)))
    answer(office, visit, office.principal)
    check_but(office, (visit, at(13, 9, 30)))


@on_sqlite
def test_the_office_may_send_somebody_else_to_the_new_time(office: Office) -> None:
    visit = scheduled(office)
    other = office.build.worker("Andi Peksos")
    ask(office, visit, at(13))
    answer(office, visit, office.coordinator, worker_id=other.id)
    assert office.fresh(visit).social_worker_id == other.id
    assert kinds(office, other) == ["news_changed"]
    assert kinds(office, office.worker) == ["news_changed"]
    office.check_cells()


@on_sqlite
def test_another_worker_for_the_old_time_leaves_the_new_one_taken(office: Office) -> None:
    visit = scheduled(office)
    other = office.build.worker("Andi Peksos")
    ask(office, visit, at(13))
    office.does(reassign, office.coordinator, visit, Approval(other.id))
    office.check_cells()
    answer(office, visit, office.coordinator)
    office.check_cells()


@on_sqlite
def test_a_way_that_was_given_up_does_not_stand_in_the_way(office: Office) -> None:
    office.build.setting("visit_starts", ["08:00", "09:30", "13:00"])
    visit = scheduled(office, at(12, 8))
    other, principal = office.another_school(district="18.72.02")
    # Straight afterwards at another school, in spite of the way between both.
    next_door = office.build.requested(principal, other, at(12, 13))
    act = (changing.propose, office.coordinator, next_door, wanted(at(12, 9, 30)))
    office.does(approve, office.coordinator, next_door, Approval(office.worker.id))
    with_school(office, *act)
    with_school(office, answering.accept, principal, next_door, Answer())
    assert office.fresh(next_door).override_reason
    passed_over = ((visit, at(12, 9, 30)), (next_door, at(12, 11)))
    ask(office, visit, at(13))
    check_but(office, *passed_over)
    office.does(answering.withdraw, office.principal, visit)
    check_but(office, *passed_over)


@on_sqlite
def test_what_ends_the_session_ends_its_change(office: Office, now: Traveller) -> None:
    visit = scheduled(office)
    ask(office, visit, at(13))
    office.does(cancel, office.coordinator, visit, "Banjir")
    assert state_of(office, visit) == [ChangeState.WITHDRAWN]
    office.check_cells()
    visit = scheduled(office, at(12))
    ask(office, visit, at(20))
    now.move_to(at(12, 8, 30))
    assert run_job(office, "visit_deadlines")["changes"] == 1
    assert office.fresh(visit).state == VisitState.SCHEDULED
    assert "news_change_answered" in kinds(office, office.principal)
    office.check_cells()


@on_sqlite
def test_a_proposal_nobody_answers_comes_to_nothing(office: Office, now: Traveller) -> None:
    visit = scheduled(office, at(20))
    propose(office, visit, at(21))
    now.move_to(at(6, 15))
    assert run_job(office, "visit_deadlines")["changes"] == 0
    now.move_to(at(6, 16))
    assert run_job(office, "visit_deadlines")["changes"] == 1
    assert "news_change_answered" in kinds(office, office.coordinator)
    office.check_cells()


@on_sqlite
def test_a_change_that_counts_on_whoever_leaves_comes_to_nothing(office: Office) -> None:
    visit = scheduled(office)
    heir = office.build.worker("Andi Peksos")
    ask(office, visit, at(13))
    leaves(office, office.build.user(Role.ADMIN), heir)
    assert state_of(office, visit) == [ChangeState.WITHDRAWN]
    assert office.fresh(visit).social_worker_id == heir.id
    assert "news_change_answered" in kinds(office, office.principal)
    office.check_cells()


@on_sqlite
def test_offers_and_crews_of_whoever_leaves(office: Office) -> None:
    along = two_go(office)
    admin = office.build.user(Role.ADMIN)
    together_there = scheduled(office, at(12), expected_heads=100)
    with office.build.database.reader() as session:
        crew = {office.fresh(together_there).social_worker_id, *crew_of(session, together_there.id)}
    assert crew == {office.worker.id, along.id}
    other, _principal = office.another_school()
    alone = offered(office, at(13), other, worker_id=office.worker.id, expected_heads=50)
    leaves(office, admin)
    # Nobody takes the offer over, so it is no offer any more; the session needs somebody.
    assert office.fresh(alone).state == VisitState.LAPSED
    assert "find_worker" in kinds(office, office.coordinator)
    office.check_cells()
    heir = office.build.worker("Budi Peksos")
    leaves(office, admin, heir, along)
    fresh = office.fresh(together_there)
    with office.build.database.reader() as session:
        assert heir.id in {fresh.social_worker_id, *crew_of(session, fresh.id)}
    office.check_cells()


def test_a_change_at_once_with_a_cancellation(office: Office) -> None:
    for day in (12, 18, 20):
        visit = scheduled(office, at(day))
        ask(office, visit, at(day) + timedelta(days=1))
        coordinator = office.actor(office.coordinator)

        def agrees(session: Session, visit: Visit = visit, who: Any = coordinator) -> str:
            found = session.get_one(Visit, visit.id)
            answering.accept(
                session, who, found, session.get_one(School, visit.school_id), Answer()
            )
            return "moved"

        def cancels(session: Session, visit: Visit = visit, who: Any = coordinator) -> str:
            cancel(session, who, session.get_one(Visit, visit.id), "Banjir")
            return "cancelled"

        results = together(office.build.database, [agrees, cancels])
        # Either the change comes first and the moved session is cancelled, or it comes too late.
        assert "cancelled" in winners(results)
        assert codes(results) in ([], ["state_changed"])
        assert office.fresh(visit).state == VisitState.CANCELLED
        office.check_cells()


# Pages.


@on_sqlite
def test_the_school_asks_and_the_office_agrees(site: Site) -> None:
    visit = scheduled(site)
    where = f"/sesi/{visit.public_id}"
    school, desk = site.browser(site.principal), site.browser(site.coordinator)
    assert f"{where}/ubah" in Screen(school.get(where)).links()
    page = Screen(school.get(f"{where}/ubah"))
    assert page.value("expected_heads") == "100"
    [slot] = [value for value in page.values("slot") if value.startswith("2026-08-06T10:00")]
    fields = {"grades": "7", "expected_heads": "90", "room": "Aula", "slot": slot}
    fields["version"] = page.value("version")
    without = school.post(f"{where}/ubah", fields)
    assert without.status_code == 422
    assert Screen(without).value("room") == "Aula"
    assert school.post(f"{where}/ubah", {**fields, "reason": "Ada ujian"}).status_code == 303
    seen = Screen(desk.get(where))
    assert "Ada ujian" in seen.text
    assert f"{where}/perubahan/setujui" in seen.actions()
    assert f"{where}/perubahan/batal" in Screen(school.get(where)).actions()
    assert where in Screen(desk.get("/sesi")).links()
    assert desk.post(f"{where}/perubahan/setujui", {"worker": ""}).status_code == 303
    assert site.fresh(visit).starts_at == at(6, 10)


@on_sqlite
def test_the_office_proposes_and_the_school_keeps_its_time(site: Site) -> None:
    visit = scheduled(site)
    where = f"/sesi/{visit.public_id}"
    school, desk = site.browser(site.principal), site.browser(site.coordinator)
    page = Screen(desk.get(f"{where}/pindahkan"))
    fields = {"grades": "7", "expected_heads": "100", "room": "", "worker": ""}
    fields |= {"slot": page.values("slot")[-1], "reason": "Peksos ikut pelatihan"}
    fields["version"] = page.value("version")
    assert desk.post(f"{where}/pindahkan", fields).status_code == 303
    seen = Screen(school.get(where))
    assert "Peksos ikut pelatihan" in seen.text
    assert f"{where}/perubahan/terima" in seen.actions()
    assert school.post(f"{where}/perubahan/tetap", {"reason": ""}).status_code == 303
    assert site.fresh(visit).starts_at == at(12)
    assert desk.post(f"{where}/pindahkan", fields).status_code == 303
    assert desk.post(f"{where}/perubahan/tarik", {}).status_code == 303
    assert state_of(site, visit) == [ChangeState.DECLINED, ChangeState.WITHDRAWN]


@on_sqlite
def test_nobody_overwrites_what_a_colleague_saved(site: Site) -> None:
    visit = scheduled(site)
    visitor = site.browser(site.principal)
    where = f"/sesi/{visit.public_id}/ubah"
    page = Screen(visitor.get(where))
    fields = {"grades": "7", "expected_heads": "90", "room": "Aula", "slot": ""}
    fields["version"] = page.value("version")
    ask(site, visit, at(12), room="Lapangan", reason="")
    late = Screen(visitor.post(where, fields))
    assert late.status == 409
    assert "Lapangan" in late.text
    assert late.value("room") == "Aula"
    assert visitor.post(where, {**fields, "version": late.value("version")}).status_code == 303
    assert site.fresh(visit).room == "Aula"


@on_sqlite
def test_only_a_session_to_come_can_be_changed(site: Site, now: Traveller) -> None:
    visit = site.requested(at(12))
    school = site.browser(site.principal)
    assert school.get(f"/sesi/{visit.public_id}/ubah").status_code == 404
    site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    assert school.get(f"/sesi/{visit.public_id}/ubah").status_code == 200
    _other, stranger = site.another_school()
    assert site.browser(stranger).get(f"/sesi/{visit.public_id}/ubah").status_code == 404
    now.move_to(at(12))
    assert site.browser(site.principal).get(f"/sesi/{visit.public_id}/ubah").status_code == 404


def test_a_hold_that_ran_out_or_is_ones_own_keeps_no_change_away(
    office: Office, now: Traveller
) -> None:
    mine, second = scheduled(office), scheduled(office, at(14))
    other, principal = office.another_school()
    session = office.build.session
    with transaction(session):
        hold_slot(session, office.actor(principal), other, office.build.programme(), at(13))
    now.shift(timedelta(minutes=11))
    assert ask(office, mine, at(13)) is not None
    with transaction(session):
        own = office.actor(office.principal)
        hold_slot(session, own, office.school, office.build.programme(), at(18))
    assert ask(office, second, at(18)) is not None
    office.check_cells()


@on_sqlite
def test_somebody_else_at_the_same_time_is_not_a_proposal(site: Site) -> None:
    visit = scheduled(site)
    desk = site.browser(site.coordinator)
    where = f"/sesi/{visit.public_id}/pindahkan"
    page = Screen(desk.get(where))
    fields = {"grades": "7", "expected_heads": "100", "slot": "", "reason": "Peksos ikut pelatihan"}
    fields |= {"worker": page.values("worker")[-1] or site.worker.public_id}
    fields["version"] = page.value("version")
    answer = Screen(desk.post(where, fields))
    assert answer.status == 422
    assert answer.value("reason") == "Peksos ikut pelatihan"
    assert state_of(site, visit) == []
