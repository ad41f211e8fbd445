"""When something goes wrong: a page in the reader's language, and nothing of the inside."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.config import Settings
from portal.core.access import Role
from portal.web.errors import STATUS_WORDS
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.web.conftest import SECRET_WORDS

LANGUAGES = pytest.mark.parametrize("language", ["id", "en"])


def explains(client: PageClient, status: int, path: str, language: str) -> None:
    """Check that a page says, in this language, what went wrong and what to do."""
    response = client.get(path, headers={"Accept-Language": language})
    html = response.get_data(as_text=True)
    assert response.status_code == status
    assert response.headers["Content-Language"] == language
    for words in STATUS_WORDS[status]:
        assert str(words) in html
    assert "Traceback" not in html
    assert SECRET_WORDS not in html


@on_sqlite
@LANGUAGES
@pytest.mark.parametrize(
    ("status", "path"),
    [
        (404, "/tidak/ada"),
        (404, "/sekolah/terlalu-pendek"),
        (405, "/keluar"),
        (500, "/uji/jatuh"),
        (503, "/uji/sibuk"),
    ],
)
def test_an_error_page_says_what_happened_and_what_to_do(
    live: Flask, status: int, path: str, language: str
) -> None:
    explains(PageClient(live), status, path, language)


@on_sqlite
@LANGUAGES
def test_a_page_of_another_role_says_so(client: PageClient, language: str) -> None:
    client.sign_in(client.builder.user(Role.VOLUNTEER, language=language))
    explains(client, 403, "/permintaan", language)


@on_sqlite
def test_the_words_of_an_error_differ_between_the_languages(live: Flask) -> None:
    pages = {
        language: PageClient(live)
        .get("/tidak/ada", headers={"Accept-Language": language})
        .get_data(as_text=True)
        for language in ("id", "en")
    }
    assert "We cannot find this page" in pages["en"]
    assert "We cannot find this page" not in pages["id"]


@on_sqlite
def test_the_portal_goes_on_after_an_error(live: Flask) -> None:
    client = PageClient(live)
    for path in ("/uji/jatuh", "/uji/sibuk", "/uji/menulis"):
        assert client.get(path).status_code in {500, 503}
        assert client.get("/masuk").status_code == 200


@on_sqlite
def test_an_error_is_no_fragment_of_a_page(live: Flask) -> None:
    response = PageClient(live).fragment("/uji/jatuh")
    assert response.status_code == 500


@on_sqlite
def test_a_mistake_in_the_code_fails_the_test_that_meets_it(probes: Flask) -> None:
    with pytest.raises(RuntimeError, match=SECRET_WORDS):
        PageClient(probes).get("/uji/jatuh")


@pytest.mark.parametrize("path", ["/masuk", "/beranda", "/sehat"])
def test_without_its_database_the_portal_says_that_it_is_busy(
    live: Flask, settings: Settings, path: str
) -> None:
    client = PageClient(live)
    client.sign_in(client.builder.user(Role.COORDINATOR))
    assert client.get("/beranda").status_code == 200
    live.extensions["database"].dispose()
    take_away(settings.database_url)
    response = client.http.get(path)
    assert response.status_code == 503
    assert str(STATUS_WORDS[503][0]) in response.get_data(as_text=True)
    assert "sqlite" not in response.get_data(as_text=True).lower()


def take_away(url: str) -> None:
    """Make a database vanish under a running portal."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        for leftover in path.parent.glob("portal.db*"):
            leftover.unlink()
        path.mkdir()
        return
    engine = sa.create_engine(
        parsed.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {parsed.database} WITH (FORCE)")
    engine.dispose()
