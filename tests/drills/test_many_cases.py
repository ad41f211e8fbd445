"""Twenty thousand cases with a million lines: every page still answers, by its indexes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from portal.cases.models import Case, CaseEntry
from portal.config import Settings
from portal.core.db import Database
from tools.bench.cases import office_with, statements

pytestmark = pytest.mark.drill

FEW, MANY, EACH = 300, 20_000, 50
# Far above what any page takes; what reads the whole archive takes longer.
SECONDS = 1.0
NEWEST = "SELECT id FROM case_entry WHERE case_id = :case ORDER BY at DESC, id DESC LIMIT 21"


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_million_lines(settings: Settings, database: Database) -> None:
    office = office_with(settings, MANY, EACH)
    with database.reader() as reading:
        assert reading.scalar(select(func.count()).select_from(CaseEntry)) == MANY * EACH
    with database.writing.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    pages = office.pages()
    assert b"1.000+" in _fetched(pages["all open"])
    taken = {name: _seconds(call) for name, call in pages.items()}
    assert max(taken.values()) < SECONDS, taken
    with database.reader() as reading:
        case_id = reading.scalars(select(Case.id).order_by(Case.id)).first()
        plan = reading.execute(text(f"EXPLAIN {NEWEST}"), {"case": case_id}).scalars()
        assert "Seq Scan on case_entry" not in "\n".join(plan)
    office.app.extensions["database"].dispose()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_pages_cost_no_more_statements_with_many_cases(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("few")
    other = Settings(
        folder,
        f"sqlite:///{folder}/few.db",
        secret_key=settings.secret_key,
        key_ring=settings.key_ring,
        testing=True,
    )
    counted = []
    for each, cases in ((other, FEW), (settings, 2000)):
        office = office_with(each, cases, EACH)
        pages = office.pages()
        for call in pages.values():
            call()
        counted.append({name: statements(office.app, call) for name, call in pages.items()})
        office.app.extensions["database"].dispose()
    few, many = counted
    assert many == few


def _seconds(call: Callable[[], object]) -> float:
    call()
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _fetched(call: Callable[[], object]) -> bytes:
    page = call()
    assert isinstance(page, bytes)
    return page
