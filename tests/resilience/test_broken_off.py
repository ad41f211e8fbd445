"""The database refuses or breaks off in the middle of a request: never more than a 503."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import create_app
from portal.config import Settings
from portal.core import settings as office_settings
from portal.core.db import new_public_id, transaction
from portal.web.database import db, reader
from portal.web.errors import IN_DOUBT, NO_ROOM, STATUS_WORDS, STORED
from portal.web.guard import public
from portal.web.once import KEY_FIELD
from tests.client import PageClient

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)

BUSY = STATUS_WORDS[503]
DEFAULT = office_settings.REGISTRY["hold_minutes"].default
TYPED = "cerita yang panjang"


def end_connection(session: Session) -> None:
    """End a session's connection from outside, as a restart does."""
    number = session.scalar(sa.text("SELECT pg_backend_pid()"))
    with reader().get_bind().connect() as other:
        other.execute(sa.text("SELECT pg_terminate_backend(:number)"), {"number": number})


def add_breaking(app: Flask) -> Flask:
    """Add forms whose database fails them in a chosen way."""

    @app.post("/uji/tolak/<code>")
    @public
    def refuse(code: str) -> ResponseReturnValue:
        with transaction(db()) as session:
            office_settings.write(session, None, "hold_minutes", 15)
            session.flush()
            raising = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"
            session.execute(sa.text(raising))
        return "tersimpan"

    @app.post("/uji/putus")
    @public
    def break_off() -> ResponseReturnValue:
        with transaction(db()) as session:
            office_settings.write(session, None, "hold_minutes", 15)
            session.flush()
            if request.form["isi"] == TYPED:
                end_connection(session)
        return "tersimpan"

    @app.post("/uji/putus-sesudah")
    @public
    def break_off_afterwards() -> ResponseReturnValue:
        with transaction(db()) as session:
            office_settings.write(session, None, "hold_minutes", 15)
        end_connection(reader())
        reader().execute(sa.text("SELECT 1"))
        return "tersimpan"

    @app.get("/uji/putus-diam")
    @public
    def break_off_unnoticed() -> ResponseReturnValue:
        reader().execute(sa.text("SELECT 1"))
        end_connection(reader())
        return "terbaca"

    return app


@pytest.fixture
def breaking(settings: Settings) -> Iterator[Flask]:
    """Return the application as it runs for people, with a database that fails it."""
    app = create_app(replace(settings, testing=False))
    yield add_breaking(app)
    app.extensions["database"].dispose()


def send(client: PageClient, path: str, form: dict[str, str]) -> int:
    """Send a form from a page of the portal."""
    return client.post(path, form, headers={"Origin": "http://localhost"}).status_code


def keyed(text: str = TYPED) -> dict[str, str]:
    """Return a form with a key of its own."""
    return {"isi": text, KEY_FIELD: new_public_id()}


def hold_minutes(app: Flask) -> int:
    """Read the setting that the forms change."""
    with app.extensions["database"].reader() as session:
        minutes: int = office_settings.read(session)["hold_minutes"]
        return minutes


@pytest.mark.parametrize(
    ("code", "words"),
    [
        # Two that waited for each other, and one that came too late.
        ("40P01", BUSY),
        ("40001", BUSY),
        # Too long, too many, locked, going down, out of memory.
        ("57014", BUSY),
        ("53300", BUSY),
        ("55P03", BUSY),
        ("57P01", BUSY),
        ("53200", BUSY),
        ("53100", NO_ROOM),
    ],
)
def test_what_postgresql_refuses_can_be_sent_again(
    breaking: Flask, code: str, words: tuple[str, str]
) -> None:
    client = PageClient(breaking)
    client.get("/masuk")
    assert send(client, f"/uji/tolak/{code}", keyed()) == 503
    assert all(str(each) in client.page for each in words)
    assert client.form(f"/uji/tolak/{code}")["isi"] == [TYPED]
    assert hold_minutes(breaking) == DEFAULT


def test_a_form_that_broke_off_is_sent_again_and_carried_out_once(breaking: Flask) -> None:
    client = PageClient(breaking)
    client.get("/masuk")
    assert send(client, "/uji/putus", keyed()) == 503
    assert all(str(each) in client.page for each in IN_DOUBT)
    again = {**client.form("/uji/putus"), "isi": "lain"}
    assert send(client, "/uji/putus", again) == 200
    assert hold_minutes(breaking) == 15


def test_without_a_key_nobody_is_told_that_twice_is_once(breaking: Flask) -> None:
    client = PageClient(breaking)
    client.get("/masuk")
    assert send(client, "/uji/putus", {"isi": TYPED}) == 503
    assert all(str(each) in client.page for each in BUSY)


def test_what_is_stored_is_not_called_undone(breaking: Flask) -> None:
    client = PageClient(breaking)
    client.get("/masuk")
    form = keyed()
    assert send(client, "/uji/putus-sesudah", form) == 503
    assert all(str(each) in client.page for each in STORED)
    with pytest.raises(LookupError):
        client.form("/uji/putus-sesudah")
    assert hold_minutes(breaking) == 15
    # Pressed all the same: it was carried out, once.
    assert send(client, "/uji/putus-sesudah", form) == 303


def test_an_answer_that_is_ready_is_given(breaking: Flask) -> None:
    client = PageClient(breaking)
    assert client.get("/uji/putus-diam").status_code == 200
    assert client.get("/masuk").status_code == 200


def test_even_an_error_page_needs_no_database(breaking: Flask, settings: Settings) -> None:
    client = PageClient(breaking)
    client.get("/masuk")
    url = sa.make_url(settings.database_url)
    engine = sa.create_engine(
        url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {url.database} WITH (FORCE)")
    engine.dispose()
    for path in ("/tidak/ada", "/masuk"):
        response = client.get(path)
        assert response.status_code == 503
        assert all(str(each) in response.text for each in BUSY)
    assert client.http.post("/masuk", data={"identifier": "x"}).status_code == 503
