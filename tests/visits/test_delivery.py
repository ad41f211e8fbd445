"""What makes a session delivered, put right, missed, and confirmed by the school."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.schools.models import School
from portal.visits.actions import changing
from portal.visits.actions.changing import Wanted
from portal.visits.actions.confirming import confirm, doubt, settle
from portal.visits.actions.deciding import Approval, approve, reassign
from portal.visits.actions.delivering import Delivery, Handed, correct, deliver, miss, together
from portal.visits.models import Method, Visit, VisitChange
from portal.visits.queries import delivery
from portal.visits.queries.delivery import Heads
from portal.visits.states import ChangeState, NotDelivered, VisitState
from tests.materials.shelf import Shelf
from tests.trail import trail
from tests.visits.conftest import Office, at, codes, on_sqlite, refused
from tests.visits.conftest import together as at_once

REPORT = Delivery(
    Method.MIXED, (Heads("8A", 15, 14), Heads("8B", 13, 16)), 3, "Ramai", unmet=("projector",)
)


def scheduled(office: Office, **more: object) -> Visit:
    """Ask for a session and approve it."""
    visit = office.requested(**more)
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    return office.fresh(visit)


def delivered(office: Office, now: Traveller, report: Delivery = REPORT) -> Visit:
    """Hold a session and record it."""
    visit = scheduled(office)
    now.move_to(at(12, 10))
    office.does(deliver, office.worker, visit, report)
    return office.fresh(visit)


def kinds(office: Office, who: object) -> list[str]:
    """Return what waits for somebody."""
    return [duty.kind for duty in office.duties(who)]


def heads(office: Office, visit: Visit) -> list[Heads]:
    """Return the rows of a session."""
    with office.build.database.reader() as session:
        return delivery.heads_of(session, session.get_one(Visit, visit.id))


def test_the_sums_are_those_of_the_classes(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    assert (visit.heads_girls, visit.heads_boys, visit.heads_adults) == (28, 30, 3)
    assert heads(office, visit) == [Heads("8A", 15, 14), Heads("8B", 13, 16)]
    assert visit.unmet == ["projector"]
    assert kinds(office, office.principal) == ["confirm_session"]


rows = st.lists(
    st.builds(Heads, st.text("ABC789", min_size=1, max_size=3), st.integers(0, 40), st.integers(0)),
    unique_by=lambda each: each.class_name,
    min_size=1,
    max_size=5,
).map(lambda found: tuple(replace(each, boys=each.boys % 40) for each in found))


@on_sqlite
def test_sums_stay_true_whatever_is_corrected(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)

    @given(st.lists(rows, min_size=1, max_size=3), st.integers(1, 9))
    @hypothesis_settings(
        max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    def holds(reports: list[tuple[Heads, ...]], adults: int) -> None:
        for each in reports:
            office.does(correct, office.worker, visit, Delivery(Method.LECTURE, each, adults))
        stands, lines = office.fresh(visit), heads(office, visit)
        assert set(lines) == set(reports[-1])
        assert stands.heads_girls == sum(each.girls for each in lines)
        assert stands.heads_boys == sum(each.boys for each in lines)

    holds()


def test_a_correction_is_told_with_what_changed(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    before = visit.version
    other = replace(REPORT, heads=(Heads("8A", 16, 14), Heads("8B", 12, 16)), note="Ramai sekali")
    office.does(correct, office.worker, visit, other)
    stands = office.fresh(visit)
    # The sums are the same, and yet whoever has the page open must notice.
    assert (stands.heads_girls, stands.version > before) == (28, True)
    entry = trail(office.build.database, "visit")[-1]
    assert (entry.action, entry.facts) == (
        "visit.corrected",
        {"changed": "heads,note", "heads_before": 61, "heads_after": 61},
    )


@on_sqlite
def test_nothing_new_is_no_correction(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    same = replace(REPORT, heads=REPORT.heads[::-1])
    office.does(correct, office.worker, visit, same)
    assert office.fresh(visit).version == visit.version
    assert trail(office.build.database, "visit")[-1].action == "visit.delivered"


@on_sqlite
def test_corrections_end_and_are_for_those_who_record(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    other = replace(REPORT, adults=9)
    for who in (office.principal, office.build.worker()):
        assert refused(partial(office.does, correct, who, visit, other)).code == "not_allowed"
    empty = Delivery(Method.MIXED, (), 0)
    refusal = refused(partial(office.does, correct, office.worker, visit, empty))
    assert refusal.code == "nobody_there"
    now.move_to(at(12, 10) + timedelta(days=14))
    refusal = refused(partial(office.does, correct, office.coordinator, visit, other))
    assert (refusal.code, refusal.facts) == ("correction_over", {"days": 14})
    now.move_to(at(12, 10) + timedelta(days=14, seconds=-1))
    office.does(correct, office.coordinator, visit, other)
    assert office.fresh(visit).heads_adults == 9


def test_whoever_went_along_records_and_corrects_it_too(office: Office, now: Traveller) -> None:
    along = office.build.worker("Andi Peksos")
    visit = office.requested()
    office.does(approve, office.coordinator, visit, Approval(office.worker.id, others=(along.id,)))
    now.move_to(at(12, 10))
    office.does(deliver, along, visit, REPORT)
    office.does(correct, along, visit, replace(REPORT, adults=5))
    assert office.fresh(visit).heads_adults == 5
    # What waited for the leader is done.
    assert kinds(office, office.worker) == []


def test_who_no_longer_goes_along_records_nothing(office: Office, now: Traveller) -> None:
    along = office.build.worker("Andi Peksos")
    visit = office.requested()
    approval = Approval(office.worker.id, others=(along.id,))
    office.does(approve, office.coordinator, visit, approval)
    office.does(reassign, office.coordinator, visit, replace(approval, others=()))
    now.move_to(at(12, 10))
    assert refused(partial(office.does, deliver, along, visit, REPORT)).code == "not_allowed"


@on_sqlite
def test_what_the_school_doubts_can_be_corrected_however_late(
    office: Office, now: Traveller
) -> None:
    visit = delivered(office, now)
    other = replace(REPORT, adults=9)
    now.move_to(at(12, 10) + timedelta(days=40))
    late = partial(office.does, correct, office.coordinator, visit, other)
    assert refused(late).code == "correction_over"
    office.does(doubt, office.principal, visit, "Gurunya sembilan")
    late()
    assert office.fresh(visit).heads_adults == 9
    # The doubt is answered, so the days count again.
    again = partial(office.does, correct, office.coordinator, visit, REPORT)
    assert refused(again).code == "correction_over"


@on_sqlite
def test_only_what_took_place_is_corrected(office: Office) -> None:
    visit = scheduled(office)
    problem = refused(partial(office.does, correct, office.worker, visit, REPORT))
    assert problem.code == "state_changed"


def test_the_school_confirms_with_one_press(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    office.does(confirm, office.principal, visit, "Terima kasih")
    stands = office.fresh(visit)
    assert (stands.school_confirmed_at, stands.school_confirmed_by) == (
        clock.now(),
        office.principal.id,
    )
    assert stands.school_note == "Terima kasih"
    assert kinds(office, office.principal) == []
    again = refused(partial(office.does, confirm, office.principal, visit))
    assert again.code == "state_changed"
    assert office.fresh(visit).school_note == "Terima kasih"


def test_what_the_school_remembers_otherwise_waits_for_a_coordinator(
    office: Office, now: Traveller
) -> None:
    visit = delivered(office, now)
    office.does(doubt, office.principal, visit, "Kelas 8B tidak ikut")
    assert kinds(office, office.coordinator) == ["check_delivery"]
    assert kinds(office, office.principal) == []
    # Corrected, the school is asked anew and what it said is over.
    office.does(correct, office.coordinator, visit, replace(REPORT, heads=REPORT.heads[:1]))
    stands = office.fresh(visit)
    assert (stands.school_note, stands.school_confirmed_by) == (None, None)
    assert kinds(office, office.coordinator) == []
    assert kinds(office, office.principal) == ["confirm_session"]


def test_a_coordinator_leaves_the_record_as_it_is(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    assert refused(partial(office.does, settle, office.coordinator, visit)).code == "state_changed"
    for note in ("Kelas 8B tidak ikut", "Jumlahnya juga"):
        office.does(doubt, office.principal, visit, note)
    assert kinds(office, office.coordinator) == ["check_delivery"]
    assert refused(partial(office.does, settle, office.worker, visit)).code == "not_allowed"
    office.does(settle, office.coordinator, visit)
    assert kinds(office, office.coordinator) == []
    assert office.fresh(visit).school_note == "Jumlahnya juga"


@on_sqlite
def test_figures_that_change_take_the_schools_yes_back(office: Office, now: Traveller) -> None:
    visit = delivered(office, now)
    office.does(confirm, office.principal, visit)
    office.does(correct, office.worker, visit, replace(REPORT, note="Lain"))
    assert office.fresh(visit).school_confirmed_at is not None
    office.does(correct, office.worker, visit, replace(REPORT, note="Lain", method=Method.LECTURE))
    assert office.fresh(visit).school_confirmed_at is None
    assert kinds(office, office.principal) == ["confirm_session"]


@on_sqlite
@pytest.mark.parametrize("role", [Role.TEACHER, Role.COORDINATOR, Role.SOCIAL_WORKER])
def test_only_those_who_speak_for_the_school_confirm(
    office: Office, now: Traveller, role: Role
) -> None:
    visit = delivered(office, now)
    somebody = office.build.user(role, office.school if role is Role.TEACHER else None)
    stranger = office.another_school()[1]
    for who in (somebody, stranger):
        assert refused(partial(office.does, confirm, who, visit)).code == "not_allowed"
        assert refused(partial(office.does, doubt, who, visit, "x")).code == "not_allowed"
    office.does(confirm, office.build.user(Role.SCHOOL_OPERATOR, office.school), visit)


def test_a_session_that_fell_through_gives_its_time_back(office: Office, now: Traveller) -> None:
    visit = scheduled(office)
    early = refused(partial(office.does, miss, office.worker, visit, NotDelivered.WEATHER, ""))
    assert early.code == "too_early"
    now.move_to(at(12, 9))
    office.does(miss, office.worker, visit, NotDelivered.WEATHER, "Banjir")
    stands = office.fresh(visit)
    assert (stands.state, stands.not_delivered_why, stands.reason) == (
        VisitState.NOT_DELIVERED,
        "weather",
        "Banjir",
    )
    office.check_cells()
    assert kinds(office, office.principal) == ["news_missed"]
    assert kinds(office, office.worker) == []
    facts = trail(office.build.database, "visit")[-1].facts
    assert facts["why"] == "weather"
    assert "Banjir" not in facts.values()


@on_sqlite
def test_the_worker_hears_of_what_a_coordinator_wrote_down(office: Office, now: Traveller) -> None:
    visit = scheduled(office)
    now.move_to(at(12, 9))
    wordless = partial(office.does, miss, office.coordinator, visit, NotDelivered.OTHER, "")
    assert refused(wordless).code == "reason_for_other"
    office.does(miss, office.coordinator, visit, NotDelivered.OTHER, "Salah hari")
    assert kinds(office, office.worker) == ["news_missed"]
    for action, more in ((deliver, (REPORT,)), (miss, (NotDelivered.WEATHER, ""))):
        problem = refused(partial(office.does, action, office.worker, visit, *more))
        assert problem.code == "state_changed"


def test_why_sessions_fell_through_is_counted(office: Office, now: Traveller) -> None:
    visit = scheduled(office)
    now.move_to(at(12, 9))
    office.does(miss, office.worker, visit, NotDelivered.TRANSPORT, "")
    day = visit.starts_at.astimezone(clock.WIB).date()
    with office.build.database.reader() as session:
        counted = delivery.missed_by_reason(session, day, day)
        before = delivery.missed_by_reason(session, day - timedelta(days=9), day - timedelta(1))
    assert counted == {each: int(each is NotDelivered.TRANSPORT) for each in NotDelivered}
    assert set(before.values()) == {0}


@pytest.mark.parametrize("held", [True, False])
def test_a_change_nobody_answered_ends_with_the_session(
    office: Office, now: Traveller, held: bool
) -> None:
    visit = scheduled(office)
    wanted = Wanted(at(19), tuple(visit.grades), visit.expected_heads, visit.room, "Ada lomba")
    with office.build.database.writer() as session, transaction(session):
        found, school = session.get_one(Visit, visit.id), session.get_one(School, visit.school_id)
        assert changing.ask(session, office.actor(office.principal), found, school, wanted)
    now.move_to(at(12, 10))
    if held:
        office.does(deliver, office.worker, visit, REPORT)
    else:
        office.does(miss, office.worker, visit, NotDelivered.WEATHER, "")
    office.check_cells()
    assert "answer_change" not in kinds(office, office.coordinator)
    with office.build.database.reader() as session:
        assert session.scalar(select(VisitChange.state)) == ChangeState.WITHDRAWN


def test_of_two_who_record_at_once_one_is_right(office: Office, now: Traveller) -> None:
    visit = scheduled(office)
    now.move_to(at(12, 10))
    worker, coordinator = office.actor(office.worker), office.actor(office.coordinator)
    results = at_once(
        office.build.database,
        [
            lambda s: deliver(s, worker, s.get_one(Visit, visit.id), REPORT),
            lambda s: miss(
                s, coordinator, s.get_one(Visit, visit.id), NotDelivered.WEATHER, "Hujan"
            ),
        ],
    )
    assert codes(results) == ["state_changed"]
    state = office.fresh(visit).state
    assert kinds(office, office.principal) == [
        "confirm_session" if state == VisitState.DELIVERED else "news_missed"
    ]
    office.check_cells()


@on_sqlite
def test_materials_are_kept_with_their_copies(office: Office, now: Traveller) -> None:
    shelf = Shelf(office.build)
    one, two = shelf.material(slug="satu"), shelf.material(slug="dua")
    visit = delivered(office, now, replace(REPORT, materials=(Handed(one.id, 40), Handed(two.id))))
    with office.build.database.reader() as session:
        kept = {row.slug: row.copies for row in delivery.handed_over(session, visit.id)}
    assert kept == {"satu": 40, "dua": None}
    office.does(correct, office.worker, visit, replace(REPORT, materials=(Handed(one.id, 41),)))
    with office.build.database.reader() as session:
        kept = {row.slug: row.copies for row in delivery.handed_over(session, visit.id)}
    assert kept == {"satu": 41}


@on_sqlite
def test_all_pupils_can_be_counted_at_once(office: Office, now: Traveller) -> None:
    visit = delivered(office, now, Delivery(Method.LECTURE, together(40, 38), 0))
    assert heads(office, visit) == [Heads("", 40, 38)]
    # Sessions from before classes were counted show their sums the same way.
    old = office.build.delivered(office.school, office.worker, girls=7, boys=8)
    assert heads(office, old) == [Heads("", 7, 8)]
