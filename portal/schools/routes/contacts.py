"""Whom the office speaks to at a school, and the school's focal team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission, Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools.actions import contacts as actions
from portal.schools.forms.contacts import ContactForm, EndContactForm
from portal.schools.models import School, SchoolContact
from portal.schools.queries import above
from portal.schools.queries import contacts as queries
from portal.schools.queries.above import Colleague
from portal.schools.routes.blueprint import bp, find_for
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@dataclass(frozen=True)
class ContactsPart:
    """What a school's page says of whom it is reached through."""

    main: SchoolContact | None
    number: int
    team: int


def part(school: School) -> ContactsPart | None:
    """Return what a school's page says of contacts; None to whoever may not read them."""
    if not actor().may(Permission.SCHOOL_CONTACTS_READ, school.id):
        return None
    present = queries.present(db(), actor(), school.id)
    team = {each.user_id for each in _focal_team(school)}
    return ContactsPart(present[0] if present else None, len(present), len(team))


def _focal_team(school: School) -> list[Colleague]:
    staff = above.staff_of(db(), school.id)
    return [each for each in staff if each.role is Role.FOCAL_TEAM]


def _contacts_page(
    school: School, form: ContactForm | None = None, status: int = 200
) -> ResponseReturnValue:
    present = queries.present(db(), actor(), school.id)
    return page(
        "schools/contacts.html",
        status=status,
        school=school,
        form=form or ContactForm(),
        contacts=present,
        past=queries.past(db(), actor(), school.id),
        team=_focal_team(school),
        focal_team=Role.FOCAL_TEAM,
        may_write=school.active and actor().may(Permission.SCHOOL_CONTACTS_WRITE, school.id),
        may_invite=school.active and actor().may(Permission.INVITE_SCHOOL_STAFF, school.id),
    )


@bp.get("/sekolah/<public_id:school_id>/kontak")
@allow(Permission.SCHOOL_CONTACTS_READ)
def contacts(school_id: str) -> ResponseReturnValue:
    """Show whom a school is reached through, and its focal team."""
    return _contacts_page(find_for(Permission.SCHOOL_CONTACTS_READ, school_id))


@bp.post("/sekolah/<public_id:school_id>/kontak")
@allow(Permission.SCHOOL_CONTACTS_WRITE)
def add_contact(school_id: str) -> ResponseReturnValue:
    """Write down somebody who can be reached."""
    school = find_for(Permission.SCHOOL_CONTACTS_WRITE, school_id)
    form = ContactForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.add_contact(session, actor(), school, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The contact is written down."), "ok")
            return moved_on(_address(school))
    return _contacts_page(school, form, form.reply_status)


def _address(school: School) -> str:
    return url_for("schools.contacts", school_id=school.public_id)


def _find(school: School, contact_id: str) -> SchoolContact:
    return queries.get_contact(db(), actor(), school.id, contact_id) or abort(404)


def _contact_page(
    school: School, contact: SchoolContact, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "schools/contact.html",
        status=status,
        school=school,
        contact=contact,
        form=ContactForm.shown(contact, tried) if tried else ContactForm.showing(contact),
        end_form=EndContactForm.as_sent(tried),
        error_form=tried,
    )


@bp.get("/sekolah/<public_id:school_id>/kontak/<public_id:contact_id>/ubah")
@allow(Permission.SCHOOL_CONTACTS_WRITE)
def contact_form(school_id: str, contact_id: str) -> ResponseReturnValue:
    """Show how somebody is reached, for correction."""
    school = find_for(Permission.SCHOOL_CONTACTS_WRITE, school_id)
    return _contact_page(school, _find(school, contact_id))


@bp.post("/sekolah/<public_id:school_id>/kontak/<public_id:contact_id>/ubah")
@allow(Permission.SCHOOL_CONTACTS_WRITE)
def change_contact(school_id: str, contact_id: str) -> ResponseReturnValue:
    """Correct how somebody is reached."""
    form = ContactForm()

    def act(session: Session, school: School, contact: SchoolContact) -> None:
        form.check_version(contact, ContactForm(formdata=None, obj=contact))
        actions.change_contact(session, actor(), school, contact, form.to_command())

    return _carry_out(school_id, contact_id, form, act, i18n.gettext("Saved."))


@bp.post("/sekolah/<public_id:school_id>/kontak/<public_id:contact_id>/akhiri")
@allow(Permission.SCHOOL_CONTACTS_WRITE)
def end_contact(school_id: str, contact_id: str) -> ResponseReturnValue:
    """Note since when somebody is reached there no longer."""
    form = EndContactForm()

    def act(session: Session, school: School, contact: SchoolContact) -> None:
        actions.end_contact(session, actor(), school, contact, form.ended_on.data)

    done = i18n.gettext("The contact is among the earlier ones now.")
    return _carry_out(school_id, contact_id, form, act, done)


def _carry_out(
    school_id: str,
    contact_id: str,
    form: PortalForm,
    act: Callable[[Session, School, SchoolContact], None],
    done: str,
) -> ResponseReturnValue:
    """Do something with a contact and go back to the list, or show what stands against it."""
    school = find_for(Permission.SCHOOL_CONTACTS_WRITE, school_id)
    contact = _find(school, contact_id)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session, school, contact)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(_address(school))
    return _contact_page(school, contact, form, form.reply_status)
