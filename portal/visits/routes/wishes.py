"""The waiting list: a school's wishes, and the free times that fit them."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools.models import School
from portal.visits.actions import wishing
from portal.visits.forms.booking import moment_of
from portal.visits.forms.wishes import WishForm, clock_time_of
from portal.visits.models import Programme, Topic
from portal.visits.queries import slots, visits
from portal.visits.queries import wishes as queries
from portal.visits.routes import asked
from portal.visits.routes.blueprint import bp
from portal.visits.states import WishState
from portal.web import errors
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _form(school: School, programme: Programme, topics: list[Topic]) -> WishForm:
    form = WishForm(formdata=request.form if request.method == "POST" else None)
    form.offer(school, topics, slots.every_start(office()))
    if request.method == "GET" and not form.restored:
        first, last = slots.booking_window(office(), programme.notice_working_days)
        form.earliest_on.data = first
        form.latest_on.data = min(first + timedelta(weeks=4), last)
        asked.fill_in(form, school, programme)
    return form


@bp.get("/sesi/baru/usulkan")
@allow(Permission.VISIT_REQUEST)
def wish_form() -> ResponseReturnValue:
    """Ask a school when a session would suit, where no free time does."""
    return _wish_page(asked.own_school())


def _wish_page(
    school: School, form: WishForm | None = None, status: int = 200
) -> ResponseReturnValue:
    programme, every = asked.programme()
    topics = visits.list_topics(db(), programme.id, school.level)
    return page(
        "visits/wish.html",
        status=status,
        school=school,
        programme=programme,
        programmes=every,
        form=form or _form(school, programme, topics),
    )


@bp.post("/sesi/baru/usulkan")
@allow(Permission.VISIT_REQUEST)
def wish() -> ResponseReturnValue:
    """Put the school on the waiting list."""
    school = asked.own_school()
    programme, _every = asked.programme()
    topics = visits.list_topics(db(), programme.id, school.level)
    form = _form(school, programme, topics)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                wishing.wish(session, actor(), school, form.to_command(programme, topics))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(
                i18n.gettext(
                    "You are on the waiting list. As soon as a time that suits is free, we offer "
                    "it to you."
                ),
                "ok",
            )
            return moved_on(url_for("visits.wishes"))
    return _wish_page(school, form, form.reply_status)


@bp.get("/sesi/harapan")
@allow(Permission.VISIT_READ)
def wishes() -> ResponseReturnValue:
    """Show who waits for a time; to the office with the free times that fit."""
    found = queries.open_wishes(reader(), actor())
    offers = actor().may(Permission.VISIT_APPROVE)
    waiting = [each for each in found if each.wish.state == WishState.WAITING]
    return page(
        "visits/wishes.html",
        rows=found,
        fitting=queries.fitting(reader(), office(), waiting) if offers else {},
        offers=offers,
        mine=set(actor().schools_with(Permission.VISIT_REQUEST)),
        button=PortalForm(formdata=None),
        by_itself=bool(office()["offer_freed_slots"]),
    )


@bp.post("/sesi/harapan/<public_id:wish_id>/tarik")
@allow(Permission.VISIT_REQUEST)
def withdraw_wish(wish_id: str) -> ResponseReturnValue:
    """Take a wish off the waiting list."""
    found = queries.get_wish(db(), actor(), wish_id) or abort(404)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                wishing.withdraw(session, actor(), found)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("Taken off the waiting list."), "ok")
    return moved_on(url_for("visits.wishes"))


@bp.post("/sesi/harapan/<public_id:wish_id>/tawarkan")
@allow(Permission.VISIT_APPROVE)
def offer_wish(wish_id: str) -> ResponseReturnValue:
    """Offer one of the free times to a school that waits."""
    found = queries.get_wish(db(), actor(), wish_id) or abort(404)
    moment = moment_of(request.form.get("slot", ""))
    if moment and PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                visit = wishing.offer(session, actor(), found, moment)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            flash(i18n.gettext("The offer is sent. The school answers with one press."), "ok")
            return moved_on(url_for("visits.show", visit_id=visit.public_id))
    return moved_on(url_for("visits.wishes"))


@bp.app_template_global()
def weekdays_of(numbers: list[int]) -> list[str]:
    """Return what days of the week are called (0 = Monday)."""
    monday = clock.monday_of(clock.today())
    return [i18n.weekday(monday + timedelta(days=number)) for number in sorted(numbers)]


@bp.app_template_global()
def clock_times_of(starts: list[str]) -> list[str]:
    """Return starts ("08:00") as people here read them."""
    return [clock_time_of(each) for each in starts]
