"""Schools suggested next: the list with its arithmetic, one-click offers, other decisions."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.insight.actions import suggestions as actions
from portal.insight.exports import coverage as coverage_words
from portal.insight.exports import suggestions as words
from portal.insight.forms.boards import BASIS_SLUGS
from portal.insight.forms.suggestions import DecideForm, OfferForm
from portal.insight.queries import suggestions as queries
from portal.insight.queries.boards import Basis
from portal.insight.queries.scoring import Weights
from portal.insight.queries.suggested_times import FreeTimes
from portal.insight.routes.blueprint import bp
from portal.schools import queries as schools
from portal.schools.models import School
from portal.visits.queries import visits
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, wants_fragment

FIRST_ROWS = 20
MOST_ROWS = 200
# So many have a time ready; further down somebody looks for one on the school's page.
ROWS_WITH_TIME = 10
ON_THE_BOARD = 3


def _basis() -> Basis:
    everybody = request.args.get("dasar") == BASIS_SLUGS[Basis.ALL]
    return Basis.ALL if everybody else Basis.PARTNERS


def _rows(basis: Basis, limit: int) -> dict[str, Any]:
    """Return the first suggestions, those on top with a free time."""
    found = queries.suggested(reader(), actor(), office(), basis, limit)
    writes = _may_offer()
    first = [each.school for each in found[:ROWS_WITH_TIME]]
    return {
        "rows": found,
        "times": FreeTimes(reader(), office()).nearest(first) if writes and first else {},
        "weights": Weights.of(office()),
        "words": words,
        "level_name": coverage_words.level_name,
        "button": PortalForm(formdata=None),
        "writes": writes,
    }


def _may_offer() -> bool:
    return actor().may(Permission.SUGGESTION_WRITE) and actor().may(Permission.VISIT_APPROVE)


@bp.get("/saran")
@allow(Permission.SUGGESTION_READ)
def suggestions() -> ResponseReturnValue:
    """Show which schools to go to next, and why."""
    basis = _basis()
    to_the_end = request.args.get("semua") == "1"
    shown = _rows(basis, MOST_ROWS if to_the_end else FIRST_ROWS)
    full = len(shown["rows"]) >= FIRST_ROWS
    reports = actor().may(Permission.REPORT_FIGURES_INSIDE)
    offered = request.args.get("tawaran")
    return page(
        "insight/suggestions.html",
        **shown,
        basis=BASIS_SLUGS[basis],
        total=queries.count(reader(), actor(), office(), basis) if full else len(shown["rows"]),
        to_the_end=to_the_end,
        put_off=queries.put_off(reader()),
        rules=list(words.rules(shown["weights"], reports=reports)),
        offered=visits.get_visit(reader(), actor(), offered) if offered else None,
    )


@bp.get("/saran/berikutnya")
@allow(Permission.SUGGESTION_READ)
def suggestions_next() -> ResponseReturnValue:
    """Show the first few on the coverage board, which asks for them by itself."""
    if not wants_fragment():
        return moved_on(url_for("insight.suggestions"))
    return page("insight/_suggestion_card.html", **_rows(Basis.PARTNERS, ON_THE_BOARD))


def _find(session: Session, school_id: str) -> School:
    school = schools.get_school(session, actor(), school_id)
    return school if school and school.active else abort(404)


def _show(
    school_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Return the page of one school, with what was just sent on it."""
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        school = _find(reading, school_id)
        times = FreeTimes(reading, office())
        weights = Weights.of(office())
        return page(
            "insight/suggestion.html",
            status=status,
            school=school,
            found=queries.suggestion_of(reading, actor(), office(), school),
            weights=weights,
            words=words,
            level_name=coverage_words.level_name,
            decisions=queries.decisions(reading, school),
            offer_form=OfferForm.among(times.choice(school), tried),
            decide_form=DecideForm.asking(tried),
            tried=tried,
            button=PortalForm(formdata=None),
            writes=actor().may(Permission.SUGGESTION_WRITE),
            may_offer=_may_offer(),
        )


@bp.get("/saran/<public_id:school_id>")
@allow(Permission.SUGGESTION_READ)
def suggestion(school_id: str) -> ResponseReturnValue:
    """Show what speaks for one school, and what was decided about it."""
    return _show(school_id)


@bp.post("/saran/<public_id:school_id>/tawarkan")
@allow(Permission.SUGGESTION_WRITE)
def suggestion_offer(school_id: str) -> ResponseReturnValue:
    """Offer a school a time with one press."""
    form = OfferForm()
    moment = form.moment()
    if form.validate_on_submit() and moment is not None:
        try:
            with transaction(db()) as session:
                visit = actions.offer(session, actor(), _find(session, school_id), moment)
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(url_for("insight.suggestions", tawaran=visit.public_id))
    return _show(school_id, form.reply_status, form)


@bp.post("/saran/<public_id:school_id>/putuskan")
@allow(Permission.SUGGESTION_WRITE)
def suggestion_decide(school_id: str) -> ResponseReturnValue:
    """Put a school first, or put it off until a day."""
    form = DecideForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.decide(session, actor(), _find(session, school_id), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Decided. The order changes at once."), "ok")
            return moved_on(url_for("insight.suggestion", school_id=school_id))
    return _show(school_id, form.reply_status, form)


@bp.post("/saran/<public_id:school_id>/cabut/<public_id:choice_id>")
@allow(Permission.SUGGESTION_WRITE)
def suggestion_free(school_id: str, choice_id: str) -> ResponseReturnValue:
    """Let a decision go."""
    form = PortalForm()
    if form.validate_on_submit():
        with transaction(db()) as session:
            school = _find(session, school_id)
            choice = queries.get_choice(session, school, choice_id) or abort(404)
            actions.free(session, actor(), choice)
        flash(i18n.gettext("The arithmetic counts again."), "ok")
        return moved_on(url_for("insight.suggestion", school_id=school_id))
    return _show(school_id, form.reply_status, form)
