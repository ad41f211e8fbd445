"""The register of data subjects' requests: the list, recording, assigning, conflicts."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.auditlog.actions import requests as actions
from portal.auditlog.forms import requests as forms
from portal.auditlog.queries import requests as queries
from portal.auditlog.routes.blueprint import bp
from portal.auditlog.routes.request_file import carry_out, show_page
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions import confidential
from portal.people.forms.account import EmergencyForm
from portal.people.queries.accounts import get_user
from portal.people.queries.confidential import get_conflict
from portal.web import errors, paging
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page

_ = i18n.lazy

errors.add_sentences(
    {
        "received_later": _("This moment is still to come. Enter when the request arrived."),
        "received_long_ago": _(
            "Enter a day within the last %(days)s days. Is it older, ask the division head how to "
            "go on."
        ),
        "account_unknown": _(
            "No account has this e-mail or number. Check it, or leave the field empty."
        ),
        "own_request": _("Nobody handles a request about their own data. Choose a colleague."),
        "handler_unfit": _("Choose somebody from the list; roles or conflicts may have changed."),
        "handler_first": _("Give the request to somebody else first, then step back yourself."),
    }
)


@bp.get("/permintaan-data")
@allow(Permission.DATA_REQUEST_READ)
def requests() -> ResponseReturnValue:
    """List the requests, those that wait first; without the names in them."""
    after, _before = paging.position(paging.moment, UUID)
    closed = queries.list_closed(reader(), actor(), after)
    year = clock.today().year
    return page(
        "auditlog/requests.html",
        open_rows=[] if after else queries.list_open(reader(), actor()),
        closed_rows=closed.rows,
        later=after is not None,
        next_url=paging.link(paging.AFTER, closed.after),
        answered=queries.answered_in_year(reader(), actor(), year),
        year=year,
        may_record=actor().may(Permission.DATA_REQUEST_ASSIGN),
        kind_names=forms.KIND_NAMES,
    )


def _new_page(form: forms.RequestForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "auditlog/request_new.html",
        status=status,
        form=form,
        meanings={kind.value: text for kind, text in forms.KIND_MEANINGS.items()},
        hours=office()["data_request_hours"],
    )


@bp.get("/permintaan-data/baru")
@allow(Permission.DATA_REQUEST_ASSIGN)
def request_form() -> ResponseReturnValue:
    """Ask what somebody asks for."""
    form = forms.RequestForm()
    form.start()
    return _new_page(form)


@bp.post("/permintaan-data/baru")
@allow(Permission.DATA_REQUEST_ASSIGN)
def record_request() -> ResponseReturnValue:
    """Write a request down; its names are not shown again to whoever typed them."""
    form = forms.RequestForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                request = actions.record_request(writing, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(
                i18n.gettext(
                    "Recorded as %(number)s. Now choose who handles it.", number=request.number
                ),
                "ok",
            )
            return moved_on(url_for("auditlog.request_page", request_id=request.public_id))
    return _new_page(form, form.reply_status)


@bp.post("/permintaan-data/<public_id:request_id>/petugas")
@allow(Permission.DATA_REQUEST_ASSIGN)
def assign_request(request_id: str) -> ResponseReturnValue:
    """Let somebody handle a request."""
    entry = queries.get_entry(reader(), actor(), request_id) or abort(404)
    form = forms.AssignForm()
    form.offer(queries.possible_handlers(reader(), actor(), entry.id))

    def act(writing: Session) -> None:
        request = queries.get_listed(writing, actor(), request_id) or abort(404)
        handler = get_user(writing, form.handler.data) or abort(404)
        actions.assign(writing, actor(), request, handler.id)

    return carry_out(request_id, form, act, i18n.gettext("The handler finds it on the home page."))


@bp.post("/permintaan-data/<public_id:request_id>/konflik")
@allow(Permission.DATA_REQUEST_ASSIGN)
def keep_away(request_id: str) -> ResponseReturnValue:
    """Put somebody on a request's conflict list."""
    queries.get_entry(reader(), actor(), request_id) or abort(404)
    form = forms.ConflictForm()
    form.offer(queries.possible_conflicts(reader()))

    def act(writing: Session) -> None:
        request = queries.get_listed(writing, actor(), request_id) or abort(404)
        person = get_user(writing, form.person.data) or abort(404)
        actions.keep_away(writing, actor(), request, person, form.why.data or "")

    return carry_out(request_id, form, act, i18n.gettext("They no longer see this request."))


@bp.post("/permintaan-data/<public_id:request_id>/konflik/<public_id:conflict_id>/cabut")
@allow(Permission.DATA_REQUEST_ASSIGN)
def lift_conflict(request_id: str, conflict_id: str) -> ResponseReturnValue:
    """Take somebody off a request's conflict list."""
    entry = queries.get_entry(reader(), actor(), request_id) or abort(404)
    get_conflict(reader(), entry.id, conflict_id) or abort(404)

    def act(writing: Session) -> None:
        conflict = get_conflict(writing, entry.id, conflict_id) or abort(404)
        confidential.lift_conflict(writing, actor(), conflict)

    return carry_out(request_id, PortalForm(), act, i18n.gettext("The entry is lifted."))


@bp.post("/permintaan-data/<public_id:request_id>/darurat")
@allow(Permission.EMERGENCY_ACCESS)
@fresh
def open_request(request_id: str) -> ResponseReturnValue:
    """Open a request's file for a while, with a reason that is reviewed afterwards."""
    queries.get_entry(reader(), actor(), request_id) or abort(404)
    form = EmergencyForm()

    def act(writing: Session) -> None:
        request = queries.get_listed(writing, actor(), request_id) or abort(404)
        record = actions.record_of(request)
        confidential.open_in_emergency(writing, actor(), record, form.reason.data or "")

    return carry_out(request_id, form, act, i18n.gettext("The file is open to you for a while."))


@bp.get("/permintaan-data/<public_id:request_id>")
@allow(Permission.DATA_REQUEST_READ)
def request_page(request_id: str) -> ResponseReturnValue:
    """Show what the register says of a request, and its file to whoever may open it."""
    return show_page(request_id)
