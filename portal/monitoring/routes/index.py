"""What waits for somebody about children who are back at school, whoever they are."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Permission
from portal.monitoring.forms.steering import TeacherForm
from portal.monitoring.policy.standing import correctable_until
from portal.monitoring.queries import alerts, at_school, board, overview, punctuality
from portal.monitoring.queries.at_school import Pupil
from portal.monitoring.routes.alerts import on_duty
from portal.monitoring.routes.blueprint import bp
from portal.monitoring.states import AlertState
from portal.web import paging
from portal.web.database import database, office
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import page

P = Permission


@bp.get("/pemantauan")
@allow(Permission.MONITORING_LIST)
def index() -> ResponseReturnValue:
    """Show what one may know and has to do about children who are back at school."""
    return show_index()


def show_index(status: int = 200, tried: PortalForm | None = None, named: str = "") -> Response:
    """Render the page; `tried` is the form just sent about the child with the public id `named`."""
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        return page(
            "monitoring/index.html",
            status=status,
            **_mine(reading),
            **_school(reading, tried, named),
            **_office(reading),
            button=PortalForm(formdata=None),
            error_form=tried,
            today=clock.today(),
            present=clock.now(),
        )


def _mine(session: Session) -> dict[str, Any]:
    """Return what waits for whoever is asked for forms, and the plans people at schools read."""
    fills = actor().may_somewhere(P.MONITORING_FILL)
    tasks = overview.tasks(session, actor()) if fills else []
    reads = actor().may_somewhere(P.RETURN_PLAN_READ)
    return {
        "fills": fills,
        "open_tasks": [each for each in tasks if each.open],
        "later_tasks": [each for each in tasks if not each.open],
        "sent": overview.sent_by(session, actor()) if fills else [],
        "plans": overview.plans_of(session, actor()) if reads else [],
        "correctable_until": lambda form: correctable_until(form, office()),
        "several_schools": len({each.school_id for each in actor().appointments}) > 1,
    }


def _school(session: Session, tried: PortalForm | None, named: str) -> dict[str, Any]:
    """Return whether the forms of a school are done."""
    counts = actor().may_somewhere(P.MONITORING_STATUS)
    found = at_school.pupils(session, actor()) if counts else []
    names = actor().may_somewhere(P.MONITORING_ASSIGN)
    return {
        "counts": counts,
        "pupils": found,
        "punctual": punctuality.of_schools(session, actor()) if counts else None,
        "naming": {each.follow_up.id: naming_form(each, tried, named) for each in found}
        if names
        else {},
    }


def naming_form(pupil: Pupil, tried: PortalForm | None = None, named: str = "") -> TeacherForm:
    """Return the form that names a child's teacher, the one just sent as it was."""
    public_id = pupil.follow_up.public_id
    form = TeacherForm(formdata=None, known_as=public_id)
    if isinstance(tried, TeacherForm) and named == public_id:
        form = tried
    form.offer(pupil.teachers)
    return form


def _office(session: Session) -> dict[str, Any]:
    """Return the list of the office: by number, for whoever knows of cases."""
    knows = actor().may_somewhere(P.CASE_LIST)
    if not knows:
        return {"knows": False}
    tab = request.args.get("tampil", board.ALL)
    tab = tab if tab in board.TABS else board.ALL
    # The address names the last row by its random id: it says nothing of what is due when.
    (after,), _before = (key or (None,) for key in paging.position(str))
    listed = board.lines(session, actor(), tab, after)
    return {
        "knows": True,
        "tab": tab,
        "tabs": board.TABS,
        "figures": board.counts(session, actor()),
        "lines": listed.lines,
        "first_page": after is None,
        "next_url": paging.link(paging.AFTER, (listed.after,) if listed.after else None),
        "watches": actor().may(P.CASE_LIST),
        "works": actor().may(P.CASE_WORK, assigned=True),
        "gap": actor().may(P.GAP_FIGURES),
        **_inbox(session),
    }


def _inbox(session: Session) -> dict[str, Any]:
    """Return how much waits for whoever answers forms and takes alerts on."""
    if not actor().may(P.MONITORING_ALERT, assigned=True):
        return {"answers": 0, "raised": 0, "takes": False}
    raised = alerts.open_to(session, actor(), on_duty=on_duty(session))
    return {
        "takes": True,
        "answers": board.to_answer(session, actor()),
        "raised": sum(each.lead.state == AlertState.OPEN for each in raised),
    }
