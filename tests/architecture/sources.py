"""The files of this checkout, for tests that read code and templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
TEMPLATES = ROOT / "templates"


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(folder: Path = PORTAL) -> list[Path]:
    """Return our own modules; each migration is a record of its day and stays as it was."""
    return sorted(
        path for path in folder.rglob("*.py") if "versions" not in path.relative_to(folder).parts
    )


def named(path: Path) -> str:
    """Return how to name a file in a message."""
    return path.relative_to(ROOT).as_posix()


def templates() -> list[Path]:
    """Return all templates."""
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a function or method by its last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            last = getattr(called, "attr", None) or getattr(called, "id", None)
            if last == name:
                yield node
