"""Recording how a session went, putting that right, or writing down that it fell through."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.queries import search
from portal.visits.actions import delivering
from portal.visits.actions.deciding import read_anew
from portal.visits.actions.delivering import Delivery
from portal.visits.forms.delivering import DeliveryForm, MissForm
from portal.visits.models import Visit
from portal.visits.policy import delivery as policy
from portal.visits.queries import delivery
from portal.visits.queries.visits import VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.learning import level_group, topic_of
from portal.visits.states import NotDelivered, VisitState
from portal.web.database import db, reader
from portal.web.forms import complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# What a search for another material adds to the form at once.
MOST_FOUND = 5


@bp.get("/sesi/<public_id:visit_id>/terlaksana")
@allow(Permission.VISIT_DELIVER)
def deliver_form(visit_id: str) -> ResponseReturnValue:
    """Show the form to record a session."""
    found = _to_record(visit_id)
    return _page(found, new_form(found))


@bp.post("/sesi/<public_id:visit_id>/terlaksana")
@allow(Permission.VISIT_DELIVER)
def deliver(visit_id: str) -> ResponseReturnValue:
    """Record that the session took place."""
    found = find(visit_id)

    def act(session: Session, _form: DeliveryForm, report: Delivery) -> None:
        delivering.deliver(session, actor(), found.visit, report)

    return _carry_out(found, act, _recorded(found))


def _carry_out(
    found: VisitFile, act: Callable[[Session, DeliveryForm, Delivery], None], done: str
) -> ResponseReturnValue:
    form = _sent(found)
    if not form.sought and form.validate_on_submit():
        try:
            report = form.to_command(_material_ids(form, found.visit))
            with transaction(db()) as session:
                act(session, form, report)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("visits.show", visit_id=found.visit.public_id))
    return _page(found, form, status=200 if form.sought else form.reply_status)


@bp.get("/sesi/<public_id:visit_id>/perbaiki-catatan")
@allow(Permission.VISIT_DELIVER)
def correct_form(visit_id: str) -> ResponseReturnValue:
    """Show the record of a session, to put it right."""
    found = _to_correct(visit_id)
    return _page(found, _standing_form(found))


@bp.post("/sesi/<public_id:visit_id>/perbaiki-catatan")
@allow(Permission.VISIT_DELIVER)
def correct(visit_id: str) -> ResponseReturnValue:
    """Put the record of a session right."""
    found = _to_correct(visit_id)

    def act(session: Session, form: DeliveryForm, report: Delivery) -> None:
        # What is compared here is what is written over.
        read_anew(session, found.visit)
        form.check_version(found.visit, _standing_form(found))
        delivering.correct(session, actor(), found.visit, report)

    return _carry_out(found, act, i18n.gettext("The record is corrected."))


@bp.post("/sesi/<public_id:visit_id>/tidak-terlaksana")
@allow(Permission.VISIT_DELIVER)
def miss(visit_id: str) -> ResponseReturnValue:
    """Write down that a session did not take place."""
    found = find(visit_id)
    form = MissForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                why, words = NotDelivered(form.why.data), form.words.data or ""
                delivering.miss(session, actor(), found.visit, why, words)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Written down. The other side can read it."), "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id))
    return _page(found, new_form(found), form, status=form.reply_status)


def new_form(found: VisitFile) -> DeliveryForm:
    """Return the form to record a session, with the classes and materials it was planned with."""
    visit = found.visit
    form = DeliveryForm(formdata=None)
    planned = visit.classes or visit.grades or [""]
    form.offer_classes(planned)
    return _with_offers(form, found)


def titles_on(form: DeliveryForm, visit: Visit) -> dict[str, str]:
    """Return the titles of the materials on a form, by slug."""
    english = i18n.language() == "en"
    return {
        row.slug: (english and row.title_en) or row.title_id
        for row in delivery.offered(reader(), visit.id, form.slugs())
    }


def _standing_form(found: VisitFile) -> DeliveryForm:
    """Return the form with the record as it stands."""
    visit = found.visit
    handed = delivery.handed_over(db(), visit.id)
    form = DeliveryForm.showing(visit, formdata=None, data={"note": visit.delivery_note})
    form.offer_classes((), delivery.heads_of(db(), visit))
    copies = {row.slug: row.copies for row in handed}
    form.offer_materials(copies, copies)
    return _with_offers(form, found)


def _with_offers(form: DeliveryForm, found: VisitFile) -> DeliveryForm:
    """Add what the office suggests for the topic, and what was asked for."""
    best = search.best_for(reader(), topic_of(found), level_group(found.school))
    form.offer_materials([row.slug for row in best], {})
    return _with_needs(form, found.visit)


def _with_needs(form: DeliveryForm, visit: Visit) -> DeliveryForm:
    asked = {*visit.bring, *visit.ready_with, *visit.unmet}
    form.offer_needs(delivery.needs_named(reader(), asked))
    return form


def _sent(found: VisitFile) -> DeliveryForm:
    """Return the form that was sent, with the materials its writer looked for."""
    form = _with_needs(DeliveryForm(), found.visit)
    sought = form.take_sought()
    if sought:
        wanted = search.Wanted(level=level_group(found.school) or "")
        rows = search.find(reader(), sought, wanted, limit=MOST_FOUND).rows
        form.offer_materials([row.slug for row in rows], {})
    return form


def _material_ids(form: DeliveryForm, visit: Visit) -> dict[str, UUID]:
    return {row.slug: row.id for row in delivery.offered(reader(), visit.id, form.slugs())}


def _to_record(visit_id: str) -> VisitFile:
    found = find(visit_id)
    if found.visit.starts_at > clock.now() or not found.visit.can(actor(), "deliver"):
        abort(404)
    return found


def _to_correct(visit_id: str) -> VisitFile:
    found = find(visit_id)
    if found.visit.state != VisitState.DELIVERED or not policy.may_record(actor(), found.visit):
        abort(404)
    return found


def _page(
    found: VisitFile, form: DeliveryForm, miss_form: MissForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    recorded = found.visit.state == VisitState.DELIVERED
    return page(
        "visits/record.html",
        status=status,
        found=found,
        visit=found.visit,
        form=form,
        titles=titles_on(form, found.visit),
        miss_form=miss_form or MissForm(formdata=None),
        complaints=complaining(miss_form or form, shown=miss_form is None or not recorded),
        recorded=recorded,
    )


def _recorded(found: VisitFile) -> str:
    if not found.programme.counts_for_coverage:
        return i18n.gettext("Saved.")
    return i18n.gettext("Recorded. %(school)s now counts as reached.", school=found.school.name)
