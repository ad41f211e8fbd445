"""How often one visitor, or one network, may try something."""

from __future__ import annotations

import ipaddress
from math import ceil

from flask import current_app, request, session

from portal.core import limits
from portal.core.errors import Rejected
from portal.core.limits import LONGEST_DELAY, Rule
from portal.web.database import database, office
from portal.web.guard import actor


def network() -> str | None:
    """Return the visitor's network as an opaque word of the day; None when it cannot be told.

    Behind a web server that nobody declared (PORTAL_TRUSTED_PROXIES) everybody seems to come from
    the same machine, and a limit for "all of them" would shut the whole city out.
    """
    address = request.remote_addr or ""
    try:
        near = ipaddress.ip_address(address).is_loopback
    except ValueError:
        return None
    if near and current_app.config["PORTAL"].https:
        return None
    return limits.network_bucket(database(), address)


def browser() -> str | None:
    """Return what tells this browser's forms from others, for as long as its form cookie lasts."""
    return session.get("csrf_token")


def count(rule: Rule, *parts: str | None) -> None:
    """Count one try; raises Rejected("wait") or ("wait_minutes") when there were too many."""
    if None in parts:
        return
    seconds = limits.try_once(database(), rule, *(part for part in parts if part is not None))
    if seconds is not None:
        raise _refusal(seconds)


def check_used_up(rule: Rule, *parts: str | None) -> None:
    """Refuse a try when the window has none left, without counting it; raises as `count` does."""
    if None in parts:
        return
    seconds = limits.used_up(database(), rule, *(part for part in parts if part is not None))
    if seconds is not None:
        raise _refusal(seconds)


def count_upload() -> None:
    """Count a file somebody hands in, up to the office's number an hour."""
    often = office()["uploads_per_hour"]
    count(Rule("upload", f"{often}/hour"), str(actor().user_id))


def check_delay(what: str, *parts: str) -> None:
    """Refuse a try that comes too soon after failures; raises Rejected("wait")."""
    seconds = limits.wait_for(database(), what, *parts)
    if seconds > 0:
        raise _refusal(seconds)


def _refusal(seconds: int) -> Rejected:
    if seconds <= LONGEST_DELAY:
        return Rejected("wait", seconds=seconds)
    return Rejected("wait_minutes", minutes=ceil(seconds / 60))
