"""Behind a web server: who asks, by which scheme, and whose word counts for that."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import create_app
from portal.config import ConfigurationError, Settings
from portal.web import throttle
from portal.web.guard import public
from portal.web.render import whole_address
from tests.conftest import SECRET, on_sqlite

SEEN = "203.0.113.7"
FORWARDED = {
    "X-Forwarded-For": f"198.51.100.9, {SEEN}",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "luar.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/luar",
}


def portal(settings: Settings, proxies: int) -> Flask:
    """Return the application behind so many web servers."""
    app = create_app(replace(settings, base_url="https://portal.example", trusted_proxies=proxies))

    @app.get("/uji/siapa")
    @public
    def who() -> ResponseReturnValue:
        return {
            "address": request.remote_addr,
            "secure": request.is_secure,
            "host": request.host,
            "bucket": throttle.network(),
            "link": whole_address("home.landing"),
            "root": request.script_root,
        }

    return app


@on_sqlite
@pytest.mark.parametrize(
    ("proxies", "address", "secure"),
    [(0, "127.0.0.1", False), (1, SEEN, True), (2, "198.51.100.9", True), (3, "127.0.0.1", False)],
)
def test_as_many_words_count_as_there_are_servers_in_front(
    settings: Settings, proxies: int, address: str, secure: bool
) -> None:
    app = portal(settings, proxies)
    headers = {**FORWARDED, "Host": "portal.example"}
    if proxies == 2:
        headers["X-Forwarded-Proto"] = "https, https"
    found = app.test_client().get("/uji/siapa", headers=headers).get_json()
    app.extensions["database"].dispose()
    assert (found["address"], found["secure"]) == (address, secure)
    # Their word never counts for names and paths.
    assert (found["host"], found["root"]) == ("portal.example", "")
    assert found["link"] == "https://portal.example/"
    # Where everybody seems to come from one machine, nobody is counted.
    assert (found["bucket"] is None) == (address == "127.0.0.1")


@on_sqlite
def test_nobody_makes_up_an_address_where_no_server_stands_in_front(settings: Settings) -> None:
    app = portal(settings, 0)
    for made_up in ("203.0.113.8", "203.0.113.9"):
        headers = {"Host": "portal.example", "X-Forwarded-For": made_up}
        environ = {"REMOTE_ADDR": "192.0.2.1"}
        found = app.test_client().get("/uji/siapa", headers=headers, environ_base=environ)
        assert found.get_json()["address"] == "192.0.2.1"
    app.extensions["database"].dispose()


@pytest.mark.parametrize(("text", "figure"), [(None, 0), ("", 0), ("0", 0), ("1", 1), ("9", 9)])
def test_the_number_of_servers_is_read_from_the_environment(text: str | None, figure: int) -> None:
    env = {} if text is None else {"PORTAL_TRUSTED_PROXIES": text}
    assert Settings.from_env(env).require_proxies() == figure


@on_sqlite
@pytest.mark.parametrize("text", ["-1", "ya", "1.5", "10", "²", "1 "])
def test_a_number_nobody_can_read_stops_the_start(settings: Settings, text: str) -> None:
    proxies = Settings.from_env({"PORTAL_TRUSTED_PROXIES": text}).trusted_proxies
    with pytest.raises(ConfigurationError, match="PORTAL_TRUSTED_PROXIES"):
        create_app(replace(settings, trusted_proxies=proxies))


@contextmanager
def served(settings: Settings, proxies: str) -> Iterator[int]:
    """Run the portal as an operator does and yield its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    environment = {
        **os.environ,
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_SECRET_KEY": SECRET,
        "PORTAL_KEY_RING": str(settings.key_ring),
        "PORTAL_BIND": f"127.0.0.1:{port}",
        "PORTAL_BASE_URL": "https://portal.example",
        "PORTAL_TRUSTED_PROXIES": proxies,
    }
    log = Path(settings.data_dir) / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from portal.cli import main; main()", "serve"],
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait()


def ask(port: int, method: str, headers: dict[str, str], form: dict[str, str]) -> tuple[int, str]:
    """Ask for the door and return status, page and cookie."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as line:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        body = urlencode(form) if form else None
        line.request(method, "/masuk", body, {"Host": "portal.example", **kind, **headers})
        answer = line.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return answer.status, cookie + "\n" + answer.read().decode()


@on_sqlite
@pytest.mark.parametrize(("proxies", "status"), [("0", 422), ("1", 400)])
def test_the_running_portal_believes_the_server_it_was_told_of(
    settings: Settings, proxies: str, status: int
) -> None:
    with served(settings, proxies) as port:
        _status, answer = ask(port, "GET", {}, {})
        cookie, _, page = answer.partition("\n")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        # Only what came by HTTPS must say which page it came from.
        headers = {"Cookie": cookie, "X-Forwarded-Proto": "https", "X-Forwarded-For": SEEN}
        sent = {"csrf_token": unescape(token.group(1)), "identifier": ""}
        assert ask(port, "POST", headers, sent)[0] == status
        origin = {**headers, "Referer": "https://portal.example/masuk"}
        assert ask(port, "POST", origin, sent)[0] == 422
