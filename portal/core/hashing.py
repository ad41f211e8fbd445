"""Slow hashes of what people could guess: passwords, and the secret part of codes."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Argon2id as in ASVS 5.0 appendix C: 46 MiB, one pass, one lane.
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
# At most four at once, or a burst of sign-ins takes all memory of a small server.
_hashing = threading.Semaphore(4)
# What is unknown is checked against this one, so that the answer takes as long as for the known.
_nobodys = _hasher.hash(secrets.token_urlsafe(16))


def slow_hash(text: str) -> str:
    """Return the hash to keep of a text."""
    with _hashing:
        return _hasher.hash(text.encode("utf-8", "surrogatepass"))


def fits(kept: str | None, text: str) -> bool:
    """Say whether a text is the one of a hash; takes as long when there is none (None)."""
    with _hashing:
        try:
            _hasher.verify(kept or _nobodys, text.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)
