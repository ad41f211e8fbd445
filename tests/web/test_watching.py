"""Each request leaves a line and a count that say which view and how it went, and nobody's data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal import create_app
from portal.config import Settings
from portal.core.access import Role
from tests.client import PageClient
from tests.conftest import on_sqlite

pytestmark = on_sqlite

NAME = "Rahmat Canary"


@pytest.fixture
def told(settings: Settings) -> Iterator[Flask]:
    """Return the application as it runs for people, with a log for programs."""
    app = create_app(
        replace(settings, testing=False, log_format="json", metrics_token="rahasia-untuk-uji")
    )
    yield app
    app.extensions["database"].dispose()


def test_a_request_is_one_line_without_address_or_name(
    told: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    client = PageClient(told)
    client.builder.user(Role.ADMIN, name=NAME, email="canary@uji.example")
    client.builder.close()
    client.get("/masuk?lanjut=/sekolah")
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    (line,) = [each for each in lines if each["event"] == "request"]
    assert line["view"] == "people.sign_in_form"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert isinstance(line["ms"], int)
    assert len(line["request"]) == 8
    for hidden in ("lanjut", "/masuk", "127.0.0.1", NAME):
        assert hidden not in written


def test_figures_need_the_token_and_count_views(told: Flask) -> None:
    client = told.test_client()
    client.get("/masuk", base_url="http://localhost")
    assert client.get("/metrik", base_url="http://localhost").status_code == 404
    wrong = {"Authorization": "Bearer salah"}
    assert client.get("/metrik", base_url="http://localhost", headers=wrong).status_code == 404
    right = {"Authorization": "Bearer rahasia-untuk-uji"}
    answer = client.get("/metrik", base_url="http://localhost", headers=right)
    assert answer.status_code == 200
    assert 'portal_request_seconds_count{status="200",view="people.sign_in_form"} 1.0' in (
        answer.text
    )
    assert "portal_mail_waiting 0.0" in answer.text


def test_without_a_token_there_are_no_figures(client: PageClient) -> None:
    assert client.get("/metrik").status_code == 404
