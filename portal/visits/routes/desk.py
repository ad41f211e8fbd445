"""The desk a session is asked for at: one page for a school, and for staff when a school calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import clock
from portal.core.access import Permission
from portal.core.clock import SchoolYear
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools.models import School, SchoolClass
from portal.schools.queries import classes
from portal.visits.actions import booking, callers, series
from portal.visits.forms.booking import OWN_TOPIC, TIMES, BookingForm, CallerForm, Offered
from portal.visits.models import Hold, Programme
from portal.visits.queries import programmes as offer
from portal.visits.queries import slots, visits
from portal.visits.queries.share import Share, shares_of
from portal.visits.queries.slots import Diary, Place, Slot, crew_size
from portal.visits.routes import asked
from portal.visits.routes.times import week_among
from portal.web.database import db, office
from portal.web.guard import actor
from portal.web.render import moved_on, page

ROUND_TO = 10
# What the page sends where another programme was chosen.
ANOTHER_SESSION = "sesi"


@dataclass
class Desk:
    """What the booking page needs: school, programme, calendar and form."""

    offered: Offered
    form: BookingForm
    diary: Diary
    place: Place
    hold: Hold | None
    # By the school years that can be booked: at the end of one, the next has begun already.
    shares: dict[SchoolYear, Share]

    @property
    def school(self) -> School:
        """Return the school the session is for."""
        return self.offered.school

    @property
    def programme(self) -> Programme:
        """Return the programme chosen."""
        return self.offered.programme

    @property
    def calls(self) -> bool:
        """Say whether somebody of the office writes it down for a caller."""
        return isinstance(self.form, CallerForm)

    @property
    def permission(self) -> Permission:
        """Return what one asks by here."""
        return Permission.VISIT_ENTER if self.calls else Permission.VISIT_REQUEST

    @property
    def crew(self) -> int:
        """Return how many social workers come for so many people."""
        return crew_size(self.programme, self.form.heads)

    @property
    def first_day(self) -> date:
        """Return the first day that can be booked."""
        return self.diary.window(self.place)[0]

    @property
    def share(self) -> Share:
        """Return what the school has in the school year on show."""
        moment = self.form.moment()
        day = clock.day_of(moment) if moment else self.first_day
        return self.shares.get(SchoolYear.of(day)) or self.shares[SchoolYear.of(self.first_day)]

    @property
    def shut(self) -> bool:
        """Say whether the school leaves all free times to others now."""
        return not self.calls and all(share.used_up for share in self.shares.values())

    def address(self, step: str) -> str:
        """Return where a step of this desk leads: book_form, book or hold."""
        if not self.calls:
            return url_for(f"visits.{step}")
        endpoint = {"book_form": "enter_form", "book": "enter", "hold": "enter_hold"}[step]
        return url_for(f"visits.{endpoint}", school_id=self.school.public_id)

    @property
    def wish_address(self) -> str:
        """Return where a school proposes another time, which waits until one is free."""
        return url_for(
            "visits.wish_form", sekolah=self.school.public_id, programme=self.programme.code
        )

    @cached_property
    def free(self) -> list[Slot]:
        """Return every free slot that can be booked, in the years it leaves none to others."""
        if self.shut:
            return []
        minutes = self.programme.minutes
        window = self.diary.window(self.place)
        every = self.diary.slots(self.place, minutes, *window, crew=self.crew)
        return [
            slot for slot in every if self.calls or not self.shares[SchoolYear.of(slot.day)].used_up
        ]

    @property
    def chosen(self) -> Slot | None:
        """Return the time chosen, while it is free."""
        moment = self.form.moment()
        return next((slot for slot in self.free if slot.starts_at == moment), None)

    @property
    def held(self) -> Hold | None:
        """Return the hold of the chosen time, as long as the session takes."""
        hold, time = self.hold, self.chosen
        if hold and time and (hold.starts_at, hold.ends_at) == (time.starts_at, time.ends_at):
            return hold
        return None


def open_desk(school: School, kind: type[BookingForm] = BookingForm) -> Desk:
    """Return the desk of a school, with the form as it was sent or filled in already."""
    offered = _offered(school)
    form = kind(formdata=request.form if request.method == "POST" else None)
    form.offer(offered)
    if request.form.get("ganti") == ANOTHER_SESSION:
        _fit(form)
    window = slots.booking_window(office(), offered.programme.notice_working_days)
    years = {SchoolYear.of(day) for day in window}
    desk = Desk(
        offered,
        form,
        _diary(offered),
        Place.of(school, programme=offered.programme),
        visits.current_hold(db(), school.id),
        shares_of(db(), office(), school.id, offered.programme, years),
    )
    if request.method == "GET" and not form.restored:
        _prefill(desk)
    return desk


def _offered(school: School) -> Offered:
    programme, programmes = asked.programme()
    return Offered(
        school,
        programme,
        programmes,
        visits.list_topics(db(), programme.id, school.level),
        classes.of_year(db(), school, SchoolYear.of(clock.today())),
        offer.needs(db()),
    )


def _diary(offered: Offered) -> Diary:
    first, last = slots.booking_window(office(), offered.programme.notice_working_days)
    return slots.load_diary(db(), office(), first, last, without_hold_of=offered.school.id)


def _fit(form: BookingForm) -> None:
    """Keep what was typed as far as the programme just chosen has room for it."""
    if form.topic.data not in {choice.value for choice in form.topic.choices}:
        _first_topic(form)
    most = form.offered.programme.most_people
    if (form.expected_heads.data or 0) > most:
        # What was typed would be shown before what it is now.
        form.expected_heads.data, form.expected_heads.raw_data = most, None


def _first_topic(form: BookingForm) -> None:
    topics = form.offered.topics
    form.topic.data = topics[0].public_id if topics else OWN_TOPIC


def _prefill(desk: Desk) -> None:
    """Propose topic, the next class not yet reached, and about how many people."""
    form, school = desk.form, desk.school
    grade = asked.next_grade(school)
    _first_topic(form)
    form.grades.data = [grade]
    heads = office()["usual_audience"]
    if school.pupil_count:
        heads = max(ROUND_TO, round(school.pupil_count / len(school.grades) / ROUND_TO) * ROUND_TO)
    form.expected_heads.data = min(heads, desk.programme.most_people)
    form.classes.data = _classes_that_fit(desk, grade)
    form.times.data = TIMES[0]
    if desk.hold:
        form.slot.data = desk.hold.starts_at.astimezone(clock.WIB).isoformat()


def _classes_that_fit(desk: Desk, grade: str) -> list[str]:
    """Return the classes of a grade (or else the first), as many as fit one session."""
    every = desk.offered.classes
    chosen: list[SchoolClass] = [each for each in every if each.grade == grade] or [*every[:1]]
    most = desk.programme.most_classes or len(chosen)
    names: list[str] = []
    heads = 0
    for each in chosen[:most]:
        heads += each.pupil_count or 0
        if names and heads > desk.programme.most_people:
            break
        names.append(each.name)
    return names


def booking_page(desk: Desk, *, status: int = 200, nearest: list[Slot] | None = None) -> Response:
    """Show the page as it stands."""
    chosen = desk.chosen
    moment = chosen.starts_at if chosen else None
    reached = visits.reached_grades(db(), desk.school.id, SchoolYear.of(clock.today()))
    return page(
        "visits/book.html",
        part="visits/_book.html",
        status=status,
        shell=False,
        desk=desk,
        form=desk.form,
        chosen=chosen,
        week=week_among(desk.diary, desk.place, desk.free, moment),
        nearest=nearest or [],
        answer_by=booking.answer_by(office(), moment),
        reached=reached,
        topic_titles={choice.value: choice.label for choice in desk.form.topic.choices},
    )


def hold(desk: Desk) -> ResponseReturnValue:
    """Keep the chosen slot for some minutes while the rest is looked over."""
    desk.form.slot.data = request.form.get("pilih") or desk.form.slot.data
    moment = desk.form.moment()
    if moment is None:
        return booking_page(desk, status=422)
    try:
        with transaction(db()) as session:
            desk.hold = booking.hold_slot(
                session,
                actor(),
                desk.school,
                desk.programme,
                moment,
                crew=desk.crew,
                permission=desk.permission,
            )
    except Rejected as problem:
        return _lost_slot(desk, problem, moment)
    return booking_page(desk)


def _lost_slot(desk: Desk, problem: Rejected, moment: datetime) -> ResponseReturnValue:
    """Keep everything that was typed and offer the nearest times instead."""
    desk.form.attach(problem)
    if problem.field != "slot":
        return booking_page(desk, status=422)
    desk = replace(desk, diary=_diary(desk.offered), hold=None)
    nearest = desk.diary.nearest(desk.place, desk.programme.minutes, moment, crew=desk.crew)
    desk.form.slot.data = ""
    return booking_page(desk, status=422, nearest=nearest)


def send(desk: Desk) -> ResponseReturnValue:
    """Send the request; a press on another week or programme only turns the page."""
    if request.form.get("pekan") or request.form.get("ganti"):
        return booking_page(desk)
    form = desk.form
    moment = form.moment()
    if form.validate_on_submit() and moment:
        try:
            return moved_on(_carry_out(desk))
        except Rejected as problem:
            return _lost_slot(desk, problem, moment)
    return booking_page(desk, status=form.reply_status)


def _carry_out(desk: Desk) -> str:
    """Ask for the session, or for the series, and return where that can be read."""
    wanted, rhythm = desk.form.to_command(), desk.form.rhythm()
    with transaction(db()) as session:
        if rhythm:
            made = series.request_series(session, actor(), desk.school, wanted, rhythm)
            callers.tell_of_series(session, made)
            return url_for("visits.series", series_id=made.public_id, terkirim=1)
        visit = booking.request_visit(session, actor(), desk.school, wanted)
        callers.tell_school(session, visit)
        return url_for("visits.show", visit_id=visit.public_id, terkirim=1)
