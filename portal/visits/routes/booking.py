"""The school's side: choosing a time, sending the request, and the visit's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.clock import SchoolYear
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools.models import School
from portal.visits.actions import booking
from portal.visits.forms.booking import OWN_TOPIC, BookingForm
from portal.visits.models import Hold, Programme, Topic
from portal.visits.queries import slots, visits
from portal.visits.queries.slots import Diary, Place, Slot
from portal.visits.routes.blueprint import bp
from portal.web.database import db, office
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

ROUND_TO = 10


@dataclass(frozen=True)
class Day:
    """One day of the week on show."""

    day: date
    slots: list[Slot]
    holiday: str | None


@dataclass
class Desk:
    """What the booking page needs: school, programme, calendar and form."""

    school: School
    programme: Programme
    programmes: list[Programme]
    topics: list[Topic]
    form: BookingForm
    diary: Diary
    place: Place
    hold: Hold | None

    @property
    def topic_ids(self) -> dict[str, UUID]:
        """Return topics by public id."""
        return {topic.public_id: topic.id for topic in self.topics}


def _school() -> School:
    """Return the school this actor books for; the first one, or the one asked for."""
    asked = request.values.get("sekolah")
    mine = (
        db().get_one(School, school_id)
        for school_id in actor().schools_with(Permission.VISIT_REQUEST)
    )
    return next((each for each in mine if asked in {None, "", each.public_id}), None) or abort(404)


def _desk() -> Desk:
    school = _school()
    programmes = visits.list_programmes(db())
    wanted = request.values.get("programme")
    programme = next((each for each in programmes if each.code == wanted), programmes[0])
    topics = visits.list_topics(db(), programme.id, school.level)
    form = BookingForm(formdata=request.form if request.method == "POST" else None)
    form.offer(topics, school.grades)
    first, last = slots.booking_window(office())
    diary = slots.load_diary(db(), office(), first, last, without_hold_of=school.id)
    hold = visits.current_hold(db(), school.id)
    desk = Desk(school, programme, programmes, topics, form, diary, Place.of(school), hold)
    if request.method == "GET" and not form.restored:
        _prefill(desk)
    return desk


def _prefill(desk: Desk) -> None:
    """Propose topic, the next class not yet reached, and about how many people."""
    form, school = desk.form, desk.school
    reached = visits.reached_grades(db(), school.id, SchoolYear.of(clock.today()))
    missing = [grade for grade in school.grades if grade not in reached]
    form.programme.data = desk.programme.code
    form.topic.data = desk.topics[0].public_id if desk.topics else OWN_TOPIC
    form.grades.data = [missing[0] if missing else school.grades[0]]
    heads = office()["usual_audience"]
    if school.pupil_count:
        heads = max(ROUND_TO, round(school.pupil_count / len(school.grades) / ROUND_TO) * ROUND_TO)
    form.expected_heads.data = min(heads, desk.programme.most_people)
    if desk.hold:
        form.slot.data = desk.hold.starts_at.astimezone(clock.WIB).isoformat()


def _week(desk: Desk) -> dict[str, Any]:
    """Return the week on show, by default the first with a free slot."""
    first, last = slots.booking_window(office())
    every = list(desk.diary.slots(desk.place, desk.programme.minutes, first, last))
    moment = desk.form.moment()
    monday = _asked_monday(first, last) or (
        clock.monday_of(moment.astimezone(clock.WIB).date())
        if moment
        else clock.monday_of(every[0].day if every else first)
    )
    by_day = {day: list(group) for day, group in groupby(every, key=lambda slot: slot.day)}
    days = [
        Day(day, by_day.get(day, []), clock.holiday_name(day, i18n.language()))
        for day in clock.days_of_week(monday, desk.school.week_days)
    ]
    later = next((slot.day for slot in every if slot.day > days[-1].day), None)
    return {
        "monday": monday,
        "days": days,
        "free": sum(len(day.slots) for day in days),
        "previous_week": monday - timedelta(weeks=1) if monday > clock.monday_of(first) else None,
        "next_week": monday + timedelta(weeks=1) if monday < clock.monday_of(last) else None,
        "next_free_week": clock.monday_of(later) if later else None,
    }


def _asked_monday(first: date, last: date) -> date | None:
    """Return the Monday of the week asked for, within the days that can be booked."""
    try:
        asked = date.fromisoformat(request.values.get("pekan", ""))
    except ValueError:
        return None
    return clock.monday_of(min(max(asked, first), last))


def _booking_page(desk: Desk, *, status: int = 200, nearest: list[Slot] | None = None) -> Response:
    moment = desk.form.moment()
    hold = desk.hold if desk.hold and moment and desk.hold.starts_at == moment else None
    answer_by = clock.add_working_days(clock.today(), office()["answer_working_days"])
    reached = visits.reached_grades(db(), desk.school.id, SchoolYear.of(clock.today()))
    return page(
        "visits/book.html",
        part="visits/_book.html",
        status=status,
        shell=False,
        desk=desk,
        form=desk.form,
        moment=moment,
        ends_at=moment + timedelta(minutes=desk.programme.minutes) if moment else None,
        hold=hold,
        nearest=nearest or [],
        answer_by=answer_by,
        reached=reached,
        topic_titles={choice.value: choice.label for choice in desk.form.topic.choices},
        **_week(desk),
    )


@bp.get("/sesi/baru")
@allow(Permission.VISIT_REQUEST)
def book_form() -> ResponseReturnValue:
    """Show the free times, with everything else filled in."""
    return _booking_page(_desk())


@bp.post("/sesi/baru/tahan")
@allow(Permission.VISIT_REQUEST)
def hold() -> ResponseReturnValue:
    """Keep the chosen slot for some minutes while the rest is looked over."""
    desk = _desk()
    desk.form.slot.data = request.form.get("pilih") or desk.form.slot.data
    moment = desk.form.moment()
    if moment is None:
        return _booking_page(desk, status=422)
    try:
        with transaction(db()) as session:
            desk.hold = booking.hold_slot(session, actor(), desk.school, desk.programme, moment)
    except Rejected as problem:
        return _lost_slot(desk, problem, moment)
    return _booking_page(desk)


def _lost_slot(desk: Desk, problem: Rejected, moment: datetime) -> ResponseReturnValue:
    """Keep everything that was typed and offer the nearest times instead."""
    desk.form.attach(problem)
    if problem.field != "slot":
        return _booking_page(desk, status=422)
    first, last = slots.booking_window(office())
    desk.diary = slots.load_diary(db(), office(), first, last, without_hold_of=desk.school.id)
    desk.hold = None
    nearest = desk.diary.nearest(desk.place, desk.programme.minutes, moment)
    desk.form.slot.data = ""
    return _booking_page(desk, status=422, nearest=nearest)


@bp.post("/sesi/baru")
@allow(Permission.VISIT_REQUEST)
def book() -> ResponseReturnValue:
    """Send the request; a press on another week only turns the page."""
    desk = _desk()
    if request.form.get("pekan"):
        return _booking_page(desk)
    form = desk.form
    moment = form.moment()
    if form.validate_on_submit() and moment:
        try:
            with transaction(db()) as session:
                command = form.to_command(desk.programme, desk.topic_ids)
                visit = booking.request_visit(session, actor(), desk.school, command)
        except Rejected as problem:
            return _lost_slot(desk, problem, moment)
        return moved_on(url_for("visits.show", visit_id=visit.public_id, terkirim=1))
    return _booking_page(desk, status=form.reply_status)
