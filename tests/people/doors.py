"""How people come in: the door, the second proof, and what their browser holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyotp
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.access import Permission
from portal.core.db import Base, Database
from portal.people.models import User
from tests.builders import PASSWORD, TOTP_SECRET
from tests.client import PageClient

# A Monday, 09.41 in Metro.
NOW = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)
WRONG = "kata sandi yang salah"
# What differs between two answers that say the same.
PASSING = re.compile(r'<input[^>]*name="(?:csrf_token|idempotency_key)"[^>]*>')


def knock(
    client: PageClient, identifier: str | None, password: str = PASSWORD, **more: str
) -> TestResponse:
    """Fill in the door's form."""
    client.get("/masuk")
    return client.post("/masuk", {"identifier": identifier, "password": password, **more})


def code_now(steps: int = 0, secret: str = TOTP_SECRET) -> str:
    """Return what an authenticator app shows now, or some steps away from now."""
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def show(client: PageClient, code: str, **more: str) -> TestResponse:
    """Fill in the form for the second proof."""
    client.get("/masuk/kode")
    return client.post("/masuk/kode", {"code": code, **more})


def come_in(client: PageClient, user: User) -> TestResponse:
    """Come in with password and, where the account asks for it, the code of now."""
    response = knock(client, user.email)
    assert response.status_code == 303, response.text
    if user.totp_secret:
        response = show(client, code_now())
        assert response.status_code == 303, response.text
    return response


def cookie(response: TestResponse, name: str) -> str:
    """Return the one header that sets a cookie."""
    (header,) = (
        each for each in response.headers.getlist("Set-Cookie") if each.startswith(f"{name}=")
    )
    return header


def token_of(client: PageClient) -> str:
    """Return the session token a browser holds."""
    held = client.http.get_cookie("sid")
    assert held
    return held.value


def is_in(client: PageClient) -> bool:
    """Say whether the door is open, by a page that needs it."""
    response = client.get("/beranda")
    if response.status_code == 303:
        assert response.headers["Location"].startswith("/masuk")
        return False
    assert response.status_code == 200
    return True


def opens(app: Flask, token: str) -> bool:
    """Say whether a copied cookie opens the door."""
    thief = PageClient(app)
    thief.builder.close()
    thief.http.set_cookie("sid", token)
    return is_in(thief)


def closed_views(app: Flask, method: str) -> dict[str, Any]:
    """Return an address and the view of everything that is not public, by name.

    Whoever stands at the door is asked before anything is looked up, so any id will do.
    """
    found = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        asks = getattr(view, "access", None)
        if method in (rule.methods or ()) and isinstance(asks, Permission):
            address = re.sub(r"<uuid:[^>]+>", str(UUID(int=0)), rule.rule)
            address = re.sub(r"<int[:(][^>]+>", "1", address)
            # Of what stands to choose, the first.
            address = re.sub(r"<any\((\w+)[^>]*>", r"\1", address)
            found[rule.endpoint] = (re.sub(r"<[^>]+>", "x" * 22, address), view)
    assert len(found) > 20
    return found


def everything_in(database: Database) -> str:
    """Return all rows of all tables as text."""
    with database.reader() as session:
        return "".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        )


def masked(response: TestResponse, *words: str) -> tuple[int, str | None, str]:
    """Return an answer without what passes, and without words it only repeats."""
    text = PASSING.sub("", response.get_data(as_text=True))
    for word in words:
        text = text.replace(word, "…")
    return response.status_code, response.headers.get("Location"), text
