"""What needs somebody today: the first page of everybody who is signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.clock import SchoolYear
from portal.core.duties import Duty
from portal.home import queries
from portal.home.routes.blueprint import bp
from portal.insight.queries import boards as insight
from portal.notifications.queries.words import act_of, words_of
from portal.notifications.states import Nature
from portal.visits.actions.about import NEWS
from portal.web import navigation
from portal.web.database import office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, person
from portal.web.render import page

SHOWN = 5
SOON = timedelta(days=7)
# Hours at which the greeting changes: morning, midday, afternoon, evening.
MIDDAY, AFTERNOON, EVENING = 11, 15, 18


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
    takers = queries.takers(reader(), shown)
    sees_board = actor().may(Permission.COVERAGE_READ)
    return page(
        "home/index.html",
        part="home/_todo.html",
        greeting=_greeting(moment),
        today=moment,
        duties=[
            {
                "duty": duty,
                "urgency": _urgency(duty, moment),
                "words": words_of(duty.kind, Nature.NEWS, duty.facts),
                "act": act_of(duty.kind),
                "taken_by": takers.get(duty.id),
                "is_news": duty.kind in NEWS,
            }
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
