"""One compiled template for each language: what is only translated is resolved once (ADR 0014)."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import KeysView, MutableMapping
from typing import Any, TypeVar

from flask.templating import Environment
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from portal.core import i18n

GETTEXT = ("_", "gettext")

V = TypeVar("V")


class BilingualEnvironment(Environment):
    """Compiles a template anew for each language it is shown in.

    A bytecode cache must name the language too; the portal uses none.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cache = _ByLanguage()

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        return super()._generate(_Translator().visit(source), name, filename, defer_init)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template may call: its own names before everybody's."""
        return _Globals({} if d is None else d, self.globals)


class _ByLanguage(dict[Any, Any]):
    """Keeps the compiled templates of each language apart; their names come from our code alone."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((i18n.language(), key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((i18n.language(), key), value)


class _Globals(ChainMap[str, V]):
    """Chained names whose keys are told at once; Jinja asks for them at every import."""

    def keys(self) -> KeysView[str]:
        names: dict[str, V] = {}
        for each in reversed(self.maps):
            names.update(each)
        return names.keys()


class _Translator(NodeTransformer):
    """Puts the translation in the place of each call that translates fixed words.

    What stands there then is escaped as the call's answer would have been.
    """

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - the library's name
        self.generic_visit(call)
        function, words = call.node, _fixed_words(call)
        if not isinstance(function, nodes.Name) or not words:
            return call
        if function.name in GETTEXT and len(words) == 1:
            return nodes.Const(i18n.gettext(*words), lineno=call.lineno)
        if function.name == "pgettext" and len(words) == len(("context", "message")):
            return nodes.Const(i18n.pgettext(*words), lineno=call.lineno)
        return call


def _fixed_words(call: nodes.Call) -> list[str]:
    """Return the arguments of a call that takes nothing but fixed words; else none."""
    if call.kwargs or call.dyn_args or call.dyn_kwargs:
        return []
    words = [each.value for each in call.args if isinstance(each, nodes.Const)]
    return words if len(words) == len(call.args) else []
