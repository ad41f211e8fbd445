"""What the office offers: programmes with their topics, and what sessions may need."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import programmes as actions
from portal.visits.forms.names import AUDIENCE_NAMES
from portal.visits.forms.programmes import NeedsForm, NewProgrammeForm, ProgrammeForm
from portal.visits.models import NeedSide, Programme
from portal.visits.queries import programmes as queries
from portal.visits.routes.blueprint import bp
from portal.web.database import db
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/program")
@allow(Permission.PROGRAMME_WRITE)
def programmes() -> ResponseReturnValue:
    """List what the office offers."""
    every = queries.every(db())
    return page(
        "visits/programmes.html",
        programmes=every,
        topics=queries.topics_of(db(), every),
        audiences=AUDIENCE_NAMES,
    )


def _find(session: Session, programme_id: str) -> Programme:
    return queries.get(session, programme_id) or abort(404)


def _form_of(session: Session, programme: Programme) -> ProgrammeForm:
    """Return the form as the programme stands."""
    topics = queries.topics_of(session, [programme])[programme.id]
    return ProgrammeForm.of(programme, topics, formdata=None)


def _programme_page(
    form: ProgrammeForm, programme: Programme | None, status: int = 200
) -> ResponseReturnValue:
    return page("visits/programme.html", status=status, form=form, programme=programme)


@bp.get("/program/baru")
@allow(Permission.PROGRAMME_WRITE)
def new_programme_form() -> ResponseReturnValue:
    """Ask what a new programme is."""
    form = NewProgrammeForm()
    if not form.restored:
        form.active.data = True
        form.position.data = len(queries.every(db()))
    return _programme_page(form, None)


@bp.post("/program/baru")
@allow(Permission.PROGRAMME_WRITE)
def add_programme() -> ResponseReturnValue:
    """Offer another programme; its topics come next."""
    form = NewProgrammeForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                made = actions.add(session, actor(), form.audience.data, form.to_terms())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved. Add its topics now."), "ok")
            return moved_on(url_for("visits.programme", programme_id=made.public_id))
    return _programme_page(form, None, form.reply_status)


@bp.get("/program/<public_id:programme_id>")
@allow(Permission.PROGRAMME_WRITE)
def programme(programme_id: str) -> ResponseReturnValue:
    """Show a programme, for editing."""
    found = _find(db(), programme_id)
    topics = queries.topics_of(db(), [found])[found.id]
    return _programme_page(ProgrammeForm.of(found, topics), found)


@bp.post("/program/<public_id:programme_id>")
@allow(Permission.PROGRAMME_WRITE)
def change_programme(programme_id: str) -> ResponseReturnValue:
    """Change a programme and its topics."""
    form = ProgrammeForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                found = _find(session, programme_id)
                form.check_version(found, _form_of(session, found))
                actions.change(session, actor(), found, form.to_terms(), form.to_topics())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("visits.programmes"))
    return _programme_page(form, _find(db(), programme_id), form.reply_status)


def _needs_page(form: NeedsForm, status: int = 200) -> ResponseReturnValue:
    return page("visits/programme_needs.html", status=status, form=form, sides=list(NeedSide))


@bp.get("/program/kebutuhan")
@allow(Permission.PROGRAMME_WRITE)
def needs() -> ResponseReturnValue:
    """Show what sessions may need, for editing."""
    return _needs_page(NeedsForm.of(queries.needs(db())))


@bp.post("/program/kebutuhan")
@allow(Permission.PROGRAMME_WRITE)
def change_needs() -> ResponseReturnValue:
    """Change what sessions may need."""
    form = NeedsForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                stands = queries.needs(session)
                form.check_version(stands, NeedsForm.of(stands, formdata=None))
                actions.change_needs(session, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("visits.needs"))
    return _needs_page(form, form.reply_status)
