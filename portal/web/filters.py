"""What templates may call: words, dates, numbers, icons of state."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import phonenumbers
from flask import Flask, current_app, url_for

from portal.core import clock, i18n
from portal.core.addresses import shown_phone
from portal.web import guard, language, prose, quiet
from portal.web.database import demo, office


def phone(number: str) -> str:
    """Format a number as people here read it, `0811-1129-129`."""
    return shown_phone(number)


def whatsapp(number: str) -> str:
    """Return the address that opens a WhatsApp chat with a number."""
    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return f"tel:{number}"
    return f"https://wa.me/{parsed.country_code}{parsed.national_number}"


def whatsapp_text(text: str, number: str | None = None) -> str:
    """Return the address that opens WhatsApp with a ready text, for one number or to be chosen."""
    return f"https://wa.me/{(number or '').lstrip('+')}?{urlencode({'text': text})}"


def wib_iso(moment: datetime) -> str:
    """Return a moment as a form value, `2026-12-10T08:00:00+07:00`."""
    return moment.astimezone(clock.WIB).isoformat()


FORMATS = (
    i18n.long_date,
    i18n.day_date,
    i18n.short_date,
    i18n.plain_date,
    i18n.day_month,
    i18n.weekday,
    i18n.month_short,
    i18n.month_year,
    i18n.clock_time,
    i18n.number,
    i18n.percent,
    i18n.rupiah,
    phone,
    whatsapp,
    wib_iso,
)


@lru_cache(maxsize=64)
def _fingerprint(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a file of our own; it changes with what the file says."""
    path = f"{current_app.static_folder}/{name}"
    try:
        stamp = _fingerprint(path, os.stat(path).st_mtime)
    except FileNotFoundError:
        stamp = ""
    return url_for("static", filename=name, v=stamp)


def init_app(app: Flask) -> None:
    """Give templates their words and formats."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.trim_blocks = env.lstrip_blocks = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext
    )
    for function in FORMATS:
        env.filters[function.__name__] = function
    env.filters["markdown"] = prose.rendered

    env.globals.update(
        asset=asset,
        time_range=i18n.time_range,
        date_range=i18n.date_range,
        join_words=i18n.join,
        holiday_name=clock.holiday_name,
        is_quiet=quiet.is_quiet,
        now=clock.now,
        language=i18n.language,
        languages=i18n.LANGUAGES,
        language_address=language.other_address,
        office=office,
        demo=demo,
        signed_in=guard.signed_in,
        person=guard.person,
    )
