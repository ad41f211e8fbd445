"""The breach register: numbers, deadline, steps, editing by two people."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.auditlog.actions import breaches as actions
from portal.auditlog.actions.breaches import Told
from portal.auditlog.models import Breach
from portal.auditlog.states import BreachState
from portal.core import clock
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.people.models import User
from tests.auditlog.registers import MONDAY, Staff, breached, known, make_staff
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import last, trail

LIST = "/insiden-data"
SECRET = "Wulandari Tersalin"
THREADS = 6


@pytest.fixture
def staff(build: Builder) -> Staff:
    return make_staff(build)


def refused(build: Builder, action: Callable[[Session], Any]) -> str:
    """Return the reason why something is refused."""
    with pytest.raises(Rejected) as problem, transaction(build.session) as session:
        action(session)
    return problem.value.code


def step(staff: Staff, breach: Breach, action: Callable[..., None], *more: Any) -> Breach:
    """Let the administrator do a step."""
    admin = staff.actor("admin")
    with transaction(staff.build.session) as session:
        action(session, admin, session.get_one(Breach, breach.id), *more)
    return staff.build.fresh(Breach, breach.id)


def waiting(database: Database) -> list[tuple[str, str | None, datetime, dict[str, Any]]]:
    """Return what waits, for whom, and until when."""
    with database.reader() as session:
        duties = session.scalars(select(Duty).where(Duty.closed_at.is_(None)).order_by(Duty.role))
        return [(duty.kind, duty.role, duty.due_at, duty.facts) for duty in duties]


def test_a_breach_gets_a_number_and_waits_for_both_keepers(
    database: Database, staff: Staff
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        breach = breached(staff)
    assert breach.number == "KD-2026-001"
    assert breach.state == BreachState.FOUND
    due = MONDAY + timedelta(hours=72)
    assert breach.due_at == due
    facts = {"number": "KD-2026-001"}
    assert waiting(database) == [
        ("report_breach", "admin", due, facts),
        ("report_breach", "division_head", due, facts),
    ]
    assert last(database, "breach").facts == {
        "number": "KD-2026-001",
        "due_at": due.isoformat(),
    }


@pytest.mark.parametrize("who", ["worker", "coordinator"])
def test_others_do_not_keep_the_register(staff: Staff, who: str) -> None:
    breach, actor = breached(staff), staff.actor(who)
    told = Told(clock.now(), None, "Tidak ada risiko")
    tries: list[Callable[[Session], Any]] = [
        lambda s: actions.record_breach(s, actor, known()),
        lambda s: actions.change_breach(s, actor, s.get_one(Breach, breach.id), known()),
        lambda s: actions.contain(s, actor, s.get_one(Breach, breach.id)),
        lambda s: actions.report(s, actor, s.get_one(Breach, breach.id), told),
        lambda s: actions.close(s, actor, s.get_one(Breach, breach.id), "Belajar"),
    ]
    assert {refused(staff.build, each) for each in tries} == {"not_allowed"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"found_at": MONDAY + timedelta(minutes=1)}, "found_later"),
        ({"started_at": MONDAY + timedelta(minutes=1)}, "started_after_found"),
    ],
)
def test_impossible_moments_are_refused(staff: Staff, more: dict[str, datetime], code: str) -> None:
    with time_machine.travel(MONDAY, tick=False):
        head, facts = staff.actor("head"), known(**more)
        assert refused(staff.build, lambda s: actions.record_breach(s, head, facts)) == code


def test_a_corrected_moment_moves_the_deadline(database: Database, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False):
        breach = breached(staff)
        earlier = MONDAY - timedelta(hours=10)
        now = step(staff, breach, actions.change_breach, known(found_at=earlier))
    assert now.due_at == earlier + timedelta(hours=72)
    assert [(role, due) for _kind, role, due, _facts in waiting(database)] == [
        ("admin", now.due_at),
        ("division_head", now.due_at),
    ]
    assert last(database, "breach").facts == {"fields": "found_at"}


def test_the_way_of_a_breach(database: Database, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        breach = breached(staff)
        assert step(staff, breach, actions.contain).state == BreachState.CONTAINED
        assert len(waiting(database)) == 2
        travel.shift(timedelta(hours=72))
        told = Told(clock.now(), clock.now(), "")
        now = step(staff, breach, actions.report, told)
        assert (now.state, now.authority_told_at) == (BreachState.REPORTED, clock.now())
        assert last(database, "breach").facts == {
            "authority_told_at": clock.now().isoformat(),
            "people_told": True,
            "in_time": True,
        }
        assert waiting(database) == []
        now = step(staff, breach, actions.close, "Laptop kini terkunci sandi")
        assert (now.state, now.lessons) == (BreachState.CLOSED, "Laptop kini terkunci sandi")
    assert now.closed_at == MONDAY + timedelta(hours=72)


def test_telling_late_is_written_down(database: Database, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        breach = breached(staff)
        travel.shift(timedelta(hours=72, microseconds=1))
        step(staff, breach, actions.report, Told(clock.now(), None, "Data tersandi"))
    assert last(database, "breach").facts["in_time"] is False
    assert last(database, "breach").facts["people_told"] is False


@pytest.mark.parametrize(
    ("authority", "people", "reason", "code"),
    [
        (1, None, "", "people_or_reason"),
        (3, 1, "", "told_later"),
        (1, 3, "", "told_later"),
        (-1, 1, "", "told_before_found"),
        (1, -1, "", "told_before_found"),
    ],
)
def test_who_was_told_must_make_sense(
    staff: Staff, authority: int, people: int | None, reason: str, code: str
) -> None:
    def hour(number: int | None) -> datetime | None:
        return None if number is None else MONDAY + timedelta(hours=number)

    with time_machine.travel(MONDAY, tick=False) as travel:
        breach = breached(staff)
        travel.shift(timedelta(hours=2))
        told = Told(hour(authority) or MONDAY, hour(people), reason)
        head = staff.actor("head")
        found = refused(
            staff.build,
            lambda s: actions.report(s, head, s.get_one(Breach, breach.id), told),
        )
    assert found == code
    assert staff.build.fresh(Breach, breach.id).state == BreachState.FOUND


def test_closing_without_telling_anybody_needs_a_reason(database: Database, staff: Staff) -> None:
    breach, head = breached(staff), staff.actor("head")
    found = refused(
        staff.build, lambda s: actions.close(s, head, s.get_one(Breach, breach.id), "Belajar")
    )
    assert found == "state_changed"
    step(staff, breach, actions.contain)
    found = refused(
        staff.build, lambda s: actions.close(s, head, s.get_one(Breach, breach.id), "Belajar")
    )
    assert found == "reason_not_reported"
    now = step(staff, breach, actions.close, "Belajar", "Data ternyata contoh")
    assert (now.state, now.not_told_reason) == (BreachState.CLOSED, "Data ternyata contoh")
    assert waiting(database) == []


def test_a_closed_breach_stays_as_it_is(staff: Staff) -> None:
    breach = breached(staff)
    step(staff, breach, actions.contain)
    step(staff, breach, actions.close, "Belajar", "Data contoh")
    head = staff.actor("head")
    found = refused(
        staff.build,
        lambda s: actions.change_breach(s, head, s.get_one(Breach, breach.id), known()),
    )
    assert found == "state_changed"


def test_numbers_have_no_gap_when_many_record_at_once(database: Database, staff: Staff) -> None:
    head = staff.actor("head")

    def one(_number: int) -> str:
        with database.writer() as session, transaction(session):
            return actions.record_breach(session, head, known()).number

    with ThreadPoolExecutor(THREADS) as pool:
        found = sorted(pool.map(one, range(THREADS * 2)))
    year = clock.today().year
    assert found == [f"KD-{year}-{number:03d}" for number in range(1, THREADS * 2 + 1)]


def test_what_people_wrote_appears_in_no_fact(database: Database, staff: Staff) -> None:
    breach = breached(staff, title=SECRET, what_happened=SECRET, measures=SECRET)
    step(staff, breach, actions.change_breach, known(title=f"{SECRET} lagi"))
    step(staff, breach, actions.report, Told(clock.now(), None, SECRET))
    step(staff, breach, actions.close, SECRET)
    with database.reader() as session:
        duties = [(duty.facts, duty.link) for duty in session.scalars(select(Duty))]
    told = [(entry.action, entry.facts) for entry in trail(database)]
    assert len(told) == 4
    assert "Wulandari" not in repr((duties, told))


def page_of(app: Flask, user: User) -> PageClient:
    """Return somebody's client, which reads English."""
    client = PageClient(app).sign_in(user)
    client.get("/tentang?bahasa=en")
    return client


def form(**more: Any) -> dict[str, Any]:
    """Return a filled form."""
    here = clock.now().astimezone(clock.WIB)
    return {
        "title": "Laptop tertinggal",
        "found_on": here.date().isoformat(),
        "found_time": f"{here:%H:%M}",
        "started_on": "",
        "started_time": "",
        "what_happened": "Tertinggal di angkutan kota.",
        "data_kinds": ["contacts", "monitoring"],
        "people_affected": "",
        "measures": "",
        **more,
    }


def newest(database: Database) -> Breach:
    """Return the only breach."""
    with database.reader() as session:
        return session.scalars(select(Breach)).one()


@pytest.mark.parametrize("who", ["head", "admin"])
def test_a_breach_is_recorded_through_the_page(
    app: Flask, database: Database, staff: Staff, who: str
) -> None:
    client = page_of(app, getattr(staff, who))
    assert client.get(f"{LIST}/baru").status_code == 200
    answer = client.post(f"{LIST}/baru", form(people_affected="0", children_affected="y"))
    breach = newest(database)
    assert answer.headers["Location"] == f"{LIST}/{breach.public_id}"
    assert breach.data_kinds == ["contacts", "monitoring"]
    assert (breach.people_affected, breach.children_affected) == (0, True)
    text = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Names and contacts; Monitoring of children" in text
    assert "hours left" in text
    assert breach.number in client.get(LIST).get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"what_happened": " "}, "what_happened"),
        ({"data_kinds": []}, "data_kinds"),
        ({"data_kinds": ["gossip"]}, "data_kinds"),
        ({"found_on": ""}, "found_on"),
        ({"found_on": "0001-01-01"}, "found_on"),
        ({"found_on": "2099-01-01"}, "found_on"),
        ({"started_on": "9999-12-31"}, "started_on"),
        ({"started_on": "2098-12-31"}, "started_on"),
        ({"people_affected": "-1"}, "people_affected"),
        ({"people_affected": "banyak"}, "people_affected"),
    ],
)
def test_a_wrong_field_says_so(
    app: Flask, database: Database, staff: Staff, typed: dict[str, Any], field: str
) -> None:
    answer = page_of(app, staff.admin).post(f"{LIST}/baru", form(**typed))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    with database.reader() as session:
        assert session.scalars(select(Breach)).all() == []


def version_in(text: str) -> str:
    """Return the version a form remembers."""
    found = re.search(r'name="version"[^>]*value="(\d+)"', text)
    assert found
    return found.group(1)


def test_two_who_edit_see_both_versions(app: Flask, database: Database, staff: Staff) -> None:
    breach = breached(staff)
    address = f"{LIST}/{breach.public_id}/ubah"
    slow, quick = page_of(app, staff.admin), page_of(app, staff.head)
    seen = version_in(slow.get(address).get_data(as_text=True))
    sent = form(version=seen, title="Laptop dan telepon tertinggal")
    assert quick.post(address, sent).status_code == 303
    mine = form(version=seen, title="Laptop hilang", measures="Polisi diberi tahu")
    answer = slow.post(address, mine)
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Laptop dan telepon tertinggal" in text
    assert "Polisi diberi tahu" in text
    assert newest(database).title == "Laptop dan telepon tertinggal"
    again = {**mine, "version": version_in(text)}
    assert slow.post(address, again).status_code == 303
    assert newest(database).title == "Laptop hilang"


def test_the_edit_form_shows_what_is_known(app: Flask, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False):
        breach = breached(staff)
        client = page_of(app, staff.admin)
        text = client.get(f"{LIST}/{breach.public_id}/ubah").get_data(as_text=True)
    assert 'value="2026-11-23"' in text
    assert 'value="08:00"' in text
    assert 'value="2026-11-22"' in text
    assert 'value="12:00"' in text
    assert 'value="1250"' in text
    checked = re.findall(r'name="data_kinds" value="(\w+)" checked', text)
    assert checked == ["contacts", "credentials"]


def test_a_breach_goes_its_way_through_the_pages(
    app: Flask, database: Database, staff: Staff
) -> None:
    breach = breached(staff, found_at=clock.now() - timedelta(hours=5), started_at=None)
    address = f"{LIST}/{breach.public_id}"
    client = page_of(app, staff.head)
    assert client.post(f"{address}/terkendali").status_code == 303
    here = clock.now().astimezone(clock.WIB)
    moment = {"authority_on": here.date().isoformat(), "authority_time": f"{here:%H:%M}"}
    empty = client.post(f"{address}/lapor", {"authority_on": "", "authority_time": ""})
    assert empty.status_code == 422
    assert 'id="authority_on-error"' in empty.get_data(as_text=True)
    neither = client.post(f"{address}/lapor", moment)
    assert neither.status_code == 422
    assert 'id="not_told_reason-error"' in neither.get_data(as_text=True)
    sent = {**moment, "not_told_reason": "Data tersandi dan utuh"}
    assert client.post(f"{address}/lapor", sent).status_code == 303
    text = client.get(address).get_data(as_text=True)
    assert "Data tersandi dan utuh" in text
    assert "in time" in text
    assert client.post(f"{address}/tutup", {"lessons": ""}).status_code == 422
    assert client.post(f"{address}/tutup", {"lessons": "Sandi di laptop"}).status_code == 303
    assert newest(database).state == BreachState.CLOSED
    text = client.get(address).get_data(as_text=True)
    assert f"{address}/ubah" not in text
    assert 'method="post"' not in text.split("<main")[1]
    assert client.get(f"{address}/ubah").status_code == 404
    late = client.post(f"{address}/tutup", {"lessons": ""})
    assert late.status_code == 422
    assert breach.number in client.get(LIST).get_data(as_text=True)


def test_closing_an_untold_breach_asks_why(app: Flask, staff: Staff) -> None:
    breach = breached(staff)
    address = f"{LIST}/{breach.public_id}"
    client = page_of(app, staff.admin)
    client.post(f"{address}/terkendali")
    answer = client.post(f"{address}/tutup", {"lessons": "Belajar"})
    assert answer.status_code == 422
    assert 'id="unreported-error"' in answer.get_data(as_text=True)
    sent = {"lessons": "Belajar", "unreported": "Data contoh"}
    assert client.post(f"{address}/tutup", sent).status_code == 303


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "72 hours left"),
        (41, "31 hours left"),
        (72, "less than an hour left"),
        (77, "5 hours over"),
    ],
)
def test_the_clock_is_said_in_words(app: Flask, staff: Staff, hours: int, words: str) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        breach = breached(staff)
        travel.shift(timedelta(hours=hours))
        client = page_of(app, staff.admin)
        for address in (LIST, f"{LIST}/{breach.public_id}"):
            assert words in client.get(address).get_data(as_text=True)


def test_closed_breaches_come_by_page(app: Flask, staff: Staff) -> None:
    closed = [breached(staff) for _number in range(21)]
    for breach in closed:
        step(staff, breach, actions.report, Told(clock.now(), clock.now(), ""))
        step(staff, breach, actions.close, "Belajar")
    client = page_of(app, staff.admin)
    first = client.get(LIST).get_data(as_text=True)
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(address).get_data(as_text=True)
    assert sum(each.number in first for each in closed) == 20
    assert sum(each.number in second for each in closed) == 1


def test_others_find_no_register(app: Flask, staff: Staff) -> None:
    breach = breached(staff)
    for user in (staff.worker, staff.coordinator):
        client = page_of(app, user)
        for address in (LIST, f"{LIST}/{breach.public_id}", f"{LIST}/{breach.public_id}/surat"):
            assert client.get(address).status_code == 403
