"""Inviting somebody, and accepting an invitation."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n, limits
from portal.core.access import Permission, Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import SIGN_IN_ACCOUNT
from portal.people import policy
from portal.people.actions import invitations as actions
from portal.people.actions.invitations import NewPerson, Proof
from portal.people.forms.invitations import AcceptForm, InvitationForm
from portal.people.forms.roles import ROLE_NAMES
from portal.people.models import Invitation, User
from portal.people.queries import invitations as queries
from portal.people.routes import sessions
from portal.people.routes.blueprint import bp, handed_over, role_at
from portal.schools import queries as school_queries
from portal.web import errors, throttle
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh, public
from portal.web.render import moved_on, page, whole_address

ACCEPT = "accept"


def _invitation_form() -> tuple[InvitationForm, dict[str, Any]]:
    form = InvitationForm()
    may_choose = actor().within(Permission.INVITE_SCHOOL_STAFF, school_queries.SCHOOL_ID)
    schools = school_queries.choices(reader(), may_choose)
    form.offer(policy.roles_to_invite(actor()), [(row.public_id, row.name) for row in schools])
    return form, {row.public_id: row.id for row in schools}


@bp.get("/undangan/baru")
@allow(Permission.INVITE_SCHOOL_STAFF)
@fresh
def invitation_form() -> ResponseReturnValue:
    """Ask whom to invite."""
    form, _ids = _invitation_form()
    if request.args.get("sekolah"):
        form.school.data = request.args["sekolah"]
    if request.args.get("peran"):
        form.role.data = request.args["peran"]
    return page("people/invite.html", form=form)


@bp.post("/undangan/baru")
@allow(Permission.INVITE_SCHOOL_STAFF)
@fresh
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


def _hand_over(invitation: Invitation, token: str) -> dict[str, Any]:
    text = i18n.gettext(
        "%(name)s, you are invited to %(product)s as %(role)s. Open this link within %(hours)s "
        "hours: %(link)s",
        name=invitation.full_name,
        product=office()["product_name"],
        role=str(ROLE_NAMES[Role(invitation.role)]),
        hours=i18n.number(office()["invitation_hours"]),
        link=whole_address("people.accept_form", token=token),
    )
    return {
        "invitation": invitation,
        **handed_over(text, invitation.phone, invitation.email),
    }


@bp.post("/undangan/<public_id:invitation_id>/setujui")
@allow(Permission.STAFF_APPROVE)
@fresh
def approve_invitation(invitation_id: str) -> ResponseReturnValue:
    """Let an invitation to the office's staff work."""
    invitation = queries.get_invitation(db(), actor(), invitation_id) or abort(404)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.approve(writing, actor(), invitation)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(
                i18n.gettext("The invitation of %(name)s works now.", name=invitation.full_name),
                "ok",
            )
    return moved_on(url_for("people.index"))


@bp.post("/undangan/<public_id:invitation_id>/batal")
@allow(Permission.INVITE_SCHOOL_STAFF)
def cancel_invitation(invitation_id: str) -> ResponseReturnValue:
    """Withdraw an invitation."""
    invitation = queries.get_invitation(db(), actor(), invitation_id) or abort(404)
    if PortalForm().validate_on_submit():
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
    role = role_at(Role(invitation.role), invitation.school_id, names)
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
            person = form.to_command()
            proof = _proof(token, person)
            with transaction(db()) as writing:
                user = actions.accept_invitation(writing, token, person, proof)
            return sessions.begin(user, own_device=False, to=None)
        except Rejected as problem:
            form.attach(problem)
    return _accept_page(form, token, form.reply_status)


def _proof(token: str, person: NewPerson) -> Proof:
    """Return what the password of whoever accepts proves.

    That of an account is asked for as at the door, and wrong ones slow down as there: whoever
    invites holds the link, and could guess behind it.
    """
    invitation = queries.find_invitation(reader(), token)
    holder = actions.holder_of(reader(), invitation) if invitation else None
    if invitation is None or holder is None:
        names = school_queries.names(reader())
        school = names[invitation.school_id] if invitation and invitation.school_id else ""
        return actions.prove(reader(), token, person, school)
    who = (str(holder.id), sessions.device_part(holder))
    throttle.check_delay(ACCEPT, *who)
    throttle.count(SIGN_IN_ACCOUNT, ACCEPT, *who)
    try:
        proof = actions.prove(reader(), token, person)
    except Rejected:
        limits.note_failure(database(), ACCEPT, *who)
        raise
    limits.forget_failures(database(), ACCEPT, *who)
    limits.forgive(database(), SIGN_IN_ACCOUNT, ACCEPT, *who)
    return proof
