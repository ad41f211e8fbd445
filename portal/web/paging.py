"""Keyset paging: where a page of a list starts, as an opaque word in the address."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import request

from portal.core import clock
from portal.web.forms import MOST_FIGURE

AFTER = "setelah"
BEFORE = "sebelum"
WORDS = (AFTER, BEFORE)
MOST_LENGTH = 1000

Key = tuple[Any, ...]


def encode(key: Key) -> str:
    """Return the sort key of a row as one URL-safe word."""
    text = json.dumps([str(part) for part in key], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(word: str | None, *kinds: Callable[[str], Any]) -> Key | None:
    """Read a word made by `encode`, each part by its kind; None (first page) for anything else."""
    if not word or len(word) > MOST_LENGTH:
        return None
    try:
        text = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        parts = json.loads(text)
        if not isinstance(parts, list) or len(parts) != len(kinds):
            return None
        # PostgreSQL refuses a NUL inside text, and no sort key of ours has control characters.
        if not all(isinstance(part, str) and part.isprintable() for part in parts):
            return None
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, RecursionError):
        return None


def figure(text: str) -> int:
    """Read a whole number in a list's position; raises ValueError for one no column holds."""
    found = int(text)
    if abs(found) > MOST_FIGURE:
        raise ValueError(text)
    return found


def moment(text: str) -> datetime:
    """Read the moment in a list's position; raises ValueError for one nothing here can have."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.year not in clock.YEARS:
        raise ValueError(text)
    return found


def position(*kinds: Callable[[str], Any]) -> tuple[Key | None, Key | None]:
    """Return the keys this request asks to start after, or to end before."""
    return (
        decode(request.args.get(AFTER), *kinds),
        decode(request.args.get(BEFORE), *kinds),
    )


def link(which: str, key: Key | None) -> str | None:
    """Return this page's address from another position on; None without a key."""
    if key is None:
        return None
    kept = [(name, text) for name, text in request.args.items(multi=True) if name not in WORDS]
    return f"{request.path}?{urlencode([*kept, (which, encode(key))])}"
