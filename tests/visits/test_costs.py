"""What a session cost: as typed, for those who account for it, and by month and programme."""

from __future__ import annotations

from datetime import date, time

import pytest

from portal.core.access import Role
from portal.visits.forms.costs import rupiah_of
from portal.visits.models import CostKind, Visit, VisitCost
from portal.visits.queries.delivery import MonthCosts, cost_sum, costs_by_month, costs_of
from tests.trail import trail
from tests.visits.conftest import Site, on_sqlite
from tests.visits.screen import Screen


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("50000", 50_000),
        ("50.000", 50_000),
        ("50,000", 50_000),
        (" Rp 1.250.000 ", 1_250_000),
        ("rp.75.000,00", 75_000),
        ("1", 1),
        ("999.999.999", 999_999_999),
        ("1.000.000.000", None),
        ("0", None),
        ("-5", None),
        ("Rp50.000,-", 50_000),
        ("50000.00", 50_000),
        # Perhaps 50.000, 500.000 and 1.000.000 with a digit missing.
        ("50.00", None),
        ("500,00", None),
        ("1.000.00", None),
        ("50.5", None),
        ("5.0000", None),
        ("1.250,000", None),
        ("lima puluh", None),
        ("", None),
        ("9" * 5000, None),
        ("\u0665\u0660", None),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, amount: int | None) -> None:
    assert rupiah_of(typed) == amount


@pytest.fixture
def visit(site: Site) -> Visit:
    """Return a session that took place."""
    return site.build.delivered(site.school, site.worker)


SENT = {"kind": "transport", "amount": "50.000", "note": "Ojek"}


def test_costs_are_added_up_and_taken_out_again(site: Site, visit: Visit) -> None:
    path = f"/sesi/{visit.public_id}/biaya"
    worker = site.browser(site.worker)
    assert worker.post(path, SENT).status_code == 303
    given = {"kind": "meals", "amount": "200000", "in_kind": "y"}
    assert worker.post(path, given).status_code == 303
    page = Screen(worker.get(path))
    assert "Rp50.000" in page.text
    assert "Rp200.000" in page.text
    with site.build.database.reader() as session:
        assert cost_sum(session, visit.id) == 50_000
    assert "Rp50.000" in Screen(worker.get(f"/sesi/{visit.public_id}")).text
    added = trail(site.build.database, "visit")[-2]
    assert added.facts == {"kind": "transport", "amount": 50_000}
    with site.build.database.reader() as session:
        row = next(each for each in costs_of(session, visit.id) if not each.in_kind)
    assert worker.post(f"{path}/{row.public_id}/hapus").status_code == 303
    assert worker.post(f"{path}/{row.public_id}/hapus").status_code == 404
    assert site.count(VisitCost) == 1


@on_sqlite
def test_what_cannot_be_read_stays_to_be_mended(site: Site, visit: Visit) -> None:
    path = f"/sesi/{visit.public_id}/biaya"
    screen = Screen(site.browser(site.worker).post(path, {**SENT, "amount": "lima puluh"}))
    assert (screen.status, screen.value("amount"), screen.value("note")) == (
        422,
        "lima puluh",
        "Ojek",
    )
    assert "#amount" in screen.links()
    assert site.count(VisitCost) == 0


@on_sqlite
@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        (Role.COORDINATOR, 200, 303),
        (Role.DIVISION_HEAD, 200, 403),
        (Role.OFFICE_HEAD, 200, 403),
        (Role.SOCIAL_WORKER, 404, 404),
        (Role.PRINCIPAL, 403, 403),
        (Role.TEACHER, 403, 403),
        (Role.ADMIN, 403, 403),
    ],
)
def test_costs_are_for_those_who_account_for_them(
    site: Site, visit: Visit, role: Role, read: int, write: int
) -> None:
    own = site.school if role in {Role.PRINCIPAL, Role.TEACHER} else None
    visitor = site.browser(site.build.user(role, own))
    path = f"/sesi/{visit.public_id}/biaya"
    assert visitor.get(path).status_code == read
    assert visitor.post(path, SENT).status_code == write
    shown = path in Screen(visitor.get(f"/sesi/{visit.public_id}")).links()
    assert shown is (read == 200)


def test_costs_by_month_and_programme(site: Site) -> None:
    usual, family = site.build.programme(), site.build.programme("tepak")
    held = [
        (date(2026, 7, 1), usual, 7, [(10_000, False), (5_000, True)]),
        # The last evening of July in Metro, and the first morning of August: one day in UTC.
        (date(2026, 7, 31), usual, 23, [(20_000, False)]),
        (date(2026, 8, 1), usual, 5, [(40_000, False)]),
        (date(2026, 8, 3), family, 9, [(80_000, True)]),
        (date(2026, 9, 1), usual, 0, [(160_000, False)]),
    ]
    for day, programme, hour, costs in held:
        made = site.build.delivered(
            site.build.school(), site.build.worker(), day, programme=programme, at=time(hour)
        )
        for amount, in_kind in costs:
            site.build.save(
                VisitCost(
                    visit_id=made.id,
                    kind=CostKind.OTHER,
                    amount=amount,
                    in_kind=in_kind,
                    recorded_by=site.worker.id,
                    recorded_at=made.ends_at,
                )
            )
    with site.build.database.reader() as session:
        found = costs_by_month(session, date(2026, 7, 1), date(2026, 8, 31))
    assert found == [
        MonthCosts(date(2026, 7, 1), usual.id, 30_000, 5_000),
        MonthCosts(date(2026, 8, 1), usual.id, 40_000, 0),
        MonthCosts(date(2026, 8, 1), family.id, 0, 80_000),
    ]
