"""The list of sessions, one session, and what its reader may do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions.rounds import open_round
from portal.materials.forms.quizzes import VisitClassForm
from portal.materials.queries import library
from portal.visits.actions import deciding
from portal.visits.forms.changes import AnswerForm, KeepForm
from portal.visits.forms.deciding import ReasonForm, WithdrawalForm
from portal.visits.policy.calendars import goes_to_schools
from portal.visits.policy.delivery import TAKES_PLACE
from portal.visits.queries import slots, visits
from portal.visits.queries import story as stories
from portal.visits.queries.story import Story
from portal.visits.queries.visits import STATUS_STATES, ListFilter, VisitFile
from portal.visits.routes import delivery, letters
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.learning import class_form, learning
from portal.visits.routes.messages import whatsapp_news
from portal.visits.states import VisitState
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
    own = goes_to_schools(actor())
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
        may_offer=actor().may(Permission.VISIT_APPROVE),
        changes=[] if whole else stories.open_changes(reader(), actor()),
        button=PortalForm(formdata=None),
        requests_for=set(actor().schools_with(Permission.VISIT_REQUEST)),
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
    story = stories.story_of(reader(), found)
    may_approve = who.may(Permission.VISIT_APPROVE)
    over = visit.starts_at <= clock.now()
    return page(
        "visits/show.html",
        status=status,
        found=found,
        visit=visit,
        story=story,
        answers=_answers(found, story, forms),
        moves=visit.open_to(who),
        may_room=who.may(Permission.VISIT_REQUEST, visit.school_id),
        may_approve=may_approve,
        changes_here=None if story.open_change or over else _changes_at(found),
        over=over,
        started=over,
        may_report=visit.social_worker_id == who.user_id and who.may(Permission.REPORT_TRANSCRIBE),
        reason_form=forms.get("reason_form") or ReasonForm(formdata=None),
        delivery=delivery.part(found),
        letters=letters.part(found),
        learning=learning(found, quiz_form),
        sent=request.args.get("terkirim") == "1",
        news=whatsapp_news(found, story.open_change) if may_approve else None,
        note_to_self=_note_to_self(found),
    )


def _changes_at(found: VisitFile) -> str | None:
    """Return the page where its reader changes a session to come."""
    if found.visit.state != VisitState.SCHEDULED:
        return None
    if actor().may(Permission.VISIT_REQUEST, found.visit.school_id):
        return "visits.change_form"
    return "visits.proposal_form" if actor().may(Permission.VISIT_APPROVE) else None


@dataclass(frozen=True)
class Answers:
    """What the reader may do about the change that waits; forms of whoever is to answer."""

    answer_form: AnswerForm | None = None
    keep_form: KeepForm | None = None
    agrees: bool = False
    asked_here: bool = False


def _answers(found: VisitFile, story: Story, forms: dict[str, PortalForm]) -> Answers:
    if story.open_change is None:
        return Answers()
    by_office = story.open_change.change.by_office
    of_school = actor().may(Permission.VISIT_REQUEST, found.visit.school_id)
    of_office = actor().may(Permission.VISIT_APPROVE)
    keep_form = KeepForm.as_sent(forms.get("keep_form"))
    if by_office:
        return Answers(
            keep_form=keep_form if of_school else None, agrees=of_school, asked_here=of_office
        )
    if not of_office:
        return Answers(asked_here=of_school)
    answer_form = AnswerForm.as_sent(forms.get("answer_form"))
    answer_form.offer_workers(slots.load_workers(reader(), clock.today()))
    return Answers(answer_form=answer_form, keep_form=keep_form, asked_here=of_school)


@bp.app_template_global()
def names_of_needs(story: Story, codes: list[str]) -> list[str]:
    """Return what needs are called, in the office's order."""
    language = i18n.language()
    return [need.name(language) for code, need in story.needs.items() if code in codes]


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


@bp.post("/sesi/<public_id:visit_id>/tarik")
@allow(Permission.VISIT_REQUEST)
def withdraw(visit_id: str) -> ResponseReturnValue:
    """Withdraw the own school's request, or cancel its session."""
    return end(visit_id, WithdrawalForm(), deciding.withdraw, i18n.gettext("It is withdrawn."))


@bp.post("/sesi/<public_id:visit_id>/batalkan")
@allow(Permission.VISIT_APPROVE)
def cancel(visit_id: str) -> ResponseReturnValue:
    """Cancel a session from the office's side."""
    return end(visit_id, ReasonForm(), deciding.cancel, i18n.gettext("The session is cancelled."))


@bp.post("/sesi/<public_id:visit_id>/belum-bisa")
@allow(Permission.VISIT_APPROVE)
def decline(visit_id: str) -> ResponseReturnValue:
    """Answer that the session is not possible."""
    done = i18n.gettext("The school can read your answer now.")
    return end(visit_id, ReasonForm(), deciding.decline, done)


def end(
    visit_id: str, form: PortalForm, action: Callable[..., None], done: str
) -> ResponseReturnValue:
    """End a visit, with the reason a form gives."""
    found = find(visit_id)

    def act(session: Session) -> None:
        action(session, actor(), found.visit, form["reason"].data or "")

    return carry_out(visit_id, form, act, done, reason_form=form)


def carry_out(
    visit_id: str, form: PortalForm, act: Callable[[Session], None], done: str, **shown: PortalForm
) -> ResponseReturnValue:
    """Do what a form on a visit's page asks for; where a rule says no, show it there (`shown`)."""
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id))
    return show_page(find(visit_id), status=form.reply_status, **shown)


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


@bp.post("/sesi/<public_id:visit_id>/tes")
@allow(Permission.QUIZ_ROUND)
def ask_class(visit_id: str) -> ResponseReturnValue:
    """Ask a class with a quiz before and after the session."""
    found = find(visit_id)
    if found.visit.state not in TAKES_PLACE:
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
