"""Writing what a material says, with its files, and seeing it as its readers will."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import attachments, writing
from portal.materials.actions.attachments import Upload
from portal.materials.forms.kinds import FORMS
from portal.materials.forms.texts import TextsForm
from portal.materials.policy.exchange import files_named
from portal.materials.queries import attached, library
from portal.materials.queries.library import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import material_page
from portal.web import throttle
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store


def newest(session: Session, slug: str) -> Shown:
    """Return a material as it will be, to whoever writes; 404 for anything else."""
    return library.newest(session, actor(), slug) or abort(404)


def _page(form: TextsForm, shown: Shown, status: int = 200) -> ResponseReturnValue:
    return page(
        "materials/edit.html",
        status=status,
        form=form,
        material=shown.material,
        edition=shown.edition,
        kept=attached.kept_of(reader(), shown.material.id, files_named(shown.content)),
        takes_file=attachments.has_room(shown.material.kind, shown.content),
        accept=",".join(sorted(attachments.allowed(shown.material.kind))),
    )


@bp.get("/materi/<slug>/ubah")
@allow(Permission.MATERIAL_WRITE)
def edit_form(slug: str) -> ResponseReturnValue:
    """Show what a material says, for writing."""
    shown = newest(reader(), slug)
    return _page(FORMS[shown.material.kind].of(shown), shown)


@bp.post("/materi/<slug>/ubah")
@allow(Permission.MATERIAL_WRITE)
def edit(slug: str) -> ResponseReturnValue:
    """Save what was written as the draft, with the file that came with it."""
    shown = newest(reader(), slug)
    form = FORMS[shown.material.kind]()
    if form.adds_card:
        form.add_card()
    elif form.validate_on_submit():
        try:
            upload = _checked(form, shown)
            with transaction(db()) as session:
                _save(session, slug, form, upload)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("materials.edit_form", slug=slug))
    return _page(form, shown, 200 if form.adds_card else form.reply_status)


def _checked(form: TextsForm, shown: Shown) -> Upload | None:
    """Return the file that came with a form, as it is to be kept; raises Rejected."""
    upload = form.upload
    if upload is None:
        return None
    throttle.count_upload()
    return attachments.check(shown.material.kind, upload)


def _save(session: Session, slug: str, form: TextsForm, upload: Upload | None) -> None:
    # What is compared here is what is written over.
    writing.hold(session, slug)
    found = newest(session, slug)
    form.check_standing(found)
    content = form.written(found.content)
    if upload is not None:
        content = attachments.attach(session, store(), actor(), found.material, content, upload)
    writing.save(session, actor(), found.material, content)
    attachments.discard_unused(session, store(), found.material)


@bp.get("/materi/<slug>/lihat")
@allow(Permission.MATERIAL_WRITE)
def preview(slug: str) -> ResponseReturnValue:
    """Show a material as its readers will see it."""
    return material_page(newest(reader(), slug))
