"""Invented partnerships: what MoUs say, who is reached at schools, schools that ask to join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.core.files import Store
from portal.demo.held import drawn
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.actions import (
    agreement,
    contact_log,
    contacts,
    merging,
    mou,
    naming,
    obligations,
    partnership,
)
from portal.schools.actions.contact_log import Try
from portal.schools.actions.contacts import ContactFacts
from portal.schools.actions.merging import Merger
from portal.schools.actions.mou import MouTerms, Upload
from portal.schools.actions.obligations import Promise
from portal.schools.actions.partnership import Asked
from portal.schools.models import About, Answer, Mou, School, Side, Way

DAY = timedelta(days=1)
SCOPE = "Sesi pencegahan perundungan, pelatihan guru, dan pendampingan anak (contoh)."
HEAD, HEAD_POSITION = "Hartati Ningsih", "Kepala Dinas Sosial"
# Days from today on which an MoU ends that is to be carried on soon, and since when another runs.
ENDS_IN, RENEWED_AGO = 41, 20
# school, name, post, phone, whether they are asked first
CONTACTS = (
    ("SMP Tunas Harapan", "Ratna Dewi", "Kepala sekolah", "+6281200000801", True),
    ("SMP Tunas Harapan", "Wahyu Santoso", "Guru BK", "+6281200000802", False),
    ("SD Rimba Hijau", "Siti Aminah", "Tim fokal", "+6281200000803", True),
    ("SMA Jala Mutiara", "Eko Purnomo", "Wakil kesiswaan", "+6281200000804", True),
)
# How a partner without a session was reached, so many days ago.
TRIES = (
    (24, Way.MESSAGE, Answer.NO_RESPONSE, ""),
    (17, Way.CALL, Answer.NO_RESPONSE, "Dua kali, tidak diangkat."),
    (9, Way.LETTER, Answer.WILL_ANSWER, "Diterima tata usaha; dijawab setelah rapat guru."),
)
FORMER_NAME = "SMK Bahari Lama"
MERGED, SUCCESSOR = "SD Pondok Rotan", "SD Kayu Manis"


@dataclass(frozen=True)
class Office:
    """Who of the office writes things down, and where their files lie."""

    session: Session
    schools: dict[str, School]
    store: Store
    coordinator: Actor
    head: Actor
    admin: Actor

    def mou_of(self, name: str) -> Mou:
        """Return the MoU of a partner."""
        found = select(Mou).where(Mou.school_id == self.schools[name].id)
        return self.session.scalars(found).one()


def add_partners(
    session: Session, schools: dict[str, School], users: dict[str, User], store: Store
) -> None:
    """Add what the office knows of its partners, and of those that would like to become one."""
    names = ("Yuni Astuti", "Endang Susilowati", "Rizki Ramadhan")
    actors = (actor_for(session, users[each]) for each in names)
    office = Office(session, schools, store, *actors)
    _sign(office)
    _let_end(office)
    _renew(office)
    _add_contacts(office)
    _try_to_reach(office)
    _rename_and_merge(office)
    _ask(office)
    session.flush()


def _terms(
    number: str, signed_on: date, valid_until: date, signer: str, file: Upload | None = None
) -> MouTerms:
    return MouTerms(
        number,
        signed_on,
        valid_until,
        promised_sessions=2,
        scope=SCOPE,
        school_signer=signer,
        school_signer_position="Kepala sekolah",
        office_signer=HEAD,
        office_signer_position=HEAD_POSITION,
        file=file,
    )


def _sign(office: Office) -> None:
    """Let an MoU say who signed it and what both sides promise; the division head agreed."""
    session, coordinator = office.session, office.coordinator
    held = office.mou_of("SMP Tunas Harapan")
    terms = _terms(
        held.number,
        held.signed_on,
        held.valid_until,
        "Ratna Dewi",
        file=Upload("mou-contoh.png", drawn()),
    )
    mou.change_mou(session, coordinator, office.store, held, terms)
    promises = [
        obligations.add_obligation(session, coordinator, held, promise) for promise in _promises()
    ]
    day = clock.today() - 30 * DAY
    words = "SK tim fokal sudah diterima."
    obligations.meet_obligation(session, coordinator, held, promises[0], day, words)
    agreement.agree(session, office.head, held)


def _promises() -> Sequence[Promise]:
    today = clock.today()
    return (
        Promise(Side.SCHOOL, "Menunjuk tim fokal dan satu guru penghubung.", today - 20 * DAY),
        Promise(Side.SCHOOL, "Memasang poster jalur lapor di setiap kelas.", today + 25 * DAY),
        Promise(Side.OFFICE, "Melatih guru mengenali tanda anak dirundung.", today + 60 * DAY),
    )


def _let_end(office: Office) -> None:
    """Let an MoU end soon."""
    held = office.mou_of("SD Melati Putih")
    ends_on = clock.today() + ENDS_IN * DAY
    terms = _terms(held.number, held.signed_on, ends_on, "Kartika Sari")
    mou.change_mou(office.session, office.coordinator, office.store, held, terms)


def _renew(office: Office) -> None:
    """Let an MoU carry on an earlier one; the division head has not read it yet."""
    name, begun = "SMP Gema Nusa", clock.today() - RENEWED_AGO * DAY
    held = office.mou_of(name)
    before = _terms(
        held.number,
        begun - 731 * DAY,
        begun - DAY,
        "Agung Nugroho",
    )
    mou.change_mou(office.session, office.coordinator, office.store, held, before)
    terms = _terms(f"{held.number}/P1", begun, begun + 730 * DAY, "Agung Nugroho")
    mou.record_mou(
        office.session,
        office.coordinator,
        office.store,
        office.schools[name].id,
        terms,
        promises=_promises(),
        renews=held,
    )


def _add_contacts(office: Office) -> None:
    for name, full_name, position, phone, main in CONTACTS:
        facts = ContactFacts(full_name, position, phone, "", main=main, note="")
        contacts.add_contact(office.session, office.coordinator, office.schools[name], facts)
    school = office.schools["SMA Jala Mutiara"]
    left = ContactFacts("Sulastri", "Guru BK", "+6281200000805", "", main=False, note="Pensiun")
    gone = contacts.add_contact(office.session, office.coordinator, school, left)
    ended_on = clock.today() - 45 * DAY
    contacts.end_contact(office.session, office.coordinator, school, gone, ended_on)


def _try_to_reach(office: Office) -> None:
    """Climb the ladder at a partner that has had no session for long."""
    session, school = office.session, office.schools["SMA Jala Mutiara"]
    known = settings.read(session)
    for ago, way, answer, note in TRIES:
        day = clock.today() - ago * DAY
        again = contact_log.propose(known, way, answer, day)
        tried = Try(About.UNSERVED, way, answer, day, again, "Eko Purnomo", note)
        contact_log.record_attempt(session, office.coordinator, school, tried)


def _rename_and_merge(office: Office) -> None:
    """Give a school the name it had once, and let another one be part of its neighbour."""
    session, schools = office.session, office.schools
    since = SchoolYear.of(clock.today()).first_day
    naming.keep_name(
        session,
        schools["SMK Cipta Bahari"],
        since,
        office.admin.user_id,
        name=FORMER_NAME,
        note="Nama baru sejak tahun ajaran ini (contoh)",
    )
    merger = Merger(schools[SUCCESSOR], since, "Penggabungan dua SD berdekatan (contoh)")
    merging.merge(session, office.admin, schools[MERGED], merger)


def _ask(office: Office) -> None:
    """Let two schools ask to become partners; with one of them the office has spoken."""
    known = office.schools["SMK Tani Makmur Lestari"]
    message = "Beberapa orang tua bertanya apakah peksos bisa datang ke sekolah kami."
    first = partnership.ask(
        office.session,
        Asked(
            *(known.id, known.name, "Joko Susanto", "Kepala sekolah"),
            *("+6281200000811", "joko.susanto@contoh.example", message),
        ),
    )
    words = "Sudah ditelepon; mengirim profil sekolah minggu ini."
    partnership.note_contact(office.session, office.coordinator, first, words)
    other = ("PAUD Cahaya Lembayung", "Fitri Anjani", "Pengelola", "+6281200000812", "")
    partnership.ask(office.session, Asked(None, *other, "Apakah PAUD juga boleh menjadi mitra?"))
