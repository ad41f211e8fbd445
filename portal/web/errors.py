"""From reasons to sentences: what people read when a rule or the server says no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.support import LazyProxy
from flask import Flask, flash, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.core import i18n
from portal.core.db import new_public_id
from portal.core.errors import Rejected
from portal.web import guard, once, render, typed

_ = i18n.lazy

SENTENCES: dict[str, LazyProxy] = {
    "not_allowed": _("Your role does not include this step. Ask the office if you need it."),
    "state_changed": _("Somebody has already gone on with this. Look at the page again."),
    "changed_meanwhile": _(
        "A colleague changed this while you were writing. Compare both below; sending it again "
        "puts yours in place of theirs."
    ),
    "wait": _("Please wait %(seconds)s seconds, then try again."),
    "wait_minutes": _("Please wait %(minutes)s minutes, then try again."),
    "out_of_bounds": _("Enter a figure between %(least)s and %(most)s."),
}

# Refusals that are not about what was typed.
STATUS_OF = {"changed_meanwhile": 409, "wait": 429, "wait_minutes": 429}

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
    429: (
        _("A little too often"),
        _("Wait a minute, then try again. Nothing was changed."),
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


# What came again with the key of a form that is done: two forms, or one that was changed.
OTHER_WORDS = (
    _("You have sent this form before, with other words"),
    _("The first one is carried out. Send this one as well if you mean a second."),
)

# Nothing was wrong with these forms; the page was too old, or the portal too busy or broken.
WORTH_ANOTHER_TRY = frozenset({400, 429, 500, 503})


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
        return i18n.day_and_time(value)
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
        return _explained(status, title, advice, **_again(status))

    @app.errorhandler(SecurityError)
    def foreign_host(_error: SecurityError) -> ResponseReturnValue:
        # No page: every link in one would lead to the name that was asked for.
        response = make_response(i18n.gettext("The portal is not reached under this name."), 400)
        response.mimetype = "text/plain"
        return response

    @app.errorhandler(once.OtherWordsError)
    def other_words(_error: once.OtherWordsError) -> ResponseReturnValue:
        return _explained(409, *OTHER_WORDS, **_again(409, key=new_public_id()))

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> ResponseReturnValue:
        if render.wants_fragment() and guard.signed_in() and guard.page_left():
            flash(i18n.gettext("This page was open too long. Send it once more."), "info")
            back = guard.way_back(guard.actor().user_id)
            return render.whole_page_to(back or "/")
        return explain(error)

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeoutError)
    def busy(error: OperationalError | PoolTimeoutError) -> ResponseReturnValue:
        cause = getattr(error, "orig", None) or error
        app.logger.error("database not available: %s", type(cause).__name__)
        return _broken(503)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        app.logger.exception("unexpected error")
        return _broken(500)


def _explained(status: int, title: Any, advice: Any, **again: Any) -> ResponseReturnValue:
    response = render.page("errors/error.html", status=status, title=title, advice=advice, **again)
    return render.in_place_of_page(response)


def _broken(status: int) -> ResponseReturnValue:
    """Answer with a page that needs no database, since that may be what is broken."""
    session = g.get("session")
    if session is not None:
        session.rollback()
    title, advice = STATUS_WORDS[status]
    return render.page(
        "errors/broken.html", status=status, title=title, advice=advice, **_again(status)
    )


def _again(status: int, key: str | None = None) -> dict[str, Any]:
    """Return what the error page needs to send the same form once more, with one press."""
    worth = key is not None or status in WORTH_ANOTHER_TRY
    if not worth or not typed.may_be_sent_again():
        return {}
    fields = typed.fields()
    kept = key or (request.form.get(once.KEY_FIELD) if fields else None)
    return {
        "typed": [*fields, (once.KEY_FIELD, kept)] if kept else fields,
        "typed_to": request.full_path.rstrip("?"),
        "typed_files": bool(fields and request.files),
    }
