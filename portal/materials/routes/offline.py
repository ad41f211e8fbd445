"""Reading without a signal: what a browser must fetch of a material, and what one has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.files import StoredFile
from portal.materials.policy.content import Scenario
from portal.materials.policy.exchange import files_named
from portal.materials.policy.pictures import DRAWINGS
from portal.materials.queries import attached, library
from portal.materials.queries.library import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.states import MaterialKind
from portal.web.database import reader
from portal.web.filters import asset
from portal.web.guard import public
from portal.web.render import page

# A kept copy cannot tell right answers from others: the portal does.
NEED_A_SIGNAL = frozenset({MaterialKind.QUIZ})
# The page a choice leads to, the page it is made on, and its number.
Way = tuple[str, str | None, int | None]
# With more ways than this, a page is kept without what is said of the choice that led to it.
MOST_WAYS = 60


def is_kept_copy() -> bool:
    """Say whether a browser fetches a page to keep it; no form can be sent from there."""
    return "Kept-Copy" in request.headers


@bp.get("/materi/tersimpan")
@public
def saved() -> ResponseReturnValue:
    """Show what this browser keeps; only it knows."""
    return page("materials/saved.html")


@bp.get("/materi/<slug>/luring.json")
@public
def offline(slug: str) -> ResponseReturnValue:
    """List the addresses that make up a material, for a browser that keeps it."""
    shown = library.published(reader(), slug)
    if shown is None or shown.material.kind in NEED_A_SIGNAL:
        abort(404)
    files = attached.kept_of(reader(), shown.material.id, files_named(shown.content))
    return {
        "address": url_for("materials.show", slug=slug),
        "title": shown.content.title.shown(i18n.language())[0],
        "edition": shown.edition.number,
        "size": shown.material.size,
        "addresses": list(dict.fromkeys(_addresses(shown, files))),
    }


def _addresses(shown: Shown, files: Mapping[str, StoredFile]) -> Iterator[str]:
    slug = shown.material.slug
    yield url_for("materials.show", slug=slug)
    yield from _frame()
    for name in files:
        yield url_for("materials.file", slug=slug, file_id=name)
    if shown.content.scenario is not None:
        yield from _story(slug, shown.content.scenario)
    match shown.material.kind:
        case MaterialKind.PARENT_CARD:
            yield url_for("materials.parent_card", slug=slug)
        case MaterialKind.POSTER:
            yield url_for("materials.poster", slug=slug)


def _frame() -> Iterator[str]:
    """Yield what every page needs, and the page that lists what is kept."""
    yield url_for("materials.saved")
    for name in ("vendor/portal.css", "vendor/app.js", "js/saved.js"):
        yield asset(name)


def _story(slug: str, story: Scenario) -> Iterator[str]:
    yield url_for("materials.play", slug=slug)
    ways = list(_ways(story))
    if len(ways) > MOST_WAYS:
        ways = [(name, None, None) for name in story.nodes]
    for node, before, number in [(story.start, None, None), *ways]:
        yield url_for("materials.play_node", slug=slug, node=node, dari=before, pilih=number)
    for page_of_it in story.nodes.values():
        if page_of_it.picture in DRAWINGS:
            yield asset(f"pictures/{page_of_it.picture}.svg")


def _ways(story: Scenario) -> Iterator[Way]:
    for name, node in story.nodes.items():
        for number, choice in enumerate(node.choices, start=1):
            if choice.to in story.nodes:
                yield choice.to, name, number
