"""Who holds which role: the list, ending a role, the six-monthly review."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people import policy
from portal.people.actions import appointments as actions
from portal.people.forms.account import EndForm
from portal.people.forms.roles import ROLE_NAMES
from portal.people.models import Membership
from portal.people.queries import appointments, invitations
from portal.people.routes.blueprint import bp, role_at
from portal.schools import queries as school_queries
from portal.web import errors
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page


@bp.get("/pengguna")
@allow(Permission.PEOPLE_READ)
def index() -> ResponseReturnValue:
    """List the people of one's own school, or all."""
    months = office()["access_review_months"]
    reviews = actor().may(Permission.ACCESS_REVIEW)
    return page(
        "people/index.html",
        members=appointments.list_members(reader(), actor()),
        invitations=invitations.list_open_invitations(reader(), actor()),
        school_names=school_queries.names(reader()),
        role_names=ROLE_NAMES,
        may_end=policy.may_end,
        may_help=policy.may_help,
        may_approve=policy.may_approve,
        may_invite=actor().may_somewhere(Permission.INVITE_SCHOOL_STAFF),
        to_review=len(appointments.to_review(reader(), actor(), months)) if reviews else 0,
        actor=actor(),
        button=PortalForm(),
    )


def _ending(membership_id: str) -> tuple[Membership, EndForm, dict[str, Any]]:
    membership = appointments.get_membership(db(), actor(), membership_id) or abort(404)
    if not policy.may_end(actor(), membership):
        abort(404)
    others = appointments.successors(reader(), membership)
    form = EndForm()
    form.offer(others)
    names = school_queries.names(reader())
    role = role_at(membership.role, membership.school_id, names)
    ids = {user.public_id: user.id for user in others}
    return membership, form, {"membership": membership, "role": role, "form": form, "ids": ids}


@bp.get("/pengguna/<public_id:membership_id>/akhiri")
@allow(Permission.INVITE_SCHOOL_STAFF)
@fresh
def end_form(membership_id: str) -> ResponseReturnValue:
    """Ask who takes over before somebody's role ends."""
    _membership, _form, context = _ending(membership_id)
    return page("people/end.html", **context)


@bp.post("/pengguna/<public_id:membership_id>/akhiri")
@allow(Permission.INVITE_SCHOOL_STAFF)
@fresh
def end_membership(membership_id: str) -> ResponseReturnValue:
    """End somebody's appointment and hand open work over."""
    membership, form, context = _ending(membership_id)
    if form.validate_on_submit():
        successor = context["ids"].get(form.successor.data)
        try:
            with transaction(db()) as writing:
                actions.end_membership(writing, actor(), membership, successor)
        except Rejected as problem:
            form.attach(problem)
            # What was undone is read anew before it is shown.
            appointments.get_membership(db(), actor(), membership_id)
        else:
            flash(
                i18n.gettext("The role of %(name)s has ended.", name=membership.user.full_name),
                "ok",
            )
            return moved_on(url_for("people.index"))
    return page("people/end.html", status=form.reply_status, **context)


@bp.get("/pengguna/tinjau")
@allow(Permission.ACCESS_REVIEW)
@fresh
def review() -> ResponseReturnValue:
    """List the roles nobody confirmed for half a year."""
    return page(
        "people/review.html",
        members=appointments.to_review(reader(), actor(), office()["access_review_months"]),
        school_names=school_queries.names(reader()),
        role_names=ROLE_NAMES,
        actor=actor(),
        may_end=policy.may_end,
        button=PortalForm(),
    )


@bp.post("/pengguna/<public_id:membership_id>/masih")
@allow(Permission.ACCESS_REVIEW)
@fresh
def confirm(membership_id: str) -> ResponseReturnValue:
    """Confirm that somebody still holds a role."""
    membership = appointments.get_membership(db(), actor(), membership_id) or abort(404)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.confirm(writing, actor(), membership)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
    return moved_on(url_for("people.review"))
