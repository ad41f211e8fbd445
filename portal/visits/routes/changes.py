"""Changes of a scheduled session: either side asks, the other one answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import answering, changing
from portal.visits.actions.answering import Answer
from portal.visits.forms.changes import AnswerForm, ChangeForm, KeepForm, ProposalForm
from portal.visits.models import VisitChange
from portal.visits.queries import slots
from portal.visits.queries.visits import VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.offers import press
from portal.visits.routes.times import Matter, turning, week_of
from portal.visits.routes.visit import carry_out
from portal.visits.states import VisitState
from portal.web.database import db
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Shown = TypeVar("Shown", ChangeForm, ProposalForm)


def _found(visit_id: str, permission: Permission) -> VisitFile:
    """Return a session to come that one may change from this side, or answer 404."""
    found = find(visit_id)
    visit = found.visit
    coming = visit.state == VisitState.SCHEDULED and visit.starts_at > clock.now()
    if not coming or not actor().may(permission, visit.school_id):
        abort(404)
    return found


def _page(
    found: VisitFile, form: ChangeForm | ProposalForm, status: int = 200
) -> ResponseReturnValue:
    visit = found.visit
    heads = form.expected_heads.data or visit.expected_heads
    matter = Matter(found.school, found.programme, heads, visit)
    return page(
        "visits/change.html",
        status=status,
        found=found,
        visit=visit,
        form=form,
        by_office=isinstance(form, ProposalForm),
        week=week_of(matter, form.moment()),
        minutes=matter.minutes,
    )


def _done(change: VisitChange | None) -> str:
    if change is None:
        return i18n.gettext("Saved. Whoever comes knows.")
    if change.by_office:
        return i18n.gettext("The proposal is sent. The session keeps its time until the answer.")
    return i18n.gettext(
        "We answer by %(day)s. Until then the session keeps its time.",
        day=i18n.day_date(change.answer_by),
    )


@bp.get("/sesi/<public_id:visit_id>/ubah")
@allow(Permission.VISIT_REQUEST)
def change_form(visit_id: str) -> ResponseReturnValue:
    """Show what a school can change about a session."""
    found = _found(visit_id, Permission.VISIT_REQUEST)
    return _page(found, _shown(ChangeForm(formdata=None), found))


def _shown(form: Shown, found: VisitFile) -> Shown:
    """Return a form that shows a session as it stands, or what was typed before."""
    form.offer(found.school)
    if not form.restored:
        form.show(found.visit)
    return form


@bp.post("/sesi/<public_id:visit_id>/ubah")
@allow(Permission.VISIT_REQUEST)
def change(visit_id: str) -> ResponseReturnValue:
    """Change details at once, or ask for another time."""
    found = find(visit_id)
    form = ChangeForm()
    form.offer(found.school)

    def ask(session: Session) -> VisitChange | None:
        form.check_version(found.visit, _shown(ChangeForm(formdata=None), found))
        command = form.to_command(found.visit)
        return changing.ask(session, actor(), found.visit, found.school, command)

    return _send(found, form, ask)


def _send(
    found: VisitFile,
    form: ChangeForm | ProposalForm,
    ask: Callable[[Session], VisitChange | None],
) -> ResponseReturnValue:
    """Ask for a change; a press on another week only turns the page."""
    if turning():
        return _page(found, form)
    visit_id = found.visit.public_id
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                asked = ask(session)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(_done(asked), "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id))
    return _page(find(visit_id), form, form.reply_status)


@bp.get("/sesi/<public_id:visit_id>/pindahkan")
@allow(Permission.VISIT_APPROVE)
def proposal_form(visit_id: str) -> ResponseReturnValue:
    """Show what the office can propose to change about a session."""
    found = _found(visit_id, Permission.VISIT_APPROVE)
    return _page(found, _shown(_proposal(), found))


def _proposal() -> ProposalForm:
    form = ProposalForm(formdata=None)
    form.offer_workers(slots.load_workers(db(), clock.today()))
    return form


@bp.post("/sesi/<public_id:visit_id>/pindahkan")
@allow(Permission.VISIT_APPROVE)
def propose(visit_id: str) -> ResponseReturnValue:
    """Propose another time to a school, or change details at once."""
    found = find(visit_id)
    form = ProposalForm()
    workers = slots.load_workers(db(), clock.today())
    form.offer(found.school)
    form.offer_workers(workers)

    def ask(session: Session) -> VisitChange | None:
        form.check_version(found.visit, _shown(_proposal(), found))
        command = form.to_command(found.visit, form.worker_id(workers))
        return changing.propose(session, actor(), found.visit, found.school, command)

    return _send(found, form, ask)


@bp.post("/sesi/<public_id:visit_id>/perubahan/setujui")
@allow(Permission.VISIT_APPROVE)
def approve_change(visit_id: str) -> ResponseReturnValue:
    """Agree to what a school asks for."""
    found = find(visit_id)
    form = AnswerForm()
    workers = slots.load_workers(db(), clock.today())
    form.offer_workers(workers)

    def act(session: Session) -> None:
        answering.accept(session, actor(), found.visit, found.school, form.to_command(workers))

    done = i18n.gettext("The session has moved. Both sides know.")
    return carry_out(visit_id, form, act, done, answer_form=form)


@bp.post("/sesi/<public_id:visit_id>/perubahan/terima")
@allow(Permission.VISIT_REQUEST)
def agree_to_change(visit_id: str) -> ResponseReturnValue:
    """Agree to what the office proposes."""
    found = find(visit_id)

    def act(session: Session) -> None:
        answering.accept(session, actor(), found.visit, found.school, Answer())

    return press(visit_id, act, i18n.gettext("The session has moved. Both sides know."))


def _keep(visit_id: str) -> ResponseReturnValue:
    found = find(visit_id)
    form = KeepForm()

    def act(session: Session) -> None:
        answering.decline(session, actor(), found.visit, form.reason.data or "")

    done = i18n.gettext("The session stays as it is. The other side knows.")
    return carry_out(visit_id, form, act, done, keep_form=form)


@bp.post("/sesi/<public_id:visit_id>/perubahan/belum-bisa")
@allow(Permission.VISIT_APPROVE)
def decline_change(visit_id: str) -> ResponseReturnValue:
    """Answer that a school's change is not possible, with the reason it reads."""
    return _keep(visit_id)


@bp.post("/sesi/<public_id:visit_id>/perubahan/tetap")
@allow(Permission.VISIT_REQUEST)
def keep_time(visit_id: str) -> ResponseReturnValue:
    """Keep the session as it is, whatever the office proposes."""
    return _keep(visit_id)


def _take_back(visit_id: str) -> ResponseReturnValue:
    found = find(visit_id)

    def act(session: Session) -> Any:
        return answering.withdraw(session, actor(), found.visit)

    return press(visit_id, act, i18n.gettext("Taken back. The session stays as it is."))


@bp.post("/sesi/<public_id:visit_id>/perubahan/batal")
@allow(Permission.VISIT_REQUEST)
def withdraw_change(visit_id: str) -> ResponseReturnValue:
    """Take the own school's change back."""
    return _take_back(visit_id)


@bp.post("/sesi/<public_id:visit_id>/perubahan/tarik")
@allow(Permission.VISIT_APPROVE)
def withdraw_proposal(visit_id: str) -> ResponseReturnValue:
    """Take the office's proposal back."""
    return _take_back(visit_id)
