"""What both sides of an MoU promise: adding, correcting, and whether it was kept."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools.actions import obligations as actions
from portal.schools.forms.obligations import MetForm, ObligationForm
from portal.schools.models import Mou, MouObligation, School
from portal.schools.queries import mou as queries
from portal.schools.routes.blueprint import bp, find_for
from portal.schools.routes.mou import find_mou, mou_page
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _address(school: School, mou: Mou) -> str:
    return url_for("schools.mou", school_id=school.public_id, mou_id=mou.public_id)


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/janji")
@allow(Permission.MOU_WRITE)
def add_obligation(school_id: str, mou_id: str) -> ResponseReturnValue:
    """Add a promise to an MoU."""
    school = find_for(Permission.MOU_WRITE, school_id)
    found = find_mou(school, mou_id)
    form = ObligationForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                mou = session.get_one(Mou, found.id)
                actions.add_obligation(session, actor(), mou, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(_address(school, found))
    return mou_page(school, mou_id, form, form.reply_status)


def _find(school: School, mou_id: str, obligation_id: str) -> tuple[Mou, MouObligation]:
    mou = find_mou(school, mou_id)
    return mou, queries.get_obligation(reader(), mou, obligation_id) or abort(404)


def _page(
    school: School,
    mou: Mou,
    obligation: MouObligation,
    tried: PortalForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    return page(
        "schools/mou_promise.html",
        status=status,
        school=school,
        mou=mou,
        obligation=obligation,
        form=ObligationForm.shown(obligation, tried),
        met_form=MetForm.as_sent(tried),
        button=PortalForm(formdata=None),
        error_form=tried,
    )


@bp.get("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/janji/<public_id:obligation_id>")
@allow(Permission.MOU_WRITE)
def obligation(school_id: str, mou_id: str, obligation_id: str) -> ResponseReturnValue:
    """Show a promise, to say whether it was kept or to correct it."""
    school = find_for(Permission.MOU_WRITE, school_id)
    return _page(school, *_find(school, mou_id, obligation_id))


@bp.post("/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/janji/<public_id:obligation_id>")
@allow(Permission.MOU_WRITE)
def change_obligation(school_id: str, mou_id: str, obligation_id: str) -> ResponseReturnValue:
    """Correct a promise."""
    form = ObligationForm()

    def act(session: Session, mou: Mou, promise: MouObligation) -> None:
        form.check_version(promise, ObligationForm(formdata=None, obj=promise))
        actions.change_obligation(session, actor(), mou, promise, form.to_command())

    return _carry_out(school_id, mou_id, obligation_id, form, act)


@bp.post(
    "/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/janji/<public_id:obligation_id>/terpenuhi"
)
@allow(Permission.MOU_WRITE)
def meet_obligation(school_id: str, mou_id: str, obligation_id: str) -> ResponseReturnValue:
    """Note that a promise was kept."""
    form = MetForm()

    def act(session: Session, mou: Mou, promise: MouObligation) -> None:
        met_on, note = form.met_on.data, form.note.data or ""
        actions.meet_obligation(session, actor(), mou, promise, met_on, note)

    return _carry_out(school_id, mou_id, obligation_id, form, act)


@bp.post(
    "/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/janji/<public_id:obligation_id>/belum"
)
@allow(Permission.MOU_WRITE)
def reopen_obligation(school_id: str, mou_id: str, obligation_id: str) -> ResponseReturnValue:
    """Take back that a promise was kept."""

    def act(session: Session, mou: Mou, promise: MouObligation) -> None:
        actions.open_again(session, actor(), mou, promise)

    return _carry_out(school_id, mou_id, obligation_id, PortalForm(), act)


@bp.post(
    "/sekolah/<public_id:school_id>/mou/<public_id:mou_id>/janji/<public_id:obligation_id>/hapus"
)
@allow(Permission.MOU_WRITE)
def remove_obligation(school_id: str, mou_id: str, obligation_id: str) -> ResponseReturnValue:
    """Take a promise out of an MoU."""

    def act(session: Session, mou: Mou, promise: MouObligation) -> None:
        actions.remove_obligation(session, actor(), mou, promise)

    return _carry_out(school_id, mou_id, obligation_id, PortalForm(), act)


def _carry_out(
    school_id: str,
    mou_id: str,
    obligation_id: str,
    form: PortalForm,
    act: Callable[[Session, Mou, MouObligation], None],
) -> ResponseReturnValue:
    """Do something with a promise and go back to its MoU, or show what stands against it."""
    school = find_for(Permission.MOU_WRITE, school_id)
    mou, shown = _find(school, mou_id, obligation_id)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                promise = session.get_one(MouObligation, shown.id)
                act(session, session.get_one(Mou, mou.id), promise)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(_address(school, mou))
    return _page(school, mou, shown, form, form.reply_status)
