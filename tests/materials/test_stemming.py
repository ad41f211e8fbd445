"""Words, their stems, and the words that mean the same."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.materials.policy.stemming import (
    LONGEST,
    SHORTEST,
    equals,
    stems,
    terms,
    tokens,
    trigrams,
    words,
)

GROUPS: tuple[str, ...] = import_module("portal.migrations.versions.0012_synonyms").GROUPS

# What the stemmers join by themselves.
FORMS = {
    "teman": "pertemanan berteman temannya teman-teman",
    "ejek": "mengejek diejek mengejeknya",
    "bantu": "membantu bantulah dibantu bantuan",
    "cerita": "bercerita ceritakan menceritakan ceritanya ceritalah",
    "harga": "menghargai penghargaan dihargai",
    "cegah": "pencegahan mencegah dicegah",
    "pukul": "memukul dipukul pemukulan",
    "bela": "membela pembelaan dibela",
    "siapa": "siapakah siapapun",
    "buku": "bukunya buku-buku",
    "minta": "permintaan diminta",
    "ancam": "mengancam ancaman diancam",
    "lapor": "melaporkan laporan dilaporkan",
    "leceh": "pelecehan melecehkan dilecehkan",
    "listen": "listening listened listens",
    "report": "reporting reported reports",
}
# Where they alone fail, the laid-in groups help.
MEANT = {
    "perundungan": (
        "dirundung merundung rundung perundung dibully membully pembullyan pembulian bully "
        "bullying bullied bullies dibuli"
    ),
    "ejekan": "mengejek diejek teasing teased olok-olok hinaan menghina",
    "siber": "online daring cyber",
    "guru": "pengajar teachers pendidik",
    "orangtua": "parents parent wali ayah",
    "berani": "keberanian brave courage",
    "pertolongan": "menolong bantuan help",
    "dikucilkan": "pengucilan mengucilkan",
    "takut": "ketakutan afraid fear kecemasan",
    "saksi": "menyaksikan bystander bystanders",
}


@pytest.mark.parametrize(("stem", "forms"), FORMS.items(), ids=FORMS)
def test_other_forms_of_a_word_share_a_stem_with_it(stem: str, forms: str) -> None:
    for form in words(forms):
        assert stems(stem) & stems(form), form


@pytest.mark.parametrize(("word", "others"), MEANT.items(), ids=MEANT)
def test_the_groups_laid_in_join_what_the_stemmers_do_not(word: str, others: str) -> None:
    for other in words(others):
        assert stems(other) & equals(word, GROUPS), other
        assert stems(word) & equals(other, GROUPS), other


def test_words_that_mean_something_else_stay_apart() -> None:
    for word, other in (
        ("perundungan", "guru"),
        ("marah", "sedih"),
        ("teman", "anak"),
        ("rumah", "ramah"),
    ):
        assert equals(word, GROUPS).isdisjoint(equals(other, GROUPS)), (word, other)


def test_a_text_is_read_as_its_reader_would() -> None:
    assert words("Teman-teman, ITU café \uff21\uff22!") == ["teman", "teman", "cafe", "ab"]
    assert words("Untuk orang tua; Orang-tuanya") == ["orangtua", "orangtuanya"]
    assert words("a_b %x% x\x00y ' -- ;") == []
    assert tokens("yang the guru") == ["yang", "the", "guru"]


@given(st.text(max_size=80))
def test_whatever_is_read_stays_the_same_when_read_again(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
    for word in found:
        assert SHORTEST <= len(word) <= LONGEST
        assert word in terms(word)
        assert all(len(each) <= LONGEST for each in terms(word))
        assert all(len(each) == 3 for each in trigrams(word))
