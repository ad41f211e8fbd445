"""Every change leaves its entry: as a rule of the code, and in a walk through real pages."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core.audit import AuditEntry
from portal.core.events import UNTOLD, Event
from portal.people.models import User
from portal.schools.models import Mou, School
from portal.visits.models import Leave, Visit
from portal.visits.states import VisitState
from tests.architecture.sources import PORTAL, modules, named, parsed
from tests.builders import Builder
from tests.client import PageClient
from tests.papers import pdf_bytes
from tests.trail import trail
from tests.visits.conftest import MONDAY, Office, at, make_office

# Actions without an entry, and why.
SILENT = {
    ("cases", "begin"): "locks a case and asks who may work on it; changes nothing",
    ("cases", "end_news"): "takes a case off the list of what is new to its manager",
    ("cases", "keep_away"): "puts somebody on a conflict list, which people tells",
    ("cases", "lift"): "ends an entry of a conflict list, which people tells",
    ("cases", "record_reading"): "writes the entry of the reading itself",
    ("cases", "tell_manager"): "lets a case show as new to its manager; that it is theirs is told",
    ("hotline", "begin"): "a story begun, a report opened; nobody keeps by whom and when",
    ("hotline", "end"): "a report closed in a browser; nobody keeps who came back and when",
    ("hotline", "forget_idle"): "what was begun or opened and left; nobody keeps whose it was",
    ("hotline", "forget"): "a story begun and left; nobody keeps whose it was",
    ("hotline", "keep"): "a story on its way, for minutes",
    ("hotline", "send"): "hands the story to incidents, whose report.received tells of it",
    ("hotline", "renew"): "how long a report stays open in a browser",
    ("incidents", "begin"): "locks a report and asks who may work on it; changes nothing",
    ("incidents", "discard_evidence"): "what came with old spam; the job says how much went",
    ("incidents", "forget_reports"): "old spam; the rule of retention says how much went",
    ("incidents", "keep_away"): "puts somebody on a conflict list, which people tells",
    ("incidents", "lift"): "ends an entry of a conflict list, which people tells",
    ("incidents", "record_reading"): "writes the entry of the reading itself",
    (
        "materials",
        "look_at_reviews",
    ): "lets reviews wait as one to-do; the job says how many are due",
    ("materials", "mark"): "somebody's own list to find things again; nobody else's business",
    ("materials", "send_sheet"): "sums of a class; nobody keeps whose sheet it was",
    ("materials", "unmark"): "the same list",
    ("monitoring", "begin_with"): "locks a plan with its case; changes nothing",
    ("monitoring", "forget"): "what a school told of a child; the forgetting of its case is told",
    ("monitoring", "may_name"): "asks who may name a teacher; changes nothing",
    ("monitoring", "see_replies"): "what a teacher has read is theirs; the answers are told",
    ("monitoring", "note_words_read"): "takes the school's words off a list; they stay as they are",
    ("referrals", "keep_out"): "hears of a guardian; the line on the case's timeline is told",
    ("referrals", "leave_guardian_out"): "the same: cases tell of the line on the timeline",
    ("referrals", "begin_with"): "locks a referral with its case; changes nothing",
    ("insight", "offer"): "offers a school a session by visits, whose visit.offered tells of it",
    ("visits", "forget_photos"): "old pictures; the rule of retention says how much went",
    ("visits", "forget_signed"): "old signed papers; the rule of retention says how much went",
    ("visits", "send"): "sums of a class; nobody keeps whose sheet it was",
    ("visits", "news_read"): "takes news off one's own list; the visit stays as it is",
    ("notifications", "collect"): "messages put into e-mails; their way is kept with them",
    ("notifications", "failed"): "an e-mail that did not leave; its trouble is kept with it",
    ("notifications", "fold"): "messages of one event told as one; the event leaves its own",
    ("notifications", "forget"): "messages of somebody who was erased; the erasure is told",
    ("notifications", "line_is_back"): "when e-mails are tried next",
    ("notifications", "sent"): "an e-mail that left; its time is kept with it",
    ("notifications", "open_message"): "what a receiver has read is theirs alone",
    ("notifications", "read_all"): "the same, all at once",
    ("people", "set_language"): "the language of one's own pages",
    ("people", "touch_session"): "when a session was last seen, at most once a minute",
    ("people", "prove"): "when somebody last typed their password; what they then do is told",
    ("people", "rotate"): "a new token for the same session; what made its rights grow is told",
}
ROOMS = ("actions", "handlers", "jobs")
ROWS = {"add", "add_all", "delete"}
STATEMENTS = {"insert", "update", "delete"}


@dataclass(frozen=True)
class Action:
    """A function that may change records: what it takes and which names it calls."""

    feature: str
    name: str
    parameters: tuple[str, ...]
    calls: frozenset[str]
    writes: bool

    @property
    def public(self) -> bool:
        """Say whether other rooms may call it."""
        return not self.name.startswith("_")

    @property
    def of_somebody(self) -> bool:
        """Say whether it begins with (session, actor)."""
        return self.parameters[:2] == ("session", "actor")


def actions_of(feature: Path) -> list[Action]:
    """Return the functions of the rooms of a feature that change records."""
    files = [
        *(feature / f"{room}.py" for room in ROOMS),
        *(path for room in ROOMS for path in sorted((feature / room).glob("*.py"))),
    ]
    return [
        Action(
            feature.name,
            node.name,
            tuple(each.arg for each in node.args.args),
            frozenset(called_in(node)),
            writes(node),
        )
        for path in files
        if path.exists()
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
    ]


def called_in(node: ast.AST) -> Iterator[str]:
    """Yield the names of functions that are called, or handed on to be called."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            yield each.id
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            yield each.func.attr


def writes(node: ast.FunctionDef) -> bool:
    """Say whether a function changes records: rows, statements, attributes or moves."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            return True
        if not isinstance(each, ast.Call):
            continue
        match each.func:
            case ast.Name(id=name) if name in STATEMENTS | {"setattr"}:
                return True
            case ast.Attribute(value=ast.Name(id="session"), attr=name) if name in ROWS:
                return True
            case ast.Attribute(attr="move"):
                return True
    return False


def reached_from(start: Action, known: list[Action]) -> set[str]:
    """Return every name that is called, also by what is called, within the feature."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = waiting.pop().calls - reached
        reached |= new
        waiting += [each for each in known if each.name in new]
    return reached


def without_entry(known: list[Action]) -> set[str]:
    """Return the public actions that leave no entry.

    Whoever acts as somebody tells of it, also by way of another function of the feature. What
    writes without an actor is only a part of what tells.
    """
    reach = [(each, reached_from(each, known)) for each in known]
    parts = {name for each, names in reach if "emit" in names for name in (each.name, *names)}
    return {
        each.name
        for each, names in reach
        if each.public
        and (
            (each.of_somebody and "emit" not in names)
            or (each.parameters[:1] == ("session",) and each.writes and each.name not in parts)
        )
    }


FEATURES = sorted({path.parent for room in ROOMS for path in PORTAL.glob(f"*/{room}*")})


@pytest.mark.parametrize("feature", FEATURES, ids=named)
def test_every_action_leaves_an_entry(feature: Path) -> None:
    silent = {name for where, name in SILENT if where == feature.name}
    assert without_entry(actions_of(feature)) == silent


@pytest.mark.parametrize(
    ("code", "silent"),
    [
        ("def act(session, actor, visit): visit.move(actor, 'approve')", {"act"}),
        ("def act(session, actor, visit): emit(session, actor, Approved(visit.id))", set()),
        ("def act(session, actor): _end(session)\ndef _end(session): emit(session)", set()),
        ("def act(session, actor): other.end(session)\ndef end(session): pass", {"act"}),
        ("def act(session, visit): visit.room = 'Aula'", {"act"}),
        ("def act(session, visit): session.delete(visit)", {"act"}),
        ("def act(session): session.execute(delete(Hold))", {"act"}),
        ("def act(session): return session.scalars(select(Hold))", set()),
        ("def _act(session): session.add(Hold())", set()),
        ("def act(session): release(session); emit()\ndef release(session): delete(Cell)", set()),
    ],
)
def test_the_rule_sees_who_is_silent(tmp_path: Path, code: str, silent: set[str]) -> None:
    (tmp_path / "actions.py").write_text(code)
    assert without_entry(actions_of(tmp_path)) == silent


CODES_AND_FIGURES = {UUID, UUID | None, str, str | None, int, int | None, bool, date, datetime}


@cache
def every_event() -> list[type[Event]]:
    """Return all kinds of events the portal knows."""
    for path in modules():
        if "class" in path.read_text() and "(Event, action=" in path.read_text():
            dotted = ".".join(path.relative_to(PORTAL.parent).with_suffix("").parts)
            importlib.import_module(dotted)
    return sorted(
        (each for each in Event.__subclasses__() if each.__module__.startswith("portal.")),
        key=lambda each: each.action,
    )


def test_an_event_carries_ids_codes_and_figures() -> None:
    for event in every_event():
        hints = get_type_hints(event)
        told = [each.name for each in fields(event) if UNTOLD not in each.metadata]
        assert {hints[name] for name in told} <= CODES_AND_FIGURES, event.action
        assert event.__dataclass_params__.frozen, event.action  # type: ignore[attr-defined]


def test_the_name_of_an_event_fits_the_trail() -> None:
    for event in every_event():
        subject, dot, what = event.action.partition(".")
        words = (subject.replace("_", "").isalpha(), dot, what.replace("_", "").isalpha())
        assert words == (True, ".", True), event.action
        assert event.action.islower(), event.action
        assert len(event.action) <= AuditEntry.action.type.length, event.action
        assert len(subject) <= AuditEntry.subject.type.length, event.action
    assert len({event.action for event in every_event()}) == len(every_event())


def test_every_event_is_told_somewhere() -> None:
    used = {
        node.id
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert every_event()
    assert [event.__name__ for event in every_event() if event.__name__ not in used] == []


PLANTED = {
    "topic": "Topik rahasia sekali",
    "needs": "Butuh tempat yang tenang",
    "room": "Ruang belakang",
    "override": "Kepala bidang mengizinkan",
    "note": "Catatan tentang seorang anak",
    "declined": "Jawaban panjang dari dinas",
    "number": "900/RAHASIA/2026",
    "scope": "Janji yang tertulis",
    "file": "Naskah-asli",
}
SLOT, OTHER_SLOT = "2026-08-12T08:00:00+07:00", "2026-08-13T08:00:00+07:00"


class Walk:
    """People of a small office who press real buttons; `told` is what the trail should say."""

    def __init__(self, app: Flask, office: Office) -> None:
        self.app, self.office = app, office
        self.told: list[tuple[str, UUID, UUID]] = []

    def press(self, user: User, path: str, **sent: Any) -> None:
        """Send a form as somebody, who must be let on."""
        answer = PageClient(self.app).sign_in(user).post(path, sent)
        assert answer.status_code == 303, (path, answer.status_code)

    def tell(self, action: str, user: User, record: Any) -> None:
        """Note what must stand in the trail."""
        self.told.append((action, user.id, record.id))

    def newest(self, model: type[Any]) -> Any:
        """Return the one record nobody has told of yet (in a stopped clock, ids have no order)."""
        known = [record_id for _action, _user_id, record_id in self.told]
        with self.office.build.database.reader() as session:
            return session.scalars(select(model).where(model.id.not_in(known))).one()

    def request(self, slot: str) -> Visit:
        """Ask for a session at the school."""
        office = self.office
        self.press(
            office.principal,
            "/sesi/baru",
            sekolah=office.school.public_id,
            programme="pgts",
            slot=slot,
            topic="lain",
            own_topic=PLANTED["topic"],
            grades=["8"],
            expected_heads="100",
            room=PLANTED["room"],
            needs=PLANTED["needs"],
        )
        visit: Visit = self.newest(Visit)
        self.tell("visit.requested", office.principal, visit)
        return visit

    def decline(self) -> None:
        """Ask for a session that the office cannot give."""
        visit = self.request(OTHER_SLOT)
        path = f"/sesi/{visit.public_id}/belum-bisa"
        self.press(self.office.coordinator, path, reason=PLANTED["declined"])
        self.tell("visit.declined", self.office.coordinator, visit)

    def deliver(self, clock: time_machine.Traveller) -> None:
        """Book a session, approve it against a leave, and hold it."""
        office, desk = self.office, self.office.coordinator
        visit, worker = self.request(SLOT), office.worker
        days = {"first_day": "2026-08-12", "last_day": "2026-08-12"}
        self.press(desk, f"/peksos/{worker.public_id}/cuti", **days)
        self.tell("leave.added", desk, self.newest(Leave))
        chosen = {"worker": worker.public_id, "reason": PLANTED["override"]}
        self.press(desk, f"/permintaan/{visit.public_id}/setujui", **chosen)
        self.tell("visit.approved", desk, visit)
        self.press(office.principal, f"/sesi/{visit.public_id}/ruang-siap")
        self.tell("visit.room_ready", office.principal, visit)
        clock.move_to(at(12, 11))
        heads = {"heads-0-girls": "40", "heads-0-boys": "41", "heads_adults": "2"}
        report = {"method": "mixed", "note": PLANTED["note"], **heads}
        self.press(worker, f"/sesi/{visit.public_id}/terlaksana", **report)
        self.tell("visit.delivered", worker, visit)

    def agree(self) -> None:
        """Record an MoU and change it."""
        desk, here = self.office.coordinator, f"/sekolah/{self.office.school.public_id}/mou"
        terms = {
            "number": PLANTED["number"],
            "signed_on": "2026-01-01",
            "valid_until": "2026-12-31",
            "promised_sessions": "2",
        }
        self.press(desk, f"{here}/baru", **terms)
        mou: Mou = self.newest(Mou)
        self.tell("mou.recorded", desk, mou)
        copy = (BytesIO(pdf_bytes()), f"{PLANTED['file']}.pdf")
        shown = {"version": str(mou.version)}
        changed = {**terms, **shown, "scope": PLANTED["scope"], "file": copy}
        self.press(desk, f"{here}/{mou.public_id}/ubah", **changed)
        self.tell("mou.changed", desk, mou)


@pytest.fixture
def walk(app: Flask) -> Iterator[Walk]:
    """Return a walk that has been made, on each engine."""
    build = Builder(app.extensions["database"])
    with time_machine.travel(MONDAY, tick=False) as clock:
        made = Walk(app, make_office(build))
        made.decline()
        made.deliver(clock)
        made.agree()
        yield made
    build.close()


def test_a_walk_through_the_pages_stands_in_the_trail(walk: Walk) -> None:
    database = walk.office.build.database
    # Reading it looks the chain of seals through.
    every = trail(database, "visit", "leave", "mou")
    assert [(each.action, each.actor_id, each.subject_id) for each in every] == walk.told
    by_action = {each.action: each.facts for each in every}
    assert by_action["visit.approved"] == {
        "worker_id": walk.office.worker.id.hex,
        "overridden": True,
    }
    assert by_action["visit.delivered"]["heads_boys"] == 41
    assert by_action["mou.changed"]["fields"] == "file,scope"


def test_no_entry_repeats_what_people_wrote_or_are_called(walk: Walk) -> None:
    build = walk.office.build
    with build.database.reader() as session:
        names = set(session.scalars(select(User.full_name))) | set(
            session.scalars(select(School.name))
        )
        delivered = select(Visit).where(Visit.state == VisitState.DELIVERED)
        visit = session.scalars(delivered).one()
        assert (visit.needs, visit.override_reason) == (PLANTED["needs"], PLANTED["override"])
    every = trail(build.database)
    assert len(every) >= len(walk.told)
    said = json.dumps([each.facts for each in every], ensure_ascii=False).casefold()
    assert [words for words in (*PLANTED.values(), *names) if words.casefold() in said] == []
