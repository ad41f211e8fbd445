"""Which materials have a term, and how much it weighs there, joined for all materials at once.

Each material has a place. What a term weighs is kept digit by digit: one number for each binary
digit, whose bit at a place is that digit of the weight there. So `&` and `|` reckon with a thousand
materials as with one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import zip_longest
from operator import and_, or_

# The digits of a weight or rank at every place, the lowest first.
Digits = Sequence[int]

WEIGHT_DIGITS = 4
NOWHERE: Digits = (0,) * WEIGHT_DIGITS
# Above the weights of eight words: one word more counts for more than whatever others weigh.
SUM_DIGITS = 7
EACH_WORD = 1 << SUM_DIGITS
# The bits of all places there are and will be.
EVERY = -1


def read(held: bytes) -> list[int]:
    """Return what `write` has written."""
    width = len(held) // WEIGHT_DIGITS
    starts = range(0, len(held), width)
    return [int.from_bytes(held[start : start + width], "little") for start in starts]


def write(weights: Digits) -> bytes:
    """Return the digits one after the other, as many bytes for each as the last place needs."""
    width = (places(weights).bit_length() + 7) // 8
    return b"".join(digit.to_bytes(width, "little") for digit in weights)


def put(weights: list[int], place: int, weight: int) -> None:
    """Note what a term weighs in one material; 0 takes it out."""
    for number in range(WEIGHT_DIGITS):
        others = weights[number] & ~(1 << place)
        weights[number] = others | (weight >> number & 1) << place


def places(weights: Digits) -> int:
    """Return the bits of the materials that have a term or word."""
    return reduce(or_, weights, 0)


def in_all(words: Iterable[Digits]) -> int:
    """Return the bits of the materials that have all of the words."""
    return reduce(and_, map(places, words), EVERY)


def in_any(words: Iterable[Digits]) -> int:
    """Return the bits of the materials that have any of the words."""
    return reduce(or_, map(places, words), 0)


def strongest(terms: Iterable[Digits]) -> Digits:
    """Return the most that any of the terms weighs at each place."""
    return reduce(_greater, terms, NOWHERE)


def _greater(one: Digits, other: Digits) -> Digits:
    greater, equal = 0, EVERY
    for mine, its in zip(reversed(one), reversed(other), strict=True):
        greater |= equal & mine & ~its
        equal &= ~(mine ^ its)
    return [its ^ (mine ^ its) & greater for mine, its in zip(one, other, strict=True)]


def ranked(words: Iterable[Digits]) -> Digits:
    """Return the rank of each material: EACH_WORD for each word it has, and what they weigh."""
    total: list[int] = []
    filled = (0,) * (SUM_DIGITS - WEIGHT_DIGITS)
    for word in words:
        total = _sum(total, [*word, *filled, places(word)])
    return total


def _sum(one: Digits, other: Digits) -> list[int]:
    carried, total = 0, []
    for mine, its in zip_longest(one, other, fillvalue=0):
        total.append(mine ^ its ^ carried)
        carried = mine & its | carried & (mine ^ its)
    return [*total, carried] if carried else total


def below(ranks: Digits, rank: int, place: int) -> int:
    """Return the bits of what comes after one material in the order of `best_first`."""
    if rank >> len(ranks):
        return EVERY
    less, equal = 0, EVERY
    for number in reversed(range(len(ranks))):
        digit = ranks[number]
        if rank >> number & 1:
            less |= equal & ~digit
            equal &= digit
        else:
            equal &= ~digit
    # A place that somebody made up may be too far off for a number.
    last = reduce(or_, ranks, 0).bit_length()
    return less | equal & ((1 << min(place, last)) - 1)


def best_first(ranks: Digits, among: int) -> Iterator[tuple[int, int]]:
    """Give rank and place of materials, the highest rank first, then the highest place."""
    yield from _best_first(ranks, len(ranks), among, 0)


def _best_first(ranks: Digits, left: int, among: int, rank: int) -> Iterator[tuple[int, int]]:
    """Go on among those that have the same digits but the lowest so many."""
    if not left:
        while among:
            place = among.bit_length() - 1
            yield rank, place
            among ^= 1 << place
        return
    digit, one = ranks[left - 1], 1 << (left - 1)
    if high := among & digit:
        yield from _best_first(ranks, left - 1, high, rank | one)
    if low := among & ~digit:
        yield from _best_first(ranks, left - 1, low, rank)
