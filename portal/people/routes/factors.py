"""The second proof: asked for at the door, set up and taken off in one's account."""

from __future__ import annotations

import io

import segno
from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup

from portal.core import i18n, limits
from portal.core.access import Actor, Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import FACTOR
from portal.people.actions import factors
from portal.people.actions import sessions as session_actions
from portal.people.forms.passwords import CodeForm, SetUpFactorForm
from portal.people.models import User
from portal.people.queries import sessions as queries
from portal.people.routes import sessions
from portal.people.routes.blueprint import bp
from portal.web import throttle
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, early, fresh, person, public
from portal.web.render import moved_on, page

# How long the page with the QR code may stay open.
OFFER_SECONDS = 3600


@bp.get("/masuk/kode")
@public
def code_form() -> ResponseReturnValue:
    """Ask for the second proof."""
    held = sessions.waiting()
    if held is None:
        return redirect(url_for("people.sign_in_form", lanjut=request.args.get("lanjut")), 303)
    form = CodeForm(lanjut=request.args.get("lanjut"))
    return page("people/code.html", form=form, user=held[1])


@bp.post("/masuk/kode")
@public
def check_code() -> ResponseReturnValue:
    """Check the second proof and sign in."""
    held = sessions.waiting()
    if held is None:
        return redirect(url_for("people.sign_in_form"), 303)
    waiting, user = held
    form = CodeForm()
    if form.validate_on_submit():
        try:
            _use_code(user, form.code.data or "")
            return sessions.start(
                user, own_device=waiting.own_device, to=form.lanjut.data, strong=True
            )
        except Rejected as problem:
            form.attach(problem)
    return page("people/code.html", status=form.reply_status, form=form, user=user)


def _use_code(user: User, code: str) -> None:
    # Whoever is here knows the password, so only they are slowed down.
    who = (str(user.id),)
    throttle.check_delay("factor", *who)
    throttle.count(FACTOR, *who)
    try:
        with transaction(db()) as writing:
            fresh_user = writing.get_one(User, user.id)
            factors.use_code(writing, Actor(user.id, user.full_name, ()), fresh_user, code)
    except Rejected:
        limits.note_failure(database(), "factor", *who)
        raise
    limits.forget_failures(database(), "factor", *who)
    limits.forgive(database(), FACTOR, *who)


def _offers() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="second proof")


def _offered_secret(signed: str | None) -> str | None:
    """Return the secret this page showed to this person, if it did so lately."""
    try:
        user_id, secret = _offers().loads(signed or "", max_age=OFFER_SECONDS)
    except (BadSignature, TypeError, ValueError):
        return None
    return str(secret) if user_id == str(actor().user_id) else None


def _set_up_page(form: SetUpFactorForm, status: int = 200) -> ResponseReturnValue:
    secret = _offered_secret(form.offer.data) or factors.new_secret()
    form.offer.data = _offers().dumps([str(actor().user_id), secret])
    user = reader().get_one(User, actor().user_id)
    address = factors.app_address(secret, user.email or user.phone or "", office()["product_name"])
    drawing = io.BytesIO()
    segno.make(address, error="m").save(
        drawing,
        kind="svg",
        xmldecl=False,
        svgns=False,
        scale=5,
        border=2,
        svgclass="qr",
        lineclass=None,
        omitsize=False,
        light="#fff",
    )
    return page(
        "people/factor.html",
        status=status,
        form=form,
        address=address,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        # Made by the library from our own text alone.
        drawing=Markup(drawing.getvalue().decode()),  # noqa: S704 - see the line above
        needed=person().must == queries.FACTOR,
    )


@bp.get("/akun/kode")
@allow(Permission.SIGNED_IN)
@early
@fresh
def factor_form() -> ResponseReturnValue:
    """Show the QR code for an authenticator app."""
    if reader().get_one(User, actor().user_id).totp_secret:
        return redirect(url_for("people.security"), 303)
    return _set_up_page(SetUpFactorForm())


@bp.post("/akun/kode")
@allow(Permission.SIGNED_IN)
@early
@fresh
def add_factor() -> ResponseReturnValue:
    """Set up codes from a phone once the first one fits, and show the recovery codes, once."""
    form = SetUpFactorForm()
    secret = _offered_secret(form.offer.data)
    if form.validate_on_submit():
        try:
            if secret is None:
                raise Rejected("offer_over", "code")
            return _added(secret, form.code.data or "")
        except Rejected as problem:
            form.attach(problem)
    return _set_up_page(form, form.reply_status)


def _added(secret: str, code: str) -> ResponseReturnValue:
    with transaction(db()) as writing:
        user = writing.get_one(User, actor().user_id)
        codes = factors.add_totp(writing, actor(), user, secret, code)
        token = session_actions.rotate(writing, person().session_id)
        session_actions.end_all(writing, user.id, but=person().session_id)
    response = page("people/recovery_codes.html", codes=codes)
    return sessions.rotated(response, token)


@bp.get("/akun/kode-cadangan")
@allow(Permission.SIGNED_IN)
@fresh
def recovery_codes_form() -> ResponseReturnValue:
    """Ask whether new recovery codes shall replace the old ones."""
    left = factors.codes_left(reader(), actor().user_id)
    return page("people/new_codes.html", left=left, button=PortalForm())


@bp.post("/akun/kode-cadangan")
@allow(Permission.SIGNED_IN)
@fresh
def make_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    if not PortalForm().validate_on_submit():
        return redirect(url_for("people.recovery_codes_form"), 303)
    if not queries.has_factor(reader(), reader().get_one(User, actor().user_id)):
        # Codes that replace a proof nobody has set up would be a second password.
        return redirect(url_for("people.factor_form"), 303)
    with transaction(db()) as writing:
        codes = factors.make_recovery_codes(writing, actor(), actor().user_id)
    return page("people/recovery_codes.html", codes=codes)


@bp.post("/akun/kode/lepas")
@allow(Permission.SIGNED_IN)
@fresh
def remove_factor() -> ResponseReturnValue:
    """Take the codes from the phone off, to set them up on another one."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as writing:
            user = writing.get_one(User, actor().user_id)
            factors.remove_totp(writing, actor(), user)
        flash(i18n.gettext("The codes from this phone no longer count."), "ok")
    return moved_on(url_for("people.security"))
