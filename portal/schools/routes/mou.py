"""Recording memoranda and handing out their signed copies."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions, queries
from portal.schools.actions.mou import check_copy
from portal.schools.forms import MouForm
from portal.schools.models import Mou, School
from portal.schools.routes.blueprint import bp, find
from portal.web import throttle
from portal.web.database import db, reader
from portal.web.download import hand_out
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store


def _school(school_id: str) -> School:
    """Find a school by reading alone, so that nobody waits while a file is checked."""
    return queries.get_school(reader(), actor(), school_id) or abort(404)


def _find_mou(school: School, mou_id: str) -> Mou:
    return queries.get_mou(reader(), actor(), school.id, mou_id) or abort(404)


def _mou_page(
    form: MouForm, school: School, mou: Mou | None = None, status: int = 200
) -> ResponseReturnValue:
    kept = queries.get_file(reader(), mou) if mou else None
    return page("schools/mou.html", status=status, form=form, school=school, mou=mou, kept=kept)


@bp.get("/sekolah/<public_id:school_id>/mou/baru")
@allow(Permission.MOU_WRITE)
def mou_form(school_id: str) -> ResponseReturnValue:
    """Ask for a new MoU, with the promises of the last one filled in."""
    school = find(school_id)
    earlier = queries.mous_of(db(), actor(), school.id)
    form = MouForm()
    if not form.restored:
        _propose(form, earlier)
    return _mou_page(form, school)


def _propose(form: MouForm, earlier: Sequence[tuple[Mou, object]]) -> None:
    form.signed_on.data = clock.today()
    if earlier:
        form.promised_sessions.data = earlier[0][0].promised_sessions
        form.scope.data = earlier[0][0].scope


@bp.post("/sekolah/<public_id:school_id>/mou/baru")
@allow(Permission.MOU_WRITE)
def record_mou(school_id: str) -> ResponseReturnValue:
    """Write down a new MoU."""
    school = _school(school_id)
    form = MouForm()
    if form.validate_on_submit():
        try:
            terms = form.to_command()
            if terms.file:
                throttle.count_upload()
            terms = check_copy(terms)
            with transaction(db()) as session:
                actions.record_mou(session, actor(), store(), school.id, terms)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The MoU is recorded."), "ok")
            return moved_on(url_for("schools.show", school_id=school_id))
    return _mou_page(form, school, status=form.reply_status)


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/ubah")
@allow(Permission.MOU_WRITE)
def edit_mou_form(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Show an MoU for correction."""
    school = find(school_id)
    mou = _find_mou(school, mou_id)
    return _mou_page(MouForm.showing(mou), school, mou)


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/ubah")
@allow(Permission.MOU_WRITE)
def edit_mou(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Correct an MoU."""
    school = _school(school_id)
    shown = _find_mou(school, mou_id)
    form = MouForm()
    if form.validate_on_submit():
        try:
            terms = form.to_command()
            if terms.file:
                throttle.count_upload()
            terms = check_copy(terms)
            with transaction(db()) as session:
                mou = queries.get_mou(session, actor(), school.id, mou_id) or abort(404)
                form.check_version(mou, MouForm(formdata=None, obj=mou))
                actions.change_mou(session, actor(), store(), mou, terms)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("schools.show", school_id=school_id))
    return _mou_page(form, school, shown, form.reply_status)


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/berkas")
@allow(Permission.MOU_READ)
def mou_file(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Hand out the signed copy."""
    mou = _find_mou(find(school_id), mou_id)
    kept = queries.get_file(reader(), mou) or abort(404)
    return hand_out(kept)
