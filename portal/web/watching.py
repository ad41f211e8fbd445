"""Each request leaves one line and one count: which view, how it ended, how long it took.

Never who asked, from where, for which record, or with which words. Ruang Cerita leaves not even
that: whoever knows when a story came may know from whom.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable
from typing import Any, cast

import structlog
from flask import Flask, current_app, g, request
from flask.wrappers import Response

from portal.config import ConfigurationError, Settings
from portal.web import quiet
from portal.web.logs import FIGURES

REQUESTS = "portal.requests"
METER = "meter"
# Bytes of the number by which people and the log speak of the same request.
NUMBER_BYTES = 4
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meter:
    """Counts requests for Prometheus, in this process."""

    def __init__(self) -> None:
        try:
            # Only of use to those who watch with Prometheus, so an extra.
            import prometheus_client
        except ImportError as error:
            raise ConfigurationError(
                "PORTAL_METRICS_TOKEN is set, but the extra `scale` is not installed: "
                "pip install 'portal-mitra-sekolah[scale]'"
            ) from error
        self._library = prometheus_client
        self.registry = prometheus_client.CollectorRegistry()
        self._seconds = prometheus_client.Histogram(
            "portal_request_seconds",
            "Time to answer, by view and status",
            ("view", "status"),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def count(self, view: str, status: int, seconds: float) -> None:
        """Note one request."""
        self._seconds.labels(view, str(status)).observe(seconds)

    def report(self, figures: Iterable[tuple[str, float]]) -> bytes:
        """Return everything counted so far, and figures of this moment, as Prometheus reads it."""
        present = self._library.CollectorRegistry()
        for name, figure in figures:
            self._library.Gauge(name, name.replace("_", " "), registry=present).set(figure)
        latest = self._library.generate_latest
        return latest(self.registry) + latest(present)


def meter() -> Meter | None:
    """Return what counts requests; None where nobody may fetch figures."""
    return cast(Meter | None, current_app.extensions.get(METER))


def number() -> str:
    """Return the number by which the log knows this request."""
    return cast(str, g.get("request_number", ""))


def init_app(app: Flask) -> None:
    """Watch every request."""
    settings: Settings = app.config["PORTAL"]
    if settings.metrics_token:
        app.extensions[METER] = Meter()
    logger = logging.getLogger(REQUESTS)
    if not settings.testing:
        logger.setLevel(logging.INFO)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_number = secrets.token_hex(NUMBER_BYTES)
        structlog.contextvars.bind_contextvars(request=g.request_number)

    @app.after_request
    def end(response: Response) -> Response:
        if quiet.is_quiet():
            return response
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        figures: dict[str, Any] = {
            "view": request.endpoint or "-",
            "method": request.method,
            "status": response.status_code,
            "ms": round(seconds * 1000),
        }
        logger.info("request", extra={FIGURES: figures})
        counting = meter()
        if counting:
            counting.count(figures["view"], response.status_code, seconds)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()

    app.jinja_env.globals.update(request_number=number)
