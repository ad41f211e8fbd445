"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.config import ConfigurationError
from portal.web import guard
from portal.web.guard import public
from tests.architecture.sources import PORTAL, ROOT, calls, modules, named, parsed
from tests.conftest import on_sqlite, settings_for

MOST_LINES = 60
BANNER = re.compile(r"\s*# ?[-=]{3}")
# Where the time comes from; ids carry the raw time, which no rule ever reads.
CLOCKS = {
    "portal/core/clock.py": {"datetime.now"},
    "portal/core/db.py": {"time.time_ns"},
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield every function with its dotted name, also methods and functions within functions."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                yield f"{prefix}{child.name}", child
            if isinstance(child, Function | ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return walk(tree, "")


def within_reach(tree: ast.Module) -> Iterator[ast.ClassDef | Function]:
    """Yield public classes, functions and methods: what another module may use."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    each
                    for each in node.body
                    if isinstance(each, Function) and not each.name.startswith("_")
                )


def found_by(rule: Callable[[Path], object]) -> dict[str, object]:
    """Return what a rule finds, by module; a test of each of them alone takes longer than it."""
    found = {named(path): rule(path) for path in modules()}
    return {name: what for name, what in found.items() if what}


def too_long(path: Path) -> dict[str, int]:
    """Return the functions of a module that nobody takes in at a glance, and their lengths."""
    return {
        name: length
        for name, node in functions(parsed(path))
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES
    }


def test_functions_stay_short() -> None:
    assert found_by(too_long) == {}


def silent(path: Path) -> list[str]:
    """Return what is public in a module, or the module itself, and has no sentence."""
    tree = parsed(path)
    said = (ast.get_docstring(tree) or "").strip() or not tree.body
    names = [node.name for node in within_reach(tree) if not ast.get_docstring(node)]
    return names if said else ["the module", *names]


def test_everything_public_says_in_a_sentence_what_it_is() -> None:
    assert found_by(silent) == {}


def commits(path: Path) -> list[int]:
    """Return the lines of a module that commit."""
    return [call.lineno for call in calls(parsed(path), "commit")]


def test_only_the_database_module_commits() -> None:
    assert set(found_by(commits)) == {"portal/core/db.py", "portal/migrations/env.py"}


def clocks_asked(path: Path) -> set[str]:
    """Return in which ways a module asks for the time."""
    names = {"now", "today", "utcnow", "time", "time_ns", "fromtimestamp", "localtime"}
    return {
        f"{call.func.value.id}.{call.func.attr}"
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"datetime", "date", "time"}
        and call.func.attr in names
    }


def test_only_the_clock_knows_the_time() -> None:
    assert found_by(clocks_asked) == CLOCKS


def of_requests(path: Path) -> set[str]:
    """Return what a module that answers nobody imports of requests."""
    if set(path.relative_to(PORTAL).with_suffix("").parts) & {"web", "routes"}:
        return set()
    imported = {
        name.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    allowed = {"session"} if path.name == "duties.py" else set()
    return imported & {"current_user", "current_app", "request", "g", "session"} - allowed


def test_rules_know_nothing_of_requests() -> None:
    assert found_by(of_requests) == {}


def states_assigned(path: Path) -> list[int]:
    """Return the lines of a module that set a state without asking whether it may follow."""
    return [
        target.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state"
    ]


def test_states_change_only_by_moves() -> None:
    assert set(found_by(states_assigned)) == {"portal/core/machine.py"}


@on_sqlite
def test_every_view_says_who_may_see_it(app: Flask) -> None:
    undeclared = {
        endpoint for endpoint, view in app.view_functions.items() if not hasattr(view, "access")
    }
    assert undeclared == guard.FRAMEWORK_ENDPOINTS


@on_sqlite
def test_the_start_refuses_a_view_that_says_nothing(new_app: Flask) -> None:
    new_app.add_url_rule("/open", "open", public(lambda: "fine"))
    guard.check_every_view_declares_access(new_app)
    new_app.add_url_rule("/forgotten", "forgotten", lambda: "oops")
    with pytest.raises(RuntimeError, match="forgotten"):
        guard.check_every_view_declares_access(new_app)


def test_the_application_asks_for_that_check_when_it_starts() -> None:
    start = next(
        node for node in parsed(PORTAL / "__init__.py").body if isinstance(node, ast.FunctionDef)
    )
    *_, check, _returned = start.body
    assert list(calls(check, "check_every_view_declares_access"))


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_the_start_refuses_a_missing_or_short_secret(tmp_path: Path, secret: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_SECRET_KEY"):
        create_app(replace(settings_for(tmp_path, "sqlite://"), secret_key=secret))


def test_no_comment_is_a_banner() -> None:
    banners = [
        f"{named(path)}: {line}"
        for folder in ("portal", "tests", "tools")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if BANNER.match(line)
    ]
    assert banners == []
