"""What a session cost, for those who account for it."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import costs as actions
from portal.visits.actions.costs import COSTS_MONEY
from portal.visits.forms.costs import KIND_NAMES, CostForm
from portal.visits.models import CostKind
from portal.visits.policy.delivery import may_see_costs, may_write_costs
from portal.visits.queries import delivery
from portal.visits.queries.visits import VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.web.database import database, db
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/sesi/<public_id:visit_id>/biaya")
@allow(Permission.VISIT_COST_READ)
def costs(visit_id: str) -> ResponseReturnValue:
    """Show what a session cost."""
    return _page(_accounted(visit_id))


@bp.post("/sesi/<public_id:visit_id>/biaya")
@allow(Permission.VISIT_COST_WRITE)
def add_cost(visit_id: str) -> ResponseReturnValue:
    """Write down a cost."""
    found, form = _accounted(visit_id), CostForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.add_cost(session, actor(), found.visit, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("visits.costs", visit_id=visit_id))
    return _page(found, form, form.reply_status)


@bp.post("/sesi/<public_id:visit_id>/biaya/<public_id:cost_id>/hapus")
@allow(Permission.VISIT_COST_WRITE)
def remove_cost(visit_id: str, cost_id: str) -> ResponseReturnValue:
    """Take a cost out again."""
    found, form = _accounted(visit_id), PortalForm()
    cost = delivery.cost(db(), found.visit.id, cost_id) or abort(404)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.remove_cost(session, actor(), found.visit, cost)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The cost is taken out."), "ok")
            return moved_on(url_for("visits.costs", visit_id=visit_id))
    return _page(found, form, form.reply_status)


def _accounted(visit_id: str) -> VisitFile:
    found = find(visit_id)
    seen = may_see_costs(actor(), found.visit) and found.visit.state in COSTS_MONEY
    return found if seen else abort(404)


def _page(
    found: VisitFile, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    writes = may_write_costs(actor(), found.visit)
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        return page(
            "visits/costs.html",
            status=status,
            visit=found.visit,
            school=found.school,
            costs=delivery.costs_of(reading, found.visit.id),
            total=delivery.cost_sum(reading, found.visit.id),
            kinds={kind.value: KIND_NAMES[kind] for kind in CostKind},
            form=CostForm.as_sent(tried) if writes else None,
            button=PortalForm(formdata=None),
            tried=complaining(tried, shown=writes),
        )
