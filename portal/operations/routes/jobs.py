"""The page for whoever runs the portal: its health, its jobs, its workers."""

from __future__ import annotations

from flask import abort, current_app, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n, schedule
from portal.core.access import Permission
from portal.core.db import transaction
from portal.operations.actions import jobs as actions
from portal.operations.queries import jobs as queries
from portal.operations.queries.checks import State, examine
from portal.operations.routes.blueprint import bp
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# What needs somebody comes first.
URGENCY = [State.BAD, State.WARN, State.OK, State.OFF]


@bp.get("/operasi")
@allow(Permission.OPERATIONS)
def index() -> ResponseReturnValue:
    """Show how the portal is, what it does by itself, and who does it."""
    checks = examine(reader(), current_app.config["PORTAL"])
    living = {worker.worker for worker in schedule.living(reader())}
    return page(
        "operations/index.html",
        checks=sorted(checks, key=lambda check: URGENCY.index(check.state)),
        jobs=queries.list_jobs(reader()),
        workers=queries.list_workers(reader()),
        living=living,
        button=PortalForm(formdata=None),
    )


@bp.post("/operasi/tugas/<job_name>/jalankan")
@allow(Permission.OPERATIONS)
def run_now(job_name: str) -> ResponseReturnValue:
    """Have a job run at once."""
    job = schedule.jobs.get(job_name) or abort(404)
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            actions.run_now(session, actor(), job)
            awake = schedule.living(session)
        flash(
            i18n.gettext("%(job)s: starts within seconds.", job=job.label)
            if awake
            else i18n.gettext("%(job)s: starts as soon as a worker runs.", job=job.label),
            "ok" if awake else "warn",
        )
    return moved_on(url_for("operations.index", _anchor="h-jobs"))
