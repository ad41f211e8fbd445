"""The blueprint the pages of trust share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("auditlog", __name__)
