"""Which words mean the same to whoever searches: looking, adding, changing, taking out."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import synonyms as actions
from portal.materials.forms.synonyms import SynonymsForm
from portal.materials.models import SynonymGroup
from portal.materials.queries import synonyms as queries
from portal.materials.routes.blueprint import bp
from portal.web.database import database, db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _find(session: Session, group_id: str) -> SynonymGroup:
    return queries.get(session, group_id) or abort(404)


def _page(
    status: int = 200, tried: PortalForm | None = None, chosen_id: str | None = None
) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        groups = queries.every(reading)
    chosen = next((each for each in groups if each.public_id == chosen_id), None)
    return page(
        "materials/synonyms.html",
        status=status,
        groups=groups,
        chosen=chosen,
        form=SynonymsForm.shown(chosen, tried) if chosen else SynonymsForm.as_sent(tried),
        tried=tried,
        removal=PortalForm(formdata=None),
    )


@bp.get("/materi/kelola/sinonim")
@allow(Permission.MATERIAL_WRITE)
def synonyms() -> ResponseReturnValue:
    """Show which words mean the same; the group that `ubah` names is open for changing."""
    return _page(chosen_id=request.args.get("ubah"))


def _carry_out(
    form: PortalForm, act: Callable[[Session], object], done: str, chosen_id: str | None = None
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                act(writing)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("materials.synonyms"))
    return _page(form.reply_status, form, chosen_id)


@bp.post("/materi/kelola/sinonim")
@allow(Permission.MATERIAL_WRITE)
def add_synonyms() -> ResponseReturnValue:
    """Add a group."""
    form = SynonymsForm()

    def act(writing: Session) -> None:
        actions.add(writing, actor(), form.words.data or "")

    return _carry_out(form, act, i18n.gettext("The search knows these words now."))


@bp.post("/materi/kelola/sinonim/<public_id:group_id>")
@allow(Permission.MATERIAL_WRITE)
def change_synonyms(group_id: str) -> ResponseReturnValue:
    """Change a group."""
    _find(db(), group_id)
    form = SynonymsForm()

    def act(writing: Session) -> None:
        group = _find(writing, group_id)
        form.check_version(group, SynonymsForm(formdata=None, obj=group))
        actions.change(writing, actor(), group, form.words.data or "")

    return _carry_out(form, act, i18n.gettext("Saved."), group_id)


@bp.post("/materi/kelola/sinonim/<public_id:group_id>/hapus")
@allow(Permission.MATERIAL_WRITE)
def remove_synonyms(group_id: str) -> ResponseReturnValue:
    """Take a group out."""
    _find(db(), group_id)

    def act(writing: Session) -> None:
        actions.remove(writing, actor(), _find(writing, group_id))

    done = i18n.gettext("The search takes these words for different ones again.")
    return _carry_out(PortalForm(), act, done, group_id)
