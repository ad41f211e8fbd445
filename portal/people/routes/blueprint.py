"""What the pages of people share: the blueprint, words for a role, links handed over by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from flask import Blueprint

from portal.core import i18n
from portal.core.access import Role
from portal.people.forms.roles import ROLE_NAMES
from portal.people.models import User
from portal.people.queries.appointments import appointments_of
from portal.schools import queries as school_queries
from portal.web.database import office, reader
from portal.web.filters import whatsapp_text

bp = Blueprint("people", __name__)


def role_at(role: Role, school_id: UUID | None, school_names: dict[UUID, str]) -> str:
    """Return a role with its school, as people say it."""
    label = str(ROLE_NAMES[role])
    return f"{label}, {school_names[school_id]}" if school_id else label


def texts_around(user: User) -> tuple[str | None, ...]:
    """Return what a guesser of somebody's password tries first: name, contacts, schools."""
    names = school_queries.names(reader())
    held = appointments_of(reader(), user.id)
    schools = (names[each.school_id] for each in held if each.school_id)
    return (user.full_name, user.email, user.phone, *schools)


def handed_over(text: str, phone: str | None, email: str | None) -> dict[str, Any]:
    """Return the ways in which a person can hand a ready text to another: WhatsApp, e-mail."""
    subject = i18n.gettext(
        "One item is waiting for you in %(product)s", product=office()["product_name"]
    )
    mail = urlencode({"subject": subject, "body": text}, quote_via=quote)
    return {
        "text": text,
        "whatsapp": whatsapp_text(text, phone),
        "mail": f"mailto:{quote(email)}?{mail}" if email else None,
    }
