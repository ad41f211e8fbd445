"""Who is at the door: every view declares the permission it asks for, or that it is public."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from portal.core import i18n
from portal.core.access import Actor, Permission
from portal.web import render

PUBLIC = "public"
# Flask's own view for files; nothing in it depends on who asks.
FRAMEWORK_ENDPOINTS = frozenset({"static"})

login_manager = LoginManager()

View = Callable[..., ResponseReturnValue]


class SignedIn(Protocol):
    """What `people` tells the web about whoever is signed in."""

    actor: Actor
    session_id: UUID
    full_name: str
    called: str
    language: str
    own_device: bool


def allow(permission: Permission) -> Callable[[View], View]:
    """Let in whoever holds a permission somewhere; which records is the policy's question."""

    def mark(view: View) -> View:
        cast(Any, view).access = permission
        return view

    return mark


def public(view: View) -> View:
    """Let in everybody."""
    cast(Any, view).access = PUBLIC
    return view


def signed_in() -> bool:
    """Say whether the request comes from a signed-in person."""
    return bool(current_user.is_authenticated)


def person() -> SignedIn:
    """Return the signed-in person."""
    return cast(SignedIn, current_user)


def actor() -> Actor:
    """Return whoever acts in this request."""
    return person().actor


def check_every_view_declares_access(app: Flask) -> None:
    """Stop the start when a view says nothing about access."""
    silent = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in FRAMEWORK_ENDPOINTS and not hasattr(view, "access")
    ]
    if silent:
        raise RuntimeError(f"views without @allow or @public: {', '.join(sorted(silent))}")


def init_app(app: Flask) -> None:
    """Ask at the door, once, for every view."""
    # Sessions live in our own table (people); Flask-Login only asks who it is.
    login_manager.session_protection = None
    login_manager.init_app(app, add_context_processor=False)

    @app.before_request
    def ask() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        needed: Permission | str | None = getattr(view, "access", None)
        if needed == PUBLIC or view is None or request.endpoint in FRAMEWORK_ENDPOINTS:
            return None
        if not isinstance(needed, Permission):
            # The start-up check makes this impossible; a view that says nothing stays closed.
            abort(403)
        if not signed_in():
            return _to_sign_in()
        if not actor().may_somewhere(needed):
            abort(403)
        return None


def _to_sign_in() -> ResponseReturnValue:
    address = url_for("people.sign_in_form", lanjut=_page_left())
    if request.method != "GET":
        flash(i18n.gettext("You were signed out. Sign in again, then send it once more."), "info")
    if render.wants_fragment():
        # htmx follows a 303 inside the fragment; the whole page must go instead.
        return render.whole_page_to(address)
    return redirect(address, 303)


def _page_left() -> str | None:
    """Return the page to come back to: the one asked for, or the one a form was sent from."""
    if request.method == "GET" and not render.wants_fragment():
        return request.full_path.rstrip("?")
    left = urlsplit(request.referrer or "")
    if left.netloc != request.host:
        return None
    return f"{left.path}?{left.query}" if left.query else left.path
