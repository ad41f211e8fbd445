"""Playing a story: page by page, without an account, to one of its endings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import define
from portal.materials.actions.finishing import finish as count_finish
from portal.materials.forms.finishing import FinishForm
from portal.materials.policy.pictures import DRAWINGS
from portal.materials.policy.stories import story_of
from portal.materials.queries import library, playing
from portal.materials.queries.library import Shown
from portal.materials.queries.playing import Said
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import of_kind
from portal.materials.routes.offline import is_kept_copy
from portal.materials.states import Audience, Mark, MaterialKind
from portal.web import once, throttle
from portal.web.database import db, reader
from portal.web.guard import public
from portal.web.render import moved_on, page

# A whole school plays a story from one address, a few children from one browser; a machine that
# counts itself up must stop early.
FINISHES = define("material_finish", "300/hour")
FINISHES_OF_BROWSER = define("material_finish_browser", "10/hour")


@bp.app_template_global()
def drawings() -> Mapping[str, object]:
    """Return what each drawing of the portal shows, by its name."""
    return DRAWINGS


@bp.get("/materi/<slug>/main")
@public
def play(slug: str) -> ResponseReturnValue:
    """Show the first page of a story."""
    story = _story(slug)
    return _scene(story, story_of(story.content).start)


@bp.get("/materi/<slug>/main/<node>")
@public
def play_node(slug: str, node: str) -> ResponseReturnValue:
    """Show a page of a story, and above it what is said of the choice that led there."""
    return _scene(_story(slug), node, moved=True)


@bp.post("/materi/<slug>/selesai")
@public
def finish(slug: str) -> ResponseReturnValue:
    """Count that a story was played to an end, and whether it helped."""
    story, form = _story(slug), FinishForm()
    if not form.validate_on_submit():
        return _thanks(story, form.reply_status, form=form)
    address = url_for("materials.finished", slug=slug)
    try:
        throttle.count(FINISHES_OF_BROWSER, throttle.browser(), slug)
        throttle.count(FINISHES, throttle.network(), slug)
    except Rejected:
        # Nobody plays again in an hour in order to be counted.
        return _thanks(story, status=429, uncounted=True)
    once.lead_to(address)
    with transaction(db()) as session:
        count_finish(session, story.material, Mark(form.helped.data))
    return moved_on(address)


@bp.get("/materi/<slug>/selesai")
@public
def finished(slug: str) -> ResponseReturnValue:
    """Thank whoever answered, and say what comes next."""
    return _thanks(_story(slug))


def _story(slug: str) -> Shown:
    return of_kind(library.published(reader(), slug), MaterialKind.SCENARIO)


def _scene(story: Shown, node: str, *, moved: bool = False) -> ResponseReturnValue:
    came_from, choice = request.args.get("dari", ""), request.args.get("pilih", type=int)
    scene = playing.scene(story.content, node, came_from, choice, i18n.language())
    if scene is None:
        return _page("materials/no_such_scene.html", story, 404)

    def link_to(name: str, number: int | None = None) -> str:
        made_on = node if number else None
        slug = story.material.slug
        return url_for("materials.play_node", slug=slug, node=name, dari=made_on, pilih=number)

    asks = scene.ending and not is_kept_copy()
    return _page(
        "materials/play.html",
        story,
        scene=scene,
        link_to=link_to,
        moved=moved,
        form=FinishForm(formdata=None) if asks else None,
        others=_others(story) if scene.ending else (),
    )


def _thanks(story: Shown, status: int = 200, **context: Any) -> ResponseReturnValue:
    return _page("materials/finished.html", story, status, others=_others(story), **context)


def _others(story: Shown) -> list[playing.Story]:
    return playing.others(reader(), story.material, i18n.language())


def _page(template: str, story: Shown, status: int = 200, **context: Any) -> ResponseReturnValue:
    return page(
        template,
        status=status,
        slug=story.material.slug,
        title=Said(*story.content.title.shown(i18n.language())),
        child=Audience.PUPIL in story.material.audiences,
        **context,
    )
