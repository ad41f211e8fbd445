"""How the office words its letters: editions, the next one, and a look at it beforehand."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions.templates import reword
from portal.visits.forms.letters import LANGUAGE_NAMES, LETTER_NAMES, Standing, WordingForm
from portal.visits.models import LetterKind, LetterTemplate
from portal.visits.policy.letters import FACTS, PARTS, check_wording, fill, paragraphs
from portal.visits.queries import letters as queries
from portal.visits.routes.blueprint import bp
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

_ = i18n.lazy

KINDS = ",".join(LetterKind)
ADDRESS = f"/surat/format/<any({KINDS}):kind>/<any(id,en):tongue>"
# What the names in braces stand for; in a preview these words take their place.
FACT_NAMES: dict[str, Any] = {
    "office": _("name of the office"),
    "school": _("name of the school"),
    "npsn": _("number of the school (NPSN)"),
    "district": _("kecamatan"),
    "programme": _("name of the programme"),
    "topic": _("topic"),
    "day": _("day of the session"),
    "time": _("time of the session"),
    "place": _("room and school"),
    "classes": _("classes"),
    "heads": _("people expected"),
    "workers": _("names of the social workers"),
    "reference": _("request number"),
    "answer": _("the answer to the request"),
    "method": _("how it was held"),
    "girls": _("girls who attended"),
    "boys": _("boys who attended"),
    "adults": _("adults who attended"),
    "total": _("everybody who attended"),
    "report_days": _("A session is recorded within (working days)"),
    "details": _("the list of details (in a paragraph of its own)"),
    "tables": _("the tables (in a paragraph of its own)"),
}


@bp.get("/surat/format")
@allow(Permission.LETTER_FORMAT_WRITE)
def wordings() -> ResponseReturnValue:
    """List the letters with the wording that counts."""
    return page(
        "visits/letter_formats.html",
        in_use=queries.in_use(reader()),
        names=LETTER_NAMES,
        tongues=LANGUAGE_NAMES,
    )


def _newest(kind: str, tongue: str) -> LetterTemplate:
    return queries.wording(reader(), LetterKind(kind), tongue) or abort(404)


def _page(
    kind: str, tongue: str, form: WordingForm, status: int = 200, **more: Any
) -> ResponseReturnValue:
    return page(
        "visits/letter_format.html",
        status=status,
        form=form,
        kind=kind,
        tongue=tongue,
        editions=queries.editions(reader(), LetterKind(kind), tongue),
        letter_name=LETTER_NAMES[LetterKind(kind)],
        tongue_name=LANGUAGE_NAMES[tongue],
        facts=FACT_NAMES,
        **more,
    )


@bp.get(ADDRESS)
@allow(Permission.LETTER_FORMAT_WRITE)
def wording(kind: str, tongue: str) -> ResponseReturnValue:
    """Show a wording for editing; an old edition where one is asked for."""
    newest = _newest(kind, tongue)
    number = request.args.get("edisi", type=int)
    shown = newest
    if number is not None:
        shown = queries.wording(reader(), LetterKind(kind), tongue, number) or abort(404)
    form = WordingForm.showing(Standing.of(shown, newest))
    return _page(kind, tongue, form, from_edition=shown.edition if shown is not newest else None)


@bp.post(ADDRESS)
@allow(Permission.LETTER_FORMAT_WRITE)
def reword_letter(kind: str, tongue: str) -> ResponseReturnValue:
    """Keep a wording as the next edition."""
    form = WordingForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                newest = queries.wording(session, LetterKind(kind), tongue) or abort(404)
                standing = Standing.of(newest, newest)
                form.check_version(standing, WordingForm.showing(standing, formdata=None))
                made = reword(session, actor(), LetterKind(kind), tongue, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            done = i18n.gettext(
                "Edition %(number)s is in use from now on. Letters made out before keep theirs.",
                number=made.edition,
            )
            flash(done, "ok")
            return moved_on(url_for("visits.wordings"))
    return _page(kind, tongue, form, form.reply_status)


@bp.post(f"{ADDRESS}/pratinjau")
@allow(Permission.LETTER_FORMAT_WRITE)
def preview_wording(kind: str, tongue: str) -> ResponseReturnValue:
    """Show how a wording reads, with the names of the facts in their places; nothing is kept."""
    form = WordingForm()
    if form.validate_on_submit():
        words = form.to_command()
        try:
            check_wording(LetterKind(kind), words.subject, words.body)
        except Rejected as problem:
            form.attach(problem)
        else:
            with i18n.in_language(tongue):
                told = {name: f"[{FACT_NAMES[name]}]" for name in (*FACTS, *PARTS)}
                preview = [fill(text, told) for text in (words.subject, *paragraphs(words.body))]
            return _page(kind, tongue, form, preview=preview)
    return _page(kind, tongue, form, form.reply_status)
