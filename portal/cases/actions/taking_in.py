"""The doors of a case: a report, a session at school, a child another body sends.

Nothing is opened twice: a report that became a case meanwhile, and a child the office knows, are
shown before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from portal.cases.actions import linking, tasks
from portal.cases.actions.file import lock, record_of, write_entry
from portal.cases.actions.opening import (
    NewCase,
    add_with_duplicates,
    carry_conflicts,
    found_by,
    open_case,
    widen,
)
from portal.cases.models import Case, ChildSchool, Guardian
from portal.cases.queries import files, identity, opening
from portal.cases.queries.opening import KnownChild
from portal.cases.queries.tasks import READ_ADDED
from portal.cases.states import CaseRelation, CaseState, EntryKind
from portal.core import clock, crypto, i18n, settings
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.settings import Office
from portal.incidents.actions import deciding
from portal.incidents.models import Report
from portal.incidents.states import ReportState, Urgency

UNDECIDED = (ReportState.RECEIVED, ReportState.REVIEWING)
# How soon somebody first asks how the child is; without an entry on the same day.
FIRST_CONTACT_WITHIN: dict[str, str] = {
    Urgency.TWO_DAYS: "first_contact_soon_days",
    Urgency.FIVE_DAYS: "first_contact_usual_days",
}
GUARDIAN_FACTS = (
    "full_name",
    "relation",
    "phone",
    "address",
    "safe_contact",
    "kept_out",
    "kept_out_reason",
)


@dataclass(frozen=True)
class NewGuardian:
    """A parent or another adult who answers for the child.

    `kept_out` says why they must hear of nothing; empty for all others.
    """

    full_name: str
    relation: str = ""
    phone: str = ""
    kept_out: str = ""


@dataclass(frozen=True)
class TakingIn:
    """What somebody fills in at a door, and what they knew when they sent it.

    `seen_cases` and `seen_children` are the public ids of what the page showed: cases of the
    report, and children of the same name. `same_child` is the one of these that it is, if any.
    """

    case: NewCase
    first_task: str
    first_task_on: date
    guardian: NewGuardian | None = None
    sibling: Case | None = None
    same_guardians: bool = False
    same_child: str = ""
    seen_cases: frozenset[str] = frozenset()
    seen_children: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TakenIn:
    """What became of it: the case, and whether it is a new one."""

    case: Case
    opened: bool


def first_contact_on(office: Office, urgency: str) -> date:
    """Return the day by which somebody contacts the child or the family."""
    setting = FIRST_CONTACT_WITHIN.get(urgency)
    days = office[setting] if setting else 0
    return clock.add_working_days(clock.today(), days) if days else clock.today()


def take_in(session: Session, actor: Actor, command: TakingIn) -> TakenIn:
    """Open a case with its first task, or add to the open case of a child the office knows.

    A child whose case is kept from the actor gets one that waits for the coordinators, linked with
    the other and kept from the same people. Raises Rejected("not_allowed"), also for a sibling
    whose name the actor may not know, Rejected("case_of_report") when a colleague opened one from
    the report meanwhile, Rejected("child_known") at "same_child" while nobody said whether it is a
    known child, and what deciding about the report and `open_case` raise.
    """
    sibling = command.sibling
    if not actor.may(Permission.CASE_OPEN) or (
        sibling is not None and not files.knows_name(session, actor, sibling.id)
    ):
        raise Rejected("not_allowed")
    report = command.case.report
    if report is not None:
        _check_report(session, actor, report, command.seen_cases)
    known = _same_child(session, actor, command)
    if known is not None and known.open_case is not None:
        case = session.get_one(Case, known.open_case.id)
        _add_to_open(session, actor, case, command)
        return TakenIn(case, opened=False)
    case = _open(session, actor, command, known)
    return TakenIn(case, opened=True)


def _check_report(session: Session, actor: Actor, report: Report, seen: frozenset[str]) -> None:
    # Locked, so that of two who open a case from it the second learns of the first.
    deciding.begin(session, actor, report)
    if any(
        each.public_id not in seen for each in opening.cases_of_report(session, actor, report.id)
    ):
        raise Rejected("case_of_report")


def _same_child(session: Session, actor: Actor, command: TakingIn) -> KnownChild | None:
    known = opening.known_children(session, actor, *found_by(command.case))
    chosen = next((each for each in known if each.public_id == command.same_child), None)
    unseen = any(each.public_id not in command.seen_children for each in known)
    if unseen or (command.same_child and chosen is None):
        raise Rejected("child_known", "same_child")
    return chosen


def _open(session: Session, actor: Actor, command: TakingIn, known: KnownChild | None) -> Case:
    hidden = [] if known else opening.cases_kept_from(session, actor, *found_by(command.case))
    new = replace(
        command.case,
        child_id=known.id if known else command.case.child_id,
        # They hear of no match, so a coordinator looks whether it is the same child.
        manager_id=None if hidden else command.case.manager_id,
    )
    case = open_case(session, actor, new)
    if known is not None:
        _note_school(session, case, new.class_name)
    if new.report is not None:
        every = opening.reports_of(session, case.id)
        _move_on(session, actor, new.report, every, _opened_words(case))
    if command.guardian is not None:
        _add_guardian(session, case, command.guardian)
    if command.sibling is not None:
        linking.join(session, actor, case, command.sibling, CaseRelation.SIBLINGS)
        if command.same_guardians:
            _share_guardians(session, command.sibling, case)
    tasks.add_first(session, actor, case, command.first_task, command.first_task_on)
    for each in hidden:
        linking.join(session, actor, case, each, CaseRelation.DUPLICATE)
        carry_conflicts(session, actor, record_of(case), each.id)
    return case


def _add_to_open(session: Session, actor: Actor, case: Case, command: TakingIn) -> None:
    new = command.case
    if new.report is not None:
        _add_report(session, actor, case, new.report)
    else:
        lock(session, case)
        widen(case, new.kinds)
        words = "\n\n".join(part for part in (new.origin_words, new.summary) if part)
        facts = {"origin": str(new.origin)}
        write_entry(session, actor, case, EntryKind.NOTE, text=words, facts=facts)
        _ask_to_read(session, actor, case)
    if command.guardian is not None:
        _add_guardian(session, case, command.guardian)


def add_to_case(session: Session, actor: Actor, report: Report, typed: str) -> Case:
    """Let a report belong to an open case, named by its number; its manager is asked to read it.

    For whoever works on both, or gives cases to people. Raises what deciding about the report
    raises, and Rejected at "case_number": "case_unknown" or "case_closed".
    """
    deciding.begin(session, actor, report)
    case = identity.find_number(session, actor, typed)
    if case is None or not files.steers(session, actor, case.id):
        raise Rejected("case_unknown", "case_number")
    _add_report(session, actor, case, report)
    return case


def _add_report(session: Session, actor: Actor, case: Case, report: Report) -> None:
    lock(session, case)
    if case.state != CaseState.OPEN:
        raise Rejected("case_closed", "case_number")
    every = add_with_duplicates(session, actor, case, report)
    _move_on(session, actor, report, every, _added_words(case))
    _ask_to_read(session, actor, case)


def _ask_to_read(session: Session, actor: Actor, case: Case) -> None:
    if case.manager_id != actor.user_id:
        day = first_contact_on(settings.read(session), case.urgency)
        tasks.add_automatic(session, case, READ_ADDED, day, case.manager_id)


def _move_on(
    session: Session, actor: Actor, main: Report, reports: list[Report], words: str
) -> None:
    """Follow reports up, those that are decided or with a colleague by a note alone."""
    for each in reports:
        assigned = each.assigned_to(actor)
        free = each.handler_id is None or actor.may(Permission.REPORT_TRIAGE, assigned=assigned)
        if each.state in UNDECIDED and (free or each.id == main.id):
            deciding.follow_up(session, actor, each, words)
        else:
            deciding.add_note(session, actor, each, words)


def _opened_words(case: Case) -> str:
    # Notes stay as they are written, so they speak the language of the office.
    with i18n.in_language(i18n.DEFAULT):
        return i18n.gettext("Case %(number)s was opened from this report.", number=case.number)


def _added_words(case: Case) -> str:
    with i18n.in_language(i18n.DEFAULT):
        return i18n.gettext("This report belongs to case %(number)s now.", number=case.number)


def _note_school(session: Session, case: Case, class_name: str) -> None:
    """Let a child the office knew go to another school now; where it went before stays."""
    present = identity.present_schools(session, case.child_id)
    if case.school_id is None or any(each.school_id == case.school_id for each in present):
        return
    for each in present:
        each.until = clock.today()
    session.add(
        ChildSchool(
            child_id=case.child_id,
            school_id=case.school_id,
            class_name=class_name,
            since=clock.today(),
        )
    )


def _add_guardian(session: Session, case: Case, new: NewGuardian) -> None:
    names = {crypto.normal(each.full_name) for each in files.guardians_of(session, case.child_id)}
    if crypto.normal(new.full_name) not in names:
        session.add(
            Guardian(
                child_id=case.child_id,
                full_name=new.full_name,
                relation=new.relation,
                phone=new.phone,
                kept_out=bool(new.kept_out),
                kept_out_reason=new.kept_out,
            )
        )


def _share_guardians(session: Session, sibling: Case, case: Case) -> None:
    for each in files.guardians_of(session, sibling.child_id):
        values = {name: getattr(each, name) for name in GUARDIAN_FACTS}
        session.add(Guardian(child_id=case.child_id, **values))
