"""The blueprint the pages of materials share, and the words their templates use for codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from portal.materials.queries import words

bp = Blueprint("materials", __name__)


@bp.app_template_global()
def material_words() -> Any:
    """Return what the codes of materials are called: `material_words().KINDS[kind]`."""
    return words
