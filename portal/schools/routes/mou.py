"""An MoU: recording, renewing and agreeing to it, and its signed copy."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions, queries
from portal.schools.actions import agreement
from portal.schools.actions.mou import MouTerms, check_copy, checked_copy, keep_copy
from portal.schools.forms import MouForm
from portal.schools.forms.mou import AgreementForm, CopyForm, NewMouForm
from portal.schools.forms.obligations import SIDE_NAMES, ObligationForm
from portal.schools.models import Mou, School
from portal.schools.queries import mou as files
from portal.schools.routes.blueprint import bp, find
from portal.web import throttle
from portal.web.database import db, office, reader
from portal.web.download import hand_out
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store


def _school(school_id: str) -> School:
    """Find a school by reading alone, so that nobody waits while a file is checked."""
    return queries.get_school(reader(), actor(), school_id) or abort(404)


def find_mou(school: School, mou_id: str) -> Mou:
    """Return an MoU of a school, or answer 404."""
    return queries.get_mou(reader(), actor(), school.id, mou_id) or abort(404)


def mou_page(
    school: School, mou_id: str, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Show an MoU with what both sides promise, and the form that was just sent."""
    found = files.read(reader(), actor(), school.id, mou_id) or abort(404)
    may = actor().may
    return page(
        "schools/mou.html",
        status=status,
        school=school,
        found=found,
        mou=found.mou,
        sides=SIDE_NAMES,
        today=clock.today(),
        may_write=may(Permission.MOU_WRITE, school.id),
        may_agree=may(Permission.MOU_APPROVE, school.id)
        and found.mou.recorded_by != actor().user_id,
        may_keep_copy=may(Permission.MOU_FILE_WRITE, school.id),
        form=ObligationForm.as_sent(tried),
        copy_form=CopyForm.as_sent(tried),
        agreement=AgreementForm.showing(found.mou, formdata=None),
        error_form=tried,
    )


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>")
@allow(Permission.MOU_READ)
def mou(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Show an MoU."""
    return mou_page(_school(school_id), mou_id)


def _form_page(
    form: MouForm,
    school: School,
    *,
    mou: Mou | None = None,
    renews: Mou | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    kept = queries.get_file(reader(), mou) if mou else None
    return page(
        "schools/mou_form.html",
        status=status,
        form=form,
        school=school,
        mou=mou,
        renews=renews,
        kept=kept,
    )


def _terms(form: MouForm) -> MouTerms:
    """Return what was typed, its file checked before anybody asks for the write lock."""
    terms = form.to_command()
    if terms.file:
        throttle.count_upload()
    return check_copy(terms)


def _address(school: School) -> str:
    return url_for("schools.show", school_id=school.public_id)


@bp.get("/sekolah/<public_id:school_id>/mou/baru")
@allow(Permission.MOU_WRITE)
def mou_form(school_id: str) -> ResponseReturnValue:
    """Ask for a new MoU, with the promises of the last one filled in."""
    school = find(school_id)
    form = NewMouForm()
    if not form.restored:
        form.begin(office(), files.asked_by(db(), actor(), school.id))
        before = files.latest(db(), actor(), school.id)
        if before is not None:
            form.follow(before, files.obligations_of(db(), before))
            # Whether it carries the last one on is for another page to say.
            form.signed_on.data, form.valid_until.data = clock.today(), None
    return _form_page(form, school)


@bp.post("/sekolah/<public_id:school_id>/mou/baru")
@allow(Permission.MOU_WRITE)
def record_mou(school_id: str) -> ResponseReturnValue:
    """Write down a new MoU."""
    return _record(_school(school_id))


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/perpanjang")
@allow(Permission.MOU_WRITE)
def renew_form(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Ask for the MoU that carries one on, from the day after its last."""
    school = find(school_id)
    before = find_mou(school, mou_id)
    form = NewMouForm()
    if not form.restored:
        form.begin(office(), None)
        form.follow(before, files.obligations_of(db(), before))
    return _form_page(form, school, renews=before)


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/perpanjang")
@allow(Permission.MOU_WRITE)
def renew_mou(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Write down the MoU that carries one on."""
    school = _school(school_id)
    return _record(school, find_mou(school, mou_id))


def _record(school: School, renews: Mou | None = None) -> ResponseReturnValue:
    form = NewMouForm()
    if form.validate_on_submit():
        try:
            terms = _terms(form)
            with transaction(db()) as session:
                actions.record_mou(
                    session,
                    actor(),
                    store(),
                    school.id,
                    terms,
                    promises=form.promises(),
                    renews=renews,
                )
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The MoU is recorded."), "ok")
            return moved_on(_address(school))
    return _form_page(form, school, renews=renews, status=form.reply_status)


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/ubah")
@allow(Permission.MOU_WRITE)
def edit_mou_form(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Show an MoU for correction."""
    school = find(school_id)
    mou = find_mou(school, mou_id)
    return _form_page(MouForm.showing(mou), school, mou=mou)


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/ubah")
@allow(Permission.MOU_WRITE)
def edit_mou(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Correct an MoU."""
    school = _school(school_id)
    shown = find_mou(school, mou_id)
    form = MouForm()
    if form.validate_on_submit():
        try:
            terms = _terms(form)
            with transaction(db()) as session:
                mou = queries.get_mou(session, actor(), school.id, mou_id) or abort(404)
                form.check_version(mou, MouForm(formdata=None, obj=mou))
                actions.change_mou(session, actor(), store(), mou, terms)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(_address(school))
    return _form_page(form, school, mou=shown, status=form.reply_status)


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/setujui")
@allow(Permission.MOU_APPROVE)
def agree_mou(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Agree to an MoU as it stands on the page."""
    school = _school(school_id)
    find_mou(school, mou_id)
    form = AgreementForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                mou = queries.get_mou(session, actor(), school.id, mou_id) or abort(404)
                form.check(mou)
                agreement.agree(session, actor(), mou)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Thank you. Your agreement is recorded."), "ok")
            return moved_on(url_for("schools.mou", school_id=school_id, mou_id=mou_id))
    return mou_page(school, mou_id, form, form.reply_status)


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/berkas")
@allow(Permission.MOU_READ)
def mou_file(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Hand out the signed copy."""
    mou = find_mou(find(school_id), mou_id)
    kept = queries.get_file(reader(), mou) or abort(404)
    return hand_out(kept)


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/berkas")
@allow(Permission.MOU_FILE_WRITE)
def keep_mou_copy(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Keep the signed copy a school hands in."""
    school = _school(school_id)
    find_mou(school, mou_id)
    form = CopyForm()
    if form.validate_on_submit():
        try:
            throttle.count_upload()
            copy = checked_copy(form.to_command())
            with transaction(db()) as session:
                mou = queries.get_mou(session, actor(), school.id, mou_id) or abort(404)
                keep_copy(session, actor(), store(), mou, copy)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The signed copy is kept."), "ok")
            return moved_on(url_for("schools.mou", school_id=school_id, mou_id=mou_id))
    return mou_page(school, mou_id, form, form.reply_status)
