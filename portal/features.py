"""The features of the portal, and what each of them listens to and cleans up."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

NAMES = (
    "people",
    "schools",
    "materials",
    "visits",
    "incidents",
    "cases",
    "monitoring",
    "referrals",
    "insight",
    "auditlog",
    "hotline",
    "notifications",
    "operations",
    "home",
)
# Files of a feature that register themselves when they are read.
REGISTERING = ("handlers", "rules", "jobs")


def load() -> None:
    """Let every feature register what it hears of and what it keeps for how long."""
    for feature in NAMES:
        for file in REGISTERING:
            name = f"portal.{feature}.{file}"
            if find_spec(name):
                import_module(name)
