"""Posts of a campaign: written, approved, posted, and how far they reached."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import time
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.documents.card import card_png
from portal.materials.actions import posts as actions
from portal.materials.exports.posts import card_of, proposed
from portal.materials.forms.campaigns import (
    ApproveForm,
    DropForm,
    LogForm,
    PostForm,
    ReachForm,
    SeenForm,
)
from portal.materials.models import Campaign, CampaignPost, Material
from portal.materials.policy.channels import HABITS, LINK, Manner, with_link
from portal.materials.policy.content import LANGUAGES, TITLE_LENGTH
from portal.materials.queries import library
from portal.materials.queries import posts as queries
from portal.materials.queries.campaigns import wib_day
from portal.materials.queries.posts import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.routes.campaigns import link_address, the_campaign
from portal.materials.states import PostState
from portal.web.database import database, db, office, reader
from portal.web.download import download
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Act = Callable[[Session, CampaignPost], None]
PNG = "image/png"
USUAL_TIME = time(9)
# Buttons of the editor that save nothing: finding a material, and taking its words.
FIND, FILL = "cari", "isi"


def _get(session: Session, post_id: str) -> CampaignPost:
    return queries.get(session, post_id) or abort(404)


def _shown(session: Session, post_id: str) -> Shown:
    return queries.shown(session, post_id) or abort(404)


def _editor(
    form: PostForm, campaign: Campaign, post: CampaignPost | None = None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "materials/post_edit.html",
        status=status,
        form=form,
        campaign=campaign,
        post=post,
        typed=_typed(),
        habits=HABITS,
        manners=Manner,
        link=LINK,
    )


def _typed() -> str:
    return request.form.get("dicari", "").strip()[:TITLE_LENGTH]


def _offer(form: PostForm, post: CampaignPost | None = None) -> Material | None:
    """Offer materials to lead to, and return the one chosen."""
    chosen = queries.material(reader(), form.material.data or "", post)
    found = queries.offered(reader(), _typed())
    rows: list[Any] = [chosen, *found] if chosen else list(found)
    english = i18n.language() == "en"
    titles = {row.public_id: (row.title_en if english else "") or row.title_id for row in rows}
    form.offer(titles, i18n.gettext("No material"))
    return chosen


def _only_a_step(form: PostForm, chosen: Material | None) -> bool:
    """Carry out a button that saves nothing; say whether it was one."""
    step = request.form.get("langkah")
    if step == FILL:
        shown = library.published_of(reader(), chosen.id) if chosen else None
        if shown is None:
            form.material.errors = [i18n.gettext("Choose the material first.")]
            return True
        words = proposed(shown.content, form.chosen_channel, office())
        form.text_id.data, form.text_en.data = words.id, words.en
        form.heading_id.data = shown.content.title.id
        form.heading_en.data = shown.content.title.en
    return step in (FIND, FILL)


@bp.get("/kampanye/<public_id:campaign_id>/kiriman/baru")
@allow(Permission.CAMPAIGN_WRITE)
def new_post_form(campaign_id: str) -> ResponseReturnValue:
    """Ask for a new post."""
    campaign = the_campaign(reader(), campaign_id)
    day = min(max(clock.today(), campaign.starts_on), campaign.ends_on)
    form = PostForm(data={"day": day, "time": USUAL_TIME})
    _offer(form)
    return _editor(form, campaign)


@bp.post("/kampanye/<public_id:campaign_id>/kiriman/baru")
@allow(Permission.CAMPAIGN_WRITE)
def new_post(campaign_id: str) -> ResponseReturnValue:
    """Plan a post, or only find a material for it and take its words."""
    campaign = the_campaign(reader(), campaign_id)
    form = PostForm()
    chosen = _offer(form)
    if _only_a_step(form, chosen):
        return _editor(form, campaign)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                found = the_campaign(writing, campaign_id)
                made = actions.plan(writing, actor(), found, form.to_command(chosen))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Planned. A coordinator is asked to approve it."), "ok")
            return moved_on(url_for("materials.post", post_id=made.public_id))
    return _editor(form, campaign, status=form.reply_status)


@bp.get("/kampanye/kiriman/<public_id:post_id>/ubah")
@allow(Permission.CAMPAIGN_WRITE)
def post_form(post_id: str) -> ResponseReturnValue:
    """Show a post, for changing."""
    shown = _shown(reader(), post_id)
    form = PostForm.of(shown.post, shown.material)
    _offer(form, shown.post)
    return _editor(form, shown.campaign, shown.post)


@bp.post("/kampanye/kiriman/<public_id:post_id>/ubah")
@allow(Permission.CAMPAIGN_WRITE)
def change_post(post_id: str) -> ResponseReturnValue:
    """Change a post, or only find a material for it and take its words."""
    shown = _shown(reader(), post_id)
    form = PostForm()
    chosen = _offer(form, shown.post)
    if _only_a_step(form, chosen):
        return _editor(form, shown.campaign, shown.post)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                now = _shown(writing, post_id)
                theirs = PostForm.of(now.post, now.material, formdata=None)
                _offer(theirs, now.post)
                form.check_version(now.post, theirs)
                actions.change(writing, actor(), now.campaign, now.post, form.to_command(chosen))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("materials.post", post_id=post_id))
    return _editor(form, shown.campaign, shown.post, form.reply_status)


def _page(post_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        shown = _shown(reading, post_id)
    post = shown.post
    address = link_address(post.link_code)
    texts = {code: with_link(getattr(post, f"text_{code}"), address) for code in LANGUAGES}
    approve, log = ApproveForm.as_sent(tried), LogForm.as_sent(tried)
    # A second press is about the words as they stand now.
    approve.seen.data = log.seen.data = str(post.version)
    reach = ReachForm.as_sent(tried)
    for form, field in ((log, log.posted_on), (reach, reach.noted_on)):
        if form is not tried:
            field.data = clock.today()
    moves, writes = post.open_to(actor()), actor().may(Permission.CAMPAIGN_WRITE)
    return page(
        "materials/post.html",
        status=status,
        shown=shown,
        post=post,
        address=address,
        texts={code: text for code, text in texts.items() if text},
        headings={code: text for code in LANGUAGES if (text := getattr(post, f"heading_{code}"))},
        chats={code: whatsapp_text(text) for code, text in texts.items()},
        habit=HABITS[post.channel],
        moves=moves,
        writes=writes,
        is_late=wib_day(post.planned_at) < clock.today(),
        approve_form=approve,
        log_form=log,
        drop_form=DropForm.as_sent(tried),
        reach_form=reach,
        button=PortalForm(formdata=None),
        tried=tried,
        error_form=_complaint(tried, post, moves),
    )


def _complaint(
    tried: PortalForm | None, post: CampaignPost, moves: Collection[str]
) -> PortalForm | None:
    """Return the form whose complaints stand on top; one the page has no more is out of date."""
    there = {
        LogForm: "log" in moves,
        DropForm: "drop" in moves,
        ReachForm: post.state == PostState.POSTED,
    }
    if tried is None or there.get(type(tried), True):
        return tried
    late = PortalForm(formdata=None)
    late.attach(Rejected("state_changed"))
    return late


@bp.get("/kampanye/kiriman/<public_id:post_id>")
@allow(Permission.CAMPAIGN_READ)
def post(post_id: str) -> ResponseReturnValue:
    """Show a post: its words to copy, its card, what is next, and how far it reached."""
    return _page(post_id)


@bp.get("/kampanye/kiriman/<public_id:post_id>/kartu.png")
@allow(Permission.CAMPAIGN_READ)
def post_card(post_id: str) -> ResponseReturnValue:
    """Hand over the share card, in the reader's language or the one asked for."""
    found = _get(reader(), post_id)
    if not found.heading_id and not found.heading_en:
        abort(404)
    asked = request.args.get("bahasa_kartu", "")
    language = asked if asked in LANGUAGES else i18n.language()
    made = card_of(found, office(), link_address(found.link_code), language)
    return download(card_png(made), f"kartu-{wib_day(found.planned_at)}-{language}.png", PNG)


def _carry_out(post_id: str, form: PortalForm, act: Act, done: str) -> ResponseReturnValue:
    """Do what a form asks for and show what comes next, or what stands against it."""
    _get(reader(), post_id)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                found = _get(writing, post_id)
                if isinstance(form, SeenForm) and form.seen.data != str(found.version):
                    raise Rejected("post_changed")
                act(writing, found)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("materials.post", post_id=post_id))
    return _page(post_id, form.reply_status, form)


@bp.post("/kampanye/kiriman/<public_id:post_id>/setujui")
@allow(Permission.CAMPAIGN_APPROVE)
def approve_post(post_id: str) -> ResponseReturnValue:
    """Approve the words of a post as they stand."""

    def act(writing: Session, found: CampaignPost) -> None:
        actions.approve(writing, actor(), found)

    done = i18n.gettext("Approved. Whoever wrote it is reminded on the day.")
    return _carry_out(post_id, ApproveForm(), act, done)


@bp.post("/kampanye/kiriman/<public_id:post_id>/terkirim")
@allow(Permission.CAMPAIGN_WRITE)
def log_post(post_id: str) -> ResponseReturnValue:
    """Note when and where a post was posted."""
    form = LogForm()

    def act(writing: Session, found: CampaignPost) -> None:
        actions.log(writing, actor(), found, form.moment, form.posted_url.data or "")

    return _carry_out(post_id, form, act, i18n.gettext("Noted. Later, add how far it reached."))


@bp.post("/kampanye/kiriman/<public_id:post_id>/batalkan")
@allow(Permission.CAMPAIGN_WRITE)
def drop_post(post_id: str) -> ResponseReturnValue:
    """Drop a post."""
    form = DropForm()

    def act(writing: Session, found: CampaignPost) -> None:
        actions.drop(writing, actor(), found, form.reason.data or "")

    return _carry_out(post_id, form, act, i18n.gettext("Dropped. You can take it up again."))


@bp.post("/kampanye/kiriman/<public_id:post_id>/angkat-lagi")
@allow(Permission.CAMPAIGN_WRITE)
def take_up_post(post_id: str) -> ResponseReturnValue:
    """Take up a dropped post again."""

    def act(writing: Session, found: CampaignPost) -> None:
        actions.take_up(writing, actor(), found)

    done = i18n.gettext("Planned again. A coordinator is asked to approve it.")
    return _carry_out(post_id, PortalForm(), act, done)


@bp.post("/kampanye/kiriman/<public_id:post_id>/jangkauan")
@allow(Permission.CAMPAIGN_WRITE)
def note_reach(post_id: str) -> ResponseReturnValue:
    """Note how far a post reached."""
    form = ReachForm()

    def act(writing: Session, found: CampaignPost) -> None:
        actions.note_reach(writing, actor(), found, form.to_reach())

    return _carry_out(post_id, form, act, i18n.gettext("Noted."))
