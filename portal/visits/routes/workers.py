"""Social workers' hours, leave and load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import workers as actions
from portal.visits.forms.workers import WEEKDAYS, HoursForm, LeaveForm, TermsForm
from portal.visits.queries import ledger, slots, visits
from portal.visits.queries.leave import get_leave, list_leave
from portal.visits.queries.slots import Worker
from portal.visits.routes.blueprint import bp
from portal.web.database import db, office
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

F = TypeVar("F", bound=PortalForm)


@bp.get("/peksos")
@allow(Permission.WORKER_READ)
def workers() -> ResponseReturnValue:
    """List the social workers with hours, leave and what the coming weeks hold."""
    monday = slots.working_week()
    return page(
        "visits/workers.html",
        outlooks=ledger.outlook(db(), office(), monday),
        today=clock.today(),
        week=(monday, monday + timedelta(days=4)),
        may_write=actor().may(Permission.WORKER_WRITE),
    )


def _worker(worker_id: str) -> Worker:
    every = slots.load_workers(db(), clock.today())
    return next((each for each in every if each.public_id == worker_id), None) or abort(404)


def _worker_page(
    worker: Worker, *, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    monday = clock.monday_of(clock.today())
    every = ledger.outlook(db(), office(), monday)
    outlook = next(each for each in every if each.worker.id == worker.id)
    leave = list_leave(db(), worker.id)
    load = outlook.weeks[0].load
    return page(
        "visits/worker.html",
        status=status,
        worker=worker,
        outlook=outlook,
        hours_form=_sent(tried, HoursForm) or HoursForm(formdata=None, data=_hours(worker)),
        leave_form=LeaveForm.as_sent(tried),
        terms_form=_sent(tried, TermsForm) or TermsForm.suggesting(load),
        tried=tried,
        terms=ledger.list_terms(db(), worker.id),
        leave=leave,
        alone=ledger.left_alone(db(), actor(), worker.id, leave),
        days=[
            (day, i18n.weekday(d))
            for day, d in zip(WEEKDAYS, clock.days_of_week(monday, 6), strict=True)
        ],
        button=PortalForm(formdata=None),
    )


def _sent(tried: PortalForm | None, kind: type[F]) -> F | None:
    return tried if isinstance(tried, kind) else None


def _hours(worker: Worker) -> dict[str, Any]:
    return {
        f"{end}_{day}": value
        for day, pair in worker.hours.items()
        for end, value in zip(("starts", "ends"), pair, strict=True)
    }


@bp.get("/peksos/<public_id:worker_id>")
@allow(Permission.WORKER_WRITE)
def worker(worker_id: str) -> ResponseReturnValue:
    """Show one worker's hours and leave."""
    return _worker_page(_worker(worker_id))


@bp.post("/peksos/<public_id:worker_id>/jam-kerja")
@allow(Permission.WORKER_WRITE)
def change_hours(worker_id: str) -> ResponseReturnValue:
    """Change one worker's weekly hours."""
    found, form = _worker(worker_id), HoursForm()

    def act(session: Session) -> None:
        actions.set_hours(session, actor(), found.id, form.to_command())

    return _carry_out(worker_id, form, act, _saved)


def _saved() -> None:
    flash(i18n.gettext("Saved."), "ok")


def _carry_out(
    worker_id: str, form: PortalForm, act: Callable[[Session], object], tell: Callable[[], None]
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session)
        except Rejected as problem:
            form.attach(problem)
        else:
            tell()
            return moved_on(url_for("visits.worker", worker_id=worker_id))
    return _worker_page(_worker(worker_id), status=form.reply_status, tried=form)


@bp.post("/peksos/<public_id:worker_id>/waktu-kerja")
@allow(Permission.WORKER_WRITE)
def change_terms(worker_id: str) -> ResponseReturnValue:
    """Write down how much of a week one worker has, from a day on."""
    found, form = _worker(worker_id), TermsForm()

    def act(session: Session) -> None:
        actions.set_terms(session, actor(), found.id, form.to_command())

    return _carry_out(worker_id, form, act, _saved)


@bp.post("/peksos/<public_id:worker_id>/cuti")
@allow(Permission.WORKER_WRITE)
def add_leave(worker_id: str) -> ResponseReturnValue:
    """Write down that a worker is away."""
    found, form = _worker(worker_id), LeaveForm()

    def act(session: Session) -> None:
        actions.add_leave(session, actor(), found.id, form.first_day.data, form.last_day.data)

    def tell() -> None:
        _warn_of_open_sessions(found, form.first_day.data, form.last_day.data)

    return _carry_out(worker_id, form, act, tell)


def _warn_of_open_sessions(worker: Worker, first: date, last: date) -> None:
    """Name the sessions that now need another worker; the page lists them too."""
    left = visits.expected_between(db(), actor(), worker.id, first, last)
    if not left:
        _saved()
        return
    named = [f"{row.school_name} ({i18n.day_date(row.starts_at)})" for row in left]
    flash(
        i18n.gettext(
            "The leave is saved. These sessions need another social worker now: %(sessions)s.",
            sessions=i18n.join(named),
        ),
        "warn",
    )


@bp.post("/peksos/<public_id:worker_id>/cuti/<public_id:leave_id>/hapus")
@allow(Permission.WORKER_WRITE)
def remove_leave(worker_id: str, leave_id: str) -> ResponseReturnValue:
    """Take an entry of leave back."""
    found = _worker(worker_id)
    leave = get_leave(db(), found.id, leave_id) or abort(404)
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            actions.remove_leave(session, actor(), leave)
        flash(i18n.gettext("Saved."), "ok")
    return moved_on(url_for("visits.worker", worker_id=worker_id))
