"""Whom the portal asks next when something about a session stays undone."""

from __future__ import annotations

from portal.core.access import Role
from portal.core.ladders import Ladder, register, register_news


def _visit_page(link: str) -> str:
    """Return a session's own page, which more people read than the one where it is answered."""
    return link.removesuffix("/periksa").replace("/permintaan/", "/sesi/")


register(
    Ladder("answer_request", then=(Role.DIVISION_HEAD,), seen_at=_visit_page),
    Ladder("confirm_room", then=(Role.COORDINATOR,)),
    Ladder("record_delivery", then=(Role.COORDINATOR, Role.DIVISION_HEAD)),
    Ladder("find_worker", then=(Role.DIVISION_HEAD,)),
)
register_news("news_declined", "news_cancelled")
