"""The boards: my cases, the team's, what is overdue."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.cases.forms.boards import BoardForm
from portal.cases.queries import boards, caseload
from portal.cases.queries.boards import Filter
from portal.cases.routes.blueprint import bp
from portal.cases.states import Stage
from portal.core import clock
from portal.core.access import Permission
from portal.web import paging
from portal.web.database import office, reader
from portal.web.guard import actor, allow
from portal.web.render import page


@bp.get("/kasus")
@allow(Permission.CASE_LIST)
def index() -> ResponseReturnValue:
    """Show the cases one works on or watches over."""
    silent_days = office()["silent_case_days"]
    watches = actor().may(Permission.CASE_LIST)
    form = BoardForm(request.args, meta={"csrf": False})
    form.offer(caseload.managers(reader(), actor()) if watches else {})
    chosen = _chosen(form)
    # The address names the last case by its random id: it says nothing of what is due when.
    (after,), _before = (key or (None,) for key in paging.position(str))
    found = boards.list_cases(reader(), actor(), chosen, silent_days, after)
    return page(
        "cases/index.html",
        part="cases/_board.html",
        form=form,
        chosen=chosen,
        tabs=caseload.tabs_of(actor()),
        figures=caseload.figures(reader(), actor(), silent_days, chosen.manager),
        most_counted=caseload.MOST_COUNTED,
        stages=list(Stage),
        lines=found.lines,
        first_page=after is None,
        next_url=paging.link(paging.AFTER, (found.after,) if found.after else None),
        watches=watches,
        works=actor().may(Permission.CASE_WORK, assigned=True),
        may_open=actor().may(Permission.CASE_OPEN),
        today=clock.today(),
    )


def _chosen(form: BoardForm) -> Filter:
    """Return what this address asks for; what nobody offers narrows nothing."""
    tabs, stages = caseload.tabs_of(actor()), tuple(Stage)
    tab = request.args.get("tampil", tabs[0])
    stage = request.args.get("tahap", "")
    tab = tab if tab in tabs else tabs[0]
    return Filter(
        tab=tab,
        stage=Stage(stage) if stage in stages and tab != caseload.ENDED else None,
        manager="" if tab in (caseload.MINE, caseload.UNMANAGED) else form.manager,
        text=form.cari.data or "",
    )
