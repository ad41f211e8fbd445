"""The published table of rights is the one the portal runs on."""

from __future__ import annotations

from pathlib import Path

from portal.core import matrix
from portal.core.access import GRANTS, Permission, Role

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "access.md"


def test_the_document_says_what_the_code_grants() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == matrix.as_markdown(), (
        "run: portal access > docs/access.md"
    )


def test_every_permission_and_every_role_stands_in_it() -> None:
    named = [permission for group in matrix.MEANINGS.values() for permission in group]
    assert sorted(named) == sorted(Permission)
    assert set(matrix.ROLE_TITLES) == set(Role) == set(GRANTS)


def test_every_permission_is_held_by_somebody() -> None:
    held = {permission for grants in GRANTS.values() for permission in grants}
    assert held == set(Permission)
