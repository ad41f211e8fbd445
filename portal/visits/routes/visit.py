"""The list of sessions, one session, and what its reader may do with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.documents import ics
from portal.materials.actions.rounds import open_round
from portal.materials.forms.quizzes import VisitClassForm
from portal.materials.queries import library
from portal.visits.actions import deciding, delivering
from portal.visits.forms.deciding import ReasonForm, WithdrawalForm
from portal.visits.forms.delivering import DeliveryForm
from portal.visits.queries import visits
from portal.visits.queries.visits import STATUS_STATES, ListFilter, VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.learning import class_form, learning, takes_place
from portal.visits.routes.messages import whatsapp_news
from portal.web import errors, paging
from portal.web.database import db, reader
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, whole_address

# How many of each kind the overview shows before it links to the whole list.
OVERVIEW = 10


@bp.get("/sesi")
@allow(Permission.VISIT_READ)
def index() -> ResponseReturnValue:
    """List the visits of one's school, of one's own schedule, or all."""
    own = not actor().may(Permission.VISIT_APPROVE) and actor().may(
        Permission.VISIT_DELIVER, assigned=True
    )
    mine = own and request.args.get("semua") != "1"
    chosen = request.args.get("status", "")
    shown = {chosen: STATUS_STATES[chosen]} if chosen in STATUS_STATES else STATUS_STATES
    whole = shown is not STATUS_STATES
    after, _before = paging.position(paging.moment, UUID)
    pages = {
        status: visits.list_visits(
            reader(),
            actor(),
            ListFilter(states, mine=mine, school=request.args.get("sekolah", "")),
            after=after if whole else None,
            limit=visits.LIST_LIMIT if whole else OVERVIEW,
        )
        for status, states in shown.items()
    }
    return page(
        "visits/index.html",
        pages=pages,
        next_url=paging.link(paging.AFTER, pages[chosen].after) if whole else None,
        whole=whole,
        mine=mine,
        own=own,
        may_request=actor().may_somewhere(Permission.VISIT_REQUEST),
        across=not actor().schools_with(Permission.VISIT_READ),
    )


def show_page(
    found: VisitFile,
    *,
    status: int = 200,
    quiz_form: VisitClassForm | None = None,
    **forms: PortalForm,
) -> ResponseReturnValue:
    """Render a visit's page with the forms of what its reader may do."""
    visit, who = found.visit, actor()
    return page(
        "visits/show.html",
        status=status,
        found=found,
        visit=visit,
        moves=visit.open_to(who),
        may_room=who.may(Permission.VISIT_REQUEST, visit.school_id),
        started=visit.starts_at <= clock.now(),
        may_report=visit.social_worker_id == who.user_id and who.may(Permission.REPORT_TRANSCRIBE),
        reason_form=forms.get("reason_form") or ReasonForm(formdata=None),
        delivery_form=forms.get("delivery_form") or DeliveryForm(formdata=None),
        learning=learning(found, quiz_form),
        sent=request.args.get("terkirim") == "1",
        news=whatsapp_news(found) if who.may(Permission.VISIT_APPROVE) else None,
        note_to_self=_note_to_self(found),
    )


def _note_to_self(found: VisitFile) -> str:
    """Return the address that sends this visit's essentials to a chat of one's own choice."""
    visit = found.visit
    text = i18n.gettext(
        "%(programme)s at %(school)s: %(day)s, %(time)s WIB. Request number %(reference)s. "
        "%(link)s",
        programme=found.programme.name(i18n.language()),
        school=found.school.name,
        day=i18n.day_date(visit.starts_at),
        time=i18n.time_range(visit.starts_at, visit.ends_at),
        reference=visit.reference,
        link=whole_address("visits.show", visit_id=visit.public_id),
    )
    return whatsapp_text(text)


@bp.get("/sesi/<public_id:visit_id>")
@allow(Permission.VISIT_READ)
def show(visit_id: str) -> ResponseReturnValue:
    """Show one visit."""
    return show_page(find(visit_id))


@bp.get("/sesi/<public_id:visit_id>/kalender.ics")
@allow(Permission.VISIT_READ)
def calendar_file(visit_id: str) -> ResponseReturnValue:
    """Hand out the visit as a calendar file."""
    found = find(visit_id)
    visit = found.visit
    event = ics.Event(
        uid=f"{visit.public_id}@portal-mitra-sekolah",
        sequence=visit.version,
        title=f"{found.programme.name(i18n.language())}: {found.school.name}",
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        place=", ".join(part for part in (visit.room, found.school.name) if part),
        confirmed=visit.state in STATUS_STATES["terjadwal"] + STATUS_STATES["selesai"],
        stamp=visit.decided_at or visit.requested_at,
    )
    response = Response(ics.calendar([event]), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="sesi-{visit.reference}.ics"'
    return response


@bp.post("/sesi/<public_id:visit_id>/tarik")
@allow(Permission.VISIT_REQUEST)
def withdraw(visit_id: str) -> ResponseReturnValue:
    """Withdraw the own school's request, or cancel its session."""
    return _end(visit_id, deciding.withdraw, i18n.gettext("It is withdrawn."), WithdrawalForm)


@bp.post("/sesi/<public_id:visit_id>/batalkan")
@allow(Permission.VISIT_APPROVE)
def cancel(visit_id: str) -> ResponseReturnValue:
    """Cancel a session from the office's side."""
    return _end(visit_id, deciding.cancel, i18n.gettext("The session is cancelled."))


@bp.post("/sesi/<public_id:visit_id>/belum-bisa")
@allow(Permission.VISIT_APPROVE)
def decline(visit_id: str) -> ResponseReturnValue:
    """Answer that the session is not possible."""
    return _end(visit_id, deciding.decline, i18n.gettext("The school can read your answer now."))


def _end(
    visit_id: str, action: Any, done: str, kind: type[PortalForm] = ReasonForm
) -> ResponseReturnValue:
    found = find(visit_id)
    form = kind()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                action(session, actor(), found.visit, form["reason"].data or "")
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id))
    return show_page(find(visit_id), status=form.reply_status, reason_form=form)


@bp.post("/sesi/<public_id:visit_id>/ruang-siap")
@allow(Permission.VISIT_REQUEST)
def room_ready(visit_id: str) -> ResponseReturnValue:
    """Confirm the room."""
    found = find(visit_id)
    if not actor().may(Permission.VISIT_REQUEST, found.visit.school_id):
        abort(404)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                deciding.room_ready(session, actor(), found.visit)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("Thank you. The social worker sees that the room is ready."), "ok")
    return moved_on(url_for("home.index"))


@bp.post("/sesi/<public_id:visit_id>/sudah-dibaca")
@allow(Permission.VISIT_READ)
def news_read(visit_id: str) -> ResponseReturnValue:
    """Take the news of a declined or cancelled session off one's list."""
    found = find(visit_id)
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            deciding.news_read(session, actor(), found.visit)
    return moved_on(url_for("home.index"))


@bp.post("/sesi/<public_id:visit_id>/terlaksana")
@allow(Permission.VISIT_DELIVER)
def deliver(visit_id: str) -> ResponseReturnValue:
    """Record that the session took place."""
    found = find(visit_id)
    form = DeliveryForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                delivering.deliver(session, actor(), found.visit, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(_recorded(found), "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id))
    return show_page(find(visit_id), status=form.reply_status, delivery_form=form)


def _recorded(found: VisitFile) -> str:
    if not found.programme.counts_for_coverage:
        return i18n.gettext("Saved.")
    return i18n.gettext("Recorded. %(school)s now counts as reached.", school=found.school.name)


@bp.post("/sesi/<public_id:visit_id>/tes")
@allow(Permission.QUIZ_ROUND)
def ask_class(visit_id: str) -> ResponseReturnValue:
    """Ask a class with a quiz before and after the session."""
    found = find(visit_id)
    if not takes_place(found):
        abort(404)
    form = class_form(found)
    if form.validate_on_submit():
        quiz = library.published(reader(), form.quiz.data) or abort(404)
        visit, name = found.visit, form.class_name.data or ""
        try:
            with transaction(db()) as session:
                made = open_round(session, actor(), quiz, visit.school_id, name, visit.id)
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(url_for("materials.round", round_id=made.public_id))
    return show_page(find(visit_id), status=form.reply_status, quiz_form=form)
