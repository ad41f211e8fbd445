"""What the log may say: where something broke, never what people had typed."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from flask import Flask
from flask.logging import wsgi_errors_stream

# Addresses that open something by themselves.
SECRET_PATH = re.compile(
    r"((?:/|%2F)(?:undangan|sandi-baru|jawab|kalender)(?:/|%2F))[A-Za-z0-9_-]{20,}", re.IGNORECASE
)
SECONDS = "%Y-%m-%dT%H:%M:%S"
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Under this name a record carries figures besides its message.
FIGURES = "figures"

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class ReticentFormatter(logging.Formatter):
    """Formats a record without the texts of exceptions, which may quote what somebody wrote."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the library's name
        """Return the kinds of exception and the lines of code they passed, without messages."""
        lines = []
        error = ei[1]
        while error is not None:
            where = [
                f"  {frame.filename}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            lines += [type(error).__name__, *where]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line with its figures, as `name=value`."""
        figures = " ".join(f"{name}={value}" for name, value in figures_of(record).items())
        return f"{super().formatMessage(record)} {figures}".rstrip()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the secret part of addresses taken out."""
        # Another handler may have left the whole text here.
        record.exc_text = None
        line = SECRET_PATH.sub(r"\1...", super().format(record))
        record.exc_text = None
        return line


class JsonFormatter(ReticentFormatter):
    """Formats a record as one line of JSON, just as reticent."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON object."""
        said: dict[str, Any] = {
            "at": f"{self.formatTime(record, SECONDS)}.{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **figures_of(record),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info).splitlines()
        return SECRET_PATH.sub(r"\1...", json.dumps(said, ensure_ascii=False, default=str))


def figures_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a record says in figures, with the number of the request it belongs to."""
    return {**structlog.contextvars.get_contextvars(), **getattr(record, FIGURES, {})}


def _formatter(kind: str) -> logging.Formatter:
    return JsonFormatter() if kind == "json" else ReticentFormatter(LINE)


def init_app(app: Flask) -> None:
    """Make the application's own log reticent, whoever serves it."""
    handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    handler.setFormatter(_formatter(app.config["PORTAL"].log_format))
    app.logger.handlers[:] = [handler]


def init(*names: str, kind: str = "text") -> None:
    """Make these loggers, and everything that reports to the root, reticent."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(kind))
    for name in ("", *names):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler] if not name else []
        logger.propagate = True
