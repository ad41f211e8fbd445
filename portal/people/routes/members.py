"""Who holds which role, and ending one."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people import actions, policy, queries
from portal.people.forms import ROLE_NAMES
from portal.people.routes.blueprint import bp
from portal.schools import queries as school_queries
from portal.web import errors
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/pengguna")
@allow(Permission.PEOPLE_READ)
def index() -> ResponseReturnValue:
    """List the people of one's own school, or all."""
    return page(
        "people/index.html",
        members=queries.list_members(reader(), actor()),
        invitations=queries.list_open_invitations(reader(), actor()),
        school_names=school_queries.names(reader()),
        role_names=ROLE_NAMES,
        may_end=policy.may_end,
        actor=actor(),
        button=PortalForm(),
    )


@bp.post("/pengguna/<public_id:membership_id>/akhiri")
@allow(Permission.INVITE_SCHOOL_STAFF)
def end_membership(membership_id: str) -> ResponseReturnValue:
    """End somebody's appointment."""
    membership = queries.get_membership(db(), actor(), membership_id) or abort(404)
    if PortalForm().validate_on_submit():
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
