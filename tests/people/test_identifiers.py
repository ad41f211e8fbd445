"""Numbers and addresses as people write them: any text is read, and nothing breaks."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from portal.core import addresses
from portal.people.models import User

MOBILE = st.from_regex(r"08[1-9][0-9]{8,10}", fullmatch=True)


@given(st.text(max_size=40) | MOBILE)
def test_any_text_is_a_number_or_none_and_stays_what_it_is(text: str) -> None:
    number = addresses.normal_phone(text)
    if number is not None:
        assert re.fullmatch(r"\+[0-9]{4,}", number)
        assert len(number) <= User.phone.type.length
        assert addresses.normal_phone(number) == number


@given(MOBILE, st.sampled_from(["", " ", "-", "."]))
def test_the_spelling_of_a_number_does_not_matter(local: str, mark: str) -> None:
    rest = mark.join(local[start : start + 4] for start in range(1, len(local), 4))
    spelled = (f"0{rest}", f"+62 {rest}", f"+62{rest}", f"62{rest}", f" 0{rest} ")
    assert {addresses.normal_phone(each) for each in spelled} == {f"+62{local[1:]}"}


@given(st.text(max_size=60) | st.emails())
def test_any_text_is_an_address_or_not_and_capitals_do_not_matter(text: str) -> None:
    assert addresses.is_email(text) is addresses.is_email(text.strip(" "))
    assert addresses.normal_email(addresses.normal_email(text)) == addresses.normal_email(text)


@given(st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.example", fullmatch=True))
def test_an_ordinary_address_is_one(address: str) -> None:
    assert addresses.is_email(address)
    assert addresses.normal_email(f" {address.upper()} ") == address
