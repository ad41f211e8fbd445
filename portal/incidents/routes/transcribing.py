"""Writing down what somebody tells by phone, in a chat, in person or during a visit."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import true
from sqlalchemy.orm import Session

from portal.core import codes, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.actions import filing as actions
from portal.incidents.actions.receiving import TrackingCode, new_tracking_code
from portal.incidents.forms.filing import EvidenceForm
from portal.incidents.forms.transcribing import TranscribingForm
from portal.incidents.models import Report
from portal.incidents.queries import filed as queries
from portal.incidents.queries.files import evidence_of
from portal.incidents.routes.blueprint import bp
from portal.incidents.routes.evidence import take_files
from portal.schools.queries import choices
from portal.visits.queries.visits import VisitFile, get_visit
from portal.web.database import database, db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# In the address when the concern comes from a visit: the visit's public id.
VISIT = "kunjungan"


@bp.get("/laporan/catat")
@allow(Permission.REPORT_TRANSCRIBE)
def transcribe_form() -> ResponseReturnValue:
    """Ask what is told, in the order of a conversation."""
    visit = _visit()
    form, _school_ids = _form(visit)
    form.start()
    return _form_page(form, visit)


@bp.post("/laporan/catat")
@allow(Permission.REPORT_TRANSCRIBE)
def transcribe() -> ResponseReturnValue:
    """Write it down; show the code to read out, once, and how soon somebody must act."""
    visit = _visit()
    form, school_ids = _form(visit)
    if form.validate_on_submit():
        filing = form.to_command(school_ids, visit.school.id if visit else None)
        # Takes the time of a slow hash, and so comes before the write lock.
        code = new_tracking_code()
        try:
            with transaction(db()) as session:
                report = actions.write_down(session, actor(), filing, code)
        except Rejected as problem:
            form.attach(problem)
        else:
            return _done_page(report, code)
    return _form_page(form, visit, form.reply_status)


@bp.get("/laporan/catat/<public_id:written_id>/berkas")
@allow(Permission.REPORT_TRANSCRIBE)
def transcribed_files_form(written_id: str) -> ResponseReturnValue:
    """Offer to add photos and documents to what was written down."""
    return _files_page(written_id, EvidenceForm())


@bp.post("/laporan/catat/<public_id:written_id>/berkas")
@allow(Permission.REPORT_TRANSCRIBE)
def transcribed_files(written_id: str) -> ResponseReturnValue:
    """Take photos and documents that belong to what was written down."""
    queries.get_written_down(reader(), actor(), written_id) or abort(404)
    form = EvidenceForm()
    if form.validate_on_submit() and take_files(form, lambda each: _written_down(each, written_id)):
        flash(i18n.gettext("Kept."), "ok")
        return moved_on(url_for("incidents.transcribed_files_form", written_id=written_id))
    return _files_page(written_id, form, form.reply_status)


def _written_down(session: Session, written_id: str) -> Report:
    return queries.get_written_down(session, actor(), written_id) or abort(404)


def _visit() -> VisitFile | None:
    """Return the visit a concern comes from, which must be the actor's own."""
    asked = request.args.get(VISIT)
    if not asked:
        return None
    found = get_visit(reader(), actor(), asked)
    if found is None or found.visit.social_worker_id != actor().user_id:
        abort(404)
    return found


def _form(visit: VisitFile | None) -> tuple[TranscribingForm, dict[str, Any]]:
    """Return the form, and the ids of the schools it offers by their public ids."""
    form = TranscribingForm()
    if visit is not None:
        form.came_from_visit()
        return form, {}
    schools = choices(reader(), true())
    form.offer(schools)
    return form, {row.public_id: row.id for row in schools}


def _form_page(
    form: TranscribingForm, visit: VisitFile | None, status: int = 200
) -> ResponseReturnValue:
    asked: dict[str, Any] = {VISIT: visit.visit.public_id} if visit else {}
    address = url_for("incidents.transcribe", **asked)
    return page("incidents/transcribe.html", status=status, form=form, visit=visit, address=address)


def _done_page(report: Report, code: TrackingCode) -> ResponseReturnValue:
    return page(
        "incidents/transcribed.html",
        report=report,
        groups=codes.in_groups(code.text).split("-"),
    )


def _files_page(written_id: str, form: EvidenceForm, status: int = 200) -> ResponseReturnValue:
    with database().reader() as session:
        report = _written_down(session, written_id)
        return page(
            "incidents/transcribed_files.html",
            status=status,
            report=report,
            form=form,
            kept=evidence_of(session, report.id),
            most=actions.MOST_FILES,
        )
