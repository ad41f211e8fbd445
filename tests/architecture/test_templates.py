"""Templates: no way around escaping, nothing inline, everything works without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.architecture.sources import TEMPLATES, named, templates
from tests.conftest import on_sqlite

HTML = pytest.mark.parametrize(
    "path", [path for path in templates() if path.suffix == ".html"], ids=named
)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
FORM = re.compile(r"<form\b(?P<attributes>(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*)>", re.DOTALL)
ROLE_NAMES = re.compile(
    r"""["'](?:principal|school_operator|teacher|social_worker|coordinator|division_head|admin"""
    r"""|education_office|volunteer)["']"""
)


def text_of(path: Path) -> str:
    """Return a template without its comments."""
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


@HTML
def test_nothing_goes_around_escaping(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape|Markup\(", text_of(path))


@HTML
def test_no_style_script_or_handler_is_written_into_a_page(path: Path) -> None:
    text = text_of(path)
    assert not re.search(r"<style\b", text, re.IGNORECASE)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text, re.IGNORECASE)
    assert not re.search(r"""\s(?:style|on[a-z]+|hx-on[^=\s]*)\s*=\s*["']""", text, re.IGNORECASE)
    assert not re.search(r"javascript:|\bjs:", text, re.IGNORECASE)


@HTML
def test_every_form_says_how_and_where_it_is_sent(path: Path) -> None:
    for form in FORM.finditer(text_of(path)):
        attributes = form["attributes"]
        assert re.search(r'\bmethod="(?:get|post)"', attributes), form[0]
        assert re.search(r'\baction="[^"]', attributes), form[0]


@HTML
def test_every_form_that_changes_something_carries_the_token(path: Path) -> None:
    for form in text_of(path).split("<form")[1:]:
        body, _end, _rest = form.partition("</form>")
        if re.search(r'\bmethod="post"', body):
            assert "hidden(" in body or "csrf_token" in body, body[:200]


@HTML
def test_pages_load_nothing_from_elsewhere(path: Path) -> None:
    loaded = re.findall(r"""(?:src|srcset|poster)="([^"]*)\"""", text_of(path))
    links = re.findall(r"""<link\b[^>]*href="([^"]*)\"""", text_of(path))
    assert not [address for address in loaded + links if "//" in address]


@HTML
def test_templates_ask_for_permissions_never_for_roles(path: Path) -> None:
    assert not ROLE_NAMES.search(text_of(path))


@HTML
def test_a_fragment_stands_on_its_own(path: Path) -> None:
    if path.name.startswith("_"):
        assert "{% extends" not in text_of(path)


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
