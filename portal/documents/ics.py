"""Calendar files (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PRODUCT = "-//Portal Mitra Sekolah//ID"
# How often programs that fetch a calendar again and again are asked to do so.
FETCH_EVERY = timedelta(hours=1)


class Status(StrEnum):
    """How certain an entry is; a cancelled one lets calendars drop it."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """One entry; the UID stays, the sequence grows with every change."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    status: Status
    # When it changed last.
    stamp: datetime
    # Where there is more to read.
    link: str = ""


def calendar(events: Sequence[Event], name: str = "") -> bytes:
    """Return a calendar with these events, times in UTC; with a name, one to be fetched often."""
    # The library loads slowly, and most requests never make a calendar.
    import icalendar

    book = icalendar.Calendar()
    book.add("prodid", PRODUCT)
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    if name:
        # RFC 7986, and the names under which older programs look for the same.
        for title in ("name", "x-wr-calname"):
            book.add(title, name)
        often = icalendar.vDuration(FETCH_EVERY, params={"VALUE": "DURATION"})
        book.add("refresh-interval", often)
        # The same for Outlook, which knows no kinds of values here.
        book.add("x-published-ttl", f"PT{FETCH_EVERY // timedelta(hours=1)}H")
    for event in events:
        entry = icalendar.Event()
        entry.add("uid", event.uid)
        entry.add("sequence", event.sequence)
        entry.add("summary", event.title)
        entry.add("dtstart", event.starts_at)
        entry.add("dtend", event.ends_at)
        entry.add("dtstamp", event.stamp)
        entry.add("last-modified", event.stamp)
        entry.add("location", event.place)
        entry.add("status", event.status.value)
        if event.link:
            entry.add("url", event.link)
        book.add_component(entry)
    return bytes(book.to_ical())
