"""The office's side: the queue of requests, checking a worker, approving, undoing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.models import User
from portal.schools import queries as schools
from portal.schools.models import LEVEL_GROUPS
from portal.visits.actions import deciding
from portal.visits.forms.deciding import ApprovalForm
from portal.visits.queries import slots, visits
from portal.visits.queries.visits import ListFilter, QueueFilter, VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.messages import whatsapp_news
from portal.visits.states import VisitState
from portal.web import errors, paging
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, wants_fragment


def _wanted() -> QueueFilter:
    status = request.args.get("status", "menunggu")
    return QueueFilter(
        status=status if status in visits.STATUS_STATES else "menunggu",
        district=request.args.get("kecamatan", ""),
        levels=request.args.get("jenjang", ""),
        order=request.args.get("urut", "umur"),
    )


def _loads(monday: date) -> list[dict[str, Any]]:
    """Return how full each worker's week is."""
    diary = slots.load_diary(reader(), office(), monday, monday + timedelta(days=6))
    limit = office()["weekly_visit_hours"]
    loads = []
    for worker in diary.workers:
        minutes = diary.week_minutes(worker, monday)
        share = minutes / (limit * 60)
        away = worker.away_until(max(monday, clock.today()))
        loads.append(
            {
                "name": worker.short_name,
                "text": _load_text(minutes, limit, away),
                "percent": 0 if away else round(share * 100),
                "kind": "bad" if share >= 1 else "",
            }
        )
    return loads


def _load_text(minutes: int, limit: int, away: date | None) -> str:
    if away:
        return i18n.gettext("on leave until %(day)s", day=i18n.day_month(away))
    if minutes >= limit * 60:
        return i18n.gettext("full")
    return i18n.gettext(
        "%(used)s of %(limit)s hours", used=i18n.number(minutes / 60), limit=i18n.number(limit)
    )


@bp.get("/permintaan")
@allow(Permission.VISIT_APPROVE)
def queue() -> ResponseReturnValue:
    """Show what waits for an answer, and what became of the rest."""
    wanted = _wanted()
    monday = slots.working_week()
    receipt = _receipt(request.args.get("disetujui", ""))
    return page(
        "visits/queue.html",
        part="visits/_queue.html",
        wanted=wanted,
        counts=visits.queue_counts(reader(), actor()),
        **_rows(wanted),
        most=visits.LIST_LIMIT,
        reason_of=visits.reason_of,
        receipt=receipt,
        districts=schools.districts(reader()),
        level_groups=list(LEVEL_GROUPS),
        loads=_loads(monday),
        load_week=(monday, monday + timedelta(days=4)),
        form=ApprovalForm(formdata=None),
        present=clock.now(),
    )


def _rows(wanted: QueueFilter) -> dict[str, Any]:
    """Return what stands under a tab: requests with who could go, or visits page by page."""
    if wanted.status == "menunggu":
        waiting = visits.queue(reader(), actor(), wanted)
        return {"rows": visits.with_offers(reader(), office(), waiting), "next_url": None}
    after, _before = paging.position(paging.moment, UUID)
    states = visits.STATUS_STATES[wanted.status]
    these = ListFilter(states, district=wanted.district, levels=wanted.levels)
    found = visits.list_visits(reader(), actor(), these, after=after)
    return {"rows": found.rows, "next_url": paging.link(paging.AFTER, found.after)}


def _receipt(visit_id: str) -> dict[str, Any] | None:
    found = visits.fresh_receipt(reader(), actor(), visit_id) if visit_id else None
    return _receipt_of(found) if found else None


def _receipt_of(found: VisitFile) -> dict[str, Any]:
    until = deciding.undo_window_ends(found.visit, office()["undo_seconds"])
    left = int((until - clock.now()).total_seconds()) if until else 0
    return {"found": found, "undo_left": max(0, left), "whatsapp": whatsapp_news(found)}


@bp.get("/permintaan/<public_id:visit_id>/periksa")
@allow(Permission.VISIT_APPROVE)
def check(visit_id: str) -> ResponseReturnValue:
    """Check another worker for a request at once."""
    found = find(visit_id)
    return _row(found, request.args.get("worker", ""), ApprovalForm(formdata=None), checked=True)


def _row(
    found: VisitFile,
    worker: str,
    form: ApprovalForm,
    status: int = 200,
    *,
    checked: bool = False,
) -> ResponseReturnValue:
    row = visits.queue_row(db(), actor(), found.visit.id) or abort(404)
    chosen = {found.visit.id: worker} if worker else None
    offer = visits.with_offers(db(), office(), [row], chosen)[0]
    return page(
        "visits/decide.html",
        part="visits/_queue_row.html",
        status=status,
        item=offer,
        found=found,
        form=form,
        refused=status == 422,
        checked=checked and wants_fragment(),
        present=clock.now(),
        settled=found.visit.state == VisitState.SCHEDULED,
    )


def _worker_ids() -> dict[str, UUID]:
    return {worker.public_id: worker.id for worker in slots.load_workers(db(), clock.today())}


@bp.post("/permintaan/<public_id:visit_id>/setujui")
@allow(Permission.VISIT_APPROVE)
def approve(visit_id: str) -> ResponseReturnValue:
    """Approve a request and assign a worker, in one press."""
    return _assign(visit_id, deciding.approve) or _approved(visit_id)


@bp.post("/permintaan/<public_id:visit_id>/ganti-peksos")
@allow(Permission.VISIT_APPROVE)
def reassign(visit_id: str) -> ResponseReturnValue:
    """Send another worker to a scheduled session."""
    refused = _assign(visit_id, deciding.reassign)
    if refused:
        return refused
    flash(i18n.gettext("Saved."), "ok")
    return moved_on(url_for("visits.show", visit_id=visit_id))


def _assign(visit_id: str, action: Callable[..., None]) -> ResponseReturnValue | None:
    """Let a rule assign the chosen worker; return the row again where it says no."""
    found = find(visit_id)
    form = ApprovalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                command = form.to_command(_worker_ids())
                action(session, actor(), found.visit, found.school, command)
        except Rejected as problem:
            form.attach(problem)
        else:
            return None
    return _row(find(visit_id), form.worker.data or "", form, form.reply_status)


def _approved(visit_id: str) -> ResponseReturnValue:
    """Answer with the receipt in place, or with the queue and the receipt above it."""
    found = find(visit_id)
    # The worker may have changed; the receipt names whoever goes.
    worker = db().get_one(User, found.visit.social_worker_id)
    receipt = _receipt_of(VisitFile(**{**found.__dict__, "worker": worker}))
    if wants_fragment():
        return page("visits/_receipt.html", receipt=receipt, swapped=True)
    return moved_on(url_for("visits.queue", disetujui=visit_id))


@bp.post("/permintaan/<public_id:visit_id>/urungkan")
@allow(Permission.VISIT_APPROVE)
def undo(visit_id: str) -> ResponseReturnValue:
    """Take back an approval within the first seconds."""
    found = find(visit_id)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                deciding.undo_approval(session, actor(), found.visit, found.school)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("Undone. The request waits again."), "ok")
    return moved_on(url_for("visits.queue"))
