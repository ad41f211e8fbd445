"""What an edition of the teacher's form is made of, and what the office may change in it.

Codes, groups, directions and the label stay: curves of a child remain comparable across editions,
and the form never becomes a diagnosis. Words, thresholds, rhythm and hours may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.core.errors import Rejected

MOST_TEXT = 200
# Working hours until somebody must have taken a red flag on.
HOURS = (1, 40)
# Least and most of each threshold; ten items make up the concern index.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "least_observed": (5, 10),
    "yellow": (5, 90),
    "orange": (5, 95),
    "red": (5, 100),
    "harassment_least": (1, 4),
    "rise": (5, 60),
}
BANDS = ("yellow", "orange", "red")
WEEKS, FORMS, MOST_STEPS = (1, 12), (1, 20), 5


def words_of(content: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return all words that may change, by language, under what they are called in an edition.

    Flags, groups and items are called by their code, points of the scale "scale_0" to "scale_4".
    The dictionaries are those of `content` itself.
    """
    coded = [*content["flags"], *content["groups"]]
    coded += [item for group in content["groups"] for item in group["items"]]
    return {
        **{each["code"]: each["text"] for each in coded},
        **{f"scale_{point}": words for point, words in enumerate(content["scale"])},
        "note": content["note"],
    }


def check(
    content: Mapping[str, Any], thresholds: Mapping[str, Any], rhythm: Sequence[Sequence[int]]
) -> None:
    """Refuse an edition nobody could fill in or reckon with.

    Raises Rejected("both_languages"), Rejected("out_of_bounds"), Rejected("bands_in_order") and
    Rejected("rhythm_steps").
    """
    for words in words_of(content).values():
        if not all(0 < len(words[language].strip()) <= MOST_TEXT for language in ("id", "en")):
            raise Rejected("both_languages")
    for flag in content["flags"]:
        if flag["hours"] is not None:
            _within("hours", flag["hours"], HOURS)
    for name, bounds in BOUNDS.items():
        _within(name, thresholds[name], bounds)
    yellow, orange, red = (thresholds[name] for name in BANDS)
    if not yellow < orange < red:
        raise Rejected("bands_in_order", "red")
    if not 1 <= len(rhythm) <= MOST_STEPS:
        raise Rejected("rhythm_steps", most=MOST_STEPS)
    for weeks, forms in rhythm:
        _within("weeks", weeks, WEEKS)
        _within("forms", forms, FORMS)


def _within(name: str, figure: int, bounds: tuple[int, int]) -> None:
    least, most = bounds
    if not least <= figure <= most:
        raise Rejected("out_of_bounds", name, least=least, most=most)
