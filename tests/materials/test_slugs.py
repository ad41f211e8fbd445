"""Addresses made from titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.access import Role
from portal.core.db import transaction
from portal.materials.actions import writing
from portal.materials.policy import slugs
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Teman-teman di kantin!", "teman-teman-di-kantin"),
        ("  Kafé & Ruang Cerita  ", "kafe-ruang-cerita"),
        ("10 hari pengasuhan digital", "10-hari-pengasuhan-digital"),
        ("???", "materi"),
        ("人", "materi"),
        ("kata " * 40, "-".join(["kata"] * 16)),
        ("a" * 200, "a" * 80),
    ],
)
def test_titles_suggest_addresses(title: str, slug: str) -> None:
    assert slugs.proposed(title) == slug


@given(st.text(max_size=200), st.integers(0, 30))
def test_every_title_finds_a_free_address(title: str, others: int) -> None:
    taken: set[str] = set()
    wanted = slugs.proposed(title)
    for _other in range(others + 1):
        found = slugs.free(wanted, taken)
        assert slugs.SLUG.fullmatch(found)
        assert len(found) <= slugs.LENGTH
        assert found not in slugs.RESERVED | taken
        # By these letters alone others are looked for.
        assert found.startswith(wanted[: slugs.ALIKE])
        taken.add(found)


def test_pages_of_the_library_keep_their_addresses() -> None:
    assert [slugs.free(each, ()) for each in ("kelola", "tes")] == ["kelola-2", "tes-2"]


@on_sqlite
def test_addresses_are_free_among_all_materials(shelf: Shelf, build: Builder) -> None:
    long = "x" * slugs.LENGTH
    for slug in ("teman", "teman-2", long, f"{long[:78]}-2"):
        shelf.material(slug=slug)
    build.user(Role.SOCIAL_WORKER)
    with transaction(build.session) as session:
        assert writing.free_slug(session, "teman") == "teman-3"
        assert writing.free_slug(session, long) == f"{long[:78]}-3"
        assert writing.free_slug(session, "lain") == "lain"
