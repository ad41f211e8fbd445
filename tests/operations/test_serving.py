"""The web server when it is told to end: what was asked is answered, nothing new is taken."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.cli.serving import WebServer
from tests.conftest import settings_for
from tests.operations.tree import free_port

LARGE = 3_000_000


class Served:
    """A small application that takes its time, behind the portal's server."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        app = Flask("slow")
        self.in_work = threading.Semaphore(0)

        @app.get("/slow")
        def slow() -> str:
            self.in_work.release()
            time.sleep(0.5)
            return "x" * LARGE

        app.add_url_rule("/quick", "quick", lambda: "here")
        settings = replace(settings_for(folder, "sqlite://"), bind=f"127.0.0.1:{self.port}")
        self.told = threading.Event()
        self.server = WebServer(app, settings)
        self.thread = threading.Thread(target=self.server.serve_until, args=(self.told,))
        self.thread.start()

    def connect(self) -> http.client.HTTPConnection:
        """Return a new line."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(self, path: str) -> int:
        """Ask on a line of its own and return how many bytes came back."""
        with closing(self.connect()) as line:
            line.request("GET", path)
            answer = line.getresponse()
            assert answer.status == 200
            return len(answer.read())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.told.set()
    served.thread.join()


def test_what_was_asked_before_is_answered_in_full(served: Served) -> None:
    # More than there are threads to answer: some still wait for one, or at the door.
    lines = [served.connect() for _each in range(6)]
    for line in lines:
        line.request("GET", "/slow")
    assert served.in_work.acquire(timeout=5)
    served.told.set()
    came = []
    for line in lines:
        with closing(line):
            came.append(len(line.getresponse().read()))
    served.thread.join(5)
    assert not served.thread.is_alive()
    assert came == [LARGE] * 6
    with pytest.raises(ConnectionRefusedError):
        served.ask("/quick")


def test_a_line_kept_open_for_later_does_not_keep_the_server(served: Served) -> None:
    with closing(served.connect()) as line:
        line.request("GET", "/quick")
        line.getresponse().read()
        begun = time.monotonic()
        served.told.set()
        # A form that comes in just then is answered too.
        time.sleep(0.6)
        line.request("GET", "/quick")
        assert line.getresponse().read() == b"here"
        served.thread.join(5)
        assert not served.thread.is_alive()
        assert time.monotonic() - begun < 4


def test_whoever_comes_while_it_ends_is_answered_or_turned_away_at_once(served: Served) -> None:
    refused: list[BaseException] = []

    def keep_asking() -> None:
        try:
            while True:
                served.ask("/quick")
        except BaseException as error:
            refused.append(error)

    askers = [threading.Thread(target=keep_asking) for _each in range(8)]
    for asker in askers:
        asker.start()
    time.sleep(0.3)
    served.told.set()
    for asker in askers:
        asker.join()
    assert {type(error) for error in refused} == {ConnectionRefusedError}


def test_a_form_on_its_way_may_arrive(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 10) as line:
        line.sendall(b"GET /quick HTTP/1.1\r\nHost: local")
        time.sleep(0.1)
        served.told.set()
        time.sleep(1.2)
        line.sendall(b"host\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
