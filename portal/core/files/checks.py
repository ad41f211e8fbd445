"""What may be kept: told by its content, never by its name, and rid of hidden extras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from portal.core.errors import Rejected
from portal.core.files import scanner

MOST_BYTES = 10 * 1024 * 1024
PDF = "application/pdf"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
# Whoever allows pictures allows all three: a picture may be kept as another kind than it came.
IMAGES = frozenset({JPEG, PNG, WEBP})
# Of a picture as it is kept, in points.
LONGEST_SIDE = 2400
KIND_NAMES = {PDF: "PDF", CSV: "CSV", XLSX: "XLSX", JPEG: "JPEG", PNG: "PNG", WEBP: "WebP"}

# The largest picture takes some 300 MB while it is read, a PDF made for it more; others wait.
_room = BoundedSemaphore(2)


class Checked(bytes):
    """A content that may be kept as it is; it knows its kind and is not checked again."""

    media_type: str

    @classmethod
    def of(cls, media_type: str, content: bytes) -> Checked:
        """Return the content with its kind."""
        checked = cls(content)
        checked.media_type = media_type
        return checked


def media_type_of(content: bytes) -> str | None:
    """Tell a kind by its first bytes, text by being text; None for anything else."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return XLSX
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    return None if b"\x00" in content[:4096] else CSV


def check(content: bytes, allowed: frozenset[str]) -> Checked:
    """Return a content as it is to be kept.

    Reading a large picture takes a second, so views do this before they ask for the write lock.
    Raises Rejected("file_empty"), Rejected("file_too_large"), Rejected("file_kind"),
    Rejected("file_infected"), Rejected("file_unreadable") and what `images` and `papers` raise.
    """
    if isinstance(content, Checked) and content.media_type in allowed:
        return content
    if not content:
        raise Rejected("file_empty", "file")
    if len(content) > MOST_BYTES:
        raise Rejected("file_too_large", "file", most=MOST_BYTES // 1024 // 1024)
    media_type = media_type_of(content)
    if media_type is None or media_type not in allowed:
        kinds = ", ".join(sorted(KIND_NAMES[kind] for kind in allowed))
        raise Rejected("file_kind", "file", kinds=kinds)
    scanner.refuse_infected(content)
    with _room, _only_refusals():
        return _cleaned(content, media_type)


def points_of(content: bytes) -> int:
    """Return how many points a picture has by its first bytes; 0 for anything else.

    Reading them all takes a second for each 40 million. Raises Rejected("file_pixels") and
    Rejected("file_unreadable").
    """
    media_type = media_type_of(content)
    if media_type not in IMAGES:
        return 0
    from portal.core.files import images

    with _room, _only_refusals():
        return images.points_of(content, media_type)


def _cleaned(content: bytes, media_type: str) -> Checked:
    # The libraries behind both are large and load on first use.
    if media_type == PDF:
        from portal.core.files import papers

        return Checked.of(PDF, papers.cleaned(content))
    if media_type in IMAGES:
        from portal.core.files import images

        return Checked.of(*images.redrawn(content, media_type))
    return Checked.of(media_type, content)


@contextmanager
def _only_refusals() -> Iterator[None]:
    """Turn whatever a library raises over bytes made to break it into a refusal.

    Pillow alone lets out OSError, ValueError, SyntaxError, struct.error, zlib.error, MemoryError,
    warnings turned into errors and more, and each version others.
    """
    try:
        yield
    except Rejected:
        raise
    except Exception as error:
        raise Rejected("file_unreadable", "file") from error
