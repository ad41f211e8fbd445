"""One's own account: name, contacts, password, devices, code of conduct."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions import accounts, factors, passwords, sessions
from portal.people.forms.account import ProfileForm
from portal.people.forms.contacts import ContactsForm
from portal.people.forms.passwords import ChangePasswordForm
from portal.people.models import User
from portal.people.queries import sessions as queries
from portal.people.routes.blueprint import bp, role_at, texts_around
from portal.people.routes.sessions import local_target
from portal.people.routes.sign_in import check_password
from portal.schools import queries as school_queries
from portal.web import errors
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, early, fresh, person
from portal.web.render import moved_on, page


def _account_page(form: ProfileForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "people/account.html", status=status, form=form, user=_myself(), places=_my_places()
    )


@bp.get("/akun")
@allow(Permission.SIGNED_IN)
@early
def account() -> ResponseReturnValue:
    """Show the own account."""
    return _account_page(ProfileForm.showing(_myself()))


@bp.post("/akun")
@allow(Permission.SIGNED_IN)
@early
def change_account() -> ResponseReturnValue:
    """Change the own name and form of address."""
    form = ProfileForm()
    user = _myself()
    if form.validate_on_submit():
        try:
            form.check_version(user, ProfileForm(formdata=None, obj=user))
            with transaction(db()) as writing:
                accounts.change_profile(
                    writing, actor(), user, form.full_name.data or "", form.called.data or ""
                )
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("people.account"))
    return _account_page(form, form.reply_status)


@bp.get("/akun/kontak")
@allow(Permission.SIGNED_IN)
@fresh
def contacts_form() -> ResponseReturnValue:
    """Show with what one signs in."""
    return page("people/contacts.html", form=ContactsForm(obj=_myself()))


@bp.post("/akun/kontak")
@allow(Permission.SIGNED_IN)
@fresh
def change_contacts() -> ResponseReturnValue:
    """Change with what one signs in."""
    form = ContactsForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                accounts.change_contacts(writing, actor(), _myself(), form.contacts())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved. From now on you sign in with these."), "ok")
            return moved_on(url_for("people.account"))
    return page("people/contacts.html", status=form.reply_status, form=form)


@bp.get("/akun/sandi")
@allow(Permission.SIGNED_IN)
def password_form() -> ResponseReturnValue:
    """Ask for the present and a new password."""
    return page("people/password.html", form=ChangePasswordForm())


@bp.post("/akun/sandi")
@allow(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change the own password; every other device is signed out."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            _set_password(form.present.data or "", form.password.data or "")
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(
                i18n.gettext("Your new password is set. Your other devices are signed out."), "ok"
            )
            return moved_on(url_for("people.security"))
    return page("people/password.html", status=form.reply_status, form=form)


def _set_password(present: str, wanted: str) -> None:
    check_password(present, "present")
    known = reader().get_one(User, actor().user_id)
    passwords.check_strength(office(), wanted, *texts_around(known))
    # The slow hash comes before the transaction.
    kept = passwords.hash_password(wanted)
    with transaction(db()) as writing:
        accounts.change_password(writing, actor(), _myself(), kept, keep=person().session_id)
        sessions.prove(writing, person().session_id)


@bp.get("/akun/keamanan")
@allow(Permission.SIGNED_IN)
def security() -> ResponseReturnValue:
    """Show what protects the own account, and where one is signed in."""
    return page(
        "people/security.html",
        user=_myself(),
        passkeys=queries.list_passkeys(reader(), actor().user_id),
        codes_left=factors.codes_left(reader(), actor().user_id),
        sessions=queries.list_sessions(reader(), actor().user_id),
        present=person().session_id,
        button=PortalForm(),
    )


@bp.post("/akun/perangkat/<public_id:session_id>/keluarkan")
@allow(Permission.SIGNED_IN)
def revoke_session(session_id: str) -> ResponseReturnValue:
    """Sign one of one's own devices out."""
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as writing:
                sessions.revoke(writing, actor(), session_id)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("That device is signed out."), "ok")
    return moved_on(url_for("people.security"))


@bp.post("/akun/perangkat/keluarkan-lainnya")
@allow(Permission.SIGNED_IN)
def revoke_others() -> ResponseReturnValue:
    """Sign every device out but this one."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as writing:
            sessions.end_all(writing, actor().user_id, but=person().session_id)
        flash(i18n.gettext("All other devices are signed out."), "ok")
    return moved_on(url_for("people.security"))


@bp.get("/tata-laku")
@allow(Permission.SIGNED_IN)
@early
def conduct_form() -> ResponseReturnValue:
    """Show the code of conduct."""
    accepted = _myself().conduct_edition or 0
    return page(
        "people/conduct.html",
        button=PortalForm(),
        edition=office()["conduct_edition"],
        accepted_at=_myself().conduct_accepted_at,
        open=accepted < office()["conduct_edition"],
        lanjut=request.args.get("lanjut"),
    )


@bp.post("/tata-laku")
@allow(Permission.SIGNED_IN)
@early
def accept_conduct() -> ResponseReturnValue:
    """Accept the code of conduct and go on."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as writing:
            accounts.accept_conduct(writing, actor(), _myself(), office()["conduct_edition"])
        return redirect(local_target(request.form.get("lanjut")), 303)
    return redirect(url_for("people.conduct_form"), 303)


def _myself() -> User:
    return db().get_one(User, actor().user_id)


def _my_places() -> list[str]:
    names = school_queries.names(reader())
    return [
        role_at(appointment.role, appointment.school_id, names)
        for appointment in actor().appointments
    ]
