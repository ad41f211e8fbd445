"""When a social worker leaves: coming sessions find somebody, and the calendar stays exact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import Traveller

from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.people.actions import appointments
from portal.people.models import Membership, User
from portal.visits.actions.booking import hold_slot
from portal.visits.actions.deciding import Approval, approve, reassign
from portal.visits.models import Blackout, Leave, Visit
from portal.visits.states import VisitState
from tests.trail import trail
from tests.visits.conftest import Office, Site, at
from tests.visits.screen import Screen


@pytest.fixture
def admin(office: Office) -> User:
    """Return the office's administrator."""
    return office.build.user(Role.ADMIN)


def approved(office: Office, *when: int) -> Visit:
    """Return a session that is settled with the usual worker."""
    visit = office.requested(at(*when))
    assert visit.social_worker_id == office.worker.id
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    return visit


def leaves(office: Office, admin: User, heir: User | None = None, who: User | None = None) -> None:
    """End the role of the usual worker."""
    actor = office.actor(admin)
    with office.build.database.writer() as session, transaction(session):
        held = (
            session.query(Membership)
            .filter(Membership.user_id == (who or office.worker).id)
            .order_by(Membership.id)
            .first()
        )
        assert held
        appointments.end_membership(session, actor, held, heir.id if heir else None)


def kinds(office: Office, user: User, visit: Visit) -> list[str]:
    """Return what waits for somebody about a session."""
    return sorted(duty.kind for duty in office.duties(user) if duty.subject_id == visit.id)


def told(office: Office) -> list[object]:
    """Return whom the trail says sessions went to."""
    every = trail(office.build.database)
    return [each.facts["worker_id"] for each in every if each.action == "visit.handed_over"]


def test_a_free_successor_takes_over_what_is_settled_and_what_is_asked_for(
    office: Office, admin: User, now: Traveller
) -> None:
    settled, asked = approved(office, 12), office.requested(at(13))
    heir = office.build.worker("Dewi Peksos")
    leaves(office, admin, heir)
    for visit, state in ((settled, VisitState.SCHEDULED), (asked, VisitState.REQUESTED)):
        kept = office.fresh(visit)
        assert (kept.social_worker_id, kept.state) == (heir.id, state)
    office.check_cells()
    assert told(office) == [heir.id.hex] * 2
    assert kinds(office, office.coordinator, asked) == ["answer_request"]
    assert kinds(office, office.coordinator, settled) == []
    # The school notices nothing, and the record is the successor's to write.
    assert not [kind for kind in kinds(office, office.principal, settled) if "news" in kind]
    now.move_to(at(12, 12))
    assert kinds(office, heir, settled) == ["record_delivery"]
    assert kinds(office, office.worker, settled) == []


@pytest.mark.parametrize("why", ["nobody", "busy", "on leave", "no hours", "no sessions"])
def test_without_a_free_successor_the_coordinator_finds_somebody(
    office: Office, admin: User, now: Traveller, why: str
) -> None:
    settled, asked = approved(office, 12), office.requested(at(13))
    heir = office.build.worker("Dewi Peksos", weekdays=range(0) if why == "no hours" else range(5))
    if why == "busy":
        for day in (12, 13):
            other, _principal = office.another_school()
            office.build.delivered(other, heir, at(day).date(), state=VisitState.SCHEDULED)
    elif why == "on leave":
        days = {"first_day": at(10).date(), "last_day": at(20).date()}
        office.build.save(Leave(user_id=heir.id, recorded_by=admin.id, **days))
    elif why == "no sessions":
        note = {"name": "Rapat", "recorded_by": admin.id, "recorded_at": at(3)}
        days = {"first_on": at(10).date(), "last_on": at(20).date()}
        programme = office.build.programme()
        office.build.save(Blackout(programme_id=programme.id, **days, **note))
    leaves(office, admin, None if why == "nobody" else heir)
    assert office.fresh(settled).social_worker_id == office.worker.id
    assert kinds(office, office.coordinator, settled) == ["find_worker"]
    # What is asked for waits for its answer anyway, and that chooses somebody.
    assert kinds(office, office.coordinator, asked) == ["answer_request"]
    assert told(office) == [None, None]
    office.check_cells()
    now.move_to(at(12, 12))
    for user in (heir, office.worker):
        assert kinds(office, user, settled) == []


def test_of_two_sessions_the_one_that_fits_goes_over(office: Office, admin: User) -> None:
    first, second = approved(office, 12), approved(office, 13)
    heir = office.build.worker("Dewi Peksos")
    other, _principal = office.another_school()
    office.build.delivered(other, heir, at(13).date(), state=VisitState.SCHEDULED)
    leaves(office, admin, heir)
    assert office.fresh(first).social_worker_id == heir.id
    assert office.fresh(second).social_worker_id == office.worker.id
    assert kinds(office, office.coordinator, first) == []
    assert kinds(office, office.coordinator, second) == ["find_worker"]
    office.check_cells()


def test_what_is_over_stays_with_whoever_did_it(
    office: Office, admin: User, now: Traveller
) -> None:
    visit = approved(office, 12)
    heir = office.build.worker("Dewi Peksos")
    now.move_to(at(12, 12))
    leaves(office, admin, heir)
    assert office.fresh(visit).social_worker_id == office.worker.id
    assert told(office) == []
    # Somebody still has to write down how it went.
    assert kinds(office, heir, visit) == ["record_delivery"]


def test_another_role_takes_no_session_along(office: Office, admin: User) -> None:
    visit = approved(office, 12)
    heir = office.build.user(Role.COORDINATOR)
    leaves(office, admin, heir, who=office.coordinator)
    assert office.fresh(visit).social_worker_id == office.worker.id
    assert told(office) == []


def test_the_coordinator_can_still_answer_and_choose(site: Site) -> None:
    asked = site.requested(at(13))
    admin = site.build.user(Role.ADMIN)
    heir = site.build.worker("Dewi Peksos")
    leaves(site, admin)
    desk = site.browser(site.coordinator)
    assert desk.get("/permintaan").status_code == 200
    page = Screen(desk.get(f"/permintaan/{asked.public_id}/periksa"))
    assert page.status == 200
    assert heir.short_name in page.text
    gone = {"worker": site.worker.public_id}
    assert desk.post(f"/permintaan/{asked.public_id}/setujui", gone).status_code == 422
    chosen = {"worker": heir.public_id}
    assert desk.post(f"/permintaan/{asked.public_id}/setujui", chosen).status_code == 303
    assert site.fresh(asked).social_worker_id == heir.id
    site.check_cells()


def test_whoever_is_found_ends_the_search(office: Office, admin: User) -> None:
    visit = approved(office, 12)
    leaves(office, admin)
    heir = office.build.worker("Dewi Peksos")
    office.does(reassign, office.coordinator, visit, Approval(heir.id))
    assert office.fresh(visit).social_worker_id == heir.id
    assert kinds(office, office.coordinator, visit) == []
    office.check_cells()


def test_a_hold_that_ran_out_is_not_in_the_way(office: Office, admin: User, now: Traveller) -> None:
    visit = approved(office, 12)
    heir = office.build.worker("Dewi Peksos")
    other, principal = office.another_school()
    actor, programme = office.actor(principal), office.build.programme()
    with office.build.database.writer() as session, transaction(session):
        hold = hold_slot(session, actor, other, programme, at(12))
        assert hold.social_worker_id == heir.id
    now.shift(timedelta(minutes=11))
    leaves(office, admin, heir)
    assert office.fresh(visit).social_worker_id == heir.id
    office.check_cells()


def test_a_duty_says_who_is_missing_where(office: Office, admin: User) -> None:
    visit = approved(office, 12)
    leaves(office, admin)
    (duty,) = (each for each in office.duties(office.coordinator) if each.kind == "find_worker")
    assert (duty.link, duty.due_at, duty.facts["school"]) == (
        f"/sesi/{visit.public_id}",
        visit.starts_at,
        office.school.name,
    )
    assert isinstance(duty, Duty)
