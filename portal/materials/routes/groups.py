"""Putting materials together: collections on the shelf, and paths for parents."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import groups as actions
from portal.materials.forms.groups import GroupForm, ItemForm, NewGroupForm
from portal.materials.models import Material, MaterialGroup
from portal.materials.policy.access import may_change_group
from portal.materials.policy.content import TITLE_LENGTH
from portal.materials.queries import groups as queries
from portal.materials.routes.blueprint import bp
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Act = Callable[[Session, MaterialGroup, Material], None]


def _get(session: Session, group_id: str) -> MaterialGroup:
    return queries.get(session, group_id) or abort(404)


@bp.get("/materi/kelola/koleksi")
@allow(Permission.MATERIAL_WRITE)
def groups() -> ResponseReturnValue:
    """Show all collections and paths."""
    return page("materials/groups.html", groups=queries.every(reader()))


def _new_page(form: NewGroupForm, status: int = 200) -> ResponseReturnValue:
    return page("materials/group_new.html", status=status, form=form)


@bp.get("/materi/kelola/koleksi/baru")
@allow(Permission.MATERIAL_WRITE)
def new_group_form() -> ResponseReturnValue:
    """Ask for a new collection or path."""
    return _new_page(NewGroupForm())


@bp.post("/materi/kelola/koleksi/baru")
@allow(Permission.MATERIAL_WRITE)
def new_group() -> ResponseReturnValue:
    """Make a collection or path."""
    form = NewGroupForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                made = actions.make(writing, actor(), form.chosen_kind, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved. Now put materials into it."), "ok")
            return moved_on(url_for("materials.group_form", group_id=made.public_id))
    return _new_page(form, form.reply_status)


def _page(group_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    typed = request.args.get("cari", "").strip()[:TITLE_LENGTH]
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        group = _get(reading, group_id)
        items = queries.items(reading, group.id)
        offered = queries.offered(reading, group, typed) if typed else ()
    return page(
        "materials/group_edit.html",
        status=status,
        group=group,
        items=items,
        typed=typed,
        offered=offered,
        may_change=may_change_group(actor(), group),
        form=GroupForm.shown(group, tried),
        button=PortalForm(formdata=None),
        tried=tried,
    )


@bp.get("/materi/kelola/koleksi/<public_id:group_id>")
@allow(Permission.MATERIAL_WRITE)
def group_form(group_id: str) -> ResponseReturnValue:
    """Show a collection or path, for changing."""
    return _page(group_id)


@bp.post("/materi/kelola/koleksi/<public_id:group_id>")
@allow(Permission.MATERIAL_WRITE)
def change_group(group_id: str) -> ResponseReturnValue:
    """Change what a group is called, and whether everybody sees it."""
    _get(reader(), group_id)
    form = GroupForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                group = _get(writing, group_id)
                form.check_version(group, GroupForm.showing(group, formdata=None))
                actions.change(writing, actor(), group, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("materials.group_form", group_id=group_id))
    return _page(group_id, form.reply_status, form)


def _with_item(group_id: str, act: Act) -> ResponseReturnValue:
    """Do something with a material of a group and show how the group stands then."""
    _get(reader(), group_id)
    form = ItemForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                material = queries.material(writing, form.material.data or "")
                if material is None:
                    raise Rejected("state_changed")
                act(writing, _get(writing, group_id), material)
        except Rejected as problem:
            form.attach(problem)
        else:
            back = url_for("materials.group_form", group_id=group_id, _anchor="isi-kelompok")
            return moved_on(back)
    return _page(group_id, form.reply_status, form)


@bp.post("/materi/kelola/koleksi/<public_id:group_id>/tambah")
@allow(Permission.MATERIAL_WRITE)
def add_to_group(group_id: str) -> ResponseReturnValue:
    """Put a material at the end of a group."""

    def act(writing: Session, group: MaterialGroup, material: Material) -> None:
        actions.add(writing, actor(), group, material)

    return _with_item(group_id, act)


@bp.post("/materi/kelola/koleksi/<public_id:group_id>/keluarkan")
@allow(Permission.MATERIAL_WRITE)
def take_off_group(group_id: str) -> ResponseReturnValue:
    """Take a material off a group."""

    def act(writing: Session, group: MaterialGroup, material: Material) -> None:
        actions.take_off(writing, actor(), group, material)

    return _with_item(group_id, act)


@bp.post("/materi/kelola/koleksi/<public_id:group_id>/<any(naik,turun):way>")
@allow(Permission.MATERIAL_WRITE)
def move_in_group(group_id: str, way: str) -> ResponseReturnValue:
    """Let a material change places with its neighbour."""
    step = actions.UP if way == "naik" else actions.DOWN

    def act(writing: Session, group: MaterialGroup, material: Material) -> None:
        actions.move(writing, actor(), group, material, step)

    return _with_item(group_id, act)
