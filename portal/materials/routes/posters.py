"""Posters to print and cards to pass on, of every published material."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields import SelectChoice

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.errors import Rejected
from portal.core.files import PDF, PNG
from portal.core.limits import define
from portal.documents.card import ShareCard, card_png
from portal.documents.pdf import Paper, Placard, placard_pdf
from portal.materials.exports import posters
from portal.materials.forms.posters import PosterForm
from portal.materials.policy.content import LANGUAGES
from portal.materials.queries import library
from portal.materials.queries.library import Shown
from portal.materials.routes.addresses import leading_to
from portal.materials.routes.blueprint import bp, for_everybody
from portal.schools import policy as schools_policy
from portal.schools import queries as schools
from portal.web import throttle
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, public, signed_in
from portal.web.render import page

# What is drawn anew, from one network: a school that prints all of a shelf waits a minute or two.
DRAWN = define("material_drawing", "20/minute")
# Posters and cards kept in memory, of some 50 KB each.
MOST_KEPT = 128


@bp.get("/materi/<slug>/poster")
@public
def poster(slug: str) -> ResponseReturnValue:
    """Offer the poster in two sizes and languages, and the card."""
    shown = _shown(slug)
    return page(
        "materials/poster.html",
        shown=shown,
        form=_form(),
        address=leading_to(shown.material, "poster"),
    )


@bp.get("/materi/<slug>/poster.pdf")
@public
def poster_pdf(slug: str) -> ResponseReturnValue:
    """Hand over the poster; a choice that is not offered falls back to the first one."""
    shown, form = _shown(slug), _form()
    language, paper = _chosen(form.bahasa_poster).value, Paper(_chosen(form.ukuran).value)
    school = _chosen(form.sekolah)
    with i18n.in_language(language):
        name = school.label if school.value else ""
        said = posters.placard_of(
            shown.content, office(), leading_to(shown.material, "poster"), name
        )
    published = shown.edition.published_at or clock.now()
    made = _poster(said, language, published, paper)
    answer = download(made, f"poster-{slug}-{language}.pdf", PDF)
    return answer if name else for_everybody(answer)


@bp.get("/materi/<slug>/kartu.png")
@public
def card(slug: str) -> ResponseReturnValue:
    """Hand over the square picture, in the reader's language or the one asked for."""
    shown = _shown(slug)
    asked = request.args.get("bahasa_poster", "")
    language = asked if asked in LANGUAGES else i18n.language()
    with i18n.in_language(language):
        said = posters.card_of(shown.content, office(), leading_to(shown.material, "share"))
    return for_everybody(download(_card(said), f"kartu-{slug}-{language}.png", PNG))


@lru_cache(MOST_KEPT)
def _poster(said: Placard, language: str, made_at: datetime, paper: Paper) -> bytes:
    _count_drawing()
    return placard_pdf(said, language, made_at, paper)


@lru_cache(MOST_KEPT)
def _card(said: ShareCard) -> bytes:
    _count_drawing()
    return card_png(said)


def _count_drawing() -> None:
    """Count what has to be drawn: it takes so long that many at once would hold everybody up."""
    try:
        throttle.count(DRAWN, throttle.network())
    except Rejected:
        abort(429)


def _shown(slug: str) -> Shown:
    return library.published(reader(), slug) or abort(404)


def _chosen(field: SelectField) -> SelectChoice:
    """Return what was chosen, or the first choice for what is not offered."""
    return next((each for each in field.choices if each.value == field.data), field.choices[0])


def _form() -> PosterForm:
    form = PosterForm(request.args, meta={"csrf": False})
    form.offer(_schools(), i18n.gettext("Without a school"))
    return form


def _schools() -> Sequence[Any]:
    """Return the schools whose names a reader may put on a poster: their own, the office's all."""
    if not signed_in() or not actor().may_somewhere(Permission.SCHOOL_READ):
        return []
    return schools.choices(reader(), schools_policy.visible_to(actor()))
