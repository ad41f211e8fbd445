"""The trail on screen: words for everything, filters, the chain, the workbook."""

from __future__ import annotations

import ast
import importlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from openpyxl import load_workbook

from portal.auditlog.events import TrailTaken
from portal.auditlog.queries import trail as queries
from portal.auditlog.queries import words
from portal.core import audit, i18n
from portal.core.access import Role
from portal.core.audit import AuditEntry, Note
from portal.core.db import Database, new_id, transaction
from portal.core.events import ACTIONS, Event
from portal.people.actions.confidential import Record, open_in_emergency, record_conflict
from portal.people.models import User
from tests.architecture.sources import PORTAL, calls, modules, parsed
from tests.architecture.test_trail import every_event
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import last

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def head(build: Builder) -> User:
    """Return the head of the division."""
    return build.user(Role.DIVISION_HEAD, name="Bu Kepala", language="en")


@pytest.fixture
def desk(app: Flask, head: User) -> PageClient:
    """Return a client of the division head."""
    return PageClient(app).sign_in(head)


def write(database: Database, *notes: Note, at: datetime | None = None) -> None:
    """Commit some entries, at another time if asked."""
    with database.writer() as session:
        if at is None:
            with transaction(session):
                for each in notes:
                    audit.note(session, each)
            return
        with time_machine.travel(at, tick=False), transaction(session):
            for each in notes:
                audit.note(session, each)


def note(action: str, actor: UUID | None = None, record: UUID | None = None, **facts: Any) -> Note:
    return Note(action, action.partition(".")[0], record, actor, facts)


def shown(page: Any) -> str:
    """Return the text of the table's rows, or nothing."""
    text: str = page.get_data(as_text=True)
    return text.partition("<tbody>")[2].partition("</tbody>")[0]


def read_actions() -> set[str]:
    """Return the `<subject>.read` of every call of `record_read` in the code."""
    found = set()
    for path in modules():
        for call in calls(parsed(path), "record_read"):
            dotted = ".".join(path.relative_to(PORTAL.parent).with_suffix("").parts)
            module = vars(importlib.import_module(dotted))
            # A text, or a constant of this module or of one that it imports.
            subject = eval(ast.unparse(call.args[2]), module)  # noqa: S307 - our own code
            found.add(f"{subject}.read")
    return found


def test_every_action_and_every_reading_has_words() -> None:
    assert every_event()
    used = ACTIONS | read_actions() | {audit.PURGED}
    used = {action for action in used if not action.startswith("test")}
    assert used - set(words.ACTIONS) == set()
    assert {each.action for each in every_event()} <= set(words.ACTIONS)


def test_every_kind_has_words_and_every_action_one_group() -> None:
    assert {action.partition(".")[0] for action in words.ACTIONS} == set(words.KINDS)
    grouped = [action for group in words.GROUPS for action in words.actions_in(group)]
    assert sorted(grouped) == sorted(words.ACTIONS)
    assert all(words.actions_in(group) for group in words.GROUPS)


def test_an_action_of_an_older_version_keeps_its_code() -> None:
    assert words.action_words("visit.levitated") == "visit.levitated"
    assert words.kind_words("unicorn") == "unicorn"


def test_the_newest_stands_first_with_names_numbers_and_codes(
    desk: PageClient, build: Builder, head: User
) -> None:
    worker = build.worker("Pak Andi")
    visit = build.delivered(build.school(), worker)
    write(
        build.database,
        note("visit.approved", head.id, visit.id, worker_id=worker.id.hex, overridden=True),
        note("retention.applied", None, None, rule="drafts", count=3),
        note("user.reset_asked", None, worker.id),
    )
    rows = shown(desk.get("/jejak"))
    assert rows.index("asked for a link") < rows.index("removed what was kept")
    assert rows.index("removed what was kept") < rows.index("approved a session")
    assert "Bu Kepala</b> approved a session" in rows
    assert visit.reference in rows
    assert f"overridden=True, worker_id=…{worker.id.hex[-8:]}" in rows
    assert "The portal itself</b> removed" in rows
    assert "Somebody who was not signed in</b> asked" in rows
    assert "Account Pak Andi" in rows


def test_a_page_leads_to_the_next_and_back(desk: PageClient, database: Database) -> None:
    write(database, *(note("visit.approved", None, None, number=n) for n in range(120)))
    first = desk.get("/jejak").get_data(as_text=True)
    seen = [first]
    while 'rel="next"' in seen[-1]:
        address = seen[-1].partition('rel="next" href="')[2].partition('"')[0]
        seen.append(desk.get(address.replace("&amp;", "&")).get_data(as_text=True))
    assert len(seen) == 3
    numbers = [f"number={n}<" for n in range(120)]
    assert all(sum(number in page for page in seen) == 1 for number in numbers)
    back = seen[-1].partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert shown(desk.get(back)) == seen[1].partition("<tbody>")[2].partition("</tbody>")[0]


@pytest.mark.parametrize(
    "address",
    [
        "/jejak?setelah=WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0",
        "/jejak?setelah=x",
        "/jejak?dari=2026-13-01&sampai=kemarin&kelompok=zz&jenis=zz&orang=zz",
        "/jejak?dari=0001-01-01",
        "/jejak?sampai=9999-12-31",
        "/jejak?catatan=" + "x" * 500,
    ],
)
@on_sqlite
def test_an_address_that_makes_no_sense_shows_the_trail(desk: PageClient, address: str) -> None:
    assert desk.get(address).status_code == 200


def test_each_filter_narrows_and_all_together(desk: PageClient, build: Builder, head: User) -> None:
    visit = build.delivered(build.school(), build.worker())
    other = build.user(Role.ADMIN)
    write(build.database, note("visit.approved", head.id, visit.id, tag="wanted"), at=NOON)
    write(build.database, note("visit.approved", other.id, visit.id, tag="by_other"), at=NOON)
    day = timedelta(days=1)
    write(build.database, note("visit.approved", head.id, visit.id, tag="later"), at=NOON + day)
    write(build.database, note("visit.approved", head.id, visit.id, tag="early"), at=NOON - day)
    write(build.database, note("school.changed", head.id, visit.id, tag="school"), at=NOON)
    write(build.database, note("visit.approved", head.id, None, tag="nothing"), at=NOON)
    every = {"wanted", "by_other", "later", "early", "school", "nothing"}

    def tags(query: str) -> set[str]:
        rows = shown(desk.get(f"/jejak?{query}"))
        return {tag for tag in every if f"tag={tag}" in rows}

    assert tags("") == every
    assert tags("dari=2026-11-20") == every - {"early"}
    assert tags("sampai=2026-11-20") == every - {"later"}
    assert tags("kelompok=sekolah") == {"school"}
    assert tags("jenis=visit") == every - {"school"}
    assert tags(f"orang={head.public_id}") == every - {"by_other"}
    for named in (visit.reference, visit.reference.lower(), visit.public_id, str(visit.id)):
        assert tags(f"catatan={named}") == every - {"nothing"}
    assert tags("catatan=TIDAKADA") == set()
    together = (
        f"dari=2026-11-20&sampai=2026-11-20&kelompok=sesi&jenis=visit&orang={head.public_id}"
        f"&catatan={visit.reference}"
    )
    assert tags(together) == {"wanted"}


@on_sqlite
def test_the_days_of_the_filter_are_days_of_the_office(
    desk: PageClient, database: Database
) -> None:
    # 17:00 UTC is midnight here.
    write(
        database,
        note("visit.approved", tag="before"),
        at=datetime(2026, 11, 19, 16, 59, 59, tzinfo=UTC),
    )
    write(database, note("visit.approved", tag="after"), at=datetime(2026, 11, 19, 17, tzinfo=UTC))
    rows = shown(desk.get("/jejak?dari=2026-11-20"))
    assert "tag=after" in rows
    assert "tag=before" not in rows


def test_a_person_is_found_by_part_of_the_name_which_stands_in_no_address(
    desk: PageClient, build: Builder
) -> None:
    wanted = build.user(Role.TEACHER, build.school(), name="Siti Aminah")
    build.user(Role.TEACHER, build.school(), name="100% Orang")
    found = desk.post("/jejak/orang?dari=2026-11-01", {"nama": "amin"}).get_data(as_text=True)
    assert "Siti Aminah" in found
    assert "Orang" not in found.partition("<h1")[2].partition("people-list")[2]
    assert f"dari=2026-11-01&amp;orang={wanted.public_id}" in found
    assert "amin" not in [part for part in found.split('"') if part.startswith("/jejak")]
    assert "100% Orang" in desk.post("/jejak/orang", {"nama": "0%"}).get_data(as_text=True)
    nobody = desk.post("/jejak/orang", {"nama": "_i"}).get_data(as_text=True)
    assert "Nobody is called that" in nobody
    assert desk.post("/jejak/orang", {"nama": "a"}).status_code == 422
    assert desk.post("/jejak/orang", {"nama": ""}).status_code == 422


def test_a_whole_chain_is_called_unbroken_and_the_check_is_noted(
    desk: PageClient, database: Database, head: User
) -> None:
    write(database, note("visit.approved"))
    assert "Last checked" not in desk.get("/jejak").get_data(as_text=True)
    assert desk.post("/jejak/periksa").status_code == 303
    entry = last(database, "audit")
    assert entry.action == "audit.checked"
    assert entry.actor_id == head.id
    assert entry.facts == {"up_to": entry.seq - 1, "broken_at": None, "kind": None}
    page = desk.get("/jejak").get_data(as_text=True)
    assert f"Unbroken up to number {entry.seq - 1}." in page
    assert "by Bu Kepala" in page


def test_a_broken_chain_says_where_and_how(desk: PageClient, database: Database) -> None:
    write(database, *(note("visit.approved", number=n) for n in range(3)))
    with database.writing.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_entry_unchanged")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        table = sa.inspect(AuditEntry).local_table
        second = sa.select(sa.func.max(table.c.seq)).scalar_subquery() - 1
        seq = connection.scalar(sa.select(second))
        connection.execute(sa.update(table).where(table.c.seq == seq).values(subject="mou"))
    desk.post("/jejak/periksa")
    page = desk.get("/jejak").get_data(as_text=True)
    assert f"Entry number {seq} was changed" in page
    assert "Unbroken" not in page


@pytest.mark.parametrize("kind", ["missing", "changed", "cut", "head"])
def test_every_kind_of_break_has_words(kind: str) -> None:
    with i18n.in_language("en"):
        assert "1,234" in words.break_words(kind, 1234)


def cells(response: Any) -> list[list[tuple[Any, ...]]]:
    book = load_workbook(BytesIO(response.get_data()))
    return [list(sheet.iter_rows(values_only=True)) for sheet in book]


def test_the_workbook_holds_what_the_filter_leaves_and_is_noted_first(
    desk: PageClient, build: Builder, head: User
) -> None:
    write(build.database, note("visit.approved", head.id, None, tag="a"))
    write(build.database, note("school.changed", head.id, None, tag="=1+1"))
    response = desk.get("/jejak.xlsx?kelompok=sekolah")
    rows, about = cells(response)
    assert rows[0] == ("Number", "Moment", "Who", "What", "Kind of record", "Record", "Details")
    assert [row[2:] for row in rows[1:]] == [
        ("Bu Kepala", "changed a school", "School", "", "tag==1+1")
    ]
    assert len(about) == 3
    assert response.headers["Cache-Control"] == "no-store"
    entry = last(build.database, "audit")
    assert (entry.action, entry.actor_id, entry.facts) == (TrailTaken.action, head.id, {"rows": 1})


@on_sqlite
def test_a_long_trail_is_cut_and_says_so(desk: PageClient, database: Database) -> None:
    most = queries.MOST_EXPORTED
    write(database, *(note("visit.approved", number=n) for n in range(most + 5)))
    rows, about = cells(desk.get("/jejak.xlsx?jenis=visit"))
    assert len(rows) == most + 1
    assert rows[1][-1] == f"number={most + 4}"
    assert "Only the newest 10,000 entries" in str(about[-1][0])


@on_sqlite
def test_whoever_was_away_proves_themselves_before_the_workbook(
    app: Flask, head: User, desk: PageClient
) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert desk.get("/jejak").status_code == 200
        response = desk.get("/jejak.xlsx")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/akun/pastikan")


def test_whoever_stands_on_a_conflict_list_finds_nothing_of_the_record(
    app: Flask, build: Builder, head: User, desk: PageClient
) -> None:
    record, other = Record("report", new_id(), "L-0007", "/beranda"), new_id()
    colleague = build.user(Role.DIVISION_HEAD, language="en")
    with build.database.writer() as session, transaction(session):
        open_in_emergency(session, build.actor(colleague), record, "Bahaya")
        record_conflict(session, build.actor(colleague), record, head.id, "Saudara")
    write(
        build.database,
        note("report.noted", colleague.id, record.subject_id, tag="about_it"),
        note("report.linked", colleague.id, other, other_id=record.subject_id.hex, tag="linked"),
        note("report.noted", colleague.id, other, tag="another"),
        note("retention.applied", tag="nobody's"),
    )

    def seen(client: PageClient) -> set[str]:
        rows = shown(client.get("/jejak"))
        taken = str(cells(client.get("/jejak.xlsx"))[0])
        marks = ("about_it", "linked", "another", "nobody's", record.subject_id.hex[-8:])
        found = {mark for mark in marks if mark in rows.replace("&#39;", "'")}
        assert found == {mark for mark in marks if mark in taken}
        return found

    assert seen(desk) == {"another", "nobody's"}
    assert "emergency" not in shown(desk.get("/jejak")).lower()
    assert shown(desk.get(f"/jejak?catatan={record.subject_id}")) == ""
    assert len(seen(PageClient(app).sign_in(colleague))) == 5
    with build.database.reader() as session:
        assert audit.verify(session) is None


@pytest.mark.parametrize(
    ("action", "facts"),
    [*((each, {}) for each in queries.TOLD), ("report.read", {"own": True})],
)
def test_whoever_told_in_confidence_has_no_name_and_no_minute(
    desk: PageClient, build: Builder, action: str, facts: dict[str, bool]
) -> None:
    teller = build.user(Role.TEACHER, build.school(), name="Bu Pelapor")
    write(build.database, note(action, teller.id, new_id(), tag="told", **facts), at=NOON)
    write(build.database, note("report.read", teller.id, new_id(), tag="work"), at=NOON)
    open_row, veiled = shown(desk.get("/jejak?jenis=report")).split("</tr>")[:2]
    assert "Bu Pelapor" in open_row
    assert "12:00" in open_row or "12.00" in open_row
    assert "tag=told" in veiled
    assert not any(part in veiled for part in ("Bu Pelapor", "12:00", "12.00", "<b>"))
    (read, told) = cells(desk.get("/jejak.xlsx?jenis=report"))[0][1:]
    assert (str(read[1]), read[2]) == ("2026-11-20 12:00:00", "Bu Pelapor")
    assert (str(told[1]), told[2] or "") == ("2026-11-20 00:00:00", "")
    narrowed = f"jenis=report&orang={teller.public_id}"
    assert "tag=told" not in shown(desk.get(f"/jejak?{narrowed}"))
    assert [row[-1] for row in cells(desk.get(f"/jejak.xlsx?{narrowed}"))[0][1:]] == ["tag=work"]


def test_an_event_of_a_test_is_no_event_of_the_portal() -> None:
    assert all(each.__module__.startswith("portal.") for each in every_event())
    assert issubclass(TrailTaken, Event)
