"""A teacher's form as a browser sends it, for tests."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from sqlalchemy import select

from portal.core import clock
from portal.core.db import new_id, transaction
from portal.monitoring.models import FormAnswers, MonitoringForm, Watcher
from portal.monitoring.policy.scoring import Filled
from tests.client import PageClient
from tests.monitoring.classroom import CALM, Classroom

ROWS = tuple(f"m{number}" for number in range(1, 13))


def path_of(form: MonitoringForm, rest: str = "") -> str:
    """Return the address of a form's page."""
    return f"/pemantauan/{form.public_id}{rest}"


def filled(flags: tuple[str, ...] = ("none",), **changed: str | None) -> dict[str, Any]:
    """Return the fields of a form filled in calmly; None leaves a row out."""
    rows = {code: str(CALM[code]) for code in ROWS} | changed
    return {"flags": list(flags), **{code: each for code, each in rows.items() if each is not None}}


def versions(room: Classroom, form: MonitoringForm) -> list[FormAnswers]:
    """Return what was sent for a form, the newest last."""
    return list(
        room.work.rows(
            select(FormAnswers).where(FormAnswers.form_id == form.id).order_by(FormAnswers.number)
        )
    )


def answers(version: FormAnswers) -> Filled:
    """Return the answers of one version."""
    return Filled.of_json(version.answers)


def teacher(room: Classroom, client: PageClient) -> PageClient:
    """Return a browser in which the teacher is signed in."""
    return client.sign_in(room.teacher)


def tree(client: PageClient) -> Element:
    """Return the last page, parsed."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    found: Element = parser.parse(client.page)
    return found


def text_of(element: Element | None) -> str:
    """Return an element's words."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def checked(client: PageClient) -> dict[str, list[str]]:
    """Return which answers stand in the form shown."""
    found: dict[str, list[str]] = {}
    for field in tree(client).iter("input"):
        if field.get("type") in {"radio", "checkbox"} and "checked" in field.attrib:
            found.setdefault(str(field.get("name")), []).append(str(field.get("value")))
    return found


def substitute(room: Classroom) -> None:
    """Let the colleague stand in for the teacher."""
    with transaction(room.work.build.session) as session:
        session.add(
            Watcher(
                id=new_id(),
                follow_up_id=room.follow_up.id,
                user_id=room.colleague.id,
                substitute=True,
                since=clock.now(),
                named_by=room.principal.id,
            )
        )
