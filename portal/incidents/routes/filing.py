"""What school staff report: their own list, the form, and the conversation that follows."""

from __future__ import annotations

from typing import NamedTuple

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import audit, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.actions import filing as actions
from portal.incidents.actions.arriving import SUBJECT
from portal.incidents.actions.conversing import mark_read_by_reporter, write_to_office
from portal.incidents.forms.filing import EvidenceForm, FilingForm, MessageForm
from portal.incidents.models import Report
from portal.incidents.queries import conversation, files
from portal.incidents.queries import filed as queries
from portal.incidents.queries.words import DETAIL_NAMES, STATE_NAMES, said
from portal.incidents.routes.blueprint import bp
from portal.incidents.routes.evidence import take_files
from portal.incidents.states import ReportState
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


class Told(NamedTuple):
    """One line of what was reported."""

    label: str
    words: str


@bp.get("/laporan")
@allow(Permission.REPORT_FILE)
def filings() -> ResponseReturnValue:
    """List what one reported; a principal also sees how far colleagues' reports are."""
    return page(
        "incidents/filed.html",
        own=queries.own(reader(), actor()),
        colleagues=queries.of_colleagues(reader(), actor()),
        state_names=STATE_NAMES,
    )


@bp.get("/laporan/baru")
@allow(Permission.REPORT_FILE)
def file_form() -> ResponseReturnValue:
    """Ask what happened."""
    form = FilingForm()
    form.offer(queries.schools_of(reader(), actor()))
    form.start()
    return page("incidents/file_report.html", form=form)


@bp.post("/laporan/baru")
@allow(Permission.REPORT_FILE)
def file() -> ResponseReturnValue:
    """Hand a report to the office."""
    schools = queries.schools_of(reader(), actor())
    form = FilingForm()
    form.offer(schools)
    if form.validate_on_submit():
        filing = form.to_command({row.public_id: row.id for row in schools}, actor().name)
        try:
            with transaction(db()) as session:
                report = actions.file_report(session, actor(), filing)
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(url_for("incidents.filed", filing_id=report.public_id, terkirim=1))
    return page("incidents/file_report.html", status=form.reply_status, form=form)


@bp.get("/laporan/<public_id:filing_id>")
@allow(Permission.REPORT_FILE)
def filed(filing_id: str) -> ResponseReturnValue:
    """Show how far an own report is, and what was written to and fro."""
    return _filed_page(filing_id)


@bp.post("/laporan/<public_id:filing_id>/pesan")
@allow(Permission.REPORT_FILE)
def write_back(filing_id: str) -> ResponseReturnValue:
    """Write to the office about an own report."""
    queries.get_own(reader(), actor(), filing_id) or abort(404)
    form = MessageForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                report = _own(session, filing_id)
                write_to_office(session, report, form.text.data or "", actor())
                mark_read_by_reporter(session, report.id)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Sent. The office reads it."), "ok")
            return moved_on(url_for("incidents.filed", filing_id=filing_id))
    return _filed_page(filing_id, form.reply_status, form)


@bp.post("/laporan/<public_id:filing_id>/berkas")
@allow(Permission.REPORT_FILE)
def add_files(filing_id: str) -> ResponseReturnValue:
    """Take photos and documents that belong to an own report."""
    queries.get_own(reader(), actor(), filing_id) or abort(404)
    form = EvidenceForm()
    if form.validate_on_submit() and take_files(form, lambda session: _own(session, filing_id)):
        return moved_on(url_for("incidents.filed", filing_id=filing_id))
    return _filed_page(filing_id, form.reply_status, form)


def _own(session: Session, filing_id: str) -> Report:
    return queries.get_own(session, actor(), filing_id) or abort(404)


def _filed_page(
    filing_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    # Not the request's own reader: that one began before files or words came.
    with database().reader() as session:
        report = _own(session, filing_id)
        # It comes before anything is shown; what stands here is as confidential to its teller.
        with database().side_write() as writing:
            audit.record_read(writing, actor(), SUBJECT, report.id, own=True)
        answers = files.answers_of(report)
        return page(
            "incidents/filed_report.html",
            status=status,
            report=report,
            sent=request.args.get("terkirim") == "1",
            in_danger=not {"yes", "unsure"}.isdisjoint(answers.get("danger", ())),
            state_name=STATE_NAMES[ReportState(report.state)],
            told=_told(session, report),
            entries=conversation.for_reporter(session, report.id),
            kept=files.evidence_of(session, report.id),
            most=actions.MOST_FILES,
            answer_by=queries.answer_by(session, report),
            message_form=MessageForm.as_sent(tried),
            evidence_form=EvidenceForm.as_sent(tried),
        )


def _told(session: Session, report: Report) -> list[Told]:
    """Return what was reported, line by line, in the words of the form."""
    form = FilingForm(formdata=None)
    answers, details = files.answers_of(report), files.details_of(report)
    school = queries.school_of(session, report)
    lines = [Told(form.school.label.text, school.name if school else "")]
    lines += [
        Told(form[name].label.text, said(name, answers.get(name, ()))) for name in form.questions
    ]
    lines += [Told(str(label), details.get(name, "")) for name, label in DETAIL_NAMES.items()]
    return [line for line in lines if line.words]
