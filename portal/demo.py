"""Invented people, schools and sessions, to look around in; never mixed with real data.

No name of a real school of Metro is used; NPSN that begin with 99 are not given out.
"""

from __future__ import annotations

import base64
import random
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock, codes, hashing, settings
from portal.core.access import Actor, Appointment, Role
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.core.errors import Rejected
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
from portal.people.actions.passwords import hash_password
from portal.people.models import Membership, User
from portal.people.queries.appointments import actor_for
from portal.schools.models import Authority, Level, Mou, Ownership, School
from portal.visits.actions import booking, deciding
from portal.visits.actions.booking import Stay, take
from portal.visits.models import Leave, Method, Programme, Topic, Visit, WorkingHours
from portal.visits.queries import slots, visits
from portal.visits.states import VisitState

PASSWORD = "contoh-portal-mitra"  # noqa: S105 - of invented accounts, printed at every start
SEED = 2026
MOU_VALID_YEARS = 2
FULL_DAY = (time(7, 30), time(15, 30))
FRIDAY_INDEX = 4
FRIDAY = (time(7, 30), time(11, 30))


class NotEmptyError(Exception):
    """The database holds data that no demonstration made."""


@dataclass(frozen=True)
class Account:
    """One invented account, as `portal demo accounts --json` prints it."""

    role: str
    name: str
    school: str | None
    email: str | None
    phone: str | None
    password: str
    totp_secret: str | None = None


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
    ("18.72.04", Level.SMP, "SMP Tunas Harapan", 360, 1, True),
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

# role, full name, form of address, school; phone numbers from a block that is not given out
PEOPLE: tuple[tuple[Role, str, str, str | None], ...] = (
    (Role.PRINCIPAL, "Ratna Dewi", "Bu Ratna", "SMP Tunas Harapan"),
    (Role.TEACHER, "Dedi Kurniawan", "Pak Dedi", "SMP Tunas Harapan"),
    (Role.TEACHER, "Lestari Handayani", "Bu Lestari", "SMP Tunas Harapan"),
    (Role.SCHOOL_OPERATOR, "Fajar Prasetyo", "Pak Fajar", "SMP Tunas Harapan"),
    (Role.PRINCIPAL, "Mulyono", "Pak Mulyono", "SD Rimba Hijau"),
    (Role.TEACHER, "Siti Aminah", "Bu Siti", "SD Rimba Hijau"),
    (Role.TEACHER, "Hendra Wijaya", "Pak Hendra", "SD Rimba Hijau"),
    (Role.COORDINATOR, "Yuni Astuti", "Bu Yuni", None),
    (Role.SOCIAL_WORKER, "Sari Wulandari", "Bu Sari", None),
    (Role.SOCIAL_WORKER, "Andi Pratama", "Pak Andi", None),
    (Role.SOCIAL_WORKER, "Nia Rahmawati", "Bu Nia", None),
    (Role.SOCIAL_WORKER, "Budi Hartono", "Pak Budi", None),
    (Role.DIVISION_HEAD, "Endang Susilowati", "Bu Endang", None),
    (Role.ADMIN, "Rizki Ramadhan", "Pak Rizki", None),
    (Role.EDUCATION_OFFICE, "Tri Wahyuni", "Bu Tri", None),
    (Role.VOLUNTEER, "Putri Anggraini", "", None),
    (Role.OFFICE_HEAD, "Hartati Ningsih", "Bu Hartati", None),
)

AUTHORITIES = {
    Level.MI: Authority.RELIGIOUS_AFFAIRS,
    Level.MTS: Authority.RELIGIOUS_AFFAIRS,
    Level.MA: Authority.RELIGIOUS_AFFAIRS,
    Level.SMA: Authority.PROVINCE,
    Level.SMK: Authority.PROVINCE,
    Level.SLB: Authority.PROVINCE,
}


def accounts() -> list[Account]:
    """Return the invented accounts."""
    return [
        Account(
            role.value, name, school, _email(name), _phone(number), PASSWORD, _totp(role, number)
        )
        for number, (role, name, _called, school) in enumerate(PEOPLE, 1)
    ]


def accounts_as_json() -> list[dict[str, str | None]]:
    """Return the invented accounts as plain dictionaries."""
    return [asdict(account) for account in accounts()]


def _email(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@contoh.example"


def _phone(number: int) -> str:
    return f"+6281200000{number:03d}"


def _totp(role: Role, number: int) -> str | None:
    """Return the invented secret of the second proof, for the roles that need one."""
    if role not in settings.REGISTRY["second_factor_roles"].default:
        return None
    return base64.b32encode(f"{number:03d}-contoh-portal-mitra".encode()[:20]).decode()


def is_demo(session: Session) -> bool:
    """Say whether this database is a demonstration."""
    return settings.read(session).demo


def is_empty(session: Session) -> bool:
    """Say whether a database holds neither people nor schools."""
    return not any(
        session.scalar(select(func.count()).select_from(table)) for table in (User, School)
    )


def fill(session: Session) -> None:
    """Fill an empty database; raises NotEmptyError when it holds anything."""
    if not is_empty(session):
        raise NotEmptyError
    settings.write(session, None, settings.DEMO, value=True)
    settings.write(session, None, "office_phone", "+62725000000")
    schools = _add_schools(session)
    users = _add_people(session, schools)
    workers = [users[name] for role, name, *_ in PEOPLE if role is Role.SOCIAL_WORKER]
    _add_time(session, workers, users["Yuni Astuti"])
    _add_history(session, schools, workers, users)
    _add_open_work(session, schools, users)
    _add_reports(session, schools, users)


def _add_schools(session: Session) -> dict[str, School]:
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


def _add_people(session: Session, schools: dict[str, School]) -> dict[str, User]:
    # One hash for all: sixteen slow hashes would only make the first start slower.
    password_hash = hash_password(PASSWORD)
    users = {}
    for number, (role, name, called, school) in enumerate(PEOPLE, 1):
        user = User(
            id=new_id(),
            full_name=name,
            called=called,
            email=_email(name),
            phone=_phone(number),
            password_hash=password_hash,
            created_at=clock.now(),
            totp_secret=_totp(role, number),
            conduct_edition=1,
            conduct_accepted_at=clock.now(),
        )
        session.add(user)
        session.flush()
        session.add(
            Membership(
                user_id=user.id,
                role=role,
                school_id=schools[school].id if school else None,
                starts_on=SchoolYear.of(clock.today()).first_day - timedelta(days=400),
            )
        )
        users[name] = user
    session.flush()
    return users


def _add_time(session: Session, workers: list[User], coordinator: User) -> None:
    for worker in workers:
        for weekday in range(5):
            starts, ends = FRIDAY if weekday == FRIDAY_INDEX else FULL_DAY
            session.add(WorkingHours(user_id=worker.id, weekday=weekday, starts=starts, ends=ends))
    session.add(
        Leave(
            user_id=workers[-1].id,
            first_day=clock.today() - timedelta(days=3),
            last_day=clock.today() + timedelta(days=11),
            recorded_by=coordinator.id,
        )
    )
    session.flush()


def _school_days(year: SchoolYear) -> list[date]:
    """Return the days of this school year, so far, on which sessions took place."""
    first = year.first_day + timedelta(days=14)
    length = max((clock.today() - first).days, 0)
    days = (first + timedelta(days=offset) for offset in range(length))
    return [day for day in days if clock.is_working_day(day)]


def _add_history(
    session: Session, schools: dict[str, School], workers: list[User], users: dict[str, User]
) -> None:
    """Add sessions of this school year and a few of the last one."""
    chance = random.Random(SEED)  # noqa: S311 - invented data, the same at every start
    programme = visits.list_programmes(session)[0]
    year = SchoolYear.of(clock.today())
    days = _school_days(year) or _school_days(SchoolYear(year.start_year - 1))
    chance.shuffle(days)
    for _district, _level, name, _pupils, sessions, _partner in SCHOOLS:
        for _number in range(sessions):
            day = days.pop() if days else clock.today() - timedelta(days=200)
            _add_delivered(session, schools[name], programme, day, chance.choice(workers), users)
    for name in ("SMP Bukit Kelapa", "SD Taman Aksara", "SMK Cipta Bahari"):
        day = _workday(year.first_day - timedelta(days=chance.randrange(60, 240)))
        _add_delivered(session, schools[name], programme, day, chance.choice(workers), users)


def _workday(day: date) -> date:
    return day if clock.is_working_day(day) else clock.add_working_days(day, 1)


def _add_delivered(
    session: Session,
    school: School,
    programme: Programme,
    day: date,
    worker: User,
    users: dict[str, User],
) -> None:
    chance = random.Random(school.npsn)  # noqa: S311 - invented data, the same at every start
    starts_at = clock.at_wib(day, time(8))
    ends_at = starts_at + timedelta(minutes=programme.minutes)
    heads = chance.randrange(40, 160)
    topics = visits.list_topics(session, programme.id, school.level)
    visit = Visit(
        id=new_id(),
        reference=f"D{school.npsn[-4:]}{chance.randrange(10)}",
        programme_id=programme.id,
        school_id=school.id,
        social_worker_id=worker.id,
        state=VisitState.DELIVERED,
        topic_id=topics[0].id,
        grades=[school.grades[0]],
        expected_heads=heads,
        starts_at=starts_at,
        ends_at=ends_at,
        requested_by=users["Yuni Astuti"].id,
        requested_at=starts_at - timedelta(days=20),
        answer_by=starts_at - timedelta(days=18),
        decided_by=users["Yuni Astuti"].id,
        decided_at=starts_at - timedelta(days=19),
        delivered_by=worker.id,
        delivered_at=ends_at + timedelta(hours=2),
        method=chance.choice(list(Method)),
        heads_girls=heads // 2,
        heads_boys=heads - heads // 2,
        heads_adults=chance.randrange(2, 9),
    )
    session.add(visit)
    session.flush()
    take(session, Stay(school.id, worker.id, starts_at, ends_at), visit_id=visit.id)


def _add_open_work(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
    """Add requests that wait, and sessions that are planned, through the portal's own rules."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    wishes = (
        ("SMP Tunas Harapan", 7, "approve"),
        ("SD Embun Pagi", 2, "approve"),
        ("SD Kali Jernih", 3, "wait"),
        ("SMP Kaki Bukit", 3, "wait"),
        ("MTs Cahaya Iman", 5, "wait"),
        ("SD Ladang Bunga", 9, "wait"),
        ("SMA Langit Biru", 11, "decline"),
    )
    for name, skip, outcome in wishes:
        visit = _request(session, schools[name], skip)
        if visit and outcome == "approve":
            command = deciding.Approval(visit.social_worker_id)
            deciding.approve(session, coordinator, visit, schools[name], command)
        elif visit and outcome == "decline":
            deciding.decline(
                session, coordinator, visit, "Semua peksos bertugas hari itu. Pilih hari lain, ya."
            )
    session.flush()


def _add_reports(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
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


def _request(session: Session, school: School, skip: int) -> Visit | None:
    """Ask for the free slot after `skip` others, as the school's principal would."""
    programme = visits.list_programmes(session)[0]
    office = settings.read(session)
    first, last = slots.booking_window(office)
    diary = slots.load_diary(session, office, first, last)
    free = list(diary.slots(slots.Place.of(school), programme.minutes, first, last))
    if len(free) <= skip:
        return None
    topic: Topic = visits.list_topics(session, programme.id, school.level)[0]
    grades = school.grades
    wanted = booking.Request(
        programme=programme,
        starts_at=free[skip].starts_at,
        topic_id=topic.id,
        own_topic="",
        grades=(grades[1 if len(grades) > 1 else 0],),
        expected_heads=min(programme.most_people, (school.pupil_count or 100) // len(grades)),
        room="Aula",
    )
    try:
        return booking.request_visit(session, _principal_of(session, school), school, wanted)
    except Rejected:
        return None


def _principal_of(session: Session, school: School) -> Actor:
    """Return somebody who may ask for this school; where nobody is invented, a stand-in."""
    held: UUID | None = session.scalar(
        select(Membership.user_id).where(
            Membership.school_id == school.id, Membership.role == Role.PRINCIPAL
        )
    )
    stand_in = held or session.scalar(
        select(Membership.user_id).where(Membership.role == Role.COORDINATOR)
    )
    if stand_in is None:
        raise NotEmptyError
    user = session.get_one(User, stand_in)
    return Actor(user.id, user.full_name, (Appointment(Role.PRINCIPAL, school.id),))
