"""A poster for each school that leads to Ruang Cerita; its code is the same at every school."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.files import PDF
from portal.documents.pdf import poster_pdf
from portal.incidents.exports.posters import poster_of
from portal.incidents.routes.blueprint import bp
from portal.schools.models import School
from portal.schools.queries import get_school
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page, whole_address


@bp.get("/sekolah/<public_id:school_id>/poster")
@allow(Permission.SCHOOL_READ)
def poster(school_id: str) -> ResponseReturnValue:
    """Say what the poster is for, and offer it in both languages."""
    return page("incidents/poster.html", school=_school(school_id), address=_address())


@bp.get("/sekolah/<public_id:school_id>/poster-<any(id, en):poster_language>.pdf")
@allow(Permission.SCHOOL_READ)
def poster_file(school_id: str, poster_language: str) -> ResponseReturnValue:
    """Hand over the poster, to print on A4."""
    school = _school(school_id)
    with i18n.in_language(poster_language):
        made = poster_of(school.name, office(), _address())
    return download(
        poster_pdf(made, poster_language, clock.now()),
        f"poster-ruang-cerita-{poster_language}.pdf",
        PDF,
    )


def _school(school_id: str) -> School:
    return get_school(reader(), actor(), school_id) or abort(404)


def _address() -> str:
    """Return the address every poster leads to; it says nothing about who follows it."""
    return whole_address("hotline.entry")
