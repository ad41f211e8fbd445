"""How tries to reach a school went, and writing one down."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import exports, queries
from portal.schools.actions import contact_log as actions
from portal.schools.forms.contact_log import AttemptForm
from portal.schools.models import About, School
from portal.schools.queries import contact_log
from portal.schools.queries.contact_log import ContactLog
from portal.schools.routes.blueprint import bp, find_for
from portal.web.database import db, office, reader
from portal.web.filters import whatsapp_text
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, whole_address

# What other pages show of it.
FEW = 3


def part(school: School) -> ContactLog | None:
    """Return what a school's page says of tries to reach it; None to whoever may not read that."""
    if not actor().may(Permission.CONTACT_LOG_READ, school.id):
        return None
    return contact_log.log(reader(), actor(), school, FEW)


def _log_page(
    school: School, form: AttemptForm | None = None, status: int = 200
) -> ResponseReturnValue:
    found, about = contact_log.log(reader(), actor(), school), _about(school)
    if form is None:
        form = AttemptForm()
        if not form.restored:
            form.begin(about, found.next)
    return page(
        "schools/contact_log.html",
        status=status,
        school=school,
        log=found,
        form=form,
        words=exports,
        chat=_chat(school, found, about),
        most=contact_log.MOST_SHOWN,
        today=clock.today(),
        may_write=actor().may(Permission.CONTACT_LOG_WRITE, school.id),
    )


def _about(school: School) -> About:
    """Return what a school is most likely to be reached about."""
    today = clock.today()
    mou = queries.current_mou(reader(), school.id, today)
    if mou is None:
        return About.PARTNERSHIP
    ends_soon = mou.valid_until <= today + timedelta(days=office()["mou_notice_days"])
    return About.EXPIRING if ends_soon else About.UNSERVED


def _said(next_on: date | None) -> str:
    if next_on is None:
        return i18n.gettext("It is written down.")
    return i18n.gettext("It is written down. We remind you on %(day)s.", day=i18n.day_date(next_on))


def _chat(school: School, found: ContactLog, about: About) -> str | None:
    """Return the address of a chat with whom the school is reached through, its text ready."""
    if found.main is None or not found.main.phone:
        return None
    facts = {
        "name": found.main.full_name,
        "who": actor().name,
        "office": office()["office_name"],
        "school": school.name,
    }
    # A contact has no account and so no language of its own; the office writes in its own.
    with i18n.in_language(i18n.DEFAULT):
        return whatsapp_text(_ready_text(about, facts), found.main.phone)


def _ready_text(about: About, facts: dict[str, str]) -> str:
    if about == About.PARTNERSHIP:
        return i18n.gettext(
            "Good day %(name)s, this is %(who)s of %(office)s. We would like %(school)s to be our "
            "partner against bullying. Tell us here whom we may call: %(link)s",
            link=whole_address("schools.partnership_form"),
            **facts,
        )
    if about == About.EXPIRING:
        return i18n.gettext(
            "Good day %(name)s, this is %(who)s of %(office)s. The MoU with %(school)s ends soon, "
            "and we would like to carry it on. When may we call you?",
            **facts,
        )
    return i18n.gettext(
        "Good day %(name)s, this is %(who)s of %(office)s. We would like to plan a session against "
        "bullying at %(school)s. Choose a time that suits you here: %(link)s",
        link=whole_address("visits.book_form"),
        **facts,
    )


@bp.get("/sekolah/<public_id:school_id>/upaya")
@allow(Permission.CONTACT_LOG_READ)
def contacts_tried(school_id: str) -> ResponseReturnValue:
    """Show how tries to reach a school went."""
    return _log_page(find_for(Permission.CONTACT_LOG_READ, school_id))


@bp.post("/sekolah/<public_id:school_id>/upaya")
@allow(Permission.CONTACT_LOG_WRITE)
def record_attempt(school_id: str) -> ResponseReturnValue:
    """Write down how a try went."""
    school = find_for(Permission.CONTACT_LOG_WRITE, school_id)
    form = AttemptForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                made = actions.record_attempt(session, actor(), school, form.to_command(office()))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(_said(made.next_on), "ok")
            return moved_on(url_for("schools.contacts_tried", school_id=school_id))
    return _log_page(school, form, form.reply_status)
