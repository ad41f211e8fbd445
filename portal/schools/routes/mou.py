"""Recording memoranda and handing out their signed copies."""

from __future__ import annotations

from io import BytesIO

from flask import abort, flash, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, files, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions, queries
from portal.schools.forms import MouForm
from portal.schools.models import Mou, School
from portal.schools.routes.blueprint import bp, data_folder, find
from portal.web.database import db
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# A signed copy is for saving; should a browser open it all the same, nothing in it may run.
DOWNLOAD_POLICY = "sandbox; default-src 'none'"


def _find_mou(school: School, mou_id: str) -> Mou:
    return queries.get_mou(db(), actor(), school.id, mou_id) or abort(404)


def _mou_page(
    form: MouForm, school: School, mou: Mou | None = None, status: int = 200
) -> ResponseReturnValue:
    kept = queries.get_file(db(), mou) if mou else None
    return page("schools/mou.html", status=status, form=form, school=school, mou=mou, kept=kept)


@bp.get("/<public_id:school_id>/mou/baru")
@allow(Permission.MOU_WRITE)
def mou_form(school_id: str) -> ResponseReturnValue:
    """Ask for a new MoU, with the promises of the last one filled in."""
    school = find(school_id)
    earlier = queries.mous_of(db(), actor(), school.id)
    form = MouForm()
    form.signed_on.data = clock.today()
    if earlier:
        form.promised_sessions.data = earlier[0][0].promised_sessions
        form.scope.data = earlier[0][0].scope
    return _mou_page(form, school)


@bp.post("/<public_id:school_id>/mou/baru")
@allow(Permission.MOU_WRITE)
def record_mou(school_id: str) -> ResponseReturnValue:
    """Write down a new MoU."""
    school = find(school_id)
    form = MouForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.record_mou(session, actor(), data_folder(), school.id, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The MoU is recorded."), "ok")
            return moved_on(url_for("schools.show", school_id=school_id))
    return _mou_page(form, school, status=form.reply_status)


@bp.get("/<public_id:school_id>/mou/<public_id:mou_id>/ubah")
@allow(Permission.MOU_WRITE)
def edit_mou_form(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Show an MoU for correction."""
    school = find(school_id)
    mou = _find_mou(school, mou_id)
    return _mou_page(MouForm(obj=mou), school, mou)


@bp.post("/<public_id:school_id>/mou/<public_id:mou_id>/ubah")
@allow(Permission.MOU_WRITE)
def edit_mou(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Correct an MoU."""
    school = find(school_id)
    mou = _find_mou(school, mou_id)
    form = MouForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.change_mou(session, actor(), data_folder(), mou, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("schools.show", school_id=school_id))
    return _mou_page(form, school, mou, form.reply_status)


@bp.get("/<public_id:school_id>/mou/<public_id:mou_id>/berkas")
@allow(Permission.MOU_READ)
def mou_file(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Hand out the signed copy."""
    mou = _find_mou(find(school_id), mou_id)
    kept = queries.get_file(db(), mou) or abort(404)
    response = send_file(
        BytesIO(files.read(data_folder(), kept)),
        mimetype=kept.media_type,
        as_attachment=True,
        download_name=kept.name,
    )
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
