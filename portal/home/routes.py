"""The first pages: public, signed in, privacy, about, health, settings."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import __version__
from portal.core import clock, i18n, settings
from portal.core.access import Permission
from portal.core.clock import SchoolYear
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.home import queries
from portal.home.forms import GROUPS, Edition, SettingsForm
from portal.insight.queries import boards as insight
from portal.web import guard, navigation
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, person, public
from portal.web.render import moved_on, page

bp = Blueprint("home", __name__)
blueprints = (bp,)

SHOWN = 5
SOON = timedelta(days=7)
# Hours at which the greeting changes: morning, midday, afternoon, evening.
MIDDAY, AFTERNOON, EVENING = 11, 15, 18


@bp.get("/")
@public
def landing() -> ResponseReturnValue:
    """Welcome whoever comes first time."""
    if guard.signed_in():
        return redirect(url_for("home.index"), 303)
    return page("home/landing.html")


def _greeting(moment: datetime) -> str:
    hour = moment.astimezone(clock.WIB).hour
    name = person().called
    if hour < MIDDAY:
        return i18n.gettext("Good morning, %(name)s", name=name)
    if hour < AFTERNOON:
        return i18n.pgettext("midday", "Good day, %(name)s", name=name)
    if hour < EVENING:
        return i18n.gettext("Good afternoon, %(name)s", name=name)
    return i18n.gettext("Good evening, %(name)s", name=name)


def _urgency(duty: Duty, moment: datetime) -> str:
    if duty.due_at < moment:
        return "overdue"
    return "soon" if duty.due_at - moment <= SOON else "later"


@bp.get("/beranda")
@allow(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show what needs this person today."""
    moment = clock.now()
    waiting = navigation.waiting()
    shown = waiting if request.args.get("semua") == "1" else waiting[:SHOWN]
    sees_board = actor().may(Permission.COVERAGE_READ)
    return page(
        "home/index.html",
        part="home/_todo.html",
        greeting=_greeting(moment),
        today=moment,
        duties=[
            {"duty": duty, "urgency": _urgency(duty, moment), "when": _moments(duty)}
            for duty in shown
        ],
        total=len(waiting),
        present=moment,
        desk=queries.school_desk(reader(), office(), actor()),
        coverage=_coverage() if sees_board else None,
        setup=queries.setup(reader(), office()) if actor().may(Permission.SETTINGS_WRITE) else None,
        own_visit=queries.own_next_visit(reader(), actor()),
        may_request=actor().may_somewhere(Permission.VISIT_REQUEST),
        year=SchoolYear.of(clock.today()),
        button=PortalForm(formdata=None),
    )


def _coverage() -> insight.Board:
    today = clock.today()
    return insight.board(reader(), insight.Scope(SchoolYear.of(today), insight.Basis.ALL, today))


def _moments(duty: Duty) -> dict[str, datetime]:
    return {
        name: datetime.fromisoformat(value)
        for name, value in duty.facts.items()
        if name in {"starts_at", "ends_at"}
    }


@bp.get("/privasi")
@public
def privacy() -> ResponseReturnValue:
    """Say what is kept, why, and who reads it."""
    return page("home/privacy.html")


@bp.get("/tentang")
@public
def about() -> ResponseReturnValue:
    """Say what this is and where help is."""
    return page(
        "home/about.html",
        version=__version__,
        checked=date.fromisoformat(office()["help_checked_on"]),
    )


@bp.get("/sehat")
@public
def alive() -> ResponseReturnValue:
    """Tell a watcher that the process lives and its database answers."""
    queries.alive(reader())
    return {"status": "ok", "version": __version__}


@bp.get("/pengaturan")
@allow(Permission.SETTINGS_WRITE)
def settings_form() -> ResponseReturnValue:
    """Show the office's settings."""
    form = SettingsForm.showing(Edition.of(office()))
    return page("home/settings.html", form=form, groups=GROUPS, registry=settings.REGISTRY)


@bp.post("/pengaturan")
@allow(Permission.SETTINGS_WRITE)
def change_settings() -> ResponseReturnValue:
    """Change the office's settings, all or none."""
    form = SettingsForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                present = Edition.of(settings.read(session))
                form.check_version(present, SettingsForm.showing(present, formdata=None))
                for name, value in form.to_command().items():
                    settings.write(session, actor(), name, value)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("home.settings_form"))
    return page(
        "home/settings.html",
        status=form.reply_status,
        form=form,
        groups=GROUPS,
        registry=settings.REGISTRY,
    )
