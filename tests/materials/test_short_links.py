"""Opening short links: where they lead, what is counted, and what is not."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import links
from portal.core.db import Database, transaction
from portal.core.links import LinkDay
from portal.materials.routes.links import OPENED
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def code(build: Builder) -> str:
    """Return the code of a link."""
    with transaction(build.session) as writing:
        return links.link_for(writing, "poster:1", "/materi/kata-baik?bahasa=en").code


def opened(database: Database, code: str) -> int:
    """Return how often it was counted."""
    with database.reader() as reading:
        return links.opened(reading, [code]).get(code, 0)


def test_a_link_leads_on_and_is_counted(database: Database, client: PageClient, code: str) -> None:
    for typed in (code, code.lower(), f"{code[:4]}-{code[4:]}", code.replace("0", "o")):
        answer = client.get(f"/m/{typed}", headers=BROWSER)
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/materi/kata-baik?bahasa=en"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    assert opened(database, code) == 4


@on_sqlite
def test_look_alikes_are_read_right(build: Builder, client: PageClient) -> None:
    with transaction(build.session) as writing:
        link = links.link_for(writing, "poster:1", "/materi/satu")
        link.code = "0A1B2C3"
    assert client.get("/m/oAlb2c3").status_code == 303
    assert client.get("/m/OAIB-2C3").status_code == 303


@on_sqlite
def test_programs_that_only_look_are_not_counted(
    database: Database, client: PageClient, code: str
) -> None:
    address = f"/m/{code}"
    assert client.http.head(address, headers=BROWSER).status_code == 303
    for headers in (
        {"Accept": "*/*"},
        {**BROWSER, "Sec-Purpose": "prefetch;prerender"},
        {**BROWSER, "Purpose": "prefetch"},
    ):
        assert client.get(address, headers=headers).status_code == 303
    assert opened(database, code) == 0


def test_an_unknown_code_is_met_kindly(database: Database, client: PageClient) -> None:
    for typed in ("XXXXXXX", "x" * 300, "%01", "Ω", "--"):
        answer = client.get(f"/m/{typed}", headers=BROWSER)
        assert answer.status_code == 404
        assert 'href="/materi"' in answer.get_data(as_text=True)
    with database.reader() as reading:
        assert reading.query(LinkDay).count() == 0


@on_sqlite
def test_whoever_opens_a_link_arrives_though_it_cannot_be_counted(
    app: Flask, database: Database, client: PageClient, code: str
) -> None:
    with database.writing.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TRIGGER full BEFORE INSERT ON short_link_day "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        )
    assert client.get(f"/m/{code}", headers=BROWSER).status_code == 303
    assert opened(database, code) == 0


@on_sqlite
def test_one_network_cannot_push_a_figure_up(
    database: Database, client: PageClient, code: str
) -> None:
    most = OPENED.item.amount
    client.get(f"/m/{code}", headers=BROWSER)
    # As if it had opened the link all hour long.
    with database.writer() as writing, transaction(writing):
        writing.execute(sa.text(f"UPDATE rate_counter SET count = {most - 1}"))  # noqa: S608 - ours
    for _time in range(3):
        assert client.get(f"/m/{code}", headers=BROWSER).status_code == 303
    assert opened(database, code) == 2
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    client.get(f"/m/{code}", headers=BROWSER, environ_base=elsewhere)
    assert opened(database, code) == 3


@on_sqlite
def test_nothing_tells_who_opened_a_link(database: Database, client: PageClient, code: str) -> None:
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    agent = {**BROWSER, "User-Agent": "Nokia 3310", "Referer": "https://chat.example/anak"}
    client.get(f"/m/{code}", headers=agent, environ_base=elsewhere)
    with database.reader() as reading:
        held = [
            str(row)
            for table in sa.inspect(reading.connection()).get_table_names()
            for row in reading.execute(sa.select(sa.text("*")).select_from(sa.table(table)))
        ]
    for trace in ("203.0.113.9", "Nokia", "chat.example"):
        assert not [row for row in held if trace in row]
    assert opened(database, code) == 1
