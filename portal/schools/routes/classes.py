"""The classes of a school: this year's, those of earlier years, naming and changing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.clock import SchoolYear
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools.actions import classes as actions
from portal.schools.actions import moving_up
from portal.schools.forms.classes import ClassesForm, ClassForm, HomeroomsForm, ShownClass
from portal.schools.models import School, SchoolClass
from portal.schools.queries import above
from portal.schools.queries import classes as queries
from portal.schools.routes.blueprint import bp, find_for
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@dataclass(frozen=True)
class ClassesPart:
    """What a school's page says of its classes this year."""

    year: SchoolYear
    number: int
    pupils: int
    without_homeroom: int


def part(school: School) -> ClassesPart | None:
    """Return what a school's page says of its classes; None to whoever may not read them."""
    if not actor().may(Permission.CLASS_READ, school.id):
        return None
    year = SchoolYear.of(clock.today())
    classes = queries.of_year(db(), school, year)
    return ClassesPart(
        year,
        len(classes),
        sum(each.pupil_count or 0 for each in classes),
        sum(queries.waits_for_homeroom(each) for each in classes),
    )


def _classes_page(
    school: School, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    this = SchoolYear.of(clock.today())
    year = SchoolYear.parse(request.args.get("tahun", "")) or this
    classes = queries.of_year(db(), school, year)
    present = classes if year == this else queries.of_year(db(), school, this)
    staff = above.staff_of(db(), school.id)
    kept = queries.years(db(), actor(), school.id)
    return page(
        "schools/classes.html",
        status=status,
        school=school,
        year=year,
        this=this,
        years=[each for each in kept if each != year] if year == this else [this, *kept],
        grades=queries.by_grade(school, classes),
        homerooms={each.id: queries.homeroom_of(each, staff) for each in classes},
        waiting=[each for each in classes if queries.waits_for_homeroom(each)],
        unconfirmed=[each for each in present if each.confirmed_at is None],
        colleagues=list(dict.fromkeys(each.full_name for each in staff)),
        may_move_up=not present and SchoolYear(this.start_year - 1) in kept,
        may_write=year == this and school.active and actor().may(Permission.CLASS_WRITE, school.id),
        add_form=tried if isinstance(tried, ClassesForm) else ClassesForm.of(school),
        homerooms_form=(
            tried if isinstance(tried, HomeroomsForm) else HomeroomsForm.of(classes, staff)
        ),
        button=PortalForm(formdata=None),
        error_form=tried,
    )


@bp.get("/sekolah/<public_id:school_id>/kelas")
@allow(Permission.CLASS_READ)
def classes(school_id: str) -> ResponseReturnValue:
    """Show the classes of a school year, this one's unless the address says another."""
    return _classes_page(find_for(Permission.CLASS_READ, school_id))


def _carry_out(
    school: School, form: PortalForm, act: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    """Do something with the classes of this year, or show what stands against it."""
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(_address(school))
    return _classes_page(school, form, form.reply_status)


def _address(school: School) -> str:
    return url_for("schools.classes", school_id=school.public_id)


@bp.post("/sekolah/<public_id:school_id>/kelas")
@allow(Permission.CLASS_WRITE)
def add_classes(school_id: str) -> ResponseReturnValue:
    """Name many classes at once."""
    school = find_for(Permission.CLASS_WRITE, school_id)
    form = ClassesForm.of(school)

    def act(session: Session) -> None:
        actions.add_classes(session, actor(), school, form.to_command())

    return _carry_out(school, form, act, i18n.gettext("The classes are written down."))


@bp.post("/sekolah/<public_id:school_id>/kelas/wali")
@allow(Permission.CLASS_WRITE)
def name_homerooms(school_id: str) -> ResponseReturnValue:
    """Say who the homeroom teachers are."""
    school = find_for(Permission.CLASS_WRITE, school_id)
    shown = queries.of_year(db(), school, SchoolYear.of(clock.today()))
    staff = above.staff_of(db(), school.id)
    form = HomeroomsForm.of(shown, staff)

    def act(session: Session) -> None:
        actions.name_homerooms(session, actor(), school, form.to_command(shown, staff))

    return _carry_out(school, form, act, i18n.gettext("The homeroom teachers are written down."))


@bp.post("/sekolah/<public_id:school_id>/kelas/benar")
@allow(Permission.CLASS_WRITE)
def confirm_classes(school_id: str) -> ResponseReturnValue:
    """Say that all classes are right as they stand."""
    school = find_for(Permission.CLASS_WRITE, school_id)

    def act(session: Session) -> None:
        actions.confirm_classes(session, actor(), school)

    return _carry_out(school, PortalForm(), act, i18n.gettext("All classes are confirmed."))


@bp.post("/sekolah/<public_id:school_id>/kelas/naik")
@allow(Permission.CLASS_WRITE)
def move_up(school_id: str) -> ResponseReturnValue:
    """Let last year's classes go on into this year now."""
    school = find_for(Permission.CLASS_WRITE, school_id)

    def act(session: Session) -> None:
        moving_up.move_up_by_hand(session, actor(), school)

    return _carry_out(school, PortalForm(), act, i18n.gettext("The classes moved up."))


def _find(school: School, class_id: str) -> SchoolClass:
    found = queries.get_class(db(), actor(), school.id, class_id) or abort(404)
    # Classes of earlier years are history.
    if found.start_year != SchoolYear.of(clock.today()).start_year:
        abort(404)
    return found


def _class_page(
    school: School, held: SchoolClass, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    staff = above.staff_of(db(), school.id)
    shown = ShownClass.of(held, staff)
    form = ClassForm.shown(shown, tried) if tried else ClassForm.showing(shown)
    return page(
        "schools/class.html",
        status=status,
        school=school,
        held=held,
        form=form.offering(school, held.grade),
        colleagues=list(dict.fromkeys(each.full_name for each in staff)),
        button=PortalForm(formdata=None),
        error_form=tried,
    )


@bp.get("/sekolah/<public_id:school_id>/kelas/<public_id:class_id>/ubah")
@allow(Permission.CLASS_WRITE)
def class_form(school_id: str, class_id: str) -> ResponseReturnValue:
    """Show a class for correction."""
    school = find_for(Permission.CLASS_WRITE, school_id)
    return _class_page(school, _find(school, class_id))


@bp.post("/sekolah/<public_id:school_id>/kelas/<public_id:class_id>/ubah")
@allow(Permission.CLASS_WRITE)
def change_class(school_id: str, class_id: str) -> ResponseReturnValue:
    """Correct a class."""
    school = find_for(Permission.CLASS_WRITE, school_id)
    held = _find(school, class_id)
    staff = above.staff_of(db(), school.id)
    form = ClassForm().offering(school, held.grade)

    def act(session: Session) -> None:
        now = ClassForm(formdata=None, obj=ShownClass.of(held, staff))
        form.check_version(held, now.offering(school, held.grade))
        actions.change_class(session, actor(), school, held, form.to_command(staff))

    return _change(school, held, form, act, i18n.gettext("Saved."))


@bp.post("/sekolah/<public_id:school_id>/kelas/<public_id:class_id>/hapus")
@allow(Permission.CLASS_WRITE)
def remove_class(school_id: str, class_id: str) -> ResponseReturnValue:
    """Take a class out that was never there."""
    school = find_for(Permission.CLASS_WRITE, school_id)
    held = _find(school, class_id)

    def act(session: Session) -> None:
        actions.remove_class(session, actor(), school, held)

    return _change(school, held, PortalForm(), act, i18n.gettext("The class is taken out."))


def _change(
    school: School,
    held: SchoolClass,
    form: PortalForm,
    act: Callable[[Session], None],
    done: str,
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(_address(school))
    return _class_page(school, held, form, form.reply_status)
