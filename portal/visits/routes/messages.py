"""Ready WhatsApp texts about a visit, in the language of whoever gets them."""

from __future__ import annotations

from portal.core import i18n
from portal.visits.queries.visits import VisitFile
from portal.visits.states import VisitState
from portal.web.filters import whatsapp_text
from portal.web.render import whole_address


def whatsapp_news(found: VisitFile) -> str | None:
    """Return the address of a chat with whoever asked, the office's answer filled in."""
    if not found.requester.phone or found.visit.state not in ANSWERS:
        return None
    with i18n.in_language(found.requester.language):
        text = _text(found)
    return whatsapp_text(text, found.requester.phone)


ANSWERS = frozenset({VisitState.SCHEDULED, VisitState.DECLINED, VisitState.CANCELLED})


def _text(found: VisitFile) -> str:
    visit = found.visit
    facts = {
        "programme": found.programme.name(i18n.language()),
        "day": i18n.day_date(visit.starts_at),
        "time": i18n.clock_time(visit.starts_at),
        "link": whole_address("visits.show", visit_id=visit.public_id),
    }
    if visit.state == VisitState.SCHEDULED:
        return i18n.gettext(
            "Your %(programme)s session is confirmed: %(day)s, %(time)s WIB, with %(worker)s. "
            "Details: %(link)s",
            worker=found.worker.short_name,
            **facts,
        )
    if visit.state == VisitState.DECLINED:
        return i18n.gettext(
            "Your %(programme)s session on %(day)s, %(time)s WIB, cannot be scheduled yet. The "
            "reason and other times: %(link)s",
            **facts,
        )
    return i18n.gettext(
        "The %(programme)s session on %(day)s, %(time)s WIB, is cancelled. Details: %(link)s",
        **facts,
    )
