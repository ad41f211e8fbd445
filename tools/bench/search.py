"""What finding materials costs among many: `python -m tools.bench.search [--postgresql] [2000]`.

The texts are invented, with words as unevenly common as in real ones. CPU is told in units U
(tools/bench/unit.py), measured in the same run, in turns: of the question alone, and of the page
that shows the answer.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import create_app, features, migrations
from portal.config import Settings
from portal.core import clock, crypto
from portal.core.db import Database, connect, new_id, transaction
from portal.materials.actions import indexing, writing
from portal.materials.models import Edition, Material
from portal.materials.policy.content import Content, Words
from portal.materials.queries import search
from portal.materials.queries.search import Wanted
from portal.materials.queries.shelf import PAGE_SIZE
from portal.materials.states import Audience, Licence, MaterialKind, MaterialState, Strategy
from tools.bench.cases import ROUNDS, place, statements
from tools.bench.unit import measured, unit_page

# Words that stand in the texts, the common ones first.
COMMON_WORDS = """
    anak sekolah teman guru kelas perundungan cerita orang rumah kata hari belajar main bully
    school friend teacher story siber pesan gambar video grup telepon ejekan saksi lapor berani
    tolong bantu dengar kind help listen report online phone picture group message brave witness
"""
COMMON = COMMON_WORDS.split()
VOCABULARY = 6000
WORDS_EACH = 220
SYLLABLES = ("ba", "ce", "di", "go", "ka", "la", "mi", "na", "pe", "ra", "su", "ta", "wi", "yo")
BATCH = 100

# What is typed, by its name in the table.
QUESTIONS = {
    "the commonest words": "anak sekolah",
    "a common word": "guru",
    "a word some have": "witness",
    "a word few have": "wisuta",
    "a word with many synonyms": "dirundung",
    "three words": "teman berani lapor",
    "a word being typed": "peru",
    "a word typed wrongly": "perundngan guru",
    "two words typed wrongly": "perundngan wisuat",
    "words that stand nowhere": "qwertyuiop zxcvbnm",
}


def vocabulary(dice: random.Random) -> list[str]:
    """Return invented words behind the common ones."""
    made: dict[str, None] = dict.fromkeys(COMMON)
    while len(made) < VOCABULARY:
        made["".join(dice.choices(SYLLABLES, k=dice.randint(2, 5)))] = None
    return list(made)


def contents(count: int) -> Iterator[Content]:
    """Make what so many materials say, the same each time."""
    dice = random.Random(7)  # noqa: S311 - invented data
    known = vocabulary(dice)
    uneven = [1 / (place + 20) for place in range(len(known))]
    for _number in range(count):
        said = dice.choices(known, uneven, k=WORDS_EACH)
        yield Content(
            title=Words(" ".join(said[:5]), " ".join(said[5:10])),
            summary=Words(" ".join(said[10:25]), " ".join(said[25:40])),
            body=Words(" ".join(said[40:130]), " ".join(said[130:])),
        )


def fill(database: Database, count: int) -> None:
    """Lay in and index so many published materials."""
    now, left = clock.now(), enumerate(contents(count))
    while batch := [pair for _place, pair in zip(range(BATCH), left, strict=False)]:
        with database.writer() as session, transaction(session):
            for number, said in batch:
                at = now - timedelta(minutes=number)
                made = Material(
                    id=new_id(),
                    slug=f"materi-{number}",
                    kind=list(MaterialKind)[number % len(MaterialKind)],
                    state=MaterialState.PUBLISHED,
                    strategy=Strategy.PREVENTIVE,
                    audiences=[list(Audience)[number % len(Audience)]],
                    levels=[],
                    licence=Licence.CC_BY_SA,
                    created_at=at,
                    published_at=at,
                )
                writing.show(made, said)
                session.add(made)
                session.flush()
                session.add(
                    Edition(
                        id=new_id(),
                        material_id=made.id,
                        number=1,
                        content=said.dump(),
                        written_at=at,
                        published_at=at,
                    )
                )
                indexing.index(session, made, said)


def _asking(app: Flask, typed: str, wanted: Wanted) -> Callable[[], object]:
    database: Database = app.extensions["database"]

    def call() -> object:
        with database.reader() as session:
            return search.find(session, typed, wanted, limit=PAGE_SIZE)

    return call


def _touch(database: Database) -> None:
    with database.reader() as session:
        session.execute(select(1)).all()


def _fetching(http: FlaskClient, typed: str) -> Callable[[], object]:
    return lambda: http.get(f"/materi?cari={quote(typed)}", headers={"HX-Request": "true"}).data


def _tell(app: Flask) -> None:
    http = app.test_client()
    database: Database = app.extensions["database"]
    calls: dict[str, Callable[[], object]] = {
        "the frame": lambda: http.get("/privasi").data,
        # A page has opened one anyway.
        "a session and one statement": lambda: _touch(database),
    }
    for name, typed in QUESTIONS.items():
        calls[name] = _asking(app, typed, Wanted())
        calls[f"{name}, fragment"] = _fetching(http, typed)
    calls["a common word, filtered"] = _asking(app, "guru", Wanted("pupil", "SD/MI", "quiz"))
    counted = {name: len(statements(app, call)) for name, call in calls.items()}
    spent = measured({"U": unit_page(), **calls}, ROUNDS)
    unit = spent.pop("U")[0]
    print(f"U = {unit * 1000:.2f} ms\n{'':38}{'SQL':>5}{'CPU U':>8}{'wall U':>8}")
    for name, (cpu, wall) in spent.items():
        print(f"{name:38}{counted[name]:5}{cpu / unit:8.1f}{wall / unit:8.1f}")


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description="Tell what finding materials costs.")
    asked.add_argument("materials", nargs="*", type=int, default=[100, 2000])
    asked.add_argument("--postgresql", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        keys = crypto.create(folder / "keys.json").path
        crypto.use(keys)
        features.load()
        for count in given.materials:
            with place(folder, f"with{count}", postgresql=given.postgresql) as url:
                began, database = time.perf_counter(), connect(url)
                migrations.upgrade(database)
                fill(database, count)
                database.dispose()
                print(f"\n{count} materials, laid in in {time.perf_counter() - began:.1f} s")
                settings = Settings(folder, url, secret_key="x" * 40, key_ring=keys, testing=True)
                _tell(create_app(settings))


if __name__ == "__main__":
    main()
