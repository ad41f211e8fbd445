"""Passkeys: made and taken off in one's account, used at the door after the password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n, limits
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions import passkeys
from portal.people.actions import sessions as session_actions
from portal.people.actions.passkeys import Site
from portal.people.forms.passwords import CodeForm, PasskeyForm, UsePasskeyForm
from portal.people.models import User
from portal.people.queries import sessions as queries
from portal.people.routes import sessions
from portal.people.routes.blueprint import bp
from portal.web import errors, throttle
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, early, fresh, person, public
from portal.web.render import moved_on, page

_ = i18n.lazy

errors.add_sentences(
    {
        "passkey_over": _("That took a little too long. Press the button once more."),
        "passkey_unfit": _("This passkey does not fit. Try again, or enter a code instead."),
        "passkey_known": _("This passkey is set up already."),
        "passkey_unknown": _("That passkey is taken off already."),
    }
)


@bp.app_template_global()
def passkey_site() -> Site | None:
    """Return the portal as passkeys know it; None where this installation cannot offer them."""
    return passkeys.site_of(current_app.config["PORTAL"].base_url, office()["product_name"])


@bp.app_template_global()
def passkey_door(user: User) -> Site | None:
    """Return the portal as passkeys know it when somebody can come in with theirs."""
    return passkey_site() if queries.list_passkeys(reader(), user.id) else None


def _site() -> Site:
    return passkey_site() or abort(404)


@contextmanager
def _one_try(user_id: UUID, session_id: UUID) -> Iterator[None]:
    """Slow down whoever fails, together with their codes; what a key should sign counts once."""
    who = (str(user_id),)
    throttle.check_delay("factor", *who)
    try:
        yield
    except Rejected:
        limits.note_failure(database(), "factor", *who)
        with database().side_write() as writing:
            passkeys.forget_challenge(writing, session_id)
        raise
    limits.forget_failures(database(), "factor", *who)


def _device_words() -> str:
    return sessions.device(own=False).name or i18n.gettext("My device")


def _passkey_page(form: PasskeyForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "people/passkey.html",
        status=status,
        form=form,
        site=_site(),
        user=reader().get_one(User, actor().user_id),
    )


@bp.get("/akun/kunci")
@allow(Permission.SIGNED_IN)
@early
@fresh
def passkey_form() -> ResponseReturnValue:
    """Explain passkeys and offer to make one."""
    return _passkey_page(PasskeyForm(name=_device_words()))


@bp.post("/akun/kunci/tantangan")
@allow(Permission.SIGNED_IN)
@early
@fresh
def ask_for_passkey() -> ResponseReturnValue:
    """Hand the browser what it needs to make a passkey."""
    site = _site()
    with transaction(db()) as writing:
        user = writing.get_one(User, actor().user_id)
        return passkeys.ask_for_new(writing, user, person().session_id, site)


@bp.post("/akun/kunci")
@allow(Permission.SIGNED_IN)
@early
@fresh
def add_passkey() -> ResponseReturnValue:
    """Add a passkey to the own account; with the first proof come recovery codes, shown once."""
    site = _site()
    form = PasskeyForm()
    if form.validate_on_submit():
        try:
            with _one_try(actor().user_id, person().session_id):
                return _added(form, site)
        except Rejected as problem:
            form.attach(problem)
    return _passkey_page(form, form.reply_status)


def _added(form: PasskeyForm, site: Site) -> ResponseReturnValue:
    mine = person().session_id
    with transaction(db()) as writing:
        codes = passkeys.add(writing, actor(), mine, site, form.to_command(_device_words()))
        token = session_actions.rotate(writing, mine)
        session_actions.end_all(writing, actor().user_id, but=mine)
    if codes:
        return sessions.rotated(page("people/recovery_codes.html", codes=codes), token)
    flash(i18n.gettext("Your passkey is set up."), "ok")
    return sessions.rotated(redirect(url_for("people.security"), 303), token)


@bp.post("/akun/kunci/<public_id:passkey_id>/lepas")
@allow(Permission.SIGNED_IN)
@fresh
def remove_passkey(passkey_id: str) -> ResponseReturnValue:
    """Take one of one's own passkeys off the account."""
    _site()
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as writing:
                passkeys.remove(writing, actor(), passkey_id)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("That passkey no longer counts."), "ok")
    return moved_on(url_for("people.security"))


@bp.post("/masuk/kunci/tantangan")
@public
def ask_passkey() -> ResponseReturnValue:
    """Hand the browser what it needs to let a passkey sign."""
    site = _site()
    held = sessions.waiting()
    if held is None:
        return redirect(url_for("people.sign_in_form"), 303)
    waiting, user = held
    with transaction(db()) as writing:
        return passkeys.ask(writing, user, waiting.id, site)


@bp.post("/masuk/kunci")
@public
def use_passkey() -> ResponseReturnValue:
    """Check what a passkey signed and sign in."""
    site = _site()
    held = sessions.waiting()
    if held is None:
        return redirect(url_for("people.sign_in_form"), 303)
    waiting, user = held
    form = UsePasskeyForm()
    shown = CodeForm()
    if form.validate_on_submit():
        try:
            with _one_try(user.id, waiting.id), transaction(db()) as writing:
                passkeys.use(writing, user, waiting.id, site, form.credential.data or "")
            return sessions.start(
                user, own_device=waiting.own_device, to=form.lanjut.data, strong=True
            )
        except Rejected as problem:
            shown.attach(problem)
    return page("people/code.html", status=shown.reply_status, form=shown, user=user)
