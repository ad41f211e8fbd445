"""Codes that people write down and type again: Crockford's alphabet, without look-alikes."""

from __future__ import annotations

import secrets

# Five bits each; there is no I, L, O or U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(length: int) -> str:
    """Return a random code of so many characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def normal_code(typed: str) -> str:
    """Return a typed code as it was given: without spaces and dashes, look-alikes read right."""
    letters = "".join(each for each in typed.upper() if each.isascii() and each.isalnum())
    return letters.translate(_MISREAD)


def in_groups(code: str, size: int = 4) -> str:
    """Return a code as people copy it best: in groups, with dashes between."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))
