"""Calendar files: read back by another library, they say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import icalendar
import pytest

from portal.documents.ics import Event, Status, calendar

EVENT = Event(
    uid="abc@portal-mitra-sekolah",
    sequence=3,
    title="Peksos Go to School: SMP Contoh",
    starts_at=datetime(2026, 8, 12, 1, tzinfo=UTC),
    ends_at=datetime(2026, 8, 12, 2, 30, tzinfo=UTC),
    place="Aula, SMP Contoh",
    status=Status.CONFIRMED,
    stamp=datetime(2026, 8, 3, 2, tzinfo=UTC),
)


def read(raw: bytes) -> list[icalendar.Event]:
    """Return the entries of a file."""
    return list(icalendar.Calendar.from_ical(raw).walk("VEVENT"))


def test_an_entry_comes_back_as_it_went_in() -> None:
    [entry] = read(calendar([EVENT]))
    assert entry["UID"] == EVENT.uid
    assert entry["SEQUENCE"] == 3
    assert entry["SUMMARY"] == EVENT.title
    assert entry["LOCATION"] == EVENT.place
    assert entry["STATUS"] == "CONFIRMED"
    assert (entry.start, entry.end, entry.stamp) == (EVENT.starts_at, EVENT.ends_at, EVENT.stamp)
    assert entry["LAST-MODIFIED"].dt == EVENT.stamp


def test_the_file_is_what_calendars_expect() -> None:
    raw = calendar([EVENT])
    lines = raw.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    for needed in (b"VERSION:2.0", b"METHOD:PUBLISH", b"DTSTART:20260812T010000Z"):
        assert needed in lines
    assert any(line.startswith(b"PRODID:") for line in lines)
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("status", list(Status))
def test_an_entry_says_how_certain_it_is(status: Status) -> None:
    [entry] = read(calendar([replace(EVENT, status=status)]))
    assert entry["STATUS"] == status


def test_a_calendar_with_a_name_is_fetched_again_and_again() -> None:
    raw = calendar([EVENT], "Sesi: Sari, Andi")
    book = icalendar.Calendar.from_ical(raw)
    assert book.to_ical() == raw
    assert book["X-WR-CALNAME"] == book["NAME"] == "Sesi: Sari, Andi"
    lines = raw.split(b"\r\n")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"X-PUBLISHED-TTL:PT1H" in lines


@pytest.mark.parametrize(
    "text",
    [
        "Kelas 7, 8; dan 9",
        "SMP “Melati” – Metro",
        "Garis\\miring",
        "Dua\nbaris",
        "Sekolah dengan nama yang amat panjang " * 5,
        "END:VEVENT\r\nBEGIN:VEVENT",
        "学校",
    ],
)
def test_every_text_survives(text: str) -> None:
    raw = calendar([replace(EVENT, title=text, place=text)])
    [entry] = read(raw)
    assert entry["SUMMARY"] == entry["LOCATION"] == text.replace("\r\n", "\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75


def test_several_entries_and_none() -> None:
    assert [e["UID"] for e in read(calendar([EVENT, replace(EVENT, uid="def@x")]))] == [
        EVENT.uid,
        "def@x",
    ]
    assert read(calendar([])) == []
