"""Sessions as entries of calendars: programme, school and place, never who it is about."""

from __future__ import annotations

from collections.abc import Mapping

from portal.core import i18n
from portal.documents.ics import Event, Status
from portal.visits.queries.calendar import Entry, touched_at
from portal.visits.states import VisitState

DOMAIN = "portal-mitra-sekolah"
STATUS: Mapping[VisitState, Status] = {
    VisitState.REQUESTED: Status.TENTATIVE,
    VisitState.OFFERED: Status.TENTATIVE,
    VisitState.SCHEDULED: Status.CONFIRMED,
    VisitState.DELIVERED: Status.CONFIRMED,
}


def event_of(entry: Entry, address: str) -> Event:
    """Return a session as an entry, in the language of the moment; `address` is its page's."""
    english = i18n.language() == "en"
    programme = entry.programme_en_name if english else entry.programme_id_name
    return Event(
        uid=f"{entry.public_id}@{DOMAIN}",
        sequence=entry.version,
        title=f"{programme}: {entry.school_name}",
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        place=", ".join(part for part in (entry.room, entry.school_name) if part),
        status=STATUS.get(entry.state, Status.CANCELLED),
        stamp=touched_at(entry),
        link=address,
    )
