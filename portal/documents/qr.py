"""Codes to scan."""

from __future__ import annotations

from io import BytesIO

# From the top, True where a field is dark.
Pattern = tuple[tuple[bool, ...], ...]


def pattern(address: str) -> Pattern:
    """Return the code that opens an address; a quarter of it may be torn off."""
    # The library loads slowly, and most requests never make a code.
    import segno

    code = segno.make(address, error="q", micro=False)
    return tuple(tuple(bool(field) for field in row) for row in code.matrix)


def svg(address: str) -> bytes:
    """Return the code that opens an address as a drawing, white around it."""
    import segno

    drawing = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", scale=8, border=4, light="#fff")
    return drawing.getvalue()
