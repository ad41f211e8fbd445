"""The roster of duty officers."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission, Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.actions import roster as actions
from portal.incidents.actions.roster import NewTurn
from portal.incidents.forms.roster import TurnForm
from portal.incidents.models import Turn
from portal.incidents.queries import roster as queries
from portal.incidents.routes.blueprint import bp
from portal.people.models import User
from portal.people.queries.accounts import get_user, people_with_role
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _roster_page(form: TurnForm | None, status: int = 200) -> ResponseReturnValue:
    return page(
        "incidents/roster.html",
        status=status,
        form=form,
        days=list(queries.coming_days(reader())),
        turns=queries.list_turns(reader()),
        button=PortalForm(formdata=None),
    )


def _offering(form: TurnForm) -> TurnForm:
    form.offer(people_with_role(reader(), Role.SOCIAL_WORKER))
    return form


@bp.get("/triase/jadwal")
@allow(Permission.REPORT_READ)
def roster() -> ResponseReturnValue:
    """Show who is on duty when."""
    writes = actor().may(Permission.ROSTER_WRITE)
    return _roster_page(_offering(TurnForm(formdata=None)) if writes else None)


def _saved(form: TurnForm, act: Callable[[Session, NewTurn], None]) -> bool:
    """Write a turn down; False with the complaints in the form."""
    if not form.validate_on_submit():
        return False
    try:
        with transaction(db()) as writing:
            person = get_user(writing, form.person.data) or abort(404)
            wanted = NewTurn(person.id, form.first_day.data, form.last_day.data)
            act(writing, wanted)
    except Rejected as problem:
        form.attach(problem)
        return False
    if queries.is_away(reader(), person.id, wanted.first_day, wanted.last_day):
        warning = i18n.gettext(
            "Saved. But %(name)s is on leave on some of these days; choose somebody else for them.",
            name=person.full_name,
        )
        flash(warning, "warn")
    else:
        flash(i18n.gettext("Saved."), "ok")
    return True


@bp.post("/triase/jadwal")
@allow(Permission.ROSTER_WRITE)
def add_turn() -> ResponseReturnValue:
    """Put somebody on the roster."""
    form = _offering(TurnForm())

    def act(writing: Session, wanted: NewTurn) -> None:
        actions.add_turn(writing, actor(), wanted)

    if _saved(form, act):
        return moved_on(url_for("incidents.roster"))
    return _roster_page(form, form.reply_status)


def _turn(session: Session, turn_id: str) -> Turn:
    return queries.get_turn(session, turn_id) or abort(404)


@bp.get("/triase/jadwal/<public_id:turn_id>")
@allow(Permission.ROSTER_WRITE)
def turn_form(turn_id: str) -> ResponseReturnValue:
    """Ask how a turn changes."""
    turn = _turn(reader(), turn_id)
    form = _offering(TurnForm.of(turn, reader().get_one(User, turn.user_id)))
    return page("incidents/turn.html", turn=turn, form=form)


@bp.post("/triase/jadwal/<public_id:turn_id>")
@allow(Permission.ROSTER_WRITE)
def change_turn(turn_id: str) -> ResponseReturnValue:
    """Give a turn other days or another person."""
    turn = _turn(reader(), turn_id)
    form = _offering(TurnForm())

    def act(writing: Session, wanted: NewTurn) -> None:
        actions.change_turn(writing, actor(), _turn(writing, turn_id), wanted)

    if _saved(form, act):
        return moved_on(url_for("incidents.roster"))
    return page("incidents/turn.html", status=form.reply_status, turn=turn, form=form)


@bp.post("/triase/jadwal/<public_id:turn_id>/hapus")
@allow(Permission.ROSTER_WRITE)
def remove_turn(turn_id: str) -> ResponseReturnValue:
    """Take somebody off the roster."""
    _turn(reader(), turn_id)
    if PortalForm().validate_on_submit():
        with transaction(db()) as writing:
            actions.remove_turn(writing, actor(), _turn(writing, turn_id))
        flash(i18n.gettext("Saved."), "ok")
    return moved_on(url_for("incidents.roster"))
