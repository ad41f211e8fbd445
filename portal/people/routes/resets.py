"""Lost passwords: asking at the door, handing a link over, choosing a new one."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import RESET, RESET_NETWORK
from portal.people import policy
from portal.people.actions import factors, passwords, resets
from portal.people.forms.passwords import ForgotForm, NewPasswordForm
from portal.people.models import Membership, User
from portal.people.queries import accounts, appointments
from portal.people.queries.resets import find_reset
from portal.people.routes.blueprint import bp, handed_over, role_at, texts_around
from portal.schools import queries as school_queries
from portal.web import throttle
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh, public
from portal.web.render import moved_on, page, whole_address


@bp.get("/lupa-sandi")
@public
def forgot_form() -> ResponseReturnValue:
    """Ask who cannot get in."""
    return page("people/forgot.html", form=ForgotForm())


@bp.post("/lupa-sandi")
@public
def forgot() -> ResponseReturnValue:
    """Tell whoever can help; the answer is the same for every name."""
    form = ForgotForm()
    if form.validate_on_submit():
        identifier = form.identifier.data or ""
        try:
            throttle.count(RESET, accounts.normal_identifier(identifier))
            throttle.count(RESET_NETWORK, throttle.network())
        except Rejected as problem:
            form.attach(problem)
        else:
            user = accounts.find_by_identifier(reader(), identifier)
            with transaction(db()) as writing:
                resets.ask(writing, user)
            return redirect(url_for("people.forgot_sent"), 303)
    return page("people/forgot.html", status=form.reply_status, form=form)


@bp.get("/lupa-sandi/terkirim")
@public
def forgot_sent() -> ResponseReturnValue:
    """Say what happens next."""
    return page("people/forgot_sent.html")


def _membership(membership_id: str) -> tuple[Membership, dict[str, Any]]:
    membership = appointments.get_membership(db(), actor(), membership_id) or abort(404)
    held = appointments.appointments_of(reader(), membership.user_id)
    names = school_queries.names(reader())
    return membership, {
        "membership": membership,
        "role": role_at(membership.role, membership.school_id, names),
        "may_reset": policy.may_reset(actor(), membership.user_id, held),
        "may_clear": policy.may_clear_factor(actor(), membership.user_id, held),
    }


@bp.get("/pengguna/<public_id:membership_id>/tautan")
@allow(Permission.PEOPLE_READ)
@fresh
def help_form(membership_id: str) -> ResponseReturnValue:
    """Show how somebody who cannot get in can be helped."""
    _found, context = _membership(membership_id)
    if not (context["may_reset"] or context["may_clear"]):
        abort(404)
    return page("people/help.html", button=PortalForm(), **context)


@bp.post("/pengguna/<public_id:membership_id>/tautan")
@allow(Permission.RESET_LINK_MAKE)
@fresh
def make_reset_link(membership_id: str) -> ResponseReturnValue:
    """Make a link to a new password and show it, once."""
    membership, context = _membership(membership_id)
    form = PortalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                link, token = resets.make_link(writing, actor(), membership)
        except Rejected as problem:
            form.attach(problem)
            # What was undone is read anew before it is shown.
            _found, context = _membership(membership_id)
        else:
            text = i18n.gettext(
                "%(name)s, choose a new password for %(product)s with this link, within %(hours)s "
                "hours: %(link)s",
                name=membership.user.short_name,
                product=office()["product_name"],
                hours=i18n.number(office()["reset_hours"]),
                link=whole_address("people.new_password_form", token=token),
            )
            return page(
                "people/link_made.html",
                membership=membership,
                expires_at=link.expires_at,
                **handed_over(text, membership.user.phone, membership.user.email),
            )
    return page("people/help.html", status=form.reply_status, button=form, **context)


@bp.post("/pengguna/<public_id:membership_id>/lepas-bukti")
@allow(Permission.FACTOR_CLEAR)
@fresh
def clear_factor(membership_id: str) -> ResponseReturnValue:
    """Take the second proof off the account of somebody whose phone is lost."""
    membership, context = _membership(membership_id)
    form = PortalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                user = writing.get_one(User, membership.user_id)
                factors.clear_factors(writing, actor(), user)
        except Rejected as problem:
            form.attach(problem)
            _found, context = _membership(membership_id)
        else:
            flash(
                i18n.gettext(
                    "The second proof of %(name)s is off. It is set up again at the next sign-in.",
                    name=membership.user.full_name,
                ),
                "ok",
            )
            return moved_on(url_for("people.index"))
    return page("people/help.html", status=form.reply_status, button=form, **context)


def _new_password_page(form: NewPasswordForm, token: str, status: int = 200) -> ResponseReturnValue:
    link = find_reset(reader(), token)
    if link is None:
        return page("people/reset_over.html", status=410)
    user = reader().get_one(User, link.user_id)
    return page("people/new_password.html", status=status, form=form, token=token, user=user)


@bp.get("/sandi-baru/<token>")
@public
def new_password_form(token: str) -> ResponseReturnValue:
    """Ask for the new password; opening the link uses nothing up."""
    return _new_password_page(NewPasswordForm(), token)


@bp.post("/sandi-baru/<token>")
@public
def set_new_password(token: str) -> ResponseReturnValue:
    """Set the new password; whoever did signs in with it."""
    form = NewPasswordForm()
    link = find_reset(reader(), token)
    if form.validate_on_submit() and link is not None:
        user = reader().get_one(User, link.user_id)
        password = form.password.data or ""
        try:
            passwords.check_strength(office(), password, *texts_around(user))
            kept = passwords.hash_password(password)
            with transaction(db()) as writing:
                resets.use_link(writing, token, kept)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Your new password is set. Sign in with it now."), "ok")
            return redirect(url_for("people.sign_in_form"), 303)
    return _new_password_page(form, token, form.reply_status)
