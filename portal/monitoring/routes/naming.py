"""A principal names who fills in the forms about a child."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import watching
from portal.monitoring.forms.steering import TeacherForm
from portal.monitoring.models import FollowUp
from portal.monitoring.queries import at_school, following
from portal.monitoring.queries.at_school import Pupil
from portal.monitoring.routes.blueprint import bp
from portal.monitoring.routes.index import naming_form, show_index
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import in_place_of_page, moved_on, page, wants_fragment

PLACE = "/pemantauan/anak/<public_id:follow_up_id>/guru"


def _find(session: Session, follow_up_id: str) -> Pupil:
    return at_school.get_pupil(session, actor(), follow_up_id) or abort(404)


@bp.post(PLACE)
@allow(Permission.MONITORING_ASSIGN)
def name_teacher(follow_up_id: str) -> ResponseReturnValue:
    """Name who fills in the forms about a child, from now on or for a while."""
    form = TeacherForm(known_as=follow_up_id)
    form.offer(_find(reader(), follow_up_id).teachers)

    def act(writing: Session, follow_up: FollowUp) -> None:
        watching.name_watcher(writing, actor(), follow_up, form.chosen, substitute=form.substitute)

    return _carry_out(follow_up_id, form, act, i18n.gettext("Saved. They are asked from now on."))


@bp.post(f"{PLACE}/kembali")
@allow(Permission.MONITORING_ASSIGN)
def teacher_back(follow_up_id: str) -> ResponseReturnValue:
    """Let the regular teacher fill in the forms again."""
    _find(reader(), follow_up_id)

    def act(writing: Session, follow_up: FollowUp) -> None:
        for each in following.watchers(writing, follow_up.id):
            if each.substitute:
                watching.release_watcher(writing, actor(), follow_up, each.user_id)

    return _carry_out(follow_up_id, PortalForm(), act, i18n.gettext("Saved."))


def _carry_out(
    follow_up_id: str, form: PortalForm, act: Callable[[Session, FollowUp], None], done: str
) -> ResponseReturnValue:
    """Do what a form asks for; the child's row comes back, or the page with what stands against."""
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                act(writing, _find(writing, follow_up_id).follow_up)
        except Rejected as problem:
            form.attach(problem)
        else:
            if wants_fragment():
                return _row(follow_up_id, done)
            flash(done, "ok")
            return moved_on(url_for("monitoring.index", _anchor=f"anak-{follow_up_id}"))
    return in_place_of_page(show_index(form.reply_status, form, follow_up_id))


def _row(follow_up_id: str, done: str) -> ResponseReturnValue:
    with database().reader() as reading:
        pupil = _find(reading, follow_up_id)
        return page(
            "monitoring/_pupil.html",
            pupil=pupil,
            form=naming_form(pupil),
            button=PortalForm(formdata=None),
            said=done,
        )
