"""Another name for a school, and one school becoming part of another."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import exports, queries
from portal.schools.actions import merging
from portal.schools.actions import naming as actions
from portal.schools.actions.merging import Merger
from portal.schools.forms.naming import MergeChoiceForm, MergeForm, RenameForm
from portal.schools.models import School
from portal.schools.queries.naming import candidates
from portal.schools.routes.blueprint import bp, find_for
from portal.web.database import db
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/sekolah/<public_id:school_id>/nama")
@allow(Permission.SCHOOL_EDIT)
def rename_form(school_id: str) -> ResponseReturnValue:
    """Ask for a school's new name."""
    school = find_for(Permission.SCHOOL_EDIT, school_id)
    return page("schools/names.html", school=school, form=RenameForm())


@bp.post("/sekolah/<public_id:school_id>/nama")
@allow(Permission.SCHOOL_EDIT)
def rename(school_id: str) -> ResponseReturnValue:
    """Give a school another name."""
    school = find_for(Permission.SCHOOL_EDIT, school_id)
    form = RenameForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.rename(session, actor(), school, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The school has its new name; the one before stays findable."), "ok")
            return moved_on(url_for("schools.show", school_id=school_id))
    return page("schools/names.html", status=form.reply_status, school=school, form=form)


@bp.get("/sekolah/<public_id:school_id>/gabung")
@allow(Permission.SCHOOL_EDIT)
def merge_form(school_id: str) -> ResponseReturnValue:
    """Ask which school another becomes part of; with an answer, say what would happen."""
    school = find_for(Permission.SCHOOL_EDIT, school_id)
    choice = _choice(school)
    successor = None
    if choice.successor.raw_data and choice.validate():
        successor = queries.get_school(db(), actor(), choice.successor.data)
    return _merge_page(school, choice, successor)


def _choice(school: School) -> MergeChoiceForm:
    """Return what the address says of a merger."""
    choice = MergeChoiceForm(request.args, meta={"csrf": False})
    choice.offer(candidates(db(), school))
    return choice


def _merge_page(
    school: School,
    choice: MergeChoiceForm,
    successor: School | None,
    form: MergeForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    agreed = form or MergeForm(
        formdata=None,
        data={
            "successor": choice.successor.data,
            "merged_on": choice.merged_on.data,
            "note": choice.note.data,
        },
    )
    return page(
        "schools/merge.html",
        status=status,
        school=school,
        choice=choice,
        successor=successor,
        outlook=merging.outlook(db(), school, successor) if successor else None,
        form=agreed,
        error_form=form or (choice if choice.errors else None),
        words=exports,
    )


@bp.post("/sekolah/<public_id:school_id>/gabung")
@allow(Permission.SCHOOL_EDIT)
def merge(school_id: str) -> ResponseReturnValue:
    """Let a school become part of another."""
    school = find_for(Permission.SCHOOL_EDIT, school_id)
    form = MergeForm()
    successor = queries.get_school(db(), actor(), form.successor.data or "")
    if form.validate_on_submit():
        try:
            if successor is None or form.merged_on.data is None:
                raise Rejected("merge_into_gone")
            merger = Merger(successor, form.merged_on.data, form.note.data or "")
            with transaction(db()) as session:
                merging.merge(session, actor(), school, merger)
        except Rejected as problem:
            form.attach(problem)
        else:
            done = i18n.gettext("%(school)s is part of this school now.", school=school.name)
            flash(done, "ok")
            return moved_on(url_for("schools.show", school_id=merger.successor.public_id))
    choice = _choice(school)
    choice.successor.data, choice.merged_on.data = form.successor.data, form.merged_on.data
    return _merge_page(school, choice, successor, form, form.reply_status)
