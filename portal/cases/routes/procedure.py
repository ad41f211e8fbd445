"""The procedure: its editions, and writing a new one."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import procedure as actions
from portal.cases.forms.procedure import MOST_ITEMS, NameForm, PublishForm, StageForm
from portal.cases.models import SopVersion
from portal.cases.queries import files
from portal.cases.queries import procedure as queries
from portal.cases.queries.evidence import KNOWN
from portal.cases.routes.blueprint import bp
from portal.cases.states import Stage
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Act = Callable[[Session, SopVersion], SopVersion | None]


def _get(session: Session, edition_id: str) -> SopVersion:
    return queries.get(session, edition_id) or abort(404)


def _page(
    edition_id: str | None = None, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        in_force = files.current_procedure(reading)
        editions = queries.editions(reading)
        shown = next(
            (each for each in editions if each.version.public_id == edition_id),
            next(each for each in editions if each.version.id == in_force.id),
        )
        draft = shown.version.valid_from is None
        name_form = NameForm.shown(shown.version, tried)
        return page(
            "cases/procedure.html",
            status=status,
            editions=editions,
            shown=shown,
            in_force=in_force,
            writes=actor().may(Permission.SOP_WRITE),
            edits=draft and actor().may(Permission.SOP_WRITE),
            has_draft=any(each.version.valid_from is None for each in editions),
            stages=list(Stage),
            known=KNOWN,
            name_form=name_form,
            publish_form=PublishForm.as_sent(tried),
            button=PortalForm(formdata=None),
            error_form=tried,
        )


@bp.get("/prosedur")
@allow(Permission.SOP_READ)
def procedure() -> ResponseReturnValue:
    """Show the edition of the procedure that new cases follow, and the others."""
    return _page()


@bp.get("/prosedur/<public_id:edition_id>")
@allow(Permission.SOP_READ)
def procedure_edition(edition_id: str) -> ResponseReturnValue:
    """Show one edition."""
    _get(reader(), edition_id)
    return _page(edition_id)


def _carry_out(edition_id: str, form: PortalForm, act: Act, done: str) -> ResponseReturnValue:
    """Do what a form asks for; `act` returns the edition to show next (None: that in force)."""
    _get(reader(), edition_id)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                after = act(writing, _get(writing, edition_id))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            if after is None:
                return moved_on(url_for("cases.procedure"))
            return moved_on(url_for("cases.procedure_edition", edition_id=after.public_id))
    return _page(edition_id, form.reply_status, form)


@bp.post("/prosedur/<public_id:edition_id>/salin")
@allow(Permission.SOP_WRITE)
def copy_procedure(edition_id: str) -> ResponseReturnValue:
    """Begin a new edition as a copy."""

    def act(writing: Session, edition: SopVersion) -> SopVersion:
        return actions.draft(writing, actor(), edition)

    done = i18n.gettext("A draft is made. Change it stage by stage, then publish it.")
    return _carry_out(edition_id, PortalForm(), act, done)


@bp.post("/prosedur/<public_id:edition_id>/judul")
@allow(Permission.SOP_WRITE)
def name_procedure(edition_id: str) -> ResponseReturnValue:
    """Change what a draft is called."""
    form = NameForm()

    def act(writing: Session, edition: SopVersion) -> SopVersion:
        form.check_version(edition, NameForm(formdata=None, obj=edition))
        actions.rename(writing, actor(), edition, form.title.data or "", form.source.data or "")
        return edition

    return _carry_out(edition_id, form, act, i18n.gettext("Saved."))


@bp.post("/prosedur/<public_id:edition_id>/terbitkan")
@allow(Permission.SOP_WRITE)
def publish_procedure(edition_id: str) -> ResponseReturnValue:
    """Let new cases follow a draft from a day on."""
    form = PublishForm()

    def act(writing: Session, edition: SopVersion) -> SopVersion:
        day = form.valid_from.data or clock.today()
        actions.publish(writing, actor(), edition, day)
        return edition

    done = i18n.gettext("Published. Running cases keep the edition they began with.")
    return _carry_out(edition_id, form, act, done)


@bp.post("/prosedur/<public_id:edition_id>/hapus")
@allow(Permission.SOP_WRITE)
def discard_procedure(edition_id: str) -> ResponseReturnValue:
    """Delete a draft."""

    def act(writing: Session, edition: SopVersion) -> None:
        actions.discard(writing, actor(), edition)

    return _carry_out(edition_id, PortalForm(), act, i18n.gettext("The draft is deleted."))


def _draft(edition_id: str, rank: int) -> tuple[SopVersion, Stage]:
    edition = _get(reader(), edition_id)
    if edition.valid_from is not None or not 1 <= rank <= len(Stage):
        abort(404)
    return edition, list(Stage)[rank - 1]


def _stage_page(
    edition: SopVersion, stage: Stage, form: StageForm, status: int = 200
) -> ResponseReturnValue:
    return page(
        "cases/procedure_edit.html",
        status=status,
        edition=edition,
        stage=stage,
        form=form,
        most_items=MOST_ITEMS,
    )


@bp.get("/prosedur/<public_id:edition_id>/tahap/<int:rank>")
@allow(Permission.SOP_WRITE)
def procedure_stage_form(edition_id: str, rank: int) -> ResponseReturnValue:
    """Show what a draft says about one stage, for editing."""
    edition, stage = _draft(edition_id, rank)
    return _stage_page(edition, stage, StageForm.of(edition, stage))


@bp.post("/prosedur/<public_id:edition_id>/tahap/<int:rank>")
@allow(Permission.SOP_WRITE)
def edit_procedure_stage(edition_id: str, rank: int) -> ResponseReturnValue:
    """Change what a draft says about one stage."""
    shown, stage = _draft(edition_id, rank)
    form = StageForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                edition = _get(writing, edition_id)
                form.check_version(edition, StageForm.of(edition, stage, formdata=None))
                actions.edit_stage(writing, actor(), edition, stage, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            back = url_for("cases.procedure_edition", edition_id=edition_id, _anchor=f"t{rank}")
            return moved_on(back)
    return _stage_page(shown, stage, form, form.reply_status)
