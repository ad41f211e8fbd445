"""The list of schools, one school, and correcting it."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions, exports, queries
from portal.schools.forms import FilterForm, SchoolForm
from portal.schools.queries import above, naming
from portal.schools.queries.contacts import main_ones
from portal.schools.routes import classes, contact_log, contacts
from portal.schools.routes.blueprint import bp, find
from portal.web import paging
from portal.web.database import db
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/sekolah")
@allow(Permission.SCHOOL_READ)
def index() -> ResponseReturnValue:
    """List the schools; whoever belongs to a single one sees that one."""
    own = _only_school()
    if own is not None:
        return redirect(url_for("schools.show", school_id=own), 303)
    form = FilterForm(request.args, meta={"csrf": False})
    form.offer(queries.districts(db()))
    chosen, today = form.to_filter(), clock.today()
    after, before = paging.position(str, UUID)
    found = queries.search(db(), actor(), chosen, today, after=after, before=before)
    if not found.rows and (after or before):
        # The rows behind this address are gone; the list starts again.
        found = queries.search(db(), actor(), chosen, today)
    narrowing = form.narrowing()
    return page(
        "schools/index.html",
        part="schools/_list.html",
        form=form,
        narrowing=[(text, form.address_without(name)) for name, text in narrowing],
        schools=found.rows,
        last_sessions=above.last_sessions(db(), [row.id for row in found.rows]),
        contacts=main_ones(db(), actor(), [row.id for row in found.rows]),
        reads_contacts=actor().may(Permission.SCHOOL_CONTACTS_READ),
        total=queries.count(db(), actor(), chosen, today),
        most_counted=queries.MOST_COUNTED,
        previous_url=paging.link(paging.BEFORE, found.before),
        next_url=paging.link(paging.AFTER, found.after),
        may_import=actor().may_somewhere(Permission.SCHOOL_IMPORT),
        may_read_calendar=actor().may(Permission.CALENDAR_READ),
        words=exports,
    )


def _only_school() -> str | None:
    """Return the public id of the one school an actor sees; None when there may be more."""
    own = set(actor().schools_with(Permission.SCHOOL_READ))
    if actor().may(Permission.SCHOOL_READ) or len(own) != 1:
        return None
    return queries.public_id_of(db(), actor(), own.pop()) or abort(404)


@bp.get("/sekolah/<public_id:school_id>")
@allow(Permission.SCHOOL_READ)
def show(school_id: str) -> ResponseReturnValue:
    """Show a school and, to whoever may read them, its memoranda."""
    school, today = find(school_id), clock.today()
    mous = queries.mous_of(db(), actor(), school.id)
    current = next((pair for pair in mous if pair[0].in_force(today)), None)
    return page(
        "schools/show.html",
        school=school,
        successor=naming.successor_of(db(), actor(), school),
        merged=naming.merged_into(db(), school),
        former_names=naming.former_names(db(), school),
        classes=classes.part(school),
        contacts=contacts.part(school),
        contact_log=contact_log.part(school),
        partner=queries.partner_on(db(), school.id, today),
        current=current,
        others=[pair for pair in mous if pair is not current],
        today=today,
        may_list=_only_school() is None,
        may_edit=actor().may(Permission.SCHOOL_EDIT, school.id),
        may_read_mou=actor().may(Permission.MOU_READ, school.id),
        may_write_mou=actor().may(Permission.MOU_WRITE, school.id),
        may_read_visits=actor().may(Permission.VISIT_READ, school.id),
        may_read_calendar=actor().may(Permission.CALENDAR_READ, school.id),
        may_invite=school.active and actor().may(Permission.INVITE_SCHOOL_STAFF, school.id),
        words=exports,
    )


@bp.get("/sekolah/<public_id:school_id>/ubah")
@allow(Permission.SCHOOL_EDIT)
def edit_form(school_id: str) -> ResponseReturnValue:
    """Show a school's facts for correction."""
    school = find(school_id)
    return page("schools/edit.html", form=SchoolForm.showing(school), school=school)


@bp.post("/sekolah/<public_id:school_id>/ubah")
@allow(Permission.SCHOOL_EDIT)
def edit(school_id: str) -> ResponseReturnValue:
    """Correct a school's facts."""
    school = find(school_id)
    form = SchoolForm()
    if form.validate_on_submit():
        try:
            form.check_version(school, SchoolForm(formdata=None, obj=school))
            with transaction(db()) as session:
                actions.change_school(session, actor(), school, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("schools.show", school_id=school_id))
    return page("schools/edit.html", status=form.reply_status, form=form, school=school)
