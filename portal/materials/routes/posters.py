"""Posters to print and cards to pass on, of every published material."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields import SelectChoice

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.documents.card import card_png
from portal.documents.pdf import Paper, placard_pdf
from portal.materials.exports import posters
from portal.materials.forms.posters import PosterForm
from portal.materials.queries import library
from portal.materials.queries.library import Shown
from portal.materials.routes.addresses import leading_to
from portal.materials.routes.blueprint import bp
from portal.schools import policy as schools_policy
from portal.schools import queries as schools
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, public, signed_in
from portal.web.render import page

PDF, PNG = "application/pdf", "image/png"


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
        made = posters.placard_of(
            shown.content, office(), leading_to(shown.material, "poster"), name
        )
    return download(
        placard_pdf(made, language, clock.now(), paper), f"poster-{slug}-{language}.pdf", PDF
    )


@bp.get("/materi/<slug>/kartu.png")
@public
def card(slug: str) -> ResponseReturnValue:
    """Hand over the square picture, in the reader's language or the one asked for."""
    shown = _shown(slug)
    asked = request.args.get("bahasa_poster", "")
    language = asked if asked in ("id", "en") else i18n.language()
    with i18n.in_language(language):
        made = posters.card_of(shown.content, office(), leading_to(shown.material, "share"))
    return download(card_png(made), f"kartu-{slug}-{language}.png", PNG)


def _shown(slug: str) -> Shown:
    return library.published(reader(), slug) or abort(404)


def _chosen(field: SelectField) -> SelectChoice:
    """Return what was chosen, or the first choice for what is not offered."""
    return next((each for each in field.choices if each.value == field.data), field.choices[0])


def _form() -> PosterForm:
    form = PosterForm(request.args)
    form.offer(_schools(), i18n.gettext("Without a school"))
    return form


def _schools() -> Sequence[Any]:
    """Return the schools whose names a reader may put on a poster: their own, the office's all."""
    if not signed_in() or not actor().may_somewhere(Permission.SCHOOL_READ):
        return []
    return schools.choices(reader(), schools_policy.visible_to(actor()))
