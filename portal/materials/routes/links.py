"""Short links on paper and in chats: counted while they are opened, without who (ADR 16)."""

from __future__ import annotations

from flask import current_app, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock, links
from portal.core.codes import normal_code
from portal.core.errors import Rejected
from portal.core.limits import define
from portal.core.links import LinkDay
from portal.core.tallies import count
from portal.materials.routes.blueprint import bp
from portal.web import throttle
from portal.web.database import database, reader
from portal.web.guard import public
from portal.web.render import page

# A whole school may scan one poster within the hour; beyond that nobody pushes a figure up.
OPENED = define("short_link", "300/hour")


@bp.get("/m/<code>")
@public
def short_link(code: str) -> ResponseReturnValue:
    """Lead on to what a short link stands for."""
    link = links.find(reader(), normal_code(code))
    if link is None:
        return page("materials/link_unknown.html", status=404)
    if _by_a_person():
        _count(link.code)
    return redirect(link.path, 303)


def _by_a_person() -> bool:
    """Say whether somebody opens the link, and no program that only looks where it leads."""
    headers = request.headers
    # What draws previews for a chat asks for anything; a browser's visit names pages first.
    return (
        request.method == "GET"
        and "text/html" in headers.get("Accept", "text/html")
        and "prefetch" not in headers.get("Sec-Purpose", headers.get("Purpose", ""))
    )


def _count(code: str) -> None:
    """Count one opening if that is possible; whoever opened the link arrives in any case."""
    try:
        throttle.count(OPENED, throttle.network(), code)
        with database().side_write() as writing:
            count(writing, LinkDay, {"code": code, "day": clock.today()}, opened=1)
    except Rejected:
        return
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        current_app.logger.warning("an opened link was not counted: %s", type(cause).__name__)
