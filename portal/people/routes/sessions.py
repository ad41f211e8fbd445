"""Who holds the session of a request: the cookie, and what it opens."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Request, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.db import new_public_id, transaction
from portal.people import policy
from portal.people.actions import accounts, sessions
from portal.people.actions.sessions import Device
from portal.people.models import SignInSession, User
from portal.people.queries import sessions as queries
from portal.people.queries.appointments import appointments_of
from portal.web import guard, language, quiet, unsent
from portal.web.database import database, db, office, reader, write_if_possible
from portal.web.guard import actor, person

# Browsers drop control characters and read "\" as "/", and "//" begins the name of another site.
LOCAL_PATH = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f]*")
DEVICE_DAYS = 365
UNKNOWN_DEVICE = "unknown"
# How many accounts one device is known to; a shared computer forgets the oldest.
DEVICE_ACCOUNTS = 5
# The more particular names first: every browser also claims to be an older one.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}


def _cookie(name: str) -> str:
    # The prefix binds the cookie to this host; browsers accept it only with HTTPS.
    return f"__Host-{name}" if current_app.config["PORTAL"].https else name


def token_of(incoming: Request) -> str | None:
    """Return the session token a request carries."""
    return incoming.cookies.get(_cookie("sid")) or None


def load_person(incoming: Request) -> queries.SignedInPerson | None:
    """Return whoever holds the request's session cookie; nobody, where nobody is to be known."""
    token = token_of(incoming)
    if not token or quiet.is_quiet(incoming):
        return None
    found = queries.signed_in_person(reader(), token, office())
    stale = found and clock.now() - found.last_seen_at > queries.TOUCH_EVERY
    if found and stale and guard.somebody_is_there(incoming):
        with write_if_possible() as writing:
            sessions.touch_session(writing, found.session_id)
    return found


def owner_of(incoming: Request) -> UUID | None:
    """Return whose cookie this is, even when it opens nothing any more."""
    token = token_of(incoming)
    return queries.owner_of(reader(), token) if token else None


def keep_language(asked: str) -> None:
    """Remember the language a signed-in person switched to."""
    if guard.signed_in() and person().language != asked:
        with database().side_write() as writing:
            accounts.set_language(writing, actor().user_id, asked)


# Called as a function: as a decorator it would hide the types of what it wraps.
guard.login_manager.request_loader(load_person)
guard.know_owner_with(owner_of)
language.keep_with(keep_language)


def waiting() -> tuple[SignInSession, User] | None:
    """Return whose password was right and whose second proof is still awaited."""
    token = token_of(request)
    return queries.waiting_person(reader(), token) if token else None


def local_target(address: str | None) -> str:
    """Return where to go after signing in: only a path of this portal."""
    return address if address and LOCAL_PATH.fullmatch(address) else url_for("home.index")


def device(*, own: bool) -> Device:
    """Return what the visitor signs in with, in two words."""
    agent = request.user_agent.string
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    return Device(own=own, name=", ".join(part for part in (browser, system) if part))


def begin(user: User, *, own_device: bool, to: str | None) -> ResponseReturnValue:
    """Go on after the password: to the second proof where the account has one, else inside."""
    if not queries.has_factor(reader(), user):
        return start(user, own_device=own_device, to=to)
    with transaction(db()) as writing:
        _leave_present(writing)
        token = sessions.await_factor(writing, user, device(own=own_device))
    response = redirect(url_for("people.code_form", lanjut=to or None), 303)
    _set_cookie(response, "sid", token)
    return response


def start(user: User, *, own_device: bool, to: str | None, strong: bool = False) -> Response:
    """Sign a person in and send them on."""
    own_device = own_device and policy.may_stay(appointments_of(reader(), user.id))
    with transaction(db()) as writing:
        _leave_present(writing)
        token = sessions.open_session(writing, user, device(own=own_device), strong=strong)
    session.clear()
    response = redirect(local_target(to), 303)
    days = office()["own_phone_idle_days"] if own_device else None
    _set_cookie(response, "sid", token, days=days)
    _remember_device(response, user)
    return response


def _leave_present(writing: Session) -> None:
    """End whatever session the browser holds: rights never carry over from one to the next."""
    held = waiting()
    if held:
        sessions.close_session(writing, held[0].id)
    if guard.signed_in():
        sessions.close_session(writing, person().session_id)


def rotated(response: Response, token: str) -> Response:
    """Hand the browser the new token of its session."""
    days = office()["own_phone_idle_days"] if person().own_device else None
    _set_cookie(response, "sid", token, days=days)
    return response


def forget(response: Response) -> Response:
    """Take the session cookie back and let the browser forget what it kept of the portal."""
    secure = current_app.config["PORTAL"].https
    response.delete_cookie(_cookie("sid"), path="/", secure=secure)
    unsent.forget(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _set_cookie(response: Response, name: str, value: str, *, days: int | None = None) -> None:
    response.set_cookie(
        _cookie(name),
        value,
        max_age=days * 24 * 3600 if days else None,
        secure=current_app.config["PORTAL"].https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="known device")


def _known_device() -> tuple[str, list[str]]:
    """Return this device's random name and the accounts that came in with it."""
    try:
        name, accounts_known = _signer().loads(request.cookies.get(_cookie("device"), ""))
        return str(name), [str(each) for each in accounts_known]
    except (BadSignature, TypeError, ValueError):
        return new_public_id(), []


def _remember_device(response: Response, user: User) -> None:
    name, known = _known_device()
    known = [user.public_id, *(each for each in known if each != user.public_id)]
    value = _signer().dumps([name, known[:DEVICE_ACCOUNTS]])
    _set_cookie(response, "device", str(value), days=DEVICE_DAYS)


def device_part(user: User | None) -> str:
    """Return the part of a delay's key that tells a known device from any other.

    Whoever signed in here before has a brake of their own, so that a stranger who tries their name
    elsewhere does not slow them down.
    """
    name, known = _known_device()
    return f"device:{name}" if user and user.public_id in known else UNKNOWN_DEVICE
