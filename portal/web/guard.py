"""Who is at the door: every view declares the permission it asks for, or that it is public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from flask import Flask, Request, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.web import render
from portal.web.database import office

PUBLIC = "public"
# The name in an address under which a page finds what was typed on it (web.typed).
TYPED = "isian"
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
    proven_at: datetime
    must: str | None


# Who a request's cookie belonged to, even if it no longer opens anything (people registers it).
_owners: list[Callable[[Request], UUID | None]] = []
# Keeps what was typed for its owner and returns the draft's id (web.typed registers it).
_keepers: list[Callable[[UUID, str | None], str | None]] = []


def know_owner_with(owner: Callable[[Request], UUID | None]) -> None:
    """Register who can tell whose session a cookie was."""
    _owners.append(owner)


def keep_typed_with(keeper: Callable[[UUID, str | None], str | None]) -> None:
    """Register who keeps what was typed when somebody must first go elsewhere."""
    _keepers.append(keeper)


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


def early(view: View) -> View:
    """Open a view also before the code of conduct is accepted and a second proof is set up."""
    cast(Any, view).early = True
    return view


def fresh(view: View) -> View:
    """Ask for the password again when it was last given too long ago, before a sensitive step."""
    cast(Any, view).fresh = True
    return view


def unattended(view: View) -> View:
    """Say that pages ask for a view by themselves: nobody is there because of it."""
    cast(Any, view).unattended = True
    return view


def somebody_is_there(incoming: Request) -> bool:
    """Say whether a person asks, and not an open page by itself; only that keeps a session."""
    view = current_app.view_functions.get(incoming.endpoint or "")
    return not hasattr(view, "unattended")


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
        return _first_something_else(view)


def _first_something_else(view: object) -> ResponseReturnValue | None:
    """Send whoever is not ready to what comes first; what they typed waits for them."""
    must = person().must
    if must and not hasattr(view, "early"):
        return _by_way_of(must, actor().user_id)
    stale = clock.now() - person().proven_at > timedelta(minutes=office()["step_up_minutes"])
    if hasattr(view, "fresh") and stale:
        return _by_way_of("people.prove_form", actor().user_id)
    return None


def _to_sign_in() -> ResponseReturnValue:
    owner = next((found for found in (ask(request) for ask in _owners) if found), None)
    if request.method != "GET":
        flash(i18n.gettext("You were signed out. Sign in again, then send it once more."), "info")
    return _by_way_of("people.sign_in_form", owner)


def _by_way_of(endpoint: str, owner: UUID | None) -> ResponseReturnValue:
    """Go to another page first, and from there back to this one with what was typed."""
    address = url_for(endpoint, lanjut=way_back(owner))
    if render.wants_fragment():
        # htmx follows a 303 inside the fragment; the whole page must go instead.
        return render.whole_page_to(address)
    return redirect(address, 303)


def way_back(owner: UUID | None) -> str | None:
    """Return the page to come back to, where what was typed waits for its owner."""
    back = page_left()
    if request.method == "GET" or owner is None or back is None:
        return back
    kept = next((found for found in (keep(owner, back) for keep in _keepers) if found), None)
    if kept is None:
        return back
    left = urlsplit(back)
    rest = [(name, value) for name, value in parse_qsl(left.query) if name != TYPED]
    return f"{left.path}?{urlencode([*rest, (TYPED, kept)])}"


def page_left() -> str | None:
    """Return the page to come back to: the one asked for, or the one a form was sent from."""
    if request.method == "GET" and not render.wants_fragment():
        return request.full_path.rstrip("?")
    left = urlsplit(request.referrer or "")
    if left.netloc != request.host:
        return None
    # A form that was refused stands at the address it was sent to, which no link can open; the
    # page it belongs to lies above (verbs only as POST leaves).
    adapter, path = current_app.create_url_adapter(request), left.path or "/"
    while adapter is not None and path != "/" and not adapter.test(path, "GET"):
        path = path.rpartition("/")[0] or "/"
    return f"{path}?{left.query}" if left.query and path == left.path else path
