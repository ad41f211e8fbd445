"""Coming back: the code, what the office wrote, and an answer to it."""

from __future__ import annotations

from datetime import timedelta

from flask import make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.hotline.actions import opening
from portal.hotline.forms.replies import AnswerForm, CodeForm, ready_answers
from portal.hotline.models import Opened
from portal.hotline.queries import replies as queries
from portal.hotline.queries.replies import Inbox
from portal.hotline.routes.blueprint import bp, hand_out, take_back, token_in
from portal.incidents.actions.conversing import mark_read_by_reporter, write_to_office
from portal.incidents.models import Report
from portal.incidents.queries import conversation
from portal.web import errors, render, throttle
from portal.web.database import database, db, office, reader, write_if_possible
from portal.web.guard import public

_ = i18n.lazy

# The cookie that leads back to an opened report.
INBOX = "balasan"
RENEW_EVERY = timedelta(minutes=1)

errors.add_sentences(
    {
        "code_unknown": _("That code does not match. Please check the letters and numbers."),
        "code_wait": _(
            "That code does not match. Please check the letters and numbers, and wait %(seconds)s "
            "seconds before you try again: many wrong codes were tried."
        ),
        "enough_today": _(
            "You have written %(most)s messages today, and we read them all. Please write the next "
            "one tomorrow. If it is urgent, call one of the numbers below."
        ),
        "nothing_written": _("Write a message, or choose one of the ready answers."),
    }
)


@bp.get("/cek")
@public
def reply_form() -> ResponseReturnValue:
    """Ask for the code."""
    if _opened():
        return redirect(url_for("hotline.replies"), 303)
    return _code_page(CodeForm())


@bp.post("/cek")
@public
def open_reply() -> ResponseReturnValue:
    """Open a report with its code; the code goes no further than this."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(form, form.reply_status)
    try:
        report_id = opening.open_with(database(), form.code.data or "", throttle.network())
    except Rejected as problem:
        form.attach(problem)
        return _code_page(form, form.reply_status)
    with transaction(db()) as session:
        opening.end(session, token_in(INBOX))
        token = opening.begin(session, report_id)
    return hand_out(_after_opening(token, form.text.data or ""), INBOX, token)


def _after_opening(token: str, text: str) -> Response:
    """Send what was written before the page closed, and go on to the conversation."""
    opened = queries.find_opened(db(), token)
    try:
        if opened and text:
            _write_once(opened, text)
    except Rejected as problem:
        form = AnswerForm(formdata=None, text=text)
        form.attach(problem)
        return _inbox_page(queries.inbox(db(), opened), form) if opened else make_response("")
    return make_response(redirect(url_for("hotline.replies"), 303))


def _write(opened: Opened, text: str) -> None:
    with transaction(db()) as session:
        _send(session, opened, session.get_one(Report, opened.report_id), text)


def _write_once(opened: Opened, text: str) -> None:
    """Send words that have no key of their own, unless they arrived with an earlier press."""
    with transaction(db()) as session:
        # Two presses at once are looked at one after the other.
        report = session.get_one(Report, opened.report_id, with_for_update=True)
        if not conversation.just_written(session, report.id, text):
            _send(session, opened, report, text)


def _send(session: Session, opened: Opened, report: Report, text: str) -> None:
    write_to_office(session, report, text)
    mark_read_by_reporter(session, report.id)
    opening.renew(session, opened.id)


@bp.get("/cek/balasan")
@public
def replies() -> ResponseReturnValue:
    """Show how far it is, and what was written."""
    opened = _opened()
    if opened is None:
        return redirect(url_for("hotline.reply_form"), 303)
    _stay_open(opened)
    return _inbox_page(queries.inbox(reader(), opened), AnswerForm())


@bp.post("/cek/balasan")
@public
def write() -> ResponseReturnValue:
    """Send a message to the office."""
    form = AnswerForm()
    opened = _opened()
    if opened is None:
        return _code_page(CodeForm.after(form), 422)
    inbox = queries.inbox(reader(), opened)
    if form.validate_on_submit():
        try:
            text = form.words(child=inbox.by_child)
            if not text:
                raise Rejected("nothing_written", "text")
            _write(opened, text)
            return redirect(url_for("hotline.replies"), 303)
        except Rejected as problem:
            form.attach(problem)
    return _inbox_page(inbox, form)


@bp.get("/cek/tanda-terima")
@public
def acknowledgement() -> ResponseReturnValue:
    """Show a page to print that says when something was reported, and nothing about it."""
    opened = _opened()
    if opened is None:
        return redirect(url_for("hotline.reply_form"), 303)
    return _private_page(
        "hotline/reply_acknowledgement.html", inbox=queries.inbox(reader(), opened)
    )


@bp.post("/cek/selesai")
@public
def end() -> ResponseReturnValue:
    """Close the report in this browser; nothing of it stays here."""
    with transaction(db()) as session:
        opening.end(session, token_in(INBOX))
    return take_back(make_response(redirect(url_for("hotline.ended"), 303)), INBOX)


@bp.get("/cek/selesai")
@public
def ended() -> ResponseReturnValue:
    """Say that it is closed."""
    return _page("hotline/reply_ended.html")


def _opened() -> Opened | None:
    return queries.find_opened(reader(), token_in(INBOX))


def _stay_open(opened: Opened) -> None:
    """Note that somebody is there, at most once a minute, as for sessions."""
    full = timedelta(minutes=office()["reply_minutes"])
    if opened.expires_at - clock.now() < full - RENEW_EVERY:
        with write_if_possible() as writing:
            opening.renew(writing, opened.id)


def _code_page(form: CodeForm, status: int = 200) -> Response:
    return _page("hotline/reply_code.html", status=status, form=form)


def _inbox_page(inbox: Inbox, form: AnswerForm) -> Response:
    return _private_page(
        "hotline/reply.html",
        status=form.reply_status if form.errors else 200,
        form=form,
        inbox=inbox,
        child=inbox.by_child,
        ready=ready_answers(child=inbox.by_child),
    )


def _private_page(template: str, *, status: int = 200, **context: object) -> Response:
    """Render a page that goes by itself when nobody is there any more.

    A script notices whoever still types; without one, the page stays twice as long.
    """
    seconds = office()["reply_minutes"] * 60
    response = _page(template, status=status, idle_seconds=seconds, **context)
    response.headers["Refresh"] = f"{2 * seconds}; url={url_for('hotline.over')}"
    return response


def _page(template: str, *, status: int = 200, **context: object) -> Response:
    return render.page(template, part=None, status=status, **context)
