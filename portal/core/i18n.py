"""Words, dates and numbers in the reader's language.

English msgids stand in code and templates; Indonesian is the default. The language is a context
variable, so that views, jobs, exports and tests use the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, dates, lists, numbers
from babel.support import LazyProxy, NullTranslations, Translations

from portal.core.clock import WIB

LANGUAGES = ("id", "en")
DEFAULT = "id"
# Formatting by CLDR is slow and pages repeat themselves; a bounded memo wins most of it back.
MEMO = 4096
CLDR = {"id": Locale.parse("id"), "en": Locale.parse("en_GB")}

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
_root = Path()


def load(folder: Path) -> None:
    """Name the folder with the compiled catalogues; read at first use of each language."""
    global _root
    _root = folder
    _catalogue.cache_clear()


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> NullTranslations:
    return Translations.load(_root, [code])


def language() -> str:
    """Return the present language, `id` or `en`."""
    return _language.get()


def set_language(code: str) -> None:
    """Choose the language for the rest of this context (one request)."""
    _language.set(code if code in LANGUAGES else DEFAULT)


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak another language inside the block."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def _fill(text: str, values: dict[str, Any]) -> str:
    return text % values if values else text


def gettext(message: str, **values: Any) -> str:
    """Translate a message and fill in its named values."""
    return _fill(_catalogue(language()).ugettext(message), values)


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """Translate a message that counts something; `%(num)s` is filled in."""
    text = _catalogue(language()).ungettext(singular, plural, num)
    return text % {"num": number(num), **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """Translate a message that needs a context to be understood."""
    return _fill(str(_catalogue(language()).upgettext(context, message)), values)


def lazy(message: str) -> LazyProxy:
    """Mark a message for translation when it is shown, not when the module is read."""
    return LazyProxy(gettext, message, enable_cache=False)


def lazy_with(message: str, **values: Any) -> LazyProxy:
    """Mark a message with values for translation when it is shown."""
    return LazyProxy(gettext, message, enable_cache=False, **values)


_ = gettext


def _local(moment: datetime | date) -> datetime | date:
    return moment.astimezone(WIB) if isinstance(moment, datetime) else moment


@lru_cache(maxsize=MEMO)
def _date(day: date, pattern: str, code: str) -> str:
    return dates.format_date(day, pattern, locale=CLDR[code])


def _day(moment: datetime | date) -> date:
    local = _local(moment)
    return local.date() if isinstance(local, datetime) else local


def long_date(moment: datetime | date) -> str:
    """Format `Senin, 23 November 2026`."""
    return _date(_day(moment), "EEEE, d MMMM y", language())


def day_date(moment: datetime | date) -> str:
    """Format `Kamis, 10 Desember`, for dates near enough to need no year."""
    return _date(_day(moment), "EEEE, d MMMM", language())


def short_date(moment: datetime | date) -> str:
    """Format `Kam, 10 Des`, for dense lists."""
    return _date(_day(moment), "EEE, d MMM", language())


def plain_date(moment: datetime | date) -> str:
    """Format `30 Juni 2027`."""
    return _date(_day(moment), "d MMMM y", language())


def day_month(moment: datetime | date) -> str:
    """Format `10 Des`."""
    return _date(_day(moment), "d MMM", language())


def weekday(moment: datetime | date) -> str:
    """Format `Kamis`."""
    return _date(_day(moment), "EEEE", language())


def month_short(moment: datetime | date) -> str:
    """Format `Des`."""
    return _date(_day(moment), "MMM", language())


def month_year(moment: datetime | date) -> str:
    """Format `Desember 2026`."""
    return _date(_day(moment), "MMMM y", language())


def clock_time(moment: datetime | time) -> str:
    """Format `08.00` (Indonesian) or `08:00` (English), in WIB."""
    value = moment.astimezone(WIB) if isinstance(moment, datetime) else moment
    return value.strftime("%H.%M" if language() == "id" else "%H:%M")


def day_and_time(moment: datetime) -> str:
    """Format `Kamis, 10 Desember, 08.00`."""
    return f"{day_date(moment)}, {clock_time(moment)}"


def time_range(start: datetime | time, end: datetime | time) -> str:
    """Format `08.00–09.30`."""
    return f"{clock_time(start)}–{clock_time(end)}"


def date_range(first: date, last: date) -> str:
    """Format `7–11 Desember 2026`, repeating only what differs."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{plain_date(last)}"
    if first.year == last.year:
        head = _date(first, "d MMMM", language())
        return f"{head}–{plain_date(last)}"
    return f"{plain_date(first)}–{plain_date(last)}"


@lru_cache(maxsize=MEMO)
def _number(value: float, code: str) -> str:
    return numbers.format_decimal(value, locale=CLDR[code])


@lru_cache(maxsize=MEMO)
def _percent(share: float, code: str) -> str:
    return numbers.format_percent(share, format="#,##0%", locale=CLDR[code])


def number(value: float) -> str:
    """Format `1.234.567` or `1,234,567`."""
    return _number(value, language())


def percent(share: float) -> str:
    """Format a share between 0 and 1 as whole per cent."""
    return _percent(share, language())


def rupiah(amount: int) -> str:
    """Format `Rp12.500.000`, without decimals."""
    return numbers.format_currency(
        amount, "IDR", "¤#,##0", locale=CLDR[language()], currency_digits=False
    ).replace("IDR", "Rp")


def join(words: list[str]) -> str:
    """Join words as people do: `Sari, Andi, dan Nia`."""
    return lists.format_list(words, locale=CLDR[language()])
