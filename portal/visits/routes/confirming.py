"""The school's word on a session that was recorded, and the coordinator who looks into it."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import confirming
from portal.visits.forms.delivering import ConfirmForm, DoubtForm
from portal.visits.models import Visit
from portal.visits.policy.delivery import may_confirm
from portal.visits.queries.visits import VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.web.database import db
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.post("/sesi/<public_id:visit_id>/benar")
@allow(Permission.VISIT_REQUEST)
def confirm(visit_id: str) -> ResponseReturnValue:
    """Say for the school that a session took place as recorded."""
    found, form = _of_own_school(visit_id), ConfirmForm()

    def act(session: Session, visit: Visit) -> None:
        confirming.confirm(session, actor(), visit, form.note.data or "")

    return _carry_out(found, form, act, i18n.gettext("Thank you. The office sees your answer."))


@bp.post("/sesi/<public_id:visit_id>/berbeda")
@allow(Permission.VISIT_REQUEST)
def doubt(visit_id: str) -> ResponseReturnValue:
    """Say for the school what was different."""
    found, form = _of_own_school(visit_id), DoubtForm()

    def act(session: Session, visit: Visit) -> None:
        confirming.doubt(session, actor(), visit, form.note.data or "")

    done = i18n.gettext("Thank you. A coordinator looks into it.")
    return _carry_out(found, form, act, done)


@bp.post("/sesi/<public_id:visit_id>/sudah-diperiksa")
@allow(Permission.VISIT_APPROVE)
def settle(visit_id: str) -> ResponseReturnValue:
    """Leave the record as it is, after talking with the school."""

    def act(session: Session, visit: Visit) -> None:
        confirming.settle(session, actor(), visit)

    done = i18n.gettext("Saved. The record stays as it is.")
    return _carry_out(find(visit_id), PortalForm(), act, done)


def _of_own_school(visit_id: str) -> VisitFile:
    found = find(visit_id)
    if not may_confirm(actor(), found.visit):
        abort(404)
    return found


def _carry_out(
    found: VisitFile, form: PortalForm, act: Callable[[Session, Visit], None], done: str
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session, found.visit)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("visits.show", visit_id=found.visit.public_id))
    speaks = may_confirm(actor(), found.visit)
    confirms = speaks and found.visit.school_confirmed_at is None
    return page(
        "visits/confirm.html",
        status=form.reply_status,
        visit=found.visit,
        confirm_form=ConfirmForm.as_sent(form) if confirms else None,
        doubt_form=DoubtForm.as_sent(form) if speaks else None,
        complaints=complaining(form, shown=confirms or isinstance(form, DoubtForm)),
    )
