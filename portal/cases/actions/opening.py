"""Opening a case, and who works on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.actions import tasks
from portal.cases.actions.file import record_of, write_entry
from portal.cases.actions.stages import enter
from portal.cases.actions.waiting import wait_for_manager, wait_for_stage
from portal.cases.events import CaseAssigned, CaseOpened, CaseReleased, ReportAddedToCase
from portal.cases.models import Case, CaseAssignment, CaseReport, Child, ChildSchool
from portal.cases.queries import files, opening
from portal.cases.states import CaseState, EntryKind, Origin, Part, Stage
from portal.core import clock, crypto, settings
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.numbering import add_numbered
from portal.incidents.actions.conflicts import record_of as record_of_report
from portal.incidents.models import Report
from portal.incidents.states import Urgency
from portal.people.actions.confidential import Record, record_conflict
from portal.people.queries.appointments import appointments_of
from portal.people.queries.confidential import conflicts_of, kept_away

# Nobody older is at school and helped as a child.
LONGEST_CHILDHOOD = 25


@dataclass(frozen=True)
class ChildFacts:
    """Who a child is, as far as anybody knows; only the name is needed."""

    full_name: str
    called: str = ""
    born: str = ""
    sex: str = ""
    nisn: str = ""
    address: str = ""
    disability: str = ""
    language: str = ""


@dataclass(frozen=True)
class NewCase:
    """What a case begins with; `child_id` names a child the office knows already.

    A child whose name is not known yet (`named`) goes by words that describe it, which find nobody.
    """

    child: ChildFacts
    origin: Origin
    child_id: UUID | None = None
    named: bool = True
    school_id: UUID | None = None
    class_name: str = ""
    report: Report | None = None
    visit_id: UUID | None = None
    origin_words: str = ""
    kinds: tuple[str, ...] = ()
    urgency: str = "two_days"
    summary: str = ""
    manager_id: UUID | None = None


def open_case(session: Session, actor: Actor, command: NewCase) -> Case:
    """Open a case in the first stage of the procedure in force, with the report it comes from.

    Whoever must not see that report, or an earlier case of the child, must not see this one either.
    Raises Rejected("not_allowed"), what `assign` raises, or Rejected("case_open") while an open
    case of the same child exists.
    """
    if not actor.may(Permission.CASE_OPEN):
        raise Rejected("not_allowed")
    child_id = command.child_id or _add_child(session, actor, command).id
    # Locked, since two may open a case of the same child at once.
    session.get_one(Child, child_id, with_for_update=True)
    if opening.open_case_of(session, child_id) is not None:
        raise Rejected("case_open")
    case = _begun(session, actor, command, child_id)
    add_numbered(session, settings.read(session)["case_number_prefix"], case)
    emit(session, actor, CaseOpened(case.id, case.number, command.origin))
    write_entry(session, actor, case, EntryKind.OPENED, facts={"origin": str(command.origin)})
    for earlier_id in opening.cases_of_child(session, child_id) - {case.id}:
        carry_conflicts(session, actor, record_of(case), earlier_id)
    if command.report is not None:
        add_with_duplicates(session, actor, case, command.report)
    enter(session, case, Stage.INTAKE)
    if command.manager_id is not None:
        assign(session, actor, case, command.manager_id)
    wait_for_manager(session, case)
    return case


def _begun(session: Session, actor: Actor, command: NewCase, child_id: UUID) -> Case:
    return Case(
        id=new_id(),
        child_id=child_id,
        school_id=command.school_id,
        state=CaseState.OPEN,
        origin=command.origin,
        origin_words=command.origin_words,
        visit_id=command.visit_id,
        kinds=sorted(command.kinds),
        urgency=command.urgency,
        summary=command.summary,
        stage=Stage.INTAKE,
        sop_version_id=files.current_procedure(session).id,
        opened_by=actor.user_id,
        opened_on=clock.today(),
        last_entry_at=clock.now(),
    )


def _add_child(session: Session, actor: Actor, command: NewCase) -> Child:
    facts = command.child
    child = Child(
        id=new_id(),
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
        **facts.__dict__,
        **indexes_of(facts),
    )
    if not command.named:
        child.name_index = None
    session.add(child)
    session.flush()
    if command.school_id is not None:
        session.add(
            ChildSchool(
                child_id=child.id,
                school_id=command.school_id,
                class_name=command.class_name,
                since=clock.today(),
            )
        )
    return child


def indexes_of(facts: ChildFacts) -> dict[str, bytes | None]:
    """Return what finds the same child again: by name and year of birth, and by NISN."""
    by_name = crypto.blind_index("child", f"{facts.full_name} {facts.born[:4]}")
    by_nisn = crypto.blind_index("nisn", facts.nisn) if facts.nisn else None
    return {"name_index": by_name, "nisn_index": by_nisn}


def found_by(command: NewCase) -> tuple[list[bytes], bytes | None]:
    """Return what may find the child again: indexes of its name, and that of its NISN.

    The name with its year of birth or without one; while that is unknown, with any year of a
    childhood.
    """
    facts, present = command.child, clock.today().year
    years = (facts.born[:4],) if facts.born else range(present - LONGEST_CHILDHOOD, present + 1)
    names = [crypto.blind_index("child", f"{facts.full_name} {year}") for year in ("", *years)]
    return names if command.named else [], indexes_of(facts)["nisn_index"]


def add_with_duplicates(session: Session, actor: Actor, case: Case, report: Report) -> list[Report]:
    """Let a report belong to a case with those that tell the same; return all of them."""
    every = [report, *opening.duplicates_of(session, actor, report.id)]
    for each in every:
        add_report(session, actor, case, each)
    return every


def add_report(session: Session, actor: Actor, case: Case, report: Report) -> None:
    """Let a report belong to a case, and keep away from both whoever must not see one of them.

    The case is then also about what the report tells, and as urgent as the more urgent of both.
    Nothing happens when the report belongs to the case already.
    """
    if session.get(CaseReport, (case.id, report.id)) is not None:
        return
    session.add(
        CaseReport(
            case_id=case.id, report_id=report.id, added_by=actor.user_id, added_at=clock.now()
        )
    )
    facts = {"number": report.locator}
    write_entry(session, actor, case, EntryKind.REPORT_ADDED, facts=facts, record_id=report.id)
    emit(session, actor, ReportAddedToCase(case.id, report.id))
    widen(case, report.kinds)
    case.urgency = min(Urgency(case.urgency), Urgency(report.urgency), key=lambda each: each.rank)
    carry_conflicts(session, actor, record_of(case), report.id)
    carry_conflicts(session, actor, record_of_report(report), case.id)


def widen(case: Case, kinds: Iterable[str]) -> None:
    """Let a case be about what else is told: rules about a kind of violence hold from then on."""
    case.kinds = sorted({*case.kinds, *kinds})


def carry_conflicts(session: Session, actor: Actor, record: Record, from_id: UUID) -> None:
    """Keep away from a record whoever must not see another one."""
    for row in conflicts_of(session, from_id):
        kept = row.Conflict
        # One entry may have led to others meanwhile.
        if kept.user_id not in kept_away(session, record.subject_id):
            record_conflict(session, actor, record, kept.user_id, kept.reason)


def assign(
    session: Session, actor: Actor | None, case: Case, user_id: UUID, part: Part = Part.MANAGER
) -> None:
    """Give a case to its manager, in place of the one before, or to a colleague who helps.

    Raises Rejected("cannot_manage") for somebody whose role does not work on cases,
    Rejected("in_conflict") for somebody who must not see this one, and for a manager
    Rejected("told_it") for whoever told its report themselves, or Rejected("caseload_full").
    """
    theirs = Actor(user_id, "", appointments_of(session, user_id))
    if not theirs.may(Permission.CASE_WORK, assigned=True):
        raise Rejected("cannot_manage", "manager")
    if user_id in kept_away(session, case.id):
        raise Rejected("in_conflict", "manager")
    if part is Part.MANAGER:
        if case.manager_id == user_id:
            return
        if user_id in opening.tellers_of(session, case.id):
            raise Rejected("told_it", "manager")
        _check_caseload(session, user_id)
        if case.manager_id is not None:
            release(session, actor, case, case.manager_id)
        case.manager_id = user_id
    _end(session, case, user_id)
    session.add(
        CaseAssignment(
            case_id=case.id,
            user_id=user_id,
            part=part,
            since=clock.now(),
            assigned_by=actor.user_id if actor else None,
        )
    )
    facts = {"user": user_id.hex, "part": str(part)}
    write_entry(session, actor, case, EntryKind.ASSIGNED, facts=facts)
    emit(session, actor, CaseAssigned(case.id, user_id, part))
    tasks.gather(session, case)
    wait_for_manager(session, case)
    wait_for_stage(session, case)


def release(session: Session, actor: Actor | None, case: Case, user_id: UUID) -> None:
    """End somebody's work on a case, whose tasks go to its manager.

    Without a manager it waits for the coordinators.
    """
    _end(session, case, user_id)
    if case.manager_id == user_id:
        case.manager_id = None
    emit(session, actor, CaseReleased(case.id, user_id))
    tasks.gather(session, case)
    wait_for_manager(session, case)
    wait_for_stage(session, case)


def _end(session: Session, case: Case, user_id: UUID) -> None:
    session.flush()
    held = select(CaseAssignment).where(
        CaseAssignment.case_id == case.id,
        CaseAssignment.user_id == user_id,
        CaseAssignment.ended_at.is_(None),
    )
    for assignment in session.scalars(held):
        assignment.ended_at = clock.now()
    session.flush()


def _check_caseload(session: Session, user_id: UUID) -> None:
    most = settings.read(session)["caseload_limit"]
    held = select(func.count()).where(Case.manager_id == user_id, Case.state == CaseState.OPEN)
    if (session.scalar(held) or 0) >= most:
        raise Rejected("caseload_full", "manager", most=most)
