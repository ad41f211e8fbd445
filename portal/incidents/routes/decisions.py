"""What is decided on a report's page: one form, one address, one step each."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.actions import conflicts, deciding, triaging
from portal.incidents.forms import desk as forms
from portal.incidents.models import Report
from portal.incidents.queries import desk, files
from portal.incidents.routes.blueprint import bp
from portal.incidents.routes.report import show_page
from portal.incidents.states import Outcome, Relation, Urgency
from portal.people.queries.confidential import get_conflict
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm, VersionedForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on

Act = Callable[[Session, Report], None]


def _carry_out(report_id: str, form: PortalForm, act: Act, done: str) -> ResponseReturnValue:
    """Do what a form asks for and go back to the report, or show what stands against it."""
    files.get_file(reader(), actor(), report_id) or abort(404)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                report = files.get_file(writing, actor(), report_id) or abort(404)
                # Locked first, so that the version looked at is the one that is changed.
                deciding.begin(writing, actor(), report)
                if isinstance(form, VersionedForm):
                    form.check_version(report, type(form).showing(report, formdata=None))
                act(writing, report)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(_where_next(report_id))
    return show_page(report_id, form.reply_status, form)


def _where_next(report_id: str) -> str:
    """Return the report's page, or the desk for whoever just stepped back from it."""
    with database().reader() as reading:
        seen = desk.get_entry(reading, actor(), report_id)
    if seen is None:
        return url_for("incidents.queue")
    return url_for("incidents.report", report_id=report_id)


@bp.post("/triase/<public_id:report_id>/ambil")
@allow(Permission.REPORT_TRIAGE)
def take_on(report_id: str) -> ResponseReturnValue:
    """Handle a report from now on."""

    def act(writing: Session, report: Report) -> None:
        deciding.take_on(writing, actor(), report)

    return _carry_out(report_id, PortalForm(), act, i18n.gettext("You handle this report now."))


@bp.post("/triase/<public_id:report_id>/kegawatan")
@allow(Permission.REPORT_TRIAGE)
def set_urgency(report_id: str) -> ResponseReturnValue:
    """Find a report more or less urgent."""
    form = forms.UrgencyForm()

    def act(writing: Session, report: Report) -> None:
        urgency, why = Urgency(form.urgency.data), form.urgency_reason.data or ""
        triaging.set_urgency(writing, actor(), report, urgency, why)

    return _carry_out(report_id, form, act, i18n.gettext("Saved."))


@bp.post("/triase/<public_id:report_id>/karantina")
@allow(Permission.REPORT_TRIAGE)
def quarantine(report_id: str) -> ResponseReturnValue:
    """Put a report into quarantine."""

    def act(writing: Session, report: Report) -> None:
        triaging.quarantine(writing, actor(), report)

    done = i18n.gettext("It stands at the end of the list now.")
    return _carry_out(report_id, PortalForm(), act, done)


@bp.post("/triase/<public_id:report_id>/karantina/lepas")
@allow(Permission.REPORT_TRIAGE)
def lift_quarantine(report_id: str) -> ResponseReturnValue:
    """Take a report out of quarantine."""

    def act(writing: Session, report: Report) -> None:
        triaging.lift_quarantine(writing, actor(), report)

    done = i18n.gettext("It stands among the others now.")
    return _carry_out(report_id, PortalForm(), act, done)


@bp.post("/triase/<public_id:report_id>/tautan")
@allow(Permission.REPORT_TRIAGE)
def link(report_id: str) -> ResponseReturnValue:
    """Note that another report belongs to this one."""
    form = forms.LinkForm()

    def act(writing: Session, report: Report) -> None:
        relation = Relation(form.relation.data)
        triaging.link(writing, actor(), report, form.number.data or "", relation)

    return _carry_out(report_id, form, act, i18n.gettext("Both reports name each other now."))


@bp.post("/triase/<public_id:report_id>/tautan/<public_id:other_id>/lepas")
@allow(Permission.REPORT_TRIAGE)
def unlink(report_id: str, other_id: str) -> ResponseReturnValue:
    """Take back that two reports belong together."""
    desk.get_listed(reader(), actor(), other_id) or abort(404)

    def act(writing: Session, report: Report) -> None:
        other = desk.get_listed(writing, actor(), other_id) or abort(404)
        triaging.unlink(writing, actor(), report, other)

    return _carry_out(report_id, PortalForm(), act, i18n.gettext("Saved."))


@bp.post("/triase/<public_id:report_id>/konflik")
@allow(Permission.REPORT_TRIAGE)
def keep_away(report_id: str) -> ResponseReturnValue:
    """Put somebody on a report's conflict list."""
    found = files.get_file(reader(), actor(), report_id) or abort(404)
    form = forms.ConflictForm()
    form.offer(files.possible_conflicts(reader(), found))

    def act(writing: Session, report: Report) -> None:
        person = files.person_to_keep_away(writing, report, form.person.data) or abort(404)
        conflicts.keep_away(writing, actor(), report, person, form.why.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("They no longer see this report."))


@bp.post("/triase/<public_id:report_id>/konflik/<public_id:kept_id>/cabut")
@allow(Permission.REPORT_TRIAGE)
def lift_conflict(report_id: str, kept_id: str) -> ResponseReturnValue:
    """Take somebody off a report's conflict list."""
    found = files.get_file(reader(), actor(), report_id) or abort(404)
    get_conflict(reader(), found.id, kept_id) or abort(404)

    def act(writing: Session, report: Report) -> None:
        conflict = get_conflict(writing, report.id, kept_id) or abort(404)
        conflicts.lift(writing, actor(), report, conflict)

    return _carry_out(report_id, PortalForm(), act, i18n.gettext("The entry is lifted."))


@bp.post("/triase/<public_id:report_id>/lewati-sekolah")
@allow(Permission.REPORT_TRIAGE)
def bypass_school(report_id: str) -> ResponseReturnValue:
    """Let the school hear of nothing."""

    def act(writing: Session, report: Report) -> None:
        triaging.bypass_school(writing, actor(), report)

    done = i18n.gettext("The school hears nothing of this report.")
    return _carry_out(report_id, PortalForm(), act, done)


@bp.post("/triase/<public_id:report_id>/izin-pelapor")
@allow(Permission.REPORT_TRIAGE)
def reporter_agreed(report_id: str) -> ResponseReturnValue:
    """Note that the reporter wants the school to know after all."""
    form = forms.AgreedForm()

    def act(writing: Session, report: Report) -> None:
        triaging.reporter_agreed(writing, actor(), report, form.agreement.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("Saved."))


@bp.post("/triase/<public_id:report_id>/sekolah")
@allow(Permission.REPORT_TRIAGE)
def tell_school(report_id: str) -> ResponseReturnValue:
    """Note what the school was told."""
    form = forms.SchoolForm()

    def act(writing: Session, report: Report) -> None:
        triaging.tell_school(writing, actor(), report, form.school_told.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("Saved."))


@bp.post("/triase/<public_id:report_id>/balas")
@allow(Permission.REPORT_TRIAGE)
def reply(report_id: str) -> ResponseReturnValue:
    """Write to the reporter."""
    form = forms.ReplyForm()
    form.offer(forms.ready_replies(office()))

    def act(writing: Session, report: Report) -> None:
        deciding.reply(writing, actor(), report, form.words)

    done = i18n.gettext("Sent. The reporter can read it from the next full hour on.")
    return _carry_out(report_id, form, act, done)


@bp.post("/triase/<public_id:report_id>/catatan")
@allow(Permission.REPORT_TRIAGE)
def add_note(report_id: str) -> ResponseReturnValue:
    """Write a note for the office alone."""
    form = forms.NoteForm()

    def act(writing: Session, report: Report) -> None:
        deciding.add_note(writing, actor(), report, form.note.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("Noted for the office alone."))


@bp.post("/triase/<public_id:report_id>/tindak-lanjut")
@allow(Permission.REPORT_TRIAGE)
def follow_up(report_id: str) -> ResponseReturnValue:
    """Note what the office does now."""
    form = forms.FollowUpForm()

    def act(writing: Session, report: Report) -> None:
        deciding.follow_up(writing, actor(), report, form.plan.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("The report is followed up."))


@bp.post("/triase/<public_id:report_id>/serahkan")
@allow(Permission.REPORT_TRIAGE)
def refer(report_id: str) -> ResponseReturnValue:
    """Hand a report to the responsible body."""
    form = forms.HandOverForm()
    form.offer(deciding.bodies(office()), "")

    def act(writing: Session, report: Report) -> None:
        deciding.refer(writing, actor(), report, form.to_command())

    return _carry_out(report_id, form, act, i18n.gettext("The report is handed over."))


@bp.post("/triase/<public_id:report_id>/tanda-terima")
@allow(Permission.REPORT_TRIAGE)
def record_receipt(report_id: str) -> ResponseReturnValue:
    """Note the receipt of what was handed over."""
    form = forms.ReceiptForm()

    def act(writing: Session, report: Report) -> None:
        number, day = form.receipt_number.data or "", form.receipt_on.data
        deciding.record_receipt(writing, actor(), report, number, day)

    return _carry_out(report_id, form, act, i18n.gettext("Saved."))


@bp.post("/triase/<public_id:report_id>/selesai")
@allow(Permission.REPORT_TRIAGE)
def close(report_id: str) -> ResponseReturnValue:
    """Finish a report."""
    form = forms.CloseForm()

    def act(writing: Session, report: Report) -> None:
        outcome = Outcome(form.outcome.data)
        deciding.close(writing, actor(), report, outcome, form.outcome_words.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("The report is finished."))


@bp.post("/triase/<public_id:report_id>/buka-lagi")
@allow(Permission.REPORT_TRIAGE)
def reopen(report_id: str) -> ResponseReturnValue:
    """Go on with a finished report."""
    form = forms.ReopenForm()

    def act(writing: Session, report: Report) -> None:
        deciding.reopen(writing, actor(), report, form.again.data or "")

    return _carry_out(report_id, form, act, i18n.gettext("The report goes on."))
