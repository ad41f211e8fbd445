"""Opening a file that is not one's own, with a reason."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.cases.actions import revealing
from portal.cases.actions.file import record_of
from portal.cases.forms.reveal import RevealForm
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.routes.blueprint import bp
from portal.cases.routes.child import child_page
from portal.cases.routes.shell import closed_page
from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions import confidential
from portal.people.forms.account import EmergencyForm
from portal.web.database import db, reader
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on


@bp.post("/kasus/<public_id:case_id>/buka")
@allow(Permission.CASE_REVEAL)
@fresh
def reveal(case_id: str) -> ResponseReturnValue:
    """Open who a child is, or the file, for a while."""
    listed = files.get_listed(reader(), actor(), case_id) or abort(404)
    # Whoever reads the work anyway asks for the name alone, on the child's part of the file.
    reads = files.get_file(reader(), actor(), case_id) is not None
    form = RevealForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                case = files.get_listed(writing, actor(), case_id) or abort(404)
                revealing.reveal(writing, actor(), case, form.reason.data or "")
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The file is open to you for a while."), "ok")
            return moved_on(url_for(_opened_for(listed, reads), case_id=case_id))
    if reads:
        return child_page(case_id, form.reply_status, form)
    return closed_page(listed, form.reply_status, form)


def _opened_for(case: Case, reads: bool) -> str:
    """Return the page somebody opened a file for: the name, or what waits for their word."""
    if reads:
        return "cases.child"
    waits = files.something_waits_for(reader(), actor(), case.id)
    return "cases.decisions" if waits else "cases.show"


@bp.post("/kasus/<public_id:case_id>/darurat")
@allow(Permission.EMERGENCY_ACCESS)
@fresh
def open_in_emergency(case_id: str) -> ResponseReturnValue:
    """Open a file in an emergency, which is reviewed afterwards."""
    listed = files.get_listed(reader(), actor(), case_id) or abort(404)
    form = EmergencyForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                case = files.get_listed(writing, actor(), case_id) or abort(404)
                confidential.open_in_emergency(
                    writing, actor(), record_of(case), form.reason.data or ""
                )
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The file is open to you for a while."), "ok")
            return moved_on(url_for("cases.show", case_id=case_id))
    return closed_page(listed, form.reply_status, form)
