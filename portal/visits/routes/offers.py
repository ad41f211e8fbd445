"""Offers: the office proposes a time, the school takes it or lets it go."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import queries as schools
from portal.schools.models import School
from portal.visits.actions import lapsing, offering
from portal.visits.forms.booking import OWN_TOPIC
from portal.visits.forms.deciding import ReasonForm
from portal.visits.forms.offers import CounterForm, InviteForm, TurnDownForm
from portal.visits.models import Programme
from portal.visits.queries import slots, visits
from portal.visits.queries.visits import VisitFile
from portal.visits.routes import asked
from portal.visits.routes.blueprint import bp, find
from portal.visits.routes.times import Matter, turning, week_of
from portal.visits.routes.visit import end
from portal.visits.states import VisitState
from portal.web import errors
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _page(found: VisitFile, form: CounterForm, status: int = 200) -> ResponseReturnValue:
    visit = found.visit
    matter = Matter(found.school, found.programme, visit.expected_heads, visit)
    form.offer_workers(slots.load_workers(db(), clock.today()))
    return page(
        "visits/offer.html",
        status=status,
        found=found,
        visit=visit,
        form=form,
        week=week_of(matter, form.moment() or visit.starts_at),
        minutes=matter.minutes,
    )


def _requested(visit_id: str) -> VisitFile:
    found = find(visit_id)
    if found.visit.state != VisitState.REQUESTED:
        abort(404)
    return found


@bp.get("/sesi/<public_id:visit_id>/tawarkan")
@allow(Permission.VISIT_APPROVE)
def counter_form(visit_id: str) -> ResponseReturnValue:
    """Show the times that could be offered instead of the one asked for."""
    return _page(_requested(visit_id), CounterForm(formdata=None))


@bp.post("/sesi/<public_id:visit_id>/tawarkan")
@allow(Permission.VISIT_APPROVE)
def counter(visit_id: str) -> ResponseReturnValue:
    """Offer another time for a request."""
    found = find(visit_id)
    form = CounterForm()
    workers = slots.load_workers(db(), clock.today())
    form.offer_workers(workers)
    if turning():
        return _page(found, form)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                command = form.to_command(workers)
                offering.counter(session, actor(), found.visit, found.school, command)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The offer is sent. The school answers with one press."), "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id))
    return _page(find(visit_id), form, form.reply_status)


def _invited() -> School | None:
    named = request.values.get("sekolah", "")
    return schools.get_school(db(), actor(), named) if named else None


def _invite_form(school: School, programme: Programme, every: list[Programme]) -> InviteForm:
    form = InviteForm(formdata=request.form if request.method == "POST" else None)
    form.offer(school, every, visits.list_topics(db(), programme.id, school.level))
    form.offer_workers(slots.load_workers(db(), clock.today()))
    form.programme.data = programme.code
    if request.method == "GET" and not form.restored:
        asked.fill_in(form, school, programme)
    return form


def _invite_page(
    school: School, programme: Programme, form: InviteForm, status: int = 200
) -> ResponseReturnValue:
    matter = Matter(school, programme, form.expected_heads.data or 0)
    return page(
        "visits/invite.html",
        status=status,
        school=school,
        programme=programme,
        form=form,
        own_topic=OWN_TOPIC,
        week=week_of(matter, form.moment()),
        minutes=matter.minutes,
    )


@bp.get("/sesi/undang")
@allow(Permission.VISIT_APPROVE)
def invite_form() -> ResponseReturnValue:
    """Choose a time for a school that did not ask; without a school, choose the school first."""
    school = _invited()
    if school is None:
        return _whom_page()
    programme, every = asked.programme()
    return _invite_page(school, programme, _invite_form(school, programme, every))


def _whom_page(status: int = HTTPStatus.OK) -> ResponseReturnValue:
    text = request.args.get("cari", "")
    chosen = schools.Filter(text=text)
    found = schools.search(db(), actor(), chosen, clock.today()).rows if text else []
    missing = status == HTTPStatus.UNPROCESSABLE_ENTITY
    return page("visits/invite_whom.html", status=status, text=text, rows=found, missing=missing)


@bp.post("/sesi/undang")
@allow(Permission.VISIT_APPROVE)
def invite() -> ResponseReturnValue:
    """Offer a session to a school."""
    school = _invited()
    if school is None:
        return _whom_page(HTTPStatus.UNPROCESSABLE_ENTITY)
    programme, every = asked.programme()
    form = _invite_form(school, programme, every)
    if turning():
        return _invite_page(school, programme, form)
    if form.validate_on_submit():
        topics = visits.list_topics(db(), programme.id, school.level)
        workers = slots.load_workers(db(), clock.today())
        try:
            with transaction(db()) as session:
                command = form.to_command(programme, topics, workers)
                visit = offering.invite(session, actor(), school, command)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The offer is sent. The school answers with one press."), "ok")
            return moved_on(url_for("visits.show", visit_id=visit.public_id))
    return _invite_page(school, programme, form, form.reply_status)


@bp.post("/sesi/<public_id:visit_id>/terima")
@allow(Permission.VISIT_REQUEST)
def accept(visit_id: str) -> ResponseReturnValue:
    """Take an offer."""
    found = find(visit_id)

    def act(session: Session) -> None:
        offering.accept(session, actor(), found.visit, found.school)

    done = i18n.gettext(
        "The session is set: %(day)s, %(time)s WIB.",
        day=i18n.day_date(found.visit.starts_at),
        time=i18n.clock_time(found.visit.starts_at),
    )
    return press(visit_id, act, done)


@bp.post("/sesi/<public_id:visit_id>/pulihkan")
@allow(Permission.VISIT_APPROVE)
def restore(visit_id: str) -> ResponseReturnValue:
    """Take up again a session that ended before it took place."""
    found = find(visit_id)

    def act(session: Session) -> None:
        lapsing.restore(session, actor(), found.visit, found.school)

    return press(visit_id, act, i18n.gettext("The request waits again. Answer it as before."))


def press(visit_id: str, act: Callable[[Session], Any], done: str) -> ResponseReturnValue:
    """Do what one press asks for, and show the session again with what came of it."""
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(done, "ok")
    return moved_on(url_for("visits.show", visit_id=visit_id))


@bp.post("/sesi/<public_id:visit_id>/lewatkan")
@allow(Permission.VISIT_REQUEST)
def turn_down(visit_id: str) -> ResponseReturnValue:
    """Let an offer go."""
    done = i18n.gettext("The office knows. Choose another time whenever you like.")
    return end(visit_id, TurnDownForm(), offering.turn_down, done)


@bp.post("/sesi/<public_id:visit_id>/tarik-tawaran")
@allow(Permission.VISIT_APPROVE)
def take_back(visit_id: str) -> ResponseReturnValue:
    """Take an offer back."""
    done = i18n.gettext("The offer is taken back; its time is free.")
    return end(visit_id, ReasonForm(), offering.take_back, done)
