"""Approving several requests with one press, and taking approvals back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import deciding
from portal.visits.actions.deciding import Approval
from portal.visits.queries import visits
from portal.visits.queries.visits import LIST_LIMIT
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.queue import worker_ids
from portal.web import errors
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.once import KEY
from portal.web.render import moved_on

# So many reasons are told one by one; the rows themselves show the others.
MOST_REASONS = 5


@bp.post("/permintaan/setujui")
@allow(Permission.VISIT_APPROVE)
def approve_several() -> ResponseReturnValue:
    """Approve the ticked requests, each with the workers its row showed; a clash stays waiting."""
    if not PortalForm().validate_on_submit():
        return moved_on(url_for("visits.queue"))
    ticked = [each.split(".") for each in _ticked()]
    known = worker_ids()
    done, reasons = [], []
    for visit_id, *workers in ticked:
        crew = [known.get(worker, UUID(int=0)) for worker in workers]
        refused = _approve(visit_id, crew)
        if refused is None:
            done.append(visit_id)
        else:
            reasons.append(refused)
    _tell(ticked, reasons)
    return moved_on(url_for("visits.queue", disetujui=",".join(done) or None))


def _ticked() -> list[str]:
    """Return what was ticked, as far as a page of ours could have sent it."""
    sent = request.form.getlist("pilih")[:LIST_LIMIT]
    return [each for each in sent if KEY.fullmatch(each.partition(".")[0])]


def _approve(visit_id: str, crew: Sequence[UUID]) -> str | None:
    """Approve one request in a transaction of its own; return why not, where it stays waiting."""
    name = ""
    try:
        with transaction(db()) as session:
            found = visits.get_visit(session, actor(), visit_id)
            if found is None:
                raise Rejected("state_changed")
            name = found.school.name
            command = Approval(crew[0] if crew else UUID(int=0), others=tuple(crew[1:]))
            deciding.approve(session, actor(), found.visit, found.school, command)
    except Rejected as problem:
        sentence = errors.sentence(problem)
        return f"{name}: {sentence}" if name else sentence
    return None


def _tell(ticked: Sequence[object], reasons: Sequence[str]) -> None:
    if not ticked:
        flash(i18n.gettext("Tick the requests you want to approve together."), "info")
    for reason in reasons[:MOST_REASONS]:
        flash(reason, "warn")
    if len(reasons) > MOST_REASONS:
        flash(
            i18n.ngettext(
                "%(num)s more request stays waiting; its row says why.",
                "%(num)s more requests stay waiting; their rows say why.",
                len(reasons) - MOST_REASONS,
            ),
            "warn",
        )


@bp.post("/permintaan/urungkan")
@allow(Permission.VISIT_APPROVE)
def undo_several() -> ResponseReturnValue:
    """Take back what was approved together, within the first seconds."""
    if PortalForm().validate_on_submit():
        undone, reasons = 0, []
        for visit_id in _ticked():
            refused = _undo(visit_id)
            undone += refused is None
            if refused:
                reasons.append(refused)
        if undone:
            done = i18n.ngettext(
                "Undone: %(num)s request waits again.",
                "Undone: %(num)s requests wait again.",
                undone,
            )
            flash(done, "ok")
        for reason in sorted(set(reasons)):
            flash(reason, "bad")
    return moved_on(url_for("visits.queue"))


def _undo(visit_id: str) -> str | None:
    try:
        with transaction(db()) as session:
            found = visits.get_visit(session, actor(), visit_id)
            if found is None:
                raise Rejected("undo_over")
            deciding.undo_approval(session, actor(), found.visit, found.school)
    except Rejected as problem:
        return errors.sentence(problem)
    return None


@bp.post("/permintaan/<public_id:visit_id>/urungkan")
@allow(Permission.VISIT_APPROVE)
def undo(visit_id: str) -> ResponseReturnValue:
    """Take back an approval within the first seconds."""
    find(visit_id)
    if PortalForm().validate_on_submit():
        refused = _undo(visit_id)
        if refused:
            flash(refused, "bad")
        else:
            flash(i18n.gettext("Undone. The request waits again."), "ok")
    return moved_on(url_for("visits.queue"))
