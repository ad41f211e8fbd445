"""Tiny PDFs that a PDF library can read."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Pdf


@cache
def pdf_bytes(pages: int = 1) -> bytes:
    """Return a PDF of blank pages."""
    return pdf_with(lambda _pdf: None, pages=pages)


def pdf_with(change: Callable[[Pdf], None], *, pages: int = 1, **saving: Any) -> bytes:
    """Return a PDF of blank pages after a change."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _page in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
        change(pdf)
        pdf.save(out, **saving)
    return out.getvalue()
