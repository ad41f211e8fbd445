"""The door: signing in and out, and who holds the session of a request."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Request, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people import actions, queries
from portal.people.forms import SignInForm
from portal.people.models import User
from portal.people.routes.blueprint import bp, role_at
from portal.schools import queries as school_queries
from portal.web import errors, guard, language
from portal.web.database import database, db, demo, office, reader
from portal.web.guard import actor, person, public
from portal.web.render import page

TOUCH_EVERY = timedelta(minutes=1)
# Browsers drop control characters and read "\" as "/", and "//" begins the name of another site.
LOCAL_PATH = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f]*")


def _cookie_name() -> str:
    # The prefix binds the cookie to this host; browsers accept it only with HTTPS.
    return "__Host-sid" if current_app.config["PORTAL"].https else "sid"


def load_person(incoming: Request) -> queries.SignedInPerson | None:
    """Return whoever holds the request's session cookie."""
    token = incoming.cookies.get(_cookie_name())
    if not token:
        return None
    found = queries.signed_in_person(reader(), token, office())
    if found and clock.now() - found.last_seen_at > TOUCH_EVERY:
        with database().side_write() as writing:
            actions.touch_session(writing, found.session_id)
    return found


# Called as a function: as a decorator it would hide the types of what it wraps.
guard.login_manager.request_loader(load_person)


def keep_language(asked: str) -> None:
    """Remember the language a signed-in person switched to."""
    if guard.signed_in() and person().language != asked:
        with database().side_write() as writing:
            actions.set_language(writing, actor().user_id, asked)


language.keep_with(keep_language)


def _set_session_cookie(response: Response, token: str, *, own_device: bool) -> None:
    days = office()["own_phone_idle_days"]
    response.set_cookie(
        _cookie_name(),
        token,
        max_age=days * 24 * 3600 if own_device else None,
        secure=current_app.config["PORTAL"].https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _local_target(address: str | None) -> str:
    """Return where to go after signing in: only a path of this portal."""
    return address if address and LOCAL_PATH.fullmatch(address) else url_for("home.index")


def _personas() -> list[dict[str, Any]]:
    """Return the invented people of a demonstration database; nothing in any other."""
    if not demo():
        return []
    names = school_queries.names(reader())
    return [
        {
            "user": user,
            "place": ", ".join(role_at(held.role, held.school_id, names) for held in appointments),
        }
        for user, appointments in queries.everybody_with_appointments(reader())
    ]


@bp.get("/masuk")
@public
def sign_in_form() -> ResponseReturnValue:
    """Show the door."""
    if guard.signed_in():
        return redirect(url_for("home.index"), 303)
    form = SignInForm(lanjut=request.args.get("lanjut"))
    return page("people/sign_in.html", form=form, personas=_personas())


@bp.post("/masuk")
@public
def sign_in() -> ResponseReturnValue:
    """Check who it is and start a session."""
    form = SignInForm()
    if form.validate_on_submit():
        user = queries.find_by_identifier(reader(), form.identifier.data or "")
        # The slow hash runs before the transaction opens, so nobody waits for the write lock.
        fits = actions.password_fits(user, form.password.data or "")
        try:
            if user is None or not fits:
                raise Rejected("sign_in_unknown")
            return start_session(user, own_device=bool(form.own_device.data), to=form.lanjut.data)
        except Rejected as problem:
            form.attach(problem)
    return page("people/sign_in.html", status=form.reply_status, form=form, personas=_personas())


def start_session(user: User, *, own_device: bool, to: str | None) -> ResponseReturnValue:
    """Sign a person in and send them on."""
    with transaction(db()) as writing:
        if guard.signed_in():
            actions.close_session(writing, person().session_id)
        token = actions.open_session(writing, user.id, own_device=own_device)
    session.clear()
    response = redirect(_local_target(to), 303)
    _set_session_cookie(response, token, own_device=own_device)
    return response


@bp.post("/masuk/contoh/<public_id:user_id>")
@public
def sign_in_as_example(user_id: str) -> ResponseReturnValue:
    """Sign in as an invented person; only a demonstration database knows this door."""
    if not demo():
        abort(404)
    user = queries.get_user(reader(), user_id) or abort(404)
    try:
        return start_session(user, own_device=False, to=request.form.get("lanjut"))
    except Rejected as problem:
        flash(errors.sentence(problem), "bad")
        return redirect(url_for("people.sign_in_form"), 303)


@bp.post("/keluar")
@public
def sign_out() -> ResponseReturnValue:
    """End the session in the database; a copied cookie is dead from now on."""
    if guard.signed_in():
        with transaction(db()) as writing:
            actions.close_session(writing, person().session_id)
    session.clear()
    response = redirect(url_for("home.landing"), 303)
    response.delete_cookie(_cookie_name(), path="/", secure=current_app.config["PORTAL"].https)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
