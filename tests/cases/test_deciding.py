"""Decisions: nobody answers their own, and whoever may is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.cases.actions.deciding import approve, send_back, withdraw
from portal.cases.actions.opening import assign
from portal.cases.states import DecisionState, Part
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.models import Membership
from tests.cases.casework import Casework, propose


def test_whoever_must_answer_is_asked_and_the_answer_ends_it(work: Casework) -> None:
    case = work.open()
    decision = propose(work, case)
    assert [each.person_id for each in work.waiting(case, "approve_closure")] == [work.head.id]
    with transaction(work.build.session) as session:
        approve(session, work.actor("head"), case, decision, "")
    assert decision.state == DecisionState.APPROVED
    assert not work.waiting(case, "approve_closure")


def test_a_plan_asks_the_coordinators_and_one_answer_is_enough(work: Casework) -> None:
    case = work.open()
    decision = propose(work, case, kind="plan")
    asked = {each.person_id for each in work.waiting(case, "approve_plan")}
    assert asked == {work.coordinator.id, work.second.id}
    with transaction(work.build.session) as session:
        send_back(session, work.actor("second"), case, decision, "Tujuan ketiga belum jelas")
    assert not work.waiting(case, "approve_plan")
    assert [each.person_id for each in work.waiting(case, "decision_returned")] == [work.manager.id]
    propose(work, case, kind="plan")
    assert not work.waiting(case, "decision_returned")


def test_nobody_answers_what_they_proposed_or_work_on(work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.second.id, Part.COLLEAGUE)
    decision = propose(work, case, by="second", kind="plan")
    assert [each.person_id for each in work.waiting(case, "approve_plan")] == [work.coordinator.id]
    for who, code in (("second", "own_decision"), ("manager", "not_allowed")):
        with pytest.raises(Rejected, match=code), transaction(work.build.session) as session:
            approve(session, work.actor(who), case, decision, "")


def test_the_division_head_stands_in_where_all_coordinators_work_on_it(work: Casework) -> None:
    case = work.open()
    for each in (work.coordinator, work.second):
        with transaction(work.build.session) as session:
            assign(session, work.actor("coordinator"), case, each.id, Part.COLLEAGUE)
    propose(work, case, kind="plan")
    assert [each.person_id for each in work.waiting(case, "approve_plan")] == [work.head.id]


def test_without_anybody_the_role_is_asked(work: Casework) -> None:
    case = work.open()
    for each in work.build.session.scalars(
        select(Membership).where(Membership.user_id == work.head.id)
    ):
        work.build.session.delete(each)
    work.build.session.commit()
    propose(work, case)
    (duty,) = work.waiting(case, "approve_closure")
    assert (duty.person_id, duty.role) == (None, Role.DIVISION_HEAD)


def test_a_second_proposal_waits_for_the_first(work: Casework) -> None:
    case = work.open()
    decision = propose(work, case)
    with pytest.raises(Rejected, match="decision_waits"):
        propose(work, case)
    with transaction(work.build.session) as session:
        withdraw(session, work.actor("manager"), case, decision)
    assert not work.waiting(case, "approve_closure")
    assert propose(work, case).state == DecisionState.PROPOSED
