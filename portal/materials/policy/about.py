"""What is about a material, whatever it says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from portal.materials.models import Material
from portal.materials.states import Licence, Strategy

AUTHOR_LENGTH = Material.author.type.length
SOURCE_LENGTH = Material.source.type.length
SOURCE_URL_LENGTH = Material.source_url.type.length


@dataclass(frozen=True)
class About:
    """Whom a material is for, how long it takes, and whose it is."""

    slug: str
    strategy: Strategy
    # Codes of `Audience`; at least one.
    audiences: tuple[str, ...]
    # Names of `schools.models.LEVEL_GROUPS`; none for all.
    levels: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    minutes: int | None = None
    licence: Licence = Licence.CC_BY_SA
    author: str = ""
    source: str = ""
    source_url: str = ""

    @classmethod
    def of(cls, material: Material) -> About:
        """Return what is about a material now."""
        held = {each.name: getattr(material, each.name) for each in fields(cls)}
        held |= {"audiences": tuple(material.audiences), "levels": tuple(material.levels)}
        return cls(**held)

    def values(self) -> dict[str, Any]:
        """Return the columns of a material."""
        return {**asdict(self), "audiences": [*self.audiences], "levels": [*self.levels]}
