"""The Indonesian catalogue: complete, faithful to the English, and in words people are glad of."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import flask_wtf
import pytest
import wtforms
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from portal.config import asset_folder
from portal.core import i18n
from tests.architecture.sources import ROOT, calls, parsed
from tools import dev

CATALOGUE = ROOT / "translations" / "id" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}")
# What ux.md asks to say otherwise.
AVOIDED = re.compile(
    r"wajib di-?isi|tidak valid|submit|upload|\blog-?in\b|\bkorban|\bpelaku\b"
    r"|\bditolak|\bmenolak|\bgagal|\boops|!",
    re.IGNORECASE,
)


def read(path: Path) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name if path.suffix == ".po" else None)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Return what code and templates say now, collected the way the developers' tool does."""
    found = tmp_path_factory.mktemp("words") / "messages.pot"
    arguments = [str(found) if part == dev.TEMPLATE else part for part in dev.EXTRACT]
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own tool on our own files
    return read(found)


@pytest.fixture(scope="module")
def indonesian() -> Catalog:
    """Return the catalogue translators keep."""
    return read(CATALOGUE)


def key(message: Message) -> tuple[str | None, str]:
    """Return what a message is looked up by."""
    identity = message.id[0] if isinstance(message.id, list | tuple) else message.id
    return message.context, identity


def messages(catalogue: Catalog) -> dict[tuple[str | None, str], Message]:
    """Return all messages but the header."""
    return {key(message): message for message in catalogue if message.id}


def forms(message: Message) -> Iterator[tuple[str, str]]:
    """Yield each translation with the English it stands for."""
    if isinstance(message.id, list | tuple):
        # Indonesian has one form; it stands for the plural, which names the number.
        yield message.id[1], message.string[0]
    else:
        yield message.id, message.string


def test_the_words_of_code_and_templates_are_found(words: Catalog) -> None:
    found = messages(words)
    assert len(found) > 400
    # One each: a template, a fragment that begins with an underscore, code, lazily, with context.
    assert {
        (None, "Sign in"),
        (None, "Waiting for you"),
        (None, "Please check this first"),
        (None, "Saved."),
        (None, "Enter a figure between %(least)s and %(most)s."),
        ("midday", "Good day, %(name)s"),
    } <= set(found)


def test_the_catalogue_holds_exactly_these_words(words: Catalog, indonesian: Catalog) -> None:
    wanted, there = set(messages(words)), set(messages(indonesian))
    assert sorted(wanted - there, key=str) == [], "missing: run `make messages` and translate"
    assert sorted(there - wanted, key=str) == [], "left over: run `make messages`"


def test_everything_is_translated_and_nothing_is_a_guess(indonesian: Catalog) -> None:
    open_ones = [
        english
        for message in messages(indonesian).values()
        for english, text in forms(message)
        if not text or message.fuzzy
    ]
    assert open_ones == []


def test_indonesian_has_one_form_of_plural(indonesian: Catalog) -> None:
    assert indonesian.num_plurals == 1
    for message in messages(indonesian).values():
        if isinstance(message.id, list | tuple):
            assert len(message.string) == 1


def test_translations_keep_every_placeholder(indonesian: Catalog) -> None:
    assert [str(problem) for _message, problems in indonesian.check() for problem in problems] == []
    differing = {
        english: text
        for message in messages(indonesian).values()
        for english, text in forms(message)
        if text and set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(text))
    }
    assert differing == {}


def test_translations_keep_the_blanks_around_the_words(indonesian: Catalog) -> None:
    differing = {
        english: text
        for message in messages(indonesian).values()
        for english, text in forms(message)
        if text and english.replace(english.strip(), "_") != text.replace(text.strip(), "_")
    }
    assert differing == {}


# What a post is called officially stays as it is.
OFFICIAL_TITLE = "Tenaga ahli pemenuhan hak korban"


def test_words_that_hurt_or_scold_do_not_occur(indonesian: Catalog) -> None:
    scolding = {
        english: found[0]
        for message in messages(indonesian).values()
        for english, text in forms(message)
        if (found := AVOIDED.search(text.replace(OFFICIAL_TITLE, "")))
    }
    assert scolding == {}


def test_english_needs_no_words_of_its_own() -> None:
    english = read(ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po")
    for message in messages(english).values():
        if isinstance(message.id, list | tuple):
            assert not any(message.string) or list(message.string) == list(message.id)
        else:
            assert message.string in {"", message.id}


def test_the_running_portal_speaks_from_this_catalogue(indonesian: Catalog) -> None:
    i18n.load(asset_folder("translations"))
    for message in messages(indonesian).values():
        if not isinstance(message.id, list | tuple) and not PLACEHOLDER.search(message.id):
            with i18n.in_language("id"):
                said = (
                    i18n.pgettext(message.context, message.id)
                    if message.context
                    else i18n.gettext(message.id)
                )
            assert said == message.string, "compiled from other words: run `make test`"


def library_messages() -> set[str]:
    """Return every fixed message WTForms and Flask-WTF can show."""
    found = set()
    for library in (wtforms, flask_wtf):
        for path in Path(str(library.__file__)).parent.rglob("*.py"):
            for name in ("gettext", "ngettext"):
                for call in calls(parsed(path), name):
                    found |= {
                        argument.value
                        for argument in call.args
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                    }
    return found


def test_every_message_of_the_form_libraries_is_in_our_catalogue(indonesian: Catalog) -> None:
    found = library_messages()
    assert len(found) > 40
    assert "This field is required." in found
    translated = {identity for (_context, identity) in messages(indonesian)}
    assert found - translated == set()


def test_no_message_is_bare_of_words(words: Catalog) -> None:
    bare = [
        identity
        for (_context, identity) in messages(words)
        if not PLACEHOLDER.sub("", identity).strip(string.punctuation + string.whitespace + "·–")
    ]
    assert bare == []
