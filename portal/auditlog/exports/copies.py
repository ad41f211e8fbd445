"""A copy of everything the portal keeps about one account: as JSON for programs, as PDF for people.

Names of other people, and what others wrote, are no part of it.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from portal.auditlog.exports.copy_sections import NOTHING, Line, Words, about_account, moment_of
from portal.auditlog.exports.copy_work import about_work
from portal.auditlog.queries.copies import Account
from portal.core import i18n
from portal.core.settings import Office
from portal.documents.pdf import Report, Section, Table, report_pdf

_ = i18n.gettext

Copy = dict[str, Any]


def copy_of(account: Account, office: Office, number: str, made_at: datetime, words: Words) -> Copy:
    """Return the copy as neutral data in the reader's language; JSON and PDF both show this."""
    return {
        "title": _("Copy of your data in %(product)s", product=office["product_name"]),
        "controller": office["office_name"],
        "contact": office["privacy_contact"] or office["office_phone"] or NOTHING,
        "request": number,
        "made_at": moment_of(made_at),
        "legal_basis": _(
            "The office keeps these data to carry out its public duty of protecting children "
            "(%(law)s).",
            law=office["processing_law"],
        ),
        "left_out": _(
            "Names of other people and what they wrote are left out; they have the same rights."
        ),
        "sections": [*about_account(account, words), *about_work(account, words)],
    }


def as_json(copy: Copy) -> bytes:
    """Return a copy for other programs."""
    return json.dumps(copy, ensure_ascii=False, indent=2).encode()


def as_pdf(copy: Copy, language: str, made_at: datetime) -> bytes:
    """Return a copy for reading and printing."""
    overview = Section(
        heading=_("What this is"),
        paragraphs=(copy["legal_basis"], copy["left_out"]),
        facts=(
            (_("Responsible office"), copy["controller"]),
            (_("Contact"), copy["contact"]),
            (_("Request number"), copy["request"]),
        ),
    )
    report = Report(
        title=copy["title"],
        subtitle=_("As it stood on %(moment)s", moment=copy["made_at"]),
        sections=(overview, *(_printed(section) for section in copy["sections"])),
        footer=f"{copy['controller']} · {copy['request']}",
    )
    return report_pdf(report, language, made_at)


def _printed(section: dict[str, Any]) -> Section:
    entries: list[Line] = section["entries"]
    about = (
        _("What for: %(purpose)s", purpose=section["purpose"]),
        _("From: %(source)s", source=section["source"]),
    )
    if not entries:
        return Section(section["title"], (*about, _("Nothing is kept here.")))
    if section["key"] == "profile":
        return Section(section["title"], about, facts=tuple(entries[0].items()))
    rows = tuple(tuple(entry.values()) for entry in entries)
    return Section(section["title"], about, table=Table(tuple(entries[0]), rows))
