"""Codes to scan."""

from __future__ import annotations

# From the top, True where a field is dark.
Pattern = tuple[tuple[bool, ...], ...]


def pattern(address: str) -> Pattern:
    """Return the code that opens an address; a quarter of it may be torn off."""
    # The library loads slowly, and most requests never make a code.
    import segno

    code = segno.make(address, error="q", micro=False)
    return tuple(tuple(bool(field) for field in row) for row in code.matrix)
