"""Sending: a last look, the code, and whether one wants to be reached."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.core import codes, i18n, limits
from portal.core.db import transaction
from portal.core.limits import Rule
from portal.hotline.actions import stories as actions
from portal.hotline.actions.contact import leave_contact
from portal.hotline.forms.labels import said
from portal.hotline.forms.sending import ContactForm, PlainForm, SendForm
from portal.hotline.forms.steps import (
    FLOWS,
    FORMS,
    DetailsForm,
    PlaceForm,
    StepForm,
    WordsForm,
)
from portal.hotline.models import Story, Telling
from portal.hotline.queries import sent, stories
from portal.hotline.routes.blueprint import bp, token_in
from portal.hotline.routes.showing import COOKIE, current, on_to, page, passing, unsent
from portal.incidents.actions.receiving import new_tracking_code
from portal.incidents.policy import judge
from portal.incidents.states import Urgency
from portal.web import throttle
from portal.web.database import database, db, office, reader
from portal.web.guard import public


class Said(NamedTuple):
    """One line of what is about to be sent, and where to change it."""

    label: Any
    text: str
    address: str


@bp.get("/cerita/periksa")
@public
def check() -> ResponseReturnValue:
    """Show everything once more before it is sent."""
    telling = unsent()
    if telling is None:
        return on_to("hotline.over" if current() is None else "hotline.code")
    return _check_page(telling, SendForm())


@bp.post("/cerita/kirim")
@public
def send() -> ResponseReturnValue:
    """Hand the story to the office; pressed twice, it is still sent once."""
    telling = current()
    if telling is None:
        return on_to("hotline.over")
    if telling.report_id is not None:
        return on_to("hotline.code")
    form = SendForm()
    if not form.validate_on_submit():
        return _check_page(telling, form, form.reply_status)
    if not telling.story.says_something:
        return _check_page(telling, form, 422, empty=True)
    quarantined = form.by_program or _too_many(telling.story)
    # Takes the time of a slow hash, and so comes before the write lock.
    code = new_tracking_code()
    with transaction(db()) as session:
        found = stories.find_to_change(session, token_in(COOKIE))
        if found is not None:
            actions.send(session, found, code, quarantined=quarantined)
    return on_to("hotline.over" if found is None else "hotline.code")


@bp.get("/cerita/kode")
@public
def code() -> ResponseReturnValue:
    """Show the code until its owner goes on; then nobody can show it again."""
    telling = current()
    if telling is None or telling.report_id is None or telling.code is None:
        return on_to("hotline.reply_form")
    return _code_page(telling, PlainForm())


@bp.post("/cerita/kode")
@public
def code_noted() -> ResponseReturnValue:
    """Forget the code, since its owner has it, and go on."""
    form = PlainForm()
    telling = current()
    if telling and telling.code and not form.validate_on_submit():
        return _code_page(telling, form, form.reply_status)
    with transaction(db()) as session:
        found = stories.find_to_change(session, token_in(COOKIE))
        if found is None or found.report_id is None:
            return on_to("hotline.over")
        actions.forget_code(found)
    return on_to("hotline.contact_form")


@bp.get("/cerita/hubungi")
@public
def contact_form() -> ResponseReturnValue:
    """Offer to be reached outside these pages, which nobody has to want."""
    telling = current()
    if telling is None or telling.report_id is None:
        return on_to("hotline.over")
    return page("hotline/contact.html", telling.story, form=ContactForm())


@bp.post("/cerita/hubungi")
@public
def contact() -> ResponseReturnValue:
    """Keep how to reach the reporter, for the office alone."""
    form = ContactForm()
    telling = current()
    if telling is None or telling.report_id is None:
        return on_to("hotline.over")
    if not form.validate_on_submit():
        return page("hotline/contact.html", telling.story, status=form.reply_status, form=form)
    way, time = form.way.data or "", form.time.data or ""
    if way or time:
        with transaction(db()) as session:
            leave_contact(session, telling, way, time)
    return on_to("hotline.done")


@bp.get("/cerita/selesai")
@public
def done() -> ResponseReturnValue:
    """Say that all is done, and how to come back."""
    telling = current()
    if telling is None or telling.report_id is None:
        return on_to("hotline.over")
    return passing(page("hotline/done.html", telling.story))


def _check_page(
    telling: Telling, form: SendForm, status: int = 200, **more: object
) -> ResponseReturnValue:
    story = telling.story
    shown = {"form": form, "said": _everything_said(story), "files": len(story.files), **more}
    last = len(FLOWS[story.purpose])
    return passing(page("hotline/check.html", story, status=status, last=last, **shown))


def _code_page(telling: Telling, form: PlainForm, status: int = 200) -> ResponseReturnValue:
    groups = codes.in_groups(telling.code or "").split("-")
    found = sent.times_of(reader(), telling)
    times = found and {
        "arrived": i18n.day_and_time(found.received_at),
        "read": i18n.day_and_time(found.read_until),
    }
    return passing(
        page(
            "hotline/code.html",
            telling.story,
            status=status,
            form=form,
            groups=groups,
            times=times,
        )
    )


def _everything_said(story: Story) -> list[Said]:
    """Return what was said, line by line; details only where there are any."""
    lines = []
    for number, name in enumerate(FLOWS[story.purpose], 1):
        address = url_for("hotline.step", number=number, periksa=1)
        form = FORMS[name](formdata=None)
        lines += _answers(story, form, address)
        if isinstance(form, PlaceForm):
            school = stories.school_of(reader(), story)
            meant = school.name if school else story.school_typed
            lines.append(Said(form.school_typed.label.text, meant, address))
        elif isinstance(form, WordsForm):
            lines.append(Said(form.words.label.text, story.words, address))
    further, address = DetailsForm(formdata=None), url_for("hotline.details_form")
    more = [
        *_answers(story, further, address),
        Said(further.person.label.text, story.person, address),
    ]
    return [*lines, *(line for line in more if line.text)]


def _answers(story: Story, form: StepForm, address: str) -> list[Said]:
    return [
        Said(form[question].label.text, said(question, story.answers.get(question, ())), address)
        for question in form.questions
    ]


def _too_many(story: Story) -> bool:
    """Count a report; say whether more came within the hour than people would send.

    Those of one network first, so that a flood from there does not use up what the city may send. A
    flood from elsewhere does not set apart what says that somebody is in danger now.
    """
    network = throttle.network()
    near = Rule("story_network", f"{office()['reports_per_hour_network']}/hour")
    city = Rule("story_city", f"{office()['reports_per_hour_city']}/hour")
    if network is not None and limits.try_once(database(), near, network) is not None:
        return True
    flooded = limits.try_once(database(), city, "city") is not None
    return flooded and judge(story.answers).urgency is not Urgency.SAME_HOUR
