"""Reports as their reporters told them, with the codes they were given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from portal.core import clock
from portal.core.access import Actor
from portal.core.db import transaction
from portal.incidents.actions import conversing
from portal.incidents.actions.receiving import Filing, new_tracking_code, receive
from portal.incidents.models import Report, ReportEntry
from portal.incidents.states import Door
from tests.builders import Builder

STORY = "Tasku disembunyikan lagi di belakang kantin."
CHILDS = Filing(Door.STORY_ROOM, {"teller": ["pupil"], "danger": ["no"]}, story=STORY)


def told(build: Builder, **more: Any) -> tuple[Report, str]:
    """Tell the office something, as a pupil unless said otherwise; return it with its code."""
    code = new_tracking_code()
    with transaction(build.session) as session:
        return receive(session, None, replace(CHILDS, **more), code), code.text


def answered(build: Builder, actor: Actor, report: Report, text: str) -> ReportEntry:
    """Answer a report as the office does."""
    with transaction(build.session) as session:
        return conversing.answer(session, actor, report, text)


def an_hour_later() -> Any:
    """Return a moment at which whatever was answered by now shows."""
    return clock.now() + timedelta(hours=1)
