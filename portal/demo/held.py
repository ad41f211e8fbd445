"""Invented sessions that are over: one with all that remains of it, one that fell through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.files import Store
from portal.demo.sessions import LATER, add_visit, principal_of
from portal.materials.models import Material
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.schools.queries.calendar import school_days
from portal.visits.actions import (
    about,
    confirming,
    costs,
    delivering,
    feedback,
    letters,
    photos,
)
from portal.visits.actions.costs import Cost
from portal.visits.actions.delivering import Delivery, Handed
from portal.visits.actions.letters import Order
from portal.visits.actions.photos import Photo
from portal.visits.exports.letter_tables import Said
from portal.visits.exports.letters import printed
from portal.visits.models import (
    CostKind,
    LetterKind,
    Method,
    PhotoConsent,
    Visit,
    VisitFeedback,
)
from portal.visits.policy.feedback import SHEET
from portal.visits.queries import letters as wordings
from portal.visits.queries import visits
from portal.visits.queries.delivery import Heads
from portal.visits.states import NotDelivered

SCHOOL = "SMP Tunas Harapan"
HEADS = (Heads("7A", 15, 12), Heads("7B", 14, 15))
HANDED = {"kartu-saku-nomor-bantuan": 60, "foto-di-grup-kelas": None}
COSTS = (
    Cost(CostKind.TRANSPORT, 50_000, note="Bensin pulang pergi"),
    Cost(CostKind.PRINTING, 36_000, note="60 kartu saku"),
    Cost(CostKind.MEALS, 120_000, in_kind=True, note="Kudapan dari sekolah"),
)
# How many of a class gave which answer after the session.
SAID = {
    SHEET: 46,
    ("mood", "good"): 31,
    ("mood", "fair"): 12,
    ("mood", "poor"): 2,
    ("understood", "yes"): 33,
    ("understood", "partly"): 11,
    ("understood", "no"): 2,
    ("whom", "yes"): 29,
    ("whom", "unsure"): 13,
    ("whom", "no"): 4,
    ("safer", "yes"): 27,
    ("safer", "same"): 16,
    ("safer", "no"): 2,
}
# Which papers were made out, and how many days before (-) or after the session.
PAPERS = {LetterKind.REPLY: -6, LetterKind.DUTY: -2, LetterKind.MINUTES: 0}
METHOD = "Campuran: ceramah dan kegiatan"


def days_ago(session: Session, school: School, count: int) -> datetime:
    """Return the start of a session on a lesson day of a school, so many of them ago."""
    calendar, day = school_days(session, school), clock.today()
    while count:
        day -= timedelta(days=1)
        count -= calendar.is_lesson_day(day)
    return clock.at_wib(day, LATER)


@dataclass(frozen=True)
class Held:
    """A session that is over: who was there for the office, and who spoke for the school."""

    session: Session
    visit: Visit
    school: School
    worker: Actor
    coordinator: Actor


def add_held(
    session: Session, schools: dict[str, School], users: dict[str, User], store: Store
) -> Visit:
    """Add a session that fell through, one nobody has recorded, and one with all its evidence.

    Return the last one.
    """

    def settled(name: str, worker: str, lessons_ago: int, **facts: object) -> Held:
        school = schools[name]
        visit = add_visit(
            session,
            school,
            visits.list_programmes(session)[0],
            days_ago(session, school, lessons_ago),
            users[worker],
            users["Yuni Astuti"],
            **facts,
        )
        actors = (actor_for(session, users[each]) for each in (worker, "Yuni Astuti"))
        return Held(session, visit, school, *actors)

    classes = {each.class_name: each.girls + each.boys for each in HEADS}
    full = settled(
        SCHOOL,
        "Sari Wulandari",
        8,
        classes=list(classes),
        expected_by_class=classes,
        expected_heads=sum(classes.values()),
        room="Aula",
        bring=["projector", "media"],
        ready_with=["room", "power", "teacher"],
    )
    for kind in (LetterKind.REPLY, LetterKind.DUTY):
        _make_out(full, kind)
    _record(full)
    _keep_photo(full, store)
    _make_out(full, LetterKind.MINUTES)
    fell_through = settled("SMP Sinar Bahari", "Andi Pratama", 5, expected_heads=90)
    note = "Jalan ke sekolah tergenang; dijadwalkan lagi bersama sekolah."
    delivering.miss(session, fell_through.worker, fell_through.visit, NotDelivered.WEATHER, note)
    waiting = settled("SMA Bintang Laut", "Sari Wulandari", 1, expected_heads=110, room="Aula")
    about.open_delivery_duty(session, waiting.visit, waiting.school)
    session.flush()
    return full.visit


def _record(held: Held) -> None:
    """Write down what became of a session, as its worker, and let its school say it is right."""
    session, visit = held.session, held.visit
    known = session.scalars(select(Material).where(Material.starter.in_(HANDED)))
    report = Delivery(
        Method.MIXED,
        HEADS,
        adults=4,
        note="Anak-anak aktif; dua kelas ingin sesi lanjutan tentang grup obrolan.",
        materials=tuple(Handed(each.id, HANDED[each.starter or ""]) for each in known),
        unmet=("projector",),
    )
    delivering.deliver(session, held.worker, visit, report)
    for cost in COSTS:
        made = costs.add_cost(session, held.worker, visit, cost)
        made.recorded_at = visit.ends_at + timedelta(hours=3)
    principal = principal_of(session, held.school)
    confirming.confirm(session, principal, visit, "Sesuai. Terima kasih, anak-anak senang.")
    visit.delivered_at = visit.ends_at + timedelta(hours=2)
    visit.school_confirmed_at = visit.ends_at + timedelta(days=1)
    session.flush()


def _make_out(held: Held, kind: LetterKind) -> None:
    """Make out a paper as it would have been made out around the session."""
    session, maker = held.session, held.coordinator
    found = visits.get_visit(session, maker, held.visit.public_id)
    wording = wordings.wording(session, kind, "id")
    if found is None or wording is None:
        raise LookupError(f"no wording for {kind}")
    moment = held.visit.starts_at + timedelta(days=PAPERS[kind])
    paper = printed(
        kind,
        wordings.matter_of(session, found),
        wording,
        settings.read(session),
        Said(METHOD),
        clock.day_of(moment),
    )
    order = Order(kind, "id")
    letter = letters.make_out(session, maker, held.visit, held.school, order, wording.code, paper)
    letter.made_at = moment


def _keep_photo(held: Held, store: Store) -> None:
    photo = Photo(drawn(), PhotoConsent.NO_FACES, caption="Papan kesepakatan kelas (gambar contoh)")
    kept = photos.add_photo(held.session, store, held.worker, held.visit, photo)
    kept.recorded_at = held.visit.ends_at + timedelta(hours=2)


def drawn() -> bytes:
    """Return a picture as PNG: a board with notes, drawn, and nobody on it."""
    picture = Image.new("RGB", (640, 400), "#f4efe4")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, 600, 320), fill="#2f5d50", outline="#8a6d3b", width=10)
    for number, colour in enumerate(("#ffe08a", "#ffb4a2", "#b8e0d2", "#cdb4db")):
        left = 80 + number * 130
        pen.rectangle((left, 90, left + 90, 180), fill=colour)
        for line in range(3):
            pen.line((left + 12, 112 + line * 22, left + 78, 112 + line * 22), "#555555", 4)
    pen.line((120, 250, 520, 250), "#ffffff", 6)
    pen.line((120, 280, 400, 280), "#ffffff", 6)
    content = BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def add_feedback(session: Session, visit: Visit) -> None:
    """Add what pupils said after a session; only sums, as everywhere."""
    worker = actor_for(session, session.get_one(User, visit.social_worker_id))
    feedback.ask(session, worker, visit)
    rows = [
        {"visit_id": visit.id, "question": question, "answer": answer, "count": times}
        for (question, answer), times in SAID.items()
    ]
    session.execute(update(VisitFeedback), rows)
    visit.feedback_until = visit.ends_at + timedelta(minutes=40)
    session.flush()
