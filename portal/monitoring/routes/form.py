"""The teacher's form: filled in, kept for later, sent, corrected."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.cases.models import Case
from portal.core import audit, clock, drafts, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import replies, sending
from portal.monitoring.forms.answers import AnswersForm, fields_of, form_of
from portal.monitoring.models import FormAnswers
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.policy.standing import Standing, correctable_until, standing_of
from portal.monitoring.queries import forms, sheets
from portal.monitoring.queries.alerts import guardian_must_not_hear
from portal.monitoring.queries.instruments import text_of
from portal.monitoring.queries.sheets import Sheet
from portal.monitoring.queries.standings import why_closed
from portal.monitoring.queries.steps import steps_for
from portal.monitoring.routes.blueprint import bp
from portal.monitoring.states import FollowUpState
from portal.web import once
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, wants_fragment

# The trail knows what teachers and the office read of forms under this word.
SUBJECT = "monitoring_form"
DONE = frozenset({Standing.SENT, Standing.CORRECTABLE})


@bp.get("/pemantauan/<public_id:form_id>")
@allow(Permission.MONITORING_FILL)
def form(form_id: str) -> ResponseReturnValue:
    """Show a form to fill in, or what was sent."""
    sheet = _find(reader(), form_id)
    standing = _standing(sheet)
    if standing in DONE:
        return _show_sent(sheet)
    filled_in = _with(sheet, drafts.fields_of(sheet.kept) if sheet.kept else [])
    if standing != Standing.OPEN:
        return _show_closed(sheet, standing, filled_in)
    return _show_form(sheet, filled_in, kept=sheet.kept)


@bp.post("/pemantauan/<public_id:form_id>")
@allow(Permission.MONITORING_FILL)
def send(form_id: str) -> ResponseReturnValue:
    """Send a form; sent again with the same key it is carried out once."""
    sheet = _find(reader(), form_id)
    sent = form_of(sheet.edition.content)()
    if sent.validate_on_submit():
        once.lead_to(_address(sheet))
        try:
            with transaction(db()) as writing:
                record = forms.get_asked(writing, actor(), form_id) or abort(404)
                sending.send_form(writing, actor(), record, *_answers(sent))
                if sheet.replies:
                    replies.see_replies(writing, actor(), record.follow_up_id)
                drafts.discard(writing, actor().user_id, _address(sheet))
        except Rejected as problem:
            sent.attach(problem)
        else:
            return moved_on(_address(sheet))
    return _show_again(form_id, sent)


@bp.post("/pemantauan/<public_id:form_id>/simpan")
@allow(Permission.MONITORING_FILL)
def save(form_id: str) -> ResponseReturnValue:
    """Keep what was typed so far; a script (which asks for a fragment) hears no more than 204."""
    sheet = _find(reader(), form_id)
    typed = form_of(sheet.edition.content)()
    if _standing(sheet) == Standing.OPEN:
        with transaction(db()) as writing:
            if typed.typed:
                drafts.keep(writing, actor().user_id, _address(sheet), typed.typed)
            else:
                drafts.discard(writing, actor().user_id, _address(sheet))
        if wants_fragment():
            return "", 204
        flash(i18n.gettext("Kept for later. Nothing has been sent yet."), "ok")
        return moved_on(_address(sheet))
    return _show_again(form_id, typed)


@bp.get("/pemantauan/<public_id:form_id>/perbaiki")
@allow(Permission.MONITORING_FILL)
def correct_form(form_id: str) -> ResponseReturnValue:
    """Show what was sent, to be put right."""
    sheet = _find(reader(), form_id)
    if _standing(sheet) != Standing.CORRECTABLE:
        return moved_on(_address(sheet))
    newest = _read_answers(sheet)[-1]
    was = fields_of(Filled.of_json(newest.answers), newest.note)
    return _show_form(sheet, _with(sheet, was), correcting=True)


@bp.post("/pemantauan/<public_id:form_id>/perbaiki")
@allow(Permission.MONITORING_FILL)
def correct(form_id: str) -> ResponseReturnValue:
    """Send a correction."""
    sheet = _find(reader(), form_id)
    sent = form_of(sheet.edition.content)()
    if sent.validate_on_submit():
        once.lead_to(_address(sheet))
        try:
            with transaction(db()) as writing:
                record = forms.get_fillable(writing, actor(), form_id) or abort(404)
                sending.correct_form(writing, actor(), record, *_answers(sent))
                drafts.discard(writing, actor().user_id, _address(sheet))
        except Rejected as problem:
            sent.attach(problem)
        else:
            return moved_on(_address(sheet))
    return _show_again(form_id, sent)


@bp.post("/pemantauan/<public_id:form_id>/balasan")
@allow(Permission.MONITORING_FILL)
def reply_seen(form_id: str) -> ResponseReturnValue:
    """Note that the teacher read what the office answered."""
    sheet = _find(reader(), form_id)
    if PortalForm().validate_on_submit():
        with transaction(db()) as writing:
            replies.see_replies(writing, actor(), sheet.follow_up.id)
    return moved_on(_address(sheet))


def _find(session: Session, form_id: str) -> Sheet:
    address = url_for("monitoring.form", form_id=form_id)
    return sheets.get_sheet(session, actor(), form_id, address) or abort(404)


def _standing(sheet: Sheet) -> Standing:
    state = FollowUpState(sheet.follow_up.state)
    return standing_of(sheet.form, state, actor().user_id, office())


def _address(sheet: Sheet) -> str:
    return url_for("monitoring.form", form_id=sheet.form.public_id)


def _answers(sent: AnswersForm) -> tuple[Filled, str, str | None]:
    return sent.filled, sent.note.data or "", sent.device_key.data or None


def _with(sheet: Sheet, fields: drafts.Fields) -> AnswersForm:
    """Return the form with these answers, unless what was typed comes back from elsewhere."""
    return form_of(sheet.edition.content)(formdata=MultiDict(fields) if fields else None)


def _show_again(form_id: str, tried: AnswersForm) -> ResponseReturnValue:
    """Show what stands against a form just sent; what was typed stays, whatever happened since."""
    # A reader of its own: the request's began before somebody else's form may have come in.
    with database().reader() as reading:
        sheet = _find(reading, form_id)
        standing = _standing(sheet)
        if standing in (Standing.OPEN, Standing.CORRECTABLE):
            correcting = standing == Standing.CORRECTABLE
            return _show_form(sheet, tried, correcting=correcting)
        return _show_closed(sheet, standing, tried)


def _show_form(
    sheet: Sheet,
    filled_in: AnswersForm,
    *,
    correcting: bool = False,
    kept: drafts.Draft | None = None,
) -> ResponseReturnValue:
    content = sheet.edition.content
    return page(
        "monitoring/form.html",
        status=_status(filled_in),
        form=filled_in,
        correcting=correcting,
        kept=kept,
        late=clock.today() > sheet.form.due_on,
        replies=sheet.replies,
        sheet=sheet,
        text_of=text_of,
        flags=[(flag["code"], text_of(flag["text"])) for flag in content["flags"]],
        words=[text_of(point) for point in content["scale"]],
        questions=len(filled_in.item_codes) + 1,
    )


def _show_sent(sheet: Sheet) -> ResponseReturnValue:
    versions = _read_answers(sheet)
    # The newest answers decide: a flag taken back asks for nothing any more.
    filled = Filled.of_json(versions[-1].answers)
    is_open = clock.office_is_open(clock.now())
    return page(
        "monitoring/sent.html",
        form=PortalForm(),
        sheet=sheet,
        versions=versions,
        said=sheets.in_words(sheet.edition, filled),
        typed_note=versions[-1].note,
        steps=steps_for(
            filled.flags,
            office(),
            sheet.manager,
            office_open=is_open,
            no_guardian=bool(filled.flags) and _no_guardian(sheet),
        ),
        correctable=_standing(sheet) == Standing.CORRECTABLE,
        correctable_until=correctable_until(sheet.form, office()),
        replies=sheets.replies_to(reader(), sheet.form.id),
    )


def _no_guardian(sheet: Sheet) -> bool:
    """Say whether nobody at home may hear of anything, also for what another form told."""
    return guardian_must_not_hear(reader(), reader().get_one(Case, sheet.follow_up.case_id))


def _show_closed(sheet: Sheet, standing: Standing, typed: AnswersForm) -> ResponseReturnValue:
    given = bool(typed.flags.data)
    return page(
        "monitoring/closed.html",
        status=_status(typed),
        sheet=sheet,
        why=why_closed(sheet, standing),
        said=sheets.in_words(sheet.edition, typed.filled, flags_answered=given),
        typed_note=typed.note.data,
    )


def _status(tried: AnswersForm) -> int:
    return tried.reply_status if tried.is_submitted() else 200


def _read_answers(sheet: Sheet) -> list[FormAnswers]:
    """Return what was sent, having written down who reads it."""
    with database().side_write() as writing:
        audit.record_read(writing, actor(), SUBJECT, sheet.form.id)
    return forms.answers_of(reader(), sheet.form.id)
