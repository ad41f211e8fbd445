"""What a material is narrowed down by, kept like the words it says."""

from __future__ import annotations

from portal.materials.models import Material

# No word has such a sign in it.
AUDIENCE, LEVEL, KIND = "audience=", "level=", "kind="


def facets(material: Material) -> frozenset[str]:
    """Return the terms for whom a material is, and of what kind."""
    return frozenset(
        [
            KIND + material.kind,
            *(AUDIENCE + each for each in material.audiences),
            # For all levels: without a name.
            *(LEVEL + each for each in material.levels or [""]),
        ]
    )


def is_facet(term: str) -> bool:
    """Say whether a term is none that anybody has written."""
    return "=" in term
