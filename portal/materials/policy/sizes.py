"""How much a phone fetches to have all of a material."""

from __future__ import annotations

import json
from collections.abc import Mapping

from portal.materials.policy.content import Content
from portal.materials.policy.exchange import files_named
from portal.materials.policy.pictures import DRAWINGS
from portal.materials.policy.stories import story_of

# What one of the portal's own drawings weighs on its way, at most.
DRAWING_BYTES = 2_000


def size_of(content: Content, stored: Mapping[str, int]) -> int:
    """Return the bytes of a material: its texts, each picture and each file once.

    `stored` holds the bytes of the files that are kept, by the name the content gives them. Both
    languages count, though a reader sees one: the frame of the pages weighs about as much.
    """
    texts = len(json.dumps(content.dump(), ensure_ascii=False).encode())
    drawings = {node.picture for node in story_of(content).nodes.values()} & set(DRAWINGS)
    files = sum(stored.get(name, 0) for name in files_named(content))
    return texts + DRAWING_BYTES * len(drawings) + files
