"""From texts to the words and stems that are searched, in Indonesian and English alike.

Nobody says in which language a word was typed, so every word stands for itself and for what both
stemmers make of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

from portal.materials.models import SearchTerm

LANGUAGES = ("indonesian", "english")
# Longer ones are cut, when they are kept and when they are looked for.
LONGEST: int = SearchTerm.term.type.length
SHORTEST = 2
# How many words keep their stems at hand, in each process.
KEPT = 8192
LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
# Written as two words and as one.
JOINED = (re.compile(r"\borang[\s-]+tua"), "orangtua")
STOP_WORDS_OF_BOTH = """
    ada adalah agar akan anda antara apa apakah atau bagi bahwa bagaimana bisa bukan dalam dan
    dari dengan di dia harus ia ini itu jadi jika juga kalau kami kamu karena ke kepada kita
    lagi lah maka masih mereka namun oleh pada para pun saat saja sambil sampai saya se sebagai
    secara sedang sehingga sejak seperti serta si suatu sudah supaya tapi telah tentang tetapi
    untuk ya yaitu yang
    an and are as at be been but by can do does for from had has have he her his how if in into
    is it its me my no not of on or our she so than that the their them then there these they
    this to was we were what when which who will with you your
"""
STOP_WORDS = frozenset(STOP_WORDS_OF_BOTH.split())


def tokens(text: str) -> list[str]:
    """Return all words of a text in their order: small letters without accents, and digits."""
    # Twice: some signs only turn into letters, others into small ones only after that.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    found = LETTERS_AND_DIGITS.findall(JOINED[0].sub(JOINED[1], letters))
    return [each[:LONGEST] for each in found]


def words(text: str) -> list[str]:
    """Return the words of a text that say something; of "teman-teman" the one word twice."""
    return [each for each in tokens(text) if is_searched(each)]


def is_searched(token: str) -> bool:
    """Say whether a word tells texts apart: no "yang", no "the", no single letter."""
    return len(token) >= SHORTEST and token not in STOP_WORDS


@lru_cache(maxsize=KEPT)
def stems(word: str) -> frozenset[str]:
    """Return what a word is looked for by: its stem in each language, often the same."""
    # A stemmer holds the word it works on, so no two threads may share one; making one is cheap.
    return frozenset(snowballstemmer.stemmer(language).stemWord(word) for language in LANGUAGES)


def terms(word: str) -> frozenset[str]:
    """Return what a word is kept under: its stems, and itself to tell which words are in use."""
    return stems(word) | {word}


def equals(word: str, groups: tuple[str, ...]) -> frozenset[str]:
    """Return the stems of a word and of all that stands in a group of synonyms with it."""
    known, own = _stems_in(groups), stems(word)
    return own.union(*(known.get(stem, ()) for stem in own))


# Keyed by what the groups say: whatever the office changes holds at once in every process.
@lru_cache(maxsize=4)
def _stems_in(groups: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Return for every stem of a group all stems of its groups."""
    known: dict[str, frozenset[str]] = {}
    for group in groups:
        every = frozenset().union(*map(stems, group.split()))
        for stem in every:
            known[stem] = known.get(stem, frozenset()) | every
    return known


@lru_cache(maxsize=4)
def words_of(groups: tuple[str, ...]) -> frozenset[str]:
    """Return the words of all groups of synonyms."""
    return frozenset(word for group in groups for word in group.split())


def trigrams(word: str) -> frozenset[str]:
    """Return the letters of a word in threes, with blanks around: its beginning counts more."""
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))
