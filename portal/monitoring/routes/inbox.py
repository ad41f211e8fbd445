"""Forms that wait for an answer: the list, one form as the office reads it, the answer."""

from __future__ import annotations

from flask import Response, abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions.file import record_reading
from portal.cases.queries import files
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import answering
from portal.monitoring.forms.answering import AnswerForm
from portal.monitoring.models import MonitoringForm
from portal.monitoring.queries import alerts, answers
from portal.monitoring.queries import inbox as queries
from portal.monitoring.routes.alerts import on_duty
from portal.monitoring.routes.blueprint import bp
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import in_place_of_page, moved_on, page, wants_fragment


@bp.get("/pemantauan/antrean")
@allow(Permission.MONITORING_ALERT)
def inbox() -> ResponseReturnValue:
    """Show the forms that wait for an answer, and on top what cannot wait."""
    waiting = queries.waiting_for(reader(), actor())
    raised = alerts.open_to(reader(), actor(), on_duty=on_duty(reader()))
    seen = {each.case.id for each in waiting} | {each.case.id for each in raised}
    with database().side_write() as writing:
        for case_id in sorted(seen):
            record_reading(writing, actor(), case_id, page="form_inbox")
    return page(
        "monitoring/inbox.html",
        waiting=waiting,
        alerts=raised,
        button=AnswerForm(formdata=None),
        present=clock.now(),
        works=actor().may(Permission.CASE_WORK, assigned=True),
    )


def _find(session: Session, form_id: str) -> MonitoringForm:
    return answers.get_readable(session, actor(), form_id) or abort(404)


def _page(form_id: str, status: int = 200, tried: PortalForm | None = None) -> Response:
    case = answers.read(reader(), _find(reader(), form_id)).case
    # It comes before anything is shown; if it cannot be written, nothing is.
    with database().side_write() as writing:
        record_reading(writing, actor(), case.id, page="form")
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        shown = answers.read(reading, _find(reading, form_id))
        texts = queries.ready_texts(reading)
        return page(
            "monitoring/read.html",
            status=status,
            shown=shown,
            ready=queries.best(texts, shown.now),
            more=texts,
            works=files.works_on(reading, actor(), case.id),
            form=AnswerForm.as_sent(tried),
            error_form=tried,
        )


@bp.get("/pemantauan/<public_id:form_id>/baca")
@allow(Permission.CASE_LIST)
def read_form(form_id: str) -> ResponseReturnValue:
    """Show what a teacher sent, beside the form before."""
    return _page(form_id)


@bp.post("/pemantauan/<public_id:form_id>/jawab")
@allow(Permission.CASE_WORK)
def answer(form_id: str) -> ResponseReturnValue:
    """Answer a form, with a ready text or in one's own words."""
    _find(reader(), form_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                found, code = _find(writing, form_id), form.code.data or ""
                read = form.read.data
                if code:
                    answering.reply_ready(writing, actor(), found, code, read=read)
                else:
                    answering.reply(writing, actor(), found, form.text.data or "", read=read)
        except Rejected as problem:
            form.attach(problem)
        else:
            if wants_fragment():
                return page("monitoring/_answered.html")
            flash(i18n.gettext("Answered. The teacher reads it on the form's page."), "ok")
            return moved_on(url_for("monitoring.inbox"))
    return in_place_of_page(_page(form_id, form.reply_status, form))
