"""The style sheet that browsers load is the one in the repository, squeezed."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def build_hook() -> ModuleType:
    """Return the tool that builds what is never committed."""
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "tools" / "build_hook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_blanks_that_mean_something_stay(build_hook: ModuleType) -> None:
    squeezed = build_hook.squeezed(
        """/* Said
        twice; { } */
        .a :is(b, i) > .c + .d {
          margin: calc(1px + 2px) 0;
          content: "1 of " counter(n) " ";
        }
        @media (min-width: 600px) and (print) {
          .e:not(.f)::before { --g: 0 0; }
        }
        """
    )
    assert squeezed == (
        '.a :is(b,i)>.c + .d{margin:calc(1px + 2px) 0;content:"1 of " counter(n) " "}'
        "@media (min-width:600px) and (print){.e:not(.f)::before{--g:0 0}}"
    )


def test_what_browsers_load_was_built_from_what_stands_here(build_hook: ModuleType) -> None:
    """Built anew by `python tools/build_hook.py`, as every command of tools/dev.py does."""
    source = build_hook.OWN_STYLES.read_text(encoding="utf-8")
    built = build_hook.STYLES.read_text(encoding="utf-8")
    assert built == build_hook.squeezed(source) + "\n"
    assert "/*" not in built
    # No rule was lost: as many as the source has, counted by their braces.
    text = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    assert (built.count("{"), built.count("}")) == (text.count("{"), text.count("}"))
