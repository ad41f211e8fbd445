"""Somebody who tells a story in Ruang Cerita, page by page, as a browser without scripts does."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select

from portal.incidents.models import Report
from tests.client import PageClient

STORY = "Diejek setiap hari di belakang kantin"
ANSWERS: tuple[dict[str, Any], ...] = (
    {"teller": "pupil"},
    {"what": ["verbal", "social"]},
    {"where": "yard", "when": "this_week"},
    {"words": STORY},
    {"danger": "no"},
)
T = TypeVar("T")
GROUP = re.compile(r"<b>([0-9A-Z]{4})</b>")


def begin(app: Flask, purpose: str = "report") -> PageClient:
    """Begin a story."""
    client = PageClient(app)
    client.builder.close()
    client.get("/cerita")
    assert client.post("/cerita", {"purpose": purpose}).headers["Location"] == "/cerita/1"
    return client


def told(app: Flask, *answers: dict[str, Any]) -> PageClient:
    """Answer all questions, and stand before the button that sends."""
    client = begin(app)
    for number, answer in enumerate(answers or ANSWERS, 1):
        client.get(f"/cerita/{number}")
        assert client.post(f"/cerita/{number}", answer).status_code == 303
    client.get("/cerita/periksa")
    return client


def code_shown(client: PageClient) -> str:
    """Return the code on the page that shows it."""
    page = client.get("/cerita/kode")
    assert page.status_code == 200
    groups = GROUP.findall(page.text)
    assert len(groups) == 4
    return "".join(groups)


def every(app: Flask, model: type[T]) -> list[T]:
    """Return all records of a kind, the oldest first."""
    with app.extensions["database"].reader() as session:
        return list(session.scalars(select(model).order_by(model.id)))  # type: ignore[attr-defined]


def reports(app: Flask) -> list[Report]:
    """Return all reports, the oldest first."""
    return every(app, Report)
