"""Every kind of to-do says who is asked next, so that no feature forgets it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.core import ladders
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.ladders import Ladder
from portal.notifications.queries.words import DUTIES
from tests.architecture.sources import PORTAL, calls, modules, named, parsed

Function = ast.FunctionDef


def module_of(path: Path) -> Any:
    """Return a module of the portal, imported."""
    dotted = path.relative_to(PORTAL.parent).with_suffix("").parts
    return importlib.import_module(".".join(dotted).removesuffix(".__init__"))


def calls_within(tree: ast.AST, name: str) -> Iterator[tuple[ast.Call, Function | None]]:
    """Yield the calls of a name, each with the function it stands in."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from ((call, node) for call in calls(node, name))


def given(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """Return what a call passes for a parameter."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None


def passed_to(
    path: Path, function: Function, name: str
) -> Iterator[tuple[Path, Function | None, ast.expr]]:
    """Yield what the callers of a function give it for a parameter."""
    position = [arg.arg for arg in function.args.args].index(name)
    # What is private is called in its own file.
    for other_path in [path] if function.name.startswith("_") else modules():
        for call, within in calls_within(parsed(other_path), function.name):
            passed = given(call, name, position)
            if passed is not None and within is not function:
                yield other_path, within, passed


def returned_by(path: Path, name: str) -> Iterator[tuple[Function, ast.expr]]:
    """Yield what a function of a file returns."""
    for function in ast.walk(parsed(path)):
        if isinstance(function, Function) and function.name == name:
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield function, node.value


def values_of(path: Path, function: Function | None, text: ast.expr) -> Iterator[str]:
    """Yield the texts an expression may stand for, also through parameters of functions."""
    match text:
        case ast.Constant(value=str(value)):
            yield value
        case ast.IfExp(body=body, orelse=other):
            yield from values_of(path, function, body)
            yield from values_of(path, function, other)
        case ast.Name(id=name) if function and name in {arg.arg for arg in function.args.args}:
            for caller_path, caller, passed in passed_to(path, function, name):
                yield from values_of(caller_path, caller, passed)
        case ast.Name(id=name):
            yield getattr(module_of(path), name)
        case ast.Subscript(value=ast.Name(id=name)):
            # A table of the module: whichever of its kinds is looked up.
            yield from getattr(module_of(path), name).values()
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            yield getattr(getattr(module_of(path), owner), name)
        case ast.Call(func=ast.Name(id=name)):
            for chooser, value in returned_by(path, name):
                yield from values_of(path, chooser, value)
        case _:
            raise AssertionError(f"{named(path)}:{text.lineno}: which kind of to-do is this?")


def kinds_opened() -> set[str]:
    """Return every kind of to-do that the code opens."""
    found: set[str] = set()
    for path in modules():
        # There a to-do that is open already goes on to the next role.
        if path == PORTAL / "core" / "duties.py":
            continue
        for call, function in calls_within(parsed(path), "Due"):
            kind = given(call, "kind", 0)
            assert kind is not None
            found |= set(values_of(path, function, kind))
    return found


def test_every_kind_that_is_opened_has_a_ladder_or_is_news() -> None:
    opened = kinds_opened()
    assert {"answer_request", "find_worker", "report_breach", "reset_wanted"} <= opened
    assert opened == ladders.known_kinds()


def test_every_kind_has_words() -> None:
    assert set(DUTIES) == ladders.known_kinds()


@pytest.mark.parametrize(
    ("role", "above"),
    [
        (None, (Role.COORDINATOR, Role.DIVISION_HEAD)),
        (Role.SOCIAL_WORKER, (Role.COORDINATOR, Role.DIVISION_HEAD)),
        (Role.COORDINATOR, (Role.DIVISION_HEAD,)),
        (Role.DIVISION_HEAD, ()),
        # A role that a newer portal knows.
        ("archivist", (Role.COORDINATOR, Role.DIVISION_HEAD)),
    ],
)
def test_who_comes_after_whom(role: str | None, above: tuple[Role, ...]) -> None:
    ladder = Ladder("sesuatu", then=(Role.COORDINATOR, Role.DIVISION_HEAD))
    assert ladder.above(role) == above


def test_the_screens_that_listen_are_those_an_alarm_may_reach() -> None:
    listening = ladders.listening_roles()
    assert {Role.ADMIN, Role.DIVISION_HEAD, Role.OFFICE_HEAD} <= listening
    assert not listening & SCHOOL_ROLES


def test_news_and_unknown_kinds_have_no_ladder() -> None:
    assert ladders.ladder_of("news_declined") is None
    assert ladders.ladder_of("of a newer portal") is None


def test_those_above_see_the_session_where_the_first_ones_answer() -> None:
    ladder = ladders.ladder_of("answer_request")
    assert ladder is not None
    assert ladder.seen_at("/permintaan/abc/periksa") == "/sesi/abc"
    other = ladders.ladder_of("confirm_room")
    assert other is not None
    assert other.seen_at("/sesi/abc") == "/sesi/abc"
