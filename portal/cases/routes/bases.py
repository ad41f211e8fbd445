"""The regulations decisions rest on."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.cases.actions import bases as actions
from portal.cases.forms.bases import BasisForm
from portal.cases.models import LegalBasis
from portal.cases.queries import decisions as queries
from portal.cases.routes.blueprint import bp
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/dasar-hukum")
@allow(Permission.SOP_READ)
def bases() -> ResponseReturnValue:
    """Show the regulations, with the days they are in force and where that was read."""
    return page(
        "cases/bases.html",
        bases=queries.list_bases(reader(), actor()),
        today=clock.today(),
        may_write=actor().may(Permission.SOP_WRITE),
    )


def _edit_page(
    form: BasisForm, basis: LegalBasis | None = None, status: int = 200
) -> ResponseReturnValue:
    return page("cases/basis.html", status=status, form=form, basis=basis)


@bp.get("/dasar-hukum/baru")
@allow(Permission.SOP_WRITE)
def new_basis_form() -> ResponseReturnValue:
    """Ask for a regulation."""
    return _edit_page(BasisForm(checked_on=clock.today()))


@bp.post("/dasar-hukum/baru")
@allow(Permission.SOP_WRITE)
def new_basis() -> ResponseReturnValue:
    """Write a regulation down."""
    form = BasisForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.add_basis(writing, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("cases.bases"))
    return _edit_page(form, status=form.reply_status)


@bp.get("/dasar-hukum/<public_id:basis_id>")
@allow(Permission.SOP_WRITE)
def basis_form(basis_id: str) -> ResponseReturnValue:
    """Show a regulation for correction."""
    basis = queries.get_basis(reader(), actor(), basis_id) or abort(404)
    return _edit_page(BasisForm.showing(basis), basis)


@bp.post("/dasar-hukum/<public_id:basis_id>")
@allow(Permission.SOP_WRITE)
def change_basis(basis_id: str) -> ResponseReturnValue:
    """Correct a regulation."""
    shown = queries.get_basis(reader(), actor(), basis_id) or abort(404)
    form = BasisForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                basis = queries.get_basis(writing, actor(), basis_id) or abort(404)
                form.check_version(basis, BasisForm(formdata=None, obj=basis))
                actions.change_basis(writing, actor(), basis, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("cases.bases"))
    return _edit_page(form, shown, form.reply_status)
