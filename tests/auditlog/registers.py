"""Requests and breaches for tests of the registers, with names that appear nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.auditlog.actions import breaches, requests
from portal.auditlog.actions.breaches import BreachFacts
from portal.auditlog.actions.requests import NewRequest
from portal.auditlog.models import Breach, DataRequest, Relation, RequestKind
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.people.models import User
from tests.builders import Builder

# A Monday, 08.00 WIB.
MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
REQUESTER, SUBJECT, WISH = "Wulandari Peminta", "Bagaskara Kecil", "lihat catatan tanggal lahir"
CONTACT = "0811-2222-3333"
PLANTED = (REQUESTER, SUBJECT, WISH, CONTACT, "Wulandari", "Bagaskara")


@dataclass(frozen=True)
class Staff:
    """Who works with the registers."""

    head: User
    worker: User
    coordinator: User
    admin: User
    build: Builder

    def actor(self, name: str) -> Actor:
        """Return one of them as an actor."""
        return self.build.actor(getattr(self, name))


def make_staff(build: Builder) -> Staff:
    """Make one of each."""
    return Staff(
        head=build.user(Role.DIVISION_HEAD, name="Bu Kepala"),
        worker=build.user(Role.SOCIAL_WORKER, name="Pak Petugas"),
        coordinator=build.user(Role.COORDINATOR, name="Bu Koordinator"),
        admin=build.user(Role.ADMIN, name="Pak Admin"),
        build=build,
    )


def wanted(**more: Any) -> NewRequest:
    """Return what somebody asks for, for a child."""
    values: dict[str, Any] = {
        "kind": RequestKind.CORRECTION,
        "relation": Relation.GUARDIAN,
        "requester": REQUESTER,
        "contact": CONTACT,
        "data_subject": SUBJECT,
        "wish": WISH,
        "received_at": clock.now(),
    }
    return NewRequest(**{**values, **more})


def recorded(staff: Staff, handler: User | None = None, **more: Any) -> DataRequest:
    """Record a request as the division head does, and let somebody handle it."""
    build, head = staff.build, staff.actor("head")
    with transaction(build.session) as session:
        request = requests.record_request(session, head, wanted(**more))
        if handler is not None:
            requests.assign(session, head, request, handler.id)
    return request


def known(**more: Any) -> BreachFacts:
    """Return what is known of a breach."""
    values: dict[str, Any] = {
        "title": "Laptop tertinggal",
        "what_happened": "Laptop petugas tertinggal di angkutan kota.",
        "data_kinds": ("contacts", "credentials"),
        "people_affected": 1250,
        "children_affected": True,
        "started_at": clock.now() - timedelta(hours=20),
        "found_at": clock.now(),
        "measures": "Akun dikunci dari jauh.",
    }
    return BreachFacts(**{**values, **more})


def breached(staff: Staff, **more: Any) -> Breach:
    """Record a breach as the division head does."""
    with transaction(staff.build.session) as session:
        return breaches.record_breach(session, staff.actor("head"), known(**more))
