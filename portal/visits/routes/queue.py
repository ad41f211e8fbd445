"""The office's side: the queue of requests, checking a worker, approving, undoing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
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
from portal.visits.queries import ledger, slots, visits
from portal.visits.queries import queue as waiting
from portal.visits.queries.load import Load
from portal.visits.queries.queue import Crew, QueueFilter
from portal.visits.queries.visits import ListFilter, VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.messages import whatsapp_news
from portal.visits.states import VisitState
from portal.web import paging
from portal.web.database import db, office, reader
from portal.web.guard import actor, allow
from portal.web.once import KEY
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
    loads = []
    for each in ledger.outlook(reader(), office(), monday, 1):
        load = each.weeks[0].load
        away = each.worker.away_until(max(monday, clock.today()))
        percent = 100 if load.full else round(100 * load.visit_minutes / (load.visit_limit or 1))
        loads.append(
            {
                "name": each.worker.short_name,
                "text": _load_text(load, away),
                "percent": 0 if away else percent,
                "kind": "bad" if load.full else "",
            }
        )
    return loads


def _load_text(load: Load, away: date | None) -> str:
    if away:
        return i18n.gettext("on leave until %(day)s", day=i18n.day_month(away))
    if load.full:
        return i18n.gettext("full")
    used, limit = load.visit_minutes / 60, load.visit_limit / 60
    return i18n.gettext(
        "%(used)s of %(limit)s hours", used=i18n.number(used), limit=i18n.number(limit)
    )


@bp.get("/permintaan")
@allow(Permission.VISIT_APPROVE)
def queue() -> ResponseReturnValue:
    """Show what waits for an answer, and what became of the rest."""
    wanted = _wanted()
    monday = slots.working_week()
    return page(
        "visits/queue.html",
        part="visits/_queue.html",
        wanted=wanted,
        counts=waiting.queue_counts(reader(), actor()),
        **_rows(wanted),
        most=visits.LIST_LIMIT,
        reason_of=visits.reason_of,
        receipt=_receipt(request.args.get("disetujui", "")),
        ticked=request.args.get("pilih") == "semua",
        districts=schools.districts(reader()),
        level_groups=list(LEVEL_GROUPS),
        loads=_loads(monday),
        load_week=(monday, monday + timedelta(days=4)),
        form=ApprovalForm(formdata=None),
        present=clock.now(),
        may_enter=actor().may(Permission.VISIT_ENTER),
    )


def _rows(wanted: QueueFilter) -> dict[str, Any]:
    """Return what stands under a tab: requests with who could go, or visits page by page."""
    if wanted.status == "menunggu":
        rows = waiting.queue(reader(), actor(), wanted)
        return {"rows": waiting.with_offers(reader(), office(), rows), "next_url": None}
    after, _before = paging.position(paging.moment, UUID)
    states = visits.STATUS_STATES[wanted.status]
    these = ListFilter(states, district=wanted.district, levels=wanted.levels)
    found = visits.list_visits(reader(), actor(), these, after=after)
    return {"rows": found.rows, "next_url": paging.link(paging.AFTER, found.after)}


def _receipt(visit_ids: str) -> dict[str, Any] | None:
    wanted = [each for each in visit_ids.split(",") if KEY.fullmatch(each)][: visits.LIST_LIMIT]
    found = waiting.fresh_receipts(reader(), actor(), wanted) if wanted else []
    return receipt_of(found) if found else None


def receipt_of(approved: Sequence[VisitFile]) -> dict[str, Any]:
    """Return what the receipt of approvals shows: which, and how long they can be undone."""
    seconds = office()["undo_seconds"]
    ends = [deciding.undo_window_ends(found.visit, seconds) for found in approved]
    left = min(((end - clock.now()).total_seconds() for end in ends if end), default=0)
    news = whatsapp_news(approved[0]) if len(approved) == 1 else None
    return {"approved": approved, "undo_left": max(0, int(left)), "whatsapp": news}


@bp.get("/permintaan/<public_id:visit_id>/periksa")
@allow(Permission.VISIT_APPROVE)
def check(visit_id: str) -> ResponseReturnValue:
    """Check another worker for a request at once."""
    found = find(visit_id)
    chosen = Crew(request.args.get("worker", ""), tuple(request.args.getlist("others")))
    return _row(found, chosen, ApprovalForm(formdata=None), checked=True)


def _row(
    found: VisitFile,
    crew: Crew,
    form: ApprovalForm,
    status: int = 200,
    *,
    checked: bool = False,
) -> ResponseReturnValue:
    row = waiting.queue_row(db(), actor(), found.visit.id) or abort(404)
    chosen = {found.visit.id: crew} if crew.leader or crew.others else None
    offer = waiting.with_offers(db(), office(), [row], chosen)[0]
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


def worker_ids() -> dict[str, UUID]:
    """Return the social workers of today by public id."""
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
                command = form.to_command(worker_ids())
                action(session, actor(), found.visit, found.school, command)
        except Rejected as problem:
            form.attach(problem)
        else:
            return None
    return _row(find(visit_id), form.crew(), form, form.reply_status)


def _approved(visit_id: str) -> ResponseReturnValue:
    """Answer with the receipt in place, or with the queue and the receipt above it."""
    found = find(visit_id)
    # The worker may have changed; the receipt names whoever goes.
    worker = db().get_one(User, found.visit.social_worker_id)
    receipt = receipt_of([replace(found, worker=worker)])
    if wants_fragment():
        return page("visits/_receipt.html", receipt=receipt, swapped=True)
    return moved_on(url_for("visits.queue", disetujui=visit_id))
