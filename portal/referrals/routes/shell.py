"""What every page of a case's referrals does: look who asks, note the reading, show, carry out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions.file import record_reading
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.header import Opened, open_file
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.referrals.models import Referral
from portal.referrals.queries import referrals
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor
from portal.web.render import moved_on, page

TAB = "referrals"
Fill = Callable[[Session, Opened], dict[str, Any]]
Act = Callable[[Session, Case], None]
Again = Callable[[int, PortalForm], ResponseReturnValue]


def show(case_id: str, template: str, fill: Fill, status: int = 200) -> ResponseReturnValue:
    """Render a page about a case's referrals; whoever may not read it now sees its closed page."""
    listed = files.get_listed(reader(), actor(), case_id) or abort(404)
    if files.get_file(reader(), actor(), case_id) is None:
        return redirect(url_for("cases.show", case_id=case_id), 303)
    note_reading(listed)
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        opened = open_file(reading, actor(), case_id) or abort(404)
        context = fill(reading, opened)
        return page(template, status=status, opened=opened, tab=TAB, **context)


def note_reading(case: Case, **more: str) -> None:
    """Write down who reads, and what more than the page; this comes before anything is shown."""
    with database().side_write() as writing:
        record_reading(writing, actor(), case.id, page=TAB, **more)


def carry_out(
    case_id: str, form: PortalForm, act: Act, done: str, again: Again, to: str
) -> ResponseReturnValue:
    """Do what a form asks for and go on to `to`, or show what stands against it by `again`."""
    if try_out(case_id, form, act):
        return again(form.reply_status, form)
    return go_on(done, to)


def go_on(done: str, to: str) -> ResponseReturnValue:
    """Say what was done, on the page that comes next."""
    flash(done, "ok")
    return moved_on(to)


def try_out(case_id: str, form: PortalForm, act: Act) -> bool:
    """Do what a form asks for; return True when something stands against it."""
    files.get_file(reader(), actor(), case_id) or abort(404)
    if not form.validate_on_submit():
        return True
    try:
        with transaction(db()) as writing:
            act(writing, files.get_file(writing, actor(), case_id) or abort(404))
    except Rejected as problem:
        form.attach(problem)
        return True
    return False


def find(reading: Session, case: Case, referral_id: str) -> Referral:
    """Return a referral of a case, or end with 404."""
    return referrals.get_referral(reading, actor(), case, referral_id) or abort(404)
