"""Calendar files (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PRODUCT = "-//Portal Mitra Sekolah//ID"


@dataclass(frozen=True)
class Event:
    """One entry; the UID stays, the sequence grows with every change."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    confirmed: bool
    stamp: datetime


def calendar(events: list[Event]) -> bytes:
    """Return a calendar with these events, times in UTC."""
    # The library loads slowly, and most requests never make a calendar.
    import icalendar

    book = icalendar.Calendar()
    book.add("prodid", PRODUCT)
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    for event in events:
        entry = icalendar.Event()
        entry.add("uid", event.uid)
        entry.add("sequence", event.sequence)
        entry.add("summary", event.title)
        entry.add("dtstart", event.starts_at)
        entry.add("dtend", event.ends_at)
        entry.add("dtstamp", event.stamp)
        entry.add("location", event.place)
        entry.add("status", "CONFIRMED" if event.confirmed else "TENTATIVE")
        book.add_component(entry)
    return bytes(book.to_ical())
