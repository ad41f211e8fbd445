"""An alert's page: what was seen, whom to call, who takes care of it, what was done."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions.file import record_reading
from portal.cases.queries import files
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.queries import roster
from portal.monitoring.actions import settling
from portal.monitoring.forms.alerts import SettleForm
from portal.monitoring.models import Alert
from portal.monitoring.queries import alerts as queries
from portal.monitoring.queries.matters import get_matter
from portal.monitoring.routes.blueprint import bp
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def on_duty(session: Session) -> bool:
    """Say whether whoever asks is on the roster today."""
    return actor().user_id in roster.on_duty(session, clock.today())


def _find(session: Session, alert_id: str) -> Alert:
    found = queries.get_alert(session, actor(), alert_id, on_duty=on_duty(session))
    return found or abort(404)


def _page(alert_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    case = get_matter(reader(), _find(reader(), alert_id)).case
    # It comes before anything is shown; if it cannot be written, nothing is.
    with database().side_write() as writing:
        record_reading(writing, actor(), case.id, page="alert")
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        matter = get_matter(reading, _find(reading, alert_id))
        opened = files.get_file(reading, actor(), matter.case.public_id)
        return page(
            "monitoring/alert.html",
            status=status,
            matter=matter,
            opens_case=opened is not None,
            works=files.works_on(reading, actor(), matter.case.id),
            settle_form=SettleForm.as_sent(tried),
            button=PortalForm(formdata=None),
            error_form=tried,
            me=actor().user_id,
        )


def _carry_out(
    alert_id: str, form: PortalForm, act: Callable[[Session, Alert], None], done: str
) -> ResponseReturnValue:
    _find(reader(), alert_id)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                act(writing, _find(writing, alert_id))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(_where_next(alert_id))
    return _page(alert_id, form.reply_status, form)


def _where_next(alert_id: str) -> str:
    """Return the alert's page, or the list for whoever was only asked while it rang."""
    with database().reader() as reading:
        seen = queries.get_alert(reading, actor(), alert_id, on_duty=on_duty(reading))
    return url_for("monitoring.alert", alert_id=alert_id) if seen else url_for("monitoring.inbox")


@bp.get("/peringatan/<public_id:alert_id>")
@allow(Permission.MONITORING_ALERT)
def alert(alert_id: str) -> ResponseReturnValue:
    """Show what a form, or its absence, asks for."""
    return _page(alert_id)


@bp.post("/peringatan/<public_id:alert_id>/tangani")
@allow(Permission.MONITORING_ALERT)
def take_alert(alert_id: str) -> ResponseReturnValue:
    """Take care of an alert, which then rings for nobody any more."""

    def act(writing: Session, found: Alert) -> None:
        settling.take(writing, actor(), found)

    return _carry_out(alert_id, PortalForm(), act, i18n.gettext("You take care of it now."))


@bp.post("/peringatan/<public_id:alert_id>/selesai")
@allow(Permission.MONITORING_ALERT)
def close_alert(alert_id: str) -> ResponseReturnValue:
    """Settle an alert with what was done."""
    form = SettleForm()

    def act(writing: Session, found: Alert) -> None:
        settled = bool(form.guardian_settled.data)
        words = form.done.data or ""
        settling.close(writing, actor(), found, words, guardian_settled=settled)

    return _carry_out(alert_id, form, act, i18n.gettext("The alert is settled."))
