"""The desk of whoever keeps the library: all materials, and beginning a new one."""

from __future__ import annotations

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import describing, writing
from portal.materials.forms.desk import AboutForm, NewForm
from portal.materials.models import Material
from portal.materials.policy import slugs
from portal.materials.policy.about import About
from portal.materials.policy.access import may_describe
from portal.materials.policy.content import TITLE_LENGTH, Content, Words
from portal.materials.queries import desk as queries
from portal.materials.queries import library
from portal.materials.routes.blueprint import bp
from portal.materials.states import Strategy
from portal.web import paging
from portal.web.database import db, office, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def the_material(session: Session, slug: str) -> Material:
    """Return a material whoever writes may see, published or not; 404 for anything else."""
    return library.get(session, actor(), slug) or abort(404)


@bp.get("/materi/kelola")
@allow(Permission.MATERIAL_WRITE)
def desk() -> ResponseReturnValue:
    """Show what waits, the drafts, what is to be reviewed, and all there is."""
    tab = request.args.get("tampil", "")
    typed = request.args.get("cari", "").strip()[:TITLE_LENGTH]
    months = office()["material_review_months"]
    counts = queries.counts(reader(), months, typed)
    if tab not in queries.TABS:
        # The first that holds something.
        tab = next((each for each in queries.TABS if counts[each]), queries.TABS[-1])
    (after,), _before = (key or (None,) for key in paging.position(str))
    found = queries.materials(reader(), actor(), tab, months, typed, after)
    return page(
        "materials/desk.html",
        tab=tab,
        tabs=queries.TABS,
        counts=counts,
        typed=typed,
        rows=found.rows,
        first_page=after is None,
        next_url=paging.link(paging.AFTER, (found.after,) if found.after else None),
    )


def _new_page(form: NewForm, status: int = 200) -> ResponseReturnValue:
    return page("materials/new.html", status=status, form=form)


@bp.get("/materi/baru")
@allow(Permission.MATERIAL_WRITE)
def new_form() -> ResponseReturnValue:
    """Ask what a new material will be."""
    return _new_page(NewForm())


@bp.post("/materi/baru")
@allow(Permission.MATERIAL_WRITE)
def new() -> ResponseReturnValue:
    """Begin a material, under an address made from its title."""
    form = NewForm()
    if form.validate_on_submit():
        title = form.title.data or ""
        about = About(slugs.proposed(title), Strategy.PREVENTIVE, tuple(form.audiences.data))
        content = Content(title=Words(title))
        try:
            with transaction(db()) as session:
                made = writing.begin_near(session, actor(), form.chosen_kind, about, content)
        except Rejected as problem:
            form.attach(problem)
        else:
            done = i18n.gettext("The draft is begun. Nobody else sees it until it is published.")
            flash(done, "ok")
            return moved_on(url_for("materials.edit_form", slug=made.slug))
    return _new_page(form, form.reply_status)


def _about_page(form: AboutForm, material: Material, status: int = 200) -> ResponseReturnValue:
    return page(
        "materials/about.html",
        status=status,
        form=form,
        material=material,
        may_change=may_describe(actor(), material),
    )


@bp.get("/materi/<slug>/tentang")
@allow(Permission.MATERIAL_WRITE)
def about_form(slug: str) -> ResponseReturnValue:
    """Show what is about a material, for changing."""
    material = the_material(reader(), slug)
    return _about_page(AboutForm.of(material), material)


@bp.post("/materi/<slug>/tentang")
@allow(Permission.MATERIAL_WRITE)
def describe(slug: str) -> ResponseReturnValue:
    """Change what is about a material."""
    shown = the_material(reader(), slug)
    form = AboutForm().fixed(shown)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                material = the_material(session, slug)
                form.check_version(material, AboutForm.of(material, formdata=None))
                describing.describe(session, actor(), material, form.to_command(material))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("materials.about_form", slug=material.slug))
    return _about_page(form, shown, form.reply_status)
