"""The keys of the portal, and what they do: encrypt, index blindly, seal the audit trail.

Ciphertexts are bound to the place they were written to (table, column and row), so that a value
copied into another row does not open there. The key ring is a file that lies outside the database
and its backups.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import threading
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"v1"
KEY_BYTES = 32
NONCE_BYTES = 12
# Secrets that are not for encryption and are never rotated, since what they made cannot be redone.
LASTING = ("index", "audit")


class KeyRingError(Exception):
    """The key ring cannot be used; the text says what to mend."""


class UndecipherableError(Exception):
    """A ciphertext does not open here: wrong place, changed, or its key is not on the ring."""


class UnknownKeyError(UndecipherableError):
    """A ciphertext was made with a key that is not on the ring."""


@dataclass
class KeyRing:
    """The keys of one portal, as they stand in their file."""

    path: Path
    active: str = ""
    # Never printed: a traceback or a log must not tell them.
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    lasting: dict[str, bytes] = field(default_factory=dict, repr=False)
    _read_at: int = 0

    def encrypt(self, place: bytes, plain: bytes) -> bytes:
        """Return `v1|key|nonce|ciphertext` (AES-256-GCM), which opens only at this place."""
        self._look_again()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.active]).encrypt(nonce, plain, place)
        return b"|".join((FORMAT, self.active.encode(), nonce + sealed))

    def decrypt(self, place: bytes, token: bytes) -> bytes:
        """Return the plain bytes; raises UndecipherableError."""
        name, body = _parts(token)
        if name not in self.keys:
            # Another process may have rotated since this one last looked.
            self._look_again()
        if name not in self.keys:
            raise UnknownKeyError(f"key {name} is not on the ring")
        try:
            return AESGCM(self.keys[name]).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], place)
        except (InvalidTag, ValueError) as error:
            raise UndecipherableError("changed, or moved from another place") from error

    def is_current(self, token: bytes) -> bool:
        """Say whether a ciphertext was made with the active key."""
        return _parts(token)[0] == self.active

    def seal(self, purpose: str, content: bytes) -> bytes:
        """Return the HMAC-SHA-256 of a content under one of the lasting keys."""
        return hmac.digest(self.lasting[purpose], content, hashlib.sha256)

    def add_key(self) -> str:
        """Put a new active key on the ring and return its name; older keys stay to read with."""
        self._look_again()
        name = f"k{1 + max(int(known[1:]) for known in self.keys)}"
        self.keys[name] = secrets.token_bytes(KEY_BYTES)
        self.active = name
        self._write()
        return name

    def forget_old_keys(self) -> list[str]:
        """Take every key but the active one off the ring and return their names."""
        old = [name for name in self.keys if name != self.active]
        for name in old:
            del self.keys[name]
        self._write()
        return old

    def _look_again(self) -> None:
        """Read the file again when it changed; a running server then knows a rotated key."""
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self._read_at:
            fresh = load(self.path)
            self.active, self.keys, self.lasting = fresh.active, fresh.keys, fresh.lasting
            self._read_at = changed

    def _write(self) -> None:
        content = {
            "active": self.active,
            "keys": {name: _text(key) for name, key in self.keys.items()},
            **{name: _text(key) for name, key in self.lasting.items()},
        }
        # Written beside and moved in one step: a power cut leaves the old ring or the new one.
        unfinished = self.path.with_name(f"{self.path.name}.new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)
        self._read_at = self.path.stat().st_mtime_ns


def _parts(token: bytes) -> tuple[str, bytes]:
    parts = token.split(b"|", 2)
    if len(parts) != 3 or parts[0] != FORMAT:
        raise UndecipherableError("not a ciphertext of this portal")
    return parts[1].decode("ascii", "replace"), parts[2]


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _key(content: dict[str, Any], name: str) -> bytes:
    key = base64.b64decode(content[name], validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(name)
    return key


def create(path: Path) -> KeyRing:
    """Write a new key ring, readable by its owner alone; raises KeyRingError over an old one."""
    if path.exists():
        raise KeyRingError(f"{path} exists already. Overwriting it would lose what it encrypted.")
    ring = KeyRing(
        path,
        active="k1",
        keys={"k1": secrets.token_bytes(KEY_BYTES)},
        lasting={name: secrets.token_bytes(KEY_BYTES) for name in LASTING},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    ring._write()
    return ring


def load(path: Path) -> KeyRing:
    """Read a key ring; raises KeyRingError when it is missing or damaged."""
    try:
        read_at = path.stat().st_mtime_ns
        content = json.loads(path.read_text(encoding="ascii"))
        keys = {name: _key(content["keys"], name) for name in content["keys"]}
        lasting = {name: _key(content, name) for name in LASTING}
        active = content["active"]
        if active not in keys:
            raise ValueError(active)
    except FileNotFoundError as error:
        raise KeyRingError(
            f"There is no key ring at {path}. Make one with: portal keys create. "
            "If this portal had one, bring it back; without it nothing encrypted can be read."
        ) from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        # What the file holds is secret, so nothing of it is repeated.
        raise KeyRingError(f"The key ring at {path} cannot be read or is damaged.") from error
    return KeyRing(path, active, keys, lasting, read_at)


_ring: KeyRing | None = None
_choosing = threading.Lock()


def use(path: Path) -> KeyRing:
    """Read the key ring this process works with; raises KeyRingError."""
    global _ring
    with _choosing:
        if _ring is None or _ring.path != path:
            _ring = load(path)
        return _ring


def ring() -> KeyRing:
    """Return the key ring in use; raises KeyRingError when none was chosen."""
    if _ring is None:
        raise KeyRingError("There is no key ring yet. Make one with: portal keys create.")
    return _ring


def place_of(table: str, column: str, row_id: object) -> bytes:
    """Return the place a ciphertext is bound to."""
    return f"{table}.{column}.{row_id}".encode()


def device_key(user_id: UUID, form_id: UUID) -> bytes:
    """Return the key (32 bytes) under which devices of one person keep one form until it is sent.

    Derived from a lasting key: a form that waits on a phone outlives a rotation.
    """
    about = b"device draft\x00" + user_id.bytes + form_id.bytes
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=about).derive(ring().lasting["index"])


def normal(text: str) -> str:
    """Return a text as it is compared: one form of each letter, one space, no capitals."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def blind_index(purpose: str, text: str) -> bytes:
    """Return what finds equal texts without telling which (HMAC-SHA-256, exact matches only)."""
    return ring().seal("index", f"{purpose}\x00{normal(text)}".encode())
