"""Bringing in a list of schools: upload, preview, confirmation."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions, exports, queries
from portal.schools.actions import ImportPlan
from portal.schools.actions.uploads import check_list
from portal.schools.actions.vocabulary import REQUIRED, TITLES
from portal.schools.forms import ConfirmForm, ImportForm
from portal.schools.models import SchoolImport
from portal.schools.routes.blueprint import bp
from portal.web import throttle
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store

# A preview shows so many rows of each kind; the count above them is always complete.
MOST_LISTED = 200
NEEDED_COLUMNS = [title for name, title in TITLES.items() if name in REQUIRED]
OTHER_COLUMNS = [title for name, title in TITLES.items() if name not in REQUIRED]


def _upload_page(form: ImportForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "schools/import.html",
        status=status,
        form=form,
        needed_columns=NEEDED_COLUMNS,
        other_columns=OTHER_COLUMNS,
    )


def _waiting(import_id: str) -> SchoolImport:
    return queries.get_import(reader(), actor(), import_id) or abort(404)


def _preview_page(
    waiting: SchoolImport, plan: ImportPlan, form: ConfirmForm, status: int = 200
) -> ResponseReturnValue:
    # What is confirmed is always what this page shows.
    form.fingerprint.data = plan.fingerprint
    return page(
        "schools/preview.html",
        status=status,
        waiting=waiting,
        plan=plan,
        form=form,
        most_listed=MOST_LISTED,
        words=exports,
    )


@bp.get("/sekolah/impor")
@allow(Permission.SCHOOL_IMPORT)
def import_form() -> ResponseReturnValue:
    """Ask for a list of schools."""
    return _upload_page(ImportForm())


@bp.post("/sekolah/impor")
@allow(Permission.SCHOOL_IMPORT)
def upload() -> ResponseReturnValue:
    """Read a list and keep it until its maker has seen what it would do."""
    form = ImportForm()
    if form.validate_on_submit():
        try:
            throttle.count_upload()
            sent = check_list(reader(), form.to_command())
            with transaction(db()) as session:
                waiting = actions.start_import(session, actor(), store(), sent)
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(url_for("schools.preview", import_id=waiting.public_id))
    return _upload_page(form, form.reply_status)


@bp.get("/sekolah/impor/<public_id:import_id>")
@allow(Permission.SCHOOL_IMPORT)
def preview(import_id: str) -> ResponseReturnValue:
    """Show what a waiting list would do."""
    waiting = _waiting(import_id)
    plan = actions.plan_import(reader(), store(), waiting)
    return _preview_page(waiting, plan, ConfirmForm())


@bp.post("/sekolah/impor/<public_id:import_id>/terapkan")
@allow(Permission.SCHOOL_IMPORT)
def apply(import_id: str) -> ResponseReturnValue:
    """Bring a waiting list in."""
    waiting = _waiting(import_id)
    plan = actions.plan_import(reader(), store(), waiting)
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.finish_import(session, actor(), store(), import_id, plan, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(exports.receipt(plan), "ok")
            return moved_on(url_for("schools.index"))
    return _preview_page(waiting, plan, form, form.reply_status)


@bp.post("/sekolah/impor/<public_id:import_id>/batal")
@allow(Permission.SCHOOL_IMPORT)
def cancel(import_id: str) -> ResponseReturnValue:
    """Forget a waiting list."""
    waiting = queries.get_import(db(), actor(), import_id) or abort(404)
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            actions.discard_import(session, actor(), store(), waiting)
        flash(i18n.gettext("The list was not brought in; nothing has changed."), "ok")
    return moved_on(url_for("schools.import_form"))
