"""Writing into a case's timeline."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from portal.cases.actions.notes import add_note as write_note
from portal.cases.forms.notes import NoteForm
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.routes.overview import again
from portal.core import i18n
from portal.core.access import Permission
from portal.web.guard import actor, allow


@bp.post("/kasus/<public_id:case_id>/catatan")
@allow(Permission.CASE_WORK)
def add_note(case_id: str) -> ResponseReturnValue:
    """Write a note."""
    form = NoteForm()
    return shell.carry_out(
        case_id,
        form,
        lambda session, case: write_note(session, actor(), case, form.to_command()),
        i18n.gettext("The note stands in the timeline."),
        again,
    )
