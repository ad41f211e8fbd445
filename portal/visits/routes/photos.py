"""Photographs of a session, for the office and the school alone."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import photos as actions
from portal.visits.forms.photos import CONSENT_NAMES, PhotoForm
from portal.visits.models import PhotoConsent, Visit
from portal.visits.policy.delivery import TAKES_PLACE, may_add_photos, may_record
from portal.visits.queries import delivery
from portal.visits.queries.visits import VisitFile, get_visit
from portal.visits.routes.blueprint import bp
from portal.web import throttle
from portal.web.database import db, office, reader
from portal.web.download import show as show_file
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store


@bp.get("/sesi/<public_id:visit_id>/foto")
@allow(Permission.VISIT_READ)
def photos(visit_id: str) -> ResponseReturnValue:
    """Show the photographs of a session."""
    return _page(_with_photos(reader(), visit_id))


@bp.post("/sesi/<public_id:visit_id>/foto")
@allow(Permission.VISIT_DELIVER)
def add_photo(visit_id: str) -> ResponseReturnValue:
    """Keep a photograph."""
    # Not with the session that writes: the picture is counted and redrawn before it begins.
    found = _with_photos(reader(), visit_id)
    form = PhotoForm()
    if form.validate_on_submit():
        try:
            throttle.count_upload()
            photo = actions.check(form.to_command())
            with transaction(db()) as session:
                visit = _with_photos(session, visit_id).visit
                actions.add_photo(session, store(), actor(), visit, photo)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The photograph is kept."), "ok")
            return moved_on(url_for("visits.photos", visit_id=visit_id))
    return _page(found, form, form.reply_status)


@bp.get("/sesi/<public_id:visit_id>/foto/<public_id:photo_id>")
@allow(Permission.VISIT_READ)
def photo(visit_id: str, photo_id: str) -> ResponseReturnValue:
    """Hand over one photograph."""
    found = _with_photos(reader(), visit_id)
    row = delivery.photo(reader(), found.visit.id, photo_id) or abort(404)
    return show_file(row[1], lasting=False)


@bp.post("/sesi/<public_id:visit_id>/foto/<public_id:photo_id>/hapus")
@allow(Permission.VISIT_DELIVER)
def remove_photo(visit_id: str, photo_id: str) -> ResponseReturnValue:
    """Forget a photograph for good."""
    found, form = _with_photos(db(), visit_id), PortalForm()
    row = delivery.photo(db(), found.visit.id, photo_id) or abort(404)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.remove_photo(session, store(), actor(), found.visit, row[0])
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The photograph is deleted."), "ok")
            shown = "visits.photos" if _has_page(db(), found.visit) else "visits.show"
            return moved_on(url_for(shown, visit_id=visit_id))
    return _page(found, form, form.reply_status)


def _with_photos(session: Session, visit_id: str) -> VisitFile:
    found = get_visit(session, actor(), visit_id)
    return found if found and _has_page(session, found.visit) else abort(404)


def _has_page(session: Session, visit: Visit) -> bool:
    """Say whether a session has photographs, or may; it can be called off after some were kept."""
    return visit.state in TAKES_PLACE or delivery.photo_count(session, visit.id) > 0


def _page(
    found: VisitFile, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    photos = delivery.photos_of(reader(), found.visit.id)
    most = office()["visit_photos"]
    adds = may_add_photos(actor(), found.visit)
    takes = adds and len(photos) < most
    return page(
        "visits/photos.html",
        status=status,
        visit=found.visit,
        school=found.school,
        photos=photos,
        consents={each.value: CONSENT_NAMES[PhotoConsent(each)] for each in PhotoConsent},
        records=may_record(actor(), found.visit),
        enough=adds and not takes,
        most=most,
        form=PhotoForm.as_sent(tried) if takes else None,
        button=PortalForm(formdata=None),
        tried=complaining(tried, shown=takes),
    )
