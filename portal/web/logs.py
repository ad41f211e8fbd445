"""What the log may say: where something broke, never what people had typed."""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType
from typing import TextIO, cast

from flask import Flask
from flask.logging import wsgi_errors_stream

# Addresses that open something by themselves.
SECRET_PATH = re.compile(
    r"((?:/|%2F)(?:undangan|sandi-baru)(?:/|%2F))[A-Za-z0-9_-]{20,}", re.IGNORECASE
)
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

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

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the secret part of addresses taken out."""
        # Another handler may have left the whole text here.
        record.exc_text = None
        line = SECRET_PATH.sub(r"\1...", super().format(record))
        record.exc_text = None
        return line


def init_app(app: Flask) -> None:
    """Make the application's own log reticent, whoever serves it."""
    handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    handler.setFormatter(ReticentFormatter(LINE))
    app.logger.handlers[:] = [handler]


def init(*names: str) -> None:
    """Make these loggers, and everything that reports to the root, reticent."""
    handler = logging.StreamHandler()
    handler.setFormatter(ReticentFormatter(LINE))
    for name in ("", *names):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler] if not name else []
        logger.propagate = True
