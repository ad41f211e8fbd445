"""Writing a story in the browser: its pages, its translation, and how readers will see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import stories as actions
from portal.materials.forms.desk import SeenForm
from portal.materials.forms.drafts import standing
from portal.materials.forms.stories import PageForm, TranslationForm
from portal.materials.policy.reading import NAME
from portal.materials.policy.stories import Fault, story_of
from portal.materials.queries import fault_words, library, playing, story_outline
from portal.materials.queries.library import Shown
from portal.materials.queries.playing import Said
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import of_kind
from portal.materials.states import Audience, MaterialKind
from portal.web.database import database, db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Done = TypeVar("Done")


@bp.app_template_global()
def fault_sentence(fault: Fault) -> str:
    """Return what to do about what keeps a material from being published."""
    return fault_words.to_do(fault)


@bp.app_template_global()
def fault_place(fault: Fault) -> str:
    """Return where something keeps a material from being published."""
    return fault_words.where(fault)


def _story(session: Session, slug: str) -> Shown:
    return of_kind(library.newest(session, actor(), slug), MaterialKind.SCENARIO)


def _outline(slug: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        story = _story(reading, slug)
    return page(
        "materials/story.html",
        status=status,
        material=story.material,
        edition=story.edition,
        outline=story_outline.outline(story.content),
        may_publish=actor().may(Permission.MATERIAL_PUBLISH),
        button=PortalForm(formdata=None),
        seen=standing(story),
        tried=tried,
    )


@bp.get("/materi/<slug>/cerita")
@allow(Permission.MATERIAL_WRITE)
def story(slug: str) -> ResponseReturnValue:
    """Show the pages of a story, where they lead, and what is missing."""
    return _outline(slug)


def _carry_out(
    slug: str, act: Callable[[Session, Shown], Done], lead_on: Callable[[Done], str]
) -> ResponseReturnValue:
    """Do what a button of the story asks for and go on from there, or say what stands against."""
    _story(reader(), slug)
    form = PortalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                done = act(writing, _story(writing, slug))
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(lead_on(done))
    return _outline(slug, form.reply_status, form)


@bp.post("/materi/<slug>/cerita")
@allow(Permission.MATERIAL_WRITE)
def add_story_page(slug: str) -> ResponseReturnValue:
    """Add an empty page and go on writing it."""

    def act(writing: Session, shown: Shown) -> str:
        return actions.add_page(writing, actor(), shown.material, shown.content)

    return _carry_out(slug, act, lambda node: url_for("materials.story_page", slug=slug, node=node))


@bp.post("/materi/<slug>/cerita/<node>/hapus")
@allow(Permission.MATERIAL_WRITE)
def remove_story_page(slug: str, node: str) -> ResponseReturnValue:
    """Take a page off as it was seen; choices that led there lead nowhere as yet."""
    _page_there(_story(reader(), slug), node)
    form = SeenForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                now = _story(writing, slug)
                _page_there(now, node)
                if form.seen.data != story_outline.written(writing, now, node).version:
                    raise Rejected("page_changed")
                actions.remove_page(writing, actor(), now.material, now.content, node)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The page is taken off."), "ok")
            return moved_on(url_for("materials.story", slug=slug))
    return _page_now(slug, node, form)


@bp.post("/materi/<slug>/cerita/<node>/mulai")
@allow(Permission.MATERIAL_WRITE)
def start_story_with(slug: str, node: str) -> ResponseReturnValue:
    """Let the story begin on a page."""

    def act(writing: Session, shown: Shown) -> None:
        _page_there(shown, node)
        actions.begin_with(writing, actor(), shown.material, shown.content, node)

    def lead_on(_done: None) -> str:
        flash(i18n.gettext("The story begins on this page now."), "ok")
        return url_for("materials.story_page", slug=slug, node=node)

    return _carry_out(slug, act, lead_on)


def _page_there(shown: Shown, node: str) -> None:
    if node not in story_of(shown.content).nodes:
        abort(404)


def _page_form(
    shown: Shown,
    node: str,
    form: PageForm,
    status: int = 200,
    tried: PortalForm | None = None,
) -> ResponseReturnValue:
    written = story_outline.written(reader(), shown, node)
    if not form.picture.choices:
        form.offer(written)
    return page(
        "materials/story_page.html",
        status=status,
        material=shown.material,
        written=written,
        form=form,
        button=PortalForm(formdata=None),
        tried=tried,
    )


def _page_now(slug: str, node: str, tried: PortalForm) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        shown = _story(reading, slug)
        _page_there(shown, node)
        form = PageForm.of(story_outline.written(reading, shown, node), formdata=None)
    return _page_form(shown, node, form, tried.reply_status, tried)


@bp.get("/materi/<slug>/cerita/<node>")
@allow(Permission.MATERIAL_WRITE)
def story_page(slug: str, node: str) -> ResponseReturnValue:
    """Show one page of a story, for writing."""
    shown = _story(reader(), slug)
    _page_there(shown, node)
    return _page_form(shown, node, PageForm.of(story_outline.written(reader(), shown, node)))


@bp.post("/materi/<slug>/cerita/<node>")
@allow(Permission.MATERIAL_WRITE)
def save_story_page(slug: str, node: str) -> ResponseReturnValue:
    """Save one page of a story; what is missing may wait."""
    shown = _story(reader(), slug)
    form = PageForm()
    # What was chosen may lead to a page that a colleague has taken off meanwhile.
    form.offer(story_outline.written(reader(), shown, node))
    if not NAME.fullmatch(node):
        abort(404)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                now = _story(writing, slug)
                stands = story_outline.written(writing, now, node)
                form.check_version(stands, PageForm.of(stands, formdata=None))
                after = actions.save_page(
                    writing, actor(), now.material, now.content, node, form.to_node()
                )
        except Rejected as problem:
            form.attach(problem)
        else:
            return _saved(slug, node, after)
    return _page_form(shown, node, form, form.reply_status)


def _saved(slug: str, node: str, after: str) -> ResponseReturnValue:
    if "next" not in request.form:
        flash(i18n.gettext("Saved."), "ok")
        return moved_on(url_for("materials.story_page", slug=slug, node=node))
    if after:
        flash(i18n.gettext("Saved. This is the next page."), "ok")
        return moved_on(url_for("materials.story_page", slug=slug, node=after))
    flash(i18n.gettext("Saved. No page waits for anything any more."), "ok")
    return moved_on(url_for("materials.story", slug=slug))


def _translation_page(
    shown: Shown, form: TranslationForm, status: int = 200
) -> ResponseReturnValue:
    return page(
        "materials/story_translation.html",
        status=status,
        material=shown.material,
        found=story_outline.to_translate(shown.content),
        outline=story_outline.outline(shown.content),
        form=form,
    )


@bp.get("/materi/<slug>/terjemahan")
@allow(Permission.MATERIAL_WRITE)
def story_translation(slug: str) -> ResponseReturnValue:
    """Show all texts of a story in both languages, for writing the English ones."""
    shown = _story(reader(), slug)
    found = story_outline.to_translate(shown.content)
    return _translation_page(shown, TranslationForm.of(found.values()))


@bp.post("/materi/<slug>/terjemahan")
@allow(Permission.MATERIAL_WRITE)
def save_story_translation(slug: str) -> ResponseReturnValue:
    """Save the English texts that were changed."""
    shown = _story(reader(), slug)
    form = TranslationForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                now = _story(writing, slug)
                english = form.changed(story_outline.to_translate(now.content))
                if english:
                    actions.translate(writing, actor(), now.material, now.content, english)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.ngettext("%(num)s text saved.", "%(num)s texts saved.", len(english)), "ok")
            return moved_on(url_for("materials.story_translation", slug=slug))
    return _translation_page(shown, form, form.reply_status)


@bp.get("/materi/<slug>/pratinjau")
@bp.get("/materi/<slug>/pratinjau/<node>")
@allow(Permission.MATERIAL_WRITE)
def story_preview(slug: str, node: str = "") -> ResponseReturnValue:
    """Show a page of a story as its readers will see it, the draft as well; first its start."""
    shown = _story(reader(), slug)
    node = node or story_of(shown.content).start
    came_from, choice = request.args.get("dari", ""), request.args.get("pilih", type=int)
    scene = playing.scene(shown.content, node, came_from, choice, i18n.language())

    def link_to(name: str, number: int | None = None) -> str:
        made_on = node if number else None
        return url_for("materials.story_preview", slug=slug, node=name, dari=made_on, pilih=number)

    return page(
        "materials/story_preview.html",
        status=200 if scene else 404,
        material=shown.material,
        edition=shown.edition,
        slug=slug,
        title=Said(*shown.content.title.shown(i18n.language())),
        scene=scene,
        link_to=link_to,
        moved=bool(came_from),
        child=Audience.PUPIL in shown.material.audiences,
    )
