"""One report: its page, its evidence, how to reach whoever told it, opening it in an emergency."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents import policy
from portal.incidents.actions import arriving, deciding
from portal.incidents.actions.conflicts import record_of
from portal.incidents.forms import desk as forms
from portal.incidents.forms import words
from portal.incidents.models import Report
from portal.incidents.queries import conversation, desk, files
from portal.incidents.queries.files import Beside
from portal.incidents.queries.words import DOOR_NAMES, NAMING_NAMES, PURPOSE_NAMES
from portal.incidents.routes.blueprint import bp
from portal.incidents.states import OPEN, Door, Naming, Outcome, Purpose
from portal.people.actions import confidential
from portal.people.forms.account import EmergencyForm
from portal.people.models import User
from portal.people.queries.confidential import conflicts_of, running_emergency
from portal.web.database import database, db, office, reader
from portal.web.download import hand_out
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page


def note_reading(report: Report, **facts: str | bool) -> None:
    """Write down who reads a file; this comes before anything of it is shown."""
    with database().side_write() as writing:
        arriving.record_reading(writing, actor(), report.id, **facts)


def show_page(
    report_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Render a report's page, with the file for whoever may open it and the forms they need."""
    entry = desk.get_entry(reader(), actor(), report_id) or abort(404)
    if files.get_file(reader(), actor(), report_id) is None:
        emergency_form = None
        if actor().may(Permission.REPORT_REVEAL):
            emergency_form = EmergencyForm.as_sent(tried)
        return page(
            "incidents/closed.html", status=status, entry=entry, emergency_form=emergency_form
        )
    return _open_page(entry, report_id, status, tried)


def _open_page(
    entry: desk.Entry, report_id: str, status: int, tried: PortalForm | None
) -> ResponseReturnValue:
    works = files.works_on(reader(), actor(), entry.id)
    emergency = None if works else running_emergency(reader(), actor(), entry.id)
    note_reading(_file(report_id), emergency=emergency is not None)
    # A reader of its own, since reading may have changed the report.
    with database().reader() as reading:
        report = files.get_file(reading, actor(), report_id) or abort(404)
        beside = files.beside(reading, actor(), report)
        decides = works and not policy.told_by(actor(), report)
        context = _forms(reading, report, beside, tried) if decides else {"error_form": None}
        return page(
            "incidents/report.html",
            status=status,
            entry=entry,
            report=report,
            emergency=emergency,
            decides=decides,
            told_by_me=policy.told_by(actor(), report),
            has_inbox=policy.has_inbox(report),
            hidden_from_school=policy.hidden_from_school(report),
            handler=reading.get(User, report.handler_id) if report.handler_id else None,
            beside=beside,
            lines=_lines(reading, report),
            door=DOOR_NAMES[Door(report.door)],
            naming=NAMING_NAMES[Naming(report.naming)],
            purpose=PURPOSE_NAMES[Purpose(report.purpose)],
            outcome=words.OUTCOMES[Outcome(report.outcome)] if report.outcome else "",
            relations=words.RELATIONS,
            answers=words.answers_in_words(files.answers_of(report)),
            details=words.details_in_words(files.details_of(report)),
            reasons=words.reasons_in_words(report.reasons),
            receipt=deciding.receipt_of(report),
            bodies=deciding.bodies(office()),
            reachable=bool(report.safe_contact or report.reporter),
            button=PortalForm(formdata=None),
            **context,
        )


def _file(report_id: str) -> Report:
    return files.get_file(reader(), actor(), report_id) or abort(404)


def _lines(reading: Session, report: Report) -> list[dict[str, Any]]:
    """Return what was written in a file, each line with its writer's name."""
    written = conversation.for_office(reading, report.id)
    writers = {each.written_by for each in written if each.written_by}
    names: dict[Any, str] = {each: reading.get_one(User, each).full_name for each in writers}
    return [{"entry": each, "writer": names.get(each.written_by, "")} for each in written]


def _forms(
    reading: Session, report: Report, beside: Beside, tried: PortalForm | None
) -> dict[str, Any]:
    """Return the forms of whoever decides, the one just sent with what stands against it."""
    reply_form = forms.ReplyForm.as_sent(tried)
    reply_form.offer(forms.ready_replies(office()))
    hand_over_form = forms.HandOverForm.shown(report, tried)
    usual = beside.setting.school.authority if beside.setting else ""
    hand_over_form.offer(deciding.bodies(office()), usual)
    conflict_form = forms.ConflictForm.as_sent(tried)
    conflict_form.offer(files.possible_conflicts(reading, report))
    mine = report.assigned_to(actor()) or actor().may(Permission.REPORT_TRIAGE)
    # What nobody handles is taken on with the first decision.
    moves = [
        name
        for name, move in report.machine.moves.items()
        if report.state in move.sources and (mine or report.handler_id is None)
    ]
    return {
        "moves": moves,
        "may_take_on": report.state in OPEN and not report.assigned_to(actor()),
        "may_lift": actor().may(Permission.REPORT_TRIAGE),
        "may_lower": actor().may(Permission.REPORT_LOWER),
        "answers_it": mine or report.handler_id is None,
        "reply_form": reply_form,
        "note_form": forms.NoteForm.as_sent(tried),
        "urgency_form": forms.UrgencyForm.shown(report, tried),
        "follow_up_form": forms.FollowUpForm.shown(report, tried),
        "hand_over_form": hand_over_form,
        "receipt_form": forms.ReceiptForm.as_sent(tried),
        "close_form": forms.CloseForm.shown(report, tried),
        "reopen_form": forms.ReopenForm.shown(report, tried),
        "school_form": forms.SchoolForm.as_sent(tried),
        "agreed_form": forms.AgreedForm.as_sent(tried),
        "link_form": forms.LinkForm.as_sent(tried),
        "conflict_form": conflict_form,
        "conflicts": conflicts_of(reading, report.id),
        "error_form": _complaining(tried, report, beside, moves),
    }


MOVE_FORMS: dict[str, type[PortalForm]] = {
    "follow_up": forms.FollowUpForm,
    "refer": forms.HandOverForm,
    "close": forms.CloseForm,
    "reopen": forms.ReopenForm,
}


def _complaining(
    tried: PortalForm | None, report: Report, beside: Beside, moves: list[str]
) -> PortalForm | None:
    """Return the form whose complaints stand on top; not one that is no longer on the page."""
    hidden = policy.hidden_from_school(report)
    shown = [MOVE_FORMS[name] for name in moves if name in MOVE_FORMS]
    shown += [forms.ReplyForm] if policy.has_inbox(report) else []
    shown += [forms.UrgencyForm] if report.state in OPEN else []
    shown += [forms.ReceiptForm] if report.referred_to else []
    shown += [forms.SchoolForm] if beside.setting and not hidden else []
    shown += [forms.AgreedForm] if report.keep_from_school and not report.bypass_school else []
    shown += [forms.NoteForm, forms.LinkForm, forms.ConflictForm]
    if not deciding.bodies(office()):
        shown = [kind for kind in shown if kind is not forms.HandOverForm]
    return complaining(tried, shown=isinstance(tried, tuple(shown)))


@bp.get("/triase/<public_id:report_id>")
@allow(Permission.REPORT_READ)
def report(report_id: str) -> ResponseReturnValue:
    """Show what the list says of a report, and its file to whoever may open it."""
    return show_page(report_id)


@bp.get("/triase/<public_id:report_id>/kontak")
@allow(Permission.REPORT_READ)
@fresh
def contact(report_id: str) -> ResponseReturnValue:
    """Show who told a report and how to reach them without endangering them."""
    found = _file(report_id)
    if not (found.safe_contact or found.reporter):
        abort(404)
    note_reading(found, contact=True)
    return page(
        "incidents/contact.html",
        report=found,
        contact=files.contact_of(found),
        naming=NAMING_NAMES[Naming(found.naming)],
    )


@bp.get("/triase/<public_id:report_id>/bukti/<public_id:file_id>")
@allow(Permission.REPORT_READ)
def evidence(report_id: str, file_id: str) -> ResponseReturnValue:
    """Hand out a file that came with a report."""
    found = _file(report_id)
    every = files.evidence_of(reader(), found.id)
    kept = next((each for each in every if each.public_id == file_id), None) or abort(404)
    note_reading(found, evidence=True)
    return hand_out(kept)


@bp.post("/triase/<public_id:report_id>/darurat")
@allow(Permission.REPORT_REVEAL)
@fresh
def open_report(report_id: str) -> ResponseReturnValue:
    """Open a report's file for a while, with a reason that is reviewed afterwards."""
    desk.get_entry(reader(), actor(), report_id) or abort(404)
    form = EmergencyForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                found = desk.get_listed(writing, actor(), report_id) or abort(404)
                confidential.open_in_emergency(
                    writing, actor(), record_of(found), form.reason.data or ""
                )
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The file is open to you for a while."), "ok")
            return moved_on(url_for("incidents.report", report_id=report_id))
    return show_page(report_id, form.reply_status, form)
