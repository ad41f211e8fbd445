"""Forms that are sent twice are carried out once."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import replace

from flask import Flask, abort, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.exceptions import Conflict

from portal.core import i18n, receipts
from portal.core.receipts import AlreadyDoneError, Claim, Receipt
from portal.web import guard, language, render
from portal.web.database import database, stop_reading, write_if_possible

KEY_FIELD = "idempotency_key"
KEY = re.compile(r"[A-Za-z0-9_-]{22}")
# Fields that differ between two presses of the same button.
PASSING = frozenset({"csrf_token", KEY_FIELD})
LOCATION_LENGTH = 500
# How long a second press waits for the first one's answer, in steps of a tenth of a second.
PATIENCE = 20


class OtherWordsError(Conflict):
    """A form that was carried out already came again, saying something else."""


def _claim() -> Claim | None:
    key = request.form.get(KEY_FIELD, "")
    if request.method != "POST" or not KEY.fullmatch(key) or language.switching():
        return None
    user_id = guard.actor().user_id if guard.signed_in() else None
    body_hash = _body_hash(key)
    address = request.full_path
    if render.wants_fragment():
        # Part of a page may be sent anew while the answer to the last one is still on its way,
        # as when somebody taps one time and then another.
        address = f"{address}\n{body_hash.hex()}"
    return Claim(receipts.digest_of(key, user_id, address), body_hash)


def _body_hash(key: str) -> bytes:
    digest = hmac.new(key.encode(), digestmod=hashlib.sha256)
    for name, value in sorted(request.form.items(multi=True)):
        if name not in PASSING:
            digest.update(repr((name, value)).encode("utf-8", "surrogatepass"))
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(repr((name, file.filename)).encode("utf-8", "surrogatepass"))
        digest.update(hashlib.sha256(file.stream.read()).digest())
        file.stream.seek(0)
    return digest.digest()


def _look_up(digest: bytes) -> Receipt | None:
    # A reader of its own: the request's may have begun before the other one was done.
    with database().reader() as reading:
        return reading.get(Receipt, digest)


def _answer(claim: Claim, receipt: Receipt) -> ResponseReturnValue:
    if not hmac.compare_digest(receipt.body_hash, claim.body_hash):
        raise OtherWordsError
    for _step in range(PATIENCE):
        if receipt.location:
            break
        time.sleep(0.1)
        receipt = _look_up(claim.digest) or receipt
    flash(i18n.gettext("This was already sent and carried out, once."), "info")
    address = receipt.location or guard.page_left() or "/"
    if render.wants_fragment():
        return render.whole_page_to(address)
    return redirect(address, 303)


def lead_to(location: str) -> None:
    """Say where a form will lead, before it is carried out; nothing is left to be noted then."""
    if "claim" in g and "session" not in g and len(location) <= LOCATION_LENGTH:
        g.claim = replace(g.claim, location=location)


def init_app(app: Flask) -> None:
    """Recognise what was sent before; comes after the guard and the CSRF check."""

    @app.before_request
    def recognise() -> ResponseReturnValue | None:
        claim = _claim()
        if claim is None:
            return None
        g.claim = claim
        receipt = _look_up(claim.digest)
        return _answer(claim, receipt) if receipt else None

    @app.errorhandler(AlreadyDoneError)
    def answer_again(_error: AlreadyDoneError) -> ResponseReturnValue:
        # Let go of the write lock: the first one needs it to note where it led.
        g.session.rollback()
        claim: Claim = g.claim
        receipt = _look_up(claim.digest)
        return _answer(claim, receipt) if receipt else abort(409)

    @app.after_request
    def note_location(response: Response) -> Response:
        claim: Claim | None = g.get("claim")
        if claim is None or "session" not in g or not receipts.is_done(g.session):
            return response
        location = (
            response.headers.get("HX-Redirect")
            or response.headers.get("Location")
            # The answer stands in the page itself.
            or guard.page_left()
            or "/"
        )
        unknown = location != claim.location
        if unknown and len(location) <= LOCATION_LENGTH and stop_reading():
            _note(claim, location)
        return response


def _note(claim: Claim, location: str) -> None:
    # What was asked for is done; without the address whoever presses again is led elsewhere.
    with write_if_possible() as writing:
        receipts.note_location(writing, claim.digest, location)
