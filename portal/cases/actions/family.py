"""The family log: meeting a family or missing it, what is agreed, and when to try another way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.actions.tasks import add_automatic, end_automatic
from portal.cases.models import Case, CaseTask, FamilyContact, Guardian
from portal.cases.queries import family
from portal.cases.queries.tasks import HOME_TASK, MISSED_CONTACTS, still_open
from portal.cases.states import Barrier, ContactWay, EntryKind
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected


@dataclass(frozen=True)
class Contact:
    """What happened: whom somebody tried to meet, how, and what came of it.

    Without a guardian it was with another adult the child trusts, whom `text` names.
    """

    at: datetime
    way: ContactWay
    reached: bool
    guardian_id: UUID | None = None
    barrier: Barrier | None = None
    barrier_words: str = ""
    text: str = ""
    home_task: str = ""
    home_task_until: date | None = None
    home_task_done: bool | None = None


def add_contact(session: Session, actor: Actor, case: Case, contact: Contact) -> FamilyContact:
    """Write a contact into the log; raises what `file.begin` and `_check` raise."""
    begin(session, actor, case)
    record = FamilyContact(
        id=new_id(), case_id=case.id, written_by=actor.user_id, written_at=clock.now()
    )
    _check(session, case, record, contact)
    _fill(record, contact)
    session.add(record)
    _note(session, actor, case, record)
    watch(session, actor, case)
    return record


def correct_contact(
    session: Session, actor: Actor, case: Case, record: FamilyContact, contact: Contact
) -> None:
    """Put right what the log says of a contact; raises what `add_contact` raises."""
    begin(session, actor, case)
    _check(session, case, record, contact)
    _fill(record, contact)
    _note(session, actor, case, record, corrected=True)
    watch(session, actor, case)


def answer_home_task(
    session: Session, actor: Actor, case: Case, record: FamilyContact, *, done: bool
) -> None:
    """Note whether a family did what was agreed; raises what `file.begin` raises.

    Rejected("no_home_task") where nothing was agreed.
    """
    begin(session, actor, case)
    if record.home_task_until is None:
        raise Rejected("no_home_task")
    record.home_task_done = done
    facts = {"home_task": "done" if done else "not_done"}
    write_entry(session, actor, case, EntryKind.FAMILY_CONTACT, facts=facts, record_id=record.id)
    watch(session, actor, case)


def watch(session: Session, actor: Actor, case: Case) -> None:
    """Set or end the portal's own tasks by what the log and the appointments say now.

    One stands while the family was missed as often in a row as the setting says, another on the day
    after the earliest home task nobody has asked about.
    """
    session.flush()
    office = settings.read(session)
    missed = family.standing(session, case.id).missed >= office["missed_contacts"]
    other_way = clock.add_working_days(clock.today(), office["other_way_working_days"])
    _keep(session, actor, case, MISSED_CONTACTS, other_way if missed else None)
    until = family.next_home_task(session, case.id)
    asked = until + timedelta(days=1) if until else None
    for task in still_open(session, case.id, CaseTask.code == HOME_TASK):
        if task.due_on != asked:
            end_automatic(session, actor, case, HOME_TASK)
    _keep(session, actor, case, HOME_TASK, asked)


def _keep(session: Session, actor: Actor, case: Case, code: str, due_on: date | None) -> None:
    if due_on is None:
        end_automatic(session, actor, case, code)
    else:
        add_automatic(session, case, code, due_on, case.manager_id or actor.user_id)


def _check(session: Session, case: Case, record: FamilyContact, contact: Contact) -> None:
    """Raises Rejected with the field of the form it belongs to, or what `check_peace` raises."""
    if contact.at > clock.now():
        raise Rejected("still_to_come", "day")
    if contact.guardian_id not in (None, record.guardian_id):
        guardian = session.get_one(Guardian, contact.guardian_id)
        if guardian.kept_out or guardian.child_id != case.child_id:
            raise Rejected("guardian_kept_out", "guardian")
    if contact.reached:
        if not contact.text:
            raise Rejected("said_needed", "text")
    elif contact.barrier is None:
        raise Rejected("barrier_needed", "barrier")
    _check_home_task(contact)
    check_peace(case, contact.home_task)


def _check_home_task(contact: Contact) -> None:
    until = contact.home_task_until
    if contact.home_task and not contact.reached:
        raise Rejected("agreed_unreached", "home_task")
    if contact.home_task and until is None:
        raise Rejected("home_task_day", "home_task_until")
    if until is None:
        return
    if not contact.home_task:
        raise Rejected("home_task_words", "home_task")
    if until < clock.day_of(contact.at):
        raise Rejected("home_task_before", "home_task_until")


def _fill(record: FamilyContact, contact: Contact) -> None:
    record.guardian_id = contact.guardian_id
    record.at, record.way = contact.at, contact.way
    record.reached = contact.reached
    record.barrier = None if contact.reached else contact.barrier
    record.barrier_words = "" if contact.reached else contact.barrier_words
    record.text = contact.text
    record.home_task, record.home_task_until = contact.home_task, contact.home_task_until
    record.home_task_done = contact.home_task_done if contact.home_task else None


def _note(
    session: Session, actor: Actor, case: Case, record: FamilyContact, *, corrected: bool = False
) -> None:
    facts: dict[str, str | bool] = {"way": str(record.way), "reached": record.reached}
    if record.barrier:
        facts["barrier"] = str(record.barrier)
    if corrected:
        facts["corrected"] = True
    write_entry(
        session,
        actor,
        case,
        EntryKind.FAMILY_CONTACT,
        text="\n".join(filter(None, (record.text, record.barrier_words))),
        at=record.at,
        facts=facts,
        record_id=record.id,
    )
