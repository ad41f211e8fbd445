"""What the answers of a form add up to, and what they ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portal.monitoring.states import Band

# By code of the item: 0 to 4, or None for "not observed".
Items = Mapping[str, int | None]
MOST = 4


@dataclass(frozen=True)
class Filled:
    """What a teacher answered: red flags by code (none: the answer was "none of these")."""

    flags: frozenset[str]
    items: Items

    def to_json(self) -> str:
        """Return the answers as they are kept."""
        return json.dumps({"flags": sorted(self.flags), "items": dict(self.items)})

    @classmethod
    def of_json(cls, text: str) -> Filled:
        """Read answers as they are kept."""
        kept = json.loads(text)
        return cls(frozenset(kept["flags"]), kept["items"])


@dataclass(frozen=True)
class Result:
    """What a form adds up to: `concern` and `support` from 0 to 100, None where too little was
    observed.
    """

    observed: int
    concern: float | None
    support: float | None
    band: Band

    def to_json(self) -> str:
        """Return the result as it is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Result:
        """Read a result as it is kept."""
        kept = json.loads(text)
        return cls(**{**kept, "band": Band(kept["band"])})


def score(content: Mapping[str, Any], thresholds: Mapping[str, Any], filled: Filled) -> Result:
    """Return what the answers to an edition of the form add up to.

    Source: domain.md section 4; thresholds are provisional and belong to the edition.
    """
    risks, helps = [], []
    for item in (each for group in content["groups"] for each in group["items"]):
        answer = filled.items.get(item["code"])
        if answer is None:
            continue
        if item["index"] == "support":
            helps.append(answer if item["reversed"] else MOST - answer)
        else:
            risks.append(MOST - answer if item["reversed"] else answer)
    enough = len(risks) >= thresholds["least_observed"]
    concern = _index(risks) if enough else None
    return Result(
        len(risks), concern, _index(helps) if helps else None, band_of(concern, thresholds)
    )


def band_of(concern: float | None, thresholds: Mapping[str, Any]) -> Band:
    """Return the band of a concern index; what is not known is never calm."""
    if concern is None:
        return Band.TOO_LITTLE
    for band in (Band.RED, Band.ORANGE, Band.YELLOW):
        if concern >= thresholds[str(band)]:
            return band
    return Band.GREEN


def _index(answers: list[int]) -> float:
    """Return the mean of answers from 0 to 4 as a figure from 0 to 100."""
    # Divided once and last, so that 25 is 25 and a boundary is met exactly.
    return sum(answers) * 100 / (len(answers) * MOST)
