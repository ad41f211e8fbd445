"""One request: its page, what its handler does with it, and the copy of an account's data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.auditlog import policy
from portal.auditlog.actions import requests as actions
from portal.auditlog.exports import copies
from portal.auditlog.forms import requests as forms
from portal.auditlog.forms.copies import WORDS
from portal.auditlog.models import DataRequest, Relation, RequestKind
from portal.auditlog.queries import requests as queries
from portal.auditlog.queries.copies import account_of
from portal.auditlog.routes.blueprint import bp
from portal.auditlog.states import OPEN_REQUESTS
from portal.core import audit, clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import PDF
from portal.people.forms.account import EmergencyForm
from portal.people.queries.confidential import conflicts_of, running_emergency
from portal.web.database import database, db, office, reader
from portal.web.download import download
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page

Act = Callable[[Session], None]

MOVE_FORMS: dict[str, type[PortalForm]] = {
    "identify": forms.IdentityForm,
    "fulfil": forms.AnswerForm,
    "refuse": forms.RefusalForm,
    "withdraw": forms.WithdrawalForm,
}


def _read(request: DataRequest, **facts: str | bool) -> None:
    """Write down who reads a file; this comes before anything of it is shown."""
    with database().side_write() as writing:
        audit.record_read(writing, actor(), actions.SUBJECT, request.id, **facts)


def show_page(
    request_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Render a request's page, with the file for whoever may open it and the forms they need."""
    entry = queries.get_entry(reader(), actor(), request_id) or abort(404)
    file = queries.get_file(reader(), actor(), request_id)
    emergency = None
    context = {**_steering(entry, tried), **_opened(file, tried)}
    if file is not None:
        if file.handler_id != actor().user_id:
            emergency = running_emergency(reader(), actor(), file.id)
        _read(file, emergency=emergency is not None)
    return page(
        "auditlog/request.html",
        status=status,
        entry=entry,
        file=file,
        emergency=emergency,
        error_form=_complaining(tried, context, closed=file is None),
        kind_name=forms.KIND_NAMES[RequestKind(entry.kind)],
        kind_meaning=forms.KIND_MEANINGS[RequestKind(entry.kind)],
        button=PortalForm(formdata=None),
        **context,
    )


def _complaining(
    tried: PortalForm | None, context: dict[str, Any], *, closed: bool
) -> PortalForm | None:
    """Return the form whose complaints stand on top; not one that is no longer on the page."""
    shown = [MOVE_FORMS[move] for move in context["moves"]]
    shown += [forms.AssignForm] if context["assign_form"] else []
    shown += [forms.ConflictForm] if context["conflict_form"] else []
    shown += [EmergencyForm] if context["emergency_form"] and closed else []
    return complaining(tried, shown=isinstance(tried, tuple(shown)))


def _steering(entry: queries.Entry, tried: PortalForm | None) -> dict[str, Any]:
    """Return what whoever assigns requests needs: handlers, conflicts, the emergency."""
    emergency_form = None
    if actor().may(Permission.EMERGENCY_ACCESS):
        emergency_form = EmergencyForm.as_sent(tried)
    if not actor().may(Permission.DATA_REQUEST_ASSIGN):
        return {"assign_form": None, "conflict_form": None, "emergency_form": emergency_form}
    assign_form = forms.AssignForm.as_sent(tried)
    assign_form.offer(queries.possible_handlers(reader(), actor(), entry.id))
    conflict_form = forms.ConflictForm.as_sent(tried)
    conflict_form.offer(queries.possible_conflicts(reader()))
    return {
        "assign_form": assign_form if entry.state in OPEN_REQUESTS else None,
        "conflict_form": conflict_form,
        "conflicts": conflicts_of(reader(), entry.id),
        "emergency_form": emergency_form,
    }


def _opened(file: DataRequest | None, tried: PortalForm | None) -> dict[str, Any]:
    """Return what belongs to an open file."""
    if file is None:
        return {"moves": []}
    own = policy.about_oneself(actor(), file)
    return {
        "moves": [] if own else file.open_to(actor()),
        "own": own,
        "relation_name": forms.RELATION_NAMES[Relation(file.relation)],
        "others": queries.others_about_same(reader(), actor(), file),
        "erases": file.kind == RequestKind.ERASURE and file.account_id is not None,
        "gives_copy": policy.gives_copy(file),
        "copy_waits": file.kind in policy.COPY_KINDS and file.account_id is not None,
        "identity_form": forms.IdentityForm.as_sent(tried),
        "answer_form": forms.AnswerForm.as_sent(tried),
        "refusal_form": forms.RefusalForm.as_sent(tried),
        "withdrawal_form": forms.WithdrawalForm.as_sent(tried),
    }


def carry_out(request_id: str, form: PortalForm, act: Act, done: str) -> ResponseReturnValue:
    """Do what a form asks for and go back to the request, or show what stands against it."""
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                act(writing)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            with database().reader() as reading:
                seen = queries.get_entry(reading, actor(), request_id)
            # Whoever stepped back from a request does not come back to it.
            if seen is None:
                return moved_on(url_for("auditlog.requests"))
            return moved_on(url_for("auditlog.request_page", request_id=request_id))
    return show_page(request_id, form.reply_status, form)


def _handle(
    request_id: str, form: PortalForm, field: str, action: Callable[..., None], done: str
) -> ResponseReturnValue:
    queries.get_file(reader(), actor(), request_id) or abort(404)

    def act(writing: Session) -> None:
        request = queries.get_file(writing, actor(), request_id) or abort(404)
        action(writing, actor(), request, form[field].data or "")

    return carry_out(request_id, form, act, done)


@bp.post("/permintaan-data/<public_id:request_id>/identitas")
@allow(Permission.DATA_REQUEST_WRITE)
def identify(request_id: str) -> ResponseReturnValue:
    """Note how the office made sure who asks."""
    done = i18n.gettext("Noted. Now the request itself.")
    return _handle(request_id, forms.IdentityForm(), "how", actions.identify, done)


@bp.post("/permintaan-data/<public_id:request_id>/penuhi")
@allow(Permission.DATA_REQUEST_WRITE)
@fresh
def fulfil(request_id: str) -> ResponseReturnValue:
    """Note what was done; an erasure is carried out with it."""
    done = i18n.gettext("The request is answered.")
    return _handle(request_id, forms.AnswerForm(), "answer", actions.fulfil, done)


@bp.post("/permintaan-data/<public_id:request_id>/tidak-bisa")
@allow(Permission.DATA_REQUEST_WRITE)
def refuse(request_id: str) -> ResponseReturnValue:
    """Note why it is not possible."""
    done = i18n.gettext("The request is answered.")
    return _handle(request_id, forms.RefusalForm(), "refusal", actions.refuse, done)


@bp.post("/permintaan-data/<public_id:request_id>/ditarik")
@allow(Permission.DATA_REQUEST_WRITE)
def withdraw_request(request_id: str) -> ResponseReturnValue:
    """Note that whoever asked took it back."""
    done = i18n.gettext("The request is closed.")
    return _handle(request_id, forms.WithdrawalForm(), "withdrawal", actions.withdraw, done)


def _copy(request_id: str, form: str) -> tuple[DataRequest, copies.Copy]:
    request = queries.get_file(reader(), actor(), request_id) or abort(404)
    account_id = request.account_id if policy.gives_copy(request) else None
    if account_id is None or policy.about_oneself(actor(), request):
        abort(404)
    _read(request, copy=form)
    account = account_of(reader(), account_id)
    copy = copies.copy_of(account, office(), request.number, clock.now(), WORDS)
    return request, copy


@bp.get("/permintaan-data/<public_id:request_id>/salinan.json")
@allow(Permission.DATA_REQUEST_READ)
@fresh
def copy_json(request_id: str) -> ResponseReturnValue:
    """Hand out a copy of an account's data for other programs."""
    request, copy = _copy(request_id, "json")
    return download(copies.as_json(copy), f"salinan-{request.number}.json", "application/json")


@bp.get("/permintaan-data/<public_id:request_id>/salinan.pdf")
@allow(Permission.DATA_REQUEST_READ)
@fresh
def copy_pdf(request_id: str) -> ResponseReturnValue:
    """Hand out a copy of an account's data for reading."""
    request, copy = _copy(request_id, "pdf")
    content = copies.as_pdf(copy, i18n.language(), clock.now())
    return download(content, f"salinan-{request.number}.pdf", PDF)
