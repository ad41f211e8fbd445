"""Which language this reader gets, and how the choice is kept."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from flask import Flask, g, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import i18n
from portal.web import guard, quiet

PARAMETER = "bahasa"
COOKIE = "bahasa"
COOKIE_SECONDS = 365 * 24 * 3600


_keepers: list[Callable[[str], None]] = []


def keep_with(keeper: Callable[[str], None]) -> None:
    """Register who else remembers a choice, such as the account of a signed-in person."""
    _keepers.append(keeper)


def switching() -> bool:
    """Say whether this POST only asks for the other language, with the answers kept."""
    return request.method == "POST" and request.form.get(PARAMETER) in i18n.LANGUAGES


def _preferred() -> str:
    if request.cookies.get(COOKIE) in i18n.LANGUAGES:
        return request.cookies[COOKIE]
    return request.accept_languages.best_match(i18n.LANGUAGES) or i18n.DEFAULT


def init_app(app: Flask) -> None:
    """Choose the language before each request: address, account, cookie, browser, Indonesian."""

    @app.before_request
    def choose() -> ResponseReturnValue | None:
        # Set before session and form are read: that can fail, and then an error page is shown.
        i18n.set_language(_preferred())
        if guard.signed_in():
            i18n.set_language(guard.person().language)
        asked = request.values.get(PARAMETER)
        if asked in i18n.LANGUAGES:
            g.language_asked = asked
            i18n.set_language(asked)
            for keeper in _keepers:
                keeper(asked)
            if request.method == "GET":
                return redirect(_same_address(), 303)
        return None

    @app.after_request
    def keep(response: Response) -> Response:
        response.content_language.add(i18n.language())
        if "language_asked" in g:
            response.set_cookie(
                COOKIE,
                g.language_asked,
                max_age=None if quiet.is_quiet() else COOKIE_SECONDS,
                secure=app.config["PORTAL"].https,
                httponly=True,
                samesite="Lax",
            )
        return response


def _same_address() -> str:
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != PARAMETER]
    return quote(request.path) + (f"?{urlencode(rest)}" if rest else "")


def other_address(code: str) -> str:
    """Return this page's address in another language."""
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != PARAMETER]
    return f"{quote(request.path)}?{urlencode([*rest, (PARAMETER, code)])}"
