"""Which parts a material of a kind has, and how many files of its own."""

from __future__ import annotations

from portal.materials.policy.content import MOST_FILES, MOST_PICTURES
from portal.materials.states import MaterialKind

# By the names of `Content`. Every page shows the text, every share card the lines.
ALWAYS = ("title", "summary", "body", "lines")
# A story's files are its pictures.
PARTS: dict[MaterialKind, tuple[str, ...]] = {
    MaterialKind.ARTICLE: ("files",),
    MaterialKind.FILE: ("files",),
    MaterialKind.VIDEO: ("link",),
    MaterialKind.POSTER: ("files",),
    MaterialKind.LESSON_KIT: ("files",),
    MaterialKind.SCENARIO: ("scenario", "files"),
    MaterialKind.QUIZ: ("questions",),
    MaterialKind.PARENT_CARD: ("cards",),
}


def most_files(kind: MaterialKind) -> int:
    """Return how many files of its own a material of a kind may have."""
    return MOST_PICTURES if kind == MaterialKind.SCENARIO else MOST_FILES
