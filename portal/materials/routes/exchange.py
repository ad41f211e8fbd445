"""Materials as files: taken out, and brought in as drafts."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.crypto import UndecipherableError
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import Rule
from portal.materials.actions import exchange
from portal.materials.forms.exchange import ImportForm
from portal.materials.policy.exchange import MOST_BYTES
from portal.materials.routes.blueprint import bp
from portal.materials.routes.editing import newest
from portal.web import throttle
from portal.web.database import db, reader
from portal.web.download import LostFileError, download
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store

JSON = "application/json"
# More than files of one kind elsewhere: whoever mends one by hand tries again and again, and the
# materials of a city come one by one.
IMPORTS = Rule("material_import", "60/hour")


@bp.get("/materi/<slug>/ekspor.json")
@allow(Permission.MATERIAL_WRITE)
def take_out(slug: str) -> ResponseReturnValue:
    """Hand over a material as it is now, its draft if it has one."""
    shown = newest(reader(), slug)
    try:
        content = exchange.take_out(reader(), store(), shown)
    except (FileNotFoundError, UndecipherableError) as error:
        raise LostFileError(slug) from error
    return download(content, f"{shown.material.slug}.json", JSON)


@bp.get("/materi/impor")
@allow(Permission.MATERIAL_WRITE)
def import_form() -> ResponseReturnValue:
    """Ask for the file of a material."""
    return page("materials/import.html", form=ImportForm())


@bp.post("/materi/impor")
@allow(Permission.MATERIAL_WRITE)
def bring_in() -> ResponseReturnValue:
    """Bring a material in as a draft."""
    form = ImportForm()
    if form.validate_on_submit():
        try:
            throttle.count(IMPORTS, str(actor().user_id))
            carried = exchange.read(form.file.data.read(MOST_BYTES + 1))
            with transaction(db()) as session:
                made = exchange.bring_in(session, actor(), store(), carried)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("It is here as a draft. Look it over, then publish it."), "ok")
            return moved_on(url_for("materials.edit_form", slug=made.slug))
    return page("materials/import.html", status=form.reply_status, form=form)
