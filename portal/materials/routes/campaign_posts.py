"""Posts of a campaign: shown, approved, posted, and how far they reached."""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import PNG
from portal.documents.card import card_png
from portal.materials.actions import posts as actions
from portal.materials.exports.posts import card_of
from portal.materials.forms.campaigns import (
    ApproveForm,
    DropForm,
    LogForm,
    ReachForm,
)
from portal.materials.forms.desk import SeenForm
from portal.materials.models import CampaignPost
from portal.materials.policy.channels import HABITS, with_link
from portal.materials.policy.content import LANGUAGES
from portal.materials.queries import posts as queries
from portal.materials.queries.posts import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.routes.campaigns import link_address
from portal.materials.states import PostState
from portal.web.database import database, db, office, reader
from portal.web.download import download
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Act = Callable[[Session, CampaignPost], None]


def _get(session: Session, post_id: str) -> CampaignPost:
    return queries.get(session, post_id) or abort(404)


def the_post(session: Session, post_id: str) -> Shown:
    """Return a post with all its page shows; 404 for anything else."""
    return queries.shown(session, post_id) or abort(404)


def _page(post_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        shown = the_post(reading, post_id)
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
        is_late=clock.day_of(post.planned_at) < clock.today(),
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
    return download(card_png(made), f"kartu-{clock.day_of(found.planned_at)}-{language}.png", PNG)


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
