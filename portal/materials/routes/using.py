"""What signed-in people do with a material: mark it, and say that a class used it."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import using as actions
from portal.materials.forms.using import UseForm
from portal.materials.queries import library
from portal.materials.queries import use as uses
from portal.materials.queries.library import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import material_page, own_schools
from portal.web import once
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on


def _find(slug: str) -> Shown:
    return library.published(reader(), slug) or abort(404)


@bp.post("/materi/<slug>/simpan")
@allow(Permission.SIGNED_IN)
def favourite(slug: str) -> ResponseReturnValue:
    """Mark a material to find it again."""
    material = _find(slug).material
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            actions.mark(session, actor(), material)
        flash(i18n.gettext("You find it among your favourites now."), "ok")
    return moved_on(url_for("materials.show", slug=slug))


@bp.post("/materi/<slug>/lepas")
@allow(Permission.SIGNED_IN)
def unfavourite(slug: str) -> ResponseReturnValue:
    """Take a material off one's favourites."""
    material = _find(slug).material
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            actions.unmark(session, actor(), material)
        flash(i18n.gettext("It is no longer among your favourites."), "ok")
    return moved_on(url_for("materials.show", slug=slug))


@bp.post("/materi/<slug>/dipakai")
@allow(Permission.MATERIAL_USE)
def use(slug: str) -> ResponseReturnValue:
    """Note that a class used a material."""
    shown, form = _find(slug), UseForm()
    own = own_schools(actor())
    form.offer({row.public_id: row.name for row in own})
    if form.validate_on_submit():
        address = url_for("materials.show", slug=slug, _anchor="dipakai")
        once.lead_to(address)
        command = form.to_command({row.public_id: row.id for row in own})
        try:
            with transaction(db()) as session:
                actions.record_use(session, actor(), shown.material, command)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Thank you. It is noted that this class used it."), "ok")
            return moved_on(address)
    return material_page(shown, form, form.reply_status)


@bp.post("/materi/<slug>/dipakai/<public_id:use_id>/hapus")
@allow(Permission.MATERIAL_USE)
def forget_use(slug: str, use_id: str) -> ResponseReturnValue:
    """Take back on the same day what one noted by mistake."""
    shown = _find(slug)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                own = uses.own(session, actor(), shown.material.id, use_id) or abort(404)
                actions.forget_use(session, actor(), own)
        except Rejected as problem:
            form = UseForm(formdata=None)
            form.attach(problem)
            return material_page(shown, form, form.reply_status)
        flash(i18n.gettext("It is taken back."), "ok")
    return moved_on(url_for("materials.show", slug=slug, _anchor="dipakai"))
