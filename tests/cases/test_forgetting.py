"""After its time a child is forgotten: no name and no word stays, figures do."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import inspect, select

from portal.auditlog.actions.retention import NewHold, order_hold
from portal.cases.actions.deciding import Reasons, decide
from portal.cases.actions.file import begin, record_of, write_entry
from portal.cases.actions.forgetting import OF_CASE, OF_CHILD
from portal.cases.models import Case, Child, Goal, Guardian
from portal.cases.states import CaseOutcome, DecisionKind, EntryKind
from portal.core import clock, retention
from portal.core.access import Role
from portal.core.db import Base, encrypted_columns, new_id, transaction
from portal.people.actions.confidential import open_in_emergency, record_conflict
from portal.people.models import Conflict, EmergencyAccess
from tests.cases.casework import NAME, WORDS, Casework
from tests.conftest import on_sqlite

OLD = timedelta(days=366 * 5 + 2)


def closed(work: Casework, ago: timedelta) -> Case:
    case = work.open()
    actor = work.actor("manager")
    with transaction(work.build.session) as session:
        begin(session, actor, case)
        write_entry(session, actor, case, EntryKind.NOTE, text=WORDS)
        decide(session, actor, case, DecisionKind.OTHER, Reasons(WORDS, WORDS, WORDS, WORDS))
        session.add(Guardian(id=new_id(), child_id=case.child_id, full_name=NAME))
    with transaction(work.build.session) as session:
        case.move(work.actor("head"), "close")
        case.closed_on = clock.today() - ago
        case.outcome = CaseOutcome.GOALS_REACHED
    return case


def test_an_old_case_is_forgotten_and_a_young_one_is_not(work: Casework) -> None:
    old, young = closed(work, OLD), closed(work, timedelta(days=30))
    done = {each.rule.name: each.count for each in retention.run(work.build.database, None)}
    assert done["case_identities"] == 1
    child = work.build.fresh(Child, old.child_id)
    assert (child.full_name, child.address, child.name_index) == ("–", "", None)
    assert work.build.fresh(Child, young.child_id).full_name == NAME
    again = work.build.fresh(Case, old.id)
    assert (again.summary, again.kinds, again.outcome) == ("", ["physical", "verbal"], old.outcome)
    for model in OF_CASE:
        for record in work.rows(select(model).where(model.case_id == old.id)):
            texts = [getattr(record, each.key) for each in encrypted_columns(inspect(model))]
            assert not any(texts), model
    assert retention.run(work.build.database, None)


@on_sqlite
def test_why_somebody_must_not_see_it_or_opened_it_in_an_emergency_is_forgotten_too(
    work: Casework,
) -> None:
    case = closed(work, OLD)
    record = record_of(case)
    with transaction(work.build.session) as session:
        head, admin = work.actor("head"), work.build.actor(work.build.user(Role.OFFICE_HEAD))
        record_conflict(session, admin, record, work.other.id, f"Paman dari {NAME}")
        access = open_in_emergency(session, head, record, f"Ayah {NAME} datang ke kantor")
        access.finding = f"Benar, {NAME} dijemput ayahnya"
    retention.run(work.build.database, None)
    (conflict,) = work.rows(select(Conflict))
    (opened,) = work.rows(select(EmergencyAccess))
    # Who it was stays, so that they are still kept away.
    assert (conflict.user_id, conflict.lifted_at, conflict.reason) == (work.other.id, None, "")
    assert (opened.user_id, opened.reason, opened.finding) == (work.head.id, "", "")


def test_a_hold_on_the_case_keeps_the_child(work: Casework) -> None:
    case = closed(work, OLD)
    head = work.build.actor(work.build.user(Role.DIVISION_HEAD))
    with transaction(work.build.session) as session:
        order_hold(session, head, NewHold("case", case.number, "Sidang"))
    done = {each.rule.name: each.count for each in retention.run(work.build.database, None)}
    assert done["case_identities"] == 0
    assert work.build.fresh(Child, case.child_id).full_name == NAME


def test_every_encrypted_text_of_a_case_is_among_those_forgotten() -> None:
    """A table that joins later is forgotten too, or this test says so."""
    beneath = {Case, Child, Goal, *OF_CASE, *OF_CHILD}
    known = {model.__tablename__ for model in beneath} | {"case_conference_person"}
    found = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("portal.cases") and encrypted_columns(mapper)
    }
    assert found == known
