"""An application served as `portal run` serves it, in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

THREADS = 4
# How long requests that are on their way may take to end.
PATIENCE_SECONDS = 10


@contextmanager
def served(app: Flask, *, threads: int = THREADS, **place: Any) -> Iterator[int]:
    """Serve, on a port it names, until the block ends; what was asked by then is done first."""
    lines: dict[int, Any] = {}
    server: Any = create_server(app, map=lines, threads=threads, **place)
    told = threading.Event()

    def answer() -> None:
        while not told.is_set():
            wasyncore.loop(timeout=1, map=lines, count=1)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield server.effective_port
    finally:
        told.set()
        server.pull_trigger()
        thread.join()
        # Whoever still answers wakes the loop in the end: what it wakes it by closes after that.
        server.task_dispatcher.shutdown(timeout=PATIENCE_SECONDS)
        for line in list(lines.values()):
            # A browser that went away leaves files half sent; `close_all` would not close those.
            if isinstance(line, HTTPChannel):
                line.handle_close()
        wasyncore.close_all(lines)
