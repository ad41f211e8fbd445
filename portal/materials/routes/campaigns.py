"""Campaigns: the list, the calendar of one, and its figures as a workbook."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import XLSX
from portal.materials.actions import campaigns as actions
from portal.materials.exports.campaigns import campaign_workbook
from portal.materials.forms.campaigns import CampaignForm
from portal.materials.models import Campaign
from portal.materials.policy.channels import LINK
from portal.materials.queries import campaigns as queries
from portal.materials.routes.addresses import of_link
from portal.materials.routes.blueprint import bp
from portal.web import paging
from portal.web.database import database, db, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, whole_address

CALENDAR, LIST = "kalender", "daftar"


def the_campaign(session: Session, campaign_id: str) -> Campaign:
    """Return a campaign; 404 for anything else."""
    return queries.get(session, campaign_id) or abort(404)


@bp.get("/kampanye")
@allow(Permission.CAMPAIGN_READ)
def campaigns() -> ResponseReturnValue:
    """List the campaigns, those that end last first."""
    after, _before = paging.position(date.fromisoformat, UUID)
    found = queries.listed(reader(), after)
    return page(
        "materials/campaigns.html",
        rows=found.rows,
        next_url=paging.link(paging.AFTER, found.after),
        first_page=after is None,
        today=clock.today(),
        writes=actor().may(Permission.CAMPAIGN_WRITE),
    )


def _new_page(form: CampaignForm, status: int = 200) -> ResponseReturnValue:
    return page("materials/campaign_edit.html", status=status, form=form)


@bp.get("/kampanye/baru")
@allow(Permission.CAMPAIGN_WRITE)
def new_campaign_form() -> ResponseReturnValue:
    """Ask what a new campaign is to be."""
    return _new_page(CampaignForm())


@bp.post("/kampanye/baru")
@allow(Permission.CAMPAIGN_WRITE)
def new_campaign() -> ResponseReturnValue:
    """Begin a campaign."""
    form = CampaignForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                made = actions.begin(writing, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The campaign is begun. Now plan its first post."), "ok")
            return moved_on(url_for("materials.campaign", campaign_id=made.public_id))
    return _new_page(form, form.reply_status)


def _page(
    campaign_id: str, status: int = 200, tried: CampaignForm | None = None
) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        campaign = the_campaign(reading, campaign_id)
        rows = queries.posts(reading, campaign.id)
    by_day = defaultdict(list)
    for row in rows:
        by_day[clock.day_of(row.CampaignPost.planned_at)].append(row)
    return page(
        "materials/campaign.html",
        status=status,
        campaign=campaign,
        rows=rows,
        by_day=by_day,
        month=queries.month_of(campaign, request.args.get("bulan", ""), clock.today()),
        figures=queries.by_channel(rows),
        link=LINK,
        view=LIST if request.args.get("tampilan") == LIST else CALENDAR,
        today=clock.today(),
        writes=actor().may(Permission.CAMPAIGN_WRITE),
        form=CampaignForm.shown(campaign, tried),
        tried=tried,
    )


@bp.get("/kampanye/<public_id:campaign_id>")
@allow(Permission.CAMPAIGN_READ)
def campaign(campaign_id: str) -> ResponseReturnValue:
    """Show a campaign: its posts by month or one after another, and what they reached."""
    return _page(campaign_id)


@bp.post("/kampanye/<public_id:campaign_id>")
@allow(Permission.CAMPAIGN_WRITE)
def change_campaign(campaign_id: str) -> ResponseReturnValue:
    """Change what a campaign is called, its goal and its days."""
    the_campaign(reader(), campaign_id)
    form = CampaignForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                changed = the_campaign(writing, campaign_id)
                form.check_version(changed, CampaignForm.showing(changed, formdata=None))
                actions.change(writing, actor(), changed, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("materials.campaign", campaign_id=campaign_id))
    return _page(campaign_id, form.reply_status, form)


@bp.get("/kampanye/<public_id:campaign_id>/kiriman.xlsx")
@allow(Permission.CAMPAIGN_READ)
def campaign_posts_xlsx(campaign_id: str) -> ResponseReturnValue:
    """Hand over the posts of a campaign with their reach."""
    found = the_campaign(reader(), campaign_id)
    rows = queries.posts(reader(), found.id)
    reach = queries.reach_of(reader(), found.id)
    made = campaign_workbook(found, rows, reach, link_address, clock.now())
    return download(made, f"kampanye-{found.starts_on.isoformat()}.xlsx", XLSX)


def link_address(code: Any) -> str:
    """Return the whole address of a post's short link; without one, that of the portal."""
    if code is None:
        return whole_address("home.landing")
    return of_link(code)
