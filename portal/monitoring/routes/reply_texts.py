"""The office's ready answers to schools."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import reply_texts as actions
from portal.monitoring.forms.answering import ReplyTextForm
from portal.monitoring.models import ReplyText
from portal.monitoring.queries import reply_texts as queries
from portal.monitoring.routes.blueprint import bp
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _find(session: Session, text_id: str) -> ReplyText:
    return queries.get(session, text_id) or abort(404)


def _edit_page(
    form: ReplyTextForm, text: ReplyText | None, status: int = 200
) -> ResponseReturnValue:
    return page("monitoring/reply_text.html", status=status, form=form, text=text)


@bp.get("/pemantauan/jawaban-siap")
@allow(Permission.SOP_READ)
def reply_texts() -> ResponseReturnValue:
    """Show the ready answers, those that are offered first."""
    return page(
        "monitoring/reply_texts.html",
        texts=queries.every(reader()),
        writes=actor().may(Permission.SOP_WRITE),
    )


@bp.get("/pemantauan/jawaban-siap/baru")
@allow(Permission.SOP_WRITE)
def new_reply_text() -> ResponseReturnValue:
    """Ask for a new ready answer."""
    return _edit_page(ReplyTextForm(), None)


@bp.post("/pemantauan/jawaban-siap/baru")
@allow(Permission.SOP_WRITE)
def add_reply_text() -> ResponseReturnValue:
    """Add a ready answer."""
    form = ReplyTextForm()
    if form.validate_on_submit():
        with transaction(db()) as writing:
            actions.add(writing, actor(), form.to_command())
        flash(i18n.gettext("Saved."), "ok")
        return moved_on(url_for("monitoring.reply_texts"))
    return _edit_page(form, None, form.reply_status)


@bp.get("/pemantauan/jawaban-siap/<public_id:text_id>")
@allow(Permission.SOP_WRITE)
def reply_text_form(text_id: str) -> ResponseReturnValue:
    """Show one ready answer to whoever may change it."""
    text = _find(reader(), text_id)
    return _edit_page(ReplyTextForm.showing(text), text)


@bp.post("/pemantauan/jawaban-siap/<public_id:text_id>")
@allow(Permission.SOP_WRITE)
def change_reply_text(text_id: str) -> ResponseReturnValue:
    """Change a ready answer, or switch it off."""
    shown = _find(reader(), text_id)
    form = ReplyTextForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                text = _find(writing, text_id)
                form.check_version(text, ReplyTextForm(formdata=None, obj=text))
                actions.change(writing, actor(), text, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("monitoring.reply_texts"))
    return _edit_page(form, shown, form.reply_status)
