"""The seven stages: what shows by itself, and that nothing passes with something missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.cases.actions import closing
from portal.cases.actions import stages as actions
from portal.cases.actions.deciding import approve, decide, withdraw
from portal.cases.actions.file import begin
from portal.cases.actions.identity import SchoolMove, change_child, move_school
from portal.cases.models import Case, CaseEntry, CaseTick, Decision, Guardian, Need, Service
from portal.cases.queries import evidence
from portal.cases.queries.evidence import KNOWN
from portal.cases.queries.stages import Standing
from portal.cases.states import (
    CaseOutcome,
    CaseState,
    Cause,
    DecisionKind,
    EntryKind,
    ServiceState,
    Stage,
)
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.cases.casework import CHILD, NAME, REASONS, WORDS, Casework, send
from tests.cases.stagework import (
    assess,
    does,
    fill,
    passages,
    put,
    reload,
    shown,
    walk_to,
)
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.statements import read_statements

FORM = {"reason": WORDS, "best_interests": "Aman di sekolah", "child_view": "Mau terus sekolah"}


def tab(case: Case, rest: str = "") -> str:
    return f"/kasus/{case.public_id}/tahap{rest}"


def seen(work: Casework, case: Case) -> set[str]:
    """Return the kinds of evidence a file shows now."""
    with work.build.database.reader() as reading:
        found = evidence.of(reading, reading.get_one(Case, case.id))
    return {code for code, each in found.items() if each.met}


def test_each_stage_asks_for_what_only_the_file_or_somebody_can_show(work: Casework) -> None:
    case = work.open()
    for stage in list(Stage)[:-1]:
        view = shown(work, case)
        assert view.stage is stage
        for item in view.missing:
            with pytest.raises(Rejected, match="stage_incomplete"):
                does(work, case, actions.sign)
            assert item.met is False
            fill_one = put if item.shown_by_file else tick_one
            fill_one(work, case, item.code)
            assert item.code not in {each.code for each in shown(work, case).missing}
        does(work, case, actions.sign)
    assert reload(work, case).stage == Stage.TERMINATION
    assert [each.standing for each in shown(work, case).steps] == [Standing.DONE] * 6 + [
        Standing.NOW
    ]
    with pytest.raises(Rejected, match="stage_closes_case"):
        does(work, case, actions.sign)
    done = select(CaseEntry.facts).where(CaseEntry.kind == EntryKind.STAGE_DONE)
    told = work.rows(done.order_by(CaseEntry.id))
    assert [each["stage"] for each in told] == list(Stage)[:-1]


def tick_one(work: Casework, case: Case, code: str) -> None:
    does(work, case, actions.tick, code)


@on_sqlite
def test_an_empty_file_shows_nothing_and_one_record_shows_one_thing(work: Casework) -> None:
    case = work.open(origin_words="", school_id=None)
    assert seen(work, case) == set()
    put(work, case, "guardian")
    assert seen(work, case) == {"guardian"}
    put(work, case, "consent", "rights_adviser", "child_met")
    assert seen(work, case) == {"guardian", "consent", "rights_adviser", "child_met"}
    # Goals need a plan, and a plan needs needs: without one, nothing of them is met.
    assert not seen(work, case) & {"goals", "plan_approved", "services", "goals_reviewed"}
    assert set(KNOWN) >= seen(work, case)


@on_sqlite
def test_a_child_without_a_school_can_still_pass(work: Casework) -> None:
    case = work.open(school_id=None)
    assert "child" not in seen(work, case)
    session, manager = work.build.session, work.actor("manager")
    with pytest.raises(Rejected, match="why_moved"), transaction(session):
        move_school(session, manager, case, SchoolMove(None, clock.today()))
    with transaction(session):
        move_school(
            session, manager, case, SchoolMove(None, clock.today(), reason="Belum bersekolah")
        )
    assert "child" in seen(work, case)


@on_sqlite
def test_a_family_that_must_not_be_contacted_counts_as_met(work: Casework) -> None:
    case = work.open()
    work.build.save(Guardian(child_id=case.child_id, full_name="Ayah Uji", kept_out=True))
    assert {"guardian", "family_met"} <= seen(work, case)
    # Only once monitoring has begun does it also count as followed.
    assert "family_followed" not in seen(work, case)
    mother = work.build.save(Guardian(child_id=case.child_id, full_name="Ibu Uji"))
    assert "family_met" not in seen(work, case)
    mother.ended_at = clock.now()
    work.build.save(mother)
    assert "family_met" in seen(work, case)


@on_sqlite
def test_no_concern_anywhere_needs_no_need_and_the_newest_assessment_counts(
    work: Casework,
) -> None:
    case = work.open()
    with time_machine.travel(clock.now() - timedelta(days=2)):
        put(work, case, "domains")
    assert "domains" in seen(work, case)
    assert "needs" not in seen(work, case)
    with transaction(work.build.session) as session:
        assess(session, work, case, concern=0)
    assert "needs" in seen(work, case)


@on_sqlite
def test_what_was_reviewed_and_whom_one_reached_before_monitoring_does_not_count(
    work: Casework,
) -> None:
    case = work.open()
    with time_machine.travel(clock.now() - timedelta(days=30)) as then:
        walk_to(work, case, Stage.SERVICE)
        put(work, case, "goals_reviewed", "family_followed")
        then.shift(timedelta(days=20))
        walk_to(work, case, Stage.MONITORING)
        assert not seen(work, case) & {"goals_reviewed", "family_followed"}
        put(work, case, "goals_reviewed", "family_followed")
        assert {"goals_reviewed", "family_followed"} <= seen(work, case)


@on_sqlite
def test_a_child_known_by_description_alone_is_not_known_yet(work: Casework) -> None:
    case = work.open(named=False)
    assert "child" not in seen(work, case)
    with transaction(work.build.session) as session:
        change_child(session, work.actor("manager"), case, replace(CHILD, full_name="Kinasih"))
    assert "child" in seen(work, case)


def go_on(work: Casework, case: Case, cause: Cause, stage: Stage | None = None) -> None:
    """End a case because the family moved, and let it go on."""
    with transaction(work.build.session) as session:
        ending = CaseOutcome.MOVED_AWAY
        decision = closing.propose_closure(session, work.actor("manager"), case, ending, REASONS)
    with transaction(work.build.session) as session:
        approve(session, work.actor("head"), case, decision, "")
    with transaction(work.build.session) as session:
        command = closing.Reopening(cause, REASONS, stage)
        closing.reopen(session, work.actor("coordinator"), case, command)


def test_after_a_relapse_what_was_found_planned_and_done_before_shows_nothing(
    work: Casework,
) -> None:
    case = work.open()
    before = {"domains", "needs", "goals", "plan_approved", "services", "child_met", "family_met"}
    with time_machine.travel(clock.now() - timedelta(days=30)) as then:
        walk_to(work, case, Stage.MONITORING)
        put(work, case, "child_met", "goals_reviewed")
        with transaction(work.build.session) as session:
            for need in session.scalars(select(Need)):
                need.met_on = clock.today()
        assert before <= seen(work, case)
        then.shift(timedelta(days=20))
        # What was closed by mistake goes on with all that stands in the file.
        go_on(work, case, Cause.WRONG_CLOSURE)
        assert before <= seen(work, case)
        go_on(work, case, Cause.RELAPSE)
        assert not before & seen(work, case)
        assert {"child", "guardian", "consent", "child_view", "best_interests"} <= seen(work, case)
        assert reload(work, case).stage == Stage.ASSESSMENT
        for stage in (Stage.ASSESSMENT, Stage.PLAN, Stage.SERVICE):
            assert reload(work, case).stage == stage
            with pytest.raises(Rejected, match="stage_incomplete"):
                does(work, case, actions.sign)
            fill(work, case)
            does(work, case, actions.sign)
        assert reload(work, case).stage == Stage.MONITORING
        # A mistake after the relapse does not bring back what was there before it.
        then.shift(timedelta(days=1))
        go_on(work, case, Cause.WRONG_CLOSURE)
        assert {"domains", "plan_approved", "services"} <= seen(work, case)
        assert "child_met" not in seen(work, case)


@on_sqlite
def test_a_need_that_was_left_open_is_still_one_after_a_relapse(work: Casework) -> None:
    case = work.open()
    with time_machine.travel(clock.now() - timedelta(days=9)):
        walk_to(work, case, Stage.PLAN)
        put(work, case, "goals")
    go_on(work, case, Cause.RELAPSE)
    # The plan nobody approved yet is written on.
    assert {"needs", "goals"} <= seen(work, case)
    assert "domains" not in seen(work, case)


@on_sqlite
def test_a_service_nobody_held_shows_nothing(work: Casework) -> None:
    case = work.open()
    work.build.save(
        Service(
            case_id=case.id,
            kind="counselling",
            state=ServiceState.PLANNED,
            starts_at=clock.now(),
            minutes=30,
            child_came=True,
            held_by=work.manager.id,
        )
    )
    assert "child_met" not in seen(work, case)


@on_sqlite
def test_a_stage_is_skipped_by_a_decision_except_the_first_and_the_last(work: Casework) -> None:
    case = work.open()
    with pytest.raises(Rejected, match="stage_cannot_skip"):
        does(work, case, actions.skip, REASONS)
    walk_to(work, case, Stage.OUTREACH)
    does(work, case, actions.skip, REASONS)
    assert reload(work, case).stage == Stage.ASSESSMENT
    _intake, outreach, _assessment = passages(work, case)
    assert (outreach.skipped, outreach.signed_by, outreach.reason) == (True, work.manager.id, WORDS)
    (decision,) = work.rows(select(Decision).where(Decision.case_id == case.id))
    assert (decision.kind, decision.record_id) == (DecisionKind.STAGE_SKIPPED, outreach.id)
    assert decision.child_view == REASONS.child_view
    assert shown(work, case).steps[1].standing is Standing.SKIPPED


def test_going_back_leaves_the_stage_and_the_later_ones_follow_again(work: Casework) -> None:
    case = work.open()
    walk_to(work, case, Stage.PLAN)
    for stage in (Stage.PLAN, Stage.TERMINATION):
        with pytest.raises(Rejected, match="stage_not_earlier"):
            does(work, case, actions.go_back, stage, REASONS)
    does(work, case, actions.go_back, Stage.OUTREACH, REASONS)
    assert [each.stage for each in passages(work, case)][-2:] == [Stage.PLAN, Stage.OUTREACH]
    assert passages(work, case)[-2].broken_off
    assert [each.standing for each in shown(work, case).steps] == [
        Standing.DONE,
        Standing.NOW,
        *[Standing.COMING] * 5,
    ]
    (duty,) = work.waiting(case, "case_stage")
    assert duty.due_at == clock.at_wib(passages(work, case)[-1].due_on, clock.OFFICE_CLOSES)
    # What the file shows counts again; what was ticked is asked anew.
    does(work, case, actions.sign)
    assert [each.code for each in shown(work, case).missing] == ["law_asked"]


@on_sqlite
def test_nobody_goes_back_while_the_closure_waits_for_an_answer(work: Casework) -> None:
    case = work.open()
    walk_to(work, case, Stage.TERMINATION)
    with transaction(work.build.session) as session:
        begin(session, work.actor("manager"), case)
        proposed = decide(session, work.actor("manager"), case, DecisionKind.CLOSURE, REASONS)
    with pytest.raises(Rejected, match="closure_waits"):
        does(work, case, actions.go_back, Stage.SERVICE, REASONS)
    with transaction(work.build.session) as session:
        withdraw(session, work.actor("manager"), case, proposed)
    does(work, case, actions.go_back, Stage.SERVICE, REASONS)


def test_an_old_page_signs_and_ticks_nothing_new(work: Casework) -> None:
    case = work.open()
    fill(work, case)
    with transaction(work.build.session) as session:
        actions.sign(session, work.actor("manager"), case, 1)
    session, manager = work.build.session, work.actor("manager")
    with pytest.raises(Rejected, match="state_changed"), transaction(session):
        actions.sign(session, manager, case, 1)
    with pytest.raises(Rejected, match="state_changed"), transaction(session):
        actions.tick(session, manager, case, 1, "safe_today")
    assert reload(work, case).stage == Stage.OUTREACH


@on_sqlite
def test_only_what_is_ticked_by_hand_can_be_and_it_says_who(work: Casework) -> None:
    case = work.open()
    for code in ("origin", "plan_explained", "ada-ada"):
        with pytest.raises(Rejected, match="state_changed"):
            does(work, case, actions.tick, code)
    does(work, case, actions.tick, "safe_today")
    does(work, case, actions.tick, "safe_today")
    (item,) = (each for each in shown(work, case).items if each.code == "safe_today")
    assert (item.met, item.ticked_by) == (True, work.manager.short_name)
    does(work, case, actions.untick, "safe_today")
    does(work, case, actions.untick, "safe_today")
    assert work.rows(select(CaseTick)) == []


@on_sqlite
def test_only_whoever_works_on_an_open_case_goes_on_with_it(work: Casework) -> None:
    case = work.open()
    for name in ("other", "coordinator", "head"):
        with pytest.raises(Rejected, match="not_allowed"):
            does(work, case, actions.tick, "safe_today", by=name)


def test_the_end_of_a_case_ends_its_last_stage_and_stops_the_clock(work: Casework) -> None:
    done, early = work.open(), work.open()
    walk_to(work, done, Stage.TERMINATION)
    does(work, done, actions.tick, "child_told")
    put(work, done, "closure_approved")
    for case in (done, early):
        with transaction(work.build.session) as session:
            actions.finish(session, work.actor("head"), case)
        assert reload(work, case).stage_due_on is None
        assert work.waiting(case, "case_stage") == []
        assert all(each.ended_at for each in passages(work, case))
    assert not shown(work, done).going_on
    assert {each.standing for each in shown(work, done).steps} == {Standing.DONE}
    assert shown(work, early).steps[0].standing is Standing.LEFT
    assert not passages(work, done)[-1].broken_off
    assert passages(work, early)[-1].broken_off


@on_sqlite
def test_a_full_file_asks_no_more_of_the_database_than_a_thin_one(work: Casework) -> None:
    case = work.open()
    walk_to(work, case, Stage.MONITORING)
    with read_statements(work.build.database) as thin:
        shown(work, case)
    more = ("child_met", "family_met", "consent", "domains", "needs", "guardian")
    put(work, case, *more, *more)
    does(work, case, actions.go_back, Stage.SERVICE, REASONS)
    does(work, case, actions.skip, REASONS)
    with read_statements(work.build.database) as full:
        shown(work, case)
    assert len(full) == len(thin)
    # The transaction, the case, where it stands, and what the file shows.
    assert len(thin) <= 13


MOVES = st.sampled_from(
    ["sign", "skip", "back", "tick", "untick", "fill", "take", *("put " + code for code in KNOWN)]
)


@on_sqlite
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=st.lists(MOVES, min_size=4, max_size=16), data=st.data())
def test_whatever_is_done_in_whatever_order_no_stage_passes_with_something_missing(
    work: Casework, moves: list[str], data: st.DataObject
) -> None:
    case = work.open(child_id=None)
    for move in moves:
        before = shown(work, case)
        refused = make(work, case, move, data)
        if refused:
            assert len(passages(work, case)) == before.shown
        elif move == "sign":
            assert before.missing == []
        check_the_way(work, case)


def make(work: Casework, case: Case, move: str, data: st.DataObject) -> bool:
    """Do one thing to a case and say whether a rule refused it."""
    try:
        _make(work, case, move, data)
    except Rejected:
        return True
    return False


def _make(work: Casework, case: Case, move: str, data: st.DataObject) -> None:
    items = shown(work, case).items
    by_hand = [each.code for each in items if not each.shown_by_file]
    if move == "sign":
        does(work, case, actions.sign)
    elif move == "skip":
        does(work, case, actions.skip, REASONS)
    elif move == "back":
        does(work, case, actions.go_back, data.draw(st.sampled_from(Stage)), REASONS)
    elif move in {"tick", "untick"} and by_hand:
        does(work, case, getattr(actions, move), data.draw(st.sampled_from(by_hand)))
    elif move == "fill":
        fill(work, case)
    elif move == "take":
        take_away(work, case)
    elif move.startswith("put ") and not needs_plan(work, case, move[4:]):
        put(work, case, move[4:])


def take_away(work: Casework, case: Case) -> None:
    """Let the file show less than before: guardians are gone, words are taken back."""
    with transaction(work.build.session) as session:
        for each in session.scalars(select(Guardian).where(Guardian.child_id == case.child_id)):
            each.ended_at = clock.now()
        case.child_view = case.best_interests = case.origin_words = ""


def needs_plan(work: Casework, case: Case, code: str) -> bool:
    """Say whether a record cannot be made before, or more than, once."""
    here = seen(work, case)
    match code:
        case "goals":
            return bool(here & {"goals", "plan_approved"}) or "needs" not in here
        case "plan_approved":
            return "goals" not in here or "plan_approved" in here
        case "services" | "goals_reviewed":
            return "plan_approved" not in here
    return False


def check_the_way(work: Casework, case: Case) -> None:
    """Raise AssertionError unless passages follow each other, with one open at the end."""
    now, walked = reload(work, case), passages(work, case)
    assert now.state == CaseState.OPEN
    assert [each.ended_at is None for each in walked] == [False] * (len(walked) - 1) + [True]
    assert (walked[-1].stage, walked[-1].due_on) == (now.stage, now.stage_due_on)
    for one, after in pairwise(walked):
        assert one.began_at <= one.ended_at <= after.began_at  # type: ignore[operator]
        step = Stage(after.stage).rank - Stage(one.stage).rank
        assert step < 0 if one.broken_off else step == 1


@on_sqlite
def test_the_tab_leads_from_item_to_item_and_signs(app: Flask, work: Casework) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.manager)
    client.get("/beranda?bahasa=en")
    page = client.get(tab(case)).text
    assert "Stage 1 of 7: Intake" in page
    assert f'action="{tab(case, "/safe_today/centang")}"' in page
    assert "disabled" in page
    send(client, tab(case, "/selesai"), client.form(tab(case, "/selesai")), status=422)
    assert "This is still missing" in client.page
    for code in ("safe_today", "conflicts"):
        send(client, tab(case, f"/{code}/centang"), client.form(tab(case, f"/{code}/centang")))
        client.get(tab(case))
    put(work, case, "guardian")
    page = client.get(tab(case)).text
    assert work.manager.short_name in page
    sent = client.form(tab(case, "/selesai"))
    send(client, tab(case, "/selesai"), sent)
    # The same press once more, and an old page, change nothing.
    send(client, tab(case, "/selesai"), sent)
    send(client, tab(case, "/selesai"), {"passage": "1"}, status=422)
    assert reload(work, case).stage == Stage.OUTREACH
    assert "Stage 2 of 7: Outreach" in client.get(tab(case)).text


@on_sqlite
def test_skipping_and_going_back_keep_what_was_typed(app: Flask, work: Casework) -> None:
    case = work.open()
    walk_to(work, case, Stage.OUTREACH)
    put(work, case, "child_view", "best_interests")
    client = PageClient(app).sign_in(work.manager)
    page = client.get(tab(case)).text
    # The file's words stand in the form already.
    assert page.count("Tetap di sekolahnya") == 2
    send(client, tab(case, "/lewati"), {"reason": WORDS, "passage": "2"}, status=422)
    assert WORDS in client.page
    send(client, tab(case, "/lewati"), {**FORM, "passage": "2"})
    assert reload(work, case).stage == Stage.ASSESSMENT
    client.get(tab(case))
    for wrong in ("", "termination", "ada-ada"):
        sent = {**FORM, "passage": "3", "stage": wrong}
        send(client, tab(case, "/kembali"), sent, status=422)
    send(client, tab(case, "/kembali"), {**FORM, "passage": "3", "stage": "intake"})
    assert reload(work, case).stage == Stage.INTAKE


@on_sqlite
def test_who_reads_the_work_sees_the_stages_without_name_and_buttons(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    page = PageClient(app).sign_in(work.coordinator).get(tab(case)).text
    assert 'id="langkah"' in page
    assert "/centang" not in page
    assert NAME not in page
    closed = PageClient(app).sign_in(work.head).get(tab(case)).text
    assert 'id="langkah"' not in closed
    assert PageClient(app).sign_in(work.other).get(tab(case)).status_code == 404
