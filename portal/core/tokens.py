"""Secrets that open something once: long, random, and stored only as a hash."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return what is stored of a token; a fast hash suffices for what nobody can guess."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
