"""From reasons to sentences: what people read when a rule or the server says no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.support import LazyProxy
from flask import Flask, current_app, flash, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.core import i18n, receipts
from portal.core.db import is_full, is_outage, new_public_id
from portal.core.errors import Rejected
from portal.core.files import StoreUnavailableError
from portal.web import guard, once, quiet, render, typed
from portal.web.database import let_go
from portal.web.download import LostFileError

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
STATUS_OF = {
    "changed_meanwhile": 409,
    "page_changed": 409,
    "wait": 429,
    "wait_minutes": 429,
    "code_wait": 429,
    "sheets_of_phone": 429,
    "sheets_of_network": 429,
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

NO_ROOM = (
    _("The disk of the portal is full"),
    _(
        "Nothing was stored. Pages to read still open. Please tell the office; once there is room "
        "again, everything goes on by itself."
    ),
)

LOST_FILE = (
    _("This file cannot be opened"),
    _("Its record is there, but the file itself is missing or damaged. Tell the office's admin."),
)
NO_STORE = (
    _("Files are out of reach right now"),
    _(
        "The place where the portal keeps files does not answer. Nothing was changed; try again in "
        "a few minutes."
    ),
)

# The database broke off, perhaps just as it was storing.
IN_DOUBT = (
    _("The connection broke off while this was being stored"),
    _("Send it again shortly. Should it have arrived already, it is still carried out only once."),
)

STORED = (
    _("What you sent is stored"),
    _("Only the page that follows cannot be shown right now. There is no need to send it again."),
)

# Nothing was wrong with these forms; the page was too old, or the portal too busy or broken.
WORTH_ANOTHER_TRY = frozenset({400, 429, 500, 503})


def add_sentences(sentences: dict[str, LazyProxy]) -> None:
    """Let a feature's routes add the sentences of its own reasons.

    Two sentences for one reason are a programming error: one of them would never be read.
    """
    twice = SENTENCES.keys() & sentences
    if twice:
        raise ValueError(f"sentences for the same reasons: {sorted(twice)}")
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
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(once.OtherWordsError, _other_words)
    for kind in (SQLAlchemyError, OSError):
        app.register_error_handler(kind, _stopped)
    app.register_error_handler(StoreUnavailableError, _without_store)
    app.register_error_handler(LostFileError, _lost_file)
    app.register_error_handler(Exception, _unexpected)


def _foreign_host(_error: SecurityError) -> ResponseReturnValue:
    # No page: every link in one would lead to the name that was asked for.
    response = make_response(i18n.gettext("The portal is not reached under this name."), 400)
    response.mimetype = "text/plain"
    return response


def _other_words(_error: once.OtherWordsError) -> ResponseReturnValue:
    return _explained(409, *OTHER_WORDS, **_again(409, key=new_public_id()))


def _stale(error: CSRFError) -> ResponseReturnValue:
    if render.wants_fragment() and guard.signed_in() and guard.page_left():
        flash(i18n.gettext("This page was open too long. Send it once more."), "info")
        back = guard.way_back(guard.actor().user_id)
        return render.whole_page_to(back or "/")
    return _explain(error)


def _explain(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    known = status if status in STATUS_WORDS else (500 if status >= 500 else 400)
    title, advice = STATUS_WORDS[known]
    try:
        return _explained(status, title, advice, **_again(status))
    except SQLAlchemyError as trouble:
        # These pages know who reads them, and just that cannot be asked.
        return _stopped(trouble)


def _stopped(error: SQLAlchemyError | OSError) -> ResponseReturnValue:
    full = is_full(error)
    if not full and not is_outage(error):
        return _unexpected(error)
    cause = getattr(error, "orig", None) or error
    what = "no room on the disk" if full else "database not available"
    current_app.logger.error("%s: %s", what, type(cause).__name__)
    return _broken(503, *(NO_ROOM if full else _outage_words(error)))


def _without_store(error: StoreUnavailableError) -> ResponseReturnValue:
    current_app.logger.error("store of files: %s", error)
    return _broken(503, *(NO_ROOM if is_full(error) else NO_STORE))


def _lost_file(error: LostFileError) -> ResponseReturnValue:
    current_app.logger.error("bytes of a file are missing or damaged: %s", error)
    return _explained(404, *LOST_FILE)


def _unexpected(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    current_app.logger.exception("unexpected error")
    return _broken(500, *STATUS_WORDS[500])


def _outage_words(error: Exception) -> tuple[LazyProxy, LazyProxy]:
    lost = bool(getattr(error, "connection_invalidated", False))
    # Where a form has no key, a second press might do it twice.
    return IN_DOUBT if lost and "claim" in g else STATUS_WORDS[503]


def _explained(status: int, title: Any, advice: Any, **again: Any) -> ResponseReturnValue:
    # The usual page names the portal in its title, and the browser's history keeps that.
    template = "errors/broken.html" if quiet.is_quiet() else "errors/error.html"
    response = render.page(template, status=status, title=title, advice=advice, **again)
    return render.in_place_of_page(response)


def _broken(status: int, title: Any, advice: Any) -> ResponseReturnValue:
    """Answer with a page that needs no database, since that may be what is broken."""
    let_go()
    if "session" in g and receipts.is_done(g.session):
        (title, advice), again = STORED, {}
    else:
        again = _again(status)
    return render.page("errors/broken.html", status=status, title=title, advice=advice, **again)


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
