"""The word that says where a page starts: made by us, but held by others."""

from __future__ import annotations

import base64
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portal.core.db import new_id
from portal.web import paging

printable = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=160).filter(
    str.isprintable
)


@given(printable, st.uuids())
def test_what_was_written_is_read(name: str, record_id: UUID) -> None:
    word = paging.encode((name, record_id))
    if len(word) <= paging.MOST_LENGTH:
        assert paging.decode(word, str, UUID) == (name, record_id)


@given(st.one_of(st.none(), st.text(max_size=60), st.binary(max_size=60)))
def test_anything_else_is_the_first_page(word: str | bytes | None) -> None:
    if isinstance(word, bytes):
        word = base64.urlsafe_b64encode(word).decode()
    assert paging.decode(word, str, UUID) is None


def test_words_of_another_shape() -> None:
    def word(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode()

    some_id = str(new_id())
    assert paging.decode(word(f'["A", "{some_id}"]'), str, UUID) is not None
    for text in (
        f'["A", "{some_id}", "B"]',
        '["A"]',
        '["A", "not an id"]',
        f'[1, "{some_id}"]',
        f'["A\\u0000", "{some_id}"]',
        '{"A": 1, "B": 2}',
        "[" * 500,
        "null",
    ):
        assert paging.decode(word(text), str, UUID) is None
    assert paging.decode("A" * (paging.MOST_LENGTH + 1), str, UUID) is None
