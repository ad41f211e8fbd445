"""Opening cases: by three doors, never twice, and never into the wrong hands."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.cases.actions.file import record_of
from portal.cases.actions.opening import (
    ChildFacts,
    NewCase,
    assign,
    found_by,
    release,
)
from portal.cases.actions.taking_in import (
    NewGuardian,
    TakenIn,
    TakingIn,
    add_to_case,
    first_contact_on,
    take_in,
)
from portal.cases.models import (
    Case,
    CaseEntry,
    CaseLink,
    CaseReport,
    CaseTask,
    Child,
    ChildSchool,
    Guardian,
)
from portal.cases.queries import opening as queries
from portal.cases.states import CaseOutcome, CaseState, EntryKind, Origin
from portal.core import clock
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.core.settings import Office
from portal.incidents.actions import triaging
from portal.incidents.actions.conflicts import keep_away
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.models import Report, ReportEntry
from portal.incidents.states import Door, Relation, ReportState
from portal.people.actions.confidential import record_conflict
from portal.people.queries.confidential import kept_away
from tests.cases.casework import CHILD, NAME, STORY, Casework
from tests.conftest import on_sqlite
from tests.incidents.desk import CALM, code_without_hash

SISTER = ChildFacts("Melati Putri Tirtayasa", born="2016")


def told(work: Casework, **more: Any) -> Report:
    """Take a report in by Ruang Cerita, or by the account of `by`."""
    by = more.pop("by", None)
    values = {"door": Door.STORY_ROOM, "answers": CALM, "story": STORY, "school_id": work.school.id}
    filing = Filing(**{**values, **more})
    with transaction(work.build.session) as session:
        return receive(session, by, filing, None if by else code_without_hash())


def handled(work: Casework, name: str, **more: Any) -> Report:
    """Return a report that one of the office handles."""
    report = told(work, **more)
    with transaction(work.build.session) as session:
        session.refresh(report)
        report.handler_id = getattr(work, name).id
    return report


def new(work: Casework, report: Report | None = None, **more: Any) -> NewCase:
    origin = Origin.REPORT if report else Origin.REFERRAL_IN
    values = {"child": CHILD, "origin": origin, "school_id": work.school.id, "report": report}
    return NewCase(**{**values, "manager_id": work.manager.id, **more})


def take(work: Casework, case: NewCase, by: str = "manager", **more: Any) -> TakenIn:
    values = {"first_task": "", "first_task_on": first_contact_on(Office({}), case.urgency)}
    command = TakingIn(case=case, **{**values, **more})
    with transaction(work.build.session) as session:
        return take_in(session, work.actor(by), command)


def notes_of(work: Casework, report: Report) -> list[str]:
    found = select(ReportEntry).where(ReportEntry.report_id == report.id)
    return [each.text for each in work.rows(found.order_by(ReportEntry.id))]


def test_a_report_becomes_a_case_with_its_first_task_and_moves_on(work: Casework) -> None:
    report = handled(work, "manager")
    case = take(work, new(work, report)).case
    assert (case.state, case.manager_id, case.school_id) == (
        CaseState.OPEN,
        work.manager.id,
        work.school.id,
    )
    (task,) = work.rows(select(CaseTask))
    assert (task.code, task.person_id, task.due_on) == (
        "first_contact",
        work.manager.id,
        clock.add_working_days(clock.today(), 1),
    )
    (duty,) = work.rows(select(Duty).where(Duty.subject_id == task.id))
    assert (duty.kind, duty.person_id, duty.facts) == (
        "case_task",
        work.manager.id,
        {"number": case.number},
    )
    assert work.build.fresh(Report, report.id).state == ReportState.FOLLOWED_UP
    (note,) = notes_of(work, report)
    assert case.number in note
    assert NAME not in note


def test_the_more_urgent_the_sooner_the_first_contact() -> None:
    office = Office({})
    urgencies = ("same_hour", "same_day", "two_days", "five_days")
    days = [first_contact_on(office, each) for each in urgencies]
    assert days[:2] == [clock.today()] * 2
    assert clock.today() < days[2] < days[3]
    slower = Office({"first_contact_usual_days": 4})
    assert first_contact_on(slower, "five_days") == clock.add_working_days(clock.today(), 4)


def test_of_two_who_open_a_case_from_one_report_the_second_is_told(work: Casework) -> None:
    report = handled(work, "manager")
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def open_one(name: str) -> None:
        actor = work.actor(name)
        session = work.build.database.writer()
        own = session.get_one(Report, report.id)
        session.rollback()
        ready.wait()
        child = replace(CHILD, full_name=f"Anak yang dibuka {name}")
        values = {"first_task": "", "first_task_on": clock.today()}
        try:
            with transaction(session):
                take_in(session, actor, TakingIn(case=new(work, own, child=child), **values))
            outcomes.append("opened")
        except Rejected as problem:
            outcomes.append(problem.code)
        finally:
            session.close()

    threads = [threading.Thread(target=open_one, args=(name,)) for name in ("manager", "second")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["case_of_report", "opened"]
    assert len(work.rows(select(Case))) == 1


def test_a_report_that_says_the_same_comes_along(work: Casework) -> None:
    report, twin, other = (handled(work, "manager") for _each in range(3))
    colleagues = handled(work, "other")
    with transaction(work.build.session) as session:
        for each, relation in (
            (twin, Relation.DUPLICATE),
            (other, Relation.RELATED),
            (colleagues, Relation.DUPLICATE),
        ):
            actor = work.actor("manager")
            triaging.link(session, actor, report, each.locator, relation)
    case = take(work, new(work, report)).case
    belongs = {each.report_id for each in work.rows(select(CaseReport))}
    assert belongs == {report.id, twin.id}
    assert work.build.fresh(Report, twin.id).state == ReportState.FOLLOWED_UP
    assert case.number in notes_of(work, twin)[0]
    assert notes_of(work, colleagues) == notes_of(work, other) == []


def test_whoever_must_not_see_the_report_does_not_get_the_case(work: Casework) -> None:
    report = handled(work, "manager")
    with transaction(work.build.session) as session:
        keep_away(session, work.actor("coordinator"), report, work.other, "Pamannya")
    with pytest.raises(Rejected, match="in_conflict"):
        take(work, new(work, report, manager_id=work.other.id), by="coordinator")
    assert work.rows(select(Case)) == []
    case = take(work, new(work, report)).case
    assert kept_away(work.build.session, case.id) == {work.other.id}
    # The same list holds for a later case of the same child.
    with transaction(work.build.session) as session:
        session.refresh(case)
        case.state = CaseState.CLOSED
    child = work.build.fresh(Child, case.child_id)
    again = take(
        work,
        new(work),
        same_child=child.public_id,
        seen_children=frozenset({child.public_id}),
    ).case
    assert again.child_id == case.child_id
    assert kept_away(work.build.session, again.id) == {work.other.id}


def test_whoever_told_the_report_does_not_manage_the_case(work: Casework) -> None:
    report = handled(work, "manager", by=work.actor("other"), door=Door.VISIT)
    with pytest.raises(Rejected, match="told_it"):
        take(work, new(work, report, manager_id=work.other.id), by="coordinator")
    case = take(work, new(work, report)).case
    with (
        pytest.raises(Rejected, match="told_it"),
        transaction(work.build.session) as session,
    ):
        assign(session, work.actor("coordinator"), case, work.other.id)
    # Whoever wrote down a phone call told nothing of their own.
    written = handled(work, "manager", by=work.actor("other"), door=Door.PHONE, answers=CALM)
    child = replace(CHILD, full_name="Anak lain sekali")
    second = new(work, written, child=child, manager_id=work.other.id)
    assert take(work, second, by="coordinator").case.manager_id == work.other.id


def test_a_known_child_is_shown_before_anything_is_written(work: Casework) -> None:
    first = work.open()
    child = work.build.fresh(Child, first.child_id)
    report = handled(work, "manager")
    with pytest.raises(Rejected, match="child_known"):
        take(work, new(work, report))
    assert len(work.rows(select(Case))) == 1
    seen = frozenset({child.public_id})
    # The same child: the report goes to its open case, and nobody is asked to read their own.
    added = take(work, new(work, report), same_child=child.public_id, seen_children=seen)
    assert (added.opened, added.case.id) == (False, first.id)
    assert not work.rows(select(CaseTask))
    assert [each.case_id for each in work.rows(select(CaseReport))] == [first.id]
    # Another one of the same name.
    other = take(work, new(work, handled(work, "manager")), seen_children=seen)
    assert other.opened
    assert other.case.child_id != first.child_id


def test_a_child_is_found_without_its_year_and_by_its_number(work: Casework) -> None:
    case = work.open(child=replace(CHILD, nisn="0123456789"))

    def found(by: str = "manager", **facts: str) -> list[str]:
        child = replace(ChildFacts("kinasih  WULANDARI tirtayasa"), **facts)
        session = work.build.session
        indexes = found_by(NewCase(child, Origin.REFERRAL_IN))
        known = queries.known_children(session, work.actor(by), *indexes)
        return [each.cases[0].number for each in known]

    assert found(born="2014") == found(born="2014-12-31") == found() == [case.number]
    assert found(born="2013") == []
    assert found(full_name="Nama lain", nisn="0123456789") == [case.number]
    # A coordinator without a reason and a colleague learn that it is known; who must not, nothing.
    assert found("other") == found("coordinator") == [case.number]
    with transaction(work.build.session) as session:
        record_conflict(
            session, work.actor("coordinator"), record_of(case), work.other.id, "Pamannya"
        )
    assert found("other") == []


def test_a_child_without_a_name_finds_nobody(work: Casework) -> None:
    words = ChildFacts("Anak laki-laki kelas 7B")
    first = take(work, new(work, child=words, named=False)).case
    second = take(work, new(work, child=words, named=False)).case
    assert first.child_id != second.child_id
    assert take(work, new(work, child=words)).opened


def test_the_manager_reads_what_somebody_else_brings(work: Casework) -> None:
    first = work.open()
    child = work.build.fresh(Child, first.child_id)
    brought = new(work, origin=Origin.VISIT, summary=STORY, manager_id=work.other.id)
    taken = take(
        work,
        brought,
        by="other",
        same_child=child.public_id,
        seen_children=frozenset({child.public_id}),
        guardian=NewGuardian("Bu Tirta", relation="Ibu"),
    )
    assert not taken.opened
    (task,) = work.rows(select(CaseTask))
    assert (task.code, task.person_id) == ("read_added", work.manager.id)
    notes = work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.NOTE))
    assert [each.text for each in notes] == [STORY]
    assert [each.full_name for each in work.rows(select(Guardian))] == ["Bu Tirta"]


def test_a_known_child_that_changed_schools_keeps_where_it_was(work: Casework) -> None:
    first = work.open()
    with transaction(work.build.session) as session:
        session.refresh(first)
        first.state, first.outcome = CaseState.CLOSED, CaseOutcome.GOALS_REACHED
        first.closed_on = clock.today() - timedelta(days=30)
    child = work.build.fresh(Child, first.child_id)
    school = work.build.school()
    again = take(
        work,
        new(work, school_id=school.id, class_name="8A"),
        same_child=child.public_id,
        seen_children=frozenset({child.public_id}),
    ).case
    places = work.rows(select(ChildSchool).order_by(ChildSchool.id))
    assert [(each.school_id, each.until is None) for each in places] == [
        (work.school.id, False),
        (school.id, True),
    ]
    assert again.school_id == school.id


def test_siblings_share_report_and_guardians_and_are_linked(work: Casework) -> None:
    report = handled(work, "manager")
    kept_out = NewGuardian("Pak Tirta", relation="Ayah", kept_out="Anak takut kepadanya")
    first = take(work, new(work, report), guardian=kept_out).case
    second = take(
        work,
        new(work, report, child=SISTER),
        sibling=first,
        same_guardians=True,
        seen_cases=frozenset({first.public_id}),
    ).case
    (link,) = work.rows(select(CaseLink))
    assert {link.case_id, link.other_id} == {first.id, second.id}
    assert link.relation == "siblings"
    assert {each.case_id for each in work.rows(select(CaseReport))} == {first.id, second.id}
    guardians = work.rows(select(Guardian))
    assert {each.child_id for each in guardians} == {first.child_id, second.child_id}
    assert {(each.full_name, each.kept_out) for each in guardians} == {("Pak Tirta", True)}
    assert len(notes_of(work, report)) == 2


def test_a_later_report_is_added_by_the_number_of_the_case(work: Casework) -> None:
    case = work.open()
    report = handled(work, "other")

    def add(by: str, number: str) -> Case:
        with transaction(work.build.session) as session:
            return add_to_case(session, work.actor(by), report, number)

    for number in ("KS-1999-001", case.number):
        # A number of nobody, and one of a case a colleague works on, look alike.
        with pytest.raises(Rejected, match="case_unknown"):
            add("other", number)
    assert add("coordinator", case.number.lower()).id == case.id
    (task,) = work.rows(select(CaseTask))
    assert (task.code, task.person_id) == ("read_added", work.manager.id)


def test_adding_a_report_takes_the_case_from_whoever_must_not_see_it(work: Casework) -> None:
    case = work.open()
    report = handled(work, "other")
    with transaction(work.build.session) as session:
        keep_away(session, work.actor("coordinator"), report, work.manager, "Tetangganya")
    with transaction(work.build.session) as session:
        add_to_case(session, work.actor("coordinator"), report, case.number)
    assert work.build.fresh(Case, case.id).manager_id is None
    assert len(work.waiting(case, "take_case")) == 1


def test_the_first_task_waits_for_a_manager_and_follows_the_work(work: Casework) -> None:
    case = take(work, new(work, manager_id=None), first_task="Telepon bibinya").case
    (task,) = work.rows(select(CaseTask))
    asked = select(Duty).where(Duty.subject_id == task.id, Duty.closed_at.is_(None))
    assert work.rows(asked) == []
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.manager.id)
    assert [each.person_id for each in work.rows(asked)] == [work.manager.id]
    with transaction(work.build.session) as session:
        assign(session, work.actor("coordinator"), case, work.other.id)
    assert [each.person_id for each in work.rows(asked)] == [work.other.id]
    with transaction(work.build.session) as session:
        release(session, work.actor("coordinator"), case, work.other.id)
    assert work.rows(asked) == []


@on_sqlite
def test_who_is_offered_as_manager(work: Casework) -> None:
    work.open()
    report = handled(work, "manager", by=work.actor("other"), door=Door.VISIT)
    session, coordinator = work.build.session, work.actor("coordinator")

    def offered(by: str, report: Report | None = None) -> dict[str, int]:
        people = queries.possible_managers(session, work.actor(by), report)
        return {each.user.full_name: each.held for each in people}

    assert offered("manager") == {work.manager.full_name: 1}
    everybody = offered("coordinator")
    assert everybody[work.manager.full_name] == 1
    assert set(everybody) - set(offered("coordinator", report)) == {work.other.full_name}
    people = queries.possible_managers(session, coordinator, None)
    usual = queries.usual_manager(coordinator, people, 15)
    # The one with the fewest; no coordinator, though they manage none.
    assert usual
    assert usual.user.id == work.other.id
    manager = work.actor("manager")
    alone = queries.possible_managers(session, manager, None)
    assert queries.usual_manager(manager, alone, 2) == alone[0]
    assert queries.usual_manager(manager, alone, 1) is None
