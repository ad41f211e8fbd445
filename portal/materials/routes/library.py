"""The library: what everybody finds, and a material's own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn
from uuid import UUID

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.materials.forms.library import LibraryForm
from portal.materials.forms.using import UseForm
from portal.materials.models import Material
from portal.materials.policy.access import may_forget_use, writes
from portal.materials.policy.exchange import files_named
from portal.materials.policy.licences import deed
from portal.materials.policy.texts import shown_in
from portal.materials.queries import attached, library, search, shelf, use
from portal.materials.queries.library import Shown
from portal.materials.routes.addresses import leading_to
from portal.materials.routes.blueprint import bp, for_everybody
from portal.materials.states import MaterialKind
from portal.schools import queries as schools
from portal.schools.models import School
from portal.web import download, paging
from portal.web.database import reader
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, public, signed_in
from portal.web.render import page


def visitor() -> Actor | None:
    """Return whoever asks, if they are signed in."""
    return actor() if signed_in() else None


def find(slug: str) -> Shown:
    """Return what everybody sees under an address; where that is nothing, a writer's draft."""
    who = visitor()
    shown = library.published(reader(), slug)
    if shown is None and writes(who):
        shown = library.newest(reader(), who, slug)
    return shown or missing(slug)


def missing(slug: str) -> NoReturn:
    """Say that nothing is here, or kindly that it was: posters stay on walls."""
    if library.is_withdrawn(reader(), slug):
        abort(page("materials/withdrawn.html", status=410))
    abort(404)


def of_kind(shown: Shown | None, kind: MaterialKind) -> Shown:
    """Return what was found if it is of a kind; 404 for anything else."""
    if shown is None or shown.material.kind != kind:
        abort(404)
    return shown


@bp.get("/materi")
@public
def index() -> ResponseReturnValue:
    """List what there is: looked for, narrowed down, or what one marked oneself."""
    form = LibraryForm(request.args, meta={"csrf": False})
    who = visitor()
    if who is not None and request.args.get("favorit"):
        return _favourites(form, who)
    narrowing = form.narrowing()
    start = not narrowing and paging.AFTER not in request.args
    found = _search(form) if form.typed else _browse(form)
    return for_everybody(
        page(
            "materials/index.html",
            part="materials/_list.html",
            form=form,
            favourites=False,
            narrowing=narrowing,
            start=start,
            collections=shelf.collections(reader()) if start else (),
            writes=writes(who),
            **found,
        )
    )


def _favourites(form: LibraryForm, who: Actor) -> ResponseReturnValue:
    after, _before = paging.position(paging.moment, UUID)
    found = shelf.favourites(reader(), who.user_id, after)
    return page(
        "materials/index.html",
        form=form,
        favourites=True,
        materials=found.rows,
        next_url=paging.link(paging.AFTER, found.after),
        writes=writes(who),
    )


def _browse(form: LibraryForm) -> dict[str, Any]:
    after, _before = paging.position(paging.figure, paging.figure, paging.moment, UUID)
    found = shelf.browse(reader(), form.to_wanted(), after)
    return {"materials": found.rows, "next_url": paging.link(paging.AFTER, found.after)}


def _search(form: LibraryForm) -> dict[str, Any]:
    after, _before = paging.position(search.rank, search.place)
    key = search.Key(*after) if after else None
    found = search.find(reader(), form.typed, form.to_wanted(), key, limit=shelf.PAGE_SIZE)
    return {
        "materials": found.rows,
        "corrected": found.corrected,
        "partly": found.partly,
        "next_url": paging.link(paging.AFTER, found.next),
    }


@bp.get("/materi/koleksi/<slug>")
@public
def group(slug: str) -> ResponseReturnValue:
    """Show a collection."""
    shown = shelf.collection(reader(), slug) or abort(404)
    return page("materials/group.html", group=shown, materials=shelf.in_group(reader(), shown.id))


@bp.get("/materi/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """Show a material, with all that can be done with it."""
    return for_everybody(material_page(find(slug)))


def material_page(shown: Shown, tried: UseForm | None = None, status: int = 200) -> Response:
    """Show one edition of a material as its readers see it, to writers also before they do."""
    material, content, who = shown.material, shown.content, visitor()
    title, share_url = content.title.shown(i18n.language())[0], leading_to(material, "share")
    return page(
        "materials/show.html",
        status=status,
        material=material,
        edition=shown.edition,
        content=content,
        title=title,
        shown_in=shown_in(content, i18n.language()),
        published=shown.is_public,
        files=attached.kept_of(reader(), material.id, [each.file for each in content.files]),
        deed=deed(material.licence, i18n.language()),
        share_url=share_url,
        whatsapp=whatsapp_text(f"{title}\n{share_url}"),
        related=shelf.related(reader(), material),
        writes=writes(who),
        **(_own_part(who, material, tried) if who is not None and shown.is_public else {}),
    )


def _own_part(who: Actor, material: Material, tried: UseForm | None) -> dict[str, Any]:
    """Return what a material's page has for one signed-in person."""
    own = own_schools(who)
    form = None
    if own:
        form = UseForm.as_sent(tried)
        form.offer({row.public_id: row.name for row in own})
    figures = who.may(Permission.MATERIAL_FIGURES)
    return {
        "favourite": shelf.is_favourite(reader(), who.user_id, material.id),
        "button": PortalForm(formdata=None),
        "schools": own,
        "use_form": form,
        "uses": use.last_of_own(reader(), who, material.id) if own else (),
        "may_forget": lambda row: may_forget_use(who, row.user_id, row.recorded_at),
        "today": clock.today(),
        "figures": use.figures(reader(), material.id) if figures else None,
    }


def own_schools(who: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `id`, `public_id` and `name` of the schools for which somebody may note a use."""
    own = who.schools_with(Permission.MATERIAL_USE)
    return schools.choices(reader(), School.id.in_(own)) if own else ()


@bp.get("/materi/<slug>/berkas/<public_id:file_id>")
@public
def file(slug: str, file_id: str) -> ResponseReturnValue:
    """Hand out a file or picture that a published edition names; to writers also a draft's."""
    shown = find(slug)
    for_all = shown.is_public and file_id in files_named(shown.content)
    if not for_all and not writes(visitor()):
        abort(404)
    kept = attached.kept_of(reader(), shown.material.id, [file_id]).get(file_id) or abort(404)
    return download.show(kept, lasting=for_all)
