"""The door: signing in with a password, proving it anew, signing out."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n, limits
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import SIGN_IN_ACCOUNT, SIGN_IN_NETWORK
from portal.people.actions import passwords
from portal.people.actions import sessions as actions
from portal.people.forms.account import SignInForm
from portal.people.forms.passwords import ProveForm
from portal.people.models import User
from portal.people.queries import accounts
from portal.people.routes import sessions
from portal.people.routes.blueprint import bp, role_at
from portal.schools import queries as school_queries
from portal.web import errors, guard, throttle, unsent
from portal.web.database import database, db, demo, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, early, person, public
from portal.web.render import page

SIGN_IN, PROVE = "sign-in", "prove"


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
        for user, appointments in accounts.everybody_with_appointments(reader())
    ]


@bp.get("/masuk")
@public
def sign_in_form() -> ResponseReturnValue:
    """Show the door."""
    if guard.signed_in():
        return redirect(sessions.local_target(request.args.get("lanjut")), 303)
    form = SignInForm(lanjut=request.args.get("lanjut"))
    return page("people/sign_in.html", form=form, personas=_personas())


@bp.post("/masuk")
@public
def sign_in() -> ResponseReturnValue:
    """Check who it is and start a session, or ask for the second proof."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            user = _recognised(form.identifier.data or "", form.password.data or "")
            return sessions.begin(user, own_device=bool(form.own_device.data), to=form.lanjut.data)
        except Rejected as problem:
            form.attach(problem)
    return page("people/sign_in.html", status=form.reply_status, form=form, personas=_personas())


def _recognised(identifier: str, password: str) -> User:
    """Return whose name and password these are.

    Raises Rejected("sign_in_unknown") or, after several failures, Rejected("wait"): the same for
    names that exist and names that do not.
    """
    user = accounts.find_by_identifier(reader(), identifier)
    # Both before the slow hash, and before any transaction opens: nobody waits for the write lock.
    who = (accounts.normal_identifier(identifier), sessions.device_part(user))
    throttle.check_delay(SIGN_IN, *who)
    stranger = who[1] == sessions.UNKNOWN_DEVICE
    network = throttle.network() if stranger else None
    # Somebody who tries one password on many names fails often, from one network.
    throttle.check_used_up(SIGN_IN_NETWORK, network)
    # Many tries at the same moment would all find no failure yet; this brake counts them first.
    throttle.count(SIGN_IN_ACCOUNT, *who)
    if passwords.password_fits(user, password) and user is not None:
        limits.forget_failures(database(), SIGN_IN, *who)
        limits.forgive(database(), SIGN_IN_ACCOUNT, *who)
        return user
    limits.note_failure(database(), SIGN_IN, *who)
    throttle.count(SIGN_IN_NETWORK, network)
    raise Rejected("sign_in_unknown")


@bp.post("/masuk/contoh/<public_id:user_id>")
@public
def sign_in_as_example(user_id: str) -> ResponseReturnValue:
    """Sign in as an invented person; only a demonstration database knows this door."""
    if not demo():
        abort(404)
    user = accounts.get_user(reader(), user_id) or abort(404)
    try:
        return sessions.start(user, own_device=False, to=request.form.get("lanjut"), strong=True)
    except Rejected as problem:
        flash(errors.sentence(problem), "bad")
        return redirect(url_for("people.sign_in_form"), 303)


@bp.get("/akun/pastikan")
@allow(Permission.SIGNED_IN)
@early
def prove_form() -> ResponseReturnValue:
    """Ask for the password again before something sensitive."""
    return page("people/prove.html", form=ProveForm(lanjut=request.args.get("lanjut")))


@bp.post("/akun/pastikan")
@allow(Permission.SIGNED_IN)
@early
def prove() -> ResponseReturnValue:
    """Check the password and go on to what was asked for."""
    form = ProveForm()
    if form.validate_on_submit():
        try:
            check_password(form.password.data or "", "password")
        except Rejected as problem:
            form.attach(problem)
        else:
            with transaction(db()) as writing:
                actions.prove(writing, person().session_id)
            return redirect(sessions.local_target(form.lanjut.data), 303)
    return page("people/prove.html", status=form.reply_status, form=form)


def check_password(password: str, field: str) -> None:
    """Check the signed-in person's own password; raises Rejected("password_wrong") or ("wait")."""
    who = (str(actor().user_id),)
    throttle.check_delay(PROVE, *who)
    throttle.count(SIGN_IN_ACCOUNT, PROVE, *who)
    user = reader().get_one(User, actor().user_id)
    if not passwords.password_fits(user, password):
        limits.note_failure(database(), PROVE, *who)
        raise Rejected("password_wrong", field)
    limits.forget_failures(database(), PROVE, *who)
    limits.forgive(database(), SIGN_IN_ACCOUNT, PROVE, *who)


@bp.get("/keluar/dulu")
@allow(Permission.SIGNED_IN)
@early
def before_sign_out() -> ResponseReturnValue:
    """Say what is lost by signing out now."""
    return page("people/before_sign_out.html", form=PortalForm(formdata=None))


@bp.post("/keluar")
@public
def sign_out() -> ResponseReturnValue:
    """End the session in the database; a copied cookie is dead from now on."""
    if guard.signed_in() and unsent.is_kept() and "sure" not in request.form:
        return redirect(url_for("people.before_sign_out"), 303)
    if guard.signed_in():
        with transaction(db()) as writing:
            actions.close_session(writing, person().session_id)
    session.clear()
    flash(i18n.gettext("You are signed out."), "ok")
    return sessions.forget(redirect(url_for("home.landing"), 303))
