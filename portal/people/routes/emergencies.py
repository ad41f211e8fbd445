"""Files opened in an emergency: the list, and the review."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people import policy
from portal.people.actions import confidential as actions
from portal.people.forms.account import FindingForm
from portal.people.models import EmergencyAccess, User
from portal.people.queries import confidential as queries
from portal.people.routes.blueprint import bp
from portal.web.database import db, reader
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page


def _review_page(
    access: EmergencyAccess, form: FindingForm, status: int = 200
) -> ResponseReturnValue:
    return page(
        "people/emergency.html",
        status=status,
        access=access,
        opener=reader().get_one(User, access.user_id),
        form=form,
        may_review=access.reviewed_at is None and policy.may_review(actor(), access),
    )


@bp.get("/akses-darurat")
@allow(Permission.EMERGENCY_READ)
def emergencies() -> ResponseReturnValue:
    """List the files that were opened in an emergency."""
    return page(
        "people/emergencies.html",
        rows=queries.list_emergencies(reader(), actor()),
        present=clock.now(),
    )


@bp.get("/akses-darurat/<public_id:access_id>")
@allow(Permission.EMERGENCY_READ)
@fresh
def emergency(access_id: str) -> ResponseReturnValue:
    """Show why a file was opened, and how that was judged."""
    access = queries.get_emergency(reader(), actor(), access_id) or abort(404)
    return _review_page(access, FindingForm())


@bp.post("/akses-darurat/<public_id:access_id>")
@allow(Permission.EMERGENCY_REVIEW)
@fresh
def review_emergency(access_id: str) -> ResponseReturnValue:
    """Judge an emergency access."""
    access = queries.get_emergency(db(), actor(), access_id) or abort(404)
    form = FindingForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.review_emergency(
                    writing,
                    actor(),
                    access,
                    justified=form.justified.data == "yes",
                    finding=form.finding.data or "",
                )
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The review is recorded."), "ok")
            return moved_on(url_for("people.emergencies"))
    return _review_page(access, form, form.reply_status)
