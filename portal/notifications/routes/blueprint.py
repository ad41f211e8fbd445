"""What the pages of messages share: the blueprint, and how their lists are paged."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("notifications", __name__)


def flag(text: str) -> int:
    """Read the 0 or 1 in a list's position; raises ValueError for anything else."""
    return ("0", "1").index(text)
