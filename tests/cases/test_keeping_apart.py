"""Whoever is kept from a case is kept from all about that child; nobody judges their own work."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import access, closing, revealing
from portal.cases.actions.closing import Reopening
from portal.cases.actions.deciding import approve, send_back
from portal.cases.actions.taking_in import add_to_case
from portal.cases.models import Case, CaseLink, Decision
from portal.cases.queries import closure, files
from portal.cases.states import CaseRelation, Cause
from portal.core import duties
from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.incidents.actions import conflicts
from portal.incidents.models import Report
from portal.incidents.queries import files as reports
from portal.people.models import Conflict
from portal.people.queries.confidential import kept_away
from tests.cases.casework import REASONS, Casework, client_of, propose
from tests.cases.test_access import ask_along, asked, give, keep_away
from tests.cases.test_opening import SISTER, handled, new, take
from tests.conftest import on_sqlite


def close(work: Casework, case: Case) -> None:
    decision = propose(work, case)
    with transaction(work.build.session) as session:
        approve(session, work.actor("head"), case, session.get_one(Decision, decision.id), "")


def kept(work: Casework, record: Any) -> frozenset[Any]:
    with work.build.database.reader() as reading:
        return kept_away(reading, record.id)


def two_cases(work: Casework) -> tuple[Case, Case]:
    """Return a closed case, whose manager keeps reading it, and the next one of the same child."""
    first = work.open()
    close(work, first)
    return first, work.open(child_id=first.child_id, manager_id=work.other.id)


def test_stepping_aside_makes_nobody_the_judge_of_their_own_case(work: Casework) -> None:
    case = work.open(manager_id=work.coordinator.id)
    with transaction(work.build.session) as session:
        access.ask_along(session, work.actor("coordinator"), case, work.manager.id)
    decision = propose(work, case, kind="plan")
    give(work, case, work.manager, work.coordinator)
    assert asked(work, case, "approve_plan") == {work.second.id}
    with work.build.database.reader() as reading:
        assert not files.something_waits_for(reading, work.actor("coordinator"), case.id)
        assert files.something_waits_for(reading, work.actor("second"), case.id)
    with pytest.raises(Rejected, match="own_decision"), transaction(work.build.session) as session:
        approve(session, work.actor("coordinator"), case, decision, "")


def test_the_division_head_has_a_word_only_when_asked(work: Casework) -> None:
    case = work.open()
    decision, head = propose(work, case, kind="plan"), work.actor("head")
    with pytest.raises(Rejected, match="not_allowed"), transaction(work.build.session) as session:
        revealing.reveal(session, head, case, "Ingin tahu")
    with pytest.raises(Rejected, match="own_decision"), transaction(work.build.session) as session:
        approve(session, head, case, decision, "")
    with transaction(work.build.session) as session:
        waiting = session.scalars(select(Duty).where(Duty.kind == "approve_plan")).first()
        assert waiting is not None
        duties.raise_duty(session, waiting, Role.DIVISION_HEAD, waiting.link)
    with transaction(work.build.session) as session:
        revealing.reveal(session, head, case, "Koordinator belum menjawab")
        approve(session, head, case, decision, "")
    assert decision.state == "approved"


@on_sqlite
def test_whoever_must_not_see_one_case_sees_none_of_that_child(work: Casework) -> None:
    first, second = two_cases(work)
    keep_away(work, second, work.manager)
    assert kept(work, first) == kept(work, second) == {work.manager.id}
    with work.build.database.reader() as reading:
        actor = work.actor("manager")
        assert files.get_listed(reading, actor, first.public_id) is None
        assert not files.knows_name(reading, actor, first.id)
    assert asked(work, first, "case_sentinel") == {Role.COORDINATOR}
    with transaction(work.build.session) as session:
        entry = session.scalars(select(Conflict).where(Conflict.subject_id == first.id)).one()
        access.lift(session, work.actor("coordinator"), session.get_one(Case, first.id), entry)
    assert kept(work, first) == kept(work, second) == frozenset()


@on_sqlite
def test_going_on_tells_nobody_of_a_case_they_must_not_see(work: Casework) -> None:
    first, second = two_cases(work)
    command = Reopening(Cause.RELAPSE, REASONS)
    with pytest.raises(Rejected, match="case_open"), transaction(work.build.session) as session:
        closing.reopen(session, work.actor("manager"), session.get_one(Case, first.id), command)
    keep_away(work, second, work.manager)
    with pytest.raises(Rejected, match="not_allowed"), transaction(work.build.session) as session:
        closing.reopen(session, work.actor("manager"), session.get_one(Case, first.id), command)


@on_sqlite
def test_a_report_and_its_case_keep_the_same_people_away(work: Casework) -> None:
    report = handled(work, "manager")
    case = work.open(report=report, manager_id=work.other.id)
    with transaction(work.build.session) as session:
        found = session.get_one(Report, report.id)
        conflicts.keep_away(session, work.actor("coordinator"), found, work.other, "Paman")
    assert work.build.fresh(Case, case.id).manager_id is None
    assert kept(work, case) == {work.other.id}
    keep_away(work, case, work.manager)
    assert kept(work, report) == {work.other.id, work.manager.id}
    assert work.build.fresh(Report, report.id).handler_id is None
    with work.build.database.reader() as reading:
        manager = work.actor("manager")
        assert reports.get_file(reading, manager, report.public_id) is None
        assert not closure.open_reports(reading, manager, reading.get_one(Case, case.id))
        assert closure.open_reports(reading, work.actor("second"), case)


@on_sqlite
def test_a_report_that_joins_a_case_is_kept_from_the_same_people(work: Casework) -> None:
    case = work.open()
    keep_away(work, case, work.other)
    report = handled(work, "manager")
    with transaction(work.build.session) as session:
        add_to_case(session, work.actor("manager"), session.get_one(Report, report.id), case.number)
    assert kept(work, report) == {work.other.id}


@on_sqlite
def test_nobody_opens_another_case_of_a_child_they_are_kept_from(work: Casework) -> None:
    case = work.open()
    keep_away(work, case, work.other)
    report = handled(work, "other")
    taken = take(work, new(work, report, manager_id=work.other.id), by="other")
    # What they learn is what anybody learns whose case waits for a manager.
    assert taken.opened
    assert taken.case.manager_id is None
    assert asked(work, taken.case, "take_case") == {Role.COORDINATOR}
    assert kept(work, taken.case) == kept(work, report) == {work.other.id}
    (link,) = work.rows(select(CaseLink))
    assert {link.case_id, link.other_id} == {case.id, taken.case.id}
    assert link.relation == CaseRelation.DUPLICATE


@on_sqlite
def test_a_case_for_a_sibling_needs_the_name_of_the_other(app: Flask, work: Casework) -> None:
    case = work.open()
    page = f"/kasus/baru?saudara={case.public_id}"
    assert client_of(app, work, "coordinator").get(page).status_code == 404
    assert client_of(app, work, "manager").get(page).status_code == 200
    read = select(AuditEntry).where(AuditEntry.action == "case.read")
    assert [each.facts["page"] for each in work.rows(read)] == ["sibling"]
    with pytest.raises(Rejected, match="not_allowed"):
        take(work, new(work, child=SISTER), by="coordinator", sibling=case, same_guardians=True)


@on_sqlite
def test_what_was_sent_back_waits_for_the_coordinators_without_a_manager(work: Casework) -> None:
    case = work.open()
    ask_along(work, case, work.other)
    decision = propose(work, case, by="other")
    with transaction(work.build.session) as session:
        access.end_help(session, work.actor("other"), case, work.other.id)
    keep_away(work, case, work.manager)
    with transaction(work.build.session) as session:
        send_back(session, work.actor("head"), case, decision, "Kurang")
    assert asked(work, case, "decision_returned") == {Role.COORDINATOR}
    give(work, case, work.second, None)
    assert asked(work, case, "decision_returned") == {work.second.id}
    keep_away(work, case, work.second)
    assert asked(work, case, "decision_returned") == {Role.COORDINATOR}
