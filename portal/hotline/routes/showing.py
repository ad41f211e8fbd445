"""The story a request belongs to, and the pages that show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core.db import transaction
from portal.hotline.actions import stories as actions
from portal.hotline.models import Story, Telling
from portal.hotline.queries import stories
from portal.hotline.routes.blueprint import token_in
from portal.web import render
from portal.web.database import db, office, reader

# The cookie that leads back to a story; the only thing the device holds of it.
COOKIE = "cerita"


def current() -> Telling | None:
    """Return the visitor's story, unless it was idle too long."""
    return stories.find(reader(), token_in(COOKIE))


def unsent() -> Telling | None:
    """Return the visitor's story, if it can still be changed."""
    telling = current()
    return telling if telling and telling.report_id is None else None


def change(how: Callable[[Story], Story], afresh: Story) -> tuple[Story, str] | None:
    """Change the visitor's story, or else the one begun `afresh`; return it with its token.

    None when it was sent already. Whoever wrote for longer than a story is kept loses only what
    they had answered before.
    """
    token = token_in(COOKIE) or ""
    with transaction(db()) as session:
        telling = stories.find_to_change(session, token)
        if telling is None:
            telling, token = actions.begin(session, how(afresh))
        elif telling.report_id is None:
            actions.keep(session, telling, how(telling.story))
    return (telling.story, token) if telling.report_id is None else None


def page(template: str, story: Story, *, status: int = 200, **context: Any) -> Response:
    """Render a page in the voice that fits whoever tells the story."""
    return render.page(
        template,
        status=status,
        story=story,
        child=story.by_child,
        idle_seconds=office()["story_minutes"] * 60,
        **context,
    )


def passing(response: Response) -> Response:
    """Let a page that shows what was told go by itself, also without scripts."""
    seconds = office()["story_minutes"] * 60
    response.headers["Refresh"] = f"{seconds}; url={url_for('hotline.over')}"
    return response


def on_to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Go on to another page."""
    return redirect(url_for(endpoint, **values), 303)
