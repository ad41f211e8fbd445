"""What every page of a case does: look who asks, note the reading, show, or carry out a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.actions.file import record_reading
from portal.cases.forms.reveal import RevealForm
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.header import Opened, open_file
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.forms.account import EmergencyForm
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor
from portal.web.render import moved_on, page

Fill = Callable[[Session, Opened], dict[str, Any]]
Act = Callable[[Session, Case], None]
Again = Callable[[str, int, PortalForm | None], ResponseReturnValue]


def show(
    case_id: str,
    tab: str,
    template: str,
    fill: Fill,
    *,
    status: int = 200,
    tried: PortalForm | None = None,
    part: str | None = None,
) -> ResponseReturnValue:
    """Render one page of a case; to whoever may not read it now, what the list says of it."""
    case = files.get_file(reader(), actor(), case_id)
    if case is None:
        listed = files.get_listed(reader(), actor(), case_id) or abort(404)
        return closed_page(listed, status, tried)
    # It comes before anything is shown; if it cannot be written, nothing is.
    with database().side_write() as writing:
        record_reading(writing, actor(), case.id, page=tab)
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        opened = open_file(reading, actor(), case_id) or abort(404)
        context = fill(reading, opened)
        return page(template, part=part, status=status, opened=opened, tab=tab, **context)


def closed_page(listed: Case, status: int, tried: PortalForm | None) -> ResponseReturnValue:
    """Render what somebody sees of a case by its number, and how they may open it."""
    waits = files.something_waits_for(reader(), actor(), listed.id)
    may_reveal = policy.may_reveal(actor(), decides_something=waits)
    emergency = actor().may(Permission.EMERGENCY_ACCESS) and not may_reveal
    return page(
        "cases/closed.html",
        status=status,
        case=listed,
        reveal_form=RevealForm.as_sent(tried) if may_reveal else None,
        emergency_form=EmergencyForm.as_sent(tried) if emergency else None,
        may_reopen=listed.can(actor(), "reopen"),
    )


def carry_out(
    case_id: str, form: PortalForm, act: Act, done: str, again: Again, to: str | None = None
) -> ResponseReturnValue:
    """Do what a form asks for and go on to `to`, or show what stands against it by `again`."""
    files.get_file(reader(), actor(), case_id) or abort(404)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                case = files.get_file(writing, actor(), case_id) or abort(404)
                act(writing, case)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(to or url_for("cases.show", case_id=case_id))
    return again(case_id, form.reply_status, form)
