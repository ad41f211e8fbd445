"""Invented schools; NPSN that begin with 99 are not given out."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.schools.models import Authority, Level, Mou, Ownership, School

MOU_VALID_YEARS = 2

# district, level, name, pupils, sessions delivered this year, partner
SCHOOLS: tuple[tuple[str, Level, str, int, int, bool], ...] = (
    ("18.72.01", Level.SD, "SD Cempaka Biru", 310, 1, True),
    ("18.72.01", Level.SD, "SD Mentari Pagi", 280, 1, True),
    ("18.72.01", Level.SD, "SD Rumah Cerita", 190, 1, True),
    ("18.72.01", Level.MI, "MI Cahaya Pelita", 220, 1, True),
    ("18.72.01", Level.SD, "SD Taman Aksara", 350, 0, True),
    ("18.72.01", Level.SMP, "SMP Sinar Bahari", 420, 1, True),
    ("18.72.01", Level.SMP, "SMP Gema Nusa", 360, 1, True),
    ("18.72.01", Level.MTS, "MTs Lentera Hati", 240, 0, False),
    ("18.72.01", Level.SMA, "SMA Bintang Laut", 510, 1, True),
    ("18.72.01", Level.SMA, "SMA Kencana Wungu", 390, 0, False),
    ("18.72.01", Level.SMK, "SMK Karya Samudra", 620, 1, True),
    ("18.72.02", Level.SD, "SD Kebun Pala", 210, 1, True),
    ("18.72.02", Level.SD, "SD Embun Pagi", 180, 0, True),
    ("18.72.02", Level.SD, "SD Anak Sawah", 240, 0, True),
    ("18.72.02", Level.MI, "MI Nur Pelangi", 160, 1, True),
    ("18.72.02", Level.SMP, "SMP Bukit Kelapa", 330, 0, True),
    ("18.72.02", Level.MTS, "MTs Cahaya Iman", 270, 0, True),
    ("18.72.02", Level.SMA, "SMA Jala Mutiara", 300, 0, True),
    ("18.72.02", Level.SMK, "SMK Tani Makmur Lestari", 410, 0, False),
    ("18.72.03", Level.SD, "SD Kayu Manis", 260, 1, True),
    ("18.72.03", Level.SD, "SD Ombak Kecil", 230, 1, True),
    ("18.72.03", Level.SD, "SD Pondok Rotan", 200, 0, False),
    ("18.72.03", Level.SMP, "SMP Layar Terkembang", 350, 1, True),
    ("18.72.03", Level.MTS, "MTs Fajar Ilmu", 210, 0, True),
    ("18.72.03", Level.SMA, "SMA Teluk Cahaya", 440, 1, True),
    ("18.72.03", Level.SMK, "SMK Pandan Wangi", 520, 1, True),
    ("18.72.04", Level.SMP, "SMP Tunas Harapan", 360, 0, True),
    ("18.72.04", Level.SD, "SD Melati Putih", 300, 1, True),
    ("18.72.04", Level.SD, "SD Jembatan Ilmu", 270, 1, True),
    ("18.72.04", Level.SD, "SD Ladang Bunga", 220, 0, True),
    ("18.72.04", Level.MI, "MI Harapan Umat Raya", 190, 0, False),
    ("18.72.04", Level.SMP, "SMP Pelita Samudra", 380, 1, True),
    ("18.72.04", Level.MTS, "MTs Tunas Cendekia", 230, 1, True),
    ("18.72.04", Level.SMA, "SMA Wiyata Segara", 470, 1, True),
    ("18.72.04", Level.SMK, "SMK Cipta Bahari", 560, 0, True),
    ("18.72.04", Level.SLB, "SLB Tangan Kasih", 84, 1, True),
    ("18.72.05", Level.SD, "SD Rimba Hijau", 170, 0, True),
    ("18.72.05", Level.SD, "SD Kali Jernih", 210, 0, True),
    ("18.72.05", Level.SD, "SD Pasir Emas", 190, 1, True),
    ("18.72.05", Level.SMP, "SMP Kaki Bukit", 290, 0, True),
    ("18.72.05", Level.MTS, "MTs Sejahtera Bersama", 180, 0, False),
    ("18.72.05", Level.SMA, "SMA Langit Biru", 320, 0, True),
)

AUTHORITIES = {
    Level.MI: Authority.RELIGIOUS_AFFAIRS,
    Level.MTS: Authority.RELIGIOUS_AFFAIRS,
    Level.MA: Authority.RELIGIOUS_AFFAIRS,
    Level.SMA: Authority.PROVINCE,
    Level.SMK: Authority.PROVINCE,
    Level.SLB: Authority.PROVINCE,
}


def add_schools(session: Session) -> dict[str, School]:
    """Add the invented schools; return them by name."""
    found = {}
    year = SchoolYear.of(clock.today())
    for number, (district, level, name, pupils, _sessions, partner) in enumerate(SCHOOLS, 1):
        school = School(
            id=new_id(),
            npsn=f"99{number:06d}",
            name=name,
            level=level,
            ownership=Ownership.PRIVATE,
            authority=AUTHORITIES.get(level, Authority.CITY),
            district_code=district,
            pupil_count=pupils,
            source="contoh",
            changed_at=clock.now(),
        )
        session.add(school)
        session.flush()
        found[name] = school
        if partner:
            session.add(_mou(school, number, year))
    session.flush()
    return found


def _mou(school: School, number: int, year: SchoolYear) -> Mou:
    signed_on = year.first_day - timedelta(days=300 - number * 5)
    return Mou(
        school_id=school.id,
        number=f"{number:03d}/MoU-CONTOH/{signed_on.year}",
        signed_on=signed_on,
        valid_until=date(year.start_year + MOU_VALID_YEARS, 6, 30),
        promised_sessions=2,
        recorded_at=clock.now(),
    )
