"""Tasks of a case: set, done, no longer needed, handed on when somebody leaves.

Each open task waits among the to-dos of its person, and of nobody while that person no longer works
on the case and it has no manager.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.due import keep_due_day
from portal.cases.actions.file import begin, link_of, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.actions.waiting import TASK
from portal.cases.models import Case, CaseTask
from portal.cases.queries import files
from portal.cases.queries import tasks as queries
from portal.cases.queries.tasks import FIRST_CONTACT
from portal.cases.states import EntryKind
from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected


def add(
    session: Session, actor: Actor, case: Case, text: str, due_on: date, person_id: UUID
) -> CaseTask:
    """Give somebody who works on the case something to do, in words.

    Raises what `begin` and `check_peace` raise, and Rejected("not_on_case") at "person".
    """
    begin(session, actor, case)
    if person_id not in files.workers_of(session, case.id):
        raise Rejected("not_on_case", "person")
    check_peace(case, text)
    task = CaseTask(case_id=case.id, text=text, due_on=due_on, person_id=person_id)
    _set(session, actor, case, task)
    _ask(session, case, task)
    return task


def add_first(session: Session, actor: Actor, case: Case, text: str, due_on: date) -> CaseTask:
    """Set what a new case begins with; without words it is the first contact.

    Without a manager it waits under the name of whoever opened the case (see `gather`). Raises what
    `check_peace` raises.
    """
    check_peace(case, text)
    person_id = case.manager_id or actor.user_id
    task = CaseTask(
        case_id=case.id, code=FIRST_CONTACT, text=text, due_on=due_on, person_id=person_id
    )
    _set(session, actor, case, task)
    if case.manager_id is not None:
        _ask(session, case, task)
    return task


def add_automatic(
    session: Session, case: Case, code: str, due_on: date, person_id: UUID | None
) -> CaseTask | None:
    """Set a task of the portal's own by its code, unless one of that code is open.

    Returns the new one; None where one is open already, or where nobody could do it.
    """
    # Nobody manages the case: the coordinators are asked to change that, which comes first.
    if person_id is None or queries.still_open(session, case.id, CaseTask.code == code):
        return None
    task = CaseTask(case_id=case.id, code=code, due_on=due_on, person_id=person_id)
    _set(session, None, case, task)
    _ask(session, case, task)
    return task


def _set(session: Session, actor: Actor | None, case: Case, task: CaseTask) -> None:
    task.id, task.set_at = new_id(), clock.now()
    task.set_by = actor.user_id if actor else None
    session.add(task)
    keep_due_day(session, case)
    _note(session, actor, case, task, "added")


def finish(session: Session, actor: Actor, case: Case, task: CaseTask, result: str) -> None:
    """Note that a task is done, and what came of it where there is something to say.

    Raises what `begin` raises, and Rejected("task_over") when it was done or cancelled meanwhile.
    """
    _begin_ending(session, actor, case, task)
    _end(session, actor, case, task, result)


def cancel(session: Session, actor: Actor, case: Case, task: CaseTask, reason: str) -> None:
    """Note that a task is no longer needed, and why.

    Raises what `finish` raises, and Rejected("task_reason") at "words".
    """
    _begin_ending(session, actor, case, task)
    if not reason:
        raise Rejected("task_reason", "words")
    task.cancelled = True
    _end(session, actor, case, task, reason)


def end_automatic(session: Session, actor: Actor | None, case: Case, code: str) -> None:
    """End the portal's own task of a code, because what it asked for happened."""
    for task in queries.still_open(session, case.id, CaseTask.code == code):
        _end(session, actor, case, task)


def cancel_all(session: Session, actor: Actor | None, case: Case) -> None:
    """Cancel every open task of a case, because the work on it ends."""
    for task in queries.still_open(session, case.id):
        task.cancelled = True
        _end(session, actor, case, task)


def hand_over(session: Session, case: Case, from_id: UUID, to_id: UUID | None) -> None:
    """Give somebody's open tasks to another; for None they wait until somebody manages the case."""
    for task in queries.still_open(session, case.id, CaseTask.person_id == from_id):
        duties.close_duties(session, task.id)
        if to_id is not None:
            task.person_id = to_id
            _ask(session, case, task)


def gather(session: Session, case: Case) -> None:
    """Let every open task wait for somebody who works on the case: its person, or the manager."""
    workers = files.workers_of(session, case.id)
    every = queries.still_open(session, case.id)
    for person_id in {task.person_id for task in every} - workers:
        hand_over(session, case, person_id, case.manager_id)
    for task in every:
        if task.person_id in workers and not duties.is_open(session, task.id, TASK):
            _ask(session, case, task)


def _begin_ending(session: Session, actor: Actor, case: Case, task: CaseTask) -> None:
    begin(session, actor, case)
    session.refresh(task)
    if task.done_at is not None:
        raise Rejected("task_over")


def _end(
    session: Session, actor: Actor | None, case: Case, task: CaseTask, words: str = ""
) -> None:
    task.done_at, task.done_by = clock.now(), actor.user_id if actor else None
    task.result = words
    duties.close_duties(session, task.id)
    keep_due_day(session, case)
    _note(session, actor, case, task, "cancelled" if task.cancelled else "done")


def _ask(session: Session, case: Case, task: CaseTask) -> None:
    duties.open_duty(
        session,
        Due(
            kind=TASK,
            subject_id=task.id,
            link=f"{link_of(case)}#tasks",
            due_at=clock.at_wib(task.due_on, clock.OFFICE_CLOSES),
            facts={"number": case.number},
            person_id=task.person_id,
        ),
    )


def _note(session: Session, actor: Actor | None, case: Case, task: CaseTask, state: str) -> None:
    facts = {"state": state, "code": task.code, "user": task.person_id.hex}
    words = task.text if state == "added" else task.result
    write_entry(session, actor, case, EntryKind.TASK, text=words, facts=facts, record_id=task.id)
