"""Views that misbehave on purpose, added to the real application before its first request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal import create_app
from portal.config import Settings
from portal.core import settings as office_settings
from portal.core.db import transaction
from portal.web.database import db, reader
from portal.web.guard import public

SECRET_WORDS = "kata rahasia dari dalam"


def add_probes(app: Flask) -> Flask:
    """Add views that do what no view should."""

    @app.get("/uji/menulis")
    @public
    def write_in_a_get() -> ResponseReturnValue:
        with transaction(db()) as session:
            office_settings.write(session, None, "hold_minutes", 15)
        return "tertulis"

    @app.post("/uji/lupa")
    @public
    def forget_to_commit() -> ResponseReturnValue:
        office_settings.write(db(), None, "hold_minutes", 15)
        return "lupa"

    @app.post("/uji/lupa-kirim")
    @public
    def flush_and_forget() -> ResponseReturnValue:
        office_settings.write(db(), None, "hold_minutes", 15)
        db().flush()
        return "lupa"

    @app.post("/uji/simpan")
    @public
    def commit() -> ResponseReturnValue:
        with transaction(db()) as session:
            office_settings.write(session, None, "hold_minutes", 15)
        return "tersimpan"

    @app.get("/uji/jatuh")
    @public
    def fall() -> ResponseReturnValue:
        raise RuntimeError(SECRET_WORDS)

    @app.get("/uji/sibuk")
    @public
    def ask_a_table_that_is_gone() -> ResponseReturnValue:
        reader().execute(text("SELECT 1 FROM hilang"))
        return "ada"

    return app


@pytest.fixture
def probes(new_app: Flask) -> Flask:
    """Return the application with the misbehaving views."""
    return add_probes(new_app)


@pytest.fixture
def live(settings: Settings) -> Iterator[Flask]:
    """Return it as it runs for people: errors become pages instead of failing the test."""
    app = create_app(replace(settings, testing=False))
    yield add_probes(app)
    app.extensions["database"].dispose()
