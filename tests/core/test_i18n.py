"""Words, dates and numbers as people here and as English readers write them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from portal.config import asset_folder
from portal.core import i18n

WORDS = """
msgid ""
msgstr "Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Book a session"
msgstr "Pesan sesi"

msgid "Hello, %(name)s"
msgstr "Halo, %(name)s"

msgid "%(num)s pupil"
msgid_plural "%(num)s pupils"
msgstr[0] "%(num)s murid"

msgctxt "case"
msgid "Closed"
msgstr "Tertutup"
"""

# 08.00 in WIB.
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATE_MORNING = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[None]:
    """Let the portal read a small catalogue of this test instead of its own."""
    folder = tmp_path / "id" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, read_po(io.BytesIO(WORDS.encode()), locale="id"))
    i18n.load(tmp_path)
    yield
    i18n.load(asset_folder("translations"))


@pytest.mark.parametrize(
    ("show", "value", "indonesian", "english"),
    [
        (i18n.long_date, MORNING, "Senin, 23 November 2026", "Monday, 23 November 2026"),
        (i18n.day_date, MORNING, "Senin, 23 November", "Monday, 23 November"),
        (i18n.short_date, date(2026, 12, 10), "Kam, 10 Des", "Thu, 10 Dec"),
        (i18n.plain_date, date(2027, 6, 30), "30 Juni 2027", "30 June 2027"),
        (i18n.day_month, date(2026, 12, 10), "10 Des", "10 Dec"),
        (i18n.weekday, MORNING, "Senin", "Monday"),
        (i18n.month_short, date(2026, 8, 17), "Agu", "Aug"),
        (i18n.month_year, date(2026, 12, 10), "Desember 2026", "December 2026"),
        (i18n.clock_time, MORNING, "08.00", "08:00"),
        (i18n.clock_time, time(13, 5), "13.05", "13:05"),
        (i18n.number, 1234567, "1.234.567", "1,234,567"),
        (i18n.number, 1234567.89, "1.234.567,89", "1,234,567.89"),
        (i18n.number, 0, "0", "0"),
        (i18n.percent, 0.75, "75%", "75%"),
        (i18n.percent, 12.5, "1.250%", "1,250%"),
        (i18n.rupiah, 12500000, "Rp12.500.000", "Rp12,500,000"),
        (i18n.rupiah, 0, "Rp0", "Rp0"),
        (i18n.join, ["Sari", "Andi", "Nia"], "Sari, Andi, dan Nia", "Sari, Andi and Nia"),
        (i18n.join, ["Sari"], "Sari", "Sari"),
        (i18n.join, [], "", ""),
    ],
)
def test_dates_times_numbers_and_lists_follow_the_language(
    show: Any, value: object, indonesian: str, english: str
) -> None:
    with i18n.in_language("id"):
        assert show(value) == indonesian
    with i18n.in_language("en"):
        assert show(value) == english


@pytest.mark.parametrize(
    ("first", "last", "indonesian", "english"),
    [
        (date(2026, 12, 7), date(2026, 12, 11), "7–11 Desember 2026", "7–11 December 2026"),
        (
            date(2026, 11, 30),
            date(2026, 12, 4),
            "30 November–4 Desember 2026",
            "30 November–4 December 2026",
        ),
        (
            date(2026, 12, 28),
            date(2027, 1, 1),
            "28 Desember 2026–1 Januari 2027",
            "28 December 2026–1 January 2027",
        ),
    ],
)
def test_a_range_of_days_repeats_only_what_differs(
    first: date, last: date, indonesian: str, english: str
) -> None:
    assert i18n.date_range(first, last) == indonesian
    with i18n.in_language("en"):
        assert i18n.date_range(first, last) == english


def test_a_range_of_times_has_an_en_dash() -> None:
    assert i18n.time_range(MORNING, LATE_MORNING) == "08.00–09.30"
    with i18n.in_language("en"):
        assert i18n.time_range(MORNING, LATE_MORNING) == "08:00–09:30"


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC), "Minggu, 22 November 2026 23.59"),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), "Senin, 23 November 2026 00.00"),
    ],
)
def test_a_moment_is_shown_as_the_day_and_time_in_wib(moment: datetime, shown: str) -> None:
    assert f"{i18n.long_date(moment)} {i18n.clock_time(moment)}" == shown


@given(st.integers(-(10**12), 10**12))
def test_thousands_are_parted_by_dots_here_and_by_commas_in_english(value: int) -> None:
    with i18n.in_language("en"):
        assert i18n.number(value) == f"{value:,}"
    assert i18n.number(value) == f"{value:,}".replace(",", ".")


@pytest.mark.usefixtures("catalogue")
def test_words_come_from_the_catalogue_of_the_language() -> None:
    assert i18n.gettext("Book a session") == "Pesan sesi"
    assert i18n.gettext("Hello, %(name)s", name="Bu Ratna") == "Halo, Bu Ratna"
    with i18n.in_language("en"):
        assert i18n.gettext("Book a session") == "Book a session"
        assert i18n.gettext("Hello, %(name)s", name="Bu Ratna") == "Hello, Bu Ratna"


@pytest.mark.usefixtures("catalogue")
def test_counting_has_one_form_here_and_two_in_english() -> None:
    assert i18n.ngettext("%(num)s pupil", "%(num)s pupils", 1) == "1 murid"
    assert i18n.ngettext("%(num)s pupil", "%(num)s pupils", 1200) == "1.200 murid"
    with i18n.in_language("en"):
        assert i18n.ngettext("%(num)s pupil", "%(num)s pupils", 1) == "1 pupil"
        assert i18n.ngettext("%(num)s pupil", "%(num)s pupils", 1200) == "1,200 pupils"


@pytest.mark.usefixtures("catalogue")
def test_one_word_can_mean_different_things() -> None:
    assert i18n.pgettext("case", "Closed") == "Tertutup"
    assert i18n.pgettext("door", "Closed") == "Closed"


@pytest.mark.usefixtures("catalogue")
def test_a_lazy_word_speaks_the_language_of_its_reader() -> None:
    label, greeting = i18n.lazy("Book a session"), i18n.lazy_with("Hello, %(name)s", name="Dedi")
    assert (str(label), str(greeting)) == ("Pesan sesi", "Halo, Dedi")
    with i18n.in_language("en"):
        assert (str(label), str(greeting)) == ("Book a session", "Hello, Dedi")
    assert str(label) == "Pesan sesi"


def test_a_per_cent_sign_in_a_message_without_values_stays() -> None:
    assert i18n.gettext("Up to 50% more") == "Up to 50% more"


def test_another_language_ends_with_its_block() -> None:
    with i18n.in_language("en"):
        with pytest.raises(ValueError, match="stop"), i18n.in_language("id"):
            raise ValueError("stop")
        assert i18n.language() == "en"
    assert i18n.language() == "id"


@pytest.mark.parametrize(("code", "chosen"), [("en", "en"), ("id", "id"), ("jv", "id"), ("", "id")])
def test_an_unknown_language_becomes_indonesian(code: str, chosen: str) -> None:
    i18n.set_language(code)
    assert i18n.language() == chosen
