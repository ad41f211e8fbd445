"""The tasks of a case: all of them on a page, set, done, no longer needed."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import tasks as actions
from portal.cases.forms.tasks import EndTaskForm, TaskForm
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries import tasks as queries
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.core.access import Permission
from portal.core.errors import Rejected
from portal.people.models import User
from portal.people.queries.accounts import get_user
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow


def context_of(reading: Session, opened: Opened, tried: PortalForm | None = None) -> dict[str, Any]:
    """Return what the card of tasks shows: `tasks`, and `task_form` where they may be changed."""
    shown: dict[str, Any] = {"tasks": queries.open_of(reading, opened.case.id), "task_form": None}
    if opened.editable:
        people = queries.people_for(reading, opened.case.id)
        usual = reading.get(User, actor().user_id)
        shown["task_form"] = TaskForm.among(people, usual, tried)
    return shown


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        done = queries.done_of(reading, opened.case.id)
        return {**context_of(reading, opened, tried), "done": done, "tried": tried}

    return shell.show(case_id, "tasks", "cases/tasks.html", fill, status=status, tried=tried)


@bp.get("/kasus/<public_id:case_id>/tugas")
@allow(Permission.CASE_LIST)
def tasks(case_id: str) -> ResponseReturnValue:
    """Show what is still to be done in a case, and what was done."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/tugas")
@allow(Permission.CASE_WORK)
def add_task(case_id: str) -> ResponseReturnValue:
    """Set a task."""
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    form = TaskForm()
    form.offer(queries.people_for(reader(), case.id))

    def act(writing: Session, case: Case) -> None:
        person = get_user(writing, form.person.data or "")
        if person is None:
            raise Rejected("not_on_case", "person")
        actions.add(writing, actor(), case, form.text.data or "", form.due_on.data, person.id)

    return shell.carry_out(case_id, form, act, i18n.gettext("The task is set."), _page)


@bp.post("/kasus/<public_id:case_id>/tugas/<public_id:task_id>/selesai")
@allow(Permission.CASE_WORK)
def finish_task(case_id: str, task_id: str) -> ResponseReturnValue:
    """Note that a task is done."""
    return _end(case_id, task_id, actions.finish, i18n.gettext("Done."))


@bp.post("/kasus/<public_id:case_id>/tugas/<public_id:task_id>/batal")
@allow(Permission.CASE_WORK)
def cancel_task(case_id: str, task_id: str) -> ResponseReturnValue:
    """Note that a task is no longer needed."""
    return _end(case_id, task_id, actions.cancel, i18n.gettext("It is off the list."))


def _end(case_id: str, task_id: str, action: Any, done: str) -> ResponseReturnValue:
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    queries.get_task(reader(), case.id, task_id) or abort(404)
    form = EndTaskForm()
    form.about = task_id

    def act(writing: Session, case: Case) -> None:
        task = queries.get_task(writing, case.id, task_id) or abort(404)
        action(writing, actor(), case, task, form.words.data or "")

    return shell.carry_out(case_id, form, act, done, _page)
