"""What leaves the office with a plan: its own words, and nothing else of the case."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from portal.cases import models
from portal.cases.models import Case, Child
from portal.core import clock
from portal.core.db import Base, encrypted_columns, new_id, transaction
from portal.monitoring.models import ReturnPlan
from tests.cases.casework import NAME, Casework
from tests.cases.casework import client_of as work_client
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.planning import (
    AGREED,
    AVOIDS,
    CONTACTS,
    HELPS,
    SAFETY,
    Planning,
    planning,
)
from tests.monitoring.test_plan_pages import client_of, school_page
from tests.trail import trail

MARK = "Rahasiaperkara"


@pytest.fixture
def plan(work: Casework) -> Planning:
    """Return a case about whose child the school may be told."""
    return planning(work)


def text_of(content: bytes) -> str:
    """Return what a PDF says, pages and description."""
    document = PdfReader(BytesIO(content))
    assert len(document.pages) == 1
    described = " ".join(str(each) for each in (document.metadata or {}).values())
    return " ".join(f"{described} {document.pages[0].extract_text()}".split())


def plant(session: Session, plan: Planning) -> list[str]:
    """Write a story into every encrypted field of a case and its child; return where it is."""
    case = session.get_one(Case, plan.case.id)
    child = session.get_one(Child, case.child_id)
    keys = {"case_id": case.id, "child_id": child.id}
    planted: list[Any] = [case, child]
    for name in models.__all__:
        model: type[Base] = getattr(models, name)
        columns = {column.key: column for column in inspect(model).columns}
        owner = keys.keys() & columns.keys()
        if model is Case or not owner or not encrypted_columns(inspect(model)):
            continue
        record = model(id=new_id(), **{key: keys[key] for key in owner})
        for key, column in columns.items():
            if getattr(record, key) is None and not column.nullable and column.default is None:
                setattr(record, key, _anything(column, plan))
        session.add(record)
        planted.append(record)
    where = []
    for record in planted:
        for column in encrypted_columns(inspect(type(record))):
            if column.key != "full_name" or record is not child:
                setattr(record, column.key, f"{MARK} {column.key}")
                where.append(f"{type(record).__name__}.{column.key}")
    session.flush()
    return where


def _anything(column: Any, plan: Planning) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column.table.name
        return {"user": plan.work.manager.id, "school": plan.work.school.id}[target]
    kind = getattr(column.type, "impl_instance", column.type).python_type
    usual: dict[type, Any] = {
        datetime: clock.now(),
        date: clock.today(),
        int: 1,
        bool: False,
        str: "x",
        # An encrypted text, which is planted next.
        bytes: "",
        object: {},
    }
    return usual[kind]


def test_no_word_of_the_case_reaches_the_school(app: Flask, plan: Planning) -> None:
    with transaction(plan.work.build.session) as session:
        where = plant(session, plan)
    assert {"Case.summary", "Case.child_view", "Assessment.findings", "Guardian.phone"} <= {*where}
    assert {"Consent.reason", "FamilyContact.text", "CaseEntry.text", "Child.disability"} <= {
        *where
    }
    found = plan.shared()
    for name in ("teacher", "principal"):
        client = client_of(app, getattr(plan, name))
        page = client.get(school_page(found)).text
        printed = text_of(client.get(f"{school_page(found)}/cetak.pdf").get_data())
        for told in (page, printed):
            assert MARK not in told
            assert NAME in told
        for words in ("verbal", "physical", plan.case.number):
            assert words not in page.partition("<main")[2]
            assert words not in printed
    # The office's own page offers nothing of it either but what the child wishes.
    manager = client_of(app, plan.work.manager)
    revise = f"{plan.page}/{found.public_id}/perbarui"
    manager.get(plan.page)
    assert manager.post(revise, manager.form(revise)).status_code == 303
    main = manager.get(plan.page).text.partition("<main")[2]
    assert main.count(MARK) == main.count(f"{MARK} child_view") == 1


@on_sqlite
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_plan_on_paper(app: Flask, plan: Planning, language: str) -> None:
    with time_machine.travel(datetime(2026, 11, 23, 2, tzinfo=UTC), tick=False):
        found = plan.shared()
        client = client_of(app, plan.teacher, language)
        answer = client.get(f"{school_page(found)}/cetak.pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert NAME.split()[0] not in answer.headers["Content-Disposition"]
    assert PdfReader(BytesIO(answer.get_data())).metadata.title  # type: ignore[union-attr]
    told = text_of(answer.get_data())
    for words in (NAME, "7B", HELPS, SAFETY, AVOIDS, AGREED, CONTACTS):
        assert words in told
    assert plan.teacher.full_name in told
    assert "09.00" in told if language == "id" else "09:00" in told
    actions = [each.action for each in trail(plan.work.build.database, "return_plan", "case")]
    assert actions.count("return_plan.read") == 1
    (taken,) = [
        each for each in trail(plan.work.build.database, "case") if each.action == "case.exported"
    ]
    assert (taken.actor_id, taken.facts) == (plan.teacher.id, {"form": "return_plan"})


@on_sqlite
def test_the_title_of_the_paper_names_nobody(app: Flask, plan: Planning) -> None:
    found = plan.shared()
    content = client_of(app, plan.teacher).get(f"{school_page(found)}/cetak.pdf").get_data()
    described = PdfReader(BytesIO(content)).metadata or {}
    assert "Return-to-school plan" in str(described.get("/Title"))
    assert "Kinasih" not in " ".join(str(each) for each in described.values())


@on_sqlite
def test_a_long_plan_goes_on_overleaf(app: Flask, plan: Planning) -> None:
    texts = ("helps", "avoids", "safety_steps", "agreed", "contacts")
    line = "Guru piket menemani dari gerbang sampai kelas. " * 20
    found = plan.shared(**dict.fromkeys(texts, line))
    content = client_of(app, plan.teacher).get(f"{school_page(found)}/cetak.pdf").get_data()
    assert len(PdfReader(BytesIO(content)).pages) <= 2
    assert plan.work.rows(select(ReturnPlan.state)) == ["shared"]


@on_sqlite
def test_who_knows_the_name_prints_it_at_the_office(app: Flask, room: Classroom) -> None:
    path = f"/kasus/{room.case.public_id}/kembali-sekolah/{room.plan.public_id}/cetak.pdf"
    answer = work_client(app, room.work).get(path)
    assert answer.status_code == 200
    assert NAME in text_of(answer.data)
    assert work_client(app, room.work, "coordinator").get(path).status_code == 404
    assert work_client(app, room.work, "other").get(path).status_code == 404
