"""What every store raises when it cannot do its work just now."""

from __future__ import annotations


class StoreUnavailableError(Exception):
    """The store does not answer or refuses; the text says which and why, without credentials.

    `errno` is what the system said of a folder, so that a full disk can be told from other trouble.
    """

    def __init__(self, text: str, errno: int | None = None) -> None:
        super().__init__(text)
        self.errno = errno
