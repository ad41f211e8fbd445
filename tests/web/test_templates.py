"""Templates are compiled once for each language, and say the same as if they asked each time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from jinja2 import DictLoader

from portal.core import i18n
from portal.core.access import Role
from portal.web.templates import BilingualEnvironment
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

pytestmark = on_sqlite

PAGES = {
    "words.html": '{{ _("Home") }}|{{ gettext("Home")|upper }}|{{ pgettext("step", "Home") }}',
    "escaped.html": '{{ _("a < b & c") }}|<b title="{{ _("it\'s \\"so\\"") }}">',
    "marked.html": '{{ _("a < b")|safe }}|{{ _("a < b") ~ "<" }}',
    "plain.txt": '{{ _("a < b") }}',
    "filled.html": '{{ _("Account of %(name)s", name=name) }}',
    "counted.html": '{{ ngettext("%(num)s day", "%(num)s days", days) }}',
    "percent.html": '{{ _("100% sure") }}',
    "chosen.html": '{{ _("Home") if inside else _("Sign in") }}',
    "computed.html": "{{ _(word) }}",
    "macros.html": '{% macro door(label) %}<i>{{ _("Home") }}: {{ label }}</i>{% endmacro %}',
    "imported.html": '{% from "macros.html" import door %}{{ door(_("a < b")) }}',
    "included.html": '{% include "words.html" %}',
    "base.html": '{% block title %}{% endblock %} - {{ _("Home") }}',
    "child.html": '{% extends "base.html" %}{% block title %}{{ _("Sign in") }}{% endblock %}',
}


@pytest.fixture
def environment(app: Flask) -> BilingualEnvironment:
    """Return an environment as the portal's own, with the templates above."""
    made = BilingualEnvironment(app, autoescape=app.select_jinja_autoescape)
    made.add_extension("jinja2.ext.i18n")
    made.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext
    )
    made.loader = DictLoader(PAGES)
    return made


def shown(environment: BilingualEnvironment, code: str, template: str, **values: object) -> str:
    """Render a template in a language."""
    with i18n.in_language(code):
        return environment.get_template(template).render(**values)


@pytest.mark.parametrize("name", ["words.html", "included.html"])
def test_each_language_has_its_words_in_turns(environment: BilingualEnvironment, name: str) -> None:
    for _turn in range(2):
        assert shown(environment, "id", name) == "Beranda|BERANDA|Home"
        assert shown(environment, "en", name) == "Home|HOME|Home"


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_fixed_words_are_escaped_as_any_text(environment: BilingualEnvironment, code: str) -> None:
    assert shown(environment, code, "escaped.html") == (
        'a &lt; b &amp; c|<b title="it&#39;s &#34;so&#34;">'
    )
    assert shown(environment, code, "marked.html") == "a < b|a &lt; b&lt;"
    assert shown(environment, code, "plain.txt") == "a < b"
    assert shown(environment, code, "percent.html") == "100% sure"


def test_what_is_filled_in_is_told_each_time(environment: BilingualEnvironment) -> None:
    for name, written in (("Sari", "Sari"), ("<b>", "&lt;b&gt;")):
        assert shown(environment, "en", "filled.html", name=name) == f"Account of {written}"
        assert shown(environment, "id", "filled.html", name=name) == f"Akun {written}"
    for word, said in (("Home", "Beranda"), ("Sign in", "Masuk")):
        assert shown(environment, "id", "computed.html", word=word) == said
    assert shown(environment, "id", "chosen.html", inside=True) == "Beranda"
    assert shown(environment, "id", "chosen.html", inside=False) == "Masuk"


def test_plural_forms_follow_the_number(environment: BilingualEnvironment) -> None:
    assert shown(environment, "en", "counted.html", days=1) == "1 day"
    assert shown(environment, "en", "counted.html", days=2) == "2 days"
    assert shown(environment, "id", "counted.html", days=1).startswith("1 ")


def test_macros_and_parents_speak_the_same_language(environment: BilingualEnvironment) -> None:
    for _turn in range(2):
        assert shown(environment, "id", "imported.html") == "<i>Beranda: a &lt; b</i>"
        assert shown(environment, "en", "imported.html") == "<i>Home: a &lt; b</i>"
        assert shown(environment, "id", "child.html") == "Masuk - Beranda"
        assert shown(environment, "en", "child.html") == "Sign in - Home"


def test_threads_do_not_mix_languages(environment: BilingualEnvironment) -> None:
    with ThreadPoolExecutor(4) as threads:
        jobs = [
            (code, threads.submit(shown, environment, code, "child.html"))
            for code in i18n.LANGUAGES * 100
        ]
    said = {code: {job.result() for each, job in jobs if each == code} for code in i18n.LANGUAGES}
    assert said == {"id": {"Masuk - Beranda"}, "en": {"Sign in - Home"}}


def test_pages_of_two_readers_keep_their_languages_and_names(app: Flask, build: Builder) -> None:
    readers = []
    for code, name, word in (("id", "Bu Ratna", "Beranda"), ("en", "Mr Smith", "Home")):
        user = build.user(Role.COORDINATOR, name=name, language=code)
        readers.append((PageClient(app).sign_in(user), name, word))
    for _turn in range(2):
        for client, name, word in readers:
            page = client.get("/beranda").get_data(as_text=True)
            others = {each for _client, each, _word in readers} - {name}
            assert name in page
            assert word in page
            assert not any(other in page for other in others)


def test_what_the_office_changes_shows_at_once(client: PageClient, build: Builder) -> None:
    for name in ("Portal Contoh", "Portal <Lain>"):
        build.setting("product_name", name)
        for code in i18n.LANGUAGES:
            client.get(f"/masuk?bahasa={code}")
            page = client.get("/masuk").get_data(as_text=True)
            assert name.replace("<", "&lt;").replace(">", "&gt;") in page
