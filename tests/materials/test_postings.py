"""Postings joined at once give what one would reckon material by material."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.materials.policy import postings
from portal.materials.policy.postings import EACH_WORD, Digits

# What each of some materials weighs for each of some words; nothing where a word is not in it.
WEIGHED = st.lists(
    st.dictionaries(st.integers(0, 70), st.integers(1, 15), max_size=12), min_size=1, max_size=4
)


def packed(weights: dict[int, int]) -> Digits:
    held = [*postings.NOWHERE]
    for place, weight in weights.items():
        postings.put(held, place, 3)
        postings.put(held, place, weight)
    return postings.read(postings.write(held)) if weights else held


@settings(max_examples=150, deadline=None)
@given(WEIGHED)
def test_ranks_are_sums(words: list[dict[int, int]]) -> None:
    held = [packed(word) for word in words]
    ranks = postings.ranked(held)
    expected = {
        place: sum(EACH_WORD + word[place] for word in words if place in word)
        for place in set().union(*words)
    }
    in_order = sorted(((rank, place) for place, rank in expected.items()), reverse=True)
    some = postings.in_any(held)
    assert list(postings.best_first(ranks, some)) == in_order
    for number, (rank, place) in enumerate(in_order):
        left = postings.below(ranks, rank, place) & some
        assert list(postings.best_first(ranks, left)) == in_order[number + 1 :]
    having_all = {place for place in expected if all(place in word for word in words)}
    assert postings.in_all(held) == sum(1 << place for place in having_all)


@settings(max_examples=100, deadline=None)
@given(WEIGHED)
def test_the_strongest_term_counts(terms: list[dict[int, int]]) -> None:
    joined = postings.strongest(map(packed, terms))
    for place in range(71):
        most = max(term.get(place, 0) for term in terms)
        assert sum((digit >> place & 1) << number for number, digit in enumerate(joined)) == most


def test_the_heaviest_of_eight_words_weigh_less_than_one_word_more() -> None:
    words = [packed({0: 15, 1: 1})] * 7 + [packed({0: 15})]
    ((rank, _place), (lower, _other)) = postings.best_first(postings.ranked(words), 0b11)
    assert (rank, lower) == (8 * EACH_WORD + 8 * 15, 7 * EACH_WORD + 7)
    assert EACH_WORD > 8 * 15


def test_what_weighs_nothing_is_nowhere() -> None:
    held = [*packed({2: 8, 9: 1})]
    postings.put(held, 2, 0)
    assert postings.write(held) == b"\x00\x02" + b"\x00" * 6
    postings.put(held, 9, 0)
    assert not postings.places(held)
