"""Every reason a rule can give has a sentence for people, and the facts the sentence needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from portal.core import i18n
from portal.core.errors import Rejected
from portal.web import errors
from tests.architecture.sources import calls, modules, named, parsed
from tests.conftest import on_sqlite

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Refusal:
    """A place in the code that refuses something."""

    place: str
    codes: frozenset[str]
    facts: frozenset[str]


def refusals() -> Iterator[Refusal]:
    """Yield every `Rejected(...)` of the code."""
    for path in modules():
        tree = parsed(path)
        for call in calls(tree, "Rejected"):
            codes = frozenset(_codes(tree, call.args[0]))
            facts = frozenset(keyword.arg or "" for keyword in call.keywords) - {"field"}
            yield Refusal(f"{named(path)}:{call.lineno}", codes, facts)


def _codes(tree: ast.Module, argument: ast.expr) -> Iterator[str]:
    """Yield the codes an argument may stand for: a text, a choice or table of texts, or a name."""
    if isinstance(argument, ast.Constant):
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _codes(tree, argument.body)
        yield from _codes(tree, argument.orelse)
    elif isinstance(argument, ast.Subscript):
        yield from _codes(tree, argument.value)
    elif isinstance(argument, ast.Dict):
        for value in argument.values:
            yield from _codes(tree, value)
    elif isinstance(argument, ast.Name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == argument.id for target in node.targets
            ):
                yield from _codes(tree, node.value)


REFUSALS = list(refusals())


def test_the_refusals_of_the_code_are_found() -> None:
    assert len(REFUSALS) > 30
    assert [refusal.place for refusal in REFUSALS if not refusal.codes] == []


@on_sqlite
@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.usefixtures("app")
def test_every_reason_has_a_sentence_whose_facts_are_given(language: str) -> None:
    with i18n.in_language(language):
        for refusal in REFUSALS:
            for code in refusal.codes:
                assert code in errors.SENTENCES, f"{refusal.place}: no sentence for {code}"
                text = str(errors.SENTENCES[code])
                missing = set(PLACEHOLDER.findall(text)) - refusal.facts
                assert not missing, f"{refusal.place}: {code} needs {missing}"


@on_sqlite
@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.usefixtures("app")
def test_every_sentence_can_be_said(language: str) -> None:
    with i18n.in_language(language):
        for refusal in REFUSALS:
            for code in refusal.codes:
                facts = dict.fromkeys(refusal.facts, "Contoh")
                said = errors.sentence(Rejected(code, None, **facts))
                assert said[0].isupper()
                assert said.endswith((".", "?"))
                assert "%" not in said.replace(" %", "")
