"""The first page of a file: where the case stands, what comes next, what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import identity
from portal.cases.actions.file import begin
from portal.cases.forms.boards import TimelineForm
from portal.cases.forms.matter import MatterForm
from portal.cases.forms.notes import NoteForm
from portal.cases.models import Case
from portal.cases.queries import overview, sentinels, stages, timeline
from portal.cases.queries.header import Opened
from portal.cases.queries.timeline import Wanted
from portal.cases.routes import shell, tasks
from portal.cases.routes.blueprint import bp
from portal.cases.states import CaseState
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.incidents.queries.words import ANSWERS
from portal.web import paging
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on


@bp.get("/kasus/<public_id:case_id>")
@allow(Permission.CASE_LIST)
def show(case_id: str) -> ResponseReturnValue:
    """Show where a case stands and what comes next."""
    return again(case_id, part="cases/_timeline.html")


@bp.post("/kasus/<public_id:case_id>/cari")
@allow(Permission.CASE_LIST)
def find(case_id: str) -> ResponseReturnValue:
    """Find lines of the timeline; what is looked for stands in no address."""
    return again(case_id, part="cases/_timeline.html")


@bp.get("/kasus/<public_id:case_id>/cari")
@allow(Permission.CASE_LIST)
def back_to_case(case_id: str) -> ResponseReturnValue:
    """Lead whoever comes back to what was found, or changes its language, to the case."""
    return moved_on(url_for("cases.show", case_id=case_id))


@bp.post("/kasus/<public_id:case_id>/perkara")
@allow(Permission.CASE_WORK)
def correct_matter(case_id: str) -> ResponseReturnValue:
    """Put right which forms of violence a case is about, and how urgent it is."""
    form = MatterForm()

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        form.check(case)
        urgency, reason = str(form.urgency.data), form.matter_reason.data or ""
        identity.correct_matter(writing, actor(), case, form.chosen, urgency, reason)

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), again)


def again(
    case_id: str, status: int = 200, tried: PortalForm | None = None, part: str | None = None
) -> ResponseReturnValue:
    """Show the overview, with the form that was just sent."""
    return shell.show(
        case_id,
        "overview",
        "cases/overview.html",
        _filled(tried),
        status=status,
        tried=tried,
        part=part,
    )


def _filled(tried: PortalForm | None) -> Callable[[Session, Opened], dict[str, Any]]:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        going_on = case.state == CaseState.OPEN
        return {
            "stage_view": stages.view(reading, case),
            "due_look": None if going_on else sentinels.due_for(reading, actor(), case),
            **tasks.context_of(reading, opened, tried),
            "note_form": NoteForm.as_sent(tried),
            "matter_form": MatterForm.shown(case, tried),
            "tried": tried,
            "reports": overview.reports_of(reading, actor(), case.id),
            "kind_names": ANSWERS["what"],
            "today": clock.today(),
            **_timeline(reading, opened),
        }

    return fill


def _timeline(reading: Session, opened: Opened) -> dict[str, Any]:
    """Return the part of the timeline that is asked for."""
    form = TimelineForm() if request.method == "POST" else TimelineForm(formdata=None)
    group = request.values.get("jenis", "")
    wanted = Wanted(group if group in timeline.GROUPS else "semua", form.cari.data or "")
    after, _before = paging.position(paging.moment, UUID)
    found = timeline.read(reading, opened.case, wanted, after, named=opened.child is not None)
    return {
        "find_form": form,
        "wanted": wanted,
        "groups": list(timeline.GROUPS),
        "entries": found.lines,
        "first_page": after is None,
        "more": found.after is not None,
        "next_url": paging.link(paging.AFTER, found.after),
    }
