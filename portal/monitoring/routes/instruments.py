"""The teacher's form: its editions, and wording the next one."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import instruments as actions
from portal.monitoring.forms.instruments import PARTS, PartForm, PublishForm
from portal.monitoring.models import Instrument
from portal.monitoring.queries import instruments as queries
from portal.monitoring.routes.blueprint import bp
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# Returns the edition to show next; None: that in force.
Act = Callable[[Session], Instrument | None]


def _get(session: Session, instrument_id: str) -> Instrument:
    return queries.get(session, instrument_id) or abort(404)


def _page(
    instrument_id: str | None = None, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        editions = queries.editions(reading)
        in_force = next(each for each in editions if each.instrument.published_at)
        wanted = (each for each in editions if each.instrument.public_id == instrument_id)
        shown = next(wanted, in_force)
        writes = actor().may(Permission.SOP_WRITE)
        return page(
            "monitoring/instrument.html",
            status=status,
            editions=editions,
            edition=shown.instrument,
            in_force=in_force.instrument,
            waiting=queries.forms_waiting(reading),
            edits=writes and shown.instrument.published_at is None,
            may_draft=writes and all(each.instrument.published_at for each in editions),
            parts=PARTS,
            publish_form=PublishForm.as_sent(tried),
            button=PortalForm(formdata=None),
            error_form=tried,
        )


@bp.get("/pemantauan/instrumen")
@allow(Permission.SOP_READ)
def instruments() -> ResponseReturnValue:
    """Show the edition that new forms are made with, and the others."""
    return _page()


@bp.get("/pemantauan/instrumen/<public_id:instrument_id>")
@allow(Permission.SOP_READ)
def instrument(instrument_id: str) -> ResponseReturnValue:
    """Show one edition."""
    _get(reader(), instrument_id)
    return _page(instrument_id)


def _carry_out(
    form: PortalForm, act: Act, done: str, instrument_id: str | None = None
) -> ResponseReturnValue:
    """Do what a form asks for and show what comes next, or what stands against it."""
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                after = act(writing)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            if after is None:
                return moved_on(url_for("monitoring.instruments"))
            return moved_on(url_for("monitoring.instrument", instrument_id=after.public_id))
    return _page(instrument_id, form.reply_status, form)


@bp.post("/pemantauan/instrumen")
@allow(Permission.SOP_WRITE)
def draft_instrument() -> ResponseReturnValue:
    """Begin the next edition as a copy of the newest."""

    def act(writing: Session) -> Instrument:
        return actions.draft(writing, actor())

    done = i18n.gettext("A draft is made. Change it part by part, then publish it.")
    return _carry_out(PortalForm(), act, done)


@bp.post("/pemantauan/instrumen/<public_id:instrument_id>/terbitkan")
@allow(Permission.SOP_WRITE)
def publish_instrument(instrument_id: str) -> ResponseReturnValue:
    """Let new forms be made with a draft."""
    _get(reader(), instrument_id)

    def act(writing: Session) -> None:
        actions.publish(writing, actor(), _get(writing, instrument_id))

    done = i18n.gettext("Published. New forms are made with it; forms already waiting keep theirs.")
    return _carry_out(PublishForm(), act, done, instrument_id)


@bp.post("/pemantauan/instrumen/<public_id:instrument_id>/hapus")
@allow(Permission.SOP_WRITE)
def discard_instrument(instrument_id: str) -> ResponseReturnValue:
    """Delete a draft."""
    _get(reader(), instrument_id)

    def act(writing: Session) -> None:
        actions.discard(writing, actor(), _get(writing, instrument_id))

    return _carry_out(PortalForm(), act, i18n.gettext("The draft is deleted."), instrument_id)


def _draft(instrument_id: str, part: str) -> tuple[Instrument, type[PartForm]]:
    edition = _get(reader(), instrument_id)
    if edition.published_at is not None or part not in PARTS:
        abort(404)
    return edition, PARTS[part]


def _part_page(
    edition: Instrument, part: str, form: PartForm, status: int = 200
) -> ResponseReturnValue:
    return page(
        "monitoring/instrument_edit.html", status=status, edition=edition, chosen=part, form=form
    )


@bp.get("/pemantauan/instrumen/<public_id:instrument_id>/ubah/<part>")
@allow(Permission.SOP_WRITE)
def instrument_part(instrument_id: str, part: str) -> ResponseReturnValue:
    """Show one part of a draft, for editing."""
    edition, kind = _draft(instrument_id, part)
    return _part_page(edition, part, kind.of(edition))


@bp.post("/pemantauan/instrumen/<public_id:instrument_id>/ubah/<part>")
@allow(Permission.SOP_WRITE)
def edit_instrument(instrument_id: str, part: str) -> ResponseReturnValue:
    """Change one part of a draft."""
    shown, kind = _draft(instrument_id, part)
    form = kind()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                edition = _get(writing, instrument_id)
                form.check_version(edition, kind.of(edition, formdata=None))
                actions.edit(writing, actor(), edition, form.to_change())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            back = url_for("monitoring.instrument", instrument_id=instrument_id, _anchor=part)
            return moved_on(back)
    return _part_page(shown, part, form, form.reply_status)
