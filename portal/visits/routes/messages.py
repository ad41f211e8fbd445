"""Ready WhatsApp texts about a visit, in the language of whoever gets them."""

from __future__ import annotations

from portal.core import i18n
from portal.visits.queries.story import Change
from portal.visits.queries.visits import VisitFile
from portal.visits.states import Origin, VisitState
from portal.web.filters import whatsapp_text
from portal.web.render import whole_address


def whatsapp_news(found: VisitFile, change: Change | None = None) -> str | None:
    """Return the address of a chat with whoever asked, the office's news filled in.

    What the office offers by itself goes to a number its reader chooses: nobody asked for it.
    """
    if found.visit.state not in TOLD or (change and not change.change.by_office):
        return None
    asked = found.visit.origin in ASKED_FOR
    if asked and not found.requester.phone:
        return None
    with i18n.in_language(found.requester.language if asked else i18n.DEFAULT):
        text = _proposal(found, change) if change else _text(found)
    return whatsapp_text(text, found.requester.phone if asked else None)


TOLD = frozenset(
    {VisitState.OFFERED, VisitState.SCHEDULED, VisitState.DECLINED, VisitState.CANCELLED}
)
ASKED_FOR = frozenset({Origin.SCHOOL, Origin.WISH})


def _proposal(found: VisitFile, change: Change) -> str:
    return i18n.gettext(
        "We would like to move the %(programme)s session of %(before)s to %(day)s, %(time)s WIB. "
        "Please answer here: %(link)s",
        programme=found.programme.name(i18n.language()),
        before=i18n.day_date(found.visit.starts_at),
        day=i18n.day_date(change.change.starts_at),
        time=i18n.clock_time(change.change.starts_at),
        link=whole_address("visits.show", visit_id=found.visit.public_id),
    )


def _text(found: VisitFile) -> str:
    visit = found.visit
    facts = {
        "programme": found.programme.name(i18n.language()),
        "day": i18n.day_date(visit.starts_at),
        "time": i18n.clock_time(visit.starts_at),
        "link": whole_address("visits.show", visit_id=visit.public_id),
    }
    if visit.state == VisitState.OFFERED:
        return i18n.gettext(
            "We offer %(school)s a %(programme)s session: %(day)s, %(time)s WIB. One press takes "
            "it, by %(until)s: %(link)s",
            school=found.school.name,
            until=i18n.day_date(visit.answer_by),
            **facts,
        )
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
