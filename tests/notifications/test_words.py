"""What messages say: every kind in both languages, and nothing that no list allows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from time_machine import travel

from portal.config import asset_folder
from portal.core import i18n
from portal.core.db import new_id
from portal.core.ladders import known_kinds
from portal.notifications.actions.writing import Telling
from portal.notifications.queries import words
from portal.notifications.queries.words import DUTIES, KINDS, NEWS, words_of
from portal.notifications.states import Nature
from tests.architecture.sources import PORTAL
from tests.visits.conftest import MONDAY

FACTS: dict[str, str | int] = {
    "school": "SMP Contoh 100%",
    "starts_at": "2026-08-06T01:00:00+00:00",
    "ends_at": "2026-08-06T02:30:00+00:00",
    "name": "Bu Rina",
    "number": "D-2026-007",
    "product": "Portal Mitra Sekolah",
    "until": "2026-08-06T01:00:00+00:00",
    "review_by": "2026-08-06T09:00:00+00:00",
    "read_by": "2026-08-03T03:00:00+00:00",
    "valid_until": "2027-08-06",
    "valid_on": "2026-08-06",
    "entry": 31,
    "count": 4,
    "year": "2026/2027",
    "days": 60,
    "seal": "ab12",
    "due_at": "2026-08-05T09:00:00+00:00",
}
# A message leaves the portal: schools, times, numbers of files, and names of grown-ups asking for
# help. No class, no topic, no text anybody typed.
SAYABLE = frozenset(FACTS)


@pytest.fixture(autouse=True)
def on_a_monday() -> Iterator[None]:
    """Stop the clock, and load the catalogues."""
    i18n.load(asset_folder("translations"))
    with travel(MONDAY, tick=False):
        yield


def said(kind: str, nature: Nature = Nature.NEWS, **more: Any) -> words.Words:
    """Return a kind in words, all its facts at hand."""
    listed = {name: FACTS[name] for name in KINDS[kind].facts}
    return words_of(kind, nature, {**listed, **more})


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_line_and_a_sentence(kind: str, language: str) -> None:
    with i18n.in_language(language):
        found = said(kind)
        unknown = words_of("?", Nature.NEWS, {})
    assert found.title != unknown.title
    assert not found.title.endswith(".")
    assert found.text.endswith(".")
    assert not re.search(r"%\(|\bNone\b|\d{4}-\d\d-\d\dT", found.title + found.text)
    assert "\n" not in found.title + found.text


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_listed_can_be_said(kind: str) -> None:
    assert KINDS[kind].facts <= SAYABLE
    everything = {**FACTS, "child": "Ani", "initials": "A.", "grade": "7B", "note": "perundungan"}
    kept = words.permitted(kind, everything)
    assert kept.keys() <= KINDS[kind].facts | {"due_at"}


def test_no_message_names_what_happens_to_children() -> None:
    for language in i18n.LANGUAGES:
        with i18n.in_language(language):
            text = " ".join(f"{said(kind).title} {said(kind).text}" for kind in KINDS)
        assert not re.search(r"perundungan|bully|korban|victim|pelaku", text, re.IGNORECASE)


def literals(node: ast.Call, name: str, position: int) -> Iterator[str]:
    """Yield the text an argument has, where it stands in the code itself."""
    given = [each.value for each in node.keywords if each.arg == name]
    for value in given or node.args[position : position + 1]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def test_every_kind_the_code_writes_has_words() -> None:
    assert known_kinds() <= DUTIES.keys()
    written: set[str] = set()
    for path in sorted(PORTAL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                position = {"Telling": 0, "_tell_about": 4}.get(node.func.id)
                if position is not None:
                    written.update(literals(node, "kind", position))
    assert {"visit_approved", "trail_head"} <= written <= NEWS.keys()


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        (
            "id",
            "Sesi Anda Kamis, 6 Agustus disetujui",
            "SMP Contoh 100%, Kamis, 6 Agustus, 08.00–09.30 WIB. Siapa yang datang dan apa yang "
            "perlu disiapkan ada di halaman sesi.",
        ),
        (
            "en",
            "Your session on Thursday, 6 August is confirmed",
            "SMP Contoh 100%, Thursday, 6 August, 08:00–09:30 WIB. Who comes, and what to prepare, "
            "is on the session's page.",
        ),
    ],
)
def test_a_confirmed_session(language: str, title: str, text: str) -> None:
    with i18n.in_language(language):
        assert said("visit_approved") == words.Words(title, text)


def test_a_reminder_says_by_when() -> None:
    due = MONDAY + timedelta(days=1)
    later = said("record_delivery", Nature.REMINDER, due_at=due.isoformat())
    late = said("record_delivery", Nature.REMINDER, due_at=(due - timedelta(days=4)).isoformat())
    assert later.text.endswith("Batasnya Selasa, 4 Agustus.")
    assert late.text.endswith("Batasnya sudah lewat, Jumat, 31 Juli.")
    # The list of the first page shows it beside the words.
    assert "Batasnya" not in said("record_delivery", due_at=due.isoformat()).text


def test_a_message_of_another_edition_is_still_readable() -> None:
    unknown = words_of("pantun", Nature.NEWS, {"school": "SMP"})
    assert unknown == words_of("visit_approved", Nature.NEWS, {"school": "SMP"})
    assert unknown.title == "Ada yang menunggu Anda"


def test_a_text_for_whatsapp() -> None:
    text = words.whatsapp_text(said("confirm_room"), "https://portal.example/sesi/x")
    assert text == (
        "Pastikan ruang untuk sesi Kamis, 6 Agustus. Kamis, 6 Agustus, 08.00–09.30 WIB. Beri tahu "
        "di sini begitu ruangnya siap. Rincian: https://portal.example/sesi/x"
    )


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("", ""),
        ("refused 550", "Alamat itu tidak ada (550)"),
        ("no_connection", "Server surel belum bisa dihubungi"),
        ("other 9", "other (9)"),
    ],
)
def test_what_stood_in_the_way(problem: str, expected: str) -> None:
    assert words.problem_words(problem) == expected


def test_what_a_telling_shows_of_itself_hides_the_secret() -> None:
    assert "rahasia" not in repr(Telling("invitation", new_id(), "/", secret="rahasia"))
