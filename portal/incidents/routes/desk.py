"""The triage desk: the queue."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.incidents import policy
from portal.incidents.queries import desk, roster
from portal.incidents.queries.words import ANSWERS
from portal.incidents.routes.blueprint import bp
from portal.web import paging
from portal.web.database import reader
from portal.web.guard import actor, allow
from portal.web.render import page


@bp.get("/triase")
@allow(Permission.REPORT_READ)
def queue() -> ResponseReturnValue:
    """Show the reports: the most urgent and oldest first, those in quarantine at the end."""
    tab = request.args.get("tampil", desk.TABS[0])
    tab = tab if tab in desk.TABS else desk.TABS[0]
    # The address names the last report by its random id: it says nothing of when one came.
    (after,), _before = (key or (None,) for key in paging.position(str))
    found = desk.list_reports(reader(), actor(), tab, after)
    on_duty = set(roster.on_duty(reader(), clock.today()))
    return page(
        "incidents/queue.html",
        part="incidents/_queue.html",
        tab=tab,
        tabs=[each for each in desk.TABS if each != "saya" or not policy.supervises(actor())],
        counts=desk.counts(reader(), actor()),
        entries=found.entries,
        first_page=after is None,
        next_url=paging.link(paging.AFTER, (found.after,) if found.after else None),
        days=list(roster.coming_days(reader(), 1)),
        i_am_on_duty=actor().user_id in on_duty,
        opens_all=actor().may(Permission.REPORT_TRIAGE),
        supervises=policy.supervises(actor()),
        kind_names=ANSWERS["what"],
        present=clock.now(),
    )
