"""Templates: no way around escaping, nothing inline, everything works without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.architecture.sources import TEMPLATES, named, templates
from tests.conftest import on_sqlite

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
FORM = re.compile(r"<form\b(?P<attributes>(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*)>", re.DOTALL)
ROLE_NAMES = (
    r"""["'](?:principal|school_operator|teacher|social_worker|coordinator|division_head|admin"""
    r"""|education_office|volunteer)["']"""
)


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every page and fragment, without comments."""
    for path in templates():
        if path.suffix == ".html":
            yield named(path), COMMENT.sub("", path.read_text(encoding="utf-8"))


def matches(pattern: str, *, flags: re.RegexFlag = re.NOFLAG) -> list[tuple[str, str]]:
    """Return where a pattern matches in a template: its name, and what matches."""
    return [
        (name, found[0]) for name, text in texts() for found in re.finditer(pattern, text, flags)
    ]


def test_nothing_goes_around_escaping() -> None:
    assert matches(r"\|\s*safe\b|autoescape|Markup\(") == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"<style\b",
        r"<script\b(?![^>]*\bsrc=)",
        r"""\s(?:style|on[a-z]+|hx-on[^=\s]*)\s*=\s*["']""",
        r"javascript:|\bjs:",
    ],
    ids=["style", "script", "handler", "address"],
)
def test_no_style_script_or_handler_is_written_into_a_page(pattern: str) -> None:
    assert matches(pattern, flags=re.IGNORECASE) == []


def test_every_form_says_how_and_where_it_is_sent() -> None:
    forms = [(name, form) for name, text in texts() for form in FORM.finditer(text)]
    silent = [
        (name, form[0])
        for name, form in forms
        if not re.search(r'\bmethod="(?:get|post)"', form["attributes"])
        or not re.search(r'\baction="[^"]', form["attributes"])
    ]
    assert forms
    assert silent == []


def test_every_form_that_changes_something_carries_the_token() -> None:
    bodies = [
        (name, form.partition("</form>")[0])
        for name, text in texts()
        for form in text.split("<form")[1:]
    ]
    changing = [(name, body) for name, body in bodies if re.search(r'\bmethod="post"', body)]
    without = [
        (name, body[:200])
        for name, body in changing
        if "hidden(" not in body and "csrf_token" not in body
    ]
    assert changing
    assert without == []


def test_pages_load_nothing_from_elsewhere() -> None:
    loaded = matches(r"""(?:src|srcset|poster)="([^"]*)\"""")
    links = matches(r"""<link\b[^>]*href="([^"]*)\"""")
    assert loaded
    assert [(name, tag) for name, tag in loaded + links if "//" in tag] == []


def test_templates_ask_for_permissions_never_for_roles() -> None:
    assert matches(ROLE_NAMES) == []


def test_a_fragment_stands_on_its_own() -> None:
    fragments = {name: text for name, text in texts() if Path(name).name.startswith("_")}
    assert fragments
    assert [name for name, text in fragments.items() if "{% extends" in text] == []


@on_sqlite
def test_every_template_compiles(app: Flask) -> None:
    names = [path.relative_to(TEMPLATES).as_posix() for path in templates()]
    assert "base.html" in names
    for name in names:
        app.jinja_env.get_template(name)


@on_sqlite
def test_every_template_that_code_names_exists_and_every_template_is_used(app: Flask) -> None:
    named_somewhere = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in (TEMPLATES, Path(app.root_path))
        for path in folder.rglob("*")
        if path.suffix in {".py", ".html"}
    )
    mentioned = set(re.findall(r"""["']([\w/]+\.(?:html|js))["']""", named_somewhere))
    there = {path.relative_to(TEMPLATES).as_posix() for path in templates()}
    pages = {name for name in mentioned if name.endswith(".html")}
    assert pages - there == set()
    assert there - mentioned == set()


@on_sqlite
def test_what_people_type_is_escaped(app: Flask) -> None:
    with app.test_request_context():
        macros = app.jinja_env.get_template("_components/ui.html").module
        shown = str(macros.empty_state("<b>Contoh</b>"))  # type: ignore[attr-defined]
    assert "&lt;b&gt;Contoh&lt;/b&gt;" in shown
    assert "<b>" not in shown
