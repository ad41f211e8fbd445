"""Ending a case, handing it over, going on with it: what stays, what ends, who still sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import closing, serving, stages, tasks
from portal.cases.actions.access import ask_along
from portal.cases.actions.closing import Reopening
from portal.cases.actions.deciding import Reasons, approve, decide, send_back
from portal.cases.actions.file import begin
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseEntry,
    CaseStage,
    CaseTask,
    Decision,
    Sentinel,
    Service,
)
from portal.cases.policy import in_hands_of
from portal.cases.queries import closure as queries
from portal.cases.queries import files
from portal.cases.states import (
    CaseOutcome,
    CaseState,
    Cause,
    DecisionKind,
    DecisionState,
    ServiceKind,
    ServiceState,
    Stage,
)
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from tests.cases.casework import CHILD, NAME, STORY, WORDS, Casework, send
from tests.cases.stagework import does, passages, reload, shown, walk_to
from tests.client import PageClient
from tests.conftest import on_sqlite

REASONS = Reasons(WORDS, "Tetap di sekolahnya", "Mau ditemani Bu Sari", "Bibinya tahu")
FORM = {"reason": WORDS, "best_interests": "Tetap di sekolahnya", "child_view": "Mau sekolah"}
WITHDREW = CaseOutcome.FAMILY_WITHDREW


def end(work: Casework, case: Case, outcome: CaseOutcome = WITHDREW) -> Decision:
    """Propose the end of a case as its manager and approve it as the head."""
    with transaction(work.build.session) as session:
        manager = work.actor("manager")
        if outcome is CaseOutcome.OTHER_BODY:
            decision = closing.propose_transfer(session, manager, case, REASONS)
        else:
            decision = closing.propose_closure(session, manager, case, outcome, REASONS)
    with transaction(work.build.session) as session:
        approve(session, work.actor("head"), case, decision, "Setuju")
    return decision


def reopen(work: Casework, case: Case, by: str, cause: Cause, stage: Stage | None = None) -> None:
    with transaction(work.build.session) as session:
        closing.reopen(session, work.actor(by), case, Reopening(cause, REASONS, stage))


def sees(work: Casework, name: str, case: Case) -> tuple[bool, bool]:
    """Say whether somebody may know of a case, and read it."""
    with work.build.database.reader() as session:
        actor = work.actor(name)
        listed = files.get_listed(session, actor, case.public_id)
        read = files.get_file(session, actor, case.public_id)
        return listed is not None, read is not None


def busy(work: Casework) -> Case:
    """Open a case in which all waits that can wait."""
    case = work.open()
    with transaction(work.build.session) as session:
        manager = work.actor("manager")
        ask_along(session, manager, case, work.other.id)
        for person in (work.manager, work.other):
            tasks.add(session, manager, case, WORDS, clock.today(), person.id)
        tomorrow = clock.now() + timedelta(days=1)
        wanted = serving.Appointment(ServiceKind.COUNSELLING, tomorrow, 60, work.manager.id)
        serving.plan(session, manager, case, wanted)
        for kind in (DecisionKind.PLAN, DecisionKind.REFERRAL, DecisionKind.TRANSFER):
            decide(session, manager, case, kind, REASONS)
        wrong = decide(session, manager, case, DecisionKind.CLOSURE, REASONS)
    with transaction(work.build.session) as session:
        send_back(session, work.actor("head"), case, wrong, "Belum jelas")
    return case


# What is left open of each thing that waits: before the end, after a closure, after a transfer.
PENDING = {
    "tasks": (2, 0, 0),
    "to-dos of tasks": (2, 0, 0),
    "planned appointments": (1, 0, 0),
    "proposals": (3, 0, 0),
    "stages under way": (1, 0, 0),
    "colleagues": (1, 0, 0),
    "managers": (1, 1, 0),
    "looks back": (0, 2, 0),
}


def pending(work: Casework) -> dict[str, int]:
    held = select(CaseAssignment).where(CaseAssignment.ended_at.is_(None))
    todos = select(Duty).where(Duty.kind == "case_task", Duty.closed_at.is_(None))
    found = {
        "tasks": select(CaseTask).where(CaseTask.done_at.is_(None)),
        "to-dos of tasks": todos,
        "planned appointments": select(Service).where(Service.state == ServiceState.PLANNED),
        "proposals": select(Decision).where(Decision.state == DecisionState.PROPOSED),
        "stages under way": select(CaseStage).where(CaseStage.ended_at.is_(None)),
        "colleagues": held.where(CaseAssignment.part == "colleague"),
        "managers": held.where(CaseAssignment.part == "manager"),
        "looks back": select(Sentinel).where(Sentinel.done_at.is_(None)),
    }
    return {name: len(work.rows(rows)) for name, rows in found.items()}


@pytest.mark.parametrize(("outcome", "column"), [(WITHDREW, 1), (CaseOutcome.OTHER_BODY, 2)])
def test_nothing_of_a_case_that_ended_stays_pending(
    work: Casework, outcome: CaseOutcome, column: int
) -> None:
    case = busy(work)
    assert pending(work) == {name: counts[0] for name, counts in PENDING.items()}
    asked = {each.kind for each in work.waiting(case)}
    assert asked >= {"case_stage", "approve_plan", "approve_referral", "decision_returned"}
    if outcome is CaseOutcome.OTHER_BODY:
        (decision,) = work.rows(select(Decision).where(Decision.kind == "transfer"))
        with transaction(work.build.session) as session:
            approve(session, work.actor("head"), case, session.merge(decision), "")
    else:
        end(work, case)
    left = {name: counts[column] for name, counts in PENDING.items()}
    assert pending(work) == left
    kinds = [each.kind for each in work.waiting(case)]
    assert kinds == (["case_sentinel"] if column == 1 else [])
    ended = work.build.fresh(Case, case.id)
    assert (ended.state, ended.outcome, ended.closed_on, ended.manager_id) == (
        (CaseState.CLOSED, WITHDREW, clock.today(), work.manager.id)
        if column == 1
        else (CaseState.TRANSFERRED, CaseOutcome.OTHER_BODY, clock.today(), None)
    )
    assert {each.kind for each in work.rows(select(CaseEntry))} >= {"closed", "task", "service"}


def test_access_ends_with_the_work(work: Casework) -> None:
    case, other = busy(work), work.open(child=replace(CHILD, full_name="Anak Kedua"))
    assert sees(work, "other", case) == (True, True)
    end(work, case)
    assert sees(work, "manager", case) == (True, True)
    assert sees(work, "other", case) == (False, False)
    end(work, other, CaseOutcome.OTHER_BODY)
    assert sees(work, "manager", other) == (False, False)
    assert sees(work, "coordinator", other)[0]
    assert sees(work, "head", other) == (True, False)


@on_sqlite
def test_nobody_works_on_a_case_that_ended(work: Casework) -> None:
    case = work.open()
    end(work, case)
    with pytest.raises(Rejected, match="case_closed"), transaction(work.build.session) as session:
        begin(session, work.actor("manager"), case)
    with pytest.raises(Rejected, match="case_closed"), transaction(work.build.session) as session:
        closing.propose_transfer(session, work.actor("manager"), case, REASONS)


@on_sqlite
def test_only_the_last_stage_knows_every_ending(work: Casework) -> None:
    case = work.open()
    endings = set(closing.possible_outcomes(case))
    assert endings == closing.FROM_ANY_STAGE
    with pytest.raises(Rejected, match="stages_left"):
        end(work, case, CaseOutcome.GOALS_REACHED)
    walk_to(work, case, Stage.TERMINATION)
    assert set(closing.possible_outcomes(reload(work, case))) == set(CaseOutcome) - {
        CaseOutcome.OTHER_BODY
    }
    (told,) = (each for each in shown(work, case).items if each.code == "child_told")
    # What the last stage asks for is there before anybody is asked whether the goals are reached.
    for outcome in (CaseOutcome.GOALS_REACHED, CaseOutcome.PARTLY_REACHED):
        with pytest.raises(Rejected, match="stage_incomplete") as refused:
            end(work, case, outcome)
        assert refused.value.facts["missing"] == told.text
    does(work, case, stages.tick, "child_told")
    end(work, case, CaseOutcome.GOALS_REACHED)
    assert reload(work, case).outcome == CaseOutcome.GOALS_REACHED
    assert not passages(work, case)[-1].broken_off


@on_sqlite
def test_a_case_that_was_opened_twice_is_not_looked_back_at(work: Casework) -> None:
    case = work.open()
    end(work, case, CaseOutcome.DUPLICATE)
    assert not work.rows(select(Sentinel))
    assert not work.waiting(case)


def test_after_a_relapse_the_same_manager_goes_on_with_the_assessment(work: Casework) -> None:
    case = work.open()
    walk_to(work, case, Stage.PLAN)
    end(work, case)
    reopen(work, case, "coordinator", Cause.RELAPSE)
    again = work.build.fresh(Case, case.id)
    assert (again.state, again.stage, again.times_reopened) == ("open", Stage.ASSESSMENT, 1)
    assert (again.closed_on, again.outcome, again.manager_id) == (None, None, work.manager.id)
    waiting = {(each.kind, each.person_id) for each in work.waiting(case)}
    assert waiting == {("case_stage", work.manager.id), ("case_given", work.manager.id)}
    assert all(each.cancelled_at for each in work.rows(select(Sentinel)))
    kinds = work.rows(select(Decision.kind).order_by(Decision.proposed_at))
    assert kinds == ["closure", "case_reopened"]
    # What was decided the first time stays, and it can end a second time.
    end(work, case)
    assert [each.kind for each in work.waiting(case)] == ["case_sentinel"]
    assert len(work.rows(select(Sentinel).where(Sentinel.cancelled_at.is_(None)))) == 2


def test_a_wrong_closure_goes_on_where_it_was(work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        session.refresh(case)
        case.stage = Stage.SERVICE
    end(work, case)
    reopen(work, case, "manager", Cause.WRONG_CLOSURE)
    assert work.build.fresh(Case, case.id).stage == Stage.SERVICE
    assert [each.kind for each in work.waiting(case)] == ["case_stage"]


def test_what_another_body_had_comes_back_to_whoever_managed_it_if_they_can(
    work: Casework,
) -> None:
    case = work.open()
    end(work, case, CaseOutcome.OTHER_BODY)
    with pytest.raises(Rejected, match="not_allowed"):
        reopen(work, case, "manager", Cause.RELAPSE)
    reopen(work, case, "head", Cause.RELAPSE)
    again = work.build.fresh(Case, case.id)
    assert (again.manager_id, again.stage) == (work.manager.id, Stage.INTAKE)
    end(work, case, CaseOutcome.OTHER_BODY)
    work.build.setting("caseload_limit", 1)
    work.open(child=replace(CHILD, full_name="Anak Kedua"))
    reopen(work, case, "coordinator", Cause.RELAPSE)
    assert work.build.fresh(Case, case.id).manager_id is None
    assert [each.kind for each in work.waiting(case, "take_case")] == ["take_case"]
    with work.build.database.reader() as session:
        assert case.id not in set(session.scalars(in_hands_of(work.actor("manager"))))


@on_sqlite
def test_no_case_goes_on_beyond_the_stage_in_which_it_ended(app: Flask, work: Casework) -> None:
    case = work.open()
    page = f"/kasus/{case.public_id}/buka-lagi"
    walk_to(work, case, Stage.OUTREACH)
    end(work, case)
    client = PageClient(app).sign_in(work.manager)
    offered = client.get(page).text
    assert 'value="outreach"' in offered
    assert 'value="assessment"' not in offered
    send(client, page, {**FORM, "cause": "wrong_closure", "stage": "termination"}, status=422)
    # Even a relapse begins where the case was, if it never came to the assessment.
    send(client, page, {**FORM, "cause": "relapse", "stage": ""})
    assert reload(work, case).stage == Stage.OUTREACH
    assert [each.stage for each in passages(work, case)] == ["intake", "outreach", "outreach"]
    end(work, case)
    for cause in Cause:
        with pytest.raises(Rejected, match="stage_ahead"):
            reopen(work, case, "manager", cause, Stage.ASSESSMENT)


@on_sqlite
def test_a_child_has_one_open_case(work: Casework) -> None:
    case = work.open()
    end(work, case)
    work.open(child_id=case.child_id)
    with pytest.raises(Rejected, match="case_open"):
        reopen(work, case, "coordinator", Cause.RELAPSE)
    assert work.build.fresh(Case, case.id).state == CaseState.CLOSED


@on_sqlite
def test_an_open_case_cannot_be_reopened_and_a_stranger_reopens_nothing(work: Casework) -> None:
    case = work.open()
    with pytest.raises(Rejected, match="state_changed"):
        reopen(work, case, "coordinator", Cause.RELAPSE)
    end(work, case)
    with pytest.raises(Rejected, match="not_allowed"):
        reopen(work, case, "other", Cause.RELAPSE)


@on_sqlite
def test_the_signs_say_what_is_left(work: Casework) -> None:
    case = busy(work)
    with work.build.database.reader() as session:
        found = {each.code: each for each in queries.signs(session, case)}
    assert not any(each.met for code, each in found.items() if code != "referrals")
    assert (found["stages"].left, found["tasks"].left) == (6, 2)


@on_sqlite
def test_the_tab_leads_from_the_proposal_to_going_on(app: Flask, work: Casework) -> None:
    case = work.open()
    tab = f"/kasus/{case.public_id}/penutupan"
    client = PageClient(app).sign_in(work.manager)
    assert f'action="{tab}"' in client.get(tab).text
    typed = {**FORM, "outcome": "goals_reached", "told": STORY, "relapse": "Telepon Bu Sari"}
    refused = send(client, tab, typed, status=422)
    assert STORY in refused.text
    send(client, tab, {**typed, "outcome": "moved_away"})
    send(client, tab, {**typed, "outcome": "moved_away"}, status=422)
    (decision,) = work.rows(select(Decision))
    assert STORY in decision.text
    assert "Telepon Bu Sari" in decision.text
    with transaction(work.build.session) as session:
        approve(session, work.actor("head"), case, session.merge(decision), "")
    assert "/buka-lagi" in client.get(tab).text
    again = f"/kasus/{case.public_id}/buka-lagi"
    assert WORDS not in client.get(again).text
    refused = send(client, again, FORM, status=422)
    assert WORDS in refused.text
    send(client, again, {**FORM, "cause": "relapse", "stage": ""})
    assert work.build.fresh(Case, case.id).state == CaseState.OPEN
    # There is nothing to be reopened any more.
    assert client.get(again).headers["Location"] == f"/kasus/{case.public_id}"


@on_sqlite
def test_handing_over_is_proposed_and_takes_the_case_from_its_manager(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    page = f"/kasus/{case.public_id}"
    client = PageClient(app).sign_in(work.manager)
    send(client, f"{page}/pengalihan", {**FORM, "told": STORY}, status=422)
    send(client, f"{page}/pengalihan", {**FORM, "told": STORY, "body": "UPTD PPA, Bu Rina"})
    head = PageClient(app).sign_in(work.head)
    send(head, f"{page}/buka", {"reason": "Memutuskan pengalihan"})
    (decision,) = work.rows(select(Decision))
    send(head, f"{page}/keputusan/{decision.public_id}/setujui", {"answer": ""})
    assert client.get(f"{page}/penutupan").status_code == 404
    assert client.get(f"{page}/buka-lagi").status_code == 404
    coordinator = PageClient(app).sign_in(work.coordinator)
    assert NAME not in coordinator.get(f"{page}/penutupan").text
    # Whoever sees no more than the number can let it go on as well.
    second = PageClient(app).sign_in(work.build.user(Role.DIVISION_HEAD))
    assert f"{page}/buka-lagi" in second.get(page).text
    again = second.get(f"{page}/buka-lagi")
    assert again.status_code == 200
    assert NAME not in again.text
