"""From reasons to sentences: what people read when a rule or the server says no."""

from __future__ import annotations

from datetime import datetime

from babel.support import LazyProxy
from flask import Flask, g
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.core import i18n
from portal.core.errors import Rejected
from portal.web import render

_ = i18n.lazy

SENTENCES: dict[str, LazyProxy] = {
    "not_allowed": _("Your role does not include this step. Ask the office if you need it."),
    "state_changed": _("Somebody has already gone on with this. Look at the page again."),
    "out_of_bounds": _("Enter a figure between %(least)s and %(most)s."),
}

STATUS_WORDS: dict[int, tuple[LazyProxy, LazyProxy]] = {
    400: (
        _("This page needs reloading"),
        _("It was open too long or was sent incompletely. Go back, reload it, and send it again."),
    ),
    403: (
        _("This page belongs to another role"),
        _("Your account has no access to this page. If you need it, ask the office or principal."),
    ),
    404: (
        _("We cannot find this page"),
        _("The address may be mistyped, or the page is not for your account."),
    ),
    405: (
        _("This page opens another way"),
        _("Go back one page and use the button there."),
    ),
    409: (
        _("Somebody else was faster"),
        _("This has changed since you opened it. Open it again to see how it stands."),
    ),
    413: (
        _("The file is too large"),
        _("Choose a smaller file, at most 10 MB."),
    ),
    500: (
        _("Something went wrong on our side"),
        _("Nothing was changed. Go back one page and try again shortly."),
    ),
    503: (
        _("The portal is very busy"),
        _("Nothing was changed. Go back one page and try again shortly."),
    ),
}


def add_sentences(sentences: dict[str, LazyProxy]) -> None:
    """Let a feature's routes add the sentences of its own reasons."""
    SENTENCES.update(sentences)


def sentence(problem: Rejected) -> str:
    """Return the sentence for a refusal, with its facts in the reader's formats."""
    facts = {name: _shown(value) for name, value in problem.facts.items()}
    text = str(SENTENCES[problem.code])
    return text % facts if facts else text


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{i18n.day_date(value)}, {i18n.clock_time(value)}"
    if isinstance(value, int):
        return i18n.number(value)
    return str(value)


def init_app(app: Flask) -> None:
    """Answer every error with a page in the reader's language."""

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error
        known = status if status in STATUS_WORDS else (500 if status >= 500 else 400)
        title, advice = STATUS_WORDS[known]
        return render.page("errors/error.html", status=status, title=title, advice=advice)

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> ResponseReturnValue:
        return explain(error)

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> ResponseReturnValue:
        app.logger.error("database not available: %s", type(error.orig).__name__)
        return _broken(503)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        app.logger.exception("unexpected error")
        return _broken(500)


def _broken(status: int) -> ResponseReturnValue:
    """Answer with a page that needs no database, since that may be what is broken."""
    session = g.get("session")
    if session is not None:
        session.rollback()
    title, advice = STATUS_WORDS[status]
    return render.page("errors/broken.html", status=status, title=title, advice=advice)
