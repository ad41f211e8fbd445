"""Pages that nobody is to be known by: Ruang Cerita, coming back to it, and leaving both."""

from __future__ import annotations

import re

from flask import Request, request

PATH = re.compile(r"/(cerita|cek|lapor|keluar-cepat)(/|$)")


def is_quiet(asked: Request | None = None) -> bool:
    """Say whether a request must leave no line, no count, no session and no lasting cookie."""
    return bool(PATH.match((asked or request).path))
