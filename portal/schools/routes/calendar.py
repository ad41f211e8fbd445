"""The school calendar, of one school and of all: looking, adding, correcting, taking out."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions, exports
from portal.schools.actions.register import change_week as change_week_days
from portal.schools.forms import CityDaysForm, DaysForm, WeekForm
from portal.schools.models import CalendarEntry, School
from portal.schools.queries import calendar as queries
from portal.schools.routes.blueprint import bp, find, find_for
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _find(school_id: str) -> School:
    school = find(school_id)
    if not actor().may(Permission.CALENDAR_READ, school.id):
        abort(404)
    return school


def _calendar_page(
    school: School | None,
    form: DaysForm,
    status: int = 200,
    week_form: WeekForm | None = None,
) -> ResponseReturnValue:
    entries = queries.entries_for(db(), actor(), school)
    coming, over = queries.outlook(entries, clock.today())
    return page(
        "schools/calendar.html",
        status=status,
        school=school,
        form=form,
        week_form=(week_form or WeekForm.showing(school, formdata=None)) if school else None,
        coming=coming,
        over=over,
        own_days=any(entry.school_id for entry in entries),
        may_write=actor().may(Permission.CALENDAR_WRITE, school.id if school else None),
        may_write_all=actor().may(Permission.CALENDAR_WRITE),
        may_list=actor().may(Permission.SCHOOL_READ),
        words=exports,
    )


@bp.get("/sekolah/<public_id:school_id>/kalender")
@allow(Permission.CALENDAR_READ)
def calendar(school_id: str) -> ResponseReturnValue:
    """Show what holds for a school, its own days and those of all schools."""
    return _calendar_page(_find(school_id), DaysForm())


@bp.post("/sekolah/<public_id:school_id>/kalender")
@allow(Permission.CALENDAR_WRITE)
def add_days(school_id: str) -> ResponseReturnValue:
    """Note days of one school."""
    return _add(_find(school_id), DaysForm())


@bp.post("/sekolah/<public_id:school_id>/pekan")
@allow(Permission.CALENDAR_WRITE)
def change_week(school_id: str) -> ResponseReturnValue:
    """Say on how many days a week a school teaches."""
    school = find_for(Permission.CALENDAR_WRITE, school_id)
    form = WeekForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                form.check_version(school, WeekForm(formdata=None, obj=school))
                change_week_days(session, actor(), school, int(form.week_days.data))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(_address(school))
    return _calendar_page(school, DaysForm(formdata=None), form.reply_status, form)


@bp.get("/kalender")
@allow(Permission.CALENDAR_READ)
def city_calendar() -> ResponseReturnValue:
    """Show what holds for all schools."""
    return _calendar_page(None, CityDaysForm())


@bp.post("/kalender")
@allow(Permission.CALENDAR_WRITE)
def add_city_days() -> ResponseReturnValue:
    """Note days of all schools."""
    return _add(None, CityDaysForm())


def _add(school: School | None, form: DaysForm) -> ResponseReturnValue:
    whose = school.id if school else None
    if not actor().may(Permission.CALENDAR_WRITE, whose):
        abort(403)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.add_days(session, actor(), whose, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The calendar knows these days now."), "ok")
            return moved_on(_address(school))
    return _calendar_page(school, form, form.reply_status)


def _address(school: School | None) -> str:
    if school is None:
        return url_for("schools.city_calendar")
    return url_for("schools.calendar", school_id=school.public_id)


@bp.get("/kalender/<public_id:entry_id>/ubah")
@allow(Permission.CALENDAR_WRITE)
def days_form(entry_id: str) -> ResponseReturnValue:
    """Show days for correction."""
    entry = queries.get_entry(db(), actor(), entry_id) or abort(404)
    return _days_page(entry, _form_of(entry).showing(entry))


@bp.post("/kalender/<public_id:entry_id>/ubah")
@allow(Permission.CALENDAR_WRITE)
def change_days(entry_id: str) -> ResponseReturnValue:
    """Correct days of the calendar."""
    shown = queries.get_entry(db(), actor(), entry_id) or abort(404)
    form = _form_of(shown)()

    def act(session: Session, entry: CalendarEntry) -> None:
        form.check_version(entry, type(form)(formdata=None, obj=entry))
        actions.change_days(session, actor(), entry, form.to_command())

    return _carry_out(shown, form, act, i18n.gettext("Saved."))


@bp.post("/kalender/<public_id:entry_id>/hapus")
@allow(Permission.CALENDAR_WRITE)
def remove_days(entry_id: str) -> ResponseReturnValue:
    """Take days out of the calendar."""
    shown = queries.get_entry(db(), actor(), entry_id) or abort(404)

    def act(session: Session, entry: CalendarEntry) -> None:
        actions.remove_days(session, actor(), entry)

    done = i18n.gettext("These days are out of the calendar.")
    return _carry_out(shown, PortalForm(), act, done)


def _form_of(entry: CalendarEntry) -> type[DaysForm]:
    return DaysForm if entry.school_id else CityDaysForm


def _carry_out(
    shown: CalendarEntry,
    form: PortalForm,
    act: Callable[[Session, CalendarEntry], None],
    done: str,
) -> ResponseReturnValue:
    """Do something with days and go back to their calendar, or show what stands against it."""
    where = _address(queries.school_of(db(), shown))
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                entry = queries.get_entry(session, actor(), shown.public_id) or abort(404)
                act(session, entry)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(where)
    return _days_page(shown, form, form.reply_status)


def _days_page(entry: CalendarEntry, tried: PortalForm, status: int = 200) -> ResponseReturnValue:
    form = tried if isinstance(tried, DaysForm) else _form_of(entry).showing(entry, formdata=None)
    school = queries.school_of(db(), entry)
    return page(
        "schools/calendar_days.html",
        status=status,
        entry=entry,
        school=school,
        form=form,
        removal=PortalForm(formdata=None),
        back=_address(school),
        words=exports,
    )
