"""The boards: my cases, the team's, what is overdue."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.cases.forms.boards import BoardForm
from portal.cases.queries import boards, caseload
from portal.cases.queries.boards import Filter
from portal.cases.routes.blueprint import bp
from portal.cases.states import Stage
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.web import paging
from portal.web.database import office, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

_ = i18n.lazy

# What belongs to cases and stands on pages of its own.
BESIDE = (
    (Permission.CASE_LIST, "referrals.overview", _("Referrals")),
    (Permission.PROVIDER_READ, "referrals.providers", _("Whom children can be referred to")),
    (Permission.CASE_FIGURES, "insight.case_figures", _("Figures of cases")),
    (Permission.CASE_FIGURES_INSIDE, "cases.conformity", _("Conformity with the procedure")),
    (Permission.CASE_FIGURES_INSIDE, "insight.obstacles", _("Obstacles")),
    (Permission.SOP_READ, "cases.procedure", _("Procedure")),
    (Permission.SOP_READ, "cases.bases", _("Legal bases")),
)


@bp.get("/kasus")
@allow(Permission.CASE_LIST)
def index() -> ResponseReturnValue:
    """Show the cases one works on or watches over."""
    return _board(BoardForm(request.args, meta={"csrf": False}), "")


@bp.post("/kasus/cari")
@allow(Permission.CASE_LIST)
def search() -> ResponseReturnValue:
    """Find cases; what is looked for may be a child's name, so it stands in no address."""
    form = BoardForm()
    return _board(form, form.cari.data or "")


@bp.get("/kasus/cari")
@allow(Permission.CASE_LIST)
def back_to_board() -> ResponseReturnValue:
    """Lead whoever comes back to the results of a search, or changes their language, to a board."""
    return moved_on(url_for("cases.index"))


def _board(form: BoardForm, text: str) -> ResponseReturnValue:
    silent_days = office()["silent_case_days"]
    watches = actor().may(Permission.CASE_LIST)
    form.offer(caseload.managers(reader(), actor()) if watches else {})
    chosen = _chosen(form, text)
    # The address names the last case by its random id: it says nothing of what is due when.
    (after,), _before = (key or (None,) for key in paging.position(str))
    found = boards.list_cases(reader(), actor(), chosen, silent_days, after)
    # What was searched for stands without tabs, and so without their figures.
    figures = (
        None if chosen.text else caseload.figures(reader(), actor(), silent_days, chosen.manager)
    )
    return page(
        "cases/index.html",
        part="cases/_board.html",
        form=form,
        chosen=chosen,
        tabs=caseload.tabs_of(actor()),
        figures=figures,
        most_counted=caseload.MOST_COUNTED,
        stages=list(Stage),
        lines=found.lines,
        first_page=after is None,
        more=found.after is not None,
        next_url=paging.link(paging.AFTER, (found.after,) if found.after else None),
        watches=watches,
        works=actor().may(Permission.CASE_WORK, assigned=True),
        may_open=actor().may(Permission.CASE_OPEN),
        today=clock.today(),
        beside=[
            (endpoint, label)
            for permission, endpoint, label in BESIDE
            if actor().may_somewhere(permission)
        ],
    )


def _chosen(form: BoardForm, text: str) -> Filter:
    """Return what is asked for; what nobody offers narrows nothing."""
    tabs, stages = caseload.tabs_of(actor()), tuple(Stage)
    tab = request.values.get("tampil", tabs[0])
    stage = request.values.get("tahap", "")
    tab = tab if tab in tabs else tabs[0]
    return Filter(
        tab=tab,
        stage=Stage(stage) if stage in stages and tab != caseload.ENDED else None,
        manager="" if tab in (caseload.MINE, caseload.UNMANAGED) else form.manager,
        text=text,
    )
