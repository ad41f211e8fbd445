"""Signing in and out, the own account, people and invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Request, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.core import clock, i18n
from portal.core.access import Permission, Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people import actions, policy, queries
from portal.people.forms import (
    ROLE_NAMES,
    AcceptForm,
    EmptyForm,
    InvitationForm,
    ProfileForm,
    SignInForm,
)
from portal.people.models import User
from portal.schools import queries as school_queries
from portal.web import errors, guard, language
from portal.web.database import database, db, demo, office, reader
from portal.web.guard import actor, allow, person, public
from portal.web.render import moved_on, page

_ = i18n.lazy

bp = Blueprint("people", __name__)
blueprints = (bp,)

TOUCH_EVERY = timedelta(minutes=1)

errors.add_sentences(
    {
        "no_appointment": _(
            "Your account has no active role now. Ask your principal or the office to renew it."
        ),
        "password_length": _("Choose a password of %(least)s to %(most)s characters."),
        "password_of_account": _(
            "You already have an account with this contact. Enter the password of that account."
        ),
        "contact_needed": _("Enter a WhatsApp number or an e-mail address, one is enough."),
        "contact_taken": _("Another account already uses this e-mail address or number."),
        "invitation_over": _("This invitation has been used or has expired. Ask for a new one."),
        "sign_in_unknown": _(
            "E-mail, number or password does not match. Check them, or ask your principal or the "
            "office for help."
        ),
    }
)


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
    parts = urlsplit(address or "")
    if address and address.startswith("/") and not parts.netloc and "\\" not in address:
        return address if not address.startswith("//") else url_for("home.index")
    return url_for("home.index")


def _personas() -> list[dict[str, Any]]:
    """Return the invented people of a demonstration database; nothing in any other."""
    if not demo():
        return []
    names = school_queries.names(reader())
    return [
        {
            "user": user,
            "place": ", ".join(_place(held.role, held.school_id, names) for held in appointments),
        }
        for user, appointments in queries.everybody_with_appointments(reader())
    ]


def _place(role: Role, school_id: Any, names: dict[Any, str]) -> str:
    label = str(ROLE_NAMES[role])
    return f"{label}, {names[school_id]}" if school_id else label


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
            return _start_session(user, own_device=bool(form.own_device.data), to=form.lanjut.data)
        except Rejected as problem:
            form.attach(problem)
    return page("people/sign_in.html", status=form.reply_status, form=form, personas=_personas())


def _start_session(user: User, *, own_device: bool, to: str | None) -> ResponseReturnValue:
    with transaction(db()) as writing:
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
    user = reader().scalar(select(User).where(User.public_id == user_id)) or abort(404)
    return _start_session(user, own_device=False, to=request.form.get("lanjut"))


@bp.post("/keluar")
@public
def sign_out() -> ResponseReturnValue:
    """End the session in the database; a copied cookie is dead from now on."""
    if guard.signed_in():
        with transaction(db()) as writing:
            actions.close_session(writing, person().session_id)  # type: ignore[attr-defined]
    session.clear()
    response = redirect(url_for("home.landing"), 303)
    response.delete_cookie(_cookie_name(), path="/", secure=current_app.config["PORTAL"].https)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.get("/akun")
@allow(Permission.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Show the own account."""
    user = _myself()
    form = ProfileForm(obj=user)
    return page("people/account.html", form=form, user=user, places=_my_places())


@bp.post("/akun")
@allow(Permission.SIGNED_IN)
def change_account() -> ResponseReturnValue:
    """Change the own name and form of address."""
    form = ProfileForm()
    user = _myself()
    if form.validate_on_submit():
        with transaction(db()) as writing:
            actions.change_profile(writing, user, form.full_name.data or "", form.called.data or "")
        flash(i18n.gettext("Saved."), "ok")
        return moved_on(url_for("people.account"))
    return page(
        "people/account.html",
        status=form.reply_status,
        form=form,
        user=user,
        places=_my_places(),
    )


def _myself() -> User:
    return db().get_one(User, actor().user_id)


def _my_places() -> list[str]:
    names = school_queries.names(reader())
    return [
        _place(appointment.role, appointment.school_id, names)
        for appointment in actor().appointments
    ]


def _people_page(**more: Any) -> dict[str, Any]:
    names = school_queries.names(reader())
    return {
        "members": queries.list_members(reader(), actor()),
        "invitations": queries.list_open_invitations(reader(), actor()),
        "school_names": names,
        "role_names": ROLE_NAMES,
        "may_end": policy.may_end,
        "actor": actor(),
        "button": EmptyForm(),
        **more,
    }


@bp.get("/pengguna")
@allow(Permission.PEOPLE_READ)
def index() -> ResponseReturnValue:
    """List the people of one's own school, or all."""
    return page("people/index.html", **_people_page())


@bp.post("/pengguna/<public_id:membership_id>/akhiri")
@allow(Permission.INVITE_SCHOOL_STAFF)
def end_membership(membership_id: str) -> ResponseReturnValue:
    """End somebody's appointment."""
    membership = queries.get_membership(db(), actor(), membership_id) or abort(404)
    if EmptyForm().validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.end_membership(writing, actor(), membership)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(
                i18n.gettext("The role of %(name)s has ended.", name=membership.user.full_name),
                "ok",
            )
    return moved_on(url_for("people.index"))


def _invitation_form() -> tuple[InvitationForm, dict[str, Any]]:
    form = InvitationForm()
    may_choose = actor().within(Permission.INVITE_SCHOOL_STAFF, school_queries.SCHOOL_ID)
    schools = school_queries.choices(reader(), may_choose)
    form.offer(policy.roles_to_invite(actor()), [(row.public_id, row.name) for row in schools])
    return form, {row.public_id: row.id for row in schools}


@bp.get("/undangan/baru")
@allow(Permission.INVITE_SCHOOL_STAFF)
def invitation_form() -> ResponseReturnValue:
    """Ask whom to invite."""
    form, _ids = _invitation_form()
    if request.args.get("sekolah"):
        form.school.data = request.args["sekolah"]
    return page("people/invite.html", form=form)


@bp.post("/undangan/baru")
@allow(Permission.INVITE_SCHOOL_STAFF)
def invite() -> ResponseReturnValue:
    """Write an invitation and show its link, once."""
    form, ids = _invitation_form()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                invitation, token = actions.invite(writing, actor(), form.to_command(ids))
        except Rejected as problem:
            form.attach(problem)
        else:
            return page("people/invited.html", **_hand_over(invitation, token))
    return page("people/invite.html", status=form.reply_status, form=form)


def _hand_over(invitation: Any, token: str) -> dict[str, Any]:
    link = current_app.config["PORTAL"].base_url + url_for("people.accept_form", token=token)
    text = i18n.gettext(
        "%(name)s, you are invited to %(product)s as %(role)s. Open this link within %(hours)s "
        "hours: %(link)s",
        name=invitation.full_name,
        product=office()["product_name"],
        role=str(ROLE_NAMES[Role(invitation.role)]),
        hours=i18n.number(office()["invitation_hours"]),
        link=link,
    )
    number = (invitation.phone or "").lstrip("+")
    address = f"https://wa.me/{number}?{urlencode({'text': text})}"
    return {"invitation": invitation, "link": link, "text": text, "whatsapp": address}


@bp.post("/undangan/<public_id:invitation_id>/batal")
@allow(Permission.INVITE_SCHOOL_STAFF)
def cancel_invitation(invitation_id: str) -> ResponseReturnValue:
    """Withdraw an invitation."""
    invitation = queries.get_invitation(db(), actor(), invitation_id) or abort(404)
    if EmptyForm().validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.cancel_invitation(writing, actor(), invitation)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("The invitation no longer works."), "ok")
    return moved_on(url_for("people.index"))


def _accept_page(form: AcceptForm, token: str, status: int = 200) -> ResponseReturnValue:
    invitation = queries.find_invitation(reader(), token)
    if invitation is None:
        return page("people/invitation_over.html", status=410)
    names = school_queries.names(reader())
    role = _place(Role(invitation.role), invitation.school_id, names)
    return page(
        "people/accept.html",
        status=status,
        form=form,
        token=token,
        invitation=invitation,
        role=role,
        inviter=reader().get_one(User, invitation.invited_by),
    )


@bp.get("/undangan/<token>")
@public
def accept_form(token: str) -> ResponseReturnValue:
    """Show an invitation; opening the link uses nothing up."""
    invitation = queries.find_invitation(reader(), token)
    return _accept_page(AcceptForm(obj=invitation), token)


@bp.post("/undangan/<token>")
@public
def accept(token: str) -> ResponseReturnValue:
    """Accept an invitation, and sign in."""
    form = AcceptForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                user = actions.accept_invitation(writing, token, form.to_command())
            return _start_session(user, own_device=False, to=None)
        except Rejected as problem:
            form.attach(problem)
    return _accept_page(form, token, form.reply_status)
