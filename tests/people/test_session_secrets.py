"""What a session must not inherit from the time before somebody signed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core.access import Role
from portal.people.models import SignInSession, User
from tests.builders import PASSWORD
from tests.client import PageClient
from tests.conftest import on_sqlite

pytestmark = on_sqlite
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def user(client: PageClient) -> User:
    """Return somebody with an account."""
    with time_machine.travel(START, tick=False):
        user = client.builder.user(Role.EDUCATION_OFFICE)
    client.builder.close()
    return user


def come_in(client: PageClient, user: User) -> None:
    """Sign in by password."""
    client.get("/masuk")
    response = client.post("/masuk", {"identifier": user.email, "password": PASSWORD})
    assert response.status_code == 303


def test_signing_in_gives_the_browser_a_new_form_token(client: PageClient, user: User) -> None:
    client.get("/masuk")
    before = client.token
    come_in(client, user)
    refused = client.http.post("/akun", data={"csrf_token": before, "full_name": "Orang Lain"})
    assert refused.status_code == 400


def test_a_session_id_chosen_by_somebody_else_is_not_taken_over(
    client: PageClient, user: User
) -> None:
    client.http.set_cookie("sid", "dipilih-orang-lain")
    come_in(client, user)
    cookie = client.http.get_cookie("sid")
    assert cookie
    assert cookie.value != "dipilih-orang-lain"


def test_use_is_noted_at_most_once_a_minute(app: Flask, client: PageClient, user: User) -> None:
    with time_machine.travel(START, tick=False):
        come_in(client, user)
    seen = []
    for seconds in (30, 60, 61, 90, 121, 122):
        with time_machine.travel(START + timedelta(seconds=seconds), tick=False):
            client.get("/beranda")
        with app.extensions["database"].reader() as session:
            last_seen_at = session.scalars(select(SignInSession.last_seen_at)).one()
        seen.append((last_seen_at - START).total_seconds())
    assert seen == [0, 0, 61, 61, 61, 122]
