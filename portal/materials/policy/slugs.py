"""Addresses of materials and their groups: made from a title, plain letters, each taken once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from itertools import chain, count

LENGTH = 80
ALIKE = 40
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Pages of the library itself stand under these.
RESERVED = frozenset({"kelola", "baru", "impor", "koleksi", "tersimpan", "tes"})
# For a title without any plain letter.
NAMELESS = "materi"


def proposed(title: str) -> str:
    """Return the address a title suggests: its plain letters and figures, words joined by "-"."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _cut("-".join(re.findall(r"[a-z0-9]+", letters)), LENGTH) or NAMELESS


def free(wanted: str, taken: Container[str]) -> str:
    """Return the wanted address, with a number behind it where something else stands there.

    All it may return begin like the wanted one, for the first `ALIKE` letters.
    """
    numbered = (_ending_in(wanted, f"-{number}") for number in count(2))
    fit = (slug for slug in chain([wanted], numbered) if slug not in RESERVED)
    return next(slug for slug in fit if slug not in taken)


def _ending_in(slug: str, ending: str) -> str:
    return f"{_cut(slug, LENGTH - len(ending))}{ending}"


def _cut(slug: str, most: int) -> str:
    """Shorten an address, between two words where there is such a place."""
    if len(slug) <= most:
        return slug
    cut, _dash, _rest = slug[: most + 1].rpartition("-")
    return cut if len(cut) >= ALIKE else slug[:most].rstrip("-")
