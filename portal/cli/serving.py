"""Waitress, ended without breaking off a request."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from portal.config import Settings
from portal.core import clock
from portal.web.security import MAX_BODY_BYTES

THREADS = 4
# How soon a server that has nothing to do notices that it should end.
TURN_SECONDS = 0.5
# How long requests may take to end, and how long a silent line is left open for one that is coming.
PATIENCE_SECONDS = 30.0
SILENCE_SECONDS = 1.0
# From then on no line is kept for what might come next.
NO_MORE_SECONDS = 5.0
SHORT_TURN_SECONDS = 0.02

logger = logging.getLogger(__name__)


class WebServer:
    """The application on PORTAL_BIND; raises OSError or ValueError when it cannot listen there."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._lines: dict[int, Any] = {}
        try:
            self._server = self._listen(app, settings)
        except (OSError, ValueError):
            wasyncore.close_all(self._lines)
            raise

    def _listen(self, app: Flask, settings: Settings) -> MultiSocketServer | BaseWSGIServer:
        return create_server(
            app,
            map=self._lines,
            listen=settings.bind,
            threads=THREADS,
            # What people send stays in memory: no disk sees it before it is encrypted.
            inbuf_overflow=2 * MAX_BODY_BYTES,
            ident=None,
            # Else nothing is left for the application to believe its declared proxies by.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
        )

    def serve_until(self, told: threading.Event) -> None:
        """Answer until told to end; then take no new lines and finish what was asked."""
        while not told.is_set():
            self._turn(TURN_SECONDS)
        self._stop_listening()
        ended = self._drain()
        self._server.task_dispatcher.shutdown(timeout=1)
        if ended:
            wasyncore.close_all(self._lines)
        else:
            logger.warning("%s requests took too long and were broken off", len([*self._open()]))

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._lines, count=1)

    def _open(self) -> Iterator[HTTPChannel]:
        return (each for each in [*self._lines.values()] if isinstance(each, HTTPChannel))

    def _stop_listening(self) -> None:
        for door in [each for each in self._lines.values() if isinstance(each, BaseWSGIServer)]:
            # Whoever has knocked already is let in.
            while door.socket and select.select([door.socket], [], [], 0)[0]:
                door.handle_accept()
            # Not `door.close`, which also closes what wakes this loop.
            wasyncore.dispatcher.close(door)

    def _drain(self) -> bool:
        """Let all lines end; False when some did not in time."""
        begun = time.monotonic()
        while any(self._open()):
            passed = time.monotonic() - begun
            if passed > PATIENCE_SECONDS:
                return False
            self._turn(SHORT_TURN_SECONDS)
            quiet_since = clock.now().timestamp() - (
                SILENCE_SECONDS if passed < NO_MORE_SECONDS else 0
            )
            for line in self._open():
                if _is_idle(line) and line.last_activity <= quiet_since:
                    line.will_close = True
        return True


def _is_idle(line: HTTPChannel) -> bool:
    return not (line.requests or line.request or line.total_outbufs_len)
