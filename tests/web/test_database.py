"""A GET cannot write, a POST cannot forget to commit."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core import settings as office_settings
from portal.core.settings import REGISTRY
from portal.web.database import UncommittedChangesError
from tests.client import PageClient


def hold_minutes(app: Flask) -> int:
    """Read the setting the misbehaving views would change."""
    with app.extensions["database"].reader() as session:
        return office_settings.read(session)["hold_minutes"]


DEFAULT = REGISTRY["hold_minutes"].default


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_view_that_writes_without_a_post_is_stopped_by_the_database(
    live: Flask, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = PageClient(live).http.open("/uji/menulis", method=method)
    assert hold_minutes(live) == DEFAULT
    if method == "OPTIONS":
        assert response.status_code == 200
    else:
        assert response.status_code in {500, 503}
        assert caplog.records


@pytest.mark.parametrize("path", ["/uji/lupa", "/uji/lupa-kirim"])
def test_a_view_that_forgets_to_commit_fails_its_test(probes: Flask, path: str) -> None:
    client = PageClient(probes)
    client.get("/masuk")
    with pytest.raises(UncommittedChangesError):
        client.post(path)
    assert hold_minutes(probes) == DEFAULT


@pytest.mark.parametrize("path", ["/uji/lupa", "/uji/lupa-kirim"])
def test_for_people_it_is_written_into_the_log(
    live: Flask, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = PageClient(live)
    client.get("/masuk")
    assert client.post(path).status_code == 200
    assert "uncommitted changes were dropped" in caplog.text
    assert hold_minutes(live) == DEFAULT


def test_a_view_that_commits_keeps_its_change(
    probes: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = PageClient(probes)
    client.get("/masuk")
    assert client.post("/uji/simpan").get_data(as_text=True) == "tersimpan"
    assert hold_minutes(probes) == 15
    assert "uncommitted" not in caplog.text


def test_a_request_leaves_no_connection_behind(probes: Flask) -> None:
    client = PageClient(probes)
    database = probes.extensions["database"]
    for _number in range(20):
        client.get("/masuk")
        client.post("/uji/simpan")
    assert database.reading.pool.checkedout() == 0
    assert database.writing.pool.checkedout() == 0
