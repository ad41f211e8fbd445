"""Invented use of the materials that came with the portal: read, played, printed, and planned."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.core import clock, links
from portal.core.links import LinkDay, ShortLink
from portal.demo import draft_story
from portal.demo.campaigns import add_campaigns
from portal.demo.classes import add_classes, delivered_at
from portal.demo.sessions import SEED, principal_of
from portal.materials.actions import publishing, using, writing
from portal.materials.actions.using import Use
from portal.materials.models import Edition, Material, MaterialTally
from portal.materials.states import Mark, MaterialKind
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.schools.queries.calendar import school_days

DAY = timedelta(days=1)
# Since when the materials are there.
WEEKS_THERE = 26
DAYS_COUNTED = 70
LESSON_ENDS, DRAFTED, ASKED = time(13, 10), time(14, 5), time(15, 20)
# Which material, which school, who noted it (empty: the principal), class, heads, and when: as the
# share of the way from the first school day on which the materials were there to the last one.
USES: tuple[tuple[str, str, str, str, int | None, float], ...] = (
    ("kelas-yang-menyapa", "SD Rimba Hijau", "Siti Aminah", "4A", 28, 0.10),
    ("kursi-kosong-di-kantin", "SD Rimba Hijau", "Siti Aminah", "4A", 28, 0.22),
    ("berani-jadi-penolong", "SMP Tunas Harapan", "Dedi Kurniawan", "7A", 31, 0.25),
    ("foto-di-grup-kelas", "SMP Tunas Harapan", "Lestari Handayani", "8B", 30, 0.31),
    ("kelas-yang-menyapa", "SD Embun Pagi", "", "3", 24, 0.38),
    ("apa-itu-perundungan", "SMP Gema Nusa", "", "7C", 33, 0.44),
    ("kursi-kosong-di-kantin", "SD Melati Putih", "", "5A", 29, 0.50),
    ("lembar-kesepakatan-kelas", "SMP Tunas Harapan", "Dedi Kurniawan", "7A", 31, 0.58),
    ("kalau-aku-melihat-perundungan", "SD Rimba Hijau", "Hendra Wijaya", "6", 26, 0.63),
    ("foto-di-grup-kelas", "SMA Bintang Laut", "", "X-2", 34, 0.70),
    ("kelas-yang-menyapa", "MI Cahaya Pelita", "", "4", None, 0.76),
    ("kursi-kosong-di-kantin", "SD Kebun Pala", "", "5", 22, 0.82),
    ("foto-di-grup-kelas", "SMP Tunas Harapan", "Dedi Kurniawan", "8A", 32, 0.88),
    ("tes-mini-teman-yang-menolong", "SMP Pelita Samudra", "", "7B", 30, 0.92),
    ("video-suara-remaja", "SMK Karya Samudra", "", "X TKJ 1", 35, 0.96),
    ("berani-jadi-penolong", "SMP Tunas Harapan", "Lestari Handayani", "8B", None, 1.0),
)
FAVOURITES = {
    "Dedi Kurniawan": (
        "foto-di-grup-kelas",
        "sepuluh-menit-pertama",
        "lembar-kesepakatan-kelas",
        "berani-jadi-penolong",
    ),
    "Sari Wulandari": ("dengarkan-dulu", "kursi-kosong-di-kantin"),
}
# How often, at most, the short links of a material are opened on a day.
OPENED = {
    "poster-kamu-tidak-sendirian": 9,
    "poster-tiga-langkah-penolong": 5,
    "kursi-kosong-di-kantin": 12,
    "foto-di-grup-kelas": 14,
    "kartu-saku-nomor-bantuan": 4,
    "dengarkan-dulu": 7,
}
REVIEWED, DAYS_SINCE_REVIEW = "kursi-kosong-di-kantin", 19


@dataclass(frozen=True)
class Told:
    """What is told about: the materials by the names they came with, the schools, the people."""

    session: Session
    materials: dict[str, Material]
    schools: dict[str, School]
    users: dict[str, User]


def add_materials(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
    """Add what was done with the materials that came with the portal; nothing where none did."""
    came = session.scalars(select(Material).where(Material.starter.is_not(None)))
    told = Told(session, {each.starter or "": each for each in came}, schools, users)
    if not told.materials:
        return
    since = _lay_in_earlier(told)
    _add_uses(told, since)
    _add_favourites(told)
    _add_tallies(told)
    _review(told)
    _add_draft(told)
    add_classes(session, told.materials, schools, users)
    add_campaigns(session, told.materials, users)
    session.flush()


def _lay_in_earlier(told: Told) -> date:
    """Let the materials have been there for half a year, and before any class was asked."""
    asked = delivered_at(told.session, told.schools)
    moment = min([clock.now() - timedelta(weeks=WEEKS_THERE), *(each - 7 * DAY for each in asked)])
    session, ids = told.session, [each.id for each in told.materials.values()]
    there = {"written_at": moment, "published_at": moment}
    session.execute(update(Edition).where(Edition.material_id.in_(ids)).values(there))
    # Nothing but the materials has links as yet.
    session.execute(update(ShortLink).values(made_at=moment))
    for material in told.materials.values():
        material.created_at = material.published_at = moment
    session.flush()
    return clock.day_of(moment)


def _add_uses(told: Told, since: date) -> None:
    """Add classes that used a material, the oldest first."""
    session, today = told.session, clock.today()
    calendar = school_days(session, told.schools["SMP Tunas Harapan"])
    every = (since + timedelta(days=number) for number in range((today - since).days))
    days = [day for day in every if calendar.is_school_day(day)]
    for name, school, teller, class_name, heads, when in USES:
        at = told.schools[school]
        actor = actor_for(session, told.users[teller]) if teller else principal_of(session, at)
        used_on = days[round(when * (len(days) - 1))]
        use = Use(at.id, class_name, used_on, heads)
        noted = using.record_use(session, actor, told.materials[name], use)
        noted.recorded_at = clock.at_wib(used_on, LESSON_ENDS)


def _add_favourites(told: Told) -> None:
    for person, names in FAVOURITES.items():
        actor = actor_for(told.session, told.users[person])
        for name in names:
            using.mark(told.session, actor, told.materials[name])


def _add_tallies(told: Told) -> None:
    """Add how often stories were played and links opened, day by day."""
    chance = random.Random(SEED)  # noqa: S311 - invented data, the same at every start
    session, today = told.session, clock.today()
    days = [today - number * DAY for number in range(DAYS_COUNTED, 0, -1)]
    stories = [each for each in told.materials.values() if each.kind == MaterialKind.SCENARIO]
    played = [row for each in stories for day in days for row in _played(each, day, chance)]
    session.execute(insert(MaterialTally), played)
    places = {
        f"{medium}:{told.materials[name].id}": most
        for name, most in OPENED.items()
        for medium in writing.MEDIA
    }
    codes = links.codes_for(session, list(places))
    opened = [
        {"code": codes[place], "day": day, "opened": times}
        for place, most in places.items()
        for day in days
        if (times := chance.randrange(most + 1))
    ]
    session.execute(insert(LinkDay), opened)


def _played(story: Material, day: date, chance: random.Random) -> list[dict[str, object]]:
    """Return how often a story was played to an end on a day, and what its readers said."""
    helped, partly, not_helped = chance.randrange(9), chance.randrange(4), chance.randrange(2)
    said = {
        Mark.FINISHED: helped + partly + not_helped,
        Mark.HELPED: helped,
        Mark.HELPED_PARTLY: partly,
        Mark.HELPED_NOT: not_helped,
    }
    return [
        {"material_id": story.id, "day": day, "mark": mark, "count": times}
        for mark, times in said.items()
        if times
    ]


def _review(told: Told) -> None:
    coordinator = actor_for(told.session, told.users["Yuni Astuti"])
    material = told.materials[REVIEWED]
    publishing.review(told.session, coordinator, material)
    material.reviewed_on = clock.today() - DAYS_SINCE_REVIEW * DAY


def _add_draft(told: Told) -> None:
    """Add a story that was finished yesterday and waits for a coordinator."""
    session, writer = told.session, actor_for(told.session, told.users["Sari Wulandari"])
    kind, about, story = MaterialKind.SCENARIO, draft_story.ABOUT, draft_story.STORY
    made = writing.begin(session, writer, kind, about, story)
    session.flush()
    publishing.ask(session, writer, made)
    made.created_at = _yesterday(DRAFTED)
    draft = session.scalars(select(Edition).where(Edition.material_id == made.id)).one()
    draft.written_at, draft.asked_at = made.created_at, _yesterday(ASKED)


def _yesterday(moment: time) -> datetime:
    return clock.at_wib(clock.today() - DAY, moment)
