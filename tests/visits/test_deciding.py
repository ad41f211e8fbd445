"""The office's answer, both sides' way out, and the record afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from time_machine import Traveller

from portal.core import clock
from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions.booking import hold_slot
from portal.visits.actions.deciding import (
    Approval,
    approve,
    cancel,
    decline,
    news_read,
    reassign,
    room_ready,
    undo_approval,
    withdraw,
)
from portal.visits.actions.delivering import Delivery, deliver
from portal.visits.actions.delivering import together as counted
from portal.visits.actions.workers import set_hours
from portal.visits.models import Leave, Method, Visit
from portal.visits.queries.slots import Place, booking_window, load_diary
from portal.visits.states import VISIT_MACHINE, VisitState
from tests.visits.conftest import Office, at, on_sqlite, refused

REASON = "Kepala sekolah sudah setuju jarak waktu ini"
REPORT = Delivery(Method.INTERACTIVE, counted(40, 35), 3, "Siswa banyak bertanya")
OTHER_NAME = "SD Contoh Kenanga"


def busy_elsewhere(
    office: Office, worker: User, starts_at: datetime, *, district: str = "18.72.02"
) -> Visit:
    """Give a worker a session at another school."""
    local = starts_at.astimezone(clock.WIB)
    school = office.build.school(OTHER_NAME, district=district)
    return office.build.delivered(
        school, worker, local.date(), state=VisitState.SCHEDULED, at=local.time()
    )


def approved(office: Office, starts_at: datetime | None = None, **more: Any) -> Visit:
    """Ask for a session and approve it with the worker it was given."""
    visit = office.requested(starts_at, **more)
    office.does(approve, office.coordinator, visit, Approval(visit.social_worker_id))
    return visit


def offered(office: Office, school: School) -> dict[datetime, set[UUID]]:
    """Return what a school is offered, with the workers who could come."""
    with office.build.database.reader() as reading:
        rules = office_settings.read(reading)
        first, last = booking_window(rules)
        diary = load_diary(reading, rules, first, last, without_hold_of=school.id)
        every = list(diary.slots(Place.of(school), 90, first, last))
    return {slot.starts_at: {worker.id for worker in slot.workers} for slot in every}


def kinds(office: Office, user: User) -> list[str]:
    """Return the kinds of what waits for somebody."""
    return sorted(duty.kind for duty in office.duties(user))


def test_approving_schedules_the_session_and_says_who_did_it(office: Office) -> None:
    visit = office.requested(at(12))
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    now_stands = office.fresh(visit)
    assert now_stands.state == VisitState.SCHEDULED
    assert now_stands.decided_by == office.coordinator.id
    assert now_stands.decided_at == clock.now()
    assert now_stands.override_reason == ""
    office.check_cells()


def test_approving_closes_the_question_and_opens_what_follows(
    office: Office, now: Traveller
) -> None:
    visit = office.requested(at(26))
    assert kinds(office, office.coordinator) == ["answer_request"]
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    assert kinds(office, office.coordinator) == []
    assert kinds(office, office.principal) == kinds(office, office.worker) == []

    now.move_to(at(12, 7, 59))
    assert kinds(office, office.principal) == []
    now.move_to(at(12, 8))  # two weeks before
    [room] = office.duties(office.principal)
    assert (room.kind, room.due_at) == ("confirm_room", at(23))
    assert room.link == f"/sesi/{visit.public_id}"
    assert kinds(office, office.worker) == []

    now.move_to(at(26, 9, 29))
    assert kinds(office, office.worker) == []
    now.move_to(at(26, 9, 30))  # it has just ended
    [report] = office.duties(office.worker)
    assert (report.kind, report.due_at) == ("record_delivery", at(28, 16))
    assert kinds(office, office.coordinator) == []


def test_another_worker_takes_over_the_time_and_the_first_is_free_again(office: Office) -> None:
    second = office.build.worker()
    visit = office.requested(at(12))
    first_id = visit.social_worker_id
    second_id = ({office.worker.id, second.id} - {first_id}).pop()
    office.does(approve, office.coordinator, visit, Approval(second_id))
    assert office.fresh(visit).social_worker_id == second_id
    office.check_cells()
    other, _ = office.another_school()
    assert offered(office, other)[at(12)] == {first_id}


def test_the_new_worker_is_asked_for_the_record(office: Office, now: Traveller) -> None:
    second = office.build.worker()
    visit = office.requested(at(12))
    people = {office.worker.id: office.worker, second.id: second}
    before = people.pop(visit.social_worker_id)
    after = people.popitem()[1]
    office.does(approve, office.coordinator, visit, Approval(after.id))
    now.move_to(at(12, 10))
    assert kinds(office, after) == ["record_delivery"]
    assert kinds(office, before) == []


@pytest.mark.parametrize("reason", ["", REASON])
@pytest.mark.parametrize("start", [at(12, 7), at(12, 8), at(12, 9)])
def test_a_worker_at_another_school_then_is_refused_whatever_the_reason(
    office: Office, start: datetime, reason: str
) -> None:
    visit = office.requested(at(12))
    second = office.build.worker()
    busy_elsewhere(office, second, start)
    problem = refused(
        lambda: office.does(approve, office.coordinator, visit, Approval(second.id, reason))
    )
    assert (problem.code, problem.field) == ("worker_busy", "worker")
    assert problem.facts == {"school": OTHER_NAME}
    assert office.fresh(visit).state == VisitState.REQUESTED
    assert office.fresh(visit).social_worker_id == office.worker.id
    office.check_cells()


def test_a_worker_held_by_another_school_is_refused_until_the_hold_ends(
    office: Office, now: Traveller
) -> None:
    visit = office.requested(at(12))
    second = office.build.worker()
    other, principal = office.another_school()
    with office.build.database.writer() as session, transaction(session):
        hold_slot(session, office.actor(principal), other, office.build.programme(), at(12))
    command = Approval(second.id, REASON)
    assert refused(lambda: office.does(approve, office.coordinator, visit, command)).code == (
        "worker_busy"
    )
    now.shift(timedelta(minutes=10))
    office.does(approve, office.coordinator, visit, Approval(second.id))
    assert office.fresh(visit).social_worker_id == second.id
    office.check_cells()


def away(office: Office, visit: Visit) -> User:
    """Send the visit's worker on leave."""
    day = visit.starts_at.astimezone(clock.WIB).date()
    office.build.save(
        Leave(user_id=office.worker.id, first_day=day, last_day=day, recorded_by=office.worker.id)
    )
    return office.worker


def other_hours(office: Office, _visit: Visit) -> User:
    """Let the visit's worker begin later."""
    actor = office.actor(office.coordinator)
    with office.build.database.writer() as session, transaction(session):
        set_hours(session, actor, office.worker.id, {2: (time(8, 1), time(15))})
    return office.worker


def no_hours(office: Office, _visit: Visit) -> User:
    """Take a worker who has not entered any hours."""
    return office.build.user(Role.SOCIAL_WORKER)


def week_full(office: Office, _visit: Visit) -> User:
    """Lower the weekly limit below one session."""
    office.build.setting("weekly_visit_hours", 1)
    return office.worker


def tight_before(office: Office, _visit: Visit) -> User:
    """Take a worker who comes straight from another kecamatan."""
    worker = office.build.worker()
    busy_elsewhere(office, worker, at(12, 6, 30))
    return worker


def tight_after(office: Office, _visit: Visit) -> User:
    """Take a worker who goes on to another kecamatan at once."""
    worker = office.build.worker()
    busy_elsewhere(office, worker, at(12, 9, 30))
    return worker


WARNINGS = [away, other_hours, no_hours, week_full, tight_before, tight_after]


@pytest.mark.parametrize("warning", WARNINGS)
def test_other_warnings_ask_for_a_reason(
    office: Office, warning: Callable[[Office, Visit], User]
) -> None:
    visit = office.requested(at(12))
    worker = warning(office, visit)
    problem = refused(lambda: office.does(approve, office.coordinator, visit, Approval(worker.id)))
    assert (problem.code, problem.field) == ("reason_needed", "reason")
    stands = office.fresh(visit)
    assert (stands.state, stands.social_worker_id) == (VisitState.REQUESTED, office.worker.id)
    assert kinds(office, office.coordinator) == ["answer_request"]
    office.check_cells()


@pytest.mark.parametrize("warning", WARNINGS)
def test_with_a_written_reason_the_office_may_go_on(
    office: Office, warning: Callable[[Office, Visit], User]
) -> None:
    visit = office.requested(at(12))
    worker = warning(office, visit)
    office.does(approve, office.coordinator, visit, Approval(worker.id, REASON))
    stands = office.fresh(visit)
    assert (stands.state, stands.social_worker_id) == (VisitState.SCHEDULED, worker.id)
    assert stands.override_reason == REASON


def test_a_session_approved_in_spite_of_the_way_takes_and_leaves_no_time_for_it(
    office: Office,
) -> None:
    visit = office.requested(at(12))
    worker = office.build.worker()
    before = busy_elsewhere(office, worker, at(12, 6, 30))
    after = busy_elsewhere(office, worker, at(12, 9, 30), district="18.72.03")
    office.check_cells()
    office.does(approve, office.coordinator, visit, Approval(worker.id, REASON))
    # The earlier one gives up the half hour for the way; the later one keeps its own.
    office.check_cells(visit, before)
    assert office.fresh(after).state == VisitState.SCHEDULED


def test_a_reason_that_was_not_needed_is_not_kept(office: Office) -> None:
    visit = office.requested(at(12))
    office.does(approve, office.coordinator, visit, Approval(office.worker.id, "Karena bisa"))
    assert office.fresh(visit).override_reason == ""
    office.check_cells()


def test_overlap_is_named_before_other_warnings(office: Office) -> None:
    visit = office.requested(at(12))
    second = office.build.worker(weekdays=range(0))
    busy_elsewhere(office, second, at(12))
    problem = refused(lambda: office.does(approve, office.coordinator, visit, Approval(second.id)))
    assert problem.code == "worker_busy"


@pytest.mark.parametrize("who", ["nobody", "coordinator", "gone"])
def test_only_social_workers_of_today_can_be_sent(office: Office, who: str) -> None:
    visit = office.requested(at(12))
    gone = office.build.user(Role.SOCIAL_WORKER, ends_on=date(2026, 8, 2))
    chosen = {"nobody": UUID(int=0), "coordinator": office.coordinator.id, "gone": gone.id}[who]
    problem = refused(
        lambda: office.does(approve, office.coordinator, visit, Approval(chosen, REASON))
    )
    assert (problem.code, problem.field) == ("worker_unknown", "worker")
    assert office.fresh(visit).state == VisitState.REQUESTED


@pytest.mark.parametrize("action", [approve, decline])
def test_whoever_comes_second_reads_who_was_faster(
    office: Office, now: Traveller, action: Callable[..., None]
) -> None:
    visit = approved(office)
    when = clock.now()
    now.shift(timedelta(minutes=3))
    slower = office.build.user(Role.COORDINATOR)
    command = Approval(office.worker.id) if action is approve else "Belum bisa"
    problem = refused(lambda: office.does(action, slower, visit, command))
    assert problem.code == "already_decided"
    assert problem.facts == {"name": office.coordinator.full_name, "at": when}


def test_another_worker_can_be_sent_to_a_settled_session(office: Office, now: Traveller) -> None:
    visit = approved(office)
    second = office.build.worker()
    decided = office.fresh(visit).decided_at
    now.shift(timedelta(days=1))
    office.does(reassign, office.coordinator, visit, Approval(second.id))
    stands = office.fresh(visit)
    assert (stands.state, stands.social_worker_id) == (VisitState.SCHEDULED, second.id)
    assert stands.decided_at == decided
    office.check_cells()
    other, _ = office.another_school()
    assert offered(office, other)[at(12)] == {office.worker.id}
    now.move_to(at(12, 10))
    assert kinds(office, second) == ["record_delivery"]
    assert kinds(office, office.worker) == []
    assert kinds(office, office.principal) == ["confirm_room"]


@pytest.mark.parametrize("reason", ["", REASON])
def test_a_settled_session_goes_to_nobody_who_is_elsewhere(office: Office, reason: str) -> None:
    visit = approved(office)
    second = office.build.worker()
    busy_elsewhere(office, second, at(12))
    problem = refused(
        lambda: office.does(reassign, office.coordinator, visit, Approval(second.id, reason))
    )
    assert (problem.code, problem.facts) == ("worker_busy", {"school": OTHER_NAME})
    assert office.fresh(visit).social_worker_id == office.worker.id
    office.check_cells()


def test_a_settled_session_goes_elsewhere_in_spite_of_a_warning_with_a_reason(
    office: Office,
) -> None:
    visit = approved(office)
    second = office.build.worker()
    before = busy_elsewhere(office, second, at(12, 6, 30))
    assert refused(
        lambda: office.does(reassign, office.coordinator, visit, Approval(second.id))
    ).code == ("reason_needed")
    office.does(reassign, office.coordinator, visit, Approval(second.id, REASON))
    assert office.fresh(visit).override_reason == REASON
    office.check_cells(visit, before)
    # Back to somebody free, the time for the way is taken again and the reason forgotten.
    office.does(reassign, office.coordinator, visit, Approval(office.worker.id))
    assert office.fresh(visit).override_reason == ""
    office.check_cells(before)


@pytest.mark.parametrize("seconds", [0, 9, 15])
def test_an_approval_can_be_undone_at_once_by_whoever_gave_it(
    office: Office, now: Traveller, seconds: int
) -> None:
    visit = approved(office)
    now.shift(timedelta(seconds=seconds))
    office.does(undo_approval, office.coordinator, visit)
    stands = office.fresh(visit)
    assert stands.state == VisitState.REQUESTED
    assert stands.decided_by is stands.decided_at is None
    assert kinds(office, office.coordinator) == ["answer_request"]
    assert kinds(office, office.principal) == []
    office.check_cells()
    now.move_to(at(12, 10))
    assert kinds(office, office.worker) == []


def test_ten_seconds_later_with_some_patience_for_slow_signal_it_is_too_late(
    office: Office, now: Traveller
) -> None:
    visit = approved(office)
    now.shift(timedelta(seconds=15, milliseconds=1))
    problem = refused(lambda: office.does(undo_approval, office.coordinator, visit))
    assert problem.code == "undo_over"
    assert office.fresh(visit).state == VisitState.SCHEDULED


def test_the_office_decides_how_long_undoing_is_possible(office: Office, now: Traveller) -> None:
    office.build.setting("undo_seconds", 60)
    visit = approved(office)
    now.shift(timedelta(seconds=60))
    office.does(undo_approval, office.coordinator, visit)
    assert office.fresh(visit).state == VisitState.REQUESTED


def test_nobody_undoes_a_colleagues_approval(office: Office) -> None:
    visit = approved(office)
    colleague = office.build.user(Role.COORDINATOR)
    assert refused(lambda: office.does(undo_approval, colleague, visit)).code == "undo_over"


def test_an_approval_is_undone_only_once(office: Office) -> None:
    visit = approved(office)
    office.does(undo_approval, office.coordinator, visit)
    assert refused(lambda: office.does(undo_approval, office.coordinator, visit)).code == (
        "undo_over"
    )


def test_an_approval_given_in_spite_of_a_warning_forgets_the_reason_when_undone(
    office: Office,
) -> None:
    visit = office.requested(at(12))
    away(office, visit)
    office.does(approve, office.coordinator, visit, Approval(office.worker.id, REASON))
    office.does(undo_approval, office.coordinator, visit)
    assert office.fresh(visit).override_reason == ""
    assert refused(
        lambda: office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    ).code == ("reason_needed")


def test_an_undone_request_can_be_answered_by_a_colleague(office: Office) -> None:
    visit = approved(office)
    office.does(undo_approval, office.coordinator, visit)
    colleague = office.build.user(Role.COORDINATOR)
    office.does(decline, colleague, visit, "Sekolah lain lebih dulu")
    assert office.fresh(visit).decided_by == colleague.id
    office.check_cells()


# What ends it, by whom, after an approval or before, and whom the portal tells.
ENDS = [
    (decline, "coordinator", False, VisitState.DECLINED, {"principal": "news_declined"}),
    (withdraw, "principal", False, VisitState.WITHDRAWN, {}),
    (withdraw, "principal", True, VisitState.CANCELLED, {"worker": "news_cancelled"}),
    (
        cancel,
        "coordinator",
        True,
        VisitState.CANCELLED,
        {"principal": "news_cancelled", "worker": "news_cancelled"},
    ),
]


@pytest.mark.parametrize(("action", "who", "scheduled", "state", "told"), ENDS)
def test_an_ended_session_frees_its_time_and_what_was_due(
    office: Office,
    now: Traveller,
    action: Callable[..., None],
    who: str,
    scheduled: bool,
    state: VisitState,
    told: dict[str, str],
) -> None:
    visit = approved(office) if scheduled else office.requested()
    other, other_principal = office.another_school()
    assert at(12) not in offered(office, other)
    somebody: User = getattr(office, who)
    office.does(action, somebody, visit, "Ada ujian bersama")
    stands = office.fresh(visit)
    assert (stands.state, stands.reason) == (state, "Ada ujian bersama")
    assert (stands.decided_by, stands.decided_at) == (somebody.id, clock.now())
    assert at(12) in offered(office, other)
    assert at(12) in offered(office, office.school)
    office.check_cells()
    now.move_to(at(12, 11))
    for each in ("principal", "worker", "coordinator"):
        assert kinds(office, getattr(office, each)) == [told[key] for key in told if key == each]
    now.move_to(at(3, 9))
    again = office.build.requested(other_principal, other, at(12))
    assert again.social_worker_id == office.worker.id
    office.check_cells()


@pytest.mark.parametrize("reason", ["", "Ada ujian"])
def test_a_request_that_nobody_answered_is_withdrawn_without_a_reason(
    office: Office, reason: str
) -> None:
    visit = office.requested()
    office.does(withdraw, office.principal, visit, reason)
    assert office.fresh(visit).state == VisitState.WITHDRAWN


def test_a_settled_session_is_cancelled_with_a_reason(office: Office) -> None:
    visit = approved(office)
    problem = refused(lambda: office.does(withdraw, office.principal, visit, ""))
    assert (problem.code, problem.field) == ("reason_for_other", "reason")
    assert office.fresh(visit).state == VisitState.SCHEDULED
    office.check_cells()


def test_news_stays_until_each_has_read_it(office: Office) -> None:
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    deputy = office.build.user(Role.PRINCIPAL, office.school)
    stranger = office.build.user(Role.PRINCIPAL, office.build.school())
    visit = approved(office)
    office.does(cancel, office.coordinator, visit, "Peksos sakit")
    assert kinds(office, stranger) == []

    office.does(news_read, stranger, visit)
    office.does(news_read, office.principal, visit)
    # Who shares the role shares its list; the others read it themselves.
    assert kinds(office, office.principal) == kinds(office, deputy) == []
    assert kinds(office, operator) == kinds(office, office.worker) == ["news_cancelled"]
    office.does(news_read, office.worker, visit)
    office.does(news_read, operator, visit)
    assert kinds(office, operator) == kinds(office, office.worker) == []


def test_a_worker_who_coordinates_too_is_not_told_of_the_own_decision(office: Office) -> None:
    office.build.appoint(office.worker, Role.COORDINATOR)
    visit = approved(office)
    office.does(cancel, office.worker, visit, "Rapat")
    assert kinds(office, office.worker) == []


def test_a_school_can_ask_for_the_same_slot_again_after_withdrawing(office: Office) -> None:
    first = office.requested(at(12))
    office.does(withdraw, office.principal, first, "Salah kelas")
    second = office.requested(at(12))
    assert second.id != first.id
    office.check_cells()


# Which moves each state knows, written down a second time.
TABLE: dict[str, dict[VisitState, VisitState]] = {
    "approve": {VisitState.REQUESTED: VisitState.SCHEDULED},
    "decline": {VisitState.REQUESTED: VisitState.DECLINED},
    "withdraw": {
        VisitState.REQUESTED: VisitState.WITHDRAWN,
        VisitState.SCHEDULED: VisitState.CANCELLED,
    },
    "cancel": {VisitState.SCHEDULED: VisitState.CANCELLED},
    "reassign": {VisitState.SCHEDULED: VisitState.SCHEDULED},
    "deliver": {VisitState.SCHEDULED: VisitState.DELIVERED},
    "undo_approval": {VisitState.SCHEDULED: VisitState.REQUESTED},
}
ACTIONS: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "decline": (decline, ("Alasan",)),
    "withdraw": (withdraw, ("Alasan",)),
    "cancel": (cancel, ("Alasan",)),
    "deliver": (deliver, (REPORT,)),
    "undo_approval": (undo_approval, ()),
}
WHO = {
    "approve": "coordinator",
    "decline": "coordinator",
    "withdraw": "principal",
    "cancel": "coordinator",
    "reassign": "coordinator",
    "deliver": "worker",
    "undo_approval": "coordinator",
}


def act(office: Office, name: str, user: User, visit: Visit) -> None:
    """Make one of the moves."""
    if name in {"approve", "reassign"}:
        action = approve if name == "approve" else reassign
        office.does(action, user, visit, Approval(office.worker.id, REASON))
    else:
        action, arguments = ACTIONS[name]
        office.does(action, user, visit, *arguments)


@on_sqlite
@pytest.mark.parametrize("state", list(VisitState))
@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_move_goes_only_where_the_table_says(
    office: Office, now: Traveller, name: str, state: VisitState
) -> None:
    # Made by the coordinator a moment ago, so that only the state decides.
    visit = office.build.delivered(office.school, office.worker, date(2026, 8, 12), state=state)
    now.move_to(at(12, 10))
    with transaction(office.build.session):
        visit.decided_by = None if state is VisitState.REQUESTED else office.coordinator.id
        visit.decided_at = clock.now()
    target = TABLE[name].get(state)
    if target:
        act(office, name, getattr(office, WHO[name]), visit)
        assert office.fresh(visit).state == target
    else:
        problem = refused(lambda: act(office, name, getattr(office, WHO[name]), visit))
        assert problem.code in {"state_changed", "already_decided", "undo_over"}
        assert office.fresh(visit).state == state


def test_the_table_of_states_knows_no_other_move() -> None:
    moves = {
        (move.name.removesuffix("_by_school"), source, move.target)
        for move in VISIT_MACHINE.moves.values()
        for source in move.sources
    }
    expected = {
        (name, source, target) for name, pairs in TABLE.items() for source, target in pairs.items()
    }
    # Offers, taking up again and what did not take place are walked through elsewhere.
    expected |= {
        ("offer", VisitState.REQUESTED, VisitState.OFFERED),
        ("accept", VisitState.OFFERED, VisitState.SCHEDULED),
        ("turn_down", VisitState.OFFERED, VisitState.WITHDRAWN),
        ("take_back", VisitState.OFFERED, VisitState.CANCELLED),
        ("miss", VisitState.SCHEDULED, VisitState.NOT_DELIVERED),
    }
    early = {"declined", "withdrawn", "cancelled", "lapsed"}
    expected |= {("restore", VisitState(name), VisitState.REQUESTED) for name in early}
    # What the school calls withdrawing is, once scheduled, a move of its own.
    expected -= {("withdraw", VisitState.SCHEDULED, VisitState.CANCELLED)}
    assert moves == expected


@on_sqlite
@pytest.mark.parametrize("role", sorted(Role))
@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_move_asks_for_its_permission(
    office: Office, now: Traveller, name: str, role: Role
) -> None:
    visit = office.requested() if name in {"approve", "decline"} else approved(office)
    if name == "deliver":
        now.move_to(at(12))
    elsewhere = office.build.school()
    strangers = [
        office.build.user(role),
        office.build.user(role, elsewhere),
        office.build.user(role, office.school),
    ]
    allowed = {
        "withdraw": {Role.PRINCIPAL, Role.SCHOOL_OPERATOR},
        "deliver": {Role.COORDINATOR},
        "undo_approval": set(),
    }.get(name, {Role.COORDINATOR})
    for number, stranger in enumerate(strangers):
        if role in allowed and (role is Role.COORDINATOR or number == 2):
            continue
        problem = refused(lambda who=stranger: act(office, name, who, visit))
        assert problem.code == ("undo_over" if name == "undo_approval" else "not_allowed")
    state = VisitState.REQUESTED if name in {"approve", "decline"} else VisitState.SCHEDULED
    assert office.fresh(visit).state == state
    if role in allowed:
        act(office, name, strangers[-1], visit)
        [target] = [end for start, end in TABLE[name].items() if start == state]
        assert office.fresh(visit).state == target


def test_a_session_is_delivered_with_method_and_heads(office: Office, now: Traveller) -> None:
    visit = approved(office)
    now.move_to(at(12, 9, 30))
    assert kinds(office, office.worker) == ["record_delivery"]
    office.does(deliver, office.worker, visit, REPORT)
    stands = office.fresh(visit)
    assert stands.state == VisitState.DELIVERED
    assert stands.method == Method.INTERACTIVE
    assert (stands.heads_girls, stands.heads_boys, stands.heads_adults) == (40, 35, 3)
    assert stands.delivery_note == "Siswa banyak bertanya"
    assert (stands.delivered_by, stands.delivered_at) == (office.worker.id, clock.now())
    assert kinds(office, office.principal) == ["confirm_session"]
    for each in (office.worker, office.coordinator):
        assert kinds(office, each) == []
    office.check_cells()


@pytest.mark.parametrize(
    ("moment", "code"),
    [(at(3, 9), "too_early"), (at(12, 7, 59), "too_early"), (at(12), None), (at(20), None)],
)
def test_nothing_is_recorded_before_the_session_begins(
    office: Office, now: Traveller, moment: datetime, code: str | None
) -> None:
    visit = approved(office)
    now.move_to(moment)
    if code:
        problem = refused(lambda: office.does(deliver, office.worker, visit, REPORT))
        assert (problem.code, problem.facts) == (code, {"starts_at": at(12)})
    else:
        office.does(deliver, office.worker, visit, REPORT)
        assert office.fresh(visit).state == VisitState.DELIVERED


@pytest.mark.parametrize("heads", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)])
def test_somebody_must_have_been_there(
    office: Office, now: Traveller, heads: tuple[int, int, int]
) -> None:
    visit = approved(office)
    now.move_to(at(12, 9, 30))
    girls, boys, adults = heads
    report = Delivery(Method.LECTURE, counted(girls, boys), adults)
    if any(heads):
        office.does(deliver, office.worker, visit, report)
        assert office.fresh(visit).state == VisitState.DELIVERED
    else:
        problem = refused(lambda: office.does(deliver, office.worker, visit, report))
        assert (problem.code, problem.field) == ("nobody_there", "heads_adults")


def test_only_the_assigned_worker_or_a_coordinator_records(office: Office, now: Traveller) -> None:
    second = office.build.worker()
    visit = office.requested()
    first = office.worker if visit.social_worker_id == office.worker.id else second
    taking_over = second if first is office.worker else office.worker
    office.does(approve, office.coordinator, visit, Approval(taking_over.id))
    now.move_to(at(12, 9, 30))
    for somebody in (first, office.principal):
        problem = refused(lambda who=somebody: office.does(deliver, who, visit, REPORT))
        assert problem.code == "not_allowed"
    office.does(deliver, taking_over, visit, REPORT)


def test_a_delivered_session_keeps_its_time_and_cannot_be_delivered_again(
    office: Office, now: Traveller
) -> None:
    visit = approved(office)
    now.move_to(at(12, 9, 30))
    office.does(deliver, office.coordinator, visit, REPORT)
    other = Delivery(Method.LECTURE, counted(1, 1), 1)
    assert refused(lambda: office.does(deliver, office.worker, visit, other)).code == (
        "state_changed"
    )
    assert office.fresh(visit).heads_girls == 40
    office.check_cells()


def test_a_ready_room_closes_the_question(office: Office) -> None:
    visit = approved(office)
    assert kinds(office, office.principal) == ["confirm_room"]
    office.does(room_ready, office.principal, visit)
    assert office.fresh(visit).room_ready_at == clock.now()
    assert kinds(office, office.principal) == []


@on_sqlite
@pytest.mark.parametrize("state", [s for s in VisitState if s is not VisitState.SCHEDULED])
def test_a_room_is_confirmed_for_scheduled_sessions_only(office: Office, state: VisitState) -> None:
    visit = office.build.delivered(office.school, office.worker, state=state)
    confirm = partial(office.does, room_ready, office.principal, visit)
    assert refused(confirm).code == "state_changed"
