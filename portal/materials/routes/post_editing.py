"""Posts of a campaign written and changed, with words taken from a material."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import posts as actions
from portal.materials.exports.posts import proposed
from portal.materials.forms.campaigns import PostForm
from portal.materials.models import Campaign, CampaignPost, Material
from portal.materials.policy.channels import HABITS, LINK, Manner
from portal.materials.policy.content import TITLE_LENGTH, Words
from portal.materials.queries import library
from portal.materials.queries import posts as queries
from portal.materials.routes.blueprint import bp
from portal.materials.routes.campaign_posts import the_post
from portal.materials.routes.campaigns import the_campaign
from portal.web.database import db, office, reader
from portal.web.forms import stripped
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

USUAL_TIME = time(9)
# Buttons that save nothing: finding a material, and taking its words.
FIND, FILL = "cari", "isi"


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
    return (stripped(request.form.get("dicari")) or "")[:TITLE_LENGTH]


def _offer(form: PostForm, post: CampaignPost | None = None) -> Material | None:
    """Offer materials to lead to, and return the one chosen."""
    chosen = queries.material(reader(), form.material.data or "", post)
    found = queries.offered(reader(), _typed())
    rows: list[Any] = [chosen, *found] if chosen else list(found)
    language = i18n.language()
    titles = {row.public_id: Words.of(row, "title").shown(language)[0] for row in rows}
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
    shown = the_post(reader(), post_id)
    form = PostForm.of(shown.post, shown.material)
    _offer(form, shown.post)
    return _editor(form, shown.campaign, shown.post)


@bp.post("/kampanye/kiriman/<public_id:post_id>/ubah")
@allow(Permission.CAMPAIGN_WRITE)
def change_post(post_id: str) -> ResponseReturnValue:
    """Change a post, or only find a material for it and take its words."""
    shown = the_post(reader(), post_id)
    form = PostForm()
    chosen = _offer(form, shown.post)
    if _only_a_step(form, chosen):
        return _editor(form, shown.campaign, shown.post)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                now = the_post(writing, post_id)
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
