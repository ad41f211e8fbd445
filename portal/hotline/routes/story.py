"""Telling: the way in, and one question on each page."""

from __future__ import annotations

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.db import transaction
from portal.hotline.actions import stories as actions
from portal.hotline.forms.labels import EXAMPLES
from portal.hotline.forms.sending import PlainForm
from portal.hotline.forms.steps import FLOWS, FORMS, DetailsForm, PlaceForm, StepForm
from portal.hotline.models import Story
from portal.hotline.queries import stories
from portal.hotline.routes.blueprint import bp, hand_out, token_in
from portal.hotline.routes.showing import COOKIE, change, on_to, page, unsent
from portal.incidents.states import Purpose
from portal.web.database import db, reader
from portal.web.guard import public
from portal.web.storage import store

# Pressed in place of "Go on".
BACK, SKIP = "kembali", "lewati"
# In the address of a question that is changed from the last page.
CHECKING = "periksa"


@bp.get("/cerita")
@public
def entry() -> ResponseReturnValue:
    """Say who reads, what is kept and how to leave, before anything is asked."""
    return page("hotline/entry.html", Story(), form=PlainForm(), unsent=unsent())


@bp.post("/cerita")
@public
def begin() -> ResponseReturnValue:
    """Begin a story, in place of one that was not sent."""
    form = PlainForm()
    if not form.validate_on_submit():
        return page("hotline/entry.html", Story(), status=form.reply_status, form=form)
    with transaction(db()) as session:
        actions.forget_idle(session, store())
        earlier = stories.find_to_change(session, token_in(COOKIE))
        if earlier:
            actions.forget(session, store(), earlier)
        _telling, token = actions.begin(session, _afresh())
    return hand_out(make_response(on_to("hotline.step", number=1)), COOKIE, token)


@bp.get("/cerita/hakmu")
@public
def rights() -> ResponseReturnValue:
    """Say in plain words what a child may expect."""
    return page("hotline/rights.html", Story(), unsent=unsent())


@bp.get("/cerita/<int:number>")
@public
def step(number: int) -> ResponseReturnValue:
    """Ask one question."""
    telling = unsent()
    if telling is None:
        return on_to("hotline.over")
    story = telling.story
    return _step_page(number, story, _form_of(number, story).showing(story))


@bp.post("/cerita/<int:number>")
@public
def answer(number: int) -> ResponseReturnValue:
    """Keep what was answered, or that nothing was, and go on."""
    telling = unsent()
    before = telling.story if telling else _afresh()
    form = _form_of(number, before)()
    _offer_schools(form)
    skipped = SKIP in request.form
    if not skipped and not form.validate_on_submit():
        return _step_page(number, before, form, form.reply_status)
    changed = change(form.skipped_in if skipped else form.added_to, _afresh())
    if changed is None:
        return on_to("hotline.code")
    after, token = changed
    asks_again = isinstance(form, PlaceForm) and not skipped and form.leaves_open(before)
    response = _same_step(number) if asks_again else _next(number, after)
    return hand_out(make_response(response), COOKIE, token)


@bp.get("/cerita/rincian")
@public
def details_form() -> ResponseReturnValue:
    """Offer further questions, which may be left alone."""
    telling = unsent()
    if telling is None:
        return on_to("hotline.over")
    story = telling.story
    return page("hotline/details.html", story, form=DetailsForm.showing(story))


@bp.post("/cerita/rincian")
@public
def details() -> ResponseReturnValue:
    """Keep further details."""
    form = DetailsForm()
    if not form.validate_on_submit():
        telling = unsent()
        story = telling.story if telling else _afresh()
        return page("hotline/details.html", story, status=form.reply_status, form=form)
    changed = change(form.added_to, _afresh())
    if changed is None:
        return on_to("hotline.code")
    return hand_out(make_response(on_to("hotline.check")), COOKIE, changed[1])


@bp.get("/cerita/bantuan")
@public
def help_now() -> ResponseReturnValue:
    """Show whom to call at once, before the story goes on."""
    telling = unsent()
    if telling is None:
        return on_to("hotline.over")
    return page("hotline/help_now.html", telling.story, steps=len(FLOWS[telling.story.purpose]))


def _afresh() -> Story:
    """Return a story without answers, for the purpose that the page just sent was asked for."""
    asks = request.form.get("purpose") == Purpose.CONSULTATION
    return Story(purpose=Purpose.CONSULTATION if asks else Purpose.REPORT)


def _form_of(number: int, story: Story) -> type[StepForm]:
    flow = FLOWS[story.purpose]
    return FORMS[flow[number - 1]] if 0 < number <= len(flow) else abort(404)


def _offer_schools(form: StepForm) -> None:
    if isinstance(form, PlaceForm):
        found = stories.schools_meant(reader(), form.school_typed.data or "")
        form.offer([(row.public_id, f"{row.name}, {row.district_name}") for row in found])


def _step_page(number: int, story: Story, form: StepForm, status: int = 200) -> ResponseReturnValue:
    _offer_schools(form)
    flow = FLOWS[story.purpose]
    return page(
        "hotline/step.html",
        story,
        status=status,
        form=form,
        name=flow[number - 1],
        number=number,
        steps=len(flow),
        action=_address(number),
        examples=EXAMPLES,
    )


def _address(number: int) -> str:
    return url_for("hotline.step", number=number, periksa=1 if CHECKING in request.args else None)


def _same_step(number: int) -> ResponseReturnValue:
    return redirect(f"{_address(number)}#find-school", 303)


def _next(number: int, story: Story) -> ResponseReturnValue:
    """Return where the pressed button leads to."""
    flow = FLOWS[story.purpose]
    checking = CHECKING in request.args
    if BACK in request.form and not checking:
        return on_to("hotline.step", number=number - 1) if number > 1 else on_to("hotline.entry")
    if flow[number - 1] == "safety" and SKIP not in request.form and story.in_danger:
        return on_to("hotline.help_now")
    if checking or number == len(flow):
        return on_to("hotline.check")
    return on_to("hotline.step", number=number + 1)
