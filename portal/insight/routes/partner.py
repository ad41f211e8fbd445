"""Partner schools: all of them, one of them, and all of them as a workbook."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.core.files import XLSX
from portal.insight.exports import partners as exports
from portal.insight.forms.partners import filters, read_wanted
from portal.insight.queries import partner as queries
from portal.insight.queries import partners as lists
from portal.insight.queries.partners import Wanted
from portal.insight.routes.blueprint import bp
from portal.schools import exports as school_words
from portal.schools import queries as schools
from portal.schools.models import District
from portal.web import paging
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page


def _day(text: str) -> date:
    """Read the day in a list's position; raises ValueError for one nothing here can have."""
    found = date.fromisoformat(text)
    if found.year not in clock.YEARS:
        raise ValueError(text)
    return found


def _sees_log() -> bool:
    """Say whether the reader may know how tries to reach schools went."""
    return actor().may(Permission.CONTACT_LOG_READ)


def _wanted() -> tuple[Wanted, list[District]]:
    districts = schools.districts(reader())
    wanted = read_wanted(
        request.args,
        districts,
        day=clock.today(),
        notice_days=office()["mou_notice_days"],
        log=_sees_log(),
    )
    return wanted, districts


@bp.get("/mitra")
@allow(Permission.MOU_READ)
def partners() -> ResponseReturnValue:
    """List the partner schools, those in most need first; a school sees itself."""
    own = actor().schools_with(Permission.MOU_READ)
    if own and not actor().may(Permission.MOU_READ):
        public_id = schools.public_id_of(reader(), actor(), own[0]) or abort(404)
        return redirect(url_for("insight.partner", school_id=public_id), 303)
    wanted, districts = _wanted()
    after, _before = paging.position(paging.figure, paging.moment, _day, str, UUID)
    found = lists.listed(reader(), actor(), wanted, after)
    offered = filters(wanted, districts, log=_sees_log())
    chosen = {each.name: each.chosen for each in offered if each.chosen}
    return page(
        "insight/partners.html",
        wanted=wanted,
        filters=offered,
        rows=found.rows,
        total=lists.count(reader(), actor(), wanted),
        next_url=paging.link(paging.AFTER, found.after),
        sees_log=_sees_log(),
        late_days=office()["unserved_days"],
        definitions=exports.DEFINITIONS,
        level_name=school_words.level_name,
        may_export=actor().may(Permission.COVERAGE_EXPORT),
        xlsx_url=f"{url_for('insight.partners_xlsx')}?{urlencode(chosen)}",
    )


@bp.get("/mitra.xlsx")
@allow(Permission.COVERAGE_EXPORT)
def partners_xlsx() -> ResponseReturnValue:
    """Hand over the same list as a workbook."""
    if not actor().may(Permission.MOU_READ):
        abort(404)
    wanted, _districts = _wanted()
    rows = lists.every(reader(), actor(), wanted)
    made = exports.partners_workbook(rows, wanted.day, log=_sees_log())
    return download(made, f"mitra-{wanted.day.isoformat()}.xlsx", XLSX)


@bp.get("/mitra/<public_id:school_id>")
@allow(Permission.MOU_READ)
def partner(school_id: str) -> ResponseReturnValue:
    """Show what passes between one school and the office, and what is missing."""
    school = schools.get_school(reader(), actor(), school_id) or abort(404)
    if not actor().may(Permission.MOU_READ, school.id):
        abort(404)
    found = queries.partnership(reader(), actor(), school)
    return page(
        "insight/partner.html",
        school=school,
        found=found,
        today=clock.today(),
        doable={each.code for each in found.missing if each.helped_by(actor(), school)},
        is_office=actor().may(Permission.MOU_READ),
        words=school_words,
    )
