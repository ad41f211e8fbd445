"""Invented reports, one of which can be opened again with the code "contoh cerita demo"."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal.core import clock, codes, hashing
from portal.incidents.actions import arriving, conversing, roster
from portal.incidents.actions import deciding as reports
from portal.incidents.actions.receiving import (
    LOCATOR_LENGTH,
    Filing,
    TrackingCode,
    peppered,
    receive,
)
from portal.incidents.actions.roster import NewTurn
from portal.incidents.models import Report
from portal.incidents.states import Door, Outcome
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School

# Read as "contoh cerita demo": O is 0 and I is 1, as on every code.
DEMO_NUMBER, DEMO_SECRET = "C0NT0H", "CER1TADEM0"
# school, answers, what was told, and the number of the one that can be opened again; all invented.
REPORTS: tuple[tuple[str, dict[str, list[str]], str, str], ...] = (
    (
        "SMP Gema Nusa",
        {"danger": ["yes"], "what": ["physical"], "signs": ["weapon"], "reported": ["pupil"]},
        "Ada yang membawa benda tajam ke sekolah dan mengancam di belakang kantin.",
        "",
    ),
    (
        "SMP Tunas Harapan",
        {"danger": ["unsure"], "what": ["extortion"], "often": ["several"], "where": ["route"]},
        "Uang jajan diminta setiap pulang sekolah. Kalau tidak diberi, tas dibuang.",
        DEMO_NUMBER,
    ),
    (
        "SD Melati Putih",
        {"danger": ["no"], "what": ["verbal", "social"], "often": ["daily"], "where": ["class"]},
        "Tidak ada yang mau duduk dengannya sejak awal semester.",
        "",
    ),
    (
        "MTs Lentera Hati",
        {"danger": ["no"], "what": ["verbal"], "teller": ["parent"]},
        "Anak saya diejek satu kali. Bagaimana sebaiknya saya menanggapi?",
        "",
    ),
    (
        "SMA Bintang Laut",
        {"danger": ["no"], "what": ["sexual"], "reported": ["teacher"]},
        "Ada guru yang mengirim pesan pribadi yang membuat tidak nyaman.",
        "",
    ),
    ("SD Kali Jernih", {}, "asdf asdf asdf", ""),
)


def add_reports(
    session: Session, schools: dict[str, School], users: dict[str, User]
) -> list[Report]:
    """Add turns on the roster, and reports at every urgency, one of them with a conversation."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    officer = actor_for(session, users["Sari Wulandari"])
    for name, first, last in (("Sari Wulandari", 0, 6), ("Andi Pratama", 7, 12)):
        days = clock.today() + timedelta(days=first), clock.today() + timedelta(days=last)
        roster.add_turn(session, coordinator, NewTurn(users[name].id, *days))
    found = [
        _tell(session, schools[name], answers, story, number)
        for name, answers, story, number in REPORTS
    ]
    for report in found[:4]:
        arriving.record_reading(session, officer, report.id)
    reports.take_on(session, officer, found[0])
    reports.reply(session, officer, found[1], "Terima kasih sudah bercerita. Apakah sekarang aman?")
    conversing.write_to_office(session, found[1], "Sekarang aman. Takutnya besok di jalan pulang.")
    reports.add_note(session, officer, found[1], "Jalan pulang lewat pasar; tanya guru piket.")
    reports.follow_up(session, officer, found[2], "Sari bertemu wali kelas hari Rabu.")
    reports.close(session, officer, found[3], Outcome.ADVISED, "Kami sudah memberi saran.")
    session.flush()
    return found


def _tell(
    session: Session, school: School, answers: dict[str, list[str]], story: str, locator: str
) -> Report:
    kept = hashing.slow_hash(peppered(locator, DEMO_SECRET)) if locator else ""
    code = TrackingCode(locator or codes.new_code(LOCATOR_LENGTH), DEMO_SECRET, kept or "-")
    filing = Filing(
        Door.STORY_ROOM,
        answers,
        story=story,
        school_id=school.id,
        quarantined=answers == {},
    )
    report = receive(session, None, filing, code)
    session.flush()
    return report
