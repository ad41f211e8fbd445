"""Editions of a material: looked over, published, taken back, reviewed, begun anew."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import attachments
from portal.materials.actions import publishing as actions
from portal.materials.forms.desk import PublishForm, SeenForm, WithdrawForm
from portal.materials.forms.drafts import standing
from portal.materials.models import Material
from portal.materials.policy import stories
from portal.materials.policy.access import may_throw_away
from portal.materials.queries import desk as queries
from portal.materials.queries import library
from portal.materials.queries.posts import leading_to
from portal.materials.routes.blueprint import bp
from portal.materials.routes.desk import the_material
from portal.materials.routes.editing import newest
from portal.materials.routes.library import material_page
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store

Act = Callable[[Session, Material], None]


def _page(slug: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        shown = newest(reading, slug)
        editions = queries.editions(reading, shown.material.id)
        posts = leading_to(reading, shown.material.id)
    kind, content = shown.material.kind, shown.content
    drafted = shown.edition.published_at is None
    publish_form = PublishForm.as_sent(tried)
    # A second press is about the draft as it stands now.
    publish_form.seen.data = standing(shown)
    return page(
        "materials/editions.html",
        status=status,
        material=shown.material,
        edition=shown.edition,
        drafted=drafted,
        faults=stories.faults(content, kind) if drafted else (),
        warnings=stories.warnings(content, kind) if drafted else (),
        editions=editions,
        posts=posts,
        today=clock.today(),
        may_publish=actor().may(Permission.MATERIAL_PUBLISH),
        may_throw_away=may_throw_away(actor(), shown.material),
        seen=publish_form.seen.data,
        publish_form=publish_form,
        withdraw_form=WithdrawForm.as_sent(tried),
        button=PortalForm(formdata=None),
        tried=tried,
    )


@bp.get("/materi/<slug>/terbitan")
@allow(Permission.MATERIAL_WRITE)
def editions(slug: str) -> ResponseReturnValue:
    """Show what is still missing, what may be done now, and the editions so far."""
    return _page(slug)


@bp.get("/materi/<slug>/terbitan/<int(max=9999):number>")
@allow(Permission.MATERIAL_WRITE)
def edition(slug: str, number: int) -> ResponseReturnValue:
    """Show what one edition said."""
    return material_page(library.edition(reader(), slug, number) or abort(404))


def _carry_out(
    slug: str, form: PortalForm, act: Act, done: str, lead_on: str | None = None
) -> ResponseReturnValue:
    """Do what a form asks for and show what comes next, or what stands against it."""
    the_material(reader(), slug)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                _check_seen(writing, slug, form)
                act(writing, the_material(writing, slug))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(lead_on or url_for("materials.editions", slug=slug))
    return _page(slug, form.reply_status, form)


def _check_seen(session: Session, slug: str, form: PortalForm) -> None:
    """Refuse a step about a draft that was changed since; raises Rejected."""
    seen = form.seen.data if isinstance(form, SeenForm) else None
    if seen and seen != standing(newest(session, slug)):
        raise Rejected("edition_changed")


@bp.post("/materi/<slug>/minta-tinjau")
@allow(Permission.MATERIAL_WRITE)
def ask(slug: str) -> ResponseReturnValue:
    """Ask the coordinators to look a draft over."""

    def act(writing: Session, material: Material) -> None:
        actions.ask(writing, actor(), material)

    done = i18n.gettext("The coordinators are asked to look it over.")
    return _carry_out(slug, SeenForm(), act, done)


@bp.post("/materi/<slug>/terbitkan")
@allow(Permission.MATERIAL_PUBLISH)
def publish(slug: str) -> ResponseReturnValue:
    """Let everybody see a draft."""
    form = PublishForm()

    def act(writing: Session, material: Material) -> None:
        actions.publish(writing, actor(), material, form.note.data or "")
        attachments.discard_unused(writing, store(), material)

    return _carry_out(slug, form, act, i18n.gettext("Published. Everybody finds it now."))


@bp.post("/materi/<slug>/tarik")
@allow(Permission.MATERIAL_PUBLISH)
def withdraw(slug: str) -> ResponseReturnValue:
    """Take a material off the shelf."""
    form = WithdrawForm()

    def act(writing: Session, material: Material) -> None:
        actions.withdraw(writing, actor(), material, form.reason.data or "")

    done = i18n.gettext("Taken off. Only those who write materials still see it.")
    return _carry_out(slug, form, act, done)


@bp.post("/materi/<slug>/kembalikan")
@allow(Permission.MATERIAL_PUBLISH)
def restore(slug: str) -> ResponseReturnValue:
    """Put a material back on the shelf."""

    def act(writing: Session, material: Material) -> None:
        actions.restore(writing, actor(), material)

    return _carry_out(slug, PortalForm(), act, i18n.gettext("It is on the shelf again."))


@bp.post("/materi/<slug>/tinjau")
@allow(Permission.MATERIAL_PUBLISH)
def review(slug: str) -> ResponseReturnValue:
    """Note that a material was found right today."""

    def act(writing: Session, material: Material) -> None:
        actions.review(writing, actor(), material)

    done = i18n.gettext("Noted: reviewed today.")
    return _carry_out(slug, PortalForm(), act, done)


@bp.post("/materi/<slug>/terbitan/<int(max=9999):number>/pulihkan")
@allow(Permission.MATERIAL_WRITE)
def take_up(slug: str, number: int) -> ResponseReturnValue:
    """Begin a draft with what an earlier edition said."""

    def act(writing: Session, material: Material) -> None:
        actions.take_up(writing, actor(), material, number)

    done = i18n.gettext("A draft is made from that edition. Readers see it once it is published.")
    return _carry_out(slug, PortalForm(), act, done)


@bp.post("/materi/<slug>/buang-draf")
@allow(Permission.MATERIAL_WRITE)
def discard_draft(slug: str) -> ResponseReturnValue:
    """Throw away the draft of a published material."""

    def act(writing: Session, material: Material) -> None:
        actions.discard_draft(writing, actor(), material)
        attachments.discard_unused(writing, store(), material)

    done = i18n.gettext("The draft is gone. What readers see stays.")
    return _carry_out(slug, SeenForm(), act, done)


@bp.post("/materi/<slug>/buang")
@allow(Permission.MATERIAL_WRITE)
def throw_away(slug: str) -> ResponseReturnValue:
    """Throw away a material that was never published."""

    def act(writing: Session, material: Material) -> None:
        actions.throw_away(writing, store(), actor(), material)

    done = i18n.gettext("The draft is thrown away.")
    return _carry_out(slug, SeenForm(), act, done, url_for("materials.desk"))
