"""A small teller of whole cases: who does what, on which page, and on which day.

People read English; at the turning points `reads` looks at a page in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.models import Case, LegalBasis
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.schedule import Workshop, jobs
from portal.incidents.models import Report, Turn
from portal.people.models import User
from tests.builders import Builder
from tests.cases.casework import NAME, STORY, Casework
from tests.cases.test_opening import told
from tests.client import PageClient

# A Monday, nine in the morning in Metro.
BEGINNING = datetime(2027, 1, 11, 2, tzinfo=UTC)
MORNING = time(9)
# Whoever was away for so long signs in anew.
IDLE = timedelta(minutes=20)
AIMS = {
    "reason": "Sesuai hasil asesmen",
    "best_interests": "Tetap bersekolah dengan aman",
    "child_view": "Mau ditemani Bu Sari",
}
TAGS = re.compile(r"<[^>]*>")


class Called(str):
    """An answer by the words a select shows for it."""

    __slots__ = ()


def plain(html: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(unescape(TAGS.sub(" ", html)).split())


class Person:
    """Somebody who opens pages and fills in the forms that stand there."""

    def __init__(self, app: Flask, user: User) -> None:
        self.user = user
        self.client = PageClient(app)
        self.came: datetime | None = None
        self.at = ""

    def arrive(self) -> None:
        """Sign in, unless they are here already."""
        now = clock.now()
        if self.came is None or now - self.came > IDLE:
            self.client.sign_in(self.user)
            self.client.token, self.at = "", ""
        self.came = now

    def opens(self, path: str, status: int = 200) -> str:
        """Return what a page says."""
        self.arrive()
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.location)
        self.at = path
        return plain(answer.get_data(as_text=True))

    def reads(self, path: str, *words: tuple[str, str]) -> str:
        """Read a page in both languages and find these words, English and Indonesian, on it."""
        self.arrive()
        pages = []
        for language in ("id", "en"):
            self.client.get(f"/beranda?bahasa={language}")
            pages.append(self.opens(path))
        indonesian, english = pages
        for one, other in words:
            assert one in english, (one, english)
            assert other in indonesian, (other, indonesian)
        return english

    def fills(self, page: str, action: str, **fields: Any) -> str:
        """Fill in a form of a page; return where it leads."""
        answer = self._send(page, action, fields)
        said = answer.get_data(as_text=True)
        assert answer.status_code == 303, (answer.status_code, plain(said)[:3000])
        return str(answer.location)

    def tries(self, page: str, action: str, **fields: Any) -> str:
        """Fill in a form that is refused; return what the page says then."""
        answer = self._send(page, action, fields)
        assert answer.status_code == 422, (answer.status_code, answer.location)
        self.at = page
        return plain(answer.get_data(as_text=True))

    def shown_once(self, page: str, action: str, **fields: Any) -> str:
        """Fill in a form whose answer is a page that is shown only once; return its HTML."""
        answer = self._send(page, action, fields)
        assert answer.status_code == 200, answer.status_code
        return unescape(answer.get_data(as_text=True))

    def _send(self, page: str, action: str, fields: dict[str, Any]) -> Any:
        self.arrive()
        if self.at != page:
            self.opens(page)
        html = self.client.page
        for name in fields:
            assert f'name="{name}"' in html, (page, name)
        chosen = {
            name: _value(html, name, value) if isinstance(value, Called) else value
            for name, value in fields.items()
        }
        sent = {**self.client.form(action), **chosen}
        self.at = ""
        return self.client.post(action, sent)

    def presses(self, page: str, action: str) -> str:
        """Press a button of a page; return where it leads."""
        return self.fills(page, action)

    def link(self, words: str) -> str:
        """Return where a link of the last page leads, by what it says."""
        for href, said in re.findall(r'<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>', self.client.page):
            if words in plain(said):
                return unescape(href)
        raise LookupError(words)

    def offered(self, name: str) -> str:
        """Return all that a select of the last page offers, in one text."""
        return "; ".join(words for _value, words in _options(self.client.page, name))

    def actions(self, ending: str) -> list[str]:
        """Return the actions of the last page's forms that end so."""
        found = re.findall(r'action="([^"]*)"', self.client.page)
        return [unescape(each) for each in found if each.endswith(ending)]


def _options(html: str, name: str) -> list[tuple[str, str]]:
    """Return value and words of what a select offers."""
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.DOTALL)
    options = re.findall(
        r'<option[^>]*value="([^"]*)"[^>]*>([^<]*)', found.group() if found else ""
    )
    return [(value, unescape(words)) for value, words in options]


def _value(html: str, name: str, words: str) -> str:
    options = _options(html, name)
    found = [value for value, said in options if words in said]
    assert len(found) == 1, (name, words, options)
    return found[0]


@dataclass
class Story:
    """An office, its people at their pages, and the days that go by."""

    app: Flask
    work: Casework
    traveller: Traveller
    sari: Person
    danu: Person
    ratna: Person
    yusuf: Person
    endang: Person

    @property
    def build(self) -> Builder:
        """Return what makes records."""
        return self.work.build

    def comes(self, user: User) -> Person:
        """Let somebody else sit down at the portal, who reads English."""
        return _person(self.app, self.build, user)

    def working_days(self, days: int) -> None:
        """Let some working days pass; it is nine in the morning."""
        self.wake_on(clock.add_working_days(clock.today(), days))

    def wake_on(self, day: date) -> None:
        """Go on at nine in the morning of a day."""
        self.traveller.move_to(clock.at_wib(day, MORNING))

    def hour_later(self) -> None:
        """Let an hour pass."""
        self.traveller.shift(timedelta(hours=1))

    def nightly(self, name: str) -> dict[str, Any]:
        """Do what a job of the portal does by itself; return its figures."""
        return jobs[name].run(Workshop(self.build.database, self.app.config["PORTAL"]))

    def case(self, home: str) -> Case:
        """Return a case by the address of its page, as it is kept now."""
        found = select(Case).where(Case.public_id == home.rsplit("/", 1)[-1])
        (case,) = self.work.rows(found)
        return case

    def basis(self, citation: str) -> str:
        """Return how forms name a regulation."""
        found = select(LegalBasis.public_id).where(LegalBasis.citation == citation)
        (public_id,) = self.work.rows(found)
        return str(public_id)

    def report(self, by: str = "manager", **more: Any) -> Report:
        """Let a report come in by Ruang Cerita, which whoever is on duty takes up."""
        officer = self.danu if by == "other" else self.sari
        today = clock.today()
        self.build.save(
            Turn(
                user_id=officer.user.id,
                first_day=today,
                last_day=today,
                recorded_by=self.work.coordinator.id,
            )
        )
        report = told(self.work, **{"details": {"child": NAME}, **more})
        page = f"/triase/{report.public_id}"
        officer.presses(page, f"{page}/ambil")
        return report

    def opened(self, **fields: Any) -> str:
        """Let Sari open a case for a child an aunt brings to the office; return its address."""
        values = {
            "origin_words": "Diantar bibinya ke kantor",
            "full_name": NAME,
            "born": "2014",
            "school": Called(self.work.school.name),
            "class_name": "7B",
            "called": "Asih",
            "guardian_name": "Larasati",
            "guardian_relation": "Ibu",
            "guardian_phone": "0812 3456 7890",
            "summary": STORY,
        }
        return self.sari.fills("/kasus/baru", "/kasus/baru", **{**values, **fields})

    def does(self, act: Callable[..., Any], home: str, *given: Any, by: str = "manager") -> Any:
        """Do a step whose page was walked through elsewhere."""
        with transaction(self.build.session) as session:
            found = select(Case).where(Case.public_id == home.rsplit("/", 1)[-1])
            case = session.scalars(found).one()
            session.refresh(case)
            return act(session, self.work.actor(by), case, *given)

    def hides(self, *pages: str) -> None:
        """Make sure that pages tell neither who the child is nor what was told."""
        self.hides_names(*pages)
        for page in pages:
            assert STORY not in page

    def hides_names(self, *pages: str) -> None:
        """Make sure that pages do not tell who the child and its mother are."""
        for page in pages:
            for kept in (NAME, "Kinasih", "Asih", "Larasati"):
                assert kept not in page, (kept, page)


def begin(app: Flask, build: Builder, traveller: Traveller) -> Story:
    """Make an office on a Monday morning: two social workers, two coordinators, their head."""
    work = Casework(
        build,
        manager=build.worker("Sari Wijayanti"),
        other=build.worker("Danu Prakoso"),
        coordinator=build.user(Role.COORDINATOR, name="Ratna Puspita"),
        second=build.user(Role.COORDINATOR, name="Yusuf Hamdani"),
        head=build.user(Role.DIVISION_HEAD, name="Endang Sulastri"),
        school=build.school("SMP Contoh Melati"),
    )
    users = (work.manager, work.other, work.coordinator, work.second, work.head)
    return Story(app, work, traveller, *(_person(app, build, user) for user in users))


def _person(app: Flask, build: Builder, user: User) -> Person:
    with transaction(build.session) as session:
        session.get_one(User, user.id).language = "en"
    return Person(app, user)
